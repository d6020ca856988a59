"""Build a launch: from a frozen configuration to counts, recipients, files and history.

Pre-flight, test and launch all come here. Only `folder` is written to; the same launch gives the same bytes.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from campaigns.customers.normalise import teach
from campaigns.launches.assignment import Assignment, assign
from campaigns.launches.audience import Audience, ValueColumn, has_a_key_twice, read_audience, value_columns
from campaigns.launches.built import Built, BuiltFile, Counts, DeliveryCounts, Outcomes, SubAudienceCounts
from campaigns.launches.files import first_values, write_files
from campaigns.launches.frozen import Frozen, FrozenDestination, FrozenGroup
from campaigns.launches.history import History, sizes_of
from campaigns.launches.recipients import SentRows, ValueRows, first_records, read_values, write_recipients
from campaigns.launches.source import Source, open_source
from campaigns.launches.why.kept import keep_people
from campaigns.launches.workshop import WORK, BuildError, Workshop, clear_errors
from destinations.kind import DeliveryError, FileSpec, Group

__all__ = ["BuildError", "WrongColumn", "build"]


class WrongColumn(BuildError):
    """A column holds something else than its destination's identifier."""


TEST_ENDING = "_TEST"
_VALUE_WORDS = {"email": "e-mail addresses", "phone": "phone numbers"}
# What a customer takes on the disk at the most: in the history, and at each destination.
HISTORY_ROW_BYTES = 80
DESTINATION_ROW_BYTES = 260


