"""What a draft is refused for, and where the error stands."""

import pytest
from django.core.exceptions import ValidationError

from campaigns.customers.models import CustomerDatabase
from campaigns.planning.draft import DraftSubAudience, validate
from campaigns.planning.models import CampaignAttribute
from campaigns.segments.models import Segment
from config import clock
from tests.planning.conftest import RULES, control, group, make_destination, rest

FIRST = ("sub_audiences", 0, "treatment_groups", 0)
SECOND = ("sub_audiences", 0, "treatment_groups", 1)


def errors(draft, user=None):
    return {problem.path: problem for problem in validate(draft, user).errors}


def test_a_right_draft_has_no_errors(draft, marketer):
    assert errors(draft(), marketer) == {}


@pytest.mark.parametrize(
    "percents", [("10", "89.99"), ("10", "90.01"), ("33.33", "33.33"), ("50", "50.00001")]
)
def test_percentages_sum_to_exactly_a_hundred(draft, mail, percents):
    found = errors(draft(rest(control("Held", percents[0]), group("Offer", percents[1], mail))))
    assert found


def test_the_sum_is_told(draft, mail):
    found = errors(draft(rest(control("Held", "10.00"), group("Offer", "80.5", mail))))
    assert "90.50" in found["sub_audiences", 0, "treatment_groups"].message


def test_three_thirds_that_sum_to_a_hundred_are_right(draft, mail):
    thirds = rest(
        group("One1st", "33.33", mail), group("Two2nd", "33.33", mail), group("Three3rd", "33.34", mail)
    )
    assert errors(draft(thirds)) == {}


@pytest.mark.parametrize(
    "percent", ["0", "0.00", "-5", "100.01", "0.001", "1e50", "NaN", "Infinity", "ten", ""]
)
def test_a_percentage_is_a_number_with_two_decimals_in_range(draft, mail, percent):
    assert (*FIRST, "percent") in errors(
        draft(rest(type(group("x"))("GoldOffer", percent, False, (mail.pk,))))
    )


def test_a_campaign_includes_one_to_ten_segments(draft, database):
    many = [
        Segment.objects.create(customer_database=database, name=f"S{n}", rules=RULES).pk for n in range(11)
    ]
    assert ("include",) in errors(draft(include=()))
    assert ("include",) in errors(draft(include=tuple(many)))
    assert ("exclude",) in errors(draft(exclude=tuple(many)))
    assert errors(draft(include=tuple(many[:10]), exclude=())) == {}


def test_segments_are_of_the_campaigns_customer_database(draft, database):
    other = type(database).objects.create(name="Other", url="files:x", customer_key="id")
    foreign = Segment.objects.create(customer_database=other, name="Foreign", rules=RULES)
    assert ("include", 0) in errors(draft(include=(foreign.pk,)))


def test_a_segment_that_is_gone_or_chosen_twice_is_named(draft, segments):
    assert ("include", 0) in errors(draft(include=(99999,)))
    assert ("include", 1) in errors(draft(include=(segments[0].pk, segments[0].pk)))


def test_the_rest_comes_last(draft, mail, segments):
    gold = DraftSubAudience("Gold", (group("GoldOffer", "100", mail),), segments=(segments[2].pk,))
    found = errors(draft(rest(group("Others", "100", mail)), gold))
    assert ("sub_audiences", 0) in found


def test_up_to_sixty_sub_audiences(draft, segments):
    items = [
        DraftSubAudience(f"Part {n}", (control(f"Held{n}", "100"),), segments=(segments[2].pk,))
        for n in range(61)
    ]
    assert ("sub_audiences",) in errors(draft(*items))
    assert ("sub_audiences",) not in errors(draft(*items[:60]))
    assert ("sub_audiences",) in errors(draft(sub_audiences=()))


def test_a_sub_audience_by_segments_names_one(draft, mail):
    item = DraftSubAudience("Gold", (group("GoldOffer", "100", mail),), by_segments=True)
    assert ("sub_audiences", 0, "segments") in errors(draft(item))


