"""Segments chosen by name: what stands in a searched field of the form becomes the segment it names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import QueryDict

from campaigns.segments.models import Segment
from config.requests import number

PREFIX = "new-"


@dataclass(frozen=True)
class Chosen:
    """The form with ids in its searched fields, and what names no segment: {field without `new-`: text}."""

    post: QueryDict
    unfound: Mapping[str, str]


def choose(post: QueryDict) -> Chosen:
    """Names are looked up among the segments that are offered; one query."""
    typed = {name: post.get(name, "").strip() for name in post if name.startswith(PREFIX)}
    typed = {name: text for name, text in typed.items() if text}
    if not typed:
        return Chosen(post, {})
    offered = Segment.objects.enabled().filter(customer_database=number(post.get("customer_database")) or 0)
    ids = dict(offered.filter(name__in=typed.values()).values_list("name", "pk"))
    found = post.copy()
    for name, text in typed.items():
        found[name] = str(ids.get(text, ""))
    return Chosen(found, {name.removeprefix(PREFIX): text for name, text in typed.items() if text not in ids})
