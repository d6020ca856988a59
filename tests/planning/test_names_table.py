"""The table of segment names in the editor: by account, with what is refused, what is warned about, what is better."""

import pytest

from campaigns.planning.arriving import arrivals
from campaigns.planning.draft import DraftSubAudience, problems_in, save, tidy
from campaigns.planning.names_table import names_table
from campaigns.planning.world import look
from tests.planning.conftest import control, group, make_destination, rest


@pytest.fixture
def table(draft, segments):
    """The table of a draft with the groups of its sub-audiences, "Gold" first where there are two."""

    def make(*sub_audiences, **changes):
        last = rest(*sub_audiences[-1])
        gold = [DraftSubAudience("Gold", groups, segments=(segments[2].pk,)) for groups in sub_audiences[:-1]]
        made = tidy(draft(*gold, last, **changes))
        world = look(made, None)
        return names_table(arrivals(made, world), problems_in(made, world))

    return make


def rows(found):
    return [(row.arrival.segment_name, row.state) for account in found.accounts for row in account.rows]


def offers(found):
    return [row.fix.action for account in found.accounts for row in account.rows if row.fix]


def test_every_list_stands_under_its_account_and_control_is_no_list(table, mail, text):
    elsewhere = make_destination("Elsewhere", "email", account="sftp:two")
    found = table((control(), group("Offer", "45", mail, elsewhere), group("Text", "45", text)))
    assert [account.destinations for account in found.accounts] == [["Elsewhere"], ["Mail", "Text"]]
    assert rows(found) == [
        ("SpringSale_Offer", "fine"),
        ("SpringSale_Offer", "fine"),
        ("SpringSale_Text", "fine"),
    ]


def test_lists_of_one_name_are_refused_on_both_their_rows_and_name_each_other(table, mail):
    found = table((group("Offer", "100", mail),), (group("Offer ", "100", mail),))
    assert rows(found) == [("SpringSale_Offer", "refused")] * 2
    first, second = found.accounts[0].rows
    assert first.twins_in_words == "“Offer” in All remaining recipients has"
    assert second.twins == ["“Offer” in Gold"]
    assert offers(found) == ["use:1:0:EveryoneElse"]


def test_a_row_names_two_others_and_counts_the_rest(table, mail):
    groups = [group(name, "20", mail) for name in ("Offer", "offer", "Offer_2", "Offer_3", "Offer_4")]
    first = table(groups).accounts[0].rows[0]
    assert (
        first.twins_in_words
        == "“offer” in All remaining recipients, “Offer_2” in All remaining recipients and 2 more have"
    )


@pytest.mark.parametrize("name", ["Offer_2", "Offer_14", "offer_test"])
def test_a_name_that_another_takes_with_it_is_refused(table, mail, name):
    found = table((group("Offer", "50", mail), group(name, "50", mail)))
    assert [state for _, state in rows(found)] == ["refused", "refused"]


def test_the_same_name_at_another_account_is_no_trouble_there(table, mail):
    elsewhere = make_destination("Elsewhere", "email", account="sftp:two")
    found = table((group("Offer", "100", mail),), (group("Offer", "100", mail, elsewhere),))
    assert rows(found) == [
        ("SpringSale_Offer", "fine"),
        ("SpringSale_Offer", "refused"),
        ("SpringSale_Offer", "refused"),
    ]


def test_another_campaigns_list_is_warned_about_by_name_at_its_account_alone(table, draft, mail):
    elsewhere = make_destination("Elsewhere", "email", account="sftp:two")
    save(draft(rest(group("Offer", "100", mail)), name="Spring Sale "), None, None, None)
    found = table((group("Offer", "100", mail, elsewhere),), name="SpringSale")
    assert rows(found) == [("SpringSale_Offer", "fine"), ("SpringSale_Offer", "warned")]
    (note,) = found.accounts[1].rows[0].notes
    assert (
        "The campaign “Spring Sale” also sends SpringSale_Offer to the account of Mail." in note.problem.text
    )
    assert note.action == "use:0:0:Everyone"


def test_a_proposal_is_no_name_that_another_campaign_sends(table, draft, mail):
    save(draft(rest(group("Everyone", "100", mail)), name="Spring Sale "), None, None, None)
    found = table((group("Recipient1", "100", mail),), name="SpringSale")
    assert offers(found) == ["use:0:0:ChicagoRegulars"]


@pytest.mark.parametrize(
    ("name", "better"),
    [
        ('Gold "A"', "GoldA"),
        ("a,b", "AB"),
        ("_Gold", "Gold"),
        ("Gold_", "Gold"),
        ("Gold\nOffer", "GoldOffer"),
        ("Very long " * 20, "VeryLong" * 5),
        ("//", "Everyone"),
        ("", "Everyone"),
    ],
)
def test_a_refused_name_comes_with_a_better_one(table, mail, name, better):
    found = table((group(name, "100", mail),))
    assert [state for _, state in rows(found)] == ["refused"]
    assert offers(found) == [f"use:0:0:{better}"]


def test_a_campaign_without_a_name_makes_no_group_wrong(table, mail):
    found = table((group("Offer", "50", mail), group("Recipient1", "50", mail)), name="")
    assert rows(found) == [("_Offer", "fine"), ("_Recipient1", "warned")]
    assert offers(found) == ["use:0:1:Everyone"]


def test_the_better_name_is_taken_by_nobody_else(table, mail):
    found = table((group("GoldA", "50", mail), group('Gold "A"', "50", mail)))
    assert offers(found) == ["use:0:1:Everyone"]


def test_a_campaigns_refused_name_comes_with_a_better_one(draft, mail):
    def proposed(name):
        made = tidy(draft(name=name))
        errors = problems_in(made, look(made, None)).errors
        return [problem.proposal for problem in errors if problem.path == ("name",)]

    assert proposed('Spring/"Sale"') == ["Spring Sale"]
    assert proposed("_Spring") == ["Spring"]
    assert proposed("") == [""]
    save(draft(), None, None, None)
    (better,) = proposed("Spring Sale")
    assert better.startswith("Spring Sale ")


def test_two_thousand_lists_of_other_campaigns_are_looked_through_at_once(
    draft, mail, django_assert_max_num_queries
):
    import time

    from campaigns.planning.models import Campaign, SubAudience, TreatmentGroup

    first = save(draft(), None, None, None)
    Campaign.objects.bulk_create(
        Campaign(name=f"Sale {n}", customer_database=first.customer_database) for n in range(2000)
    )
    others = Campaign.objects.exclude(pk=first.pk)
    SubAudience.objects.bulk_create(SubAudience(campaign=one, position=0, name="All") for one in others)
    TreatmentGroup.objects.bulk_create(
        TreatmentGroup(sub_audience=one, position=0, name="Offer", percent=100)
        for one in SubAudience.objects.filter(campaign__in=others)
    )
    through = TreatmentGroup.destinations.through
    through.objects.bulk_create(
        through(treatmentgroup_id=one.pk, destination_id=mail.pk)
        for one in TreatmentGroup.objects.filter(name="Offer")
    )
    groups = [group(f"Offer{n}", "1.25", mail) for n in range(80)]
    made = tidy(draft(rest(*groups), name="Sale 7 ", id=first.pk))
    world = look(made, None)
    begun = time.process_time()
    with django_assert_max_num_queries(8):
        problems_in(made, world)
    assert time.process_time() - begun < 2
