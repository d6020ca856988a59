"""The shape of a campaign: segments, sub-audiences, percentages, destinations, attributes, schedule.

Names have a module of their own, `clashes.py`. Each function adds to a list of problems.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal

from campaigns.customers.catalogue import stored
from campaigns.customers.models import CustomerDatabase
from campaigns.planning import naming
from campaigns.planning.groups import is_alike
from campaigns.planning.models import Campaign
from campaigns.planning.plain import (
    HUNDRED,
    HUNDREDTH,
    MOST_SEGMENTS,
    MOST_SUB_AUDIENCES,
    Draft,
    DraftGroup,
    DraftSubAudience,
    Path,
    Problem,
)
from campaigns.planning.schedule import grace_problem, local_time_problem, schedule_problem
from campaigns.planning.world import World
from campaigns.segments import rules
from campaigns.segments.saving import list_problems
from campaigns.segments.times import time_zone_problem


def check_campaign(draft: Draft, world: World, errors: list[Problem]) -> None:
    """Name, customer database, schedule."""
    if problem := naming.name_problem(draft.name, "campaign name"):
        errors.append(Problem(("name",), problem))
    elif Campaign.objects.named(draft.name, but=draft.id).exists():
        errors.append(Problem(("name",), f"There is a campaign “{draft.name}” already. Choose another name."))
    _check_database(draft, world, errors)
    if problem := schedule_problem(draft.schedule):
        errors.append(Problem(("schedule",), problem))
    if problem := time_zone_problem(draft.time_zone):
        errors.append(Problem(("time_zone",), problem))
    if draft.launch_date and (problem := local_time_problem(draft.launch_date)):
        errors.append(Problem(("launch_date",), problem))
    if problem := grace_problem(draft.grace):
        errors.append(Problem(("grace",), problem))


def _check_database(draft: Draft, world: World, errors: list[Problem]) -> None:
    path: Path = ("customer_database",)
    campaign = world.campaign
    if world.database is None:
        errors.append(Problem(path, "Choose a customer database."))
    elif campaign is not None and _is_elsewhere(campaign, world.database):
        errors.append(
            Problem(
                path,
                "This campaign was launched, and its people are known by the keys of "
                f"{campaign.customer_database}. Copy the campaign to use another customer database.",
            )
        )
    elif world.database.archived_at is not None:
        errors.append(Problem(path, f"{world.database} is archived. Choose another customer database."))


def _is_elsewhere(campaign: Campaign, database: CustomerDatabase) -> bool:
    """Whether people were assigned by the keys of another customer database."""
    return campaign.customer_database_id != database.pk and campaign.launches.exists()


def check_segments(draft: Draft, world: World, errors: list[Problem], warnings: list[Problem]) -> None:
    if not draft.include:
        errors.append(Problem(("include",), "Include at least one segment."))
    for key, chosen in (("include", draft.include), ("exclude", draft.exclude)):
        if len(chosen) > MOST_SEGMENTS:
            text = f"{key.title()} {MOST_SEGMENTS} segments at most; these are {len(chosen)}. Remove some."
            errors.append(Problem((key,), text))
        check_segment_list((key,), chosen, world, errors)
    for pk in dict.fromkeys(pk for pk in draft.include if pk in draft.exclude):
        if pk in world.segments:
            name = world.segments[pk].name
            warnings.append(
                Problem(
                    ("exclude",), f"“{name}” is included and excluded.", "None of its members will be left."
                )
            )


def check_segment_list(path: Path, chosen: Sequence[int], world: World, errors: list[Problem]) -> None:
    """Segments that exist, of the campaign's customer database, each once."""
    for index, pk in enumerate(chosen):
        here = (*path, index)
        segment = world.segments.get(pk)
        if segment is None:
            errors.append(Problem(here, "A chosen segment no longer exists. Remove it and choose another."))
        elif world.database is not None and segment.customer_database_id != world.database.pk:
            text = f"“{segment}” belongs to another customer database. Remove it."
            errors.append(Problem(here, text))
        elif segment.archived_at is not None and pk not in world.kept_segments:
            errors.append(Problem(here, f"“{segment}” is archived. Remove it."))
        elif pk in chosen[:index]:
            errors.append(Problem(here, f"“{segment}” is chosen twice. Remove one."))


def check_sub_audiences(draft: Draft, world: World, errors: list[Problem]) -> None:
    path: Path = ("sub_audiences",)
    if not draft.sub_audiences:
        errors.append(Problem(path, "Add at least one sub-audience."))
    if len(draft.sub_audiences) > MOST_SUB_AUDIENCES:
        text = f"{MOST_SUB_AUDIENCES} sub-audiences at most; these are {len(draft.sub_audiences)}."
        errors.append(Problem(path, text, "Remove some."))
    for index, sub_audience in enumerate(draft.sub_audiences):
        here = (*path, index)
        if sub_audience.is_rest and index < len(draft.sub_audiences) - 1:
            text = f"“{sub_audience.name}” takes everybody who is left, so it has to come last. Move it down."
            errors.append(Problem(here, text))
        _check_sub_audience(here, sub_audience, world, errors)
        if draft.same_groups and not is_alike(draft.sub_audiences[0], sub_audience):
            text = (
                f"The groups of “{sub_audience.name}” differ from those of “{draft.sub_audiences[0].name}”."
            )
            advice = "Give both the same shares and destinations, or each sub-audience its own groups."
            errors.append(Problem(here, text, advice))
        _check_groups(here, sub_audience.groups, errors)
    _check_unique(
        [((*path, i, "name"), item.name) for i, item in enumerate(draft.sub_audiences)],
        "sub-audiences",
        errors,
    )
    _check_ids(draft, world, errors)


