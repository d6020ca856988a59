"""The history of a campaign as a page shows it: its events, newest first, each with what it changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from campaigns.customers.catalogue import stored
from campaigns.customers.models import CustomerDatabase
from campaigns.planning.history.difference import Words, differences
from campaigns.planning.history.models import CampaignVersion
from campaigns.planning.models import Campaign
from campaigns.segments.about.difference import Change, Rule
from campaigns.segments.masked import masked
from campaigns.segments.models import Segment
from campaigns.segments.named import stored_names
from campaigns.segments.words import in_words
from config.accounts.models import User
from config.audit.models import Event
from destinations.models import Destination

_SAVES = ("created", "edited")
UNSEEN = "a destination for operators"


@dataclass(frozen=True)
class Told:
    """One line of the history; `changes` is None where nothing is to be compared, or the version before is not kept."""

    event: Event
    changes: Sequence[Change] | None

    @property
    def by(self) -> str:
        """A file that is applied is nobody's."""
        return self.event.actor.display_name if self.event.actor else "a file that was applied"

    @property
    def version(self) -> int | None:
        return self.event.detail.get("version") if self.event.verb in _SAVES else None


def events_of(campaign: Campaign) -> QuerySet[Event]:
    return Event.objects.filter(object_type="campaign", object_id=str(campaign.pk)).select_related("actor")


def told(campaign: Campaign, events: Sequence[Event], user: User) -> list[Told]:
    """A constant number of queries, however many events there are."""
    numbers = {event.detail["version"] for event in events if "version" in event.detail}
    kept = CampaignVersion.objects.filter(
        campaign=campaign, number__in=numbers | {number - 1 for number in numbers}
    )
    versions = {version.number: version.content for version in kept}
    words = _words(campaign, versions.values(), user)
    return [Told(event, _changes(event, versions, words)) for event in events]


def _changes(event: Event, versions: Mapping[int, Any], words: Words) -> Sequence[Change] | None:
    if event.verb == "moved":
        folders = (event.detail[key] or "none" for key in ("now", "was"))
        return [Change("changed", f"Folder: {next(folders)}", next(folders))]
    if event.verb == "labelled":
        return list(_labels(event.detail["was"], event.detail["now"]))
    if "warn_past_change" in event.detail:
        now, was = (f"{event.detail[key]:,} %" for key in ("warn_past_change", "was"))
        return [Change("changed", f"Warn past a change of: {now}", was)]
    number = event.detail.get("version") if event.verb == "edited" else None
    before, after = versions.get((number or 0) - 1), versions.get(number or 0)
    return list(differences(before, after, words)) if before and after else None


def _labels(was: Sequence[str], now: Sequence[str]) -> Iterator[Change]:
    yield from (Change("added", f"Label “{name}”") for name in now if name not in was)
    yield from (Change("removed", f"Label “{name}”") for name in was if name not in now)


def _words(campaign: Campaign, contents: Iterable[Mapping[str, Any]], user: User) -> Words:
    contents = list(contents)
    parts = [part for content in contents for part in content["sub_audiences"]]
    ids = {pk for one in contents for key in ("include", "exclude") for pk in one[key]}
    segments = dict(
        Segment.objects.filter(pk__in=ids | {pk for part in parts for pk in part["segments"]}).values_list(
            "pk", "name"
        )
    )
    destinations = dict(Destination.objects.with_lists_for(user).values_list("pk", "name"))
    databases = dict(CustomerDatabase.objects.values_list("pk", "name"))
    catalogue = stored(campaign.customer_database)
    names = stored_names([part["rules"] for part in parts if part["rules"]], catalogue)
    personal = None if user.sees_personal_data else catalogue.personal

    def rule(data: Rule) -> str:
        return in_words(masked(data, personal) if personal else data, names)

    return Words(
        segment=lambda pk: f"“{segments.get(pk, 'a segment that is gone')}”",
        destination=lambda pk: destinations.get(pk, UNSEEN),
        database=lambda pk: databases.get(pk, "a customer database that is gone"),
        rule=rule,
    )
