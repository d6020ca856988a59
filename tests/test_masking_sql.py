"""Masks in SQL are the masks in Python."""

import duckdb
import pytest

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
