"""Uploaded lists in the editor of rules."""

from __future__ import annotations

from campaigns.segments.models import Segment
from tests.segments.form import fields_of, segment_form


def page(response):
    return response.content.decode()


def test_a_list_is_offered_chosen_by_its_name_and_kept(client, stored, customer_database):
    vip = stored("c1\nc2\n")
    new = f"/segments/new/?customer_database={customer_database.pk}"
    assert 'data-value="Uploaded list"' in page(client.get(new))
    offered = f"/segments/offered/?kind=list&customer_database={customer_database.pk}&q="
    assert 'data-value="VIP"' in page(client.get(f"{offered}vi"))
    assert "No uploaded list is called that." in page(client.get(f"{offered}nobody"))

    on_list = {"*-kind": "list", "*-attribute": "Uploaded list", "*-named": "", "*-typed": "VIP"}
    form = segment_form({**on_list, "*-member": "is_not"}, customer_database=customer_database.pk)
    saved = client.post("/segments/new/", {**form, "action": "save"})
    made = Segment.objects.get(name="Chicago")
    assert saved.url == f"/segments/{made.pk}/"
    assert made.rules["rules"] == {"all": [{"list": vip.pk, "member": False}]}
    fields = fields_of(page(client.get(f"/segments/{made.pk}/edit/")))
    assert (fields["r-0-typed"], fields["r-0-named"]) == ("VIP", str(vip.pk))
    wrong = page(client.post(f"/segments/{made.pk}/edit/", {**fields, "r-0-typed": "No", "action": "save"}))
    assert "There is no uploaded list “No”. Choose one from the list." in wrong


def test_without_lists_none_is_offered(client, customer_database):
    text = page(client.get(f"/segments/new/?customer_database={customer_database.pk}"))
    assert 'data-value="Uploaded list"' not in text
