"""The editor: one form, redrawn by every button, saved whole."""

import html
import re
from dataclasses import replace

import pytest
from django.urls import reverse

from campaigns.launches.models import Launch
from campaigns.planning import headcount
from campaigns.planning.draft import DraftSubAudience, draft_of, save
from campaigns.planning.headcount import Column, Excluded, Headcount
from campaigns.planning.models import Campaign
from campaigns.segments.models import Segment
from campaigns.segments.sizing import SizeUnknown
from config import clock
from config.audit.models import Event
from tests.planning.conftest import RULES, control, group, make_destination


def page(response):
    """As people read it: where a name may wrap is not seen."""
    return response.content.decode().replace("<wbr>", "")


NEW = "/campaigns/new/"


def test_an_empty_choice_of_segments_says_so(client, database):
    Segment.objects.all().delete()
    assert client.get(NEW).content.decode().count("No segment yet") == 2


def test_a_new_campaign_starts_with_control_and_recipient1(client, mail):
    text = page(client.get(NEW))
    assert 'value="Control"' in text
    assert "“Recipient1” is a default name." in text
    assert "Enter a campaign name." not in text


def test_it_saves_a_campaign_and_opens_it(client, form):
    response = client.post(NEW, form())
    campaign = Campaign.objects.get()
    assert response.url == reverse("campaign", args=[campaign.pk])
    assert [one.name for one in draft_of(campaign).sub_audiences[0].groups] == ["Holdout", "GoldOffer"]
    assert Event.objects.get().verb == "created"


def test_delivery_summary_saves_first(client, form):
    response = client.post(NEW, form(action="preflight"))
    assert response.url == reverse("preflight", args=[Campaign.objects.get().pk])


def test_the_form_posted_twice_creates_one_campaign(client, form):
    fields = form()
    first, second = client.post(NEW, fields), client.post(NEW, fields)
    assert first.url == second.url
    assert Campaign.objects.count() == 1


def test_going_back_and_changing_a_saved_form_loses_nothing(client, form):
    fields = form()
    client.post(NEW, fields)
    text = page(client.post(NEW, {**fields, "launch_date": "2027-03-02T09:00"}))
    assert "There is a campaign “Spring Sale” already." in text
    assert 'value="2027-03-02T09:00"' in text
    client.post(NEW, {**fields, "name": "Summer Sale"})
    assert Campaign.objects.count() == 2


def test_a_nameless_sub_audience_takes_its_first_segments_name(client, form, segments):
    added = {"sub-0-how": "segments", "sub-0-name": "", "new-sub-0-segments": segments[2].name}
    text = page(client.post(NEW, {**form(action="refresh"), **added}))
    assert 'name="sub-0-name" value="Gold members"' in text


def test_large_ids_go_there_and_back(client, draft, database, mail, settings):
    settings.USE_THOUSAND_SEPARATOR = True
    segment = Segment.objects.create(pk=1234567, customer_database=database, name="Large", rules=RULES)
    campaign = save(draft(include=(segment.pk,)), None, None, None)
    Campaign.objects.update(version=1234)
    text = page(client.get(f"/campaigns/{campaign.pk}/"))
    assert 'name="include" value="1234567"' in text
    assert 'value="remove-include:1234567"' in text
    assert 'name="version" value="1234"' in text


def test_errors_stand_on_the_field_and_keep_what_was_typed(client, form):
    text = page(client.post(NEW, form(name="", sub__0__group__1__percent="ninety")))
    assert "Enter a campaign name." in text
    assert 'value="ninety"' in text
    assert "Enter a percentage such as 45 or 12.50." in text
    assert "disabled>" not in text.split("save-bar")[1]
    assert not Campaign.objects.exists()


@pytest.mark.parametrize(
    "name", ["", "_Gold", "Gold\nOffer", "x" * 500, 'Gold "A"', "a,b", "../gold", "<script>alert(1)</script>"]
)
def test_what_a_list_cannot_be_called_is_refused_and_shown_escaped(client, form, name):
    text = page(client.post(NEW, form(sub__0__group__1__name=name)))
    assert not Campaign.objects.exists()
    assert "<script>alert" not in text
    assert 'is-invalid" id="sub-0-group-1-name"' in text


