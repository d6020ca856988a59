from __future__ import annotations

from datetime import date

import pytest

from config.masking import mask, mask_email, mask_key, mask_phone, mask_text, sounds_personal


@pytest.mark.parametrize(
    ("function", "value", "expected"),
    [
        (mask_email, "jordan@example.com", "j···@example.com"),
        (mask_email, "j@example.com", "j···@example.com"),
        (mask_email, "no address", "n···"),
        (mask_email, "@example.com", "@···"),
        (mask_phone, "+12025550142", "+12025550···"),
        (mask_phone, "5550", "5···"),
        (mask_text, "Jordan", "J···"),
        (mask_text, "", ""),
        (mask_key, "c_0018842", "c_00···"),
        (mask_key, "jordan@example.com", "j···@example.com"),
    ],
)
def test_enough_to_recognise_and_too_little_to_know(function, value, expected) -> None:
    assert function(value) == expected


@pytest.mark.parametrize(
    ("value", "column", "expected"),
    [
        ("Chicago", "customer_360.city", "Chicago"),
        ("gold", "customer_360.loyalty_tier", "gold"),
        ("Jordan", "merged_customers.first_name", "J···"),
        ("jordan@example.com", "customer_360.login", "j···@example.com"),
        ("broken address", "merged_customers.email", "b···"),
        ("+1 202 555 0142", "customer_360.reached_at", "+1 202 555 0···"),
        (12025550142, "customer_360.mobile", "12025550···"),
        (1234567.5, "customer_360.lifetime_value", "1234567.5"),
        (date(1990, 2, 28), "customer_360.birthday", "1···"),
        ("12 Elm Street", "customer_360.street", "1···"),
    ],
)
def test_what_names_or_looks_like_a_person_is_masked(value, column, expected) -> None:
    assert mask(value, column) == expected


@pytest.mark.parametrize(
    ("value", "column", "personal", "expected"),
    [
        ("gold", "customer_360.loyalty_tier", True, "···"),
        (52_000, "customer_360.salary", True, "···"),
        (True, "customer_360.is_expecting", True, "···"),
        ("", "customer_360.loyalty_tier", True, ""),
        ("Jordan", "merged_customers.first_name", True, "J···"),
        ("jordan@example.com", "customer_360.login", True, "j···@example.com"),
        ("Umbrella", "orders.product_name", False, "Umbrella"),
        ("jordan@example.com", "orders.product_name", False, "j···@example.com"),
        ("+1 202 555 0142", "orders.product_name", False, "+1 202 555 0···"),
    ],
)
def test_what_an_operator_says_of_a_column_goes_before_its_name(value, column, personal, expected) -> None:
    assert mask(value, column, personal) == expected


@pytest.mark.parametrize(
    ("column", "sounds"),
    [
        ("merged_customers.email", True),
        ("mobile", True),
        ("customer_360.city", False),
        ("name.points", False),
    ],
)
def test_a_column_sounds_personal_by_its_own_name(column, sounds) -> None:
    assert sounds_personal(column) is sounds
