"""Why is this person (not) in the list? By what the launch wrote, whatever the customers hold today."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings

from campaigns.launches.built import Built
from campaigns.launches.frozen import FrozenSegment, FrozenSubAudience
from campaigns.launches.models import Launch, LaunchFile
from campaigns.launches.storage import history_path, keep, people_path, recipients_path
from campaigns.launches.why.lookup import MOST_PEOPLE
from campaigns.launches.why.words import Told, explain
from campaigns.planning.models import Campaign
from config import clock
from config.artefacts import sha256_of
from config.audit.models import Event
from destinations.models import Destination
from tests.launches import launching
from tests.launches.launching import Customer, everyone_else, group, some
from tests.launches.on_page import make_campaign, make_destination, make_launch

SEGMENTS = ((1, "Everybody"), (2, "Unsubscribed"), (3, "Staff"))
GOLD = "sub_audience_1"
SILVER = "sub_audience_3"


@dataclass
class Launches:
    """Called with customers: a launch of them, built by the launch's own code and kept as a launch keeps it."""

    campaign: Campaign
    mail: Destination
    phone: Destination
    folder: Path
    carry: bool
    last: Built | None = None

    @property
    def gold(self) -> FrozenSubAudience:
        """Half in control, half to both destinations."""
        return some(1, group(1, 5000), group(2, 5000, self.mail.pk, self.phone.pk))

    @property
    def rest(self) -> FrozenSubAudience:
        return everyone_else(group(3, 10000, self.mail.pk), number=2)

    def __call__(self, customers: Sequence[Customer], *parts: FrozenSubAudience, **more: Any) -> Launch:
        settings = more.pop("settings", {})
        to_mail, to_phone = (
            replace(launching.destination(one.pk, one.identifier), settings=settings)
            for one in (self.mail, self.phone)
        )
        frozen = launching.campaign(
            *(parts or (self.gold, self.rest)),
            destinations=[to_mail, to_phone],
            exclude=(2, 3),
            segments=tuple(FrozenSegment(pk, name, "UTC", {}) for pk, name in SEGMENTS),
            **more,
        )
        stored = Launch.objects.create(
            campaign=self.campaign, state="delivered", frozen=frozen.to_json(), built_at=clock.now()
        )
        built = launching.launch(
            frozen,
            customers,
            self.folder,
            launch_id=stored.pk,
            before=self.last,
            carry=self.carry,
        )
        self.last = built
        _keep(stored, built)
        return stored


def _keep(stored: Launch, built: Built) -> None:
    assert built.history is not None
    stored.history_path, stored.history_sha256 = history_path(stored), sha256_of(built.history)
    stored.people_sha256 = {name: sha256_of(path) for name, path in built.people.items()}
    stored.recipients_sha256 = {str(pk): sha256_of(path) for pk, path in built.recipients.items()}
    stored.save()
    places = {built.history: stored.history_path}
    places |= {path: people_path(stored, name) for name, path in built.people.items()}
    places |= {path: recipients_path(stored, pk) for pk, path in built.recipients.items()}
    for path, place in places.items():
        copy = path.with_suffix(".copy")  # the next launch goes on from what was built
        copy.write_bytes(path.read_bytes())
        keep(copy, place)
    for number, file in enumerate(built.files, 1):
        LaunchFile.objects.create(
            launch=stored,
            destination_id=file.destination_id,
            position=number,
            state="delivered",
            sections=[vars(section) for section in file.sections],
            rows=file.rows,
            name=f"{stored.pk}-{number}.csv",
            drop_point="acme",
        )


@pytest.fixture(params=[True, False], ids=["read with the audience", "read by itself"])
def launched(request, customer_database, tmp_path) -> Launches:
    mail, phone = (make_destination(customer_database, one) for one in ("email", "phone"))
    campaign = make_campaign(customer_database, mail, phone)
    return Launches(campaign, mail, phone, tmp_path / "built", request.param)


def customer(key: str, *flags: str, email: str | None = None, phone: str | None = None) -> Customer:
    values = {"people.email": (email,), "people.phone": (phone,)}
    return Customer(key, frozenset({"segment_1", *flags}), values)


# So that neither column is mostly invalid.
OTHERS = [
    customer(f"N{number}", GOLD, email=f"many{number}@example.com", phone=f"+1 202 555 01{number:02d}")
    for number in range(20)
]


def told(launch: Launch, text: str, user: Any) -> Told:
    (found,) = explain(launch, text, user).people
    return found


def reasons(found: Told) -> list[str]:
    return [line.reason for part in found.parts for place in part.places for line in place.lines]