def test_html_in_a_name_that_may_stand_is_escaped_everywhere(client, form, viewer, client_of):
    client.post(NEW, form(sub__0__group__0__name="<b>Held & 'kept'</b>"))
    campaign = Campaign.objects.get()
    for who in (client, client_of(viewer)):
        text = page(who.get(reverse("campaign", args=[campaign.pk])))
        assert "<b>Held" not in text
        assert "&lt;b&gt;Held &amp; &#x27;kept&#x27;&lt;/b&gt;" in text


def test_an_emoji_is_warned_about_and_may_be_saved(client, form):
    client.post(NEW, form(sub__0__group__1__name="Gold 🎉"))
    text = page(client.get(reverse("campaign", args=[Campaign.objects.get().pk])))
    assert "holds an emoji" in text
    assert 'value="use:0:1:Gold"' in text


def test_a_better_name_is_taken_with_one_click(client, form):
    text = page(client.post(NEW, form(sub__0__group__1__name="Recipient1", action="use:0:1:Everyone")))
    assert 'name="sub-0-group-1-name" value="Everyone"' in text
    assert not Campaign.objects.exists()


def test_segment_names_are_in_view(client, form):
    assert "SpringSale_GoldOffer" in page(client.post(NEW, form(action="refresh")))


def test_an_htmx_post_redraws_the_form_alone(client, form):
    text = page(client.post(NEW, form(action="refresh"), headers={"HX-Request": "true"}))
    assert text.lstrip().startswith('<form id="editor"')
    assert "<html" not in text


def test_a_save_by_htmx_moves_the_whole_page(client, form):
    response = client.post(NEW, form(), headers={"HX-Request": "true"})
    assert response["HX-Redirect"] == reverse("campaign", args=[Campaign.objects.get().pk])


def test_a_segment_is_added_by_its_name_and_removed_by_its_button(client, form, segments):
    text = page(client.post(NEW, {**form(action="refresh"), "new-include": segments[2].name}))
    assert f'name="include" value="{segments[2].pk}"' in text
    text = page(client.post(NEW, form(action=f"remove-include:{segments[0].pk}")))
    assert 'name="include"' not in text


def test_a_name_that_no_segment_has_is_said_and_kept(client, form, segments):
    Segment.objects.create(
        customer_database=segments[0].customer_database, name="Off", rules=RULES, disabled_at=clock.now()
    )
    for typed in ("Off", str(segments[2].pk)):
        text = page(client.post(NEW, {**form(action="refresh"), "new-include": typed}))
        assert f"No segment is called “{typed}”. Choose one of the list." in text
        assert f'name="new-include" value="{typed}"' in text
        assert text.count('name="include"') == 1
        client.post(NEW, {**form(), "new-include": typed})
        assert not Campaign.objects.exists()


def test_a_customer_database_of_a_number_that_none_can_have_is_none(client, segments):
    typed = {"name": "Sale", "customer_database": "9" * 40, "new-include": segments[0].name}
    text = page(client.post(NEW, {**typed, "action": "refresh"}))
    assert f"No segment is called “{segments[0].name}”. Choose one of the list." in text


def test_two_hundred_segments_are_searched_and_not_drawn(client, form, database):
    Segment.objects.bulk_create(
        Segment(customer_database=database, name=f"Many {n}", rules=RULES) for n in range(200)
    )
    text = page(client.post(NEW, form(action="refresh")))
    assert "Many 1" not in text
    assert f"/segments/offered/?customer_database={database.pk}&amp;not=" in text


def test_a_new_sub_audience_comes_before_the_rest(client, form, mail):
    text = page(client.post(NEW, form(action="add-segments")))
    assert text.index('name="sub-0-how" value="segments"') < text.index('name="sub-1-how" value="rest"')
    assert 'name="sub-0-group-1-name" value="Recipient1"' in text


