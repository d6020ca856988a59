"""The numbers of a summary added up, so that a page can show that they do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields

from campaigns.launches.built import Outcomes
from campaigns.launches.summary import DeliveryLine, GroupLine, Summary


@dataclass(frozen=True)
class Column:
    """One destination: everybody of the audience in one outcome there."""

    destination_id: int
    destination: str
    identifier: str
    outcomes: Outcomes
    control: int
    elsewhere: int  # in treated groups that do not go here
    no_sub_audience: int

    @property
    def total(self) -> int:
        return total_of(self.outcomes) + self.control + self.elsewhere + self.no_sub_audience


@dataclass(frozen=True)
class Sums:
    columns: tuple[Column, ...]
    outcomes: Outcomes  # of all deliveries
    expansion: int
    segment_names: tuple[str, ...]
    treated: int  # memberships in treated groups
    everybody: int  # what each column has to come to
    adds_up: bool
    # Of everybody considered.
    audience_fraction: float
    sent_to_fraction: float


def sums_of(summary: Summary) -> Sums:
    deliveries = [delivery for group in summary.groups for delivery in group.deliveries]
    ids = dict.fromkeys(delivery.destination_id for delivery in deliveries)
    columns = tuple(_column(summary, pk) for pk in ids)
    everybody = summary.memberships + summary.no_sub_audience
    treated = summary.memberships - summary.control
    return Sums(
        columns=columns,
        outcomes=_added(delivery.outcomes for delivery in deliveries),
        expansion=sum(delivery.expansion for delivery in deliveries),
        segment_names=tuple(dict.fromkeys(name for one in deliveries for name in one.segment_names)),
        treated=treated,
        everybody=everybody,
        adds_up=_adds_up(summary, columns, everybody),
        audience_fraction=summary.audience / (summary.considered or 1),
        sent_to_fraction=summary.sent_groups / (summary.considered or 1),
    )


def total_of(outcomes: Outcomes) -> int:
    return sum(getattr(outcomes, field.name) for field in fields(outcomes))


def _column(summary: Summary, destination: int) -> Column:
    here = [
        delivery
        for group in summary.groups
        for delivery in group.deliveries
        if delivery.destination_id == destination
    ]
    elsewhere = (group for group in summary.groups if not group.is_control and not _goes(group, destination))
    return Column(
        destination_id=destination,
        destination=here[0].destination,
        identifier=here[0].identifier,
        outcomes=_added(delivery.outcomes for delivery in here),
        control=summary.control,
        elsewhere=sum(group.customers for group in elsewhere),
        no_sub_audience=summary.no_sub_audience,
    )


def _goes(group: GroupLine, destination: int) -> bool:
    return any(delivery.destination_id == destination for delivery in group.deliveries)


def _added(found: Iterable[Outcomes]) -> Outcomes:
    every = list(found)
    names = [field.name for field in fields(Outcomes)]
    return Outcomes(**{name: sum(getattr(one, name) for one in every) for name in names})


def _adds_up(summary: Summary, columns: Iterable[Column], everybody: int) -> bool:
    """Every sum the page shows; memberships are customers only where each customer has one."""
    excluded = sum(one.customers for one in summary.excluded)
    return (
        summary.considered == summary.audience + excluded
        and all(column.total == everybody for column in columns)
        and all(_is_whole(group, delivery) for group in summary.groups for delivery in group.deliveries)
        and (not summary.first_match_only or everybody == summary.audience)
    )


def _is_whole(group: GroupLine, delivery: DeliveryLine) -> bool:
    return total_of(delivery.outcomes) == group.customers
