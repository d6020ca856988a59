"""Shares edited after a launch: keep everyone, or move as few as needed."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from campaigns.launches.built import Counts
from campaigns.launches.freeze import freeze
from campaigns.launches.frozen import Frozen
from campaigns.launches.here import finish_here
from campaigns.launches.jobs import nobody_woken
from campaigns.launches.models import Launch, LaunchState
from campaigns.launches.preflight import count
from campaigns.launches.start import launch_campaign
from campaigns.launches.storage import fetch
from campaigns.planning.draft import Draft, draft_of, save
from campaigns.planning.models import Campaign
from campaigns.planning.plain import KEEP, MOVE
from campaigns.planning.shares import Share
from tests.launches import launching
from tests.launches.launching import destination, everyone_else, group, groups_of, launch, people, rows_of

EMAIL = [destination(1)]


def split(control: int, *treated: int, since: dict[int, Share] | None = None, **more: Any) -> Frozen:
    groups = [group(1, control), *(group(number, share, 1) for number, share in enumerate(treated, 2))]
    part = replace(everyone_else(*groups), before=since)
    return launching.campaign(part, destinations=EMAIL, **more)


FIRST = {1: Share(2000, True), 2: Share(8000, False)}


def mark(key: str) -> int:
    return int.from_bytes(hashlib.md5(f"salt\x1f1\x1f{key}".encode()).digest(), "little") >> 64


def test_the_last_in_the_order_of_the_assignment_move(tmp_path: Path) -> None:
    before = launch(split(2000, 8000), people(*range(200)), tmp_path)
    built = launch(split(3000, 7000, since=FIRST), people(*range(200)), tmp_path, launch_id=2, before=before)
    was, now = groups_of(before), groups_of(built)
    changed = {key for (key, part) in was if was[key, part] != now[key, part]}
    treated = sorted((key for (key, _), found in was.items() if found == 2), key=mark)
    assert changed == set(treated[-20:])
    assert [found.moved_by_edit for found in built.counts.groups] == [20, 0]
    assert [found.returned for found in built.counts.groups] == [40, 140]
    assert built.counts.sub_audiences[0].moved == 20


def test_who_is_away_moves_too_and_has_the_new_group_when_coming_back(tmp_path: Path) -> None:
    before = launch(split(2000, 8000), people(*range(200)), tmp_path)
    away = launch(split(3000, 7000, since=FIRST), people(1, 2, 3), tmp_path, launch_id=2, before=before)
    assert Counter(groups_of(away).values()) == {1: 60, 2: 140}
    assert sum(found.moved_by_edit for found in away.counts.groups) < 20 == away.counts.sub_audiences[0].moved
    back = launch(split(3000, 7000), people(*range(200)), tmp_path, launch_id=3, before=away)
    assert groups_of(back) == groups_of(away)
    assert sum(found.returned for found in back.counts.groups) == 200


def test_the_history_says_that_this_launch_gave_the_group(tmp_path: Path) -> None:
    before = launch(split(2000, 8000), people(*range(50)), tmp_path)
    built = launch(split(4000, 6000, since=FIRST), people(1), tmp_path, launch_id=2, before=before)
    rows = rows_of(built.history, "group_id, is_control, launch_id")
    assert Counter(rows) == {(1, True, 1): 10, (1, True, 2): 10, (2, False, 1): 30}


def test_the_count_goes_on_from_where_the_moves_lead(tmp_path: Path) -> None:
    before = launch(split(2000, 8000), people(*range(100)), tmp_path)
    frozen = split(3300, 6700, since=FIRST)
    built = launch(frozen, people(*range(101)), tmp_path, launch_id=2, before=before)
    assert [found.customers for found in built.counts.groups] == [33, 68]
    assert [found.carried for found in built.counts.groups] == [33, 67]
    groups = frozen.sub_audiences[0].groups
    counted = tuple(replace(one, assigned=one.assigned + n) for one, n in zip(groups, (33, 68), strict=True))
    third = replace(frozen, sub_audiences=(everyone_else(*counted),))
    built = launch(third, people(*range(200)), tmp_path, launch_id=3, before=built)
    assert [found.customers for found in built.counts.groups] == [66, 134]


def test_who_entered_from_elsewhere_does_not_tilt_the_newcomers_after_a_move(tmp_path: Path) -> None:
    """All forty came to the second sub-audience as control; its newcomers are still dealt by the shares alone."""

    def frozen(control: int, since: dict[int, Share] | None = None) -> Frozen:
        rest = everyone_else(group(3, control), group(4, 10_000 - control, 1), number=2)
        return launching.campaign(
            launching.some(1, group(1, 10_000)), replace(rest, before=since), destinations=EMAIL
        )

    gold = ["segment_1", "sub_audience_1"]
    first = launch(frozen(2000), people(*range(40), flags=gold), tmp_path)
    second = launch(frozen(2000), people(*range(40)), tmp_path, launch_id=2, before=first)
    since = {3: Share(2000, True), 4: Share(8000, False)}
    third = launch(frozen(3000, since), people(*range(140)), tmp_path, launch_id=3, before=second)
    assert [found.newcomers for found in third.counts.groups] == [0, 30, 70]
    assert third.counts.sub_audiences[1].moved == 0


def test_without_first_match_only_it_moves_as_well(tmp_path: Path) -> None:
    before = launch(split(2000, 8000, first_match_only=False), people(*range(50)), tmp_path)
    frozen = split(4000, 6000, since=FIRST, first_match_only=False)
    built = launch(frozen, people(*range(50)), tmp_path, launch_id=2, before=before)
    assert Counter(groups_of(built).values()) == {1: 20, 2: 30}


def test_people_of_a_removed_group_are_moved_and_not_dealt(tmp_path: Path) -> None:
    before = launch(split(2000, 4000, 4000), people(*range(100)), tmp_path)
    since = {1: Share(2000, True), 2: Share(4000, False), 3: Share(4000, False)}
    frozen = split(4000, 6000, since=since, removed_groups={3: False})
    built = launch(frozen, people(*range(100)), tmp_path, launch_id=2, before=before)
    assert [found.customers for found in built.counts.groups] == [40, 60]
    assert [(found.moved_by_edit, found.dealt) for found in built.counts.groups] == [(20, 0), (20, 0)]
    was, now = groups_of(before), groups_of(built)
    assert all(now[who] == found for who, found in was.items() if found != 3)


def test_counts_of_earlier_versions_still_load() -> None:
    group_counts = {"sub_audience_id": 1, "group_id": 2, "customers": 3, "moved_by_edit": 2}
    counts = {
        "considered": 3, "excluded": [], "audience": 3, "no_sub_audience": 0, "memberships": 3, "control": 0,
        "no_destination": 0, "sub_audiences": [{"sub_audience_id": 1, "customers": 3}], "groups": [group_counts],
        "deliveries": [], "warnings": [],
    }  # fmt: skip
    found = Counts.from_json(counts)
    assert found.groups[0].dealt == 2
    assert found.history == ()


def test_frozen_campaigns_of_earlier_versions_still_load() -> None:
    frozen = split(2000, 8000)
    data = frozen.to_json()
    for part in data["sub_audiences"]:
        del part["before"]
    assert Frozen.from_json(data) == frozen


# Stored campaigns -----------------------------------------------------------------------------------------


def edited(campaign: Campaign, *percents: str, choice: str = MOVE) -> None:
    campaign.refresh_from_db()
    draft = draft_of(campaign)
    (part,) = draft.sub_audiences
    groups = tuple(
        replace(one, percent=Decimal(share)) for one, share in zip(part.groups, percents, strict=True)
    )
    save(
        replace(draft, sub_audiences=(replace(part, groups=groups, on_change=choice),)), campaign, None, None
    )


def sizes(launched: Launch) -> list[int]:
    return list(launched.groups.values_list("customers", flat=True))


def choice_of(campaign: Campaign) -> str:
    return draft_of(campaign).sub_audiences[0].on_change


pytestmark = [pytest.mark.django_db]


def test_a_launch_after_the_edit_moves_once(campaign: Campaign, launched: Callable[[], Launch]) -> None:
    assert sizes(launched()) == [4, 8, 8]
    edited(campaign, "40.00", "30.00", "30.00")
    assert choice_of(campaign) == MOVE
    second = launched()
    assert sizes(second) == [8, 6, 6]
    assert choice_of(campaign) == KEEP
    assert freeze(campaign).sub_audiences[0].before is None
    assert [one.assigned for one in freeze(campaign).sub_audiences[0].groups] == [8, 6, 6]
    third = launched()
    assert sizes(third) == [8, 6, 6]
    with fetch(second.history_path) as one, fetch(third.history_path) as other:
        assert rows_of(one, "customer_key, group_id") == rows_of(other, "customer_key, group_id")


def test_keep_everyone_is_what_is_done_unasked(campaign: Campaign, launched: Callable[[], Launch]) -> None:
    launched()
    edited(campaign, "40.00", "30.00", "30.00", choice=KEEP)
    assert sizes(launched()) == [4, 8, 8]


def test_a_launch_that_fails_does_not_use_the_edit_up(
    campaign: Campaign, launched: Callable[[], Launch]
) -> None:
    launched()
    edited(campaign, "40.00", "30.00", "30.00")
    with nobody_woken():
        started = launch_campaign(campaign, None)
    Launch.objects.filter(pk=started.pk).update(state=LaunchState.FAILED)
    assert choice_of(campaign) == MOVE
    assert sizes(launched()) == [8, 6, 6]


def test_edits_between_two_launches_add_up(campaign: Campaign, launched: Callable[[], Launch]) -> None:
    launched()
    edited(campaign, "30.00", "35.00", "35.00")
    edited(campaign, "40.00", "30.00", "30.00")
    assert freeze(campaign).sub_audiences[0].before is not None
    assert sizes(launched()) == [8, 6, 6]


def test_an_edit_that_is_taken_back_moves_nobody(campaign: Campaign, launched: Callable[[], Launch]) -> None:
    launched()
    edited(campaign, "40.00", "30.00", "30.00")
    edited(campaign, "20.00", "40.00", "40.00")
    assert choice_of(campaign) == KEEP
    assert sizes(launched()) == [4, 8, 8]


def test_the_last_choice_counts(campaign: Campaign, launched: Callable[[], Launch]) -> None:
    launched()
    edited(campaign, "40.00", "30.00", "30.00")
    edited(campaign, "40.00", "30.00", "30.00", choice=KEEP)
    assert choice_of(campaign) == KEEP
    assert sizes(launched()) == [4, 8, 8]


def test_an_edit_while_a_launch_runs_is_for_the_next(
    campaign: Campaign, launched: Callable[[], Launch]
) -> None:
    launched()
    with nobody_woken():
        running = launch_campaign(campaign, None)
    edited(campaign, "40.00", "30.00", "30.00")
    finish_here(running)
    assert sizes(running) == [4, 8, 8]
    assert choice_of(campaign) == MOVE
    assert sizes(launched()) == [8, 6, 6]


def test_a_rename_does_not_forget_what_was_chosen(campaign: Campaign, launched: Callable[[], Launch]) -> None:
    launched()
    edited(campaign, "40.00", "30.00", "30.00")
    campaign.refresh_from_db()
    save(replace(draft_of(campaign), name="Summer Sale"), campaign, None, None)
    assert sizes(launched()) == [8, 6, 6]


def test_before_the_first_launch_there_is_nothing_to_choose(campaign: Campaign) -> None:
    edited(campaign, "40.00", "30.00", "30.00")
    assert choice_of(campaign) == KEEP


def test_a_group_flipped_and_removed_between_launches_keeps_its_old_side(
    campaign: Campaign, launched: Callable[[], Launch]
) -> None:
    launched()
    campaign.refresh_from_db()
    part = draft_of(campaign).sub_audiences[0]
    control, offer, reminder = part.groups

    def store(*groups: Any) -> None:
        campaign.refresh_from_db()
        draft: Draft = draft_of(campaign)
        save(replace(draft, sub_audiences=(replace(part, groups=groups),)), campaign, None, None)

    flipped = replace(offer, is_control=True, destinations=())
    store(control, flipped, reminder)
    store(replace(control, percent=Decimal(60)), reminder)
    assert freeze(campaign).removed_groups == {offer.id: False}
    assert sizes(launched()) == [4, 16]


def test_the_history_is_counted_for_the_editor(launched: Callable[[], Launch]) -> None:
    first = launched()
    groups = [(part, size) for part, _, size in first.counts["history"]]
    part = first.groups.get(position=0).sub_audience_id
    assert groups == [(part, 4), (part, 8), (part, 8)]


# The editor -----------------------------------------------------------------------------------------------


def form_of(campaign: Campaign, *percents: str, choice: str = KEEP) -> dict[str, Any]:
    """The editor's form as a person would send it, with other percentages."""
    campaign.refresh_from_db()
    draft = draft_of(campaign)
    (part,) = draft.sub_audiences
    fields: dict[str, Any] = {
        "name": draft.name,
        "customer_database": draft.customer_database,
        "include": list(draft.include),
        "exclude": list(draft.exclude),
        "assign_to_first_match_only": "on",
        "version": campaign.version,
        "time_zone": "UTC",
        "sub-0-id": part.id,
        "sub-0-how": "rest",
        "sub-0-name": part.name,
        "sub-0-on-change": choice,
    }
    for number, (one, percent) in enumerate(zip(part.groups, percents, strict=True)):
        prefix = f"sub-0-group-{number}"
        fields |= {f"{prefix}-id": one.id, f"{prefix}-name": one.name, f"{prefix}-percent": percent}
        fields |= {f"{prefix}-control": "on"} if one.is_control else {f"{prefix}-to": list(one.destinations)}
    return fields