def test_rules_of_a_sub_audience_name_segments_that_are_there(draft, mail, segments):
    other = CustomerDatabase.objects.create(name="Other", url="files:nowhere", customer_key="customer_id")
    foreign = Segment.objects.create(customer_database=other, name="Foreign", rules=RULES)
    gone = Segment.objects.create(
        customer_database=segments[0].customer_database, name="Gone", rules=RULES, archived_at=clock.now()
    )
    named = [{"segment": pk} for pk in (segments[2].pk, foreign.pk, gone.pk, 10**9)]
    part = DraftSubAudience(
        "VIPs", (group("Offer", "100.00", mail),), rules={"version": 2, "rules": {"any": named}}
    )
    told = errors(draft(part, rest(control()))).items()
    found = {path[-2]: problem.message for path, problem in told if path[-1] == "segment"}
    assert found == {
        1: "“Foreign” is about another customer database. Choose another segment.",
        2: "The chosen segment no longer exists. Choose another one.",
        3: "The chosen segment no longer exists. Choose another one.",
    }


def test_rules_of_a_sub_audience_name_lists_that_are_there(draft, mail):
    rules = {"version": 2, "rules": {"all": [{"list": 10**9}]}}
    found = errors(draft(DraftSubAudience("VIPs", (group("Offer", "100.00", mail),), rules=rules), rest()))
    told = found["sub_audiences", 0, "rules", "all", 0, "list"]
    assert told.message == "The chosen uploaded list no longer exists. Choose another one."


def test_group_names_are_unique_within_a_sub_audience(draft, mail):
    found = errors(draft(rest(group("Offer", "50", mail), control("offer", "50"))))
    assert (*SECOND, "name") in found


@pytest.mark.parametrize("name", ["", "_Gold", "Gold\nOffer", "x" * 500])
def test_a_group_name_is_refused(draft, mail, name):
    assert (*FIRST, "name") in errors(draft(rest(group(name, "100", mail))))


@pytest.mark.parametrize("name", ["", "_Sale", "Spring\nSale", "x" * 500])
def test_a_campaign_name_is_refused(draft, name):
    assert ("name",) in errors(draft(name=name))


@pytest.mark.parametrize("name", ['Gold "A"', "a,b", "../gold", "a\\b", "Gold_"])
def test_what_the_kind_cannot_carry_is_refused_at_the_groups_name(draft, mail, name):
    assert (*FIRST, "name") in errors(draft(rest(group(name, "100", mail))))


def test_a_control_groups_name_goes_nowhere_so_the_kind_has_no_say(draft, mail):
    assert errors(draft(rest(control("a, b", "10"), group("Offer", "90", mail)))) == {}


def test_what_the_kind_cannot_carry_is_refused_at_the_campaigns_name(draft):
    assert set(errors(draft(name="Spring, Sale"))) == {("name",)}


def test_a_campaigns_name_that_no_list_carries_is_free(draft, mail):
    mail.settings["segment_name_template"] = "{{ group_name }}"
    mail.save()
    assert errors(draft(name="Spring, Sale")) == {}


def test_a_control_group_has_no_destinations(draft, mail):
    held = control("Held", "100", destinations=(mail.pk,))
    assert (*FIRST, "destinations") in errors(draft(rest(held)))


def test_a_destination_that_is_not_this_persons_is_refused_without_its_name(draft, marketer, database):
    secret = make_destination("Secret place", "email", operators_only=True)
    found = errors(draft(rest(group("Offer", "100", secret))), marketer)
    assert "Secret" not in found[*FIRST, "destinations"].message


def test_without_the_permission_only_open_destinations_may_be_chosen(draft, marketer, mail):
    marketer.sees_personal_data = False
    marketer.save()
    assert (*SECOND, "destinations") in errors(draft(), marketer)
    mail.open_without_personal_data = True
    mail.save()
    assert errors(draft(), marketer) == {}


