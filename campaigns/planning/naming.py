"""Names of campaigns, sub-audiences and groups: what is refused, what is warned about, what is better.

Pure: no database, no request. A name counts because a list carries it into the destination, where a
list of an equal name replaces the other.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

LONGEST_NAME = 100
REST_NAME = "All remaining recipients"

# Joiners that emoji and some scripts need; every other invisible character is refused.
_JOINERS = "\u200c\u200d"
_EMOJI = re.compile(
    "[\U0001f000-\U0001faff\u2600-\u27bf\u2b00-\u2bff\u231a\u231b\u2328\u23e9-\u23fa\ufe0f\u20e3\u200d]+"
)
_DEFAULT_GROUP = re.compile(
    r"(recipients?|treatments?|treatmentgroups?|groups?|newgroups?|controls?|controlgroups?|untitled|untitledgroup)"
    r"([-_#]?(\d+|[a-z]))?"
)
_DEFAULT_CAMPAIGN = re.compile(r"(untitled|untitledcampaign|newcampaign|campaign|newaudience)[-_#]?\d*")
# "Copy of …" in any case and spacing, but not "Copyoffice".
_COPY = re.compile(r"(?i:copy\s*of)(?![a-z])\s*")
_AWKWARD = ',"/\\<>|*?:;'
_FOLLOWER = re.compile(r"_([2-9]|[1-9]\d+)")
_FOLLOWER_AT_THE_END = re.compile(r"(.*)_(?:test|[2-9]|[1-9]\d+)", re.DOTALL)


@dataclass(frozen=True)
class NameWarning:
    """A sentence of what is wrong, one of why it matters, and a better name (empty where there is none)."""

    message: str
    advice: str
    proposal: str = ""


@lru_cache(maxsize=10_000)
def comparison_key(name: str) -> str:
    """The name without any white space, NFC, case folded: equal keys are one name to a destination."""
    return unicodedata.normalize("NFC", "".join(unicodedata.normalize("NFC", name).split()).casefold())


def name_problem(name: str, what: str = "name") -> str:
    """Why this name is refused wherever it goes, as a sentence; empty when it is fine."""
    if not name.strip():
        return f"Enter a {what}."
    if len(name) > LONGEST_NAME:
        return f"A {what} has {LONGEST_NAME} characters at most; this one has {len(name)}. Shorten it."
    if name.strip().startswith("_"):
        return f"A {what} may not start with “_”. Remove it."
    if any(_is_invisible(character) for character in name):
        return f"A {what} may not hold line breaks, tabs or invisible characters. Type it again on one line."
    return ""


def _is_invisible(character: str) -> bool:
    category = unicodedata.category(character)
    return category in ("Cc", "Cs", "Zl", "Zp") or (category == "Cf" and character not in _JOINERS)


def is_default_name(name: str) -> bool:
    """Whether software gives such names ("Recipient1", "Group A", "Copy of …"), in any case and spacing."""
    key = comparison_key(name)
    return bool(
        _DEFAULT_GROUP.fullmatch(key) or _DEFAULT_CAMPAIGN.fullmatch(key) or _COPY.match(name.strip())
    )


def has_emoji(name: str) -> bool:
    return _EMOJI.search(name) is not None


def warnings_for_group(
    name: str,
    *,
    campaign: str,
    destinations: Sequence[str],
    platform: str = "",
    propose: Callable[[str], str],
) -> list[NameWarning]:
    """What is unclear about the name of a treated group that goes to `destinations` (their names).

    `propose(stem)` makes a free name from a stem; an empty stem lets it choose one.
    """
    found = []
    if is_default_name(name):
        place = f"In {platform}" if platform else "At the destination"
        advice = f"{place} it says nothing about who is on the list."
        found.append(NameWarning(f"“{name}” is a default name.", advice, propose("")))
    elif _holds(name, campaign):
        advice = "The segment name holds it already, where the template says so."
        better = propose(without(name, campaign))
        found.append(NameWarning(f"“{name}” repeats the campaign's name.", advice, better))
    for destination in destinations if len(destinations) > 1 else ():
        if _holds(name, destination):
            message = f"“{name}” names {destination}, but the group also goes elsewhere."
            better = propose(without(name, destination))
            found.append(NameWarning(message, "There the name would mislead.", better))
    if has_emoji(name):
        found.append(_emoji_warning(name, propose(without_emoji(name))))
    return found


def warnings_for_campaign(name: str, *, propose: Callable[[str], str]) -> list[NameWarning]:
    """What is unclear about a campaign's name; `propose(stem)` as in `warnings_for_group`."""
    copied = _COPY.match(name.strip())
    if copied:
        stem = name.strip()[copied.end() :]
        return [
            NameWarning(
                f"“{name}” is a default name.", "It says whose copy it is, not what it is for.", propose(stem)
            )
        ]
    if is_default_name(name):
        return [
            NameWarning(f"“{name}” is a default name.", "It says nothing about what is sent.", propose(""))
        ]
    if has_emoji(name):
        return [_emoji_warning(name, propose(without_emoji(name)))]
    return []


