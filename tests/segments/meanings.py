"""Rule -> exactly the customers of awkward.py that match it. Times are Chicago's, where a case names no other zone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from tests.segments.awkward import NOW

EVERYBODY = "abcdefghijklmnop"
CHICAGO, KOLKATA = ZoneInfo("America/Chicago"), ZoneInfo("Asia/Kolkata")
SAO_PAULO, HAVANA, APIA = ZoneInfo("America/Sao_Paulo"), ZoneInfo("America/Havana"), ZoneInfo("Pacific/Apia")
Rule = dict[str, Any]


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


LEAP_DAY = utc("2028-02-29T18:00")
END_OF_MAY = utc("2027-05-31T17:00")


@dataclass(frozen=True)
class Case:
    rule: Rule
    expected: str
    zone: ZoneInfo = CHICAGO
    now: datetime = NOW

    def __str__(self) -> str:
        more = "" if self.zone is CHICAGO else f" in {self.zone.key}"
        return f"{self.rule}{more}" + ("" if self.now is NOW else f" at {self.now.isoformat()}")

    @property
    def group(self) -> Rule:
        return self.rule if set(self.rule) & {"all", "any", "none"} else {"all": [self.rule]}


def but(keys: str) -> str:
    return "".join(key for key in EVERYBODY if key not in keys)


def of(column: str, operator: str, value: object, **more: object) -> Rule:
    return {"attribute": column if "." in column else f"profiles.{column}", operator: value, **more}


def orders(aggregate: str, operator: str, value: object, *where: Rule, **more: str) -> Rule:
    """An aggregate of orders; `of` and `ordered_by` without the table."""
    named = {key: f"orders.{column}" for key, column in more.items()}
    rule = {"rows": "orders", "aggregate": aggregate, **named, operator: value}
    return {**rule, "where": {"all": list(where)}} if where else rule


def order(*where: Rule, exists: bool = True, match: str = "all") -> Rule:
    rule = {"rows": "orders", "exists": exists}
    return {**rule, "where": {match: list(where)}} if where else rule


ANY_CASE = {"ignore_case": True}
ZURICH, DECOMPOSED = "Zürich", "Zu\u0308rich"
TEXTS = [
    Case(of("city", "is", "Chicago"), "a"),
    Case(of("city", "is", "chicago", **ANY_CASE), "ab"),
    Case(of("city", "is", ""), "c"),
    Case(of("city", "is", ZURICH), "f"),
    Case(of("city", "is", DECOMPOSED), "g"),
    Case(of("city", "is", "zürich", **ANY_CASE), "fh"),
    Case(of("city", "is", DECOMPOSED.upper(), **ANY_CASE), "g"),
    Case(of("city", "is", "STRASSE", **ANY_CASE), "j"),
    Case(of("city", "is", 'it\'s \\ "so"'), "k"),
    Case(of("city", "is", "two\nlines"), "m"),
    Case(of("city", "is", "tab\there"), "p"),
    Case(of("city", "is", "🎉 PARTY", **ANY_CASE), "n"),
    # An engine may make ς or σ of the last letter of a word, and one sign or two of İ.
    Case(of("contacts.city", "is", "Αθήνασ", **ANY_CASE), "abc"),
    Case(of("contacts.city", "is", "ΑΘΉΝΑΣ", **ANY_CASE), "abc"),
    Case(of("contacts.city", "is", "Αθήνας"), "b"),
    Case(of("contacts.city", "is", "istanbul", **ANY_CASE), "def"),
    Case(of("contacts.city", "is_not", "İSTANBUL", **ANY_CASE), but("def")),
    Case(of("contacts.city", "in", ["İstanbul", "αθήνας"], **ANY_CASE), "abcdef"),
    Case(of("contacts.city", "starts_with", "İs", **ANY_CASE), "def"),
    Case(of("contacts.city", "is", "İSTANBUL"), "d"),
    Case(of("city", "is_not", "Chicago"), but("a")),
    Case(of("city", "is_not", "CHICAGO", **ANY_CASE), but("ab")),
    Case(of("city", "in", ["Chicago", ZURICH, "nowhere"]), "af"),
    Case(of("city", "in", ["ZÜRICH", "CHICAGO"], **ANY_CASE), "abfh"),
    Case(of("city", "in", ["'", "\\", "%", "_", "100%_off"]), "e"),
    Case(of("city", "not_in", ["Chicago", ZURICH]), but("af")),
    Case(of("city", "not_in", ["chicago", ""], **ANY_CASE), but("abc")),
    Case(of("city", "contains", "%"), "e"),
    Case(of("city", "contains", "_"), "eo"),
    Case(of("city", "contains", "%_"), "e"),
    Case(of("city", "contains", "\\"), "k"),
    Case(of("city", "contains", "'"), "k"),
    Case(of("city", "contains", '"'), "k"),
    Case(of("city", "contains", "\n"), "m"),
    Case(of("city", "contains", "hic"), "abl"),
    Case(of("city", "contains", "HIC", **ANY_CASE), "abl"),
    Case(of("city", "contains", "Ü", **ANY_CASE), "fh"),
    Case(of("city", "contains", ""), but("d")),
    Case(of("city", "starts_with", "100%"), "e"),
    Case(of("city", "starts_with", "1__"), ""),
    Case(of("city", "starts_with", "50_"), "o"),
    Case(of("city", "starts_with", "STR", **ANY_CASE), "ij"),
    Case(of("city", "starts_with", " "), "l"),
    Case(of("city", "starts_with", "🎉"), "n"),
    Case(of("city", "ends_with", "GO", **ANY_CASE), "ab"),
    Case(of("city", "ends_with", "%"), ""),
    Case(of("city", "ends_with", "rich"), "fg"),
    Case(of("city", "ends_with", ""), but("d")),
    Case(of("city", "ends_with", "longer than any of the values that it is compared with"), ""),
    Case(of("city", "empty", True), "cd"),
    Case(of("city", "empty", False), but("cd")),
]
NUMBERS = [
    Case(of("points", "is", 5), "ef"),
    Case(of("points", "is", 5.0), "ef"),
    Case(of("points", "is_not", 5), but("ef")),
    Case(of("points", "in", [5, -1, 2.5]), "cef"),
    Case(of("points", "not_in", [5, -1]), but("cef")),
    Case(of("points", "lt", 0), "ch"),
    Case(of("points", "lte", 0), "bch"),
    Case(of("points", "gt", 5), "agi"),
    Case(of("points", "gte", 5), "aefgi"),
    Case(of("points", "gt", 4.5), "aefgi"),
    Case(of("points", "gte", 10**18 - 1), "g"),
    Case(of("points", "lte", 1 - 10**18), "h"),
    Case(of("points", "is", 2**31), "i"),
    Case(of("points", "between", [0, 5]), "bef"),
    Case(of("points", "between", [5, 0]), ""),
    Case(of("points", "between", [-1.5, 0.5]), "bc"),
    Case(of("points", "empty", True), "djklmnop"),
    Case(of("points", "empty", False), "abcefghi"),
    Case(of("balance", "is", 0.1), "a"),
    Case(of("balance", "in", [0.1, 0.3]), "ab"),
    Case(of("balance", "is_not", 0), but("f")),
    Case(of("balance", "gt", 0.005), "abegh"),
    Case(of("balance", "lt", -1e13), "c"),
    Case(of("balance", "gte", 99999999999999.99), "e"),
    Case(of("balance", "gt", 10**17), ""),
    Case(of("balance", "between", [0.1, 0.3]), "ab"),
    Case(of("score", "is", 0.3), "b"),
    Case(of("score", "gt", 0.3), "aegh"),
    Case(of("score", "is", 0), "f"),
    Case(of("score", "lt", 0), "c"),
    Case(of("score", "is", 1e300), "e"),
    # p's is no number, which is as good as empty.
    Case(of("score", "gte", 1e300), "eg"),
    Case(of("score", "between", [5, 1e300]), "eh"),
    Case(of("score", "is_not", 5), but("h")),
    Case(of("score", "empty", True), "dijklmnop"),
    Case(of("score", "empty", False), "abcefgh"),
]
FLAGS = [
    Case(of("opted_in", "is", True), "aef"),
    Case(of("opted_in", "is", False), "b"),
    Case(of("opted_in", "is_not", True), but("aef")),
    Case(of("opted_in", "is_not", False), but("b")),
    Case(of("opted_in", "empty", True), but("abef")),
    Case(of("opted_in", "empty", False), "abef"),
]
DAYS = [
    Case(of("birthday", "on", "1990-02-28"), "a"),
    Case(of("birthday", "on", "2027-03-01T23:59"), "g"),
    Case(of("birthday", "on", "2027-03-02T05:59+00:00"), "g"),
    Case(of("birthday", "before", "1900-01-01"), "k"),
    Case(of("birthday", "before", "1990-02-28"), "bjk"),
    Case(of("birthday", "after", "2027-03-01"), "il"),
    Case(of("birthday", "after", "2027-03-01T00:00"), "il"),
    Case(of("birthday", "between", ["1990-02-28", "2000-03-07"]), "ace"),
    Case(of("birthday", "between", ["2000-03-07", "1990-02-28"]), ""),
    Case(of("birthday", "in_last", "0 days"), "g"),
    Case(of("birthday", "in_last", "1 day"), "gh"),
    Case(of("birthday", "in_last", "3 months"), "ghn"),
    Case(of("birthday", "in_last", "13 weeks"), "ghno"),
    Case(of("birthday", "in_last", "1 year"), "ghno"),
    Case(of("birthday", "in_last", "366 days"), "ghnop"),
    Case(of("birthday", "not_in_last", "1 year"), but("ghno")),
    Case(of("birthday", "in_next", "0 days"), "g"),
    Case(of("birthday", "in_next", "1 day"), "gi"),
    Case(of("birthday", "in_next", "7000 years"), "gi"),
    # Many a database says so for “never”, or for “always”.
    Case(of("birthday", "on", "9999-12-31"), "l"),
    Case(of("birthday", "before", "9999-12-31"), but("dl")),
    Case(of("birthday", "after", "9999-12-31"), ""),
    Case(of("birthday", "between", ["0001-01-01", "9999-12-31"]), but("d")),
    Case(of("birthday", "before", "0001-03-01"), ""),
    Case(of("birthday", "in_last", "2025 years"), but("dikl")),
    Case(of("birthday", "empty", True), "d"),
    Case(of("birthday", "anniversary_within", "0 days"), "gk"),
    Case(of("birthday", "anniversary_within", "1 day"), "gik"),
    Case(of("birthday", "anniversary_within", "6 days"), "cgik"),
    Case(of("birthday", "anniversary_within", "7 days"), "cfgik"),
    Case(of("birthday", "anniversary_within", "366 days"), but("d")),
    # On 28 February 2027 the 29th is today; on 28 February 2028 it is tomorrow.
    Case(of("birthday", "anniversary_within", "0 days"), "abhmp", now=utc("2027-02-28T18:00")),
    Case(of("birthday", "anniversary_within", "0 days"), "ahp", now=utc("2028-02-28T18:00")),
    Case(of("birthday", "anniversary_within", "1 day"), "abhmp", now=utc("2028-02-28T18:00")),
    Case(of("birthday", "anniversary_within", "0 days"), "bm", now=LEAP_DAY),
    # Over the end of the year.
    Case(of("birthday", "anniversary_within", "1 day"), "ejl", now=utc("2027-12-31T18:00")),
    # A day that a month lacks is its last.
    Case(of("birthday", "in_last", "3 months"), "ghi", now=END_OF_MAY),
    Case(of("birthday", "in_last", "6 months"), "ghino", now=utc("2027-05-30T17:00")),
    Case(of("birthday", "in_last", "4 years"), "ghimnop", now=LEAP_DAY),
    Case(of("birthday", "in_last", "1 year"), "ghi", now=LEAP_DAY),
]
# The same of seen_at, a time without a zone, and called_at, the same moment with one: both are UTC.
TIMES = [
    Case(of("seen_at", "on", "2027-02-28"), "abi"),
    Case(of("seen_at", "on", "2027-03-01"), "cfgh"),
    Case(of("seen_at", "on", "2027-03-01T09:00"), "g"),
    Case(of("seen_at", "on", "2027-03-01T15:00+00:00"), "g"),
    Case(of("seen_at", "before", "2027-02-28"), "ejklmnop"),
    Case(of("seen_at", "before", "1969-07-20"), ""),
    Case(of("seen_at", "before", "1969-07-21"), "p"),
    Case(of("seen_at", "after", "2027-02-28"), "cfgh"),
    Case(of("seen_at", "after", "2027-03-01"), ""),
    Case(of("seen_at", "after", "2027-03-01T09:00"), "fh"),
    Case(of("seen_at", "between", ["2027-02-28", "2027-03-01"]), "abcfghi"),
    Case(of("seen_at", "between", ["2027-02-28T00:00", "2027-03-01T00:00"]), "abci"),
    Case(of("seen_at", "between", ["2027-03-01", "2027-03-01T09:00"]), "cg"),
    Case(of("seen_at", "in_last", "0 days"), "cg"),
    Case(of("seen_at", "in_last", "1 day"), "abcgi"),
    Case(of("seen_at", "in_last", "2 days"), "abcgij"),
    Case(of("seen_at", "in_last", "3 months"), "abcgij"),
    Case(of("seen_at", "in_last", "13 weeks"), "abcegij"),
    Case(of("seen_at", "in_last", "1 year"), but("dfhp")),
    Case(of("seen_at", "not_in_last", "1 day"), but("abcgi")),
    Case(of("seen_at", "in_next", "0 days"), "fgh"),
    Case(of("seen_at", "in_next", "1 day"), "fgh"),
    Case(of("seen_at", "before", "9999-12-31"), but("d")),
    Case(of("seen_at", "on", "9999-12-31"), ""),
    Case(of("seen_at", "after", "9999-12-31"), ""),
    Case(of("seen_at", "after", "9999-12-31T23:59:59.999999+00:00"), ""),
    Case(of("seen_at", "after", "0001-01-01"), but("d"), zone=KOLKATA),
    Case(of("seen_at", "not_in_last", "2025 years"), "dfh"),
    Case(of("seen_at", "empty", True), "d"),
    Case(of("seen_at", "anniversary_within", "0 days"), "cfgh"),
    Case(of("seen_at", "anniversary_within", "364 days"), but("d")),
    Case(of("seen_at", "anniversary_within", "0 days"), "p", now=utc("2027-07-20T12:00")),
    # Elsewhere the day begins at another moment: 18:30 UTC, the day before.
    Case(of("seen_at", "on", "2027-03-01"), "abcgh", zone=KOLKATA),
    Case(of("seen_at", "on", "2027-03-01"), "bcgh", zone=ZoneInfo("UTC")),
    Case(of("seen_at", "in_last", "0 days"), "abcg", zone=KOLKATA),
    Case(of("seen_at", "anniversary_within", "1 day"), "abcfgh", zone=KOLKATA),
    # 1 November 2026 had 25 hours and one o'clock twice: a time in a rule is the first of them.
    Case(of("seen_at", "on", "2026-11-01"), "klmn"),
    Case(of("seen_at", "on", "2026-11-02"), "o"),
    Case(of("seen_at", "on", "2026-11-01T01:30"), "l"),
    Case(of("seen_at", "after", "2026-11-01T01:30"), but("dklp")),
    Case(of("seen_at", "in_last", "120 days"), but("dfhp")),
    Case(of("seen_at", "in_last", "119 days"), but("dfhklmnp")),
]
SAME_TIMES = [replace(case, rule=of("called_at", *list(case.rule.items())[1])) for case in TIMES]
# Days that lack their midnight, have it twice, or are not there at all.
GAPS = [
    Case(of("visits.at", "on", "2018-11-03"), "a", zone=SAO_PAULO),
    Case(of("visits.at", "on", "2018-11-04"), "bc", zone=SAO_PAULO),
    Case(of("visits.at", "before", "2018-11-04"), "aef", zone=SAO_PAULO),
    Case(of("visits.at", "after", "2018-11-04T00:30"), "cdghijkl", zone=SAO_PAULO),
    Case(of("visits.at", "in_last", "0 days"), "b", zone=SAO_PAULO, now=utc("2018-11-04T12:00")),
    Case(of("visits.at", "in_next", "0 days"), "c", zone=SAO_PAULO, now=utc("2018-11-04T12:00")),
    Case(of("visits.at", "anniversary_within", "0 days"), "bc", zone=SAO_PAULO, now=utc("2018-11-04T12:00")),
    Case(of("visits.at", "on", "2011-12-29"), "e", zone=APIA),
    Case(of("visits.at", "on", "2011-12-30"), "", zone=APIA),
    Case(of("visits.at", "on", "2011-12-31"), "f", zone=APIA),
    Case(of("visits.at", "in_last", "1 day"), "f", zone=APIA, now=utc("2011-12-30T22:00")),
    Case(of("visits.at", "in_last", "2 days"), "ef", zone=APIA, now=utc("2011-12-30T22:00")),
    Case(of("visits.at", "anniversary_within", "0 days"), "f", zone=APIA, now=utc("2026-12-30T12:00")),
    Case(of("visits.at", "anniversary_within", "0 days"), "", zone=APIA, now=utc("2026-12-29T12:00")),
    Case(of("visits.at", "on", "2026-11-01"), "gh", zone=HAVANA),
    Case(of("visits.at", "in_last", "0 days"), "gh", zone=HAVANA, now=utc("2026-11-01T05:00")),
    Case(of("visits.at", "on", "2026-03-08"), "jk"),
    Case(of("visits.at", "before", "2026-03-08T02:30"), "abcdefj"),
    Case(of("visits.at", "in_last", "0 days"), "jk", now=utc("2026-03-09T04:59:59.999999")),
    Case(of("visits.at", "in_last", "1 day"), "jkl", now=utc("2026-03-09T05:00")),
]
ROWS = [
    Case(order(), "abceghi"),
    Case(order(exists=False), but("abceghi")),
    Case(order(of("orders.channel", "is", "web")), "abghi"),
    Case(order(of("orders.channel", "is", "web"), exists=False), but("abghi")),
    # Both have to be true of one row.
    Case(order(of("orders.channel", "is", "store"), of("orders.paid", "is", True)), "g"),
    Case(order(of("orders.channel", "is", "store"), of("orders.paid", "is", True), match="any"), "abcghi"),
    Case(order(of("orders.channel", "is", "web"), of("orders.paid", "is", True), match="none"), "aegi"),
    Case(order(of("orders.channel", "is_not", "web")), "acegi"),
    Case(order(of("orders.channel", "empty", True)), "ceg"),
    Case(order(of("orders.channel", "is", "web", **ANY_CASE)), "abcghi"),
    Case(order(of("orders.ordered_at", "not_in_last", "90 days")), "bchi"),
    Case(order(of("orders.day", "on", "2026-12-01"), of("orders.ordered_at", "on", "2026-12-01")), "c"),
    Case(
        order({"any": [of("orders.items", "gte", 7), {"none": [of("orders.amount", "lt", 60)]}]}),
        "abeg",
    ),
    Case(orders("count", "is", 0), but("abceghi")),
    Case(orders("count", "lt", 3), but("ag")),
    Case(orders("count", "gte", 2), "acgi"),
    Case(orders("count", "is_not", 1), but("beh")),
    Case(orders("count", "between", [2, 3]), "acgi"),
    Case(orders("count", "in", [0, 3]), but("bcehi")),
    Case(orders("count", "not_in", [0, 3]), "bcehi"),
    Case(orders("count", "empty", True), ""),
    Case(orders("count", "empty", False), EVERYBODY),
    Case(
        orders(
            "count", "gte", 2, of("orders.amount", "gte", 50), of("orders.ordered_at", "in_last", "90 days")
        ),
        "a",
    ),
    Case(orders("count", "lt", 1, of("orders.channel", "is", "web")), but("abghi")),
    Case(orders("count_distinct", "is", 2, of="channel"), "acgi"),
    Case(orders("count_distinct", "is", 0, of="channel"), but("abcghi")),
    Case(orders("count_distinct", "is", 1, of="items"), "bchi"),
    Case(orders("count_distinct", "gte", 2, of="paid"), "agi"),
    Case(orders("count_distinct", "is", 3, of="ordered_at"), "a"),
    Case(orders("sum", "gt", 100, of="amount"), "a"),
    Case(orders("sum", "is", 0, of="amount"), "c"),
    Case(orders("sum", "is", 14, of="amount"), "g"),
    Case(orders("sum", "lt", 14.5, of="amount"), "cghi"),
    # e has a row without an amount: its sum is empty, which “is not” matches; who has no row at all never does.
    Case(orders("sum", "is_not", 70, of="amount"), "aceghi"),
    Case(orders("sum", "not_in", [70, 135], of="amount"), "ceghi"),
    Case(orders("sum", "empty", True, of="amount"), "e"),
    Case(orders("sum", "empty", False, of="amount"), "abcghi"),
    Case(orders("sum", "is", 9, of="items"), "g"),
    Case(orders("sum", "is_not", 70, of("orders.paid", "is", False), of="amount"), "agi"),
    Case(orders("average", "between", [45, 70], of="amount"), "ab"),
    Case(orders("average", "is", 1.5, of="items"), "a"),
    Case(orders("average", "is", 7, of="amount"), "g"),
    Case(orders("min", "lt", 0, of="amount"), "c"),
    Case(orders("max", "gte", 55, of="amount"), "ab"),
    Case(orders("min", "on", "2026-12-01", of="day"), ""),
    Case(orders("max", "on", "2026-12-01", of="day"), "c"),
    Case(orders("min", "before", "2026-12-01", of="ordered_at"), "bc"),
    Case(orders("max", "in_last", "10 days", of="ordered_at"), "aei"),
    Case(orders("max", "not_in_last", "10 days", of="ordered_at"), "bcgh"),
    Case(orders("max", "anniversary_within", "31 days", of="day"), "i"),
]
ENDS = [
    Case(orders("first", "gte", 60, of="amount", ordered_by="ordered_at"), "ab"),
    Case(orders("latest", "is", 20, of="amount", ordered_by="ordered_at"), "a"),
    Case(orders("latest", "is", "store", of="channel", ordered_by="ordered_at"), "ai"),
    Case(orders("latest", "empty", True, of="channel", ordered_by="ordered_at"), "ce"),
    # Of several at one moment the smallest is the first and the largest the latest; one without a value is neither.
    Case(orders("first", "is", "store", of="channel", ordered_by="ordered_at"), "gi"),
    Case(orders("latest", "is", "web", of="channel", ordered_by="ordered_at"), "bg"),
    Case(orders("first", "is", 5, of="amount", ordered_by="ordered_at"), "g"),
    Case(orders("latest", "is", 9, of="amount", ordered_by="ordered_at"), "g"),
    # h has no row with a place in the order, so nothing is compared.
    Case(orders("latest", "is_not", "store", of="channel", ordered_by="ordered_at"), "bceg"),
    Case(orders("first", "is", True, of="paid", ordered_by="ordered_at"), "abc"),
    Case(orders("latest", "is_not", True, of="paid", ordered_by="ordered_at"), "aei"),
    Case(orders("latest", "is", "web", of="channel", ordered_by="day"), "bg"),
    Case(orders("first", "is", "web", of="channel", ordered_by="amount"), "bhi"),
    Case(orders("latest", "on", "2027-02-01", of="day", ordered_by="amount"), "a"),
    Case(
        orders("latest", "is", 55, of("orders.amount", "gt", 20), of="amount", ordered_by="ordered_at"),
        "a",
    ),
    Case(orders("latest", "in_last", "0 days", of="ordered_at", ordered_by="ordered_at"), "i"),
]
NESTED = [
    Case({"any": [of("city", "is", "Chicago"), of("points", "lt", 0)]}, "ach"),
    Case({"none": [of("city", "is", "Chicago"), of("points", "lt", 0)]}, but("ach")),
    Case({"all": [of("points", "in", [5, 10]), {"none": [of("opted_in", "is", True)]}]}, ""),
    Case(
        {"all": [of("points", "gte", 5), {"any": [of("opted_in", "empty", True), of("city", "is", ZURICH)]}]},
        "fgi",
    ),
    Case({"none": [{"none": [of("city", "is", "Chicago")]}]}, "a"),
    Case({"none": [{"all": [of("points", "gt", 0), of("opted_in", "is", True)]}, order()]}, "djklmnop"),
    Case(
        {"any": [{"all": [order(), of("opted_in", "is", True)]}, orders("sum", "is", 14, of="amount")]}, "aeg"
    ),
    Case(of("contacts.email", "empty", True), but("a")),
    Case(of("contacts.email", "empty", False), "a"),
    Case(of("contacts.email", "is_not", "a@example.com"), but("a")),
    Case(of("contacts.email", "ends_with", "@example.com"), "a"),
    Case({"segment": 7}, "bcgh"),
    Case({"segment": 7, "member": False}, but("bcgh")),
    Case({"all": [{"segment": 7}, of("seen_at", "on", "2027-03-01")]}, "cgh"),
    # Segment 8 is who is in 7 and was seen today in its own zone, Kolkata's.
    Case({"segment": 8}, "bcgh"),
    Case({"none": [{"segment": 8}, {"segment": 7, "member": False}]}, ""),
    Case({"segment": 9}, "aei"),
    Case({"list": 3}, "af"),
    Case({"list": 3, "member": False}, but("af")),
    Case({"all": [{"list": 3}, of("city", "is", ZURICH)]}, "f"),
]
CASES = [*TEXTS, *NUMBERS, *FLAGS, *DAYS, *TIMES, *SAME_TIMES, *GAPS, *ROWS, *ENDS, *NESTED]
# Segments that rules name, each with its own zone.
SEGMENTS: dict[int, tuple[Rule, ZoneInfo]] = {
    7: ({"all": [of("seen_at", "on", "2027-03-01")]}, ZoneInfo("UTC")),
    8: ({"all": [{"segment": 7}, of("seen_at", "on", "2027-03-01")]}, KOLKATA),
    9: ({"all": [orders("max", "between", ["2027-02-20T04:00", "2027-03-01"], of="ordered_at")]}, CHICAGO),
}
