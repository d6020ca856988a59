"""Names: refused, warned about, equal, proposed."""

from datetime import date

import pytest

from campaigns.planning import naming


@pytest.mark.parametrize(
    "name", ["", "   ", "x" * 101, "x" * 500, "_Gold", " _Gold", "Gold\nOffer", "a\tb", "a\u2028b"]
)
def test_it_refuses_what_no_list_can_be_called(name):
    assert naming.name_problem(name)


@pytest.mark.parametrize("name", ["a\x00b", "a\x7fb", "a\u202eb", "a\u200bb", "a\ufeffb"])
def test_it_refuses_invisible_characters(name):
    assert "invisible" in naming.name_problem(name)


@pytest.mark.parametrize(
    "name", ["Gold", "x" * 100, "Größe", "<b>Gold</b>", 'O\'Neill, "x"', "👩‍👩‍👧 family", "a_b_"]
)
def test_it_leaves_the_rest_to_the_kind(name):
    assert naming.name_problem(name) == ""


@pytest.mark.parametrize(
    "name",
    [
        "Recipients",
        "Recipient1",
        "recipient 1",
        "TREATMENT 1",
        "Group A",
        "groupb",
        "Control 1",
        "Control",
        "New group",
        "Untitled",
        "  new   campaign ",
        "Copy of Spring Sale",
        "COPY OF Spring",
        "Copy  of x",
        "Treatment Group 2",
    ],
)
def test_it_knows_default_names(name):
    assert naming.is_default_name(name)


@pytest.mark.parametrize(
    "name", ["GoldOffer", "Copyoffice", "Controlled", "Grouping", "Treatments for all", "Groupie"]
)
def test_it_lets_real_names_be(name):
    assert not naming.is_default_name(name)


def test_white_space_case_and_composition_make_no_other_name():
    assert naming.comparison_key("Gold\u00a0Offer") == naming.comparison_key("gold offer")
    assert naming.comparison_key("Cafe\u0301") == naming.comparison_key("Café")
    assert naming.comparison_key("STRASSE") == naming.comparison_key("Straße")


@pytest.mark.parametrize(
    ("first", "second", "numbered"),
    [
        ("SpringSale_Gold", "Spring Sale_gold", False),
        ("A", "A_TEST", False),
        ("A_test", "a", False),
        ("A", "A_2", True),
        ("A", "A_3", True),
        ("A", "A_12", True),
    ],
)
def test_lists_that_would_replace_each_other(first, second, numbered):
    assert naming.equal_names(first, second, first_numbered=numbered)
    assert naming.equal_names(second, first, second_numbered=numbered)


@pytest.mark.parametrize(
    ("first", "second", "numbered"),
    [
        ("A", "B", True),
        ("A", "A_2", False),
        ("A", "A_1", True),
        ("A", "A_02", True),
        ("A", "A_2_3", True),
        ("A", "AB", True),
    ],
)
def test_lists_that_stand_beside_each_other(first, second, numbered):
    assert not naming.equal_names(first, second, first_numbered=numbered)


def _warnings(name, campaign="Spring Sale", destinations=("Mail",)):
    return naming.warnings_for_group(
        name,
        campaign=campaign,
        destinations=destinations,
        platform="Attentive",
        propose=lambda stem: stem or "Better",
    )


def test_a_default_name_is_warned_about_with_a_better_one():
    (warning,) = _warnings("Recipient1")
    assert warning.message == "“Recipient1” is a default name."
    assert "In Attentive" in warning.advice
    assert warning.proposal == "Better"


def test_the_campaigns_name_is_not_to_be_repeated():
    (warning,) = _warnings("springsale_Gold")
    assert warning.proposal == "Gold"


def test_a_short_campaign_name_stands_in_too_many_words_to_count():
    assert _warnings("Gold", campaign="o") == []


def test_a_destinations_name_misleads_where_the_group_also_goes_elsewhere():
    assert _warnings("GoldMail", destinations=("Mail",)) == []
    (warning,) = _warnings("GoldMail", destinations=("Mail", "Upload"))
    assert warning.proposal == "Gold"


def test_an_emoji_is_warned_about_and_taken_out():
    (warning,) = _warnings("Gold 🎉 Offer")
    assert warning.proposal == "Gold Offer"


@pytest.mark.parametrize("name", ["Copy of Spring Sale", "New campaign", "Untitled"])
def test_a_campaign_with_a_default_name_is_warned_about(name):
    assert naming.warnings_for_campaign(name, propose=lambda stem: stem or "Better")


def test_a_proposal_is_made_of_the_first_stem_that_says_something():
    assert naming.propose(["Lapsed 6 months"], lambda name: True) == "Lapsed6Months"
    assert naming.propose(["Group 1", "Chicago regulars"], lambda name: True) == "ChicagoRegulars"


def test_a_proposal_that_is_taken_is_not_made():
    taken = {"Gold", "GoldOffer"}
    assert naming.propose(["Gold"], lambda name: name not in taken) == "GoldOffer2"
    assert naming.propose(["Gold"], lambda name: False) == ""


def test_a_copys_proposal_carries_the_month_where_the_name_is_taken():
    name = naming.propose_campaign(["Spring Sale"], date(2027, 3, 1), lambda name: name != "Spring Sale")
    assert name == "Spring Sale March 2027"


def test_a_proposed_name_has_letters_and_digits_alone():
    assert naming.joined('gold, "big" / 50 % off 🎉') == "GoldBig50Off"
