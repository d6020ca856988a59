"""phonenumbers' own metadata as regular expressions that DuckDB takes: no look-around, no back references.

What they decide they decide as `phonenumbers.parse` and `is_valid_number` do; they leave the rest undecided.
Source of the rules: `phonenumbers/phonenumberutil.py`, the functions named beside each part.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

# As in `_number_type_helper`.
TYPES = (
    "premium_rate",
    "toll_free",
    "shared_cost",
    "voip",
    "personal_number",
    "pager",
    "uan",
    "voicemail",
    "fixed_line",
    "mobile",
)
NOTHING = r"[^\d\D]"  # matches no text


@dataclass(frozen=True)
class PhonePatterns:
    """Patterns for numbers of one country calling code, read with one default country; all match digits."""

    calling_code: str
    # The main country's general description of a national number.
    general: str
    # National numbers that some country of the calling code has.
    possible: str
    # Those of countries found by their numbers alone; they are valid unless another country is found before,
    # by its leading digits.
    certain: str
    certain_unless: str
    # What a national number may not start with, lest the library takes it for a prefix.
    prefix: str
    international_prefix: str
    # Whether a national prefix may simply be cut off (it has no parts to be moved about).
    plain_prefix: bool
    # Whether numbers without a leading + may be decided at all.
    national: bool


@cache
def patterns_for(country: str) -> PhonePatterns | None:
    """The patterns for a default country, or None where the library does not know it."""
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata

    own: Any = PhoneMetadata.metadata_for_region(country.upper(), None)
    if own is None:
        return None
    regions = COUNTRY_CODE_TO_REGION_CODE[own.country_code]
    known: list[Any] = [PhoneMetadata.metadata_for_region(region, None) for region in regions]
    main, free = known[0], [region for region in known if region.leading_digits is None]
    leading = [region.leading_digits for region in known if region.leading_digits is not None]
    prefix = main.national_prefix_for_parsing or ""
    return PhonePatterns(
        calling_code=str(own.country_code),
        general=_either([main.general_desc.national_number_pattern]),
        possible=_either(_kinds_of(known)),
        certain=_either(_kinds_of(free)),
        certain_unless=_either(leading),
        prefix=_either([prefix] if prefix else []),
        international_prefix=_either([main.international_prefix] if main.international_prefix else []),
        plain_prefix=bool(prefix) and re.compile(prefix).groups == 0,
        national=_reads_alike(own, main),
    )


def _kinds_of(regions: list[Any]) -> list[str]:
    descriptions = (getattr(region, kind) for region in regions for kind in TYPES)
    patterns = (found.national_number_pattern for found in descriptions if found is not None)
    return [pattern for pattern in patterns if pattern]


def _either(patterns: list[str]) -> str:
    """One pattern for any of these; nothing matches where there are none."""
    unique = dict.fromkeys(patterns)
    return "|".join(f"(?:{pattern})" for pattern in unique) if unique else NOTHING


def _reads_alike(own: Any, main: Any) -> bool:
    """`parse` begins with the default country's metadata and goes on with its main country's."""

    def prefixes(region: Any) -> tuple[str | None, ...]:
        general = region.general_desc.national_number_pattern
        return general, region.national_prefix_for_parsing, region.international_prefix

    return prefixes(own) == prefixes(main)