def _emoji_warning(name: str, proposal: str) -> NameWarning:
    return NameWarning(f"“{name}” holds an emoji.", "Not every platform shows or finds it.", proposal)


def _holds(name: str, part: str) -> bool:
    """Whether the name holds the part; parts of one or two characters stand in too many words to count."""
    key = comparison_key(part)
    return len(key) > 2 and key in comparison_key(name)


def without(name: str, part: str) -> str:
    """The name less a part of it (any case and spacing), and less the separators that leaves at the ends."""
    letters = r"\s*".join(re.escape(character) for character in "".join(part.split()))
    return re.sub(letters, "", name, flags=re.IGNORECASE).strip(" _-–:") if letters else name


def without_emoji(name: str) -> str:
    return " ".join(_EMOJI.sub(" ", name).split())


def plain(name: str) -> str:
    """The name less what some platform cannot carry, for people to read: 'Gold / "A"' gives "Gold A"."""
    kept = (" " if _is_invisible(one) or one in _AWKWARD else one for one in name)
    return " ".join("".join(kept).split())[:LONGEST_NAME].strip(" _")


def joined(text: str) -> str:
    """Words run together as a name that every platform carries: "Lapsed 6 months" gives "Lapsed6Months"."""
    words = re.findall(r"[^\W_]+", unicodedata.normalize("NFC", text))
    return "".join(word[:1].upper() + word[1:] for word in words)[:40]


def propose(stems: Iterable[str], is_free: Callable[[str], bool]) -> str:
    """The first good name made of these stems that is free; numbered only where nothing else is."""
    usable = [name for name in map(joined, stems) if name and not is_default_name(name)]
    endings = ("", "Offer", *(f"Offer{number}" for number in range(2, 100)))
    for ending in endings:
        for name in usable:
            if not is_default_name(name + ending) and is_free(name + ending):
                return name + ending
    return ""


def propose_campaign(stems: Iterable[str], today: date, is_free: Callable[[str], bool]) -> str:
    """A campaign's name made of the first usable stem and, since it has to be told apart later, the month."""
    for stem in (without_emoji(stem).strip() for stem in stems):
        if stem and not is_default_name(stem):
            plain = stem[:70]
            for name in (plain, f"{plain} {today:%B %Y}", f"{plain} {today:%d %B %Y}"):
                if is_free(name):
                    return name
    return ""


def equal_names(
    first: str, second: str, *, first_numbered: bool = False, second_numbered: bool = False
) -> bool:
    """Whether two lists of one account would replace each other.

    Beside equal keys: a name is reserved together with its `_TEST`, and, where it may be cut into numbered
    segments, with its `_2`, `_3` ….
    """
    one, two = comparison_key(first), comparison_key(second)
    return one == two or _is_follower(one, two, second_numbered) or _is_follower(two, one, first_numbered)


def followed(key: str) -> str:
    """The name that a key follows as its `_TEST` or number; empty where it follows none."""
    found = _FOLLOWER_AT_THE_END.fullmatch(key)
    return found[1] if found else ""


def _is_follower(name: str, of: str, numbered: bool) -> bool:
    if not name.startswith(of):
        return False
    rest = name[len(of) :]
    return rest == "_test" or (numbered and _FOLLOWER.fullmatch(rest) is not None)
