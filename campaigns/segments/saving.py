"""The door to a segment: read, check, store. The editor and `apply` come through here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import count
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from campaigns.customers.catalogue import stored as stored_catalogue
from campaigns.customers.connection import engine_of
from campaigns.customers.models import CustomerDatabase
from campaigns.customers.turns import alone_with
from campaigns.segments.about.keeping import keep_version
from campaigns.segments.checking import faults
from campaigns.segments.models import Segment
from campaigns.segments.nesting import circle_through
from campaigns.segments.plain import (
    LONGEST_DESCRIPTION,
    LONGEST_NAME,
    Draft,
    Problem,
    SegmentRefused,
)
from campaigns.segments.rules import (
    Group,
    InList,
    InSegment,
    Path,
    dump,
    holds_query,
    ids_in,
    list_ids,
    parse,
    segment_ids,
    walk_with_paths,
)
from campaigns.segments.times import time_zone_problem, zone_of
from campaigns.segments.uploaded.models import UploadedList
from config import clock
from config.accounts.models import User
from config.audit.models import record
from config.versions import claim

MAY_NOT_WRITE_SQL = (
    "Only people with the permission “writes SQL” make and change queries. Ask an administrator for it."
)


def draft_of(segment: Segment) -> Draft:
    """The stored segment as plain data."""
    return Draft(
        name=segment.name,
        customer_database=segment.customer_database_id,
        rules=segment.rules.get("rules", {}),
        description=segment.description,
        time_zone=segment.time_zone,
        id=segment.pk,
    )


def tidy(draft: Draft) -> Draft:
    """The draft without white space around what people read."""
    return replace(
        draft,
        name=draft.name.strip(),
        description=draft.description.strip(),
        time_zone=draft.time_zone.strip(),
    )


# Checking -----------------------------------------------------------------------------------------------


def validate(draft: Draft) -> list[Problem]:
    """Everything that is wrong. Nothing is asked of the customer database itself."""
    draft = tidy(draft)
    segment = Segment.objects.filter(pk=draft.id).first() if draft.id else None
    database = CustomerDatabase.objects.filter(pk=draft.customer_database or 0).first()
    return [
        *_name_problems(draft),
        *_text_problems(draft),
        *_database_problems(draft, segment, database),
        *rule_problems(draft, segment, database),
    ]


def _name_problems(draft: Draft) -> Iterator[Problem]:
    path: Path = ("name",)
    if not draft.name:
        yield Problem(path, "Enter a name.")
    elif len(draft.name) > LONGEST_NAME:
        text = f"The name has {len(draft.name)} characters. {LONGEST_NAME} are the most; shorten it."
        yield Problem(path, text)
    elif not draft.name.isprintable():
        yield Problem(path, "The name has a character that cannot be shown. Type it anew.")
    elif Segment.objects.active().filter(name=draft.name).exclude(pk=draft.id or 0).exists():
        yield Problem(path, f"There is a segment “{draft.name}” already. Choose another name.")


def _text_problems(draft: Draft) -> Iterator[Problem]:
    if len(draft.description) > LONGEST_DESCRIPTION:
        text = f"The description has {len(draft.description)} characters. {LONGEST_DESCRIPTION} are the most."
        yield Problem(("description",), f"{text} Shorten it.")
    elif "\0" in draft.description:
        yield Problem(
            ("description",), "The description has a character that cannot be stored. Type it anew."
        )
    if problem := time_zone_problem(draft.time_zone):
        yield Problem(("time_zone",), problem)


def _database_problems(
    draft: Draft, segment: Segment | None, database: CustomerDatabase | None
) -> Iterator[Problem]:
    if database is None:
        yield Problem(("customer_database",), "Choose a customer database.")
    elif segment is not None and segment.customer_database_id != database.pk:
        yield Problem(
            ("customer_database",),
            f"“{segment.name}” is about “{segment.customer_database}”, which is chosen once. "
            "Make another segment for another customer database.",
        )
    elif segment is None and database.archived_at is not None:
        yield Problem(("customer_database",), f"“{database}” is archived. Choose another customer database.")


def rule_problems(
    draft: Draft, segment: Segment | None, database: CustomerDatabase | None
) -> Iterator[Problem]:
    """What is wrong with the rules, each with the path that leads to its rule."""
    zone = zone_of(draft.time_zone)
    catalogue = stored_catalogue(database or CustomerDatabase())
    wrong = faults(draft.rules, catalogue, zone, engine_of(database.url) if database else "")
    yield from (Problem(("rules", *error.path), error.message) for error in wrong)
    if not wrong:
        yield from _inside_problems(draft, segment)
        yield from _list_problems(draft)


def _query_problems(draft: Draft, segment: Segment | None, user: User | None) -> Iterator[Problem]:
    """Only who writes SQL changes a query, makes one, or makes rules of one. Nobody (None) is `apply`."""
    before = draft_of(segment).rules if segment is not None else {}
    has_query = holds_query(draft.rules) or holds_query(before)
    if user is not None and not user.may_write_sql and has_query and draft.rules != before:
        yield Problem(("rules", "all", 0, "sql"), MAY_NOT_WRITE_SQL)


def _inside_problems(draft: Draft, segment: Segment | None) -> Iterator[Problem]:
    """About the segments that the rules name."""
    group = parse(draft.rules)
    inside = Segment.objects.in_bulk(segment_ids(group))
    before = ids_in(segment.rules) if segment is not None and inside else frozenset()
    has_circle = segment is not None and bool(circle_through(segment.pk, group))
    for path, node in walk_with_paths(group):
        if isinstance(node, InSegment):
            text = _segment_problem(node, inside.get(node.segment), draft, before)
            if not text and segment is not None and has_circle:
                way = circle_through(segment.pk, Group("all", (node,)))
                text = way and f"The segments would go in a circle: {way}. Choose another segment."
            if text:
                yield Problem(("rules", *path, "segment"), text)


def _segment_problem(node: InSegment, one: Segment | None, draft: Draft, before: frozenset[int]) -> str:
    """`before`: what the stored rules name already, and may go on naming."""
    kept = node.segment in before
    if one is None or (one.archived_at is not None and not kept):
        return "The chosen segment no longer exists. Choose another one."
    if one.customer_database_id != draft.customer_database:
        return f"“{one}” is about another customer database. Choose another segment."
    if one.disabled_at is not None and not kept:
        return f"“{one}” is disabled. Choose another segment."
    return ""


def _list_problems(draft: Draft) -> Iterator[Problem]:
    """About the uploaded lists that the rules name."""
    group = parse(draft.rules)
    named = list_ids(group)
    lists = UploadedList.objects.in_bulk(named) if named else {}
    for path, text in list_problems(group, lists, draft.customer_database):
        yield Problem(("rules", *path, "list"), text)


def list_problems(
    group: Group, lists: Mapping[int, UploadedList], database: int | None
) -> Iterator[tuple[Path, str]]:
    """Why rules about a customer database cannot name uploaded lists, each with the path of its rule."""
    for path, node in walk_with_paths(group):
        if isinstance(node, InList) and (text := _list_problem(lists.get(node.list), database)):
            yield path, text


def _list_problem(one: UploadedList | None, database: int | None) -> str:
    if one is None:
        return "The chosen uploaded list no longer exists. Choose another one."
    if one.archived_at is not None:
        return f"The uploaded list “{one}” was deleted. Choose another one."
    if one.customer_database_id != database:
        return f"The uploaded list “{one}” is about another customer database. Choose another one."
    return ""


# Storing ------------------------------------------------------------------------------------------------


def store(
    draft: Draft,
    segment: Segment | None,
    user: User | None,
    expected_version: int | None,
    form_token: UUID | None = None,
) -> Segment:
    """Store the draft as `segment`, or as a new one.

    Raises SegmentRefused where something is wrong with it, EditedMeanwhile where the stored version is not
    `expected_version` (None: whatever it is). The same `form_token` again gives the segment that it made.
    """
    draft = replace(tidy(draft), id=segment.pk if segment is not None else None)
    try:
        # Two that are saved at once must not close a circle that neither of them sees.
        with alone_with(draft.customer_database):
            if segment is None and (made := _made_by(form_token)) is not None:
                if replace(draft_of(made), id=None) == draft:
                    return made
                # A page that was saved, gone back to and changed: another segment, for its work is not to be lost.
                form_token = None
            if problems := validate(draft) or list(_query_problems(draft, segment, user)):
                raise SegmentRefused(problems)
            return _write(draft, segment, user, expected_version, form_token)
    except IntegrityError:
        # Somebody took the name this very moment, for a segment of another customer database.
        raise SegmentRefused(validate(draft)) from None


def _made_by(form_token: UUID | None) -> Segment | None:
    return Segment.objects.filter(form_token=form_token).first() if form_token is not None else None


def _write(
    draft: Draft,
    segment: Segment | None,
    user: User | None,
    expected_version: int | None,
    form_token: UUID | None,
) -> Segment:
    if segment is None:
        verb, found = "created", Segment(form_token=form_token)
    else:
        verb, found = "edited", claim(Segment.objects.all(), segment.pk, expected_version)
    found.name, found.description = draft.name, draft.description
    found.customer_database_id = draft.customer_database  # type: ignore[assignment]
    rules = dump(parse(draft.rules))
    if (rules["rules"], draft.time_zone) != ((found.rules or {}).get("rules"), found.time_zone):
        found.size = found.size_counted_at = None
    found.rules, found.time_zone = rules, draft.time_zone
    found.edited_by, found.updated_at = user, clock.now()
    found.save()
    keep_version(found)
    record(user, verb, found, version=found.version)
    return found


def set_enabled(segment: Segment, user: User | None, *, is_enabled: bool) -> bool:
    """One that is disabled stays where it is used, and is offered nowhere else. Whether anything changed."""
    segment.disabled_at = None if is_enabled else clock.now()
    with alone_with(segment.customer_database_id):
        rows = Segment.objects.filter(pk=segment.pk, disabled_at__isnull=not is_enabled)
        if not rows.update(disabled_at=segment.disabled_at):
            return False
        record(user, "enabled" if is_enabled else "disabled", segment)
    return True


def copy(segment: Segment, user: User, form_token: UUID | None) -> Segment:
    """The stored copy. It is not checked: what is wrong with the original is shown when the copy is opened.

    Raises PermissionDenied where it is a query, and `user` may make none.
    """
    if holds_query(segment.rules) and not user.may_write_sql:
        raise PermissionDenied(MAY_NOT_WRITE_SQL)
    made = Segment(
        customer_database=segment.customer_database,
        name=_free_name(segment.name),
        description=segment.description,
        time_zone=segment.time_zone,
        rules=segment.rules,
        form_token=form_token,
        edited_by=user,
    )
    try:
        with transaction.atomic():
            made.save()
            keep_version(made)
            record(user, "created", made, copied_from=segment.pk)
    except IntegrityError:
        return Segment.objects.get(form_token=form_token)
    return made


def _free_name(name: str) -> str:
    endings = ("" if number == 1 else f" {number}" for number in count(1))
    names = (f"Copy of {name}"[: LONGEST_NAME - len(ending)] + ending for ending in endings)
    return next(made for made in names if not Segment.objects.active().filter(name=made).exists())