def test_sub_audiences_move_by_buttons_but_never_past_the_rest(client, form, segments):
    two = {"sub-1-how": "segments", "sub-1-name": "Silver", "sub-1-segments": [segments[2].pk]}
    first = {"sub-0-how": "segments", "sub-0-name": "Gold", "sub-0-segments": [segments[2].pk]}
    last = {"sub-2-how": "rest", "sub-2-name": "Others"}
    text = page(client.post(NEW, {**form(action="down:0"), **first, **two, **last}))
    assert text.index('value="Silver"') < text.index('value="Gold"') < text.index('value="Others"')
    text = page(client.post(NEW, {**form(action="down:1"), **first, **two, **last}))
    assert text.index('value="Gold"') < text.index('value="Silver"') < text.index('value="Others"')


def test_groups_are_added_and_removed(client, form):
    text = page(client.post(NEW, form(action="add-group:0", sub__0__group__1__percent="60")))
    assert 'name="sub-0-group-2-percent" value="30.00"' in text
    text = page(client.post(NEW, form(action="remove-group:0:0")))
    assert "Holdout" not in text


@pytest.mark.parametrize(
    "action",
    [
        "up:99",
        "remove-group:0:x",
        "use:",
        "split:0",
        "nonsense",
        "attribute:7",
        "attribute:x:email:a.b",
        "down:-1",
        "use:9:9:A",
    ],
)
def test_a_button_that_makes_no_sense_changes_nothing(client, form, action):
    assert 'value="GoldOffer"' in page(client.post(NEW, form(action=action)))


def test_the_sum_of_percentages_is_always_in_view(client, form):
    assert "Sums to 100.00 %" in page(client.post(NEW, form(action="refresh")))
    assert "The percentages sum to 50.00 %" in page(
        client.post(NEW, form(action="refresh", sub__0__group__1__percent="40"))
    )
    assert "Sums to 10.00 % so far" in page(
        client.post(NEW, form(action="refresh", sub__0__group__1__percent="many"))
    )


def test_groups_are_split_evenly_with_one_click(client, form):
    text = page(client.post(NEW, form(action="split-evenly:0", sub__0__group__1__percent="1")))
    assert 'name="sub-0-group-1-percent" value="90.00"' in text


def test_the_same_groups_in_each_sub_audience_are_chosen_once_and_stored(client, form, segments, mail):
    gold = {"sub-0-how": "segments", "sub-0-name": "Gold", "sub-0-segments": [segments[2].pk]}
    others = {"sub-1-how": "rest", "sub-1-name": "Others", "sub-1-group-0-name": "OtherHoldout"}
    fields = {**form(action="save"), **gold, **others, "groups": "same"}
    text = page(client.post(NEW, {**fields, "action": "refresh"}))
    assert 'name="sub-1-group-0-percent"' not in text
    assert "SpringSale_OthersOffer" in text
    client.post(NEW, fields)
    stored = draft_of(Campaign.objects.get())
    assert stored.same_groups
    assert [one.destinations for one in stored.sub_audiences[1].groups] == [(), (mail.pk,)]


@pytest.fixture
def uneven(form, segments, mail):
    """Two sub-audiences, the second with a group more; “The same in each” is chosen."""
    gold = {"sub-0-how": "segments", "sub-0-name": "Gold", "sub-0-segments": [segments[2].pk]}
    others = {"sub-1-how": "rest", "sub-1-name": "Others", "groups": "same"}
    for place, (name, percent) in enumerate([("Held", "10"), ("Most", "80"), ("Vip", "10")]):
        others |= {f"sub-1-group-{place}-name": name, f"sub-1-group-{place}-percent": percent}
        others[f"sub-1-group-{place}-to"] = [mail.pk]
    return {**form(action="refresh"), **gold, **others}


def test_the_same_in_each_says_which_groups_it_would_remove_before_it_does(client, uneven):
    text = page(client.post(NEW, uneven))
    assert "“Gold” has 2, so “Others” would lose “Vip”." in " ".join(text.split())
    assert 'name="sub-1-group-2-name" value="Vip"' in text
    assert 'name="sub-1-group-1-percent" value="80"' in text
    assert 'value="own" checked' in text


def test_it_is_asked_before_a_save_too(client, uneven):
    assert "would lose “Vip”" in page(client.post(NEW, {**uneven, "action": "save"}))
    assert not Campaign.objects.exists()


