"""Cells of the CSV files that people open, in DuckDB's SQL: a spreadsheet runs no formula from them."""

from __future__ import annotations

# Cells that begin with one of these are formulas to a spreadsheet, but for a phone number.
FORMULA = r"^[=+\-@\t\r]"
PHONE = r"\+[0-9·]+"


def cell_sql(value: str) -> str:
    """A CSV field of a text expression: no formula, quoted only where needed, empty for NULL."""
    risky = f"regexp_matches({value}, '{FORMULA}') AND NOT regexp_full_match({value}, '{PHONE}')"
    safe = f"CASE WHEN {risky} THEN '''' || {value} ELSE {value} END"
    wrapped = f"""'"' || replace({safe}, '"', '""') || '"'"""
    return f"""coalesce(CASE WHEN regexp_matches({value}, '[",\\r\\n]') THEN {wrapped} ELSE {safe} END, '')"""
