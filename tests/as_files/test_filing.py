"""What campaigns are found by, in files."""

from __future__ import annotations

import pytest
import yaml

from campaigns.as_files.difference import in_words
from campaigns.as_files.exporting import export
from campaigns.as_files.marks import FileProblem
from campaigns.launches.models import Launch
from campaigns.planning.filing.labels import labels_of
from campaigns.planning.filing.models import Folder
from campaigns.planning.history.telling import events_of, told
from campaigns.planning.models import Campaign
from tests.as_files.conftest import CAMPAIGN, SEGMENTS

CALLED = "    customer_database: Demo customers\n    include: [Chicago regulars]\n"


def with_keys(lines):
    return SEGMENTS + CAMPAIGN.replace(CALLED, f"{CALLED}    {lines}\n")


def exported():
    (found,) = yaml.safe_load(export())["campaigns"]
    return found


def test_labels_come_in_and_go_out_as_they_were(apply, destination):
    apply(with_keys("labels: [vip, spring, 2027]"))
    assert labels_of(Campaign.objects.get()) == ["2027", "spring", "vip"]
    assert exported()["labels"] == ["2027", "spring", "vip"]
    assert in_words(apply(yaml.dump({"campaigns": [exported()]})).changes) == ["= 1 unchanged"]


def test_a_file_without_the_key_keeps_the_labels_and_an_empty_list_takes_them(apply, destination):
    apply(with_keys("labels: [vip]"))
    apply(SEGMENTS + CAMPAIGN)
    assert labels_of(Campaign.objects.get()) == ["vip"]
    apply(with_keys("labels: []"))
    assert labels_of(Campaign.objects.get()) == []


def test_a_wrong_label_is_told_with_its_line(apply, destination):
    with pytest.raises(FileProblem) as told:
        apply(with_keys("labels: [50%]"))
    assert "is not made of letters" in str(told.value)
    assert "labels" in str(told.value)
    assert not Campaign.objects.exists()


def test_a_folder_is_made_by_its_path_and_goes_out_as_it_was(apply, destination):
    apply(with_keys("folder: Retail / Spring"))
    assert Campaign.objects.get().folder.parent.name == "Retail"
    assert exported()["folder"] == "Retail / Spring"
    assert in_words(apply(yaml.dump({"campaigns": [exported()]})).changes) == ["= 1 unchanged"]
    apply(SEGMENTS + CAMPAIGN)
    assert Campaign.objects.get().folder is not None
    apply(with_keys("folder:"))
    assert Campaign.objects.get().folder is None


def test_a_dry_run_makes_no_folder(apply, destination):
    assert "folder: Retail" in " ".join(in_words(apply(with_keys("folder: Retail"), dry_run=True).changes))
    assert not Folder.objects.exists()


def test_a_folder_too_deep_is_told_with_its_line(apply, destination):
    with pytest.raises(FileProblem, match="3 levels at most") as told:
        apply(with_keys("folder: A / B / C / D"))
    assert "folder" in str(told.value)
    assert not Folder.objects.exists()


def test_what_a_file_changed_stands_in_the_history(apply, destination, operator):
    apply(SEGMENTS + CAMPAIGN)
    apply(SEGMENTS + CAMPAIGN.replace("percent: 10,", "percent: 20,").replace("percent: 90,", "percent: 80,"))
    apply(SEGMENTS + CAMPAIGN.replace("percent: 10,", "percent: 20,").replace("percent: 90,", "percent: 80,"))
    campaign = Campaign.objects.get()
    edited, made = told(campaign, list(events_of(campaign)), operator)
    assert (edited.by, edited.event.verb, made.event.verb) == (
        "a file that was applied",
        "edited",
        "created",
    )
    assert [(one.words, one.was, one.inside) for one in edited.changes] == [
        ("Percentage: 20.00 %", "10.00 %", "Gold › GoldHoldout"),
        ("Percentage: 80.00 %", "90.00 %", "Gold › GoldOffer"),
    ]


def test_a_file_archives_and_brings_back(apply, destination):
    apply(SEGMENTS + CAMPAIGN)
    (made,) = Campaign.objects.all()
    for _ in range(2):
        apply(with_keys("archived: true"))
        assert Campaign.objects.get().archived_at is not None
    (change,) = [one for one in apply(with_keys("archived: true")).changes if one.word == "campaign"]
    assert not change
    apply(with_keys(f"archived: false\n    id: {made.pk}\n    labels: [back]"))
    assert Campaign.objects.get().archived_at is None
    assert labels_of(made) == ["back"]
    assert exported()["archived"] is False


def test_an_archived_campaign_is_not_meant_by_its_name_alone(apply, destination):
    apply(with_keys("archived: true"))
    apply(SEGMENTS + CAMPAIGN)
    assert Campaign.objects.count() == 2
    assert Campaign.objects.active().count() == 1


def test_what_cannot_be_archived_or_restored_is_told_with_its_line(apply, destination):
    apply(SEGMENTS + CAMPAIGN)
    first = Campaign.objects.get()
    Launch.objects.create(campaign=first, frozen={}, state="sending")
    with pytest.raises(FileProblem, match="is being launched; archive it when that has ended"):
        apply(with_keys("archived: true"))
    Launch.objects.update(state="delivered")
    apply(with_keys("archived: true"))
    apply(SEGMENTS + CAMPAIGN)
    with pytest.raises(FileProblem, match="has a name that another campaign has now"):
        apply(with_keys(f"archived: false\n    id: {first.pk}"))
    assert Campaign.objects.active().count() == 1