@pytest.mark.parametrize(
    "typed",
    ["C1", "jordan@example.com", "Jordan@EXAMPLE.com", "+12025550142", "(202) 555-0142", "202.555.0142"],
)
def test_it_finds_by_key_and_by_any_spelling_of_address_and_number(launched, marketer, typed):
    launch = launched([customer("C1", email="Jordan@example.com", phone="202 555 0142"), *OTHERS])
    assert told(launch, typed, marketer).key == "C1"


def test_it_tells_list_file_and_value_of_who_was_sent(launched, marketer):
    launch = launched([customer("C1", email="Jordan@example.com"), *OTHERS])
    found = told(launch, "C1", marketer)
    assert found.verdict == f"In the list: sent to Destination{launched.mail.pk}."
    (part,) = found.parts
    assert (part.sub_audience, part.group, part.is_control) == ("All remaining recipients", "Group3", False)
    (place,) = part.places
    (line,) = place.lines
    assert (place.segment_name, line.value, line.reason) == ("List3", "jordan@example.com", "Sent.")
    assert line.file.sections[0]["segment_name"] == "List3"


@pytest.mark.parametrize("typed", ["C1", "jordan@example.com", "JORDAN@example.com"])
def test_it_names_the_first_segment_that_excludes(launched, marketer, typed):
    launch = launched([customer("C1", "segment_2", "segment_3", email="  Jordan@Example.COM"), *OTHERS])
    found = told(launch, typed, marketer)
    assert found.verdict == "Not in the list: excluded by Unsubscribed."
    assert found.parts == ()


@pytest.mark.parametrize("typed", ["(202) 555-0142", "+12025550142", "2025550142", "202-555-0142"])
def test_it_finds_who_was_excluded_by_another_spelling_of_the_number(launched, marketer, typed):
    launch = launched([customer("C1", "segment_3", phone="202-555-0142"), *OTHERS])
    assert told(launch, typed, marketer).excluded_by == "Staff"


def test_it_finds_who_was_excluded_under_a_domain_with_letters_of_another_kind(launched, marketer):
    launch = launched([customer("C1", "segment_3", email="jordan@bücher.example.com"), *OTHERS])
    assert told(launch, "Jordan@xn--bcher-kva.example.com", marketer).excluded_by == "Staff"


def test_it_says_who_is_in_no_sub_audience(launched, marketer):
    launch = launched([customer("C1", email="jordan@example.com"), *OTHERS], launched.gold)
    verdict = "Not in the list: in the audience, but in no sub-audience."
    assert told(launch, "Jordan@example.com", marketer).verdict == verdict


def test_it_finds_who_is_in_control_by_the_value_that_was_never_sent(launched, marketer):
    control = some(1, group(1, 10000))
    launch = launched([customer("C1", GOLD, email="jordan@example.com"), *_rest()], control, launched.rest)
    found = told(launch, "jordan@example.com", marketer)
    assert found.verdict == "Not in the list: in control, which receives nothing."
    assert [part.group for part in found.parts] == ["Group1"]


def _rest() -> list[Customer]:
    return [replace(one, flags=frozenset({"segment_1"})) for one in OTHERS]


def test_it_says_that_a_group_goes_nowhere(launched, marketer):
    nowhere = some(1, group(1, 10000, is_control=False))
    launch = launched([customer("C1", GOLD), *_rest()], nowhere, launched.rest)
    assert told(launch, "C1", marketer).verdict == (
        "Not in the list: the treatment group goes to no destination."
    )


def test_it_names_whose_value_a_duplicate_is(launched, marketer):
    pair = [customer(key, email="both@example.com") for key in ("C1", "C2")]
    launch = launched([*pair, *OTHERS])
    found = {one.key: one for one in explain(launch, "both@example.com", marketer).people}
    assert sorted(found) == ["C1", "C2"]
    sent = next(key for key in found if found[key].is_in)
    (other,) = {"C1", "C2"} - {sent}
    assert reasons(found[other]) == [
        f"Not sent: duplicate of another customer's value; it was sent once, for {sent}."
    ]


def test_it_names_the_customers_in_control_who_have_the_value_too(launched, marketer):
    control = some(1, group(1, 10000))
    shared = [customer(key, GOLD, email="both@example.com") for key in ("K1", "K2")]
    launch = launched([customer("C1", email="both@example.com"), *shared, *_rest()], control, launched.rest)
    assert (
        told(launch, "C1", marketer).verdict == "Not in the list: a customer in control has the same value."
    )
    assert reasons(told(launch, "C1", marketer)) == [
        "Not sent: shared with a customer in control, K1 and 1 more."
    ]


