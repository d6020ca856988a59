"""Segments and campaigns from files."""

import pytest
import yaml

from campaigns.as_files.difference import in_words
from campaigns.as_files.exporting import export
from campaigns.as_files.marks import FileProblem
from campaigns.launches.freeze import freeze
from campaigns.launches.models import Launch
from campaigns.planning.draft import draft_of
from campaigns.planning.models import Campaign
from campaigns.segments.models import Segment
from config.audit.models import Event
from tests.as_files.conftest import CAMPAIGN, SEGMENTS

BOTH = SEGMENTS + CAMPAIGN


@pytest.fixture
def applied(apply, destination):
    return apply(BOTH)


def spring():
    return Campaign.objects.get(name="Spring Sale")


def group_names(campaign=None):
    return {group.id: group.name for item in draft_of(spring()).sub_audiences for group in item.groups}


def test_a_file_becomes_what_it_describes(applied):
    campaign = spring()
    draft = draft_of(campaign)
    assert [one.name for one in campaign.include.all()] == ["Chicago regulars"]
    assert [one.name for one in campaign.exclude.all()] == ["Unsubscribed"]
    assert [item.name for item in draft.sub_audiences] == ["Gold", "All remaining recipients"]
    assert draft.sub_audiences[1].is_rest
    assert list(group_names().values()) == ["GoldHoldout", "GoldOffer", "EveryoneElse"]
    assert (draft.schedule, draft.time_zone) == ({"at": "2027-03-01T09:00"}, "America/Chicago")
    assert draft.launch_date == "2027-03-02T09:00"
    assert campaign.column_for(draft_destination(campaign)) == "merged_customers.email"
    assert not Launch.objects.exists()


def draft_destination(campaign):
    return campaign.sub_audiences.first().treatment_groups.last().destinations.get()


def test_segments_may_name_each_other_in_any_order(applied):
    chicago, opted = (
        Segment.objects.get(name="Chicago regulars"),
        Segment.objects.get(name="Opted in to email"),
    )
    assert chicago.rules["rules"]["all"][3] == {"segment": opted.pk}
    assert chicago.time_zone == "America/Chicago"


def test_the_same_file_again_changes_nothing(applied, apply):
    events = Event.objects.count()
    again = apply(BOTH)
    assert in_words(again.changes) == ["= 4 unchanged"]
    assert Event.objects.count() == events
    assert spring().version == 1


def test_an_export_again_changes_nothing(applied, apply):
    segments = yaml.safe_load(export())["segments"]
    assert segments[1]["name"] == "Chicago regulars" or segments[0]["name"] == "Opted in to email"
    text = yaml.safe_dump({key: yaml.safe_load(export())[key] for key in ("segments", "campaigns")})
    again = apply(text)
    assert in_words(again.changes) == ["= 4 unchanged"]
    assert not [one for one in again.warnings if "id" in one.message]


def test_a_dry_run_stores_nothing_and_says_what_would_change(apply, destination):
    told = in_words(apply(BOTH, dry_run=True).changes)
    assert "+ campaign “Spring Sale”" in told
    assert "    sub_audiences[0].treatment_groups[1].percent: 90" in told
    assert not Segment.objects.exists()
    assert not Campaign.objects.exists()


def test_a_change_is_told_by_its_key(applied, apply):
    told = in_words(apply(CAMPAIGN.replace("percent: 10,", "percent: 20,").replace("90,", "80,")).changes)
    assert told == [
        "~ campaign “Spring Sale”",
        "    sub_audiences[0].treatment_groups[0].percent: 10 → 20",
        "    sub_audiences[0].treatment_groups[1].percent: 90 → 80",
    ]


def test_a_key_left_out_keeps_what_is_stored(applied, apply):
    apply("campaigns:\n  - name: Spring Sale\n    launch_date: 2027-04-01T08:00\n")
    draft = draft_of(spring())
    assert draft.launch_date == "2027-04-01T08:00"
    assert draft.schedule == {"at": "2027-03-01T09:00"}
    assert len(draft.sub_audiences) == 2


def test_a_list_that_is_given_is_the_whole_list(applied, apply):
    apply("campaigns:\n  - name: Spring Sale\n    exclude: []\n")
    assert not spring().exclude.exists()


