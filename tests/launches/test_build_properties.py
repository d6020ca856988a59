"""What holds for every campaign and every set of customers, launch after launch."""

from __future__ import annotations

import tempfile
from collections import Counter, defaultdict
from dataclasses import asdict, replace
from pathlib import Path

from hypothesis import given, reject, settings
from hypothesis import strategies as st

from campaigns.launches.build import WrongColumn
from campaigns.launches.built import Built
from campaigns.launches.frozen import Frozen, FrozenGroup
from tests.launches.launching import (
    Customer,
    campaign,
    destination,
    everyone_else,
    group,
    groups_of,
    launch,
    lines_of,
    people,
    recipients_of,
    some,
)

RANK = ["sent", "shared_with_control", "duplicate", "invalid", "missing"]
POOL = [f"p{number}@example.com" for number in range(12)] + ["bad", "", " P1@EXAMPLE.COM", None]
FLAGS = ["segment_1", "segment_1", "segment_1", "segment_2", "segment_3", "sub_audience_1", "sub_audience_2"]

emails = st.lists(st.sampled_from(POOL), max_size=3).map(tuple)
customers = st.lists(
    st.builds(
        lambda flags, email, phone: (flags, {"people.email": email, "people.phone": phone}),
        st.frozensets(st.sampled_from(FLAGS)).map(lambda flags: flags | {"segment_1"}),
        emails,
        st.lists(st.sampled_from(["2025550100", "(202) 555-0101", "x", None]), max_size=2).map(tuple),
    ),
    max_size=40,
).map(lambda rows: [Customer(f"C{number}", flags, values) for number, (flags, values) in enumerate(rows)])


@st.composite
def campaigns(draw: st.DrawFn) -> Frozen:
    """Three sub-audiences, the rest among them or not; groups of both sides to one or two destinations."""
    shares = st.sampled_from([(1000, 9000), (5000, 5000), (1, 9999)])

    def groups(first: int) -> list[FrozenGroup]:
        control, treated = draw(shares)
        targets = draw(st.sampled_from([(1,), (2,), (1, 2)]))
        if draw(st.booleans()):
            return [group(first, control + treated, *targets)]
        half = treated // 2
        no_destination = group(first + 2, treated - half, is_control=False)
        return [group(first, control), group(first + 1, half, *targets), no_destination]

    parts = [some(1, *groups(10)), some(2, *groups(20))]
    if draw(st.booleans()):
        parts.append(everyone_else(*groups(30), number=3))
    return campaign(
        *parts,
        destinations=[destination(1), destination(2, "phone")],
        first_match_only=draw(st.booleans()),
        exclude=draw(st.sampled_from([(), (2,), (3, 2)])),
    )


def built_from(frozen: Frozen, rows: list[Customer], **more: object) -> Built:
    try:
        return launch(frozen, rows, Path(tempfile.mkdtemp()), **more)  # type: ignore[arg-type]
    except WrongColumn:
        reject()


def sums_hold(frozen: Frozen, built: Built) -> None:
    counts = built.counts
    assert counts.considered == sum(count for _, count in counts.excluded) + counts.audience
    assert counts.memberships == sum(found.customers for found in counts.groups)
    assert counts.memberships == sum(found.customers for found in counts.sub_audiences)
    if frozen.first_match_only:
        assert counts.audience == counts.no_sub_audience + counts.memberships
    sizes = {found.group_id: found.customers for found in counts.groups}
    for delivery in counts.deliveries:
        assert sum(asdict(delivery.outcomes).values()) == sizes[delivery.group_id]
        assert delivery.rows - delivery.outcomes.sent == delivery.expansion >= 0
    for found in counts.groups:
        ways = found.newcomers + found.returned + found.changed_sub_audience + found.moved_by_edit
        assert ways == found.customers


@settings(max_examples=60, deadline=None)
@given(frozen=campaigns(), rows=customers)
def test_every_customer_has_one_outcome_and_all_sums_hold(frozen: Frozen, rows: list[Customer]) -> None:
    built = built_from(frozen, rows)
    sums_hold(frozen, built)
    placed = groups_of(built)
    sides = {found.id: found.is_control for part in frozen.sub_audiences for found in part.groups}
    for target in frozen.destinations:
        if not target.segment_names:
            continue
        counted: defaultdict[int, Counter[str]] = defaultdict(Counter)
        best: dict[tuple[str, int], str] = {}
        for key, place, group_id, _, outcome in recipients_of(built.recipients[target.id]):
            assert placed[key, place] == group_id
            assert not sides[group_id]
            best[key, place] = min(best.get((key, place), outcome), outcome, key=RANK.index)
        assert set(best) == {who for who, found in placed.items() if found in target.segment_names}
        for (key, place), outcome in best.items():
            counted[placed[key, place]][outcome] += 1
        for delivery in built.counts.deliveries:
            if delivery.destination_id == target.id:
                assert asdict(delivery.outcomes) == {name: counted[delivery.group_id][name] for name in RANK}


@settings(max_examples=60, deadline=None)
@given(frozen=campaigns(), rows=customers)
def test_a_value_is_sent_once_and_never_when_control_holds_it(frozen: Frozen, rows: list[Customer]) -> None:
    built = built_from(frozen, rows)
    sides = {found.id: found.is_control for part in frozen.sub_audiences for found in part.groups}
    addresses = {row.key: {(v or "").strip().lower() for v in row.values["people.email"]} for row in rows}
    held: defaultdict[int, set[str]] = defaultdict(set)
    for (key, place), group_id in groups_of(built).items():
        if sides[group_id]:
            held[0 if frozen.first_match_only else place] |= addresses[key]
    listed = recipients_of(built.recipients[1]) if 1 in built.recipients else []
    sent = [(place, value) for _, place, _, value, outcome in listed if outcome == "sent"]
    scoped = [(0 if frozen.first_match_only else place, value) for place, value in sent]
    assert len(scoped) == len(set(scoped))
    assert not any(value in held[scope] for scope, value in scoped)


