"""What the editor shows: a draft with its problems, segment names and numbers, ready for the templates."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from campaigns.planning.arriving import arrivals
from campaigns.planning.editor import IDENTIFIERS
from campaigns.planning.headcount import Headcount
from campaigns.planning.moving import Questions
from campaigns.planning.names_table import Note, names_table, note
from campaigns.planning.numbers import GroupNumbers, Numbers, summed
from campaigns.planning.parts import (
    AttributeRow,
    Attributes,
    Board,
    Carried,
    Chip,
    GroupRow,
    Picker,
    Share,
    SubAudienceCard,
    Tick,
)
from campaigns.planning.plain import (
    HUNDRED,
    MOST_SUB_AUDIENCES,
    Draft,
    DraftGroup,
    DraftSubAudience,
    Path,
    Problem,
    Problems,
)
from campaigns.planning.rule_editing import carried as carried_rules
from campaigns.planning.sending import IDENTIFIER_WORDS, ticked
from campaigns.planning.sub_audiences import movable
from campaigns.planning.world import World
from campaigns.segments.board import Board as RulesBoard
from campaigns.segments.masked import masked
from campaigns.segments.models import Segment
from campaigns.segments.rules import RuleError, ids_in, load
from campaigns.segments.words import Names, in_words
from config.accounts.models import User
from destinations.models import Destination

ICONS = {"email": "mail", "phone": "phone"}


class _Drawing:
    """One pass over a draft; every part looks its problems up by path."""

    def __init__(
        self,
        draft: Draft,
        world: World,
        problems: Problems,
        headcount: Headcount | None,
        user: User,
        carried: Carried,
    ) -> None:
        self.draft = draft
        self.world = world
        self.problems = problems
        self.numbers = Numbers(draft, world, headcount)
        self.user = user
        self.unfound = carried.unfound
        self.carried = carried
        self.arrivals = arrivals(draft, world)
        self.questions = Questions(draft)
        self.segment_names = _names_in_rules(draft)
        allowed = Destination.objects.for_user(user).enabled()
        self.destinations = {one.pk: one for one in allowed}

    def errors_at(self, path: Path) -> list[Problem]:
        return [problem for problem in self.problems.errors if problem.path == path]

    def error_at(self, path: Path) -> str:
        return " ".join(problem.text for problem in self.errors_at(path))

    def warnings_at(self, path: Path) -> list[Problem]:
        return [problem for problem in self.problems.warnings if problem.path == path]

    def picker(self, path: Path, chosen: Sequence[int], field: str) -> Picker:
        chips = [self._chip((*path, index), pk) for index, pk in enumerate(chosen)]
        typed = self.unfound.get(field, "")
        missed = [Problem(path, f"No segment is called “{typed}”. Choose one of the list.")] if typed else []
        return Picker(chips, [*missed, *self.errors_at(path)], self.warnings_at(path), typed)

    def _chip(self, path: Path, pk: int) -> Chip:
        segment = self.world.segments.get(pk)
        name = segment.name if segment else "a segment that is gone"
        return Chip(pk, name, self.numbers.of_segment(pk, segment), self.error_at(path))

    def card(self, index: int, item: DraftSubAudience) -> SubAudienceCard:
        path: Path = ("sub_audiences", index)
        last_movable = movable(self.draft) - 1
        customers = self.numbers.of_sub_audience(index)
        return SubAudienceCard(
            index=index,
            order=index + 1,
            prefix=f"sub-{index}",
            item=item,
            how="rest" if item.is_rest else "rules" if item.rules is not None else "segments",
            words=self._words(item) if not item.is_open else "",
            picker=self.picker((*path, "segments"), item.segments, f"sub-{index}-segments"),
            groups=self._groups(path, item),
            name_error=self.error_at((*path, "name")),
            errors=[*self.errors_at(path), *self._rule_errors((*path, "rules"))],
            sum_error=self.error_at((*path, "treatment_groups")),
            shares=_shares(item.groups),
            shares_label=", ".join(_share_words(group) for group in item.groups),
            customers=customers,
            of_audience=self.numbers.of_audience(customers),
            can_go_up=not item.is_rest and index > 0,
            can_go_down=not item.is_rest and index < last_movable,
            can_be_copied=not item.is_rest and len(self.draft.sub_audiences) < MOST_SUB_AUDIENCES,
            follows=self.follows(index),
            question=self.questions.at(index),
            rules=self._open_rules(index),
            carried_rules=carried_rules(item, self.carried.stored_rules),
        )

    def follows(self, index: int) -> bool:
        return self.draft.same_groups and index > 0

    def _open_rules(self, index: int) -> RulesBoard | None:
        found = self.carried.rules
        return found.board if found is not None and found.index == index else None

    def _rule_errors(self, path: Path) -> list[Problem]:
        """Of open rules they stand at each rule."""
        if self._open_rules(int(path[1])) is not None:
            return []
        return [problem for problem in self.problems.errors if problem.path[: len(path)] == path]

    def _words(self, item: DraftSubAudience) -> str:
        if item.is_rest:
            return (
                "everyone in no sub-audience above"
                if len(self.draft.sub_audiences) > 1
                else "the whole audience"
            )
        if item.rules is not None:
            try:
                load(item.rules)
            except RuleError:
                return "rules that are not whole yet"
            rules = item.rules if self.user.sees_personal_data else masked(item.rules, self.world.personal)
            lists = {pk: one.name for pk, one in self.world.lists.items()}
            return in_words(rules, Names(self.segment_names, lists, self.world.catalogue.read_as))
        return ""

    def _groups(self, path: Path, item: DraftSubAudience) -> list[GroupRow]:
        numbers = self.numbers.of_groups(int(path[1]), item.groups)
        return [
            self._group((*path, "treatment_groups", number), group, numbers[number])
            for number, group in enumerate(item.groups)
        ]

    def _group(self, path: Path, group: DraftGroup, numbers: GroupNumbers) -> GroupRow:
        names = dict.fromkeys(one.segment_name for one in self.arrivals if one.path == path)
        notes = self._notes(path)
        at_name = [note for note in notes if note.problem.path[-1] == "name"]
        state = "is-invalid" if any(note.is_error for note in at_name) else "is-warned" if at_name else ""
        return GroupRow(
            prefix=f"sub-{path[1]}-group-{path[3]}",
            place=f"{path[1]}:{path[3]}",
            group=group,
            percent=f"{group.percent:.2f}" if isinstance(group.percent, Decimal) else group.percent,
            ticks=self._ticks(group),
            arrives=list(names),
            customers=numbers.customers,
            reaches=numbers.reaches,
            notes=notes,
            name_state=state,
            percent_error=self.error_at((*path, "percent")),
            follows=self.follows(int(path[1])),
        )

    def _ticks(self, group: DraftGroup) -> list[Tick]:
        chosen = {
            pk: self.world.destinations[pk] for pk in group.destinations if pk in self.world.destinations
        }
        offered = {**self.destinations, **chosen}
        return [Tick(one, ICONS[one.identifier], one.pk in group.destinations) for one in offered.values()]

    def _notes(self, path: Path) -> list[Note]:
        found = []
        for at in (path, (*path, "name"), (*path, "destinations")):
            found += [self._note(problem, True) for problem in self.errors_at(at)]
            found += [self._note(problem, False) for problem in self.warnings_at(at)]
        return found

    def _note(self, problem: Problem, is_error: bool) -> Note:
        return note(problem, is_error, self.arrivals)

    def attributes(self) -> list[Attributes]:
        return [
            self._attributes(self.world.destinations[pk])
            for pk in self.draft.sent_destinations()
            if pk in self.world.destinations
        ]

    def _attributes(self, destination: Destination) -> Attributes:
        chosen = ticked(self.draft, self.world, destination)
        rows = [
            AttributeRow(
                id=f"attribute-{destination.pk}-{identifier}",
                word=IDENTIFIER_WORDS[identifier],
                is_ticked=identifier in chosen,
                column=chosen.get(identifier, ""),
                columns=self._columns(chosen.get(identifier, "")),
            )
            for identifier in IDENTIFIERS
        ]
        path: Path = ("attributes", destination.pk)
        return Attributes(
            destination=destination,
            takes=IDENTIFIER_WORDS[destination.identifier],
            icon=ICONS[destination.identifier],
            rows=rows,
            error=self.error_at(path),
            warning=" ".join(problem.text for problem in self.warnings_at(path)),
            fix=self._attribute_fix(path, destination),
        )

    def _attribute_fix(self, path: Path, destination: Destination) -> Note | None:
        for problem in (*self.errors_at(path), *self.warnings_at(path)):
            if column := problem.proposal:
                takes = destination.identifier
                label = f"Use {IDENTIFIER_WORDS[takes]} from {column}"
                return Note(problem, True, f"attribute:{destination.pk}:{takes}:{column}", label)
        return None

    def _columns(self, chosen: str) -> list[str]:
        """The catalogue's, and the chosen one even where it is gone, so that the error has its field."""
        return sorted({*(self.world.offered or ()), *([chosen] if chosen else [])})

    def after_delivery(self) -> list[str]:
        known = self.world.destinations
        kinds = [known[pk].the_kind for pk in self.draft.sent_destinations() if pk in known]
        return list(dict.fromkeys(kind.after_delivery for kind in kinds if kind.after_delivery))

    def campaign_notes(self) -> list[Note]:
        """Warnings, and of errors, which stand at the field, those that a button mends."""
        found = [self._note(problem, True) for problem in self.errors_at(("name",)) if problem.proposal]
        return [*found, *(self._note(problem, False) for problem in self.warnings_at(("name",)))]


