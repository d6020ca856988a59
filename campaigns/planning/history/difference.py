"""What two versions of a campaign have that the other has not, in words. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from campaigns.planning.brakes import in_words as brakes_in_words
from campaigns.planning.schedule import in_words as schedule_in_words
from campaigns.segments.about.difference import Change, Rule
from campaigns.segments.about.difference import changes as rule_changes

Data = Mapping[str, Any]
_TOLD_APART = ("id", "include", "exclude", "schedule", "attributes", "sub_audiences")
_OF_SUB_AUDIENCE = ("id", "groups", "rules", "segments", "name")
_WORDS = {
    "same_groups": "The same groups in each sub-audience",
    "grace": "Grace in minutes",
    "on_change": "Those assigned before",
    "is_control": "Control",
    "percent": "Percentage",
}


@dataclass(frozen=True)
class Words:
    """How ids and rules are read."""

    segment: Callable[[int], str]
    destination: Callable[[int], str]
    database: Callable[[int], str]
    rule: Callable[[Rule], str]


def differences(before: Data, after: Data, words: Words) -> Iterator[Change]:
    yield from _plain(before, after, _TOLD_APART, words)
    for key in ("include", "exclude"):
        yield from _list(before[key], after[key], words.segment, key.capitalize())
    yield from _value("Schedule", _schedule(before), _schedule(after))
    yield from _attributes(before["attributes"], after["attributes"], words)
    yield from _sub_audiences(before["sub_audiences"], after["sub_audiences"], words)


def _plain(before: Data, after: Data, but: Sequence[str], words: Words, inside: str = "") -> Iterator[Change]:
    """Whatever else a version holds, by its own name: keys that come later are told too."""
    for key in after:
        if key not in but and key in before and before[key] != after[key]:
            yield from _value(_label(key), _read(key, before, words), _read(key, after, words), inside)


def _label(key: str) -> str:
    return _WORDS.get(key, key.replace("_", " ").capitalize())


def _read(key: str, data: Data, words: Words) -> str:
    value = data[key]
    if key == "customer_database":
        return words.database(value) if value is not None else ""
    if key == "brakes":
        return "; ".join(brakes_in_words(value))
    if key == "percent":
        return f"{value} %"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def _value(label: str, was: str, now: str, inside: str = "") -> Iterator[Change]:
    if was != now:
        yield Change("changed", f"{label}: {now or 'none'}", was or "none", inside)


def _schedule(data: Data) -> str:
    return schedule_in_words(data["schedule"], data["time_zone"]) if data["schedule"] else ""


def _list(
    before: Sequence[int], after: Sequence[int], word: Callable[[int], str], inside: str
) -> Iterator[Change]:
    for pk in before:
        if pk not in after:
            yield Change("removed", word(pk), inside=inside)
    for pk in after:
        if pk not in before:
            yield Change("added", word(pk), inside=inside)
    if before != after and sorted(before) == sorted(after):
        yield Change("moved", "The same in another order", inside=inside)


def _attributes(before: Data, after: Data, words: Words) -> Iterator[Change]:
    """Columns by destination; one that is left out is the default attribute."""
    for pk in dict.fromkeys([*before, *after]):
        was, now = (", ".join(one.get(pk, {}).values()) or "the default attribute" for one in (before, after))
        yield from _value(f"Attribute of {words.destination(int(pk))}", was, now)


def _sub_audiences(before: Sequence[Data], after: Sequence[Data], words: Words) -> Iterator[Change]:
    for was, now in _pairs(before, after):
        if was is None:
            yield Change("added", f"Sub-audience “{now['name']}”")
            yield from (Change("added", _group(one, words), inside=now["name"]) for one in now["groups"])
        elif not now:
            yield Change("removed", f"Sub-audience “{was['name']}”")
        else:
            yield from _sub_audience(was, now, words)
    if _moved(before, after):
        yield Change("moved", "Sub-audiences: " + ", ".join(one["name"] for one in after))


def _pairs(before: Sequence[Data], after: Sequence[Data]) -> Iterator[tuple[Data | None, Data]]:
    """(was, is) by id, in the order of what is; nothing for what is no more."""
    old = {one["id"]: one for one in before}
    for one in after:
        yield old.pop(one["id"], None), one
    yield from ((one, {}) for one in old.values())


def _moved(before: Sequence[Data], after: Sequence[Data]) -> bool:
    """Whether those that stayed stand in another order."""
    ids = [one["id"] for one in before], [one["id"] for one in after]
    stayed = set(ids[0]) & set(ids[1])
    return [pk for pk in ids[0] if pk in stayed] != [pk for pk in ids[1] if pk in stayed]


def _sub_audience(was: Data, now: Data, words: Words) -> Iterator[Change]:
    name = now["name"]
    yield from _value("Sub-audience", was["name"], name)
    yield from _plain(was, now, _OF_SUB_AUDIENCE, words, name)
    yield from _list(was["segments"], now["segments"], words.segment, name)
    yield from _rules(was["rules"], now["rules"], name, words)
    for old, new in _pairs(was["groups"], now["groups"]):
        yield from _groups(old, new, name, words)
    if _moved(was["groups"], now["groups"]):
        yield Change("moved", "Groups: " + ", ".join(one["name"] for one in now["groups"]), inside=name)


def _rules(was: Data | None, now: Data | None, name: str, words: Words) -> Iterator[Change]:
    if was is not None and now is not None:
        for one in rule_changes(was["rules"], now["rules"], words.rule):
            inside = f"{name} › {one.inside}" if one.inside else name
            yield Change(one.kind, one.words, one.was, inside, one.note, one.lines)
    elif was is not None:
        yield Change("removed", f"Rules: {words.rule(was['rules'])}", inside=name)
    elif now is not None:
        yield Change("added", f"Rules: {words.rule(now['rules'])}", inside=name)


def _groups(was: Data | None, now: Data, name: str, words: Words) -> Iterator[Change]:
    if was is None:
        yield Change("added", _group(now, words), inside=name)
    elif not now:
        yield Change("removed", _group(was, words), inside=name)
    else:
        inside = f"{name} › {now['name']}"
        yield from _value("Group", was["name"], now["name"], name)
        yield from _plain(was, now, ("id", "name", "destinations"), words, inside)
        yield from _list(was["destinations"], now["destinations"], words.destination, inside)


def _group(data: Data, words: Words) -> str:
    """“GoldOffer”, 90.00 %, to Mail and Text."""
    to = " and ".join(words.destination(pk) for pk in data["destinations"])
    ending = ", control" if data["is_control"] else f", to {to or 'nowhere'}"
    return f"Group “{data['name']}”, {data['percent']} %{ending}"