def test_once_agreed_the_groups_go_and_nothing_is_asked_again(client, uneven):
    text = page(client.post(NEW, {**uneven, "groups": "own", "action": "same-groups"}))
    assert "Vip" not in text
    assert 'name="groups-agreed"' in text
    assert 'value="same" checked' in text


def test_a_copied_sub_audience_keeps_its_rules_until_it_is_saved(client, campaign, stored_form):
    campaign.live_sub_audiences().update(rules=RULES, name="Chicago")
    path = f"/campaigns/{campaign.pk}/"
    fields = stored_form(sub__0__how="rules", sub__0__name="Chicago", action="duplicate:0")
    text = page(client.post(path, fields))
    first = fields["sub-0-id"]
    carried = html.unescape(re.search(r'name="sub-1-rules" value="([^"]*)"', text)[1])
    copied = {
        "sub-1-rules": carried,
        "sub-1-how": "rules",
        "sub-1-name": "Chicago 2",
        "sub-1-group-0-name": "Chicago2Offer",
        "sub-1-group-0-percent": "100",
    }
    client.post(path, {**fields, **copied, "action": "save"})
    stored = draft_of(campaign).sub_audiences
    assert [(item.name, item.rules) for item in stored] == [("Chicago", RULES), ("Chicago 2", RULES)]
    assert stored[1].id not in (None, first)


def test_a_group_for_mail_and_text_becomes_two_with_one_click(client, form, mail, text):
    both = form(action="refresh")
    both["sub-0-group-1-to"] = [mail.pk, text.pk]
    shown = page(client.post(NEW, both))
    action = f"split:0:1:{mail.pk}:{text.pk}"
    assert f'value="{action}"' in shown
    shown = page(client.post(NEW, {**both, "action": action}))
    assert "SpringSale_GoldOffer_Email" in shown
    assert "SpringSale_GoldOffer_SMS" in shown
    assert shown.count('value="45.00"') == 2


def test_control_keeps_its_ticks_until_it_is_saved(client, form, mail):
    fields = form(sub__0__group__1__control="on", action="refresh")
    assert f'type="hidden" name="sub-0-group-1-to" value="{mail.pk}"' in page(client.post(NEW, fields))
    client.post(NEW, {**fields, "action": "save"})
    assert draft_of(Campaign.objects.get()).sub_audiences[0].groups[1].destinations == ()


@pytest.mark.parametrize(
    ("ticks", "sentence"),
    [
        ((), "nothing is ticked"),
        (("email", "phone"), "never both"),
        (("phone",), "Untick phone and tick e-mail"),
    ],
)
def test_of_email_and_phone_exactly_the_destinations_is_ticked(client, form, mail, ticks, sentence):
    fields = form(attributes=[mail.pk])
    for tick in ticks:
        fields |= {
            f"attribute-{mail.pk}-{tick}": "on",
            f"attribute-{mail.pk}-{tick}-column": f"merged_customers.{tick}",
        }
    assert sentence in page(client.post(NEW, fields))
    assert not Campaign.objects.exists()


def test_a_wrong_tick_is_mended_with_one_click(client, form, mail):
    fields = form(action="refresh", attributes=[mail.pk])
    action = f"attribute:{mail.pk}:email:merged_customers.email"
    shown = page(client.post(NEW, fields))
    assert f'value="{action}"' in shown
    assert "takes e-mail" in shown
    text = page(client.post(NEW, {**fields, "action": action}))
    assert f'id="attribute-{mail.pk}-email" name="attribute-{mail.pk}-email" checked' in text
    assert f'name="attribute-{mail.pk}-phone" checked' not in text
    assert "nothing is ticked" not in text


def test_viewers_see_what_identifies_a_person_where(client_of, viewer, campaign):
    text = page(client_of(viewer).get(f"/campaigns/{campaign.pk}/"))
    assert "e-mail from merged_customers.email" in " ".join(text.split())


def test_the_default_attribute_is_preset(client, form, mail):
    text = page(client.post(NEW, form(action="refresh")))
    assert f'id="attribute-{mail.pk}-email" name="attribute-{mail.pk}-email" checked' in text
    assert "<option selected>merged_customers.email</option>" in text


