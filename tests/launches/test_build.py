"""Building a launch: what is counted, who is sent, what the files are."""

from pathlib import Path

import pytest

from campaigns.launches.build import WrongColumn
from campaigns.launches.built import Outcomes
from tests.launches.launching import (
    Customer,
    campaign,
    destination,
    everyone_else,
    group,
    groups_of,
    launch,
    lines_of,
    people,
    recipients_of,
    some,
)

ALL = everyone_else(group(1, 1000), group(2, 9000, 1))
EMAIL = [destination(1)]


def test_a_first_launch_of_1200_with_a_fifth_in_control_has_240_there(tmp_path: Path) -> None:
    frozen = campaign(everyone_else(group(1, 2000), group(2, 8000, 1)), destinations=EMAIL)
    built = launch(frozen, people(*range(1200)), tmp_path)
    assert [found.customers for found in built.counts.groups] == [240, 960]
    assert built.counts.control == 240
    assert built.files[0].rows == 960


def test_a_file_has_its_rows_ordered_by_value_each_with_the_segment_name(tmp_path: Path) -> None:
    frozen = campaign(everyone_else(group(2, 10000, 1)), destinations=EMAIL)
    built = launch(frozen, people(2, 10, 1), tmp_path)
    text = "person10@example.com,List2\nperson1@example.com,List2\nperson2@example.com,List2\n"
    assert built.files[0].path.read_bytes() == text.encode()
    assert built.files[0].size == len(text)


@pytest.mark.parametrize("carry", [True, False])
def test_each_customer_has_one_outcome(tmp_path: Path, carry: bool) -> None:
    frozen = campaign(everyone_else(group(2, 10000, 1)), destinations=EMAIL)
    emails = ["A@example.com", " a@example.com ", "b@example.com", "nonsense", None, "  "]
    customers = [Customer(f"C{n}", values={"people.email": (email,)}) for n, email in enumerate(emails)]
    built = launch(frozen, customers, tmp_path, carry=carry)
    assert built.counts.deliveries[0].outcomes == Outcomes(sent=2, missing=2, invalid=1, duplicate=1)
    assert lines_of(built) == {"List2": ["a@example.com", "b@example.com"]}
    assert ("C3", 1, 2, "nonsense", "invalid") in recipients_of(built.recipients[1])


def test_a_column_that_mostly_holds_something_else_is_refused(tmp_path: Path) -> None:
    frozen = campaign(everyone_else(group(2, 10000, 1)), destinations=EMAIL)
    values = ["+1 202 555 0100", "+1 202 555 0101", "a@example.com", None, None]
    customers = [Customer(f"C{n}", values={"people.email": (value,)}) for n, value in enumerate(values)]
    with pytest.raises(WrongColumn, match=r"Of the 3 values of people.email .* 2 are no e-mail addresses"):
        launch(frozen, customers, tmp_path)
    half = [*customers, *people(7)]
    assert launch(frozen, half, tmp_path).files[0].rows == 2


def test_a_value_of_a_control_customer_is_not_sent(tmp_path: Path) -> None:
    frozen = campaign(
        some(1, group(1, 10000)), everyone_else(group(2, 10000, 1), number=2), destinations=EMAIL
    )
    shared = {"people.email": ("same@example.com",)}
    held = Customer("held", frozenset({"segment_1", "sub_audience_1"}), shared)
    built = launch(frozen, [held, Customer("sent", values=shared), *people(1)], tmp_path)
    assert lines_of(built) == {"List2": ["person1@example.com"]}
    assert built.counts.deliveries[0].outcomes == Outcomes(sent=1, shared_with_control=1)


def test_an_excluded_customer_is_counted_at_the_first_exclusion(tmp_path: Path) -> None:
    frozen = campaign(ALL, destinations=EMAIL, exclude=(3, 2))
    customers = [*people(1, 2), *people(3, flags=["segment_1", "segment_2", "segment_3"])]
    customers += people(4, flags=["segment_1", "segment_2"]) + people(5, flags=["segment_2"])
    counts = launch(frozen, customers, tmp_path).counts
    assert (counts.considered, counts.excluded, counts.audience) == (4, ((3, 1), (2, 1)), 2)


def test_who_fits_no_sub_audience_is_counted(tmp_path: Path) -> None:
    frozen = campaign(some(1, group(2, 10000, 1)), destinations=EMAIL)
    customers = people(1, flags=["segment_1", "sub_audience_1"]) + people(2)
    counts = launch(frozen, customers, tmp_path).counts
    assert (counts.audience, counts.no_sub_audience, counts.memberships) == (2, 1, 1)


def test_an_empty_audience_builds_no_file(tmp_path: Path) -> None:
    built = launch(campaign(ALL, destinations=EMAIL), [], tmp_path)
    assert built.files == ()
    assert built.counts.audience == 0
    assert built.counts.warnings == ()


def test_several_values_of_one_customer_are_all_sent(tmp_path: Path) -> None:
    frozen = campaign(everyone_else(group(2, 10000, 1)), destinations=EMAIL)
    both = ("one@example.com", "ONE@example.com", "two@example.com", "bad")
    built = launch(frozen, [Customer("C1", values={"people.email": both})], tmp_path)
    delivery = built.counts.deliveries[0]
    assert (delivery.rows, delivery.expansion, delivery.outcomes) == (2, 1, Outcomes(sent=1))


def test_without_first_match_only_a_customer_may_be_in_several(tmp_path: Path) -> None:
    frozen = campaign(
        some(1, group(2, 10000, 1)),
        some(2, group(3, 10000, 1)),
        everyone_else(group(4, 10000, 1), number=3),
        destinations=EMAIL,
        first_match_only=False,
    )
    customers = people(1, flags=["segment_1", "sub_audience_1", "sub_audience_2"]) + people(2)
    built = launch(frozen, customers, tmp_path)
    assert groups_of(built) == {("C1", 1): 2, ("C1", 2): 3, ("C2", 3): 4}
    assert (built.counts.considered, built.counts.memberships) == (2, 3)
    assert {name: len(values) for name, values in lines_of(built).items()} == {
        "List2": 1,
        "List3": 1,
        "List4": 1,
    }


def test_a_test_takes_the_first_records_and_leaves_no_history(tmp_path: Path) -> None:
    built = launch(campaign(ALL, destinations=EMAIL), people(*range(100)), tmp_path, test_size=10)
    assert built.history is None
    assert list(lines_of(built)) == ["List2_TEST"]
    sent = lines_of(built)["List2_TEST"]
    assert len(sent) == 10
    assert built.counts.deliveries[0].outcomes.sent == 90
    assert len(recipients_of(built.recipients[1])) == 10


def test_nothing_is_left_behind_when_building_stops(tmp_path: Path) -> None:
    class Stopped(Exception):
        pass

    frozen = campaign(ALL, destinations=[destination(1, column="people.gone")])

    def stop(stage: str) -> None:
        if stage.startswith("Writing"):
            raise Stopped

    with pytest.raises(Stopped):
        launch(frozen, people(*range(50)), tmp_path, progress=stop)
    assert list((tmp_path / "launch1").iterdir()) == []


def test_only_what_lasts_is_left(tmp_path: Path) -> None:
    launch(campaign(ALL, destinations=EMAIL), people(*range(50)), tmp_path)
    left = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file())
    assert left == [
        "launch1/files/1-1.csv",
        "launch1/history.parquet",
        "launch1/people/audience.parquet",
        "launch1/people/values_0.parquet",
        "launch1/recipients/1.parquet",
    ]
