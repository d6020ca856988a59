"""The delivery summary before a launch: counted by the launch's own code, kept until something below it changes."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from campaigns.launches.building import BEFORE_BUILT, build_in, building_folder, failing
from campaigns.launches.built import Built
from campaigns.launches.freeze import fingerprint, freeze
from campaigns.launches.frozen import Frozen
from campaigns.launches.jobs import wake
from campaigns.launches.models import LaunchState, Preflight
from campaigns.launches.start import frozen_to_launch
from campaigns.launches.states import LeaseLost, kept_alive, move, renew, take
from campaigns.planning.models import Campaign
from config import clock
from config.accounts.models import User

DONE = "done"


def start_preflight(campaign: Campaign, user: User | None, *, anew: bool = False) -> Preflight:
    """The one that still holds, else a new one for a worker to count. Raises CannotLaunch."""
    frozen = frozen_to_launch(campaign, user)
    mark = _mark(campaign, frozen)
    newest = current_preflight(campaign)
    if newest is not None and newest.fingerprint == mark:
        under_way = newest.state in BEFORE_BUILT
        if under_way or (newest.state == DONE and not anew):
            return newest
    with transaction.atomic():
        found = Preflight.objects.create(
            campaign=campaign,
            campaign_version=campaign.version,
            frozen=frozen.to_json(),
            fingerprint=mark,
            started_by=user,
        )
        transaction.on_commit(lambda: wake(found))
    return found


def current_preflight(campaign: Campaign) -> Preflight | None:
    """The newest, whatever became of it."""
    return campaign.preflights.order_by("-pk").first()


def is_stale(preflight: Preflight) -> bool:
    """Whether something that it counted has changed since."""
    return preflight.fingerprint != _mark(preflight.campaign, freeze(preflight.campaign))


def _mark(campaign: Campaign, frozen: Frozen) -> str:
    return fingerprint(frozen, campaign.customer_database.catalogue_read_at)


def count(pk: int) -> None:
    """Count pre-flight `pk`, if nobody else does."""
    preflight = Preflight.objects.get(pk=pk)
    token = take(preflight, since=BEFORE_BUILT, to=LaunchState.BUILDING)
    if token is None:
        return
    with failing(preflight, token), building_folder(preflight, token) as folder, kept_alive(preflight, token):
        built = build_in(
            folder,
            Frozen.from_json(preflight.frozen),
            launch_id=0,
            test_size=None,
            progress=lambda stage: renew(preflight, token, stage=stage),
        )
        kept = move(
            preflight,
            DONE,
            since=(LaunchState.BUILDING,),
            token=token,
            result=_result(built),
            counted_at=clock.now(),
            stage="",
            lease_until=None,
        )
        if not kept:
            raise LeaseLost


def _result(built: Built) -> dict[str, Any]:
    """{"counts": …, "files": […]}: plain numbers and names; the files themselves are gone."""
    return {
        "counts": built.counts.to_json(),
        "files": [
            {
                "destination_id": file.destination_id,
                "sections": [vars(section) for section in file.sections],
                "header": list(file.header) if file.header else None,
                "rows": file.rows,
                "size": file.size,
            }
            for file in built.files
        ],
    }
