"""Opening and redrawing the editor of a campaign of 60 sub-audiences with 3 groups each.

    python -m bench.editor --customers 2000

Each figure is the quickest of some rounds, taken by turns: a small campaign of 2 sub-audiences beside the large one,
the page as it is opened and as it is drawn again while somebody types. The web database is asked as often for both.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.customers import made
from bench.measuring import by_turns, circumstances, live_in, scratch, size_options, write
from bench.scene import customers_of, start_django

if TYPE_CHECKING:
    from django.test import Client

MOST_SECONDS = 2.0  # to open the large one
ROUNDS = 5
SIZES = {"small": 2, "large": 60}


def main() -> None:
    options = size_options(__doc__)
    folder = made(options.customers)
    found: dict[str, Any] = circumstances(options.threads) | {"customers": options.customers}
    with scratch() as data:
        live_in(data, options.threads)
        queries, taken = by_turns(_sides(folder), ROUNDS)
    seconds = {name: round(min(turns), 4) for name, turns in taken.items()}
    for name, figure in seconds.items():
        print(f"{name:15} {figure:7.3f} s {queries[name]:4} queries")
    for verb in ("open", "redraw"):
        if queries[f"{verb} large"] != queries[f"{verb} small"]:
            sys.exit(f"To {verb} the large one takes other queries than the small one.")
    is_met = seconds["open large"] <= MOST_SECONDS
    print(f"at most {MOST_SECONDS} s to open the large one: {'reached' if is_met else 'MISSED'}")
    write("editor", {**found, "queries": queries, "seconds": seconds})
    if options.check and not is_met:
        sys.exit(1)


def _sides(folder: Path) -> dict[str, Callable[[], int]]:
    start_django()
    client = _signed_in()
    sides: dict[str, Callable[[], int]] = {}
    for name, size in SIZES.items():
        path, form = _campaign(folder, name, size)
        sides[f"open {name}"] = _counted(lambda path=path: client.get(path))  # type: ignore[misc]
        sides[f"redraw {name}"] = _counted(lambda path=path, form=form: client.post(path, form))  # type: ignore[misc]
    for side in sides.values():
        side()  # imports and caches are none of the figures
    return sides


def _counted(ask: Callable[[], Any]) -> Callable[[], int]:
    """How many queries it took."""

    def count() -> int:
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as asked:
            answer = ask()
        assert answer.status_code == 200
        return len(asked)

    return count


def _signed_in() -> Client:
    from django.conf import settings
    from django.test import Client

    from config.accounts.models import Role, User

    settings.ALLOWED_HOSTS = ["testserver"]
    client = Client(headers={"HX-Request": "true"})
    client.force_login(User.objects.create_user("bench", role=Role.MARKETER, sees_personal_data=True))
    return client


def _campaign(folder: Path, name: str, size: int) -> tuple[str, dict[str, Any]]:
    """The path of its editor, and the form with another name."""
    from bench.campaign import SHARES, mail_for, rules_of
    from campaigns.planning.draft import save
    from campaigns.planning.plain import Draft, DraftGroup, DraftSubAudience
    from campaigns.segments.models import Segment
    from destinations.models import Destination

    database = customers_of(str(folder))
    segment, _ = Segment.objects.get_or_create(
        name="Everybody", customer_database=database, defaults={"rules": rules_of("Chicago", 0)}
    )
    mail = Destination.objects.values_list("pk", flat=True).first() or mail_for(database)
    to = (mail,)
    parts = tuple(
        DraftSubAudience(
            f"Part {n}",
            tuple(
                DraftGroup(f"Part{n}Offer{m}x", share, is_control=not m, destinations=to if m else ())
                for m, share in enumerate(SHARES)
            ),
            segments=(segment.pk,),
        )
        for n in range(size)
    )
    campaign = save(Draft(f"Bench {name}", database.pk, (segment.pk,), sub_audiences=parts), None, None, None)
    return f"/campaigns/{campaign.pk}/", _form(campaign, segment.pk, mail)


def _form(campaign: Any, segment: int, mail: int) -> dict[str, Any]:
    form: dict[str, Any] = {
        "name": f"{campaign.name} again",
        "customer_database": campaign.customer_database_id,
        "include": segment,
        "version": campaign.version,
        "page": "00000000-0000-4000-8000-000000000001",
        "action": "refresh",
    }
    for n, item in enumerate(campaign.live_sub_audiences()):
        form |= {f"sub-{n}-id": item.pk, f"sub-{n}-how": "segments", f"sub-{n}-name": item.name}
        form[f"sub-{n}-segments"] = segment
        for m, group in enumerate(item.live_groups()):
            prefix = f"sub-{n}-group-{m}"
            form |= {f"{prefix}-id": group.pk, f"{prefix}-name": group.name}
            form |= {f"{prefix}-percent": group.percent} | {
                f"{prefix}-to" if m else f"{prefix}-control": mail
            }
    return form


if __name__ == "__main__":
    main()