@settings(max_examples=25, deadline=None)
@given(frozen=campaigns(), rows=customers)
def test_the_same_launch_built_twice_gives_the_same_bytes(frozen: Frozen, rows: list[Customer]) -> None:
    first = built_from(frozen, rows, carry=False)
    again = built_from(frozen, list(reversed(rows)), carry=False)
    assert [file.sha256 for file in first.files] == [file.sha256 for file in again.files]
    assert first.counts == again.counts


@settings(max_examples=25, deadline=None)
@given(present=st.lists(st.sets(st.integers(0, 60)), min_size=2, max_size=5))
def test_nobody_moves_as_the_audience_grows_shrinks_and_returns(present: list[set[int]]) -> None:
    frozen = campaign(
        everyone_else(group(1, 3000), group(2, 3500, 1), group(3, 3500, 1)), destinations=[destination(1)]
    )
    folder, before, known = Path(tempfile.mkdtemp()), None, dict[tuple[str, int], int]()
    for number, numbers in enumerate(present, 1):
        built = launch(frozen, people(*numbers), folder, launch_id=number, before=before)
        sums_hold(frozen, built)
        now = groups_of(built)
        assert all(now[who] == found for who, found in known.items())
        past = present[number - 2] if number > 1 else set[int]()
        assert (built.counts.entered, built.counts.left) == (len(numbers - past), len(past - numbers))
        before, known = built, now
        frozen = counted(frozen, built)


@settings(max_examples=25, deadline=None)
@given(launches=st.lists(st.integers(0, 80), min_size=1, max_size=5))
def test_newcomers_are_split_by_the_shares_alone(launches: list[int]) -> None:
    shares = {1: 1500, 2: 2500, 3: 6000}
    parts = [group(number, share, *([1] if number > 1 else [])) for number, share in shares.items()]
    frozen = campaign(everyone_else(*parts), destinations=[destination(1)])
    folder, before, first, total = Path(tempfile.mkdtemp()), None, 0, Counter[int]()
    for number, size in enumerate(launches, 1):
        newcomers = people(*range(first, first + size))
        before = launch(frozen, newcomers, folder, launch_id=number, before=before)
        frozen, first = counted(frozen, before), first + size
        total += Counter({found.group_id: found.newcomers for found in before.counts.groups})
        assert all(abs(total[who] - first * share / 10000) <= 2 for who, share in shares.items())


def counted(frozen: Frozen, built: Built) -> Frozen:
    """The next launch's configuration: what rules 2 and 3 gave is added up."""
    given_out = {found.group_id: found for found in built.counts.groups}
    return replace(
        frozen,
        sub_audiences=tuple(
            replace(
                part,
                groups=tuple(
                    replace(
                        found,
                        assigned=found.assigned + given_out[found.id].newcomers,
                        dealt=found.dealt + given_out[found.id].dealt,
                    )
                    for found in part.groups
                ),
            )
            for part in frozen.sub_audiences
        ),
    )


@settings(max_examples=25, deadline=None)
@given(
    moves=st.lists(st.dictionaries(st.integers(0, 30), st.booleans(), max_size=30), min_size=2, max_size=4),
)
def test_the_side_is_kept_in_another_sub_audience(moves: list[dict[int, bool]]) -> None:
    frozen = campaign(
        some(1, group(1, 4000), group(2, 6000, 1)),
        everyone_else(group(3, 2000), group(4, 4000, 1), group(5, 4000, 1), number=2),
        destinations=[destination(1)],
    )
    folder, before, sides = Path(tempfile.mkdtemp()), None, dict[str, bool]()
    for number, gold in enumerate(moves, 1):
        rows = [
            row
            for who, is_gold in gold.items()
            for row in people(who, flags=["segment_1", *(["sub_audience_1"] if is_gold else [])])
        ]
        before = launch(frozen, rows, folder, launch_id=number, before=before)
        for (key, _), found in groups_of(before).items():
            assert sides.setdefault(key, found in {1, 3}) == (found in {1, 3})
        frozen = counted(frozen, before)


@settings(max_examples=40, deadline=None)
@given(
    size=st.integers(1, 60),
    parts=st.integers(1, 5),
    rows_per_file=st.integers(1, 70),
    files=st.sampled_from(["separate", "single"]),
)
def test_groups_are_cut_into_equal_parts_and_nobody_is_left_out(
    size: int, parts: int, rows_per_file: int, files: str
) -> None:
    frozen = campaign(everyone_else(group(2, 7000, 1), group(3, 3000, 1)), destinations=[destination(1)])
    settings = {"rows_per_file": rows_per_file, "files": files}
    frozen = replace(
        frozen, destinations=(replace(frozen.destinations[0], parts={2: parts}, settings=settings),)
    )
    built = built_from(frozen, people(*range(size)))
    assert sum(file.rows for file in built.files) == size
    assert all(len(file.path.read_text().splitlines()) == file.rows <= rows_per_file for file in built.files)
    lists = lines_of(built)
    assert sorted(value for values in lists.values() for value in values) == sorted(
        f"person{number}@example.com" for number in range(size)
    )
    for name in ("List2", "List3"):
        sizes = [len(values) for list_name, values in lists.items() if list_name.startswith(name)]
        assert max(sizes, default=0) - min(sizes, default=0) <= 1
    assert all(values == sorted(values) for values in lists.values())
