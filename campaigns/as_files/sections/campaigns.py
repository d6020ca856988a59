"""Campaigns in files: each becomes a draft, which planning/draft.py checks and stores; scheduled if it says so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models, transaction

from campaigns.as_files.keys import Entry
from campaigns.as_files.marks import Node
from campaigns.as_files.section import Data, Run, Section, find
from campaigns.as_files.sections.campaign_parts import Finder, place_of, sub_audiences_from
from campaigns.as_files.sections.rules import with_names
from campaigns.customers.models import CustomerDatabase
from campaigns.launches.runs.scheduling import schedule, unschedule
from campaigns.launches.start import CannotLaunch
from campaigns.planning.draft import (
    Draft,
    DraftGroup,
    DraftRefused,
    DraftSubAudience,
    draft_of,
    save,
    tidy,
    validate,
)
from campaigns.planning.ending import Reasons, archive, restore
from campaigns.planning.filing.folders import FolderRefused, at_path, move
from campaigns.planning.filing.folders import look as look_at_folders
from campaigns.planning.filing.labels import LabelsRefused, labels_of, set_labels
from campaigns.planning.models import WARN_PAST_CHANGE, Campaign
from campaigns.planning.warning import warn_past
from campaigns.segments.models import Segment
from destinations.kind import Identifier
from destinations.models import Destination


class Campaigns(Section[Campaign]):
    key: ClassVar = "campaigns"
    word: ClassVar = "campaign"

    def all(self) -> models.QuerySet[Campaign]:
        return self.known().filter(archived_at=None)

    def known(self) -> models.QuerySet[Campaign]:
        return Campaign.objects.select_related("customer_database")

    def archived(self, entries: Sequence[Entry]) -> dict[int, Campaign]:
        """By id where the entry says whether it is archived; by name where it is to be, and no other has its name."""
        about = {place: one for place, one in enumerate(entries) if one.has("archived")}
        ids = {one.id for one in about.values() if one.id is not None}
        names = {one.name for one in about.values()}
        there = self.known().filter(archived_at__isnull=False).order_by("archived_at")
        by_id = {one.pk: one for one in there.filter(pk__in=ids)}
        in_use = set(self.all().filter(name__in=names).values_list("name", flat=True))
        by_name = {one.name: one for one in there.filter(name__in=names - in_use)}
        meant = {
            place: by_id.get(one.id or 0) or (by_name.get(one.name) if one.get("archived", None) else None)
            for place, one in about.items()
        }
        return {place: one for place, one in meant.items() if one is not None}

    def exported(self, one: Campaign) -> Data:
        draft = draft_of(one)
        names = _Names()
        return {
            "id": one.pk,
            "name": one.name,
            "customer_database": str(one.customer_database),
            "include": names.segments(draft.include),
            "exclude": names.segments(draft.exclude),
            "assign_to_first_match_only": draft.assign_to_first_match_only,
            "same_groups": draft.same_groups,
            "sub_audiences": [_exported_part(item, names) for item in draft.sub_audiences],
            "attributes": [
                {"destination": names.destinations((pk,))[0], "identifier": column}
                for pk, chosen in draft.attributes.items()
                for column in chosen.values()
            ],
            "schedule": {**draft.schedule, "time_zone": draft.time_zone},
            "launch_date": draft.launch_date or None,
            "grace": draft.grace,
            "brakes": dict(draft.brakes),
            "archived": one.archived_at is not None,
            "warn_past_change": one.warn_past_change,
            "folder": look_at_folders().path(one.folder_id) or None,
            "labels": labels_of(one),
            "scheduled": one.scheduled_at is not None,
        }

    def store(self, entry: Entry, stored: Campaign | None, run: Run, *, connect: bool) -> Campaign:
        was, wanted = stored is not None and stored.archived_at is not None, entry.get("archived", False)
        if stored is not None and was and wanted:
            run.warn(entry.at("archived"), f"“{stored}” is archived, so its other keys change nothing.")
            return stored
        if stored is not None and was:
            _end(restore, stored, entry)
        saved = self._in_use(entry, stored, run)
        if wanted:
            _end(archive, saved, entry)
        return saved

    def _in_use(self, entry: Entry, stored: Campaign | None, run: Run) -> Campaign:
        draft = tidy(self._draft(entry, stored))
        for problem in validate(draft, None).warnings:
            run.warn(place_of(entry, problem.path, draft), problem.text)
        saved = self._planned(entry, draft, stored)
        _file(entry, saved)
        _warn(entry, saved)
        return saved

    def _planned(self, entry: Entry, draft: Draft, stored: Campaign | None) -> Campaign:
        wanted = entry.get("scheduled", stored is not None and stored.scheduled_at is not None)
        with transaction.atomic():
            before = self.exported(stored) if stored is not None else None
            if stored is not None:
                unschedule(stored, None)
            saved = self._saved(entry, draft, stored)
            if wanted and before == {**self.exported(saved), "scheduled": True}:
                # The schedule as it was, which may be over by now: it goes on, and does not begin anew.
                transaction.set_rollback(True)
                return saved
            if wanted:
                self._schedule(entry, saved)
        return saved

    def _saved(self, entry: Entry, draft: Draft, stored: Campaign | None) -> Campaign:
        try:
            return save(draft, stored, None, None)
        except DraftRefused as error:
            first = error.problems.errors[0]
            raise place_of(entry, first.path, draft).problem(first.text) from None

    def _schedule(self, entry: Entry, saved: Campaign) -> None:
        try:
            schedule(saved, None)
        except CannotLaunch as error:
            raise entry.at("scheduled").problem(error.message) from None

    def _draft(self, entry: Entry, stored: Campaign | None) -> Draft:
        base = draft_of(stored) if stored is not None else Draft("", None)
        finder = Finder(base)
        kept_first = base.assign_to_first_match_only
        draft = replace(
            base,
            name=entry.name,
            customer_database=_database(entry, base),
            include=_segments(entry, "include", base.include, finder),
            exclude=_segments(entry, "exclude", base.exclude, finder),
            assign_to_first_match_only=entry.get("assign_to_first_match_only", kept_first),
            same_groups=entry.get("same_groups", base.same_groups),
            launch_date=entry.get("launch_date", base.launch_date),
            grace=entry.get("grace", base.grace),
        )
        if entry.has("sub_audiences"):
            draft = replace(draft, sub_audiences=sub_audiences_from(entry, base, finder))
        if entry.has("schedule"):
            draft = _scheduled(draft, entry.get("schedule", None))
        if entry.has("brakes"):
            draft = replace(draft, brakes=dict(entry.get("brakes", None).given))
        return _with_attributes(draft, entry, finder)


def _end(act: Callable[[list[int], None], tuple[int, Reasons]], campaign: Campaign, entry: Entry) -> None:
    """Archive or restore it."""
    _, reasons = act([campaign.pk], None)
    for reason in reasons.values():
        raise entry.at("archived").problem(f"“{campaign}” {reason}.")


def _file(entry: Entry, saved: Campaign) -> None:
    """What it is found by."""
    if entry.has("folder"):
        try:
            move([saved], at_path(entry.get("folder", ""), None), None)
        except FolderRefused as error:
            raise entry.at("folder").problem(error.message) from None
    if entry.has("labels"):
        try:
            set_labels(saved, entry.get("labels", ()), None)
        except LabelsRefused as error:
            raise entry.at("labels").problem(error.message) from None


def _warn(entry: Entry, saved: Campaign) -> None:
    """Beside the draft: nothing that is launched changes by it."""
    if entry.has("warn_past_change"):
        try:
            warn_past(saved, entry.get("warn_past_change", WARN_PAST_CHANGE), None)
        except ValidationError as error:
            raise entry.at("warn_past_change").problem(error.messages[0]) from None


def _database(entry: Entry, base: Draft) -> int | None:
    node: Node | None = entry.get("customer_database", None)
    if node is None:
        return base.customer_database
    return find(CustomerDatabase.objects.active(), node, "customer database").pk


def _segments(entry: Entry, key: str, kept: tuple[int, ...], finder: Finder) -> tuple[int, ...]:
    if not entry.has(key):
        return kept
    return tuple(finder.segment(node).pk for node in entry.get(key, ()))


def _scheduled(draft: Draft, schedule: Entry) -> Draft:
    """The schedule is one value, replaced as a whole; the time zone is one of its own."""
    given = dict(schedule.given)
    time_zone = given.pop("time_zone", draft.time_zone)
    return replace(draft, schedule=given, time_zone=time_zone)


def _with_attributes(draft: Draft, entry: Entry, finder: Finder) -> Draft:
    if not entry.has("attributes"):
        return draft
    found: dict[int, dict[Identifier, str]] = {}
    sent = draft.sent_destinations()
    for one in entry.get("attributes", ()):
        destination = finder.destination(one.get("destination", None))
        if destination.pk not in sent:
            raise one.at("destination").problem(
                f"No group of this campaign is sent to {destination}. Remove its attribute."
            )
        found[destination.pk] = {destination.identifier: one.get("identifier", "")}
    return replace(draft, attributes=found)


class _Names:
    """Ids as names, also of what was archived since."""

    def segments(self, ids: tuple[int, ...]) -> list[str]:
        found = Segment.objects.in_bulk(ids)
        return [found[pk].name for pk in ids]

    def destinations(self, ids: tuple[int, ...]) -> list[str]:
        found = Destination.objects.in_bulk(ids)
        return [found[pk].name for pk in ids]


def _exported_part(item: DraftSubAudience, names: _Names) -> Data:
    by: Data = {"segments": names.segments(item.segments)}
    if not item.segments:
        by = {"rules": None if item.rules is None else with_names(item.rules["rules"])}
    return {
        "id": item.id,
        "name": item.name,
        **by,
        "on_change": item.on_change,
        "treatment_groups": [_exported_group(group, names) for group in item.groups],
    }


def _exported_group(group: DraftGroup, names: _Names) -> Data:
    return {
        "id": group.id,
        "name": group.name,
        "percent": _number(group.percent),
        "is_control": group.is_control,
        "destinations": names.destinations(group.destinations),
    }


def _number(percent: Any) -> int | float:
    """As people write it: 10, 12.5."""
    return int(percent) if percent == int(percent) else float(percent)
