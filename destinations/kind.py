"""The contract of a kind: the code for one type of destination.

A kind is one object without state. What it promises:

1. It alone knows its forms, its settings, its file's shape and how to talk to the far side; nothing branches on it.
2. `plan` is pure. It says which files a list of groups becomes; the same groups give the same files.
3. `send` transfers one parcel whole and returns only when the far side has confirmed or accepted it. A failure is a
   `DeliveryError` whose message a marketer understands and which holds neither personal data nor a secret.
4. `send` of the same parcel again never brings a second copy: it finds what an earlier attempt left behind.
5. `look_up` changes nothing at the far side.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, ClassVar, Literal

from django import forms

Identifier = Literal["email", "phone"]
Settings = Mapping[str, Any]
CredentialFields = Mapping[str, Any]
# How a form is drawn: (heading, rows), a row being one or two names of fields. A form may carry them as `sections`,
# and as `one_of` the two fields of which one has to be filled in.
Sections = Sequence[tuple[str, Sequence[Sequence[str]]]]


class DeliveryError(Exception):
    """An expected failure. `message` is one plain sentence; `permanent` ones are not tried again by themselves."""

    def __init__(
        self,
        message: str,
        *,
        permanent: bool = False,
        retry_after: float | None = None,
        untouched: bool = False,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.permanent = permanent
        # Seconds the far side asked us to wait, if it did.
        self.retry_after = retry_after
        # After the last look: this attempt certainly left nothing under the final name.
        self.untouched = untouched


class DeliveryUnknown(DeliveryError):
    """The far side may or may not have taken the file: a person, or `look_up`, has to say."""


class HostKeyChanged(DeliveryError):
    """The server shows another host key than the accepted one; permanent until a person accepts the new one."""

    def __init__(self, message: str, *, seen: str) -> None:
        super().__init__(message, permanent=True)
        self.seen = seen


@dataclass(frozen=True)
class CheckStep:
    """One line of a connection check."""

    title: str  # "Login", "Host key", "Folder", "Probe file"
    text: str  # "as acme with the stored passphrase."
    ok: bool
    seconds: float = 0.0


@dataclass(frozen=True)
class CheckResult:
    """What a connection check found; `ok` when every step is."""

    steps: tuple[CheckStep, ...]
    # The fingerprint the server showed ("SHA256:…"), where the kind has host keys.
    host_key: str = ""
    # A name of a form field ("hostname", "passphrase", "remote_folder", "host_key" …) the failure belongs to.
    field: str = ""

    @property
    def ok(self) -> bool:
        return all(step.ok for step in self.steps)

    @property
    def message(self) -> str:
        """The failed step's sentence; empty when all is well."""
        return next((step.text for step in self.steps if not step.ok), "")


@dataclass(frozen=True)
class Group:
    """A treatment group that is sent to the destination, as `plan` sees it."""

    id: int  # of the treatment group
    segment_name: str
    rows: int  # after normalising and removing duplicates
    parts: int = 1  # how many numbered segments this name already has at the account


@dataclass(frozen=True)
class Section:
    """A run of `rows` rows of one file, at least one: one whole segment, or a part of one.

    `part` of `parts`: the group's values, cut in the order of their md5. A group's sections hold all its rows.
    """

    group_id: int
    segment_name: str
    rows: int
    part: int = 1
    parts: int = 1


def part_sizes(rows: int, parts: int) -> list[int]:
    """Of equal size, ± 1; the first ones are the larger, and none is empty.

    >>> part_sizes(11, 3)
    [4, 4, 3]
    """
    whole, more = divmod(rows, parts)
    sizes = [whole + (part < more) for part in range(parts)]
    return [size for size in sizes if size]


