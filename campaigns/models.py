"""One app, one migration graph: the models live in the packages, Django finds them here."""

from campaigns.customers.models import CustomerDatabase, DefaultAttribute
from campaigns.launches.models import (
    Attempt,
    Delivery,
    Launch,
    LaunchFile,
    LaunchGroup,
    Preflight,
    SentSegment,
)
from campaigns.launches.runs.models import Run
from campaigns.planning.filing.models import CampaignLabel, Folder
from campaigns.planning.history.models import CampaignVersion
from campaigns.planning.models import Campaign, CampaignAttribute, SubAudience, TreatmentGroup
from campaigns.planning.unsaved import UnsavedDraft
from campaigns.segments.models import Segment, SegmentSize, SegmentVersion, SizeCounting
from campaigns.segments.uploaded.models import PendingUpload, UploadedList

__all__ = [
    "Attempt",
    "Campaign",
    "CampaignAttribute",
    "CampaignLabel",
    "CampaignVersion",
    "CustomerDatabase",
    "DefaultAttribute",
    "Delivery",
    "Folder",
    "Launch",
    "LaunchFile",
    "LaunchGroup",
    "PendingUpload",
    "Preflight",
    "Run",
    "Segment",
    "SegmentSize",
    "SegmentVersion",
    "SentSegment",
    "SizeCounting",
    "SubAudience",
    "TreatmentGroup",
    "UnsavedDraft",
    "UploadedList",
]
