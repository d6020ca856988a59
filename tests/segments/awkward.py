"""A shop of sixteen customers, a to p, with every awkward value, to be opened on any engine.

The clock of most of its rules stands at NOW, 09:00 in Chicago.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

NOW = datetime(2027, 3, 1, 15, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Rows:
    """A table: the kinds of its columns (those of engines.KINDS) and its rows."""

    columns: Mapping[str, str]
    rows: list[tuple[Any, ...]]

    def as_dicts(self) -> list[dict[str, Any]]:
        """The customer key, the first column, under "key" beside its own name."""
        return [{"key": row[0], **dict(zip(self.columns, row, strict=True))} for row in self.rows]


def utc(text: str) -> datetime:
    """A time without a zone, which stands for UTC."""
    return datetime.fromisoformat(text)


PROFILES = Rows(
    {
        "customer_id": "text",
        "city": "text",
        "points": "integer",
        "balance": "decimal",
        "score": "float",
        "birthday": "date",
        "seen_at": "time",
        "called_at": "instant",
        "opted_in": "boolean",
    },
    [
        (
            key,
            city,
            points,
            balance and Decimal(balance),
            score,
            birthday,
            seen,
            seen and seen.replace(tzinfo=UTC),
            yes,
        )
        for key, city, points, balance, score, birthday, seen, yes in [
            ("a", "Chicago", 10, "0.10", 0.1 + 0.2, date(1990, 2, 28), utc("2027-02-28T23:30"), True),
            ("b", "chicago", 0, "0.30", 0.3, date(1988, 2, 29), utc("2027-03-01T05:59:59.999999"), False),
            ("c", "", -1, "-99999999999999.99", -1e300, date(2000, 3, 7), utc("2027-03-01T06:00"), None),
            ("d", None, None, None, None, None, None, None),
            (
                "e",
                "100%_off",
                5,
                "99999999999999.99",
                1e300,
                date(1999, 12, 31),
                utc("2026-11-30T12:00"),
                True,
            ),
            ("f", "Zürich", 5, "0.00", 0.0, date(2001, 3, 8), utc("2027-03-02T00:00"), True),
            (
                "g",
                "Zu\u0308rich",
                10**18 - 1,
                "1000000.00",
                float("inf"),
                date(2027, 3, 1),
                utc("2027-03-01T15:00"),
                None,
            ),
            (
                "h",
                "ZÜRICH",
                1 - 10**18,
                "0.01",
                5.0,
                date(2027, 2, 28),
                utc("2027-03-01T15:00:00.000001"),
                None,
            ),
            ("i", "Straße", 2**31, None, None, date(2027, 3, 2), utc("2027-02-28T06:00"), None),
            ("j", "STRASSE", None, None, None, date(1900, 1, 1), utc("2027-02-28T05:59:59.999999"), None),
            ("k", 'it\'s \\ "so"', None, None, None, date(1, 3, 1), utc("2026-11-01T05:00"), None),
            ("l", " Chicago ", None, None, None, date(9999, 12, 31), utc("2026-11-01T06:30"), None),
            ("m", "two\nlines", None, None, None, date(2024, 2, 29), utc("2026-11-01T07:30"), None),
            ("n", "🎉 party", None, None, None, date(2026, 12, 1), utc("2026-11-02T05:59:59.999999"), None),
            ("o", "50_60", None, None, None, date(2026, 11, 30), utc("2026-11-02T06:00"), None),
            ("p", "tab\there", None, None, float("nan"), date(2026, 2, 28), utc("1969-07-20T20:17:40"), None),
        ]
    ]
    + [(None, "Nobody", 99, Decimal(1), 1.0, None, None, None, True)],
)
# Not everybody has a row, nobody has one for NULL, and z is not among everybody.
CONTACTS = Rows(
    {"Customer_ID": "text", "email": "text", "city": "text"},
    [
        ("a", "a@example.com", "ΑΘΉΝΑΣ"),
        ("b", "", "Αθήνας"),
        ("c", None, "αθήνασ"),
        ("d", None, "İSTANBUL"),
        ("e", None, "ISTANBUL"),
        ("f", None, "istanbul"),
        (None, "nobody@example.com", None),
        ("z", "z@example.com", None),
    ],
)
# At the edges of days that lack their midnight, have it twice, or are not there at all.
VISITS = Rows(
    {"customer_id": "text", "at": "time"},
    [
        ("a", utc("2018-11-04T02:59:59.999999")),
        ("b", utc("2018-11-04T03:00")),
        ("c", utc("2018-11-05T01:59:59.999999")),
        ("d", utc("2018-11-05T02:00")),
        ("e", utc("2011-12-30T09:59:59.999999")),
        ("f", utc("2011-12-30T10:00")),
        ("g", utc("2026-11-01T04:00")),
        ("h", utc("2026-11-01T05:00")),
        ("i", utc("2026-11-01T03:59:59.999999")),
        ("j", utc("2026-03-08T06:00")),
        ("k", utc("2026-03-09T04:59:59.999999")),
        ("l", utc("2026-03-09T05:00")),
    ],
)
_ORDERS = [
    # key, amount, items, ordered_at, channel, paid, day
    ("a", "60.00", 1, "2027-02-01T10:00", "web", True, date(2027, 2, 1)),
    ("a", "55.00", 2, "2027-02-10T10:00", "web", False, date(2027, 2, 10)),
    ("a", "20.00", None, "2027-02-20T10:00", "store", None, date(2027, 2, 20)),
    ("b", "70.00", 0, "2026-01-01T10:00", "web", True, date(2026, 1, 1)),
    ("c", "-10.50", 3, "2026-12-01T05:59:59", "WEB", True, date(2026, 11, 30)),
    ("c", "10.50", 3, "2026-12-01T06:00", "", True, date(2026, 12, 1)),
    ("e", None, None, "2027-02-25T10:00", None, None, None),
    # Three at one moment, one of them without a channel and an amount.
    ("g", "5.00", 1, "2027-01-15T10:00", "store", True, date(2027, 1, 15)),
    ("g", None, 7, "2027-01-15T10:00", None, None, None),
    ("g", "9.00", 1, "2027-01-15T10:00", "web", False, date(2027, 1, 15)),
    # No place in the order; and beside it one that has.
    ("h", "1.00", 1, None, "web", True, None),
    ("i", "1.00", 1, None, "web", True, None),
    ("i", "2.00", 1, "2027-03-01T15:00", "store", False, date(2027, 3, 1)),
    ("z", "500.00", 1, "2027-02-25T10:00", "web", True, date(2027, 2, 25)),
    (None, "500.00", 1, "2027-02-25T10:00", "web", True, date(2027, 2, 25)),
]
ORDERS = Rows(
    {
        "customer_id": "text",
        "amount": "decimal",
        "items": "integer",
        "ordered_at": "time",
        "channel": "text",
        "paid": "boolean",
        "day": "date",
    },
    [
        (key, amount and Decimal(amount), items, at and utc(at), channel, paid, day)
        for key, amount, items, at, channel, paid, day in _ORDERS
    ],
)
SHOP = {"profiles": PROFILES, "contacts": CONTACTS, "visits": VISITS, "orders": ORDERS}
LISTS = {3: ["a", "f", "z", "nobody"]}  # uploaded