def test_ids_of_another_campaign_are_refused(draft):
    stolen = rest(control(), group("Offer", "90.00"), id=7)
    assert ("sub_audiences", 0) in errors(draft(stolen))


@pytest.mark.parametrize(
    ("ticked", "word"),
    [
        ({}, "Tick e-mail"),
        ({"email": "merged_customers.email", "phone": "merged_customers.phone"}, "never both"),
        ({"phone": "merged_customers.phone"}, "Untick phone"),
        ({"email": ""}, "Choose which column"),
        ({"email": "merged_customers.gone"}, "no column"),
    ],
)
def test_exactly_the_destinations_identifier_is_ticked(draft, mail, ticked, word):
    found = errors(draft(attributes={mail.pk: ticked}))
    assert word in found["attributes", mail.pk].message


@pytest.mark.parametrize(
    "ticked", [{}, {"email": "", "phone": ""}, {"phone": "merged_customers.phone"}, {"email": "x.gone"}]
)
def test_a_refused_choice_comes_with_the_default_attribute(draft, mail, ticked):
    found = errors(draft(attributes={mail.pk: ticked}))
    assert found["attributes", mail.pk].proposal == "merged_customers.email"


def test_a_chosen_column_stays_when_the_ticks_are_wrong(draft, mail):
    both = {"email": "customer_360.city", "phone": "merged_customers.phone"}
    assert errors(draft(attributes={mail.pk: both}))["attributes", mail.pk].proposal == "customer_360.city"


def test_without_a_default_attribute_a_columns_name_says_what_to_choose(draft, text):
    text.default_attributes.all().delete()
    found = errors(draft(rest(group("Offer", "100", text))))
    assert found["attributes", text.pk].proposal == "merged_customers.phone"


def test_a_column_that_seems_to_hold_the_other_is_warned_about(draft, mail):
    problems = validate(draft(attributes={mail.pk: {"email": "merged_customers.phone"}}), None)
    assert not problems.errors
    (warning,) = problems.warnings
    assert (
        "Mail takes e-mail addresses, and merged_customers.phone seems to hold phone numbers." in warning.text
    )
    assert warning.proposal == "merged_customers.email"
    mail.default_attributes.update(column="merged_customers.phone")
    assert not validate(draft(), None).warnings


def test_without_a_default_attribute_one_has_to_be_chosen(draft, mail):
    mail.default_attributes.all().delete()
    assert ("attributes", mail.pk) in errors(draft())
    assert errors(draft(attributes={mail.pk: {"email": "merged_customers.email"}})) == {}


def test_the_model_refuses_the_other_identifier_too(draft, mail):
    from campaigns.planning.draft import save

    campaign = save(draft(), None, None, None)
    with pytest.raises(ValidationError, match="identifies people by email"):
        CampaignAttribute.objects.create(
            campaign=campaign, destination=mail, identifier="phone", column="merged_customers.phone"
        )


@pytest.mark.parametrize(
    ("field", "value"),
    [("schedule", {"at": "tomorrow"}), ("time_zone", "Mars/Base"), ("launch_date", "2027-02-30T09:00")],
)
def test_schedule_time_zone_and_launch_date_are_checked(draft, field, value):
    assert (field,) in errors(draft(**{field: value}))


def test_a_name_belongs_to_one_live_campaign(draft):
    from campaigns.planning.draft import save

    save(draft(), None, None, None)
    assert ("name",) in errors(draft())


def test_a_sub_audience_holds_no_query(draft, mail):
    """A query has a permission of its own, which a segment asks for."""
    query = {"version": 2, "rules": {"all": [{"sql": "SELECT customer_id FROM customer_360"}]}}
    found = errors(draft(DraftSubAudience("Gold", (group("GoldOffer", "100", mail),), rules=query), rest()))
    assert "segment of its own" in found["sub_audiences", 0, "rules"].message
