"""What is typed into the editor and not saved: kept, offered, never launched, and gone once it is saved."""

from datetime import timedelta
from uuid import uuid4

import pytest

from campaigns.planning import unsaved
from campaigns.planning.draft import DraftSubAudience, draft_of, save
from campaigns.planning.models import Campaign
from campaigns.planning.unsaved import UnsavedDraft
from config import clock
from tests.planning.conftest import group
from tests.planning.test_editor import NEW, page


@pytest.fixture
def path(campaign):
    return f"/campaigns/{campaign.pk}/"


@pytest.fixture
def typed(client, path, stored_form):
    """A change that nobody saved."""
    client.post(path, stored_form(name="Summer Sale", action="refresh", page=str(uuid4())))
    return UnsavedDraft.objects.get()


def test_what_is_typed_is_kept_and_offered_on_return(client, path, typed):
    text = page(client.get(path))
    assert 'value="Spring Sale"' in text
    assert "Unsaved changes from" in text
    assert f'href="{path}?unsaved={typed.pk}"' in text
    text = page(client.get(f"{path}?unsaved={typed.pk}"))
    assert 'value="Summer Sale"' in text
    assert "These are your unsaved changes from" in text
    assert "Unsaved changes from" not in text


def test_going_on_keeps_into_the_same_draft(client, path, typed, stored_form):
    fields = stored_form(name="Winter Sale", action="refresh", page=str(typed.page))
    assert f'data-kept="{path}?unsaved={typed.pk}"' in page(client.post(path, fields))
    assert str(UnsavedDraft.objects.get()) == "Winter Sale"


def test_the_button_that_was_pressed_last_is_pressed_again(client, path, stored_form):
    client.post(path, stored_form(action="remove-group:0:0", page=str(uuid4())))
    text = page(client.get(f"{path}?unsaved={UnsavedDraft.objects.get().pk}"))
    assert "Holdout" not in text
    assert 'value="GoldOffer"' in text


def test_a_kept_save_is_shown_and_saves_nothing(client, path, campaign, stored_form):
    client.post(path, stored_form(name="", action="save", page=str(uuid4())))
    text = page(client.get(f"{path}?unsaved={UnsavedDraft.objects.get().pk}"))
    assert "Enter a campaign name." in text
    campaign.refresh_from_db()
    assert (campaign.name, campaign.version) == ("Spring Sale", 1)


def test_a_new_campaign_is_kept_too_and_becomes_one_when_it_is_saved(client, form):
    first = form(name="Autumn Sale", action="refresh", page=str(uuid4()))
    client.post(NEW, first)
    kept = UnsavedDraft.objects.get()
    assert "“Autumn Sale”" in page(client.get(NEW))
    text = page(client.get(f"{NEW}?unsaved={kept.pk}"))
    assert f'name="form_token" value="{first["form_token"]}"' in text
    assert not Campaign.objects.exists()
    client.post(NEW, {**first, "action": "save"})
    assert Campaign.objects.get().name == "Autumn Sale"
    assert not UnsavedDraft.objects.exists()


def test_nothing_is_kept_of_a_form_that_says_what_is_stored(client, path, typed, stored_form):
    text = page(client.post(path, stored_form(action="refresh", page=str(typed.page))))
    assert not UnsavedDraft.objects.exists()
    assert f'data-stored="{path}"' in text
    assert "Not saved; kept" not in text


def test_nothing_is_kept_of_a_new_campaign_that_nobody_touched(client, database, mail):
    fields = {
        "name": "", "customer_database": database.pk, "assign_to_first_match_only": "on", "time_zone": "UTC",
        "sub-0-how": "rest", "sub-0-name": "All remaining recipients", "sub-0-group-0-name": "Control",
        "sub-0-group-0-percent": "10.00", "sub-0-group-0-control": "on", "sub-0-group-1-name": "Recipient1",
        "sub-0-group-1-percent": "90.00", "sub-0-group-1-to": [mail.pk], "page": str(uuid4()),
    }  # fmt: skip
    client.post(NEW, {**fields, "action": "refresh"})
    assert not UnsavedDraft.objects.exists()
    client.post(NEW, {**fields, "action": "add-group:0"})
    assert UnsavedDraft.objects.exists()


def test_a_count_shows_what_is_kept_and_keeps_nothing(client, path, campaign, typed, stored_form):
    fields = stored_form(name="Counted", campaign=campaign.pk, page=str(typed.page))
    assert "Not saved; kept" in page(client.post("/campaigns/count/", fields))
    assert str(UnsavedDraft.objects.get()) == "Summer Sale"


def test_it_is_discarded_on_request(client, path, campaign, typed):
    response = client.post("/campaigns/discard/", {"discard": typed.pk, "campaign": campaign.pk})
    assert response.url == path
    assert not UnsavedDraft.objects.exists()
    assert client.get(f"{path}?unsaved={typed.pk}").url == path