@pytest.fixture
def editor(client_of: Any, marketer: Any, campaign: Campaign) -> Callable[..., str]:
    client = client_of(marketer)

    def post(*percents: str, choice: str = KEEP, action: str = "refresh") -> str:
        fields = {**form_of(campaign, *percents, choice=choice), "action": action}
        return str(client.post(f"/campaigns/{campaign.pk}/", fields, follow=True).content.decode())

    return post


def test_the_editor_asks_and_says_how_many_would_move(
    editor: Callable[..., str], launched: Callable[[], Launch]
) -> None:
    launched()
    page = editor("40.00", "30.00", "30.00")
    assert "<strong>4 of 20</strong> would move: <strong>4 from treatment to control</strong>." in page
    assert 'value="keep" checked' in page


def test_the_editor_asks_nothing_where_the_shares_are_those_of_the_launch(
    editor: Callable[..., str], launched: Callable[[], Launch]
) -> None:
    assert "on-change" not in editor("40.00", "30.00", "30.00")
    launched()
    assert "on-change" not in editor("20.00", "40.00", "40.00")


def test_the_answer_is_stored_and_shown_until_it_is_carried_out(
    campaign: Campaign, editor: Callable[..., str], launched: Callable[[], Launch]
) -> None:
    launched()
    assert 'value="move" checked' in editor("40.00", "30.00", "30.00", choice=MOVE, action="save")
    assert choice_of(campaign) == MOVE
    launched()
    assert "on-change" not in editor("40.00", "30.00", "30.00")


