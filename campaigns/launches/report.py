"""A launch as `manage.py launch --json` prints it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from campaigns.launches.frozen import Frozen
from campaigns.launches.left_behind import LeftBehind
from campaigns.launches.models import Delivery, Launch, LaunchFile
from campaigns.launches.sending_again import left_behind_by, whose_rows
from campaigns.launches.summary import Summary, launch_summary


def as_json(launch: Launch) -> dict[str, Any]:
    """Plain data; before it is built the counts are 0 and the lists empty."""
    summary = launch_summary(launch)
    deliveries = launch.deliveries.select_related("group", "destination").prefetch_related("files")
    return {
        "launch": launch.pk,
        "status": launch.state,
        **(_counts(summary) if summary else _nothing(launch)),
        "deliveries": [_delivery(delivery) for delivery in deliveries],
        "left_behind": [_left(one) for one in (summary.left_behind if summary else _stay(launch))],
        **_sent_again(launch),
    }


def _stay(launch: Launch) -> list[LeftBehind]:
    return left_behind_by(launch) if launch.instead_of_id is not None else []


def _sent_again(launch: Launch) -> dict[str, Any]:
    """Only where a launch sent the previous list again."""
    if launch.instead_of_id is None:
        return {}
    return {"previous_list": {"instead_of": launch.instead_of_id, "rows_of": whose_rows(launch)}}


def _nothing(launch: Launch) -> dict[str, Any]:
    frozen = Frozen.from_json(launch.frozen)
    names = {segment.id: segment.name for segment in frozen.segments}
    return {
        "considered": 0,
        "excluded": {names[pk]: 0 for pk in frozen.exclude},
        "audience": 0,
        "no_sub_audience": 0,
        "groups": [],
    }


def _counts(summary: Summary) -> dict[str, Any]:
    return {
        "considered": summary.considered,
        "excluded": {one.segment: one.customers for one in summary.excluded},
        "audience": summary.audience,
        "no_sub_audience": summary.no_sub_audience,
        "groups": [
            {
                "sub_audience": group.sub_audience,
                "treatment_group": group.name,
                "is_control": group.is_control,
                "customers": group.customers,
            }
            for group in summary.groups
        ],
    }


def _delivery(delivery: Delivery) -> dict[str, Any]:
    return {
        "sub_audience": delivery.group.sub_audience_name,
        "treatment_group": delivery.group.group_name,
        "destination": delivery.destination.name,
        "status": delivery.state,
        "error": delivery.error,
        "rows": delivery.rows,
        "outcomes": delivery.outcomes,
        "files": [_file(file) for file in delivery.files.all()],
    }


def _file(file: LaunchFile) -> dict[str, Any]:
    return {
        "name": file.name,
        "segment_names": [part["segment_name"] for part in file.sections],
        "rows": file.rows,
        "bytes": file.size,
        "sha256": file.sha256,
    }


def _left(one: LeftBehind) -> dict[str, Any]:
    data = asdict(one)
    return {
        "destination": data["destination_name"],
        "segment_name": data["segment_name"],
        "people": data["people"],
        "since": one.since.isoformat(),
    }
