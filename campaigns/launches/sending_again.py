"""Send the previous list again: the rows that stood before a launch go out once more, as a launch of their own.

The ledger says, list by list, what stood before. The very bytes of those files are sent under new file names; nobody
is read, assigned or counted anew, so that the campaign's next launch goes on from the launch before this one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from campaigns.launches.frozen import Frozen, FrozenDestination
from campaigns.launches.jobs import wake
from campaigns.launches.left_behind import LeftBehind, left_behind
from campaigns.launches.models import (
    Delivery,
    DeliveryState,
    Launch,
    LaunchFile,
    LaunchGroup,
    LaunchState,
    Purpose,
    SentSegment,
)
from campaigns.launches.start import CannotLaunch, refuse_a_second, refuse_unusable
from campaigns.launches.states import settle
from campaigns.launches.storage import ArtefactGone, fetch
from campaigns.planning.models import Campaign
from campaigns.planning.naming import comparison_key
from config import clock
from config.accounts.models import User
from config.audit.models import record
from destinations.models import Destination

Name = tuple[str, str]  # (account key, name without white space and case)


@dataclass(frozen=True)
class PreviousList:
    """What stood before a launch and can be sent again."""

    files: tuple[LaunchFile, ...]
    lists: tuple[SentSegment, ...]
    stay: tuple[str, ...]  # names of the launch that had no list before it: they keep its rows
    newer: tuple[int, ...]  # later launches that have sent these names since

    @property
    def rows(self) -> int:
        return sum(file.rows for file in self.files)


def previous_list(launch: Launch, user: User | None) -> PreviousList:
    """What stood before `launch`, if this person may send it. Raises CannotLaunch."""
    campaign = launch.campaign
    if campaign.archived_at is not None:
        raise CannotLaunch(f"“{campaign}” is archived, so nothing of it is sent any more.")
    refuse_a_second(campaign)
    sent = list(SentSegment.objects.filter(launch=launch))
    if not sent:
        raise CannotLaunch(f"Launch {launch.pk} has replaced no list, so there is none to put back.")
    names = {(one.account_key, one.name_key) for one in sent}
    before = _newest(names, launch_id__lt=launch.pk, confirmed_at__isnull=False)
    own = {name: one for name, one in before.items() if one.campaign_id == campaign.pk}
    if not own:
        raise CannotLaunch(
            f"No list of “{campaign}” stood under these names before launch {launch.pk}, so there is none to send"
            " again."
        )
    files = _files(own)
    found = PreviousList(
        files=files,
        lists=tuple(sorted(own.values(), key=lambda one: one.segment_name)),
        stay=tuple(sorted({one.segment_name for one in sent if (one.account_key, one.name_key) not in own})),
        newer=_newer(launch, names),
    )
    _refuse_other_lists(files, own)
    refuse_unusable(_frozen(launch, found), user)
    _refuse_gone(files)
    return found


def _newest(names: Collection[Name], **where: Any) -> dict[Name, SentSegment]:
    """The newest list of each of these names."""
    rows = SentSegment.objects.filter(
        account_key__in={account for account, _ in names}, name_key__in={key for _, key in names}, **where
    )
    newest = rows.order_by().values("account_key", "name_key").annotate(newest=Max("pk"))
    found = SentSegment.objects.filter(pk__in=newest.values("newest")).select_related("destination", "launch")
    return {(one.account_key, one.name_key): one for one in found if (one.account_key, one.name_key) in names}


def _newer(launch: Launch, names: Collection[Name]) -> tuple[int, ...]:
    later = _newest(names, launch_id__gt=launch.pk)
    return tuple(sorted({one.launch_id for one in later.values()}))


def _files(lists: Mapping[Name, SentSegment]) -> tuple[LaunchFile, ...]:
    ids = {one.file_id for one in lists.values()}
    files = LaunchFile.objects.filter(pk__in=ids).select_related("launch", "destination", "rows_of")
    return tuple(files.prefetch_related("deliveries__group").order_by("launch_id", "position"))


def _refuse_other_lists(files: Sequence[LaunchFile], lists: Mapping[Name, SentSegment]) -> None:
    """A file goes whole: another list in it must be the one that stands there, or it would be put back too far."""
    accounts = {(one.file_id): one.account_key for one in lists.values()}
    held = {
        (accounts[file.pk], comparison_key(section["segment_name"])): file.pk
        for file in files
        for section in file.sections
    }
    standing = _newest(set(held) - set(lists))
    for name, file in held.items():
        before = lists.get(name) or standing.get(name)
        if before is not None and before.file_id != file:
            raise CannotLaunch(
                f"The file that holds the previous list also holds {before.segment_name}, which was sent anew since."
                " Launch the campaign again instead."
            )


def _refuse_gone(files: Iterable[LaunchFile]) -> None:
    for file in files:
        try:
            with fetch(file.path, file.sha256):
                pass
        except ArtefactGone as error:
            raise CannotLaunch(
                f"The rows of launch {file.launch_id} are no longer stored, or were changed since, so they cannot be"
                " sent again. Launch the campaign again instead."
            ) from error


def _frozen(launch: Launch, found: PreviousList) -> Frozen:
    """The configuration of the launch whose rows they are, to the destinations as they are now."""
    newest = max(found.files, key=lambda file: file.launch_id).launch
    stood = {one.destination_id: one.account_key for one in found.lists}
    known: dict[int, FrozenDestination] = {}
    for file in found.files:
        for one in Frozen.from_json(file.launch.frozen).destinations:
            if one.id == file.destination_id:
                known[one.id] = _as_it_is_now(one, file.destination, stood[one.id])
    return replace(
        Frozen.from_json(newest.frozen),
        destinations=tuple(known[pk] for pk in sorted(known)),
        now=clock.now().isoformat(),
        history_path="",
        history_sha256="",
    )


def _as_it_is_now(frozen: FrozenDestination, destination: Destination, account_key: str) -> FrozenDestination:
    if destination.account_key != account_key:
        raise CannotLaunch(
            f"{destination} leads to another account than when the previous list was sent, so it cannot be replaced"
            " there."
        )
    return replace(
        frozen,
        name=destination.name,
        settings=destination.settings,
        account_key=destination.account_key,
        drop_point=destination.drop_point,
    )


def send_previous_again(launch: Launch, user: User | None, *, form_token: UUID | None = None) -> Launch:
    """Store the launch that does it. The same form token again gives that one. Raises CannotLaunch."""
    with transaction.atomic():
        Campaign.objects.select_for_update().get(pk=launch.campaign_id)
        if form_token and (made := Launch.objects.filter(form_token=form_token).first()):
            return made
        found = previous_list(launch, user)
        made = Launch.objects.create(
            campaign=launch.campaign,
            instead_of=launch,
            state=LaunchState.SENDING,
            frozen=_frozen(launch, found).to_json(),
            started_by=user,
            form_token=form_token,
            built_at=clock.now(),
        )
        files = _store(made, found)
        record(user, "sent the previous list again by", made, instead_of=launch.pk)
        settle(made.pk)
        transaction.on_commit(lambda: [wake(file) for file in files])
    made.refresh_from_db()
    return made


def _store(made: Launch, found: PreviousList) -> list[LaunchFile]:
    deliveries = _store_deliveries(made, found)
    files = []
    for position, source in enumerate(found.files, 1):
        file = LaunchFile.objects.create(
            launch=made,
            destination=source.destination,
            rows_of=source.rows_of or source,
            position=position,
            state=DeliveryState.WAITING,
            sections=source.sections,
            header=source.header,
            rows=source.rows,
            size=source.size,
            sha256=source.sha256,
            path=source.path,
        )
        file.deliveries.set(
            deliveries[one.group.group_id, one.destination_id] for one in source.deliveries.all()
        )
        files.append(file)
    return files


def _store_deliveries(made: Launch, found: PreviousList) -> dict[tuple[int, int], Delivery]:
    """Groups as they were, and nobody assigned: newcomers are counted by the launch that read them."""
    sources = {
        (one.group.group_id, one.destination_id): one for file in found.files for one in file.deliveries.all()
    }
    groups = {one.group.group_id: one.group for one in sources.values()}
    stored = {
        pk: LaunchGroup.objects.create(
            launch=made,
            position=position,
            sub_audience_id=group.sub_audience_id,
            sub_audience_name=group.sub_audience_name,
            group_id=pk,
            group_name=group.group_name,
            is_control=group.is_control,
            customers=group.customers,
        )
        for position, (pk, group) in enumerate(sorted(groups.items(), key=lambda pair: pair[1].position))
    }
    ordered = sorted(sources.items(), key=lambda pair: (stored[pair[0][0]].position, pair[0][1]))
    return {
        place: Delivery.objects.create(
            launch=made,
            group=stored[place[0]],
            destination_id=place[1],
            position=position,
            segment_name=source.segment_name,
            rows=_rows(found.files, place),
            outcomes=source.outcomes,
        )
        for position, (place, source) in enumerate(ordered)
    }


def _rows(files: Iterable[LaunchFile], place: tuple[int, int]) -> int:
    group, destination = place
    return sum(
        section["rows"]
        for file in files
        if file.destination_id == destination
        for section in file.sections
        if section["group_id"] == group
    )


def whose_rows(made: Launch) -> list[int]:
    """The launches whose rows it sent again."""
    rows = made.files.filter(rows_of__isnull=False).order_by("rows_of__launch_id")
    return list(rows.values_list("rows_of__launch_id", flat=True).distinct())


def left_behind_by(made: Launch) -> list[LeftBehind]:
    accounts = {one.id: one.account_key for one in Frozen.from_json(made.frozen).destinations}
    sent = [
        (accounts[file.destination_id], section["segment_name"])
        for file in made.files.all()
        for section in file.sections
    ]
    return left_behind(made.campaign, sent, after=made.pk)


def may_be_asked(launch: Launch) -> bool:
    """Whether it is worth asking: a launch that has ended, and is not the campaign's first."""
    if launch.purpose != Purpose.LAUNCH or launch.ended_at is None:
        return False
    earlier = Launch.objects.filter(campaign=launch.campaign_id, purpose=Purpose.LAUNCH, pk__lt=launch.pk)
    return earlier.exists()