def test_shares_that_do_not_sum_are_asked_about_without_a_number(
    editor: Callable[..., str], launched: Callable[[], Launch]
) -> None:
    launched()
    page = editor("40.00", "40.00", "40.00")
    assert 'value="keep" checked' in page
    assert "would move</strong>" not in page
    assert "would move." in page  # the delivery summary says how many


def flipped(campaign: Campaign, choice: str = KEEP) -> dict[str, Any]:
    """The form with the control tick taken off, and put on the last group instead."""
    fields = form_of(campaign, "20.00", "40.00", "40.00", choice=choice)
    fields |= {"sub-0-group-0-to": fields.pop("sub-0-group-2-to"), "sub-0-group-2-control": "on"}
    del fields["sub-0-group-0-control"]
    return fields


def test_the_editor_says_how_many_change_side_with_a_control_tick(
    client_of: Any, marketer: Any, campaign: Campaign, launched: Callable[[], Launch]
) -> None:
    launched()
    fields = {**flipped(campaign), "action": "refresh"}
    page = client_of(marketer).post(f"/campaigns/{campaign.pk}/", fields).content.decode()
    assert "Of 20 people: <strong>8 from treatment to control, 4 from control to treatment</strong>." in page
    assert "<strong>8 of 20</strong> would move: " in page