def test_a_value_is_shared_within_a_sub_audience_alone_where_customers_are_in_several(launched, marketer):
    control, silver = some(1, group(1, 10000)), some(3, group(4, 10000, launched.mail.pk))
    people = [
        customer("K1", GOLD, email="both@example.com"),
        customer("C1", SILVER, email="both@example.com"),
        customer("C2", SILVER, GOLD, email="two@example.com"),
    ]
    launch = launched([*people, *_rest()], control, silver, launched.rest, first_match_only=False)
    assert told(launch, "C1", marketer).is_in
    several = told(launch, "C2", marketer)
    assert [(part.sub_audience, part.is_control) for part in several.parts] == [
        ("Some1", True),
        ("Some3", False),
    ]
    assert several.is_in


def test_it_says_what_is_wrong_with_a_value(launched, marketer):
    people = [customer("C1", email="jordan at example"), customer("C2")]
    launch = launched([*people, *OTHERS])
    assert reasons(told(launch, "jordan at example", marketer)) == [
        "Not sent: what stood in people.email is no usable e-mail address."
    ]
    assert reasons(told(launch, "C2", marketer)) == ["Not sent: people.email was empty."]


def test_it_says_since_which_launch_a_customer_is_in_the_group(launched, marketer):
    first = launched([customer("C1", email="jordan@example.com"), *OTHERS])
    second = launched([customer("C1", email="new@example.com"), customer("C2"), *OTHERS])
    (kept,) = told(second, "C1", marketer).parts
    assert (kept.since_launch, kept.since, kept.is_new) == (first.pk, first.created_at, False)
    (new,) = told(second, "C2", marketer).parts
    assert (new.since_launch, new.is_new) == (second.pk, True)


def test_an_older_launch_still_tells_what_it_did(launched, marketer):
    first = launched([customer("C1", email="old@example.com"), *OTHERS])
    launched([customer("C1", "segment_2", email="new@example.com"), *OTHERS])
    assert told(first, "old@example.com", marketer).is_in
    assert explain(first, "new@example.com", marketer).people == ()


def test_it_names_the_file_that_holds_the_part_of_a_long_list(launched, marketer):
    people = [customer(f"C{number:02d}", email=f"person{number}@example.com") for number in range(25)]
    launch = launched(people, launched.rest, settings={"rows_per_file": 10})
    parts = {f"List3{'_' + str(part) if part > 1 else ''}" for part in (1, 2, 3)}
    where = {one.key: told(launch, one.key, marketer).parts[0].places[0].lines[0].file for one in people}
    found: dict[str, set[str]] = {name: set() for name in parts}
    for one in people:
        found[where[one.key].sections[0]["segment_name"]].add(one.values["people.email"][0])
    assert found == {name: set(values) for name, values in launching.lines_of(launched.last).items()}


def test_of_very_many_customers_with_one_value_it_lists_the_first(launched, marketer):
    crowd = [customer(f"C{number:02d}", email="desk@example.com") for number in range(MOST_PEOPLE + 5)]
    answer = explain(launched([*crowd, *OTHERS]), "desk@example.com", marketer)
    assert answer.total == MOST_PEOPLE + 5
    assert [one.key for one in answer.people] == [one.key for one in crowd[:MOST_PEOPLE]]


def test_who_was_not_considered_is_not_found_and_the_include_segments_are_named(launched, marketer):
    launch = launched([Customer("C1", frozenset(), {"people.email": ("jordan@example.com",)}), *OTHERS])
    answer = explain(launch, "C1", marketer)
    assert (answer.people, answer.include, answer.problem) == ((), ("Everybody",), "")
    assert answer.columns == (("email", "people.email"), ("phone", "people.phone"))


def test_a_launch_without_phone_numbers_says_so(launched, marketer):
    launch = launched(OTHERS, launched.rest)
    assert explain(launch, "+1 202 555 0101", marketer).unknown_identifiers == ["phone numbers"]


def test_who_may_not_see_personal_data_sees_masks(launched, viewer):
    viewer.sees_personal_data = False
    pair = [customer(key, email="both@example.com") for key in ("C1000", "C2000")]
    people = explain(launched([*pair, *OTHERS]), "both@example.com", viewer).people
    assert {one.key[-3:] for one in people} == {"···"}
    lines = [line for one in people for place in one.parts[0].places for line in place.lines]
    assert {line.value for line in lines} == {"b···@example.com"}
    assert not any("C1000" in line.reason or "C2000" in line.reason for line in lines)


