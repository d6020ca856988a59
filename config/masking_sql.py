"""masking.py's words in DuckDB's SQL, for lists too long to pass through Python."""

from __future__ import annotations

from config.masking import DOT, PERSONAL, PHONES

_DOTS = f"'{DOT * 3}'"
# masking.py's digits: DuckDB's regular expressions know only ASCII by \d and \s.
_DIGITS = r"\+?[\p{Nd}\p{Zs}\t-\r\x{1c}-\x{1f}\x{85}\x{2028}\x{2029}().\-/]{7,}"


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


def mask_contact_sql(value: str) -> str:
    """Of a column of phones, where anything may stand: an address is masked as one."""
    return f"CASE WHEN strpos({value}, '@') > 0 THEN {mask_email_sql(value)} ELSE {mask_phone_sql(value)} END"


def mask_key_sql(value: str) -> str:
    return (
        f"CASE WHEN strpos({value}, '@') > 0 THEN {mask_email_sql(value)} WHEN {value} = '' THEN ''"
        f" ELSE left({value}, length({value}) // 2) || {_DOTS} END"
    )


def mask_whole_sql(value: str) -> str:
    """For what a first character would tell: yes from no, one tier from another."""
    return f"CASE WHEN {value} = '' THEN '' WHEN {value} IS NOT NULL THEN {_DOTS} END"


def mask_sql(value: str, column: str, *, is_text: bool, personal: bool | None = None) -> str:
    """`value` is the text of a column's value; `is_text`: the column itself is one of texts."""
    name = "" if personal is False else column.rpartition(".")[2].lower()
    if "mail" in name:
        return mask_email_sql(value)
    plain = mask_whole_sql(value) if personal else value
    if any(word in name for word in PERSONAL):
        plain = mask_text_sql(value)
    cases = [f"WHEN strpos({value}, '@') > 0 THEN {mask_email_sql(value)}"]
    if any(word in name for word in PHONES):
        plain = mask_phone_sql(value)
    elif is_text:
        cases.append(f"WHEN regexp_full_match({value}, '{_DIGITS}') THEN {mask_phone_sql(value)}")
    return f"CASE {' '.join(cases)} ELSE {plain} END"
