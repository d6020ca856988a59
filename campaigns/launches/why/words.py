"""Why a person is (not) in the list, in the words of a page; masked for who may not see personal data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from campaigns.launches.downloads import OUTCOMES
from campaigns.launches.frozen import Frozen, FrozenDestination
from campaigns.launches.models import Launch, LaunchFile
from campaigns.launches.recipients import PRECEDENCE
from campaigns.launches.sending_again import whose_rows
from campaigns.launches.why.lookup import Answer, Membership, NotKept, NotNow, Person, Value, look_up
from config.accounts.models import User
from config.masking import mask_email, mask_key, mask_phone
from destinations.models import Destination

NOT_BUILT = "The lists of this launch are not built yet. Ask again when they are."
NEVER_BUILT = "This launch ended before its lists were built, so nobody was considered."
SENT_AGAIN = "This launch sent the rows of launch {} again, and considered nobody itself. Ask that launch."
NOT_KEPT = (
    "This launch no longer has what would answer: it is gone from the storage, was changed there, or was never kept,"
    " as of launches before Muster kept it. Launch again, then ask the new launch."
)
NOT_NOW = (
    "Looking it up needed more memory than it may use. Try again, or ask an operator to raise"
    " DUCKDB_MEMORY_LIMIT."
)


_LOST = {
    "shared_with_control": "Not in the list: a customer in control has the same value.",
    "duplicate": "Not in the list: another customer has the same value, and it is sent once.",
    "invalid": "Not in the list: the value is not usable.",
    "missing": "Not in the list: there is no value to send to.",
}


@dataclass(frozen=True)
class Line:
    """One value of the customer at one destination."""

    value: str
    outcome: str
    reason: str
    file: LaunchFile | None = None

    @property
    def is_sent(self) -> bool:
        return self.outcome == "sent"


@dataclass(frozen=True)
class Place:
    """One destination that the customer's group goes to."""

    destination: str
    identifier: str
    segment_name: str
    is_sent: bool
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Part:
    """The customer in one sub-audience."""

    sub_audience: str
    group: str
    is_control: bool
    since_launch: int
    since: datetime | None
    is_new: bool  # given the group by this very launch
    places: tuple[Place, ...]
    goes_elsewhere: bool  # to destinations that this person may not look at


@dataclass(frozen=True)
class Told:
    key: str
    verdict: str
    is_in: bool  # in a list
    excluded_by: str
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Explanation:
    people: tuple[Told, ...] = ()
    total: int = 0
    problem: str = ""  # why there is no answer at all
    include: tuple[str, ...] = ()
    columns: tuple[tuple[str, str], ...] = ()  # (identifier, column): where values were looked for

    @property
    def unknown_identifiers(self) -> list[str]:
        """What this launch read nothing of."""
        words = {"email": "e-mail addresses", "phone": "phone numbers"}
        return [word for name, word in words.items() if name not in {found for found, _ in self.columns}]


def explain(launch: Launch, text: str, user: User) -> Explanation:
    """Whom `text` names in this launch, and what became of them."""
    if launch.instead_of_id is not None:
        return Explanation(problem=SENT_AGAIN.format(" and ".join(map(str, whose_rows(launch)))))
    if launch.built_at is None:
        return Explanation(problem=NEVER_BUILT if launch.ended_at else NOT_BUILT)
    shown = set(Destination.objects.with_lists_for(user).values_list("pk", flat=True))
    try:
        answer = look_up(launch, text, shown)
    except NotKept:
        return Explanation(problem=NOT_KEPT)
    except NotNow:
        return Explanation(problem=NOT_NOW)
    return _Words(launch, Frozen.from_json(launch.frozen), user, shown, answer).explanation()