def test_without_a_destination_the_editor_names_whom_to_ask(client, database, operator):
    operator.email = "otto@example.com"
    operator.save()
    text = page(client.get(NEW))
    assert "There is no destination you may send to." in text
    assert "Otto (otto@example.com)" in text


def test_a_destination_for_operators_alone_is_not_offered(client, form, operator):
    make_destination("Secret place", "email", operators_only=True)
    assert "Secret place" not in page(client.post(NEW, form(action="refresh")))


def test_a_forged_destination_is_refused(client, form):
    secret = make_destination("Secret place", "email", operators_only=True)
    client.post(NEW, form(sub__0__group__1__to=[secret.pk]))
    assert not Campaign.objects.exists()


def test_an_edit_keeps_ids(client, campaign, stored_form):
    before = [one.id for one in draft_of(campaign).sub_audiences[0].groups]
    client.post(f"/campaigns/{campaign.pk}/", stored_form(sub__0__group__1__name="Better"))
    after = draft_of(campaign).sub_audiences[0].groups
    assert [one.id for one in after] == before
    assert after[1].name == "Better"


def test_the_later_of_two_editors_is_told(client, campaign, stored_form, operator):
    mine = stored_form(name="Mine")
    save(draft_of(campaign), campaign, operator, 1)
    text = page(client.post(f"/campaigns/{campaign.pk}/", mine))
    assert "Otto saved “Spring Sale” while you were editing it." in text
    assert 'value="Mine"' in text
    assert 'value="overwrite:2"' in text
    campaign.refresh_from_db()
    assert campaign.name == "Spring Sale"
    client.post(f"/campaigns/{campaign.pk}/", {**mine, "action": "overwrite:2"})
    campaign.refresh_from_db()
    assert (campaign.name, campaign.version) == ("Mine", 3)


def test_a_form_without_its_version_overwrites_nothing(client, campaign, stored_form):
    client.post(f"/campaigns/{campaign.pk}/", stored_form(version=None, name="Mine"))
    campaign.refresh_from_db()
    assert campaign.name == "Spring Sale"


def test_rules_from_a_file_are_shown_in_words_and_kept(client, campaign, stored_form):
    campaign.live_sub_audiences().update(rules=RULES, name="Chicago")
    text = page(client.get(f"/campaigns/{campaign.pk}/"))
    assert "City is Chicago" in text
    client.post(f"/campaigns/{campaign.pk}/", stored_form(sub__0__how="rules", sub__0__name="Chicago"))
    assert draft_of(campaign).sub_audiences[0].rules == RULES


def test_a_form_without_its_part_about_time_keeps_the_stored_schedule(client, campaign, stored_form):
    Campaign.objects.update(schedule={"weekly": ["mon"], "time": "09:00"})
    client.post(f"/campaigns/{campaign.pk}/", stored_form(name="Renamed", launch_date="2027-03-02T09:00"))
    campaign.refresh_from_db()
    assert campaign.schedule == {"weekly": ["mon"], "time": "09:00"}
    assert (campaign.name, campaign.launch_date) == ("Renamed", "2027-03-02T09:00")


def test_viewers_read_and_change_nothing(client_of, viewer, campaign, stored_form):
    looking = client_of(viewer)
    text = page(looking.get(f"/campaigns/{campaign.pk}/"))
    assert "SpringSale_GoldOffer" in text
    assert '<form id="editor"' not in text
    assert looking.post(f"/campaigns/{campaign.pk}/", stored_form(name="Mine")).status_code == 403
    assert looking.get(NEW).status_code == 403
    assert looking.post("/campaigns/count/", stored_form()).status_code == 403


def test_an_archived_campaign_is_read_only(client, campaign, stored_form):
    Campaign.objects.update(archived_at=clock.now())
    text = page(client.post(f"/campaigns/{campaign.pk}/", stored_form(name="Mine")))
    assert "Archived" in text
    campaign.refresh_from_db()
    assert campaign.name == "Spring Sale"


def test_strangers_are_sent_to_sign_in(db, client_of):
    from django.test import Client

    assert Client().get(NEW).status_code == 302


