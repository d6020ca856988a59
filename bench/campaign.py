"""The counts beside a campaign of 60 sub-audiences with 3 groups each, against one query by hand, in one run.

    python -m bench.campaign --customers 10000000

Included: who lives in IL or WA or has 5 orders or more; excluded: who is in no tier. The sub-audiences: six cities by
ten ranges of orders, the last of them the rest. Each figure is the quickest of some rounds, taken by turns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.customers import made
from bench.measuring import against_hand, by_turns, circumstances, live_in, scratch, size_options
from bench.scene import customers_of, start_django

if TYPE_CHECKING:
    from campaigns.planning.headcount import Headcount
    from campaigns.planning.plain import Draft

MOST_RATIO = 1.5
ROUNDS = 7
INCLUDE = {
    "any": [
        {"attribute": "customer_360.state", "in": ["IL", "WA"]},
        {"attribute": "customer_360.orders", "gte": 5},
    ]
}
EXCLUDE = {"all": [{"attribute": "customer_360.loyalty_tier", "is": "none"}]}
CITIES = ("Chicago", "Seattle", "Austin", "Boston", "Denver", "Miami")
SHARES = (Decimal("10.00"), Decimal("45.00"), Decimal("45.00"))


def main() -> None:
    options = size_options(__doc__)
    folder = made(options.customers)
    found = circumstances(options.threads) | {"customers": options.customers}
    with scratch() as data:
        live_in(data, options.threads, COUNT_SECONDS="600")
        sides = _sides(folder, options.threads)
        counts, taken = by_turns(sides, ROUNDS)
    seconds = {name: min(turns) for name, turns in taken.items()}
    against_hand("campaign", options, found, counts, seconds, most=MOST_RATIO, counted="audience")


def _sides(folder: Path, threads: int) -> dict[str, Callable[[], int]]:
    start_django()

    from campaigns.planning.counting import count
    from campaigns.planning.world import look

    plain, sent = _draft(folder, by_mail=False), _draft(folder, by_mail=True)
    sql = _by_hand(folder)

    def counted(draft: Draft) -> int:
        return _summed(count(draft, look(draft, None)))

    return {
        "hand": lambda: _asked(sql, threads),
        "campaign": lambda: counted(plain),
        "with addresses": lambda: counted(sent),
    }


def _summed(found: Headcount) -> int:
    """The audience, once it is sure that every part of the answer is there."""
    assert found.everybody
    assert found.considered > found.audience > 0
    assert found.considered == found.audience + sum(one.customers for one in found.excluded)
    assert len(found.sub_audiences) == 60
    assert sum(found.sub_audiences) == found.audience
    return found.audience


def _places() -> Iterator[tuple[str, int]]:
    """(city, least number of orders) of each sub-audience but the last."""
    yield from [(city, 2 * step) for city in CITIES for step in range(10)][:-1]


def _draft(folder: Path, *, by_mail: bool) -> Draft:
    from campaigns.planning.plain import Draft, DraftGroup, DraftSubAudience
    from campaigns.segments.models import Segment

    database = customers_of(str(folder))
    ids = [
        Segment.objects.get_or_create(
            name=name, customer_database=database, defaults={"rules": {"version": 1, "rules": rules}}
        )[0].pk
        for name, rules in (("Regulars", INCLUDE), ("In no tier", EXCLUDE))
    ]
    to = (mail_for(database),) if by_mail else ()
    groups = tuple(
        DraftGroup(f"Group{number}", share, is_control=not number, destinations=to if number else ())
        for number, share in enumerate(SHARES)
    )
    parts = [
        DraftSubAudience(f"{city} from {orders}", groups, rules=rules_of(city, orders))
        for city, orders in _places()
    ]
    rest = DraftSubAudience("All remaining recipients", groups)
    return Draft("Bench", database.pk, (ids[0],), (ids[1],), sub_audiences=(*parts, rest))


def rules_of(city: str, orders: int) -> dict[str, Any]:
    found = [
        {"attribute": "customer_360.city", "is": city},
        {"attribute": "customer_360.orders", "between": [orders, orders + 1]},
    ]
    return {"version": 1, "rules": {"all": found}}


def mail_for(database: Any) -> int:
    from campaigns.customers.models import DefaultAttribute
    from destinations.models import Credential, Destination

    credential = Credential.objects.create(kind="attentive_segments", name="Bench")
    settings = {"identifier": "email", "segment_name_template": "{{ campaign_name }}_{{ group_name }}"}
    destination = Destination.objects.create(
        kind="attentive_segments", name="Mail", credential=credential, settings=settings
    )
    DefaultAttribute.objects.create(
        destination=destination, customer_database=database, column="merged_customers.email"
    )
    return destination.pk


def _by_hand(folder: Path) -> str:
    """The size of both segments, who is considered, excluded and left, and each sub-audience."""
    cases = " ".join(
        f"WHEN city = '{city}' AND orders BETWEEN {orders} AND {orders + 1} THEN {number}"
        for number, (city, orders) in enumerate(_places())
    )
    return (
        "SELECT is_in, is_out, place, count(*) FROM (SELECT state IN ('IL', 'WA') OR orders >= 5 AS is_in,"
        f" loyalty_tier = 'none' AS is_out, CASE {cases} ELSE 59 END AS place"
        f" FROM '{folder}/customer_360.parquet') GROUP BY ALL"
    )


def _asked(sql: str, threads: int) -> int:
    import duckdb

    with duckdb.connect(config={"threads": threads}) as connection:
        rows = connection.sql(sql).fetchall()
    return sum(int(customers) for is_in, is_out, _, customers in rows if is_in and not is_out)


if __name__ == "__main__":
    main()