class _Words:
    def __init__(self, launch: Launch, frozen: Frozen, user: User, shown: set[int], answer: Answer) -> None:
        self.launch = launch
        self.frozen = frozen
        self.answer = answer
        self.masks = not user.sees_personal_data
        self.sub_audiences = {one.id: one for one in frozen.sub_audiences}
        self.groups = {group.id: group for one in frozen.sub_audiences for group in one.groups}
        self.segments = {one.id: one.name for one in frozen.segments}
        self.destinations = [one for one in frozen.destinations if one.id in shown and one.segment_names]
        self.files = list(launch.files.all())
        self.since = self._dates()

    def _dates(self) -> dict[int, datetime]:
        members = [one for person in self.answer.people for one in person.memberships]
        launches = Launch.objects.filter(pk__in={one.since_launch for one in members})
        return dict(launches.values_list("pk", "created_at"))

    def explanation(self) -> Explanation:
        return Explanation(
            people=tuple(self._told(person) for person in self.answer.people),
            total=self.answer.total,
            include=tuple(self.segments[pk] for pk in self.frozen.include),
            columns=tuple(dict.fromkeys((one.identifier, one.column) for one in self.destinations)),
        )

    def _told(self, person: Person) -> Told:
        parts = tuple(self._part(one) for one in person.memberships)
        excluded_by = self.segments[person.excluded_by] if person.excluded_by else ""
        is_in = any(place.is_sent for part in parts for place in part.places)
        return Told(self._key(person.key), _verdict(excluded_by, parts, is_in), is_in, excluded_by, parts)

    def _part(self, member: Membership) -> Part:
        group = self.groups[member.group_id]
        goes_to = set(group.destination_ids)
        own = [one for one in self.destinations if one.id in goes_to]
        return Part(
            sub_audience=self.sub_audiences[member.sub_audience_id].name,
            group=group.name,
            is_control=group.is_control,
            since_launch=member.since_launch,
            since=self.since.get(member.since_launch),
            is_new=member.since_launch == self.launch.pk,
            places=tuple(self._place(one, member) for one in own),
            goes_elsewhere=len(own) < len(goes_to),
        )

    def _place(self, destination: FrozenDestination, member: Membership) -> Place:
        lines = [self._line(destination, member, one) for one in member.values.get(destination.id, [])]
        return Place(
            destination=destination.name,
            identifier=destination.identifier,
            segment_name=destination.segment_names[member.group_id],
            is_sent=any(line.is_sent for line in lines),
            lines=tuple(sorted(lines, key=lambda line: not line.is_sent)),
        )

    def _line(self, destination: FrozenDestination, member: Membership, found: Value) -> Line:
        return Line(
            value=self._value(found.value or "", destination.identifier),
            outcome=found.outcome,
            reason=self._reason(destination, found),
            file=self._file(destination.id, member.group_id, found.rank) if found.outcome == "sent" else None,
        )

    def _reason(self, destination: FrozenDestination, found: Value) -> str:
        if found.outcome == "sent":
            return "Sent."
        if found.outcome == "missing":
            return f"Not sent: {destination.column} was empty."
        if found.outcome == "invalid":
            kind = "e-mail address" if destination.identifier == "email" else "phone number"
            return f"Not sent: what stood in {destination.column} is no usable {kind}."
        whose = self._key(found.holder) + (f" and {found.holders - 1:,} more" if found.holders > 1 else "")
        if found.outcome == "duplicate":
            return f"Not sent: {OUTCOMES['duplicate']}; it was sent once, for {whose}."
        return f"Not sent: {OUTCOMES['shared_with_control']}, {whose}."

    def _file(self, destination: int, group: int, rank: int) -> LaunchFile | None:
        """The file with the row of this rank: a long list is cut into parts, the lowest cuts first."""
        sections = [
            (section["part"], section["rows"], file)
            for file in self.files
            if file.destination_id == destination
            for section in file.sections
            if section["group_id"] == group
        ]
        for _, rows, file in sorted(sections, key=lambda section: section[0]):
            if rank < rows:
                return file
            rank -= rows
        return None

    def _key(self, key: str) -> str:
        return mask_key(key) if self.masks else key

    def _value(self, value: str, identifier: str) -> str:
        if not self.masks:
            return value
        return mask_email(value) if identifier == "email" or "@" in value else mask_phone(value)


def _verdict(excluded_by: str, parts: Sequence[Part], is_in: bool) -> str:
    if excluded_by:
        return f"Not in the list: excluded by {excluded_by}."
    if not parts:
        return "Not in the list: in the audience, but in no sub-audience."
    if is_in:
        names = dict.fromkeys(place.destination for part in parts for place in part.places if place.is_sent)
        return f"In the list: sent to {', '.join(names)}."
    if all(part.is_control for part in parts):
        return "Not in the list: in control, which receives nothing."
    places = [place for part in parts for place in part.places]
    if not places:
        return "Not in the list: the treatment group goes to no destination" + (
            " that you may see." if any(part.goes_elsewhere for part in parts) else "."
        )
    lost = {line.outcome for place in places for line in place.lines}
    return next((_LOST[outcome] for outcome in PRECEDENCE if outcome in lost), _LOST["missing"])
