"""One form for each address and number; the SQL path says what the libraries say."""

from __future__ import annotations

import random
from functools import cache

import duckdb
import phonenumbers
import pyarrow
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.customers.normalise import (
    normalise_phone,
    normalise_value,
    normalised_sql,
    phone_spellings,
    teach,
)
from destinations.kind import Identifier

COUNTRIES = ["US", "CA", "GB", "DE", "IT", "FR", "BR", "RU", "AU", "IN", "MX", "AG", "JE", "AR", "CN", "XX"]


@cache
def taught(country: str) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    teach(connection, country)
    return connection


def by_sql(values: list[str], identifier: Identifier, country: str = "US") -> list[str | None]:
    connection = taught(country)
    connection.register("given", pyarrow.table({"value": pyarrow.array(values, pyarrow.string())}))
    rows = connection.execute(f"SELECT {normalised_sql('value', identifier, country)} FROM given").fetchall()
    return [row[0] for row in rows]


def by_library(values: list[str], identifier: Identifier, country: str = "US") -> list[str | None]:
    return [normalise_value(value, identifier, country) for value in values]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Ada@Example.com", "ada@example.com"),
        ("\u00a0\tada@example.com \u200b", "ada@example.com"),
        ("ada@b\u00fccher.example", "ada@xn--bcher-kva.example"),
        ("ad\u00e1@example.com", None),
        ("ada@example", None),
        ("ada@example.test", None),
        ("ada", None),
        ("", None),
        ("\u212a@example.com", "k@example.com"),
        ('"a,b"@example.com', None),
        ("ada..b@example.com", None),
        ("ada.@example.com", None),
        ("ada@.example.com", None),
        ("ada@@example.com", None),
        ("\u00e9@example..com ", None),
        ("JOS\u00c9@example.com", None),
        ("jose\u0301@example.com", None),
        ("\u0130da@example.com", None),
        ("ada@\u00e9cole.example", "ada@xn--cole-9oa.example"),
        ("ada@example.testing", "ada@example.testing"),
        ("ada@example.test\u00a0", None),
        ("ada@TEST\t", None),
    ],
)
def test_emails(value: str, expected: str | None) -> None:
    assert by_library([value], "email") == by_sql([value], "email") == [expected]


@pytest.mark.parametrize(
    ("value", "country", "expected"),
    [
        ("(202) 555-0100", "US", "+12025550100"),
        ("1-202-555-0100", "US", "+12025550100"),
        ("+1 202.555.0100", "GB", "+12025550100"),
        (" 2025550100\u00a0", "US", "+12025550100"),
        ("\uff0b\uff11 202 555 0100", "US", "+12025550100"),
        ("020 7946 0958", "GB", "+442079460958"),
        ("0044 20 7946 0958", "GB", "+442079460958"),
        ("202-555-0100 x12", "US", None),
        ("202-555-0100 #12", "US", None),
        ("1-800-FLOWERS", "US", None),
        ("555-0100", "US", None),
        ("", "US", None),
        ("2025550100", "XX", None),
    ],
)
def test_phones(value: str, country: str, expected: str | None) -> None:
    assert by_library([value], "phone", country) == by_sql([value], "phone", country) == [expected]


def test_null_has_no_form() -> None:
    for identifier in ("email", "phone"):
        connection = taught("US")
        sql = f"SELECT {normalised_sql('NULL::VARCHAR', identifier, 'US')}"
        assert connection.execute(sql).fetchall() == [(None,)]


ODD = "ab1Zx.-_@+'\"<>,()[] \t\n\u00a0\u0130\u212aé,;:/#*٣Ａ"
odd_text = st.text(st.sampled_from(ODD), max_size=14)
labels = st.text(st.sampled_from("ab1-"), max_size=6)
odd_emails = st.builds(
    "{}{}@{}.{}{}".format,
    st.sampled_from(["", " ", "\t", "\u00a0", "<", '"']),
    st.text(st.sampled_from("aB1.-+_éÀɏ\u0130\u0301\u212a×'@"), max_size=8),
    labels,
    st.sampled_from(["com", "COM", "test", "a.local", "xn--p1ai", "c0m", "co1", "a-b", "", "x--y.de"]),
    st.sampled_from(["", " ", ".", ">", "a" * 60, "\n"]),
)


@settings(max_examples=50, deadline=None)
@given(st.lists(odd_text | odd_emails, min_size=20, max_size=60))
def test_the_sql_path_agrees_with_email_validator(values: list[str]) -> None:
    found = by_sql(values, "email")
    assert found == by_library(values, "email")
    assert not any(character in value for value in found if value for character in ',"\r\n')


@cache
def example_numbers(country: str) -> tuple[str, ...]:
    """National numbers of every type the library has for countries of the calling code."""
    regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE[phonenumbers.country_code_for_region(country) or 1]
    types = phonenumbers.PhoneNumberType.values()
    found = (phonenumbers.example_number_for_type(region, kind) for region in regions for kind in types)
    return tuple(phonenumbers.national_significant_number(number) for number in found if number)


def odd_phone(chance: random.Random, country: str) -> str:
    """A number that once was valid: a digit changed, a prefix of some sort, punctuation strewn in."""
    code = phonenumbers.country_code_for_region(country)
    digits = list(chance.choice(example_numbers(country)))
    for _ in range(chance.choice([0, 0, 1, 3])):
        digits[chance.randrange(len(digits))] = chance.choice("0123456789")
    prefixes = ["", "", f"+{code}", f"{code}", "0", "1", "8", "00", "011", f"+{code}0", "+44", "++", "("]
    between = ["", "", "", "", " ", "-", ".", "/", ") ", "("]
    ending = chance.choice(["", "", "", "", "0", " ", "x5", "#5", "\u0663"])
    return chance.choice(prefixes) + "".join(digit + chance.choice(between) for digit in digits) + ending


@pytest.mark.parametrize("country", COUNTRIES)
@settings(max_examples=4, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_the_sql_path_agrees_with_phonenumbers(country: str, seed: int) -> None:
    chance = random.Random(seed)
    values = [odd_phone(chance, country if country != "XX" else "US") for _ in range(300)]
    values += ["".join(chance.choices(ODD, k=chance.randrange(14))) for _ in range(100)]
    assert by_sql(values, "phone", country) == by_library(values, "phone", country)


def test_the_digits_of_a_phone_number_are_computed_once_a_row():
    """At each of their places they would take several times as long, which no result shows."""
    connection = taught("US")
    sql = f"SELECT {normalised_sql('value', 'phone', 'US')} FROM (VALUES ('1'), (NULL)) AS t(value)"
    ((_, plan),) = connection.execute(f"EXPLAIN (FORMAT json) {sql}").fetchall()
    assert plan.count("[^0-9+]") == 1


def test_a_number_is_found_as_it_is_usually_written():
    found = phone_spellings("+12025550142", "US")
    assert found >= {"+12025550142", "12025550142", "2025550142", "(202) 555-0142", "202-555-0142"}
    assert found >= {"202.555.0142", "202 555 0142", "+1 202-555-0142"}
    assert {normalise_phone(spelling, "US") for spelling in found} == {"+12025550142"}