def _names_in_rules(draft: Draft) -> dict[int, str]:
    named = {pk for item in draft.sub_audiences for pk in ids_in(item.rules, "segment")}
    return dict(Segment.objects.filter(pk__in=named).values_list("pk", "name")) if named else {}


def _has_segments(world: World) -> bool:
    return Segment.objects.enabled().filter(customer_database=world.database or 0).exists()


def _shares(groups: Sequence[DraftGroup]) -> list[Share]:
    """Treated stretches and the gaps before them, left to right; control is what shows through."""
    found: list[Share] = []
    x = Decimal(0)
    colours = ("g1", "g2", "g3")
    treated = 0
    for group in sorted(groups, key=lambda group: not group.is_control):
        width = min(max(group.share or Decimal(0), Decimal(0)), HUNDRED - x)
        if not group.is_control and width:
            if x:
                found.append(Share(x - Decimal("0.2"), Decimal("0.4"), "gap"))
            found.append(Share(x, width, colours[treated % 3]))
            treated += 1
        x += width
    return found if x >= HUNDRED else [*found, Share(x, HUNDRED - x, "left")]


def _share_words(group: DraftGroup) -> str:
    return f"{group.name} {group.percent} %{' control' if group.is_control else ''}"


def _treated(cards: Iterable[SubAudienceCard], *, control: bool) -> int:
    return sum(row.customers or 0 for card in cards for row in card.groups if row.group.is_control is control)