def _check_sub_audience(
    path: Path, sub_audience: DraftSubAudience, world: World, errors: list[Problem]
) -> None:
    if problem := naming.name_problem(sub_audience.name, "sub-audience name"):
        errors.append(Problem((*path, "name"), problem))
    if sub_audience.rules is not None and (sub_audience.segments or sub_audience.by_segments):
        errors.append(
            Problem((*path, "segments"), "A sub-audience is made by rules or by segments, not by both.")
        )
    if sub_audience.by_segments and not sub_audience.segments:
        errors.append(
            Problem((*path, "segments"), "Choose the segments whose members belong to this sub-audience.")
        )
    check_segment_list((*path, "segments"), sub_audience.segments, world, errors)
    if sub_audience.rules is not None:
        _check_rules((*path, "rules"), sub_audience.rules, world, errors)


def _check_rules(path: Path, dumped: dict[str, object], world: World, errors: list[Problem]) -> None:
    # Imports Ibis, which most requests do without.
    from campaigns.segments.fitting import check as misfits

    try:
        group = rules.load(dumped)
    except rules.RuleError as error:
        errors.append(Problem((*path, *error.path), error.message))
        return
    if rules.query_of(group) is not None:
        errors.append(Problem(path, "A query stands in a segment of its own. Choose that segment here."))
        return
    if world.database is not None and world.database.catalogue:
        for found in misfits(group, stored(world.database)):
            errors.append(Problem((*path, *found.path), found.message))
    if world.database is not None:
        for place, text in list_problems(group, world.lists, world.database.pk):
            errors.append(Problem((*path, *place, "list"), text))
    for place, node in rules.walk_with_paths(group):
        if isinstance(node, rules.InSegment) and (text := _in_segment_problem(node.segment, world)):
            errors.append(Problem((*path, *place, "segment"), text))


def _in_segment_problem(pk: int, world: World) -> str:
    segment = world.segments.get(pk)
    if segment is None or (segment.archived_at is not None and pk not in world.kept_segments):
        return "The chosen segment no longer exists. Choose another one."
    if world.database is not None and segment.customer_database_id != world.database.pk:
        return f"“{segment}” is about another customer database. Choose another segment."
    return ""


def _check_groups(path: Path, groups: Sequence[DraftGroup], errors: list[Problem]) -> None:
    here = (*path, "treatment_groups")
    if not groups:
        errors.append(Problem(here, "Add at least one treatment group."))
        return
    for number, group in enumerate(groups):
        _check_group((*here, number), group, errors)
    _check_unique([((*here, i, "name"), group.name) for i, group in enumerate(groups)], "groups", errors)
    shares = [group.share for group in groups]
    total = sum((share for share in shares if share is not None), start=Decimal("0.00"))
    if None not in shares and total != HUNDRED:
        text = f"The percentages sum to {total:f} %. Change them so that they sum to exactly 100.00 %."
        errors.append(Problem(here, text))


def _check_group(path: Path, group: DraftGroup, errors: list[Problem]) -> None:
    if problem := naming.name_problem(group.name, "group name"):
        errors.append(Problem((*path, "name"), problem))
    share = group.share
    if share is None:
        errors.append(Problem((*path, "percent"), "Enter a percentage such as 45 or 12.50."))
    elif share > HUNDRED:
        errors.append(Problem((*path, "percent"), "A group has 100 % at most. Enter less."))
    elif share < HUNDREDTH:
        errors.append(
            Problem((*path, "percent"), "A group has at least 0.01 %. Enter more, or remove the group.")
        )
    elif share != share.quantize(HUNDREDTH):
        errors.append(Problem((*path, "percent"), "A percentage has two decimals at most. Round it."))
    if group.is_control and group.destinations:
        text = "A control group receives nothing. Remove its destinations."
        errors.append(Problem((*path, "destinations"), text))


def _check_unique(names: Sequence[tuple[Path, str]], what: str, errors: list[Problem]) -> None:
    counts = Counter(naming.comparison_key(name) for _, name in names)
    seen: set[str] = set()
    for path, name in names:
        key = naming.comparison_key(name)
        if key and counts[key] > 1 and key in seen:
            errors.append(Problem(path, f"Two {what} are called “{name.strip()}”. Rename one."))
        seen.add(key)


def _check_ids(draft: Draft, world: World, errors: list[Problem]) -> None:
    """Ids have to be of this campaign: otherwise a forged form would take over another campaign's groups."""
    owned: dict[int, set[int]] = {}
    if world.campaign is not None:
        for sub_audience in world.campaign.live_sub_audiences().prefetch_related("treatment_groups"):
            owned[sub_audience.pk] = {
                group.pk for group in sub_audience.treatment_groups.all() if group.removed_at is None
            }
    for index, item in enumerate(draft.sub_audiences):
        path: Path = ("sub_audiences", index)
        if item.id is not None and item.id not in owned:
            errors.append(Problem(path, f"“{item.name}” is no longer part of this campaign. Open it again."))
            continue
        known = owned.get(item.id, set()) if item.id is not None else set()
        for number, group in enumerate(item.groups):
            if group.id is not None and group.id not in known:
                text = f"“{group.name}” is no longer part of this sub-audience. Open the campaign again."
                errors.append(Problem((*path, "treatment_groups", number), text))
