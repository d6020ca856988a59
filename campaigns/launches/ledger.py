"""The ledger: which list stands, or may stand, under a segment name at an account."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.db.models import Max

from campaigns.launches.models import LaunchFile, SentSegment
from campaigns.planning.naming import comparison_key
from config import clock


def begin(file: LaunchFile, account_key: str) -> None:
    """Before the first attempt: from now on an older list of these names is superseded."""
    lists = [
        SentSegment(
            file=file,
            name_key=comparison_key(section["segment_name"]),
            account_key=account_key,
            segment_name=section["segment_name"],
            campaign_id=file.launch.campaign_id,
            launch_id=file.launch_id,
            destination_id=file.destination_id,
            rows_of_id=file.rows_of.launch_id if file.rows_of else None,
            rows=section["rows"],
            parts=section["parts"],
        )
        for section in file.sections
    ]
    SentSegment.objects.bulk_create(lists, ignore_conflicts=True)


def confirm(file: LaunchFile) -> None:
    SentSegment.objects.filter(file=file, confirmed_at=None).update(confirmed_at=clock.now())


def is_superseded(file: LaunchFile, account_key: str) -> bool:
    """Whether a newer launch has begun to send one of the file's segment names."""
    names = [comparison_key(section["segment_name"]) for section in file.sections]
    newer = SentSegment.objects.filter(
        account_key=account_key, name_key__in=names, launch_id__gt=file.launch_id
    )
    return newer.exists()


def begun_since(launch_id: int, lists: Collection[tuple[str, str]]) -> set[tuple[str, str]]:
    """Of these (account key, name key) those that newer launches have begun to send; maybe others of their names."""
    newer = SentSegment.objects.filter(
        launch_id__gt=launch_id,
        account_key__in={account for account, _ in lists},
        name_key__in={name for _, name in lists},
    ).order_by()
    return set(newer.values_list("account_key", "name_key").distinct())


def parts_standing(account_key: str, names: Iterable[str]) -> dict[str, int]:
    """{segment name: in how many numbered parts it was ever sent to the account}, where more than one."""
    keys = {comparison_key(name): name for name in names}
    rows = SentSegment.objects.filter(account_key=account_key, name_key__in=keys).order_by()
    most = rows.values("name_key").annotate(most=Max("parts")).values_list("name_key", "most")
    return {keys[key]: parts for key, parts in most if parts > 1}