def build(
    frozen: Frozen,
    folder: Path,
    *,
    launch_id: int,
    test_size: int | None = None,
    previous_history: Path | None,
    progress: Callable[[str], None],
) -> Built:
    """Read the customer database and make everything that a launch needs, below `folder`.

    `launch_id` 0 is a pre-flight: like a test (`test_size` records of each treated group) it leaves no
    history. `progress` is told each stage in plain words and may raise to stop. Raises CustomerDatabaseError or
    BuildError; then nothing is left in `folder`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with _nothing_left_behind(folder), open_source(frozen, folder) as source:
        workshop = Workshop(source.connection, folder)
        workshop.needs(0)
        teach(source.connection, frozen.default_country)
        built = _Building(frozen, workshop, source, progress, launch_id, test_size).run(previous_history)
        shutil.rmtree(folder / WORK, ignore_errors=True)
        return built


@dataclass(frozen=True)
class _Building:
    frozen: Frozen
    workshop: Workshop
    source: Source
    progress: Callable[[str], None]
    launch_id: int
    test_size: int | None

    def run(self, previous_history: Path | None) -> Built:
        history = History.open(self.workshop, previous_history, self.frozen)
        columns = value_columns(self.frozen)
        self.progress("Reading the customer database")
        audience = read_audience(self.workshop, self.source, self.frozen, columns, history)
        self._check_disk(audience)
        self.progress("Assigning treatment groups")
        assignment = assign(self.workshop, history.moves.counted_on(self.frozen), audience)
        values = read_values(self.workshop, self.source, self.frozen, columns, audience, assignment)
        listed = [
            self._list(destination, values[_position(columns, destination)])
            for destination in self.frozen.destinations
            if destination.segment_names
        ]
        count_sizes = self.source.sizes() if self._is_launch else _no_sizes
        # Rows in their order come one by one, and leave the engine time for what has no order.
        with ThreadPoolExecutor(1) as beside:
            history_written = beside.submit(self._write_history, history, assignment)
            multiplied = beside.submit(has_a_key_twice, self.workshop.beside(), audience)
            firsts = [beside.submit(first_values, self.workshop.beside(), found.path) for found in listed]
            sizes = beside.submit(count_sizes, self.workshop.beside().connection)
            files = [file for found in listed for file in self._write(found)]
        if multiplied.result():
            raise BuildError(self.source.multiplied() or "A customer was read twice. Launch again.")
        deliveries = [
            delivery
            for found, first in zip(listed, firsts, strict=True)
            for delivery in _deliveries(found, first.result())
        ]
        written = history_written.result()
        counts = _counts(self.frozen, audience, assignment, history, deliveries)
        return Built(
            counts=replace(counts, history=sizes_of(self.workshop, written)),
            files=tuple(files),
            recipients={found.destination.id: found.path for found in listed},
            history=written,
            sizes=sizes.result(),
            people=keep_people(self.workshop.folder, columns) if self._is_launch else {},
        )

    @property
    def _is_launch(self) -> bool:
        """Neither a test nor a pre-flight."""
        return self.test_size is None and bool(self.launch_id)

    def _check_disk(self, audience: Audience) -> None:
        sent_to = [destination for destination in self.frozen.destinations if destination.segment_names]
        row = HISTORY_ROW_BYTES + DESTINATION_ROW_BYTES * len(sent_to)
        self.workshop.needs(audience.rows * row)

    def _list(self, destination: FrozenDestination, values: ValueRows) -> _Listed:
        self.progress(f"Preparing the lists for {destination.name}")
        is_test = self.test_size is not None
        name = f"recipients/{destination.id}"
        everybody = f"{WORK}/{name}" if is_test else name
        found = write_recipients(self.workshop, self.frozen, destination, values, everybody)
        _refuse_a_wrong_column(destination, [group.outcomes for group in found.groups.values()])
        rows = {group: sent.rows for group, sent in found.groups.items()}
        if self.test_size is None:
            return _Listed(destination, found.path, rows, found.groups)
        path = first_records(self.workshop, found.path, self.test_size, name)
        few = {group: min(count, self.test_size) for group, count in rows.items()}
        return _Listed(destination, path, few, found.groups)

    def _write(self, listed: _Listed) -> list[BuiltFile]:
        destination, rows = listed.destination, listed.rows
        self.progress(f"Writing the files for {destination.name}")
        specs = self._plan(destination, rows)
        return write_files(self.workshop, destination.id, listed.path, specs, rows)

    def _plan(self, destination: FrozenDestination, rows: Mapping[int, int]) -> list[FileSpec]:
        from destinations.kinds import KINDS

        test = self.test_size is not None
        groups = [
            Group(
                id=group,
                segment_name=name + TEST_ENDING if test else name,
                rows=rows[group],
                parts=1 if test else destination.parts.get(group, 1),
            )
            for group, name in destination.segment_names.items()
        ]
        try:
            return KINDS[destination.kind].plan(destination.settings, groups)
        except DeliveryError as error:
            raise BuildError(error.message) from error

    def _write_history(self, history: History, assignment: Assignment) -> Path | None:
        if not self._is_launch:
            return None
        return history.write(self.workshop.beside(), self.frozen, assignment.relation, self.launch_id)


@dataclass(frozen=True)
class _Listed:
    """Who is sent to one destination."""

    destination: FrozenDestination
    path: Path  # the recipients
    rows: Mapping[int, int]  # {group id: how many of its rows are written}
    groups: Mapping[int, SentRows]


def _no_sizes(_: object) -> None:
    return None


def _position(columns: Sequence[ValueColumn], destination: FrozenDestination) -> int:
    wanted = (destination.column, destination.identifier)
    return next((found.position for found in columns if (found.column, found.identifier) == wanted), -1)


def _refuse_a_wrong_column(destination: FrozenDestination, outcomes: Sequence[Outcomes]) -> None:
    """Of a column that holds something else, the few values that happen to be usable would be a wrong list."""
    invalid = sum(found.invalid for found in outcomes)
    filled = invalid + sum(found.sent + found.duplicate + found.shared_with_control for found in outcomes)
    if invalid * 2 > filled:
        raise WrongColumn(
            f"Of the {filled:,} values of {destination.column} for {destination.name}, {invalid:,} are no"
            f" {_VALUE_WORDS[destination.identifier]}. Choose another column under “Edit attributes”."
        )


def _deliveries(listed: _Listed, first: Mapping[int, Sequence[str]]) -> list[DeliveryCounts]:
    from config.masking import mask_email, mask_phone

    destination = listed.destination
    hide = mask_email if destination.identifier == "email" else mask_phone
    return [
        DeliveryCounts(
            group_id=group,
            destination_id=destination.id,
            rows=listed.rows[group],
            outcomes=sent.outcomes,
            expansion=sent.expansion,
            first_rows=tuple(hide(value) for value in first.get(group, ())),
        )
        for group, sent in listed.groups.items()
    ]


def _counts(
    frozen: Frozen,
    audience: Audience,
    assignment: Assignment,
    history: History,
    deliveries: Sequence[DeliveryCounts],
) -> Counts:
    groups = {group.group_id: group for group in assignment.groups}
    configured = [group for sub_audience in frozen.sub_audiences for group in sub_audience.groups]
    sent = {group for destination in frozen.destinations for group in destination.segment_names}
    present = audience.audience - audience.no_sub_audience

    def customers(chosen: Iterable[FrozenGroup]) -> int:
        return sum(groups[group.id].customers for group in chosen)

    return Counts(
        considered=audience.considered,
        excluded=tuple(zip(frozen.exclude, audience.excluded, strict=True)),
        audience=audience.audience,
        no_sub_audience=audience.no_sub_audience,
        memberships=customers(configured),
        control=customers(group for group in configured if group.is_control),
        no_destination=customers(
            group for group in configured if not group.is_control and group.id not in sent
        ),
        sub_audiences=tuple(
            SubAudienceCounts(
                sub_audience.id, customers(sub_audience.groups), history.moves.moved.get(sub_audience.id, 0)
            )
            for sub_audience in frozen.sub_audiences
        ),
        groups=assignment.groups,
        deliveries=tuple(deliveries),
        entered=present - audience.stayed,
        left=history.present - audience.stayed,
        warnings=assignment.warnings,
    )


@contextmanager
def _nothing_left_behind(folder: Path) -> Iterator[None]:
    try:
        with clear_errors(folder):
            yield
    except BaseException:
        for path in folder.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        raise
