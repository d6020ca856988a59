"""Lists that would replace each other, and names that say nothing."""

import pytest

from campaigns.planning.draft import DraftSubAudience, save, validate
from tests.planning.conftest import control, group, make_destination, rest

LAST = ("sub_audiences", 1, "treatment_groups", 0, "name")


@pytest.fixture
def two(draft, segments):
    """A campaign of two sub-audiences, each with one treated group."""

    def make(first, second, **changes):
        gold = DraftSubAudience("Gold", (first,), segments=(segments[2].pk,))
        return draft(gold, rest(second), **changes)

    return make


def at(problems, path):
    return next((problem for problem in problems if problem.path == path), None)


def test_it_refuses_two_groups_with_one_segment_name(two, mail):
    problem = at(
        validate(two(group("GoldOffer", "100", mail), group("Gold Offer", "100", mail)), None).errors, LAST
    )
    assert problem.message == "Two groups would arrive as SpringSale_GoldOffer."
    assert "“GoldOffer” in Gold" in problem.advice
    assert problem.proposal == "EveryoneElse"


@pytest.mark.parametrize("name", ["goldoffer", "GOLD OFFER", "GoldOffer_2", "GoldOffer_17", "GoldOffer_TEST"])
def test_names_that_count_as_equal_are_refused(two, mail, name):
    assert at(validate(two(group("GoldOffer", "100", mail), group(name, "100", mail)), None).errors, LAST)


def test_without_numbered_segments_the_numbers_are_free(two, mail):
    mail.settings["large_audiences"] = "refuse"
    mail.save()
    assert not validate(two(group("Gold", "100", mail), group("Gold_2", "100", mail)), None).errors


def test_an_email_and_a_phone_destination_of_one_account_share_their_names(two, mail, text):
    problem = at(validate(two(group("Gold", "100", mail), group("Gold", "100", text)), None).errors, LAST)
    assert problem.proposal == "Gold_SMS"
    assert "share an account" in problem.advice


def test_the_later_of_the_two_is_called_email_where_it_is_one(two, mail, text):
    problem = at(validate(two(group("Gold", "100", text), group("Gold", "100", mail)), None).errors, LAST)
    assert problem.proposal == "Gold_Email"


def test_one_group_to_both_is_refused_with_two_groups_proposed(draft, mail, text):
    problems = validate(draft(rest(group("Gold", "100", mail, text))), None)
    problem = at(problems.errors, ("sub_audiences", 0, "treatment_groups", 0, "destinations"))
    assert (problem.proposal, problem.second) == ("Gold_Email", "Gold_SMS")


def test_other_accounts_have_names_of_their_own(two, mail):
    elsewhere = make_destination("Elsewhere", "email", account="sftp:two")
    draft = two(
        group("Gold", "100", mail),
        group("Gold", "100", elsewhere),
        attributes={elsewhere.pk: {"email": "merged_customers.email"}},
    )
    assert not validate(draft, None).errors


def test_a_template_without_the_group_is_told_and_no_rename_proposed(two, mail):
    mail.settings["segment_name_template"] = "{{ campaign_name }}"
    mail.save()
    problem = at(validate(two(group("Gold", "100", mail), group("Others", "100", mail)), None).errors, LAST)
    assert "template" in problem.advice
    assert problem.proposal == ""


def test_another_live_campaigns_list_is_warned_about_by_name(draft, mail):
    save(draft(rest(group("SaleGold", "100", mail)), name="Spring"), None, None, None)
    problems = validate(draft(rest(group("Gold", "100", mail)), name="Spring_Sale"), None)
    assert not at(problems.warnings, ("sub_audiences", 0, "treatment_groups", 0, "name"))
    problems = validate(draft(rest(group("Gold", "100", mail)), name="Spring _Sale", id=None), None)
    save(draft(rest(group("Gold", "100", mail)), name="Spring_Sale"), None, None, None)
    problems = validate(draft(rest(group("gold", "100", mail)), name="Spring _Sale"), None)
    warning = at(problems.warnings, ("sub_audiences", 0, "treatment_groups", 0, "name"))
    assert "“Spring_Sale”" in warning.message


def test_an_archived_campaigns_list_is_not(draft, mail):
    from config import clock

    other = save(draft(rest(group("Gold", "100", mail)), name="Spring_Sale"), None, None, None)
    other.archived_at = clock.now()
    other.save()
    assert not validate(draft(rest(group("Gold", "100", mail)), name="Spring _Sale"), None).warnings


def test_a_default_name_is_warned_about_with_a_proposal(draft, mail):
    problems = validate(draft(rest(control(), group("Recipient1", "90", mail))), None)
    assert not problems.errors
    (warning,) = problems.warnings
    assert warning.message == "“Recipient1” is a default name."
    assert warning.proposal == "Everyone"


def test_a_control_groups_default_name_may_stay(draft, mail):
    assert not validate(draft(rest(control("Control 1"), group("Offer", "90", mail))), None).warnings


def test_a_proposal_is_free_of_clashes(two, mail):
    problems = validate(two(group("EveryoneElse", "100", mail), group("Recipient1", "100", mail)), None)
    assert at(problems.warnings, LAST).proposal == "ChicagoRegulars"


def test_a_copys_name_is_warned_about(draft):
    (warning,) = validate(draft(name="Copy of Winter Sale"), None).warnings
    assert warning.path == ("name",)
    assert warning.proposal == "Winter Sale"


def test_a_group_that_goes_nowhere_is_warned_about(draft):
    (warning,) = validate(draft(rest(group("Offer", "100"))), None).warnings
    assert "goes nowhere" in warning.message


def test_a_wrong_campaign_name_is_told_once_and_hides_no_proposal(two, mail):
    problems = validate(two(group("Gold", "100", mail), group("Gold", "100", mail), name="_Spring"), None)
    assert [problem.path for problem in problems.errors] == [("name",), LAST]
    assert at(problems.errors, LAST).proposal == "EveryoneElse"