def board(
    draft: Draft,
    world: World,
    problems: Problems,
    headcount: Headcount | None,
    user: User,
    carried: Carried | None = None,
) -> Board:
    """The whole editor for a draft whose problems were found; `headcount` where it was counted."""
    drawing = _Drawing(draft, world, problems, headcount, user, carried or Carried())
    cards = [drawing.card(index, item) for index, item in enumerate(draft.sub_audiences)]
    return Board(
        draft=draft,
        include=drawing.picker(("include",), draft.include, "include"),
        exclude=drawing.picker(("exclude",), draft.exclude, "exclude"),
        has_segments=_has_segments(world),
        cards=cards,
        sub_audience_errors=drawing.errors_at(("sub_audiences",)),
        has_rest=any(item.is_rest for item in draft.sub_audiences),
        most_sub_audiences=MOST_SUB_AUDIENCES,
        attributes=drawing.attributes(),
        after_delivery=drawing.after_delivery(),
        launch_date=[one for one in problems.warnings if one.path == ("launch_date",)],
        suppression=str(world.database.suppression or "") if world.database else "",
        campaign_notes=drawing.campaign_notes(),
        names=names_table(drawing.arrivals, problems),
        field_errors={
            name: drawing.error_at((name,))
            for name in (
                "name",
                "customer_database",
                "schedule",
                "time_zone",
                "launch_date",
                "grace",
                "brakes",
            )
        },
        errors=len(problems.errors) + len(drawing.unfound),
        warnings=len(problems.warnings),
        headcount=headcount,
        control=_treated(cards, control=True) if headcount else None,
        treated=_treated(cards, control=False) if headcount else None,
        reaches=summed(one for card in cards for row in card.groups for one in row.reaches),
        has_destinations=bool(drawing.destinations),
    )
