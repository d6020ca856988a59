"""The groups of sub-audiences while they are edited: added, removed, named, split evenly, kept alike.

Every function gives a new draft; places that are gone raise IndexError or ValueError.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import ROUND_DOWN, Decimal

from campaigns.planning import naming
from campaigns.planning.plain import HUNDRED, HUNDREDTH, Draft, DraftGroup, DraftSubAudience

# Stands in front of the copied groups of a sub-audience that has no name yet.
NAMELESS = "New"
Change = Callable[[DraftSubAudience], DraftSubAudience]


def place_in(text: str, length: int) -> int:
    index = int(text)
    if not 0 <= index < length:
        raise IndexError(index)
    return index


def change_sub_audience(draft: Draft, index: str, change: Change) -> Draft:
    items = list(draft.sub_audiences)
    place = place_in(index, len(items))
    items[place] = change(items[place])
    return replace(draft, sub_audiences=tuple(items))


def _change_shape(draft: Draft, index: str, change: Change) -> Draft:
    """Where all have the same groups, they gain and lose them together."""
    if not draft.same_groups:
        return change_sub_audience(draft, index, change)
    place_in(index, len(draft.sub_audiences))
    return replace(draft, sub_audiences=tuple(change(item) for item in draft.sub_audiences))


def add_group(draft: Draft, rest: str) -> Draft:
    def add(item: DraftSubAudience) -> DraftSubAudience:
        taken = {naming.comparison_key(group.name) for group in item.groups}
        name = next(f"Recipient{n}" for n in range(1, len(item.groups) + 2) if f"recipient{n}" not in taken)
        left = HUNDRED - sum((group.share or Decimal(0) for group in item.groups), start=Decimal(0))
        to = item.groups[-1].destinations if item.groups else ()
        return replace(
            item, groups=(*item.groups, DraftGroup(name, max(left, Decimal("0.00")), destinations=to))
        )

    if draft.same_groups:
        # Added to the first; the others follow it, each with its own name in front.
        return alike(change_sub_audience(draft, "0", add))
    return change_sub_audience(draft, rest, add)


def remove_group(draft: Draft, rest: str) -> Draft:
    index, _, number = rest.partition(":")

    def remove(item: DraftSubAudience) -> DraftSubAudience:
        groups = list(item.groups)
        del groups[place_in(number, len(groups))]
        return replace(item, groups=tuple(groups))

    return _change_shape(draft, index, remove)


def use_name(draft: Draft, rest: str) -> Draft:
    """`use:0:1:Name` renames a group, `use::Name` the campaign; the name is the last and may hold colons."""
    index, _, more = rest.partition(":")
    if not index:
        return replace(draft, name=more)
    number, _, name = more.partition(":")

    def rename(item: DraftSubAudience) -> DraftSubAudience:
        groups = list(item.groups)
        place = place_in(number, len(groups))
        groups[place] = replace(groups[place], name=name)
        return replace(item, groups=tuple(groups))

    return change_sub_audience(draft, index, rename)


def split_in_two(draft: Draft, rest: str) -> Draft:
    """`split:0:1:7,8:9` makes one group two, half the share each: `…_Email` to 7 and 8, `…_SMS` to 9."""
    index, number, email, phone = rest.split(":")

    def split(item: DraftSubAudience) -> DraftSubAudience:
        groups = list(item.groups)
        place = place_in(number, len(groups))
        group = groups[place]
        share = group.share or Decimal(0)
        half = (share / 2).quantize(HUNDREDTH)
        groups[place : place + 1] = [
            replace(group, name=f"{group.name}_Email", percent=share - half, destinations=_ids(email)),
            replace(group, id=None, name=f"{group.name}_SMS", percent=half, destinations=_ids(phone)),
        ]
        return replace(item, groups=tuple(groups))

    return _change_shape(draft, index, split)


def _ids(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(",") if part)


def split_evenly(draft: Draft, rest: str) -> Draft:
    """The treated groups share evenly what control leaves; where that is not enough, all groups do."""

    def split(item: DraftSubAudience) -> DraftSubAudience:
        treated = [group for group in item.groups if not group.is_control]
        held = sum((group.share or Decimal(0) for group in item.groups if group.is_control), start=Decimal(0))
        left = HUNDRED - held
        if not treated or left < HUNDREDTH * len(treated) or held < 0:
            return replace(item, groups=_with_shares(item.groups, even(HUNDRED, len(item.groups))))
        shares = iter(even(left, len(treated)))
        return replace(
            item,
            groups=tuple(
                group if group.is_control else replace(group, percent=next(shares)) for group in item.groups
            ),
        )

    return change_sub_audience(draft, rest, split)


def _with_shares(groups: Sequence[DraftGroup], shares: Sequence[Decimal]) -> tuple[DraftGroup, ...]:
    return tuple(replace(group, percent=share) for group, share in zip(groups, shares, strict=True))


def even(whole: Decimal, parts: int) -> list[Decimal]:
    """`parts` percentages that differ by a hundredth at most and sum to `whole`, the larger ones first."""
    if not parts:
        return []
    share = (whole / parts).quantize(HUNDREDTH, ROUND_DOWN)
    more = int((whole - share * parts) / HUNDREDTH)
    return [share + HUNDREDTH if number < more else share for number in range(parts)]


# The same in each sub-audience ------------------------------------------------------------------------------


def alike(draft: Draft) -> Draft:
    """With `same_groups`, shares, ticks and destinations as in the first sub-audience, whose groups the others repeat.

    A group that is there keeps its id and its name; a new one has the sub-audience's name in front.
    """
    if not draft.same_groups or not draft.sub_audiences:
        return draft
    first, *others = draft.sub_audiences
    return replace(draft, sub_audiences=(first, *(_followed(first, item) for item in others)))


def is_alike(first: DraftSubAudience, item: DraftSubAudience) -> bool:
    """Whether both have the same shares and destinations, group by group."""
    return [_shape(group) for group in first.groups] == [_shape(group) for group in item.groups]


def _shape(group: DraftGroup) -> tuple[Decimal | None, bool, tuple[int, ...]]:
    return group.share, group.is_control, () if group.is_control else tuple(sorted(group.destinations))


def lost_by_the_same(draft: Draft) -> list[tuple[str, list[str]]]:
    """What the same groups in each would remove: (name of the sub-audience, names of its groups)."""
    if not draft.sub_audiences:
        return []
    first, *others = draft.sub_audiences
    kept = len(first.groups)
    return [(item.name, [one.name for one in item.groups[kept:]]) for item in others if item.groups[kept:]]


def _followed(first: DraftSubAudience, item: DraftSubAudience) -> DraftSubAudience:
    groups = [
        replace(
            model,
            id=own.id if own else None,
            name=_own_name(own, model, copied_name(model.name, first.name, item.name)),
        )
        for model, own in zip(first.groups, [*item.groups, *[None] * len(first.groups)], strict=False)
    ]
    return replace(item, groups=tuple(groups))


def _own_name(own: DraftGroup | None, model: DraftGroup, copied: str) -> str:
    """What stands there, unless it is new and still the model's: then its list would have the other's name."""
    if own is None:
        return copied
    is_models = naming.comparison_key(own.name) == naming.comparison_key(model.name)
    return copied if is_models and own.id is None and not own.is_control else own.name


def named(item: DraftSubAudience, name: str, *, same_groups: bool) -> DraftSubAudience:
    """A nameless sub-audience, called so from now on; its copied groups follow."""
    if not same_groups:
        return replace(item, name=name)
    found = tuple(
        one if one.id else replace(one, name=copied_name(one.name, NAMELESS, name)) for one in item.groups
    )
    return replace(item, name=name, groups=found)


def copied(groups: Sequence[DraftGroup], source: str, to: str) -> tuple[DraftGroup, ...]:
    """New groups like those of the sub-audience called `source`, for the one called `to`."""
    return tuple(replace(one, id=None, name=copied_name(one.name, source, to)) for one in groups)


def copied_name(name: str, source: str, to: str) -> str:
    """ "GoldOffer" of "Gold" is "SilverOffer" in "Silver"."""
    prefix, own = naming.joined(source), naming.joined(to)
    has_prefix = prefix and naming.comparison_key(name).startswith(naming.comparison_key(prefix))
    stem = name[len(prefix) :] if has_prefix and len(name) > len(prefix) else name
    return f"{own}{stem[:1].upper() + stem[1:] if own else stem}"[: naming.LONGEST_NAME]