@pytest.fixture
def counted(monkeypatch):
    """The customer database's answer, without one."""
    answer = Headcount(1200, (Excluded("Unsubscribed", 200),), 1000, (1000,), 0, clock.now())
    monkeypatch.setattr("campaigns.planning.views.count", lambda draft, world, stop: answer)
    return answer


def test_the_editor_counts_who_is_left(client, form, counted):
    text = page(client.post("/campaigns/count/", form(), headers={"HX-Request": "true"}))
    assert "1,200" in text
    assert "−200" in text
    assert ">900<" in text


def test_the_funnel_goes_from_everybody_to_rows_delivered(client, form, segments, mail, monkeypatch):
    answer = Headcount(
        1200, (Excluded("Unsubscribed", 200),), 1000, (1000,), 0, clock.now(),
        everybody=5000, segments={segments[0].pk: 1300, segments[1].pk: 2100},
        usable=({Column("merged_customers.email", "email"): 800},),
    )  # fmt: skip
    monkeypatch.setattr("campaigns.planning.views.count", lambda draft, world, stop: answer)
    text = page(client.post("/campaigns/count/", form(), headers={"HX-Request": "true"}))
    funnel = text.split('class="funnel"')[1].split("</ul>")[0]
    numbers = re.findall(r"<b>([^<]*)</b>", funnel)
    assert numbers == ["5,000", "1,200", "−200", "1,000", "−100", "900", "720"]
    assert "with a usable value, of 900" in funnel
    chips = re.findall(r'muted tnum">([^<]*)<', text)
    assert chips == ["1,300", "2,100"]


def test_a_count_is_remembered_for_the_same_people(client, form, counted):
    client.post("/campaigns/count/", form())
    assert "1,200" in page(client.post(NEW, form(action="refresh", name="Another name")))
    assert "1,200" not in page(client.post(NEW, form(action="refresh", exclude=[])))


def test_a_count_is_forgotten_where_others_may_be_meant(draft, counted, database, segments):
    """Days begin elsewhere, columns changed their type, another segment was edited as often."""
    first = draft()
    headcount.remember(first, counted)
    assert headcount.remembered(first)
    assert not headcount.remembered(replace(first, time_zone="America/Chicago"))

    Segment.objects.filter(pk=segments[0].pk).update(version=2)
    headcount.remember(first, counted)
    Segment.objects.filter(pk=segments[0].pk).update(version=1)
    Segment.objects.filter(pk=segments[1].pk).update(version=2)
    assert not headcount.remembered(first)

    headcount.remember(first, counted)
    type(database).objects.filter(pk=database.pk).update(catalogue_read_at=clock.now())
    assert not headcount.remembered(first)


def test_a_database_that_cannot_be_counted_is_a_sentence(client, form, monkeypatch):
    def fails(draft, world, stop):
        raise SizeUnknown("The folder is gone.")

    monkeypatch.setattr("campaigns.planning.views.count", fails)
    text = page(client.post("/campaigns/count/", form(), headers={"HX-Request": "true"}))
    assert "The folder is gone." in text
    assert "Count again" in text


def test_shares_are_dealt_so_that_they_sum(draft):
    from decimal import Decimal

    assert headcount.dealt(10, [Decimal("33.33"), Decimal("33.33"), Decimal("33.34")]) == [3, 3, 4]
    assert headcount.dealt(None, [Decimal(100)]) == [None]
    assert headcount.dealt(7, [None, Decimal(100)]) == [None, None]


def test_sixty_sub_audiences_take_no_query_each(client, draft, segments, mail, django_assert_max_num_queries):
    pk = segments[2].pk
    parts = [
        DraftSubAudience(f"Part {n}", (control("Held"), group(f"Offer {n} go", "90", mail)), segments=(pk,))
        for n in range(60)
    ]
    campaign = save(draft(*parts), None, None, None)
    with django_assert_max_num_queries(45):
        client.get(f"/campaigns/{campaign.pk}/")


def test_a_launched_campaign_says_so(client, campaign):
    Launch.objects.create(campaign=campaign, frozen={}, state="delivered")
    assert "Delivered" in page(client.get(f"/campaigns/{campaign.pk}/"))