@dataclass(frozen=True)
class FileSpec:
    """One file to write: its sections in order. Rows of a section are ordered by value.

    Each row is `value,segment_name`; UTF-8 without BOM, `\\n`, a field quoted only where needed.
    """

    sections: tuple[Section, ...]
    header: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Parcel:
    """A file on its way."""

    path: Path  # the file on this machine
    name: str  # its final name at the far side
    size: int  # bytes
    rows: int
    sha256: str
    token: int  # the fencing token of this attempt; rises with every attempt
    first_attempt: bool  # no earlier one may have left anything under the final name
    deadline: datetime  # give up by then
    settings: Settings
    credential: CredentialFields
    host_key: str = ""
    header_rows: int = 0
    # Called with the bytes sent so far; raises to stop (cancelled, lease lost; after the last look only the latter).
    progress: Callable[[int], None] = field(default=lambda sent: None)
    # Called right before the step that cannot be taken back; raises DeliveryError to stop (superseded, lease lost).
    last_look: Callable[[], None] = field(default=lambda: None)


@dataclass(frozen=True)
class Confirmed:
    """The far side has the file, whole, under its name."""

    detail: str = ""  # "same size there"


@dataclass(frozen=True)
class Accepted:
    """The far side works on it; ask `look_up` with the handle."""

    handle: str


@dataclass(frozen=True)
class Pending:
    pass


@dataclass(frozen=True)
class Absent:
    """Certainly not there: it may be sent again."""


@dataclass(frozen=True)
class Unknown:
    detail: str = ""


class NameTaken(DeliveryError):
    """Somebody else's file stands under our name: take the next number."""


class Kind(ABC):
    """See the module's text for what a kind promises."""

    name: ClassVar[str]  # "attentive_segments"; the folder's name
    label: ClassVar[str]  # "Attentive (segments)"
    icon: ClassVar[str]  # a Lucide icon
    suggested_name: ClassVar[str]  # "Attentive Segments"
    secret_fields: ClassVar[frozenset[str]]  # of the credential; write-only everywhere
    credential_form: ClassVar[type[forms.Form]]
    settings_form: ClassVar[type[forms.Form]]
    has_host_key: ClassVar[bool] = False
    # What people are told where the file leaves our hands ("Attentive processes segment files once a day …").
    after_delivery: ClassVar[str] = ""
    # Whether it is not known which of two lists of one segment name in one day stays.
    takes_a_name_once_a_day: ClassVar[bool] = False
    # How long a list may take until the platform has it: launch dates are held against that.
    hours_until_usable: ClassVar[int] = 0
    # The platform's own name in a sentence: "stays in Attentive".
    platform: ClassVar[str] = ""

    @abstractmethod
    def check(self, settings: Settings, credential: CredentialFields, host_key: str = "") -> CheckResult:
        """Try the connection for real. Never raises for an expected failure: the result tells it.

        An empty `host_key` accepts what the server shows, to be shown to a person.
        """

    @abstractmethod
    def account_key(self, settings: Settings, credential: CredentialFields) -> str:
        """Equal for two destinations that end in the same place."""

    def drop_point(self, settings: Settings, credential: CredentialFields) -> str:
        """Where file names must not clash: the account and what narrows it."""
        return self.account_key(settings, credential)

    @abstractmethod
    def identifier(self, settings: Settings) -> Identifier: ...

    @abstractmethod
    def segment_name(self, settings: Settings, campaign_name: str, group_name: str) -> str: ...

    @abstractmethod
    def name_problem(self, name: str) -> str:
        """Why the far side cannot carry this group or segment name, as a sentence; empty when it can."""

    @abstractmethod
    def plan(self, settings: Settings, groups: Sequence[Group]) -> list[FileSpec]:
        """The files these groups become. Empty groups get none. DeliveryError where a group does not fit."""

    def segment_names(self, settings: Settings, segment_name: str) -> tuple[str, bool]:
        """(the name, whether numbered followers `_2`, `_3` … may be made of it); for the check of equal names."""
        return segment_name, False

    @abstractmethod
    def day(self, settings: Settings, now: datetime) -> date:
        """The date that goes into a file's name if the first attempt is now."""

    @abstractmethod
    def file_name(self, settings: Settings, spec: FileSpec, day: date, number: int) -> str: ...

    @abstractmethod
    def send(self, parcel: Parcel) -> Confirmed | Accepted: ...

    @abstractmethod
    def look_up(self, parcel: Parcel, handle: str = "") -> Confirmed | Pending | Absent | Unknown: ...
