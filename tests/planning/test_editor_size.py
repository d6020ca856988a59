"""The editor of a large campaign asks the web database as often as that of a small one."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.planning.draft import DraftSubAudience, save
from tests.planning.conftest import control, group


@pytest.fixture
def opened(client, draft, segments, mail):
    """How many queries opening and redrawing the editor take, with that many sub-audiences of three groups."""

    def count(number):
        parts = [
            DraftSubAudience(
                f"Part {n}",
                (control("Held"), group(f"Morning{n}x", "45", mail), group(f"Evening{n}x", "45", mail)),
                segments=(segments[2].pk,),
            )
            for n in range(number)
        ]
        stored = save(draft(*parts, name=f"Sale of {number}"), None, None, None)
        path = f"/campaigns/{stored.pk}/"
        client.get(path)  # what is asked once a process is asked by now
        with CaptureQueriesContext(connection) as opening:
            text = client.get(path).content.decode()
        assert text.count('class="sub-aud"') == number
        fields = {
            "name": "Renamed", "customer_database": stored.customer_database_id, "version": 1,
            "page": "6b1de5c0-0000-4000-8000-000000000000", "action": "refresh",
        }  # fmt: skip
        for n, part in enumerate(stored.live_sub_audiences()):
            fields |= {
                f"sub-{n}-id": part.pk, f"sub-{n}-how": "segments", f"sub-{n}-name": part.name,
                f"sub-{n}-segments": segments[2].pk,
            }  # fmt: skip
            for m, one in enumerate(part.live_groups()):
                fields |= {
                    f"sub-{n}-group-{m}-id": one.pk, f"sub-{n}-group-{m}-name": one.name,
                    f"sub-{n}-group-{m}-percent": one.percent, f"sub-{n}-group-{m}-to": mail.pk if m else "",
                }  # fmt: skip
        client.post(path, fields)
        with CaptureQueriesContext(connection) as redrawing:
            client.post(path, fields)
        return len(opening), len(redrawing)

    return count


def test_sixty_sub_audiences_of_three_groups_take_no_more_queries_than_two(opened):
    small, large = opened(2), opened(60)
    assert large == small
    assert large[0] < 50
