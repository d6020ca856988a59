"""What every page about a segment begins with: its name, its state, what can be done, and the other pages."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.shortcuts import get_object_or_404

from campaigns.segments.models import Segment
from campaigns.segments.rules import Group, RuleError, holds_query, load
from campaigns.segments.sizing import SizeUnknown

# {name of the URL: (what the tab is called, its icon)}
TABS = {
    "segment": ("Overview", "list-filter"),
    "segment_members": ("Members", "users"),
    "segment_overlap": ("Overlap", "combine"),
    "segment_versions": ("Versions", "history"),
}


def segment_to_show(pk: int) -> Segment:
    """Raises Http404 for one that is deleted."""
    rows = Segment.objects.active().select_related("customer_database", "edited_by")
    return get_object_or_404(rows, pk=pk)


def rules_of(segment: Segment) -> Group:
    """Raises SizeUnknown where they cannot be read."""
    try:
        return load(segment.rules)
    except RuleError as error:
        raise SizeUnknown(error.message) from error


def frame(segment: Segment, tab: str) -> dict[str, Any]:
    tabs = [(name, word, icon) for name, (word, icon) in TABS.items()]
    return {
        "segment": segment,
        "is_query": holds_query(segment.rules),
        "tab": tab,
        "tabs": tabs,
        "copy_token": uuid4(),
    }
