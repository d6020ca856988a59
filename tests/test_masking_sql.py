"""Masks in SQL are the masks in Python."""

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config import masking, masking_sql

VALUES = [
    "jordan@example.com", "a@b@example.com", "@example.com", "a@", "@", "", "x", "jörg@exämple.de", "+12025550142",
    "1234567", "123456", "12", "not an address", "C0018842", "😀 smile", "o'neil@example.com",
]  # fmt: skip


@pytest.mark.parametrize("name", ["mask_text", "mask_email", "mask_phone", "mask_key"])
def test_both_give_the_same(name):
    sql = getattr(masking_sql, f"{name}_sql")("value")
    with duckdb.connect() as connection:
        rows = connection.execute(
            f"SELECT value, {sql} FROM (SELECT unnest($1::VARCHAR[]) AS value)", [VALUES]
        ).fetchall()
    assert dict(rows) == {value: getattr(masking, name)(value) for value in VALUES}


DIGITS = st.text(alphabet="0123456789 ()+-./\t\n\x1c\x85\u00a0\u2003\u0663x@", max_size=12)


@pytest.mark.parametrize("column", ["email", "phone", "last_name", "city"])
@pytest.mark.parametrize("is_text", [True, False])
@pytest.mark.parametrize("personal", [None, True, False])
@settings(max_examples=20, deadline=None)
@given(texts=st.lists(DIGITS | st.sampled_from(VALUES), max_size=40))
def test_a_value_is_masked_alike_whatever_its_column_is_called(column, is_text, personal, texts):
    sql = masking_sql.mask_sql("value", f"people.{column}", is_text=is_text, personal=personal)
    with duckdb.connect() as connection:
        rows = connection.execute(
            f"SELECT value, {sql} FROM (SELECT unnest($1::VARCHAR[]) AS value)", [texts]
        ).fetchall()
    wanted = (lambda text: text) if is_text else _NoText
    assert dict(rows) == {text: masking.mask(wanted(text), column, personal) for text in texts}


@pytest.mark.parametrize("column", ["email", "phone", "last_name", "city"])
@pytest.mark.parametrize("personal", [None, True, False])
def test_no_value_stays_no_value(column, personal):
    sql = masking_sql.mask_sql("value", column, is_text=True, personal=personal)
    with duckdb.connect() as connection:
        assert connection.execute(f"SELECT {sql} FROM (SELECT NULL::VARCHAR AS value)").fetchone() == (None,)


class _NoText:
    """A value that reads so, but is no text to Python."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __str__(self) -> str:
        return self.text