def test_nothing_given_empties_an_optional_key(applied, apply):
    apply("campaigns:\n  - name: Spring Sale\n    launch_date:\n    schedule: {}\n")
    assert (spring().launch_date, spring().schedule, spring().time_zone) == ("", {}, "America/Chicago")


def test_with_an_id_a_rename_is_a_rename(applied, apply):
    pk = spring().pk
    apply(f"campaigns:\n  - id: {pk}\n    name: Summer Sale\n")
    assert Campaign.objects.get().name == "Summer Sale"


def test_segments_are_named_as_the_file_names_them(applied, apply):
    opted = Segment.objects.get(name="Opted in to email")
    text = SEGMENTS.replace("Opted in to email", "May mail")
    apply(text.replace("  - name: May mail", f"  - id: {opted.pk}\n    name: May mail"))
    assert Segment.objects.count() == 3


def test_an_unknown_id_is_warned_about_and_the_name_counts(applied, apply):
    again = apply("campaigns:\n  - id: 999\n    name: Spring Sale\n")
    assert "no campaign with the id 999" in str(again.warnings[0])
    assert Campaign.objects.count() == 1


def test_a_renamed_group_keeps_its_people(applied, apply):
    before = group_names()
    apply(CAMPAIGN.replace("{name: GoldOffer,", "{name: GoldBonus, was: GoldOffer,"))
    assert group_names() == {pk: name.replace("Offer", "Bonus") for pk, name in before.items()}
    apply(CAMPAIGN.replace("{name: GoldOffer,", "{name: GoldBonus, was: GoldOffer,"))
    assert group_names().keys() == before.keys()


def test_warnings_do_not_fail(apply, destination):
    text = BOTH.replace("GoldOffer", "Recipient1")
    line = text[: text.index("Recipient1")].count("\n") + 1
    found = apply(text)
    (warning,) = found.warnings
    assert f"muster.yaml, line {line}, campaigns[0].sub_audiences[0].treatment_groups[1].name: " in str(
        warning
    )
    assert "default name" in str(warning)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("percent: 10,", "percent: 20,", "sub_audiences[0].treatment_groups: The percentages sum to 110"),
        ("percent: 10,", "percent: ten,", "treatment_groups[0].percent: Write a percentage"),
        ("percent: 10,", "percent: 10.005,", "two decimals"),
        (
            "include: [Chi",
            "include: [XChi",
            "campaigns[0].include[0]: There is no segment “XChicago regulars”",
        ),
        ("    exclude:", "    excludes:", "campaigns[0].excludes: This key is unknown."),
        (
            "[Attentive Segments (email)]}\n      -",
            "[Nowhere]}\n      -",
            "There is no destination “Nowhere”",
        ),
        ("name: GoldOffer", "name: _Offer", "treatment_groups[1].name: A group name may not start with “_”"),
        ("name: GoldOffer", "name: GoldHoldout", "Two groups are called"),
        ("at: 2027-03-01T09:00", "at: tomorrow", "campaigns[0].schedule: Enter a date and a time"),
        ("time_zone: America/Chicago}", "time_zone: Mars}", "schedule.time_zone: “Mars” is no time zone"),
        (
            "customer_360.city, is: Chicago",
            "customer_360.town, is: Chicago",
            "segments[0].rules.all[0]: The attribute customer_360.town is gone",
        ),
        ("aggregate: count", "aggregate: cuont", "segments[0].rules.all[2].aggregate: aggregate is one of"),
        ("gte: 3", "gte: 3\n          colour: red", "all[2].colour: colour does not belong here"),
        ("{segment: Opted", "{segment: Open", "There is no segment “Open in to email”"),
        ("is_not: none", "is_not: 5", "segments[0].rules.all[1].any[1]"),
        ("all: [{attribute: customer_360.email_opt_in, is: true}]", "all: []", "segments[1].rules.all"),
        ("is: true}]", "is: true}, {segment: Chicago regulars}]", "would go in a circle"),
        ("customer_database: Demo", "customer_database: Other", "no customer database “Other customers”"),
        ("        rules: {all", "        segments: [Unsubscribed]\n        rules: {all", "not by both"),
        ("name: Unsubscribed", "name: Chicago regulars", "Two entries have the name Chicago regulars"),
        ("name: Spring Sale", "description: x", "campaigns[0].description: This key is unknown"),
        ("launch_date: 2027-03-02T09:00", "launch_date: soon", "campaigns[0].launch_date: Enter a date"),
    ],
)
def test_an_error_names_file_line_and_key_and_nothing_is_stored(apply, destination, old, new, words):
    with pytest.raises(FileProblem) as caught:
        apply(BOTH.replace(old, new, 1))
    assert words in str(caught.value)
    assert "muster.yaml, line " in str(caught.value)
    assert not Segment.objects.exists()
    assert not Campaign.objects.exists()


