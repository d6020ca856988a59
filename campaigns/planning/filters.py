"""What the list of campaigns can be narrowed by: one table of filters, each with its choices."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Q
from django.db.models.lookups import Exact

from campaigns.planning.filing.labels import known_labels
from campaigns.planning.filing.models import CampaignLabel
from campaigns.planning.models import Campaign, CampaignQuerySet, TreatmentGroup
from campaigns.planning.schedule import CADENCES
from campaigns.planning.statuses import STATUSES, status
from config.accounts.models import User
from destinations.models import Destination

Choices = list[tuple[str, str]]  # (value, word)


@dataclass(frozen=True)
class Filter:
    label: str
    every: str  # the word for all of them
    choices: Callable[[User], Choices]
    narrow: Callable[[CampaignQuerySet, str], CampaignQuerySet]


@dataclass(frozen=True)
class Field:
    """A filter as a page draws it."""

    name: str
    label: str
    every: str
    choices: Choices
    value: str

    @property
    def word(self) -> str:
        """Of what is chosen."""
        return dict(self.choices)[self.value]


def fields(asked: Mapping[str, str], user: User) -> list[Field]:
    """Every filter with its choices; what was asked and is no choice, chooses nothing."""
    return [_field(name, one, asked.get(name, ""), user) for name, one in FILTERS.items()]


def _field(name: str, one: Filter, asked: str, user: User) -> Field:
    choices = one.choices(user)
    value = asked if any(asked == value for value, _ in choices) else ""
    return Field(name, one.label, one.every, choices, value)


def narrowed(campaigns: CampaignQuerySet, chosen: list[Field]) -> CampaignQuerySet:
    for field in chosen:
        if field.value:
            campaigns = FILTERS[field.name].narrow(campaigns, field.value)
    return campaigns


def _statuses(user: User) -> Choices:
    return [(value, word) for value, word in STATUSES.items() if value != "archived"]


def _by_status(campaigns: CampaignQuerySet, value: str) -> CampaignQuerySet:
    return campaigns.filter(Exact(status(), value))


def _by_cadence(campaigns: CampaignQuerySet, value: str) -> CampaignQuerySet:
    chosen = Q(schedule__has_key=value)
    # One for which nobody chose a time is launched as soon as it is asked for.
    return campaigns.filter(chosen | Q(schedule={}) if value == "asap" else chosen)


def _destinations(user: User) -> Choices:
    known = Destination.objects.shown_to(user).order_by("name")
    return [(str(pk), name) for pk, name in known.values_list("pk", "name")]


def _by_destination(campaigns: CampaignQuerySet, value: str) -> CampaignQuerySet:
    groups = TreatmentGroup.objects.filter(
        destinations=int(value), removed_at=None, sub_audience__removed_at=None
    )
    return campaigns.filter(pk__in=groups.order_by().values("sub_audience__campaign"))


def _people(of: str) -> Callable[[User], Choices]:
    def choices(user: User) -> Choices:
        who = Campaign.objects.order_by().values(of).distinct()
        people = User.objects.filter(Q(pk__in=who) | Q(pk=user.pk)).order_by("first_name", "username")
        return [(str(person.pk), person.display_name) for person in people]

    return choices


def _by_person(of: str) -> Callable[[CampaignQuerySet, str], CampaignQuerySet]:
    def narrow(campaigns: CampaignQuerySet, value: str) -> CampaignQuerySet:
        found: dict[str, Any] = {of: int(value)}
        return campaigns.filter(**found)

    return narrow


def _labels(user: User) -> Choices:
    return [(name, name) for name in known_labels()]


def _by_label(campaigns: CampaignQuerySet, value: str) -> CampaignQuerySet:
    return campaigns.filter(pk__in=CampaignLabel.objects.filter(name=value).order_by().values("campaign"))


FILTERS: Final[Mapping[str, Filter]] = {
    "status": Filter("Status", "Every status", _statuses, _by_status),
    "cadence": Filter("Cadence", "Every cadence", lambda user: list(CADENCES.items()), _by_cadence),
    "destination": Filter("Destination", "Every destination", _destinations, _by_destination),
    "label": Filter("Label", "Every label", _labels, _by_label),
    "creator": Filter("Created by", "Anybody", _people("created_by"), _by_person("created_by")),
    "editor": Filter("Last edited by", "Anybody", _people("edited_by"), _by_person("edited_by")),
}
