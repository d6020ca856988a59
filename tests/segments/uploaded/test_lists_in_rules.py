"""Uploaded lists where rules name them: what the door refuses, what is counted, and words."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.core.files.storage import storages

from campaigns.segments.plain import Draft
from campaigns.segments.rules import parse
from campaigns.segments.saving import validate
from campaigns.segments.sizing import SizeUnknown, size
from campaigns.segments.uploaded.deleting import delete
from campaigns.segments.uploaded.models import UploadedList
from campaigns.segments.uploaded.storing import segment_from
from campaigns.segments.words import Names, in_words
from config import clock
from tests.segments.saved import shop_like

UTC = ZoneInfo("UTC")


def counted(database, *rules):
    return size(database, parse({"all": list(rules)}), UTC).customers


def problem(database, *rules):
    (found,) = validate(Draft("Named", database.pk, {"all": list(rules)}))
    assert found.path == ("rules", "all", 0, "list")
    return found.message


def test_members_are_counted_with_other_rules(stored, customer_database):
    one, two = stored("C01\nC02\nC03\nC04\n", "One"), stored("C03\nC04\nC05\n", "Two")
    assert counted(customer_database, {"list": one.pk}) == 4
    assert counted(customer_database, {"list": one.pk, "member": False}) == 56
    assert counted(customer_database, {"any": [{"list": one.pk}, {"list": two.pk}]}) == 5
    assert counted(customer_database, {"list": one.pk}, {"none": [{"list": two.pk}]}) == 2
    chicago = {"attribute": "customer_360.city", "is": "Chicago"}
    assert counted(customer_database, {"list": one.pk}, {"list": two.pk}, chicago) == 1


def test_a_list_of_nobody_is_nobody(stored, customer_database):
    one = stored("C98\nC99\n", choice=(0, "key", False))
    assert counted(customer_database, {"list": one.pk}) == 0
    assert counted(customer_database, {"list": one.pk, "member": False}) == 60


def test_a_list_is_named_in_a_segment_within_a_segment(stored, customer_database, marketer):
    segment = segment_from(stored("C01\nC02\n"), marketer)
    assert counted(customer_database, {"segment": segment.pk}) == 2


@pytest.mark.parametrize("harm", [Path.unlink, lambda path: path.write_bytes(path.read_bytes()[:-1] + b"x")])
def test_keys_that_are_not_what_was_stored_are_not_used(stored, customer_database, harm):
    one = stored("C01\nC02\n")
    harm(Path(storages["lists"].path(one.keys_path)))
    with pytest.raises(SizeUnknown, match="The keys of the uploaded list “VIP” are missing or were changed"):
        counted(customer_database, {"list": one.pk})


def test_the_door_refuses_a_list_by_name(stored, customer_database):
    one = stored("C01\n")
    assert not validate(Draft("Named", customer_database.pk, {"all": [{"list": one.pk}]}))
    assert problem(customer_database, {"list": 10**9}) == (
        "The chosen uploaded list no longer exists. Choose another one."
    )
    assert problem(shop_like("Elsewhere"), {"list": one.pk}) == (
        "The uploaded list “VIP” is about another customer database. Choose another one."
    )
    UploadedList.objects.update(archived_at=clock.now())
    assert problem(customer_database, {"list": one.pk}) == (
        "The uploaded list “VIP” was deleted. Choose another one."
    )


def test_only_active_lists_of_the_customer_database_are_offered(stored, customer_database, marketer):
    one, gone = stored("C01\n", "One"), stored("C02\n", "Gone")
    delete(gone, marketer)
    assert list(UploadedList.objects.offered(customer_database)) == [one]
    assert not UploadedList.objects.offered(shop_like("Elsewhere"))


def test_rules_are_read_with_the_name_of_the_list():
    rules = {"all": [{"list": 3}, {"list": 4, "member": False}, {"list": 5}]}
    assert in_words(rules, Names(lists={3: "VIP", 4: "Staff"})) == (
        "on the uploaded list “VIP” and not on the uploaded list “Staff” and on an uploaded list that is gone"
    )
    assert in_words({"all": [{"list": 3}]}, Names()) == "on an uploaded list"