def test_others_neither_see_nor_discard_it(client_of, operator, path, campaign, typed):
    other = client_of(operator)
    assert "Unsaved changes from" not in page(other.get(path))
    assert other.get(f"{path}?unsaved={typed.pk}").url == path
    other.post("/campaigns/discard/", {"discard": typed.pk, "campaign": campaign.pk})
    assert UnsavedDraft.objects.exists()


def test_a_draft_of_one_campaign_is_not_shown_in_another(client, typed):
    assert client.get(f"{NEW}?unsaved={typed.pk}").url == NEW


def test_two_pages_of_one_person_do_not_overwrite_each_other(client, path, typed, stored_form):
    client.post(path, stored_form(name="Winter Sale", action="refresh", page=str(uuid4())))
    assert {str(one) for one in UnsavedDraft.objects.all()} == {"Summer Sale", "Winter Sale"}


def test_who_else_is_editing_is_said_plainly(client_of, operator, path, typed, marketer):
    other = client_of(operator)
    assert f"{marketer.display_name} is editing this campaign too." in page(other.get(path))
    assert "is editing this campaign too" not in page(client_of(marketer).get(path)), (
        "nobody is told of themselves"
    )
    UnsavedDraft.objects.update(changed_at=clock.now() - timedelta(minutes=11))
    assert "is editing this campaign too" not in page(other.get(path))


def test_a_save_by_somebody_else_is_said_at_the_next_redraw(client, path, campaign, stored_form, operator):
    fields = stored_form(name="Mine", action="refresh", page=str(uuid4()))
    save(draft_of(campaign), campaign, operator, 1)
    text = page(client.post(path, fields))
    assert "by Otto, after you opened it." in text
    assert 'value="Mine"' in text
    text = page(client.get(path))
    assert "to an older version; the campaign was saved since." in text
    text = page(client.get(f"{path}?unsaved={UnsavedDraft.objects.get().pk}"))
    assert "saving asks before it replaces that" in text
    assert 'name="version" value="1"' in text


def test_old_and_too_many_are_cleared(client, path, stored_form, typed):
    UnsavedDraft.objects.update(changed_at=clock.now() - timedelta(days=unsaved.KEPT_DAYS, minutes=1))
    assert "Unsaved changes from" not in page(client.get(path))
    for _ in range(unsaved.MOST_KEPT + 2):
        client.post(path, stored_form(name="Again", action="refresh", page=str(uuid4())))
    assert UnsavedDraft.objects.count() == unsaved.MOST_KEPT
    assert not UnsavedDraft.objects.filter(pk=typed.pk).exists()


def test_what_is_too_large_is_not_kept_and_the_page_says_so(client, path, stored_form):
    fields = stored_form(name="x" * unsaved.MOST_CHARACTERS, action="refresh", page=str(uuid4()))
    assert 'data-editor="changed"' in page(client.post(path, fields))
    assert not UnsavedDraft.objects.exists()


def test_sixty_sub_audiences_are_kept(client, draft, segments, mail):
    parts = [
        DraftSubAudience(
            f"Part {n}",
            tuple(group(f"Part{n}Offer{m}", share, mail) for m, share in enumerate(("33", "33", "34"))),
            segments=(segments[2].pk,),
        )
        for n in range(60)
    ]
    stored = save(draft(*parts), None, None, None)
    fields = {"name": "Large", "customer_database": stored.customer_database_id, "page": str(uuid4())}
    for n, part in enumerate(parts):
        fields |= {f"sub-{n}-how": "segments", f"sub-{n}-name": part.name, f"sub-{n}-segments": part.segments}
        for m, one in enumerate(part.groups):
            fields |= {
                f"sub-{n}-group-{m}-name": one.name,
                f"sub-{n}-group-{m}-percent": one.percent,
                f"sub-{n}-group-{m}-to": one.destinations,
            }
    client.post(f"/campaigns/{stored.pk}/", {**fields, "action": "refresh"})
    text = page(client.get(f"/campaigns/{stored.pk}/?unsaved={UnsavedDraft.objects.get().pk}"))
    assert text.count('class="sub-aud"') == 60
    assert 'value="Part59Offer2"' in text


def test_a_form_with_what_no_database_stores_is_kept_without_it(client, path, stored_form):
    client.post(path, stored_form(name="Nul\0l", action="refresh", page=str(uuid4())))
    assert str(UnsavedDraft.objects.get()) == "Null"


def test_a_form_without_its_page_is_kept_nowhere(client, path, stored_form):
    client.post(path, stored_form(name="Other", action="refresh"))
    client.post(path, stored_form(name="Other", action="refresh", page="no number"))
    assert not UnsavedDraft.objects.exists()


def test_archiving_and_deleting_end_with_the_campaign(client, campaign, typed):
    campaign.delete()
    assert not UnsavedDraft.objects.exists()