def test_a_name_is_needed(apply):
    with pytest.raises(FileProblem, match=r"line 2, campaigns\[0\]: The key name is missing"):
        apply("campaigns:\n  - include: []\n")


def test_a_group_that_vanishes_while_another_appears_is_asked_about(applied, apply):
    with pytest.raises(FileProblem, match=r"line 13, .*“GoldBonus” is new while “GoldOffer” vanishes"):
        apply(CAMPAIGN.replace("GoldOffer", "GoldBonus"))


def test_an_attribute_of_its_own_goes_both_ways(applied, apply):
    text = (
        "    attributes:\n      - {destination: Attentive Segments (email), identifier: customer_360.city}\n"
    )
    apply(CAMPAIGN + text)
    assert spring().column_for(draft_destination(spring())) == "customer_360.city"
    assert yaml.safe_load(export())["campaigns"][0]["attributes"] == [
        {"destination": "Attentive Segments (email)", "identifier": "customer_360.city"}
    ]
    apply(CAMPAIGN + "    attributes: []\n")
    assert spring().column_for(draft_destination(spring())) == "merged_customers.email"


def test_a_segment_is_disabled_and_enabled(applied, apply):
    apply("segments:\n  - {name: Unsubscribed, disabled: true}\n")
    assert Segment.objects.get(name="Unsubscribed").disabled_at is not None
    apply("segments:\n  - {name: Unsubscribed, disabled: false}\n")
    assert Segment.objects.get(name="Unsubscribed").disabled_at is None


def test_a_suppression_list_is_set_when_its_segment_is_there(apply, destination, customer_database):
    text = SEGMENTS + "customer_databases:\n  - {name: Demo customers, suppression: Unsubscribed}\n"
    told = in_words(apply(text).changes)
    assert "    suppression: Unsubscribed" in told
    customer_database.refresh_from_db()
    assert customer_database.suppression.name == "Unsubscribed"
    assert in_words(apply(text).changes) == ["= 4 unchanged"]


def test_the_same_groups_everywhere_have_to_be_the_same(apply, applied):
    same = "    same_groups: true\n    sub_audiences:"
    with pytest.raises(FileProblem, match="differ from those of “Gold”"):
        apply(BOTH.replace("    sub_audiences:", same))
    alike = BOTH.replace("{name: EveryoneElse, percent: 100", "{name: RestHoldout, percent: 10, is_control: true}\n"
        "          - {name: EveryoneElse, percent: 90")  # fmt: skip
    apply(alike.replace("    sub_audiences:", same))
    assert draft_of(spring()).same_groups
    assert "same_groups: true" in export()


def test_a_file_says_what_becomes_of_those_assigned_before(applied, apply):
    campaign = spring()
    _built_launch(campaign)
    apply(BOTH.replace("percent: 10,", "percent: 20,").replace("percent: 90,", "percent: 80,"))
    assert draft_of(spring()).sub_audiences[0].on_change == "keep"
    moves = BOTH.replace("- name: Gold\n", "- name: Gold\n        on_change: move\n")
    changed = moves.replace("percent: 10,", "percent: 30,").replace("percent: 90,", "percent: 70,")
    apply(changed)
    assert [item.on_change for item in draft_of(spring()).sub_audiences] == ["move", "keep"]
    (exported,) = yaml.safe_load(export())["campaigns"]
    assert [item["on_change"] for item in exported["sub_audiences"]] == ["move", "keep"]
    _built_launch(campaign)
    assert not any(apply(changed).changes)


def test_it_refuses_another_word_for_what_becomes_of_them(apply, destination):
    with pytest.raises(FileProblem, match="on_change: Write keep or move"):
        apply(BOTH.replace("- name: Gold\n", "- name: Gold\n        on_change: shuffle\n"))


def _built_launch(campaign):
    """One that assigned people by what the campaign is now."""
    Launch.objects.create(
        campaign=campaign,
        frozen=freeze(campaign).to_json(),
        state="delivered",
        history_path="history/1.parquet",
    )