def test_a_destination_for_operators_alone_is_not_shown_to_others(launched, marketer, operator):
    Destination.objects.filter(pk=launched.phone.pk).update(operators_only=True)
    launch = launched(OTHERS)
    treated = next(one.key for one in OTHERS if not told(launch, one.key, operator).parts[0].is_control)
    (part,) = told(launch, treated, marketer).parts
    assert [place.identifier for place in part.places] == ["email"]
    assert part.goes_elsewhere
    number = next(one.values["people.phone"][0] for one in OTHERS if one.key == treated)
    assert explain(launch, number, marketer).people == ()
    assert told(launch, number, operator).key == treated


# What is not there ------------------------------------------------------------------------------------------


@pytest.fixture
def kept(launched: Launches) -> Launch:
    return launched([customer("C1", email="jordan@example.com"), *OTHERS])


@pytest.mark.parametrize("what", ["people", "recipients", "history"])
def test_it_says_when_what_the_launch_wrote_is_gone_or_changed(kept, marketer, what):
    place = Path(django_settings.STORAGES["launches"]["OPTIONS"]["location"])
    for path in place.rglob("*.parquet"):
        if what in path.parts:
            path.write_bytes(b"PAR1 something else PAR1")
    assert "no longer has what would answer" in explain(kept, "C1", marketer).problem
    for path in place.rglob("*.parquet"):
        path.unlink(missing_ok=True)
    assert "no longer has what would answer" in explain(kept, "C1", marketer).problem


def test_too_little_memory_is_not_called_gone(kept, marketer, settings):
    settings.DUCKDB_MEMORY_LIMIT = "100KB"
    assert "needed more memory than it may use" in explain(kept, "C1", marketer).problem
    settings.DUCKDB_MEMORY_LIMIT = "500MB"
    assert explain(kept, "C1", marketer).total == 1


def test_a_launch_from_before_people_were_kept_says_so(kept, marketer):
    Launch.objects.filter(pk=kept.pk).update(people_sha256={})
    kept.refresh_from_db()
    assert "was never kept" in explain(kept, "C1", marketer).problem


@pytest.mark.parametrize(
    ("state", "ended", "words"),
    [("building", False, "not built yet"), ("failed", True, "ended before its lists were built")],
)
def test_a_launch_without_lists_says_why(kept, marketer, state, ended, words):
    kept.state, kept.built_at = state, None
    kept.ended_at = clock.now() if ended else None
    assert words in explain(kept, "C1", marketer).problem


# The page ---------------------------------------------------------------------------------------------------


def test_what_is_typed_stands_in_no_address_log_or_event(kept, client_of, marketer, caplog):
    with caplog.at_level(logging.DEBUG):
        page = client_of(marketer).post(f"/launches/{kept.pk}/why/", {"who": "jordan@example.com"})
    assert "Customer C1" in page.content.decode()
    assert "jordan" not in caplog.text
    assert page["Cache-Control"].startswith("max-age=0")
    (event,) = Event.objects.filter(object_type="launch", object_id=str(kept.pk))
    assert (event.verb, event.detail) == ("looked somebody up in", {})


def test_an_address_with_a_question_in_it_is_not_answered(kept, client_of, marketer):
    page = client_of(marketer).get(f"/launches/{kept.pk}/why/?who=jordan@example.com").content.decode()
    assert "Customer C1" not in page
    assert "jordan" not in page


def test_nothing_typed_asks_for_something(kept, client_of, marketer):
    page = client_of(marketer).post(f"/launches/{kept.pk}/why/", {"who": "  "}).content.decode()
    assert "Enter a customer key, an e-mail address or a phone number." in page


def test_the_page_masks_for_who_may_not_see_personal_data(kept, client_of, viewer):
    viewer.sees_personal_data = False
    viewer.save()
    page = client_of(viewer).post(f"/launches/{kept.pk}/why/", {"who": "C1"}).content.decode()
    assert "j···@example.com" in page
    assert "jordan@example.com" not in page
    assert not Event.objects.filter(verb="looked somebody up in").exists()


def test_a_campaign_leads_to_its_newest_launch_that_was_built(kept, launched, client_of, viewer):
    failed = make_launch(launched.campaign, "failed")
    Launch.objects.filter(pk=failed.pk).update(built_at=None)
    answer = client_of(viewer).get(f"/campaigns/{launched.campaign.pk}/why/")
    assert answer.url == f"/launches/{kept.pk}/why/"


def test_a_campaign_that_was_not_launched_says_so(launched, client_of, viewer):
    answer = client_of(viewer).get(f"/campaigns/{launched.campaign.pk}/why/", follow=True)
    assert "was not launched yet, so nobody is in a list of it." in answer.content.decode()


def test_a_test_has_no_such_page(kept, client_of, viewer):
    Launch.objects.filter(pk=kept.pk).update(purpose="test")
    assert client_of(viewer).get(f"/launches/{kept.pk}/why/").status_code == 404