def test_the_editor_says_what_becomes_of_the_people_of_a_removed_group(
    client_of: Any, marketer: Any, campaign: Campaign, launched: Callable[[], Launch]
) -> None:
    launched()
    fields = {**form_of(campaign, "20.00", "80.00", "0"), "action": "remove-group:0:2"}
    page = client_of(marketer).post(f"/campaigns/{campaign.pk}/", fields).content.decode()
    assert "Whoever is in a removed group gets another one" in page
    assert "Of 20 people: <strong>8 to another group of the same side</strong>." in page


# The delivery summary --------------------------------------------------------------------------------------


def summary_after(client: Any, campaign: Campaign) -> tuple[str, Counts]:
    """The page once its own count is done, and the counts."""
    client.get(f"/campaigns/{campaign.pk}/delivery-summary/")
    found = campaign.preflights.latest("pk")
    count(found.pk)
    found.refresh_from_db()
    page = client.get(f"/campaigns/{campaign.pk}/delivery-summary/").content.decode()
    return page, Counts.from_json(found.result["counts"])


def test_the_delivery_summary_says_how_many_the_next_launch_moves(
    client_of: Any, marketer: Any, campaign: Campaign, launched: Callable[[], Launch]
) -> None:
    launched()
    edited(campaign, "40.00", "30.00", "30.00")
    page, counts = summary_after(client_of(marketer), campaign)
    assert (
        "<strong>4 of the 20 people ever assigned in All remaining recipients get another group:"
        " 4 from treatment to control.</strong>" in page
    )
    assert [one.moved for one in counts.sub_audiences] == [4]
    launched()
    assert "ever assigned" not in summary_after(client_of(marketer), campaign)[0]


def test_the_delivery_summary_says_that_everyone_is_kept(
    client_of: Any, marketer: Any, campaign: Campaign, launched: Callable[[], Launch]
) -> None:
    launched()
    edited(campaign, "40.00", "30.00", "30.00", choice=KEEP)
    page, counts = summary_after(client_of(marketer), campaign)
    assert "<strong>Everyone in All remaining recipients keeps the group.</strong>" in page
    assert [one.moved for one in counts.sub_audiences] == [0]
