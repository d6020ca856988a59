"""One form for each e-mail address and phone number, or none where it is invalid.

`normalise_value` is the library's word: email-validator and phonenumbers. `normalised_sql` gives the same
answers inside DuckDB, vectorised, and asks the library, through a function registered by `teach`, for the few
it cannot decide.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from campaigns.customers.phone_patterns import PhonePatterns, patterns_for
from destinations.kind import Identifier

if TYPE_CHECKING:
    import duckdb

# DuckDB's trim takes spaces alone unless told: everything Unicode calls white space, and the invisible ones
# that spreadsheets leave behind.
WHITE_SPACE = (
    "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009"
    "\u200a\u2028\u2029\u202f\u205f\u3000\u200b\u2060\ufeff"
)
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*"
# Plain addresses, beyond doubt. Labels with `--` (Punycode, reserved ones) and long ones go to the library.
_PLAIN_EMAIL = rf"{_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+(?:[A-Za-z0-9]+-)*[A-Za-z0-9]*[A-Za-z]"
# What no address survives: typing errors, and letters with accents before the @, which have no ASCII form.
_NEVER_IN_EMAIL = r"[.][.@]|@[.@]|[À-ɏ].*@"
_PLAIN_EMAIL_LENGTH = 64  # no label can be over 63 then
_PLAIN_PHONE = r"\+?[0-9 ().\-/]*"
_SPACES = f"[{WHITE_SPACE}]*"


def trimmed(value: str) -> str:
    return value.strip(WHITE_SPACE)


def normalise_value(value: str, identifier: Identifier, country: str) -> str | None:
    """The form that is sent, by the libraries, or None where the value is invalid or empty.

    `country` (two letters) is the default country of phone numbers without a country code.
    """
    return normalise_email(value) if identifier == "email" else normalise_phone(value, country)


def normalise_email(value: str) -> str | None:
    """Trimmed, lower case, the ASCII form of email-validator; nothing is looked up."""
    from email_validator import EmailNotValidError, validate_email

    try:
        return validate_email(trimmed(value).lower(), check_deliverability=False).ascii_email
    except EmailNotValidError:
        return None


def normalise_phone(value: str, country: str) -> str | None:
    """E.164; letters and extensions are invalid."""
    import phonenumbers

    text = trimmed(value)
    if any(character.isalpha() for character in text):
        return None
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    if number.extension or not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def phone_spellings(number: str, country: str) -> set[str]:
    """How a valid number (E.164) is usually written: with and without its country code, in groups or not."""
    import phonenumbers

    parsed = phonenumbers.parse(number, country)
    ways = phonenumbers.PhoneNumberFormat
    grouped = {phonenumbers.format_number(parsed, way) for way in (ways.INTERNATIONAL, ways.NATIONAL)}
    plain = {re.sub(r"[^0-9+]", "", text) for text in grouped} | {number.removeprefix("+")}
    bare = {text.replace("(", "").replace(")", "") for text in grouped}
    joined = {re.sub(r"[ -]", mark, text) for text in bare for mark in " .-"}
    return {number} | grouped | plain | bare | joined


def teach(connection: duckdb.DuckDBPyConnection, country: str) -> None:
    """Register the libraries with a DuckDB connection, for `normalised_sql` to ask."""

    def email(value: str | None) -> str | None:
        return normalise_value(value, "email", country) if value else None

    def phone(value: str | None) -> str | None:
        return normalise_value(value, "phone", country) if value else None

    # Value by value: of a vector only a few are asked for, and a vector of Arrow costs more than they do.
    for name, function in (("library_email", email), ("library_phone", phone)):
        connection.create_function(  # type: ignore[call-overload]
            name, function, ["VARCHAR"], "VARCHAR", null_handling="special"
        )


def trimmed_sql(text: str) -> str:
    return f"trim({text}, {quoted(WHITE_SPACE)})"


def normalised_sql(text: str, identifier: Identifier, country: str) -> str:
    """A DuckDB expression for the normalised form of `text` (an expression); NULL where there is none.

    The connection has to be taught (`teach`) with the same country.
    """
    return email_sql(text) if identifier == "email" else phone_sql(text, country)


def email_sql(text: str) -> str:
    """`normalise_email` as a DuckDB expression."""
    from email_validator import SPECIAL_USE_DOMAIN_NAMES

    # Written so that no costly part stands here twice: DuckDB takes such parts out of the CASE, for every row.
    padded = rf"{_SPACES}({_PLAIN_EMAIL}){_SPACES}"
    ends = "|".join(re.escape(name) for name in SPECIAL_USE_DOMAIN_NAMES)
    return (
        f"CASE WHEN strlen({text}) <= {_PLAIN_EMAIL_LENGTH} AND regexp_full_match({text}, {quoted(_PLAIN_EMAIL)})"
        f" THEN CASE WHEN NOT regexp_matches({text}, {quoted(rf'(?i)[.](?:{ends})$')}) THEN lower({text}) END"
        f" WHEN {text} IS NULL OR NOT contains({text}, '@') THEN NULL"
        f" WHEN strlen({text}) <= {_PLAIN_EMAIL_LENGTH} AND regexp_full_match({text}, {quoted(padded)})"
        f" THEN CASE WHEN NOT regexp_matches({text}, {quoted(rf'(?i)[.](?:{ends}){_SPACES}$')})"
        f" THEN lower(regexp_extract({text}, {quoted(padded)}, 1)) END"
        f" WHEN regexp_matches({text}, {quoted(_NEVER_IN_EMAIL)}) THEN NULL ELSE library_email({text}) END"
    )


def phone_sql(text: str, country: str) -> str:
    """`normalise_phone` as a DuckDB expression."""
    patterns = patterns_for(country)
    library = f"library_phone({text})"
    if patterns is None:
        return library
    digits = f"regexp_replace({text}, '[^0-9+]', '', 'g')"
    decided = _digits_sql(digits, library, patterns)
    # The digits stand in the first condition, where every row meets them, so that DuckDB computes them once a row;
    # within a branch alone it would do so at each of their places. In a CASE of somebody else's it does: select first.
    return (
        f"CASE WHEN {digits} IS NULL THEN NULL"
        f" WHEN regexp_full_match({text}, {quoted(_SPACES + _PLAIN_PHONE + _SPACES)}) THEN {decided}"
        f" WHEN regexp_matches({text}, '[A-Za-z]') THEN NULL ELSE {library} END"
    )


def _digits_sql(digits: str, library: str, patterns: PhonePatterns) -> str:
    """The ways `parse` reads digits, in its order: +, national, a bare country code, a national prefix."""
    code, length = patterns.calling_code, len(patterns.calling_code) + 1
    after_code = f"substr({digits}, {length})"
    branches = [
        (
            f"starts_with({digits}, '+{code}')"
            f" AND NOT {_starts(f'substr({digits}, {length + 1})', patterns.prefix)}",
            f"substr({digits}, {length + 1})",
        )
    ]
    if patterns.national:
        branches += [
            (f"starts_with({digits}, '+') OR {_starts(digits, patterns.international_prefix)}", ""),
            (
                f"NOT starts_with({digits}, '{code}') AND NOT {_starts(digits, patterns.prefix)}",
                digits,
            ),
            (
                f"starts_with({digits}, '{code}') AND NOT {_starts(after_code, patterns.prefix)}"
                f" AND NOT {_whole(digits, patterns.general)} AND {_whole(after_code, patterns.general)}",
                after_code,
            ),
        ]
    if patterns.national and patterns.plain_prefix:
        rest = f"regexp_replace({digits}, {quoted(f'^(?:{patterns.prefix})')}, '')"
        branches.append(
            (f"NOT starts_with({digits}, '{code}') AND NOT {_whole(digits, patterns.general)}", rest)
        )
    cases = " ".join(
        f"WHEN {condition} THEN {_valid_sql(national, library, patterns) if national else library}"
        for condition, national in branches
    )
    return f"CASE {cases} ELSE {library} END"


def _valid_sql(national: str, library: str, patterns: PhonePatterns) -> str:
    """`is_valid_number`: the country is the first whose leading digits or types fit; its types decide."""
    return (
        f"CASE WHEN {_whole(national, patterns.certain)} AND {_whole(national, patterns.general)}"
        f" AND NOT {_starts(national, patterns.certain_unless)} THEN '+{patterns.calling_code}' || {national}"
        f" WHEN {_whole(national, patterns.possible)} THEN {library} END"
    )


def _starts(text: str, pattern: str) -> str:
    return f"regexp_matches({text}, {quoted(f'^(?:{pattern})')})"


def _whole(text: str, pattern: str) -> str:
    return f"regexp_full_match({text}, {quoted(pattern)})"


def quoted(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def identifier(name: str) -> str:
    """The name of a table or column in SQL."""
    return '"' + name.replace('"', '""') + '"'
