"""An uploaded list for people to open: what nobody has, and the keys. DuckDB makes the lines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from campaigns.customers.normalise import quoted
from campaigns.segments.uploaded.matching import INVALID
from campaigns.segments.uploaded.models import MatchedBy, UploadedList
from config.csv_cells import cell_sql
from config.masking_sql import mask_contact_sql, mask_key_sql
from config.own_duckdb import column_bytes, open_duckdb

BATCH_ROWS = 50_000
HEADERS = {"unmatched": b"row,value,reason\n", "keys": b"customer_key\n"}


def lines(path: Path, what: str, one: UploadedList, *, masked: bool) -> Iterator[bytes]:
    """A CSV of keys.parquet or unmatched.parquet at `path`, in pieces; `what`: "keys" or "unmatched"."""
    yield HEADERS[what]
    source = f"read_parquet({quoted(str(path))})"
    made = _keys_sql(source, masked=masked) if what == "keys" else _unmatched_sql(source, one, masked=masked)
    yield from _pieces(made)


def _keys_sql(source: str, *, masked: bool) -> str:
    key = mask_key_sql("customer_key") if masked else "customer_key"
    return f"SELECT {cell_sql(f'({key})')} || chr(10) AS line FROM {source} ORDER BY customer_key"


def _unmatched_sql(source: str, one: UploadedList, *, masked: bool) -> str:
    value = "value"
    if masked:
        value = (mask_contact_sql if one.matched_by == MatchedBy.PHONE else mask_key_sql)("value")
    invalid = f"no valid {MatchedBy(one.matched_by).label}"
    reason = f"CASE reason WHEN '{INVALID}' THEN {quoted(invalid)} ELSE 'no customer has it' END"
    cells = " || ',' || ".join(["CAST(row AS VARCHAR)", cell_sql(f"({value})"), f"({reason})"])
    return f"SELECT {cells} || chr(10) AS line FROM {source} ORDER BY row"


def _pieces(sql: str) -> Iterator[bytes]:
    with open_duckdb() as connection:
        for batch in connection.execute(sql).to_arrow_reader(BATCH_ROWS):
            yield bytes(column_bytes(batch.column(0), 0, len(batch)))
