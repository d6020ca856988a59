"""masking.py's words in DuckDB's SQL, for lists too long to pass through Python."""

from __future__ import annotations

from config.masking import DOT

_DOTS = f"'{DOT * 3}'"


def mask_text_sql(value: str) -> str:
    return f"CASE WHEN {value} = '' THEN '' ELSE left({value}, 1) || {_DOTS} END"


def mask_email_sql(value: str) -> str:
    at = f"(length({value}) - strpos(reverse({value}), '@') + 1)"  # of the last @
    return (
        f"CASE WHEN strpos({value}, '@') > 0 AND {at} > 1"
        f" THEN left({value}, 1) || {_DOTS} || substr({value}, {at}) ELSE {mask_text_sql(value)} END"
    )


def mask_phone_sql(value: str) -> str:
    keep = f"CASE WHEN length({value}) > 6 THEN length({value}) - 3 ELSE least(length({value}), 1) END"
    return f"CASE WHEN {value} = '' THEN '' ELSE left({value}, {keep}) || {_DOTS} END"


def mask_key_sql(value: str) -> str:
    return (
        f"CASE WHEN strpos({value}, '@') > 0 THEN {mask_email_sql(value)} WHEN {value} = '' THEN ''"
        f" ELSE left({value}, length({value}) // 2) || {_DOTS} END"
    )
