"""What people see who may not see personal data: enough to recognise a shape, too little to know a person."""

from __future__ import annotations

import re

DOT = "·"


def mask_text(value: str) -> str:
    """The first character, then dots."""
    return value[:1] + DOT * 3 if value else value


def mask_email(value: str) -> str:
    """jordan@example.com as j···@example.com; what is no address is masked whole."""
    local, at, domain = value.rpartition("@")
    return f"{local[:1]}{DOT * 3}@{domain}" if at and local else mask_text(value)


def mask_phone(value: str) -> str:
    """+12025550142 as +12025550···: the last three digits are hidden, and all but the start of a short one."""
    keep = max(len(value) - 3, 0) if len(value) > 6 else min(len(value), 1)
    return value[:keep] + DOT * 3 if value else value


def mask_key(value: str) -> str:
    """c_0018842 as c_0018···: a customer key may itself be an address or a number."""
    if "@" in value:
        return mask_email(value)
    return value[: len(value) // 2] + DOT * 3 if value else value


def mask(value: object, column: str, personal: bool | None = None) -> str:
    """A value of a column, by what the column is called and what a text looks like.

    What neither names nor looks like a person (a city, a loyalty tier, an amount) stays readable. `personal` is what
    an operator said of the column: True hides what its name would not, False lets its name say nothing.
    """
    text, name = str(value), "" if personal is False else _name(column)
    if isinstance(value, bool):
        return DOT * 3 if personal else text
    is_text = isinstance(value, str)
    if "@" in text or "mail" in name:
        return mask_email(text)
    if any(word in name for word in PHONES) or (is_text and _DIGITS.fullmatch(text)):
        return mask_phone(text)
    if any(word in name for word in PERSONAL):
        return mask_text(text)
    # A first character would tell yes from no, and one tier from another.
    return DOT * 3 if personal and text else text


def sounds_personal(column: str) -> bool:
    """Whether a column's values are masked for its name alone."""
    return any(word in _name(column) for word in ("mail", *PHONES, *PERSONAL))


def _name(column: str) -> str:
    return column.rpartition(".")[2].lower()


PHONES = ("phone", "mobile", "msisdn", "whatsapp", "sms", "fax", "tel_")
PERSONAL = (
    "name",
    "address",
    "street",
    "zip",
    "postcode",
    "postal",
    "birth",
    "passport",
    "social",
    "ssn",
    "iban",
    "card",
    "token",
    "device",
    "note",
    "comment",
    "latitude",
    "longitude",
    "_ip",
)
# Long enough to be called.
_DIGITS = re.compile(r"\+?[\d\s().\-/]{7,}")
