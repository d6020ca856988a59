"""A pre-flight's or a launch's counts with their names: what pages and `--json` show. The one place that joins them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from campaigns.launches.built import Counts, DeliveryCounts, GroupCounts, Outcomes
from campaigns.launches.frozen import Frozen, FrozenDestination, FrozenGroup, FrozenSubAudience
from campaigns.launches.left_behind import LeftBehind, left_behind
from campaigns.launches.models import Launch, LaunchFile, Preflight
from config import clock
from destinations.kind import FileSpec, Identifier, Section
from destinations.models import Destination, FileNumber


@dataclass(frozen=True)
class FileLine:
    """A file, or what would be one. `size` in bytes; no `sha256` before it is built."""

    name: str
    destination_id: int
    group_ids: tuple[int, ...]
    segment_names: tuple[str, ...]
    rows: int
    size: int
    sha256: str = ""


@dataclass(frozen=True)
class DeliveryLine:
    destination_id: int
    destination: str
    kind: str  # its label
    identifier: Identifier
    column: str
    segment_name: str
    rows: int
    outcomes: Outcomes
    expansion: int
    first_rows: tuple[str, ...]  # masked
    files: tuple[FileLine, ...]

    @property
    def segment_names(self) -> tuple[str, ...]:
        """As they will stand there: numbered where a list is cut."""
        names = [name for file in self.files for name in file.segment_names]
        own = [
            name for name in names if name == self.segment_name or name.startswith(f"{self.segment_name}_")
        ]
        return tuple(dict.fromkeys(own)) or (self.segment_name,)


@dataclass(frozen=True)
class GroupLine:
    sub_audience_id: int
    sub_audience: str
    group_id: int
    name: str
    percent: float
    is_control: bool
    customers: int
    newcomers: int
    returned: int
    changed_sub_audience: int
    moved_by_edit: int
    deliveries: tuple[DeliveryLine, ...]


@dataclass(frozen=True)
class Excluded:
    segment: str
    customers: int


@dataclass(frozen=True)
class Summary:
    """considered = excluded + audience; audience = control + no sub-audience + no destination + sent."""

    campaign: str
    first_match_only: bool
    considered: int
    excluded: tuple[Excluded, ...]
    audience: int
    no_sub_audience: int
    no_destination: int
    control: int
    memberships: int
    groups: tuple[GroupLine, ...]
    files: tuple[FileLine, ...]
    entered: int
    left: int
    warnings: tuple[str, ...]
    left_behind: tuple[LeftBehind, ...] = ()

    @property
    def sent_groups(self) -> int:
        """Customers of the groups that are sent somewhere."""
        return self.memberships - self.control - self.no_destination

    @property
    def rows(self) -> int:
        return sum(file.rows for file in self.files)


def preflight_summary(preflight: Preflight) -> Summary | None:
    """None until it is counted."""
    if not preflight.result:
        return None
    frozen = Frozen.from_json(preflight.frozen)
    files = _planned_files(frozen, preflight.result["files"])
    counts = Counts.from_json(preflight.result["counts"])
    left = left_behind(preflight.campaign, _lists(frozen, files))
    return summary_of(frozen, counts, files, left)


def launch_summary(launch: Launch) -> Summary | None:
    """None until it is built."""
    if not launch.counts:
        return None
    frozen = Frozen.from_json(launch.frozen)
    files = [_stored_file(file) for file in launch.files.all()]
    left = (
        left_behind(launch.campaign, _lists(frozen, files), after=launch.pk)
        if launch.test_size is None
        else []
    )
    return summary_of(frozen, Counts.from_json(launch.counts), files, left)


def summary_of(
    frozen: Frozen, counts: Counts, files: Sequence[FileLine], left: Sequence[LeftBehind] = ()
) -> Summary:
    names = {segment.id: segment.name for segment in frozen.segments}
    counted = {group.group_id: group for group in counts.groups}
    return Summary(
        campaign=frozen.campaign_name,
        first_match_only=frozen.first_match_only,
        considered=counts.considered,
        excluded=tuple(Excluded(names[pk], customers) for pk, customers in counts.excluded),
        audience=counts.audience,
        no_sub_audience=counts.no_sub_audience,
        no_destination=counts.no_destination,
        control=counts.control,
        memberships=counts.memberships,
        groups=tuple(
            _group(part, group, counted[group.id], _deliveries(frozen, counts, files, group.id))
            for part in frozen.sub_audiences
            for group in part.groups
        ),
        files=tuple(files),
        entered=counts.entered,
        left=counts.left,
        warnings=counts.warnings,
        left_behind=tuple(left),
    )


def _group(
    part: FrozenSubAudience, group: FrozenGroup, counted: GroupCounts, deliveries: Iterable[DeliveryLine]
) -> GroupLine:
    return GroupLine(
        sub_audience_id=part.id,
        sub_audience=part.name,
        group_id=group.id,
        name=group.name,
        percent=group.hundredths / 100,
        is_control=group.is_control,
        customers=counted.customers,
        newcomers=counted.newcomers,
        returned=counted.returned,
        changed_sub_audience=counted.changed_sub_audience,
        moved_by_edit=counted.moved_by_edit,
        deliveries=tuple(deliveries),
    )


def _deliveries(
    frozen: Frozen, counts: Counts, files: Sequence[FileLine], group_id: int
) -> Iterable[DeliveryLine]:
    destinations = {one.id: one for one in frozen.destinations}
    for found in counts.deliveries:
        if found.group_id == group_id:
            own = [
                file
                for file in files
                if file.destination_id == found.destination_id and group_id in file.group_ids
            ]
            yield _delivery(destinations[found.destination_id], found, own)


def _delivery(target: FrozenDestination, found: DeliveryCounts, files: Iterable[FileLine]) -> DeliveryLine:
    from destinations.kinds import KINDS

    return DeliveryLine(
        destination_id=target.id,
        destination=target.name,
        kind=KINDS[target.kind].label,
        identifier=target.identifier,
        column=target.column,
        segment_name=target.segment_names[found.group_id],
        rows=found.rows,
        outcomes=found.outcomes,
        expansion=found.expansion,
        first_rows=found.first_rows,
        files=tuple(files),
    )


def _stored_file(file: LaunchFile) -> FileLine:
    return FileLine(
        name=file.name,
        destination_id=file.destination_id,
        group_ids=tuple(dict.fromkeys(part["group_id"] for part in file.sections)),
        segment_names=tuple(part["segment_name"] for part in file.sections),
        rows=file.rows,
        size=file.size,
        sha256=file.sha256,
    )


def _planned_files(frozen: Frozen, found: Sequence[dict]) -> list[FileLine]:  # type: ignore[type-arg]
    """With the names they would have if launched now; the numbers are taken at launch."""
    stored = Destination.objects.select_related("credential").in_bulk(one.id for one in frozen.destinations)
    settings = {one.id: one.settings for one in frozen.destinations}
    next_number: dict[tuple[str, str], int] = {}
    lines = []
    for file in found:
        destination = stored[file["destination_id"]]
        kind, own = destination.the_kind, settings[destination.pk]
        day = kind.day(own, clock.now())
        place = (destination.drop_point, str(day))
        if place not in next_number:
            row = FileNumber.objects.filter(drop_point=destination.drop_point, day=day).first()
            next_number[place] = row.last if row else 0
        next_number[place] += 1
        parts = [Section(**section) for section in file["sections"]]
        spec = FileSpec(tuple(parts), tuple(file["header"]) if file["header"] else None)
        lines.append(
            FileLine(
                name=kind.file_name(own, spec, day, next_number[place]),
                destination_id=destination.pk,
                group_ids=tuple(dict.fromkeys(part.group_id for part in parts)),
                segment_names=tuple(part.segment_name for part in parts),
                rows=file["rows"],
                size=file["size"],
            )
        )
    return lines


def _lists(frozen: Frozen, files: Iterable[FileLine]) -> list[tuple[str, str]]:
    accounts = {one.id: one.account_key for one in frozen.destinations}
    return [(accounts[file.destination_id], name) for file in files for name in file.segment_names]
