"""A list in numbered parts, where a file takes fewer rows than the treatment group has."""

from dataclasses import replace
from decimal import Decimal

import pytest

from campaigns.launches.left_behind import left_behind
from campaigns.launches.summary import launch_summary
from campaigns.planning.draft import DraftGroup, draft_of, save
from campaigns.segments.rules import dump, parse
from destinations.kinds.attentive_segments import packing

pytestmark = pytest.mark.django_db

PARTS = ["SpringSale_Offer", "SpringSale_Offer_2", "SpringSale_Offer_3"]


@pytest.fixture(autouse=True)
def _small_files(monkeypatch):
    monkeypatch.setattr(packing, "ROWS_PER_FILE", 10)


@pytest.fixture
def campaign(campaign, destination):
    """All 23 addresses of Chicago in one treatment group."""
    draft = draft_of(campaign)
    return save(with_group(replace(draft, exclude=()), "Offer", destination), campaign, None, None)


def with_group(draft, name, destination):
    (part,) = draft.sub_audiences
    one = DraftGroup(name, Decimal("100.00"), destinations=(destination.pk,))
    return replace(draft, sub_audiences=(replace(part, groups=(one,)),))


def shrink(chicago, customers):
    """Those of Chicago whose number is no higher: their value is 10.5 times their number."""
    low = {"attribute": "customer_360.lifetime_value", "lte": customers * 10.5}
    chicago.rules = dump(parse({"all": [{"attribute": "customer_360.city", "is": "Chicago"}, low]}))
    chicago.save()


def rows(launch):
    """{segment name: rows} as they arrived."""
    assert launch.state == "delivered"
    return {part["segment_name"]: part["rows"] for file in launch.files.all() for part in file.sections}


def left(found):
    return [one.segment_name for one in found]


def test_a_group_that_shrinks_goes_out_in_as_many_parts_as_before(chicago, launched, uploads):
    assert rows(launched()) == dict(zip(PARTS, (8, 8, 7), strict=True))
    shrink(chicago, 8)
    assert rows(launched()) == dict(zip(PARTS, (2, 1, 1), strict=True))
    assert len(list(uploads.iterdir())) == 6


def test_the_number_of_parts_is_that_of_the_largest_launch_not_of_the_last(chicago, launched):
    launched()
    shrink(chicago, 4)
    assert list(rows(launched())) == PARTS[:2]
    shrink(chicago, 8)
    assert list(rows(launched())) == PARTS


def test_a_part_without_anybody_is_told_as_left_behind(chicago, launched):
    launched()
    shrink(chicago, 4)
    second = launched()
    assert rows(second) == dict(zip(PARTS[:2], (1, 1), strict=True))
    assert left(launch_summary(second).left_behind) == PARTS[2:]


def test_parts_that_the_next_launch_replaces_are_not_left_behind(campaign, launched):
    launch = launched()
    assert left(launch_summary(launch).left_behind) == []
    assert left(left_behind(campaign)) == []


def test_a_renamed_group_leaves_all_its_parts_behind(campaign, destination, launched):
    launched()
    save(with_group(draft_of(campaign), "Better", destination), campaign, None, None)
    assert left(left_behind(campaign)) == PARTS
