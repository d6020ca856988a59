"""What the members of a segment buy, and by which values they differ from everybody."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from campaigns.customers.catalogue import read_catalogue
from campaigns.customers.connection import Connection
from campaigns.segments.about import summary as summary_module
from campaigns.segments.about.breakdown import TOP, breakdowns
from campaigns.segments.about.summary import summary
from campaigns.segments.models import Segment
from campaigns.segments.rules import load
from config import clock
from tests.engines import in_postgres, in_sqlite

# The orders of base.py begin on 1 October 2026, one an hour, and end ten days later.
NOW = datetime(2027, 10, 6, 12, 30, tzinfo=UTC)
ORDERS = {"table": "orders", "amount": "amount", "ordered_at": "ordered_at"}


def page(response):
    return " ".join(response.content.decode().split())


@pytest.fixture
def with_orders(customer_database):
    customer_database.orders = ORDERS
    customer_database.save()
    return customer_database


@pytest.fixture
def segment(customer_database):
    def make(name="Chicago", **rule):
        rule = rule or {"attribute": "customer_360.city", "is": "Chicago"}
        return Segment.objects.create(
            customer_database=customer_database, name=name, rules={"version": 2, "rules": {"all": [rule]}}
        )

    return make


def asked_of(database, sql):
    with duckdb.connect() as connection:
        folder = Path(database.url.removeprefix("files:"))
        for path in folder.glob("*.parquet"):
            connection.execute(f"CREATE VIEW {path.stem} AS FROM '{path}'")
        return connection.execute(sql).fetchone()


# Summary -------------------------------------------------------------------------------------------------------


def test_the_numbers_are_those_of_plain_sql(with_orders, segment):
    one = segment()
    with clock.stopped_at(NOW):
        found = summary(one, load(one.rules))
    lately = "ordered_at >= TIMESTAMP '2026-10-06 00:00:00'"
    for who, where in ((found.members, "city = 'Chicago'"), (found.everybody, "true")):
        wanted = asked_of(
            with_orders,
            f"SELECT (SELECT count(*) FROM customer_360 WHERE {where}),"
            f" count(DISTINCT customer_id) FILTER ({lately}), count(*) FILTER ({lately}),"
            f" sum(amount) FILTER ({lately}), sum(amount)"
            f" FROM orders JOIN customer_360 USING (customer_id) WHERE {where}",
        )
        assert (who.customers, who.active, who.orders, who.revenue, who.revenue_ever) == wanted
        assert who.average == who.revenue / who.orders
    assert found.members.customers == 30
    assert 0 < found.members.active < found.everybody.active


def test_who_never_ordered_counts_as_a_customer(with_orders, segment):
    with duckdb.connect() as connection:
        path = Path(with_orders.url.removeprefix("files:")) / "orders.parquet"
        connection.execute(
            f"COPY (SELECT 'C02' AS customer_id, NULL::DOUBLE AS amount, now()::TIMESTAMP AS ordered_at) TO '{path}'"
        )
    one = segment()
    found = summary(one, load(one.rules))
    assert (found.members.customers, found.members.active, found.members.orders) == (30, 1, 0)
    assert (found.members.revenue, found.members.average) == (0, None)


def test_orders_of_who_is_no_customer_count_nowhere(with_orders, segment):
    with duckdb.connect() as connection:
        path = Path(with_orders.url.removeprefix("files:")) / "orders.parquet"
        connection.execute(
            "COPY (SELECT unnest(['C02', 'C03', 'stranger', NULL]) AS customer_id, 5.0 AS amount,"
            f" now()::TIMESTAMP AS ordered_at) TO '{path}'"
        )
    one = segment()
    found = summary(one, load(one.rules))
    assert (found.members.active, found.members.orders, found.members.revenue_ever) == (1, 1, 5)
    assert (found.everybody.active, found.everybody.orders, found.everybody.revenue_ever) == (2, 2, 10)


def test_the_members_are_there_where_everybody_takes_too_long(
    client, with_orders, segment, settings, monkeypatch
):
    settings.COUNT_SECONDS = 1
    slow = "SELECT count(*) AS found FROM range(1000000) a, range(1000000) b WHERE hash(a.range, b.range) = 1"
    monkeypatch.setattr(
        summary_module,
        "with_everybody",
        lambda connection, context: (connection.fetch(slow, {})[0][0], context),
    )
    text = page(client.get(f"/segments/{segment().pk}/summary/"))
    assert "What everybody buys is not known. Counting took longer than 1 seconds" in text.replace(
        "</strong>", ""
    )
    assert "<dt>Customers</dt><dd>30</dd>" in text
    assert "of them ordered</span>" in text


def test_the_card_shows_each_number_beside_everybody(client_of, viewer, with_orders, segment):
    with clock.stopped_at(datetime(2026, 11, 1, tzinfo=UTC)):
        text = page(client_of(viewer).get(f"/segments/{segment().pk}/summary/"))
    assert "<dt>Customers</dt><dd>30 " in text
    assert "50.0 % of 60" in text
    assert "100.0 % of them ordered; everybody 100.0 %" in text
    assert "<dt>Average order value</dt><dd>" in text
    assert "120 orders; everybody" in text


def test_without_orders_it_says_who_names_them_where(client, client_of, operator, segment):
    pk = segment().pk
    text = page(client.get(f"/segments/{pk}/summary/"))
    assert "An operator names the table of orders in the settings of Demo customers." in text
    assert "Name the orders" not in text
    assert "Name the orders" in page(client_of(operator).get(f"/segments/{pk}/summary/"))


@pytest.mark.parametrize(
    "orders",
    [
        {**ORDERS, "table": "gone"},
        {**ORDERS, "amount": "gone"},
        {**ORDERS, "ordered_at": "amount"},
        {**ORDERS, "amount": "ordered_at"},
        {"table": "orders"},
    ],
)
def test_orders_that_no_longer_fit_are_a_sentence(client, customer_database, segment, orders):
    customer_database.orders = orders
    customer_database.save()
    text = page(client.get(f"/segments/{segment().pk}/summary/"))
    assert "The orders of “Demo customers” no longer fit its tables." in text
    assert "Count again" in text


# Breakdowns ------------------------------------------------------------------------------------------------------


def bars(segment, *by, masked=False):
    found, _ = breakdowns(segment, load(segment.rules), by, masked=masked)
    return {
        one.attribute: [(bar.kind, bar.label, bar.customers, bar.everybody) for bar in one.bars]
        for one in found
    }


def test_values_are_counted_beside_everybody_with_the_empty_ones_last(segment):
    gold = segment("Silver or none", attribute="customer_360.loyalty_tier", is_not="gold")
    assert bars(gold, "customer_360.loyalty_tier", "customer_360.email_opt_in") == {
        "customer_360.loyalty_tier": [
            ("value", "silver", 20, 20),
            ("value", "gold", 0, 20),
            ("empty", "", 20, 20),
        ],
        "customer_360.email_opt_in": [("value", "yes", 30, 45), ("value", "no", 10, 15)],
    }


def test_the_most_frequent_are_shown_and_the_rest_is_one_bar(segment):
    (found,) = bars(segment(), "merged_customers.email").values()
    assert len(found) == TOP + 2
    assert found[0] == ("value", "shared@example.com", 2, 2)
    assert found[-2][0] == "other"
    assert found[-1] == ("empty", "", 6, 6)
    assert sum(bar[2] for bar in found) == 30
    assert sum(bar[3] for bar in found) == 60


def test_a_few_columns_of_few_values_are_shown_unasked(segment):
    assert list(bars(segment())) == [
        "customer_360.city",
        "customer_360.state",
        "customer_360.loyalty_tier",
    ]


def test_what_cannot_be_broken_down_is_left_out(segment):
    asked = ("orders.amount", "customer_360.lifetime_value", "customer_360.gone", "customer_360.city")
    assert list(bars(segment(), *asked)) == ["customer_360.city"]


def test_values_are_masked_for_who_may_not_see_them(client_of, viewer, segment):
    viewer.sees_personal_data = False
    viewer.save()
    url = f"/segments/{segment().pk}/breakdowns/"
    text = page(client_of(viewer).get(url, {"by": ["merged_customers.email", "customer_360.city"]}))
    assert "s···@example.com" in text
    assert "shared@" not in text
    assert "Chicago" in text


def test_what_an_operator_marked_is_masked_or_left_out(with_orders, segment):
    with_orders.column_marks = {
        "customer_360.loyalty_tier": {"personal": True},
        "customer_360.email_opt_in": {"personal": True},
        "customer_360.state": {"hidden": True},
    }
    with_orders.save()
    asked = [f"customer_360.{name}" for name in ("loyalty_tier", "email_opt_in", "state", "city")]
    found = bars(segment(), *asked, masked=True)
    labels = {
        attribute: {label for kind, label, *_ in rows if kind == "value"} for attribute, rows in found.items()
    }
    assert labels == {
        "customer_360.loyalty_tier": {"···"},
        "customer_360.email_opt_in": {"···"},
        "customer_360.city": {"Chicago", "Seattle"},
    }


def test_the_sums_come_with_the_values_in_one_pass_for_each_column(segment, monkeypatch):
    asked = []
    for name in ("row", "rows"):
        ask = getattr(Connection, name)
        monkeypatch.setattr(Connection, name, lambda self, one, ask=ask: asked.append(one) or ask(self, one))
    found, customers = breakdowns(
        one := segment(), load(one.rules), ["customer_360.city", "merged_customers.email"], masked=False
    )
    assert len(asked) == 2
    assert customers == 30
    assert [(made.customers, made.everybody) for made in found] == [(30, 60), (30, 60)]


def test_one_that_cannot_be_counted_says_why_beside_the_others(client, customer_database, segment):
    folder = Path(customer_database.url.removeprefix("files:"))
    (folder / "merged_customers.parquet").unlink()
    asked = {"by": ["merged_customers.email", "customer_360.city"]}
    text = page(client.get(f"/segments/{segment().pk}/breakdowns/", asked))
    assert "The table merged_customers is gone from the customer database." in text
    assert 'aria-label="By City"' in text
    assert 'aria-label="By merged_customers.email"' not in text


def test_those_after_the_time_was_over_say_so(client, segment, settings, monkeypatch):
    settings.COUNT_SECONDS = 1
    slow = "SELECT count(*) AS found FROM range(1000000) a, range(1000000) b WHERE hash(a.range, b.range) = 1"
    ask = Connection.rows

    def slow_second(self, expression):
        if asked:
            self.fetch(slow, {})[0][0]
        asked.append(expression)
        return ask(self, expression)

    asked = []
    monkeypatch.setattr(Connection, "rows", slow_second)
    columns = {"by": ["customer_360.city", "customer_360.state", "customer_360.loyalty_tier"]}
    text = page(client.get(f"/segments/{segment().pk}/breakdowns/", columns))
    assert 'aria-label="By City"' in text
    assert text.count("took too long to answer and was stopped") == 2


def test_the_card_and_its_choice(client, segment):
    url = f"/segments/{segment().pk}/breakdowns/"
    text = page(client.get(url, {"by": "customer_360.state"}))
    assert 'value="customer_360.state" id="by-2" checked' in text
    assert text.count(" checked") == 1
    assert "100.0 %" in text
    assert 'd="M50.0 0V6"' in text
    nobody = segment("Nobody", attribute="customer_360.city", **{"is": "Nowhere"})
    assert "Nobody matches" in page(client.get(f"/segments/{nobody.pk}/breakdowns/"))


def test_a_customer_database_that_is_away_is_told_in_a_sentence(client, with_orders, segment):
    with_orders.url = "files:/nowhere/at/all"
    with_orders.save()
    pk = segment().pk
    for what in ("summary", "breakdowns"):
        assert "The folder of the customer database is not there." in page(
            client.get(f"/segments/{pk}/{what}/")
        )


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of pandas, by which Ibis reads SQLite
@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
def test_other_engines_give_the_same_numbers(with_orders, segment, tmp_path, engine, request):
    one = segment()
    with clock.stopped_at(NOW):
        wanted = summary(one, load(one.rules)), bars(one), bars(one, "merged_customers.email")
    with_orders.url = (
        in_sqlite(tmp_path) if engine == "sqlite" else in_postgres(request.getfixturevalue("postgres"))
    )
    with_orders.catalogue = read_catalogue(with_orders).to_json()
    with_orders.save()
    one = Segment.objects.get(pk=one.pk)
    with clock.stopped_at(NOW):
        assert (summary(one, load(one.rules)), bars(one), bars(one, "merged_customers.email")) == wanted
