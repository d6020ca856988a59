"""Cells of the CSV files that people open, in DuckDB's SQL: a spreadsheet runs no formula from them."""

from __future__ import annotations

# What begins a formula; the wide ones do so where people write Chinese, Japanese or Korean.
_SIGNS = r"=+\-@＝＋－＠"
# What a spreadsheet may pass over before it.
_BLANKS = r"[\" \x{a0}\x{3000}]*"
# A cell begins with the value, and within it wherever a spreadsheet may part it: Excel does at a semicolon or a tab in
# countries that write decimals with a comma, and no longer knows then which line ends stand within quotes.
FORMULA = rf"(^|[;\t\r\n])({_BLANKS}[{_SIGNS}])"
# A cell of a phone number alone is a number to a spreadsheet.
PHONE = r"\+[0-9·]+"
QUOTED = r'[",;\t\r\n]'


def cell_sql(value: str) -> str:
    """A CSV field of a text expression: no formula, quoted only where needed, empty for NULL.

    What a spreadsheet would run gets an apostrophe before it, and so does what begins with a tab or a line end.
    """
    parted = rf"regexp_replace({value}, '{FORMULA}', '\1''\2', 'g')"
    safe = (
        f"CASE WHEN regexp_full_match({value}, '{PHONE}') THEN {value}"
        rf" WHEN regexp_matches({value}, '^[\t\r\n]') THEN '''' || {parted} ELSE {parted} END"
    )
    wrapped = f"""'"' || replace({safe}, '"', '""') || '"'"""
    return f"""coalesce(CASE WHEN regexp_matches({value}, '{QUOTED}') THEN {wrapped} ELSE {safe} END, '')"""
