"""The editor's form as a browser posts it."""

from __future__ import annotations

import html
import re
from typing import Any


def group(id: str = "r", match: str = "all", *items: dict[str, Any]) -> dict[str, Any]:
    fields: dict[str, Any] = {f"{id}-kind": "group", f"{id}-match": match}
    for number, item in enumerate(items):
        fields |= {key.replace("*", f"{id}-{number}", 1): value for key, value in item.items()}
    return fields


def rule(attribute: str, choice: str = "", *values: str, **more: str) -> dict[str, Any]:
    fields = {
        "*-kind": "attribute",
        "*-attribute": attribute,
        "*-was": more.pop("was", ".".join(reversed(attribute.split(" · ")))),
        "*-control": more.pop("control", "text"),
        "*-choice": choice,
    }
    for name, value in zip(("value", "value2"), values, strict=False):
        fields[f"*-{name}"] = value
    return fields | {f"*-{name}": value for name, value in more.items()}


def member(segment: int | str, member: str = "is") -> dict[str, Any]:
    return {"*-kind": "segment", "*-attribute": "Segment", "*-named": str(segment), "*-member": member}


def nested(id: str, match: str, *items: dict[str, Any]) -> dict[str, Any]:
    """A group within a group, `id` being the whole id."""
    return {"*" + key.removeprefix(id): value for key, value in group(id, match, *items).items()}


def segment_form(*items: dict[str, Any], **more: Any) -> dict[str, Any]:
    fields = {"name": "Chicago", "description": "", "time_zone": "UTC", "customer_database": "1"}
    return {**fields, **group("r", "all", *items), **more}


def fields_of(page: str) -> dict[str, str]:
    """What a browser would post of the form on a page, but for its buttons."""
    form = page[page.index('<form id="editor"') :].split("</form>")[0]
    found: dict[str, str] = {}
    for tag in re.findall(r"<input [^>]*>", form):
        name, value = re.search(r' name="([^"]*)"', tag), re.search(r' value="([^"]*)"', tag)
        if name and (" checked" in tag or not re.search(r'type="(radio|checkbox)"', tag)):
            found[name[1]] = html.unescape(value[1]) if value else "on" if "checkbox" in tag else ""
    for name, inner in re.findall(r'<select [^>]*name="([^"]*)"[^>]*>(.*?)</select>', form, re.DOTALL):
        options = re.findall(r'<option(?: value="([^"]*)")? (selected)?>([^<]*)', inner)
        chosen = next((one for one in options if one[1]), ("", "", ""))
        found[name] = html.unescape(chosen[0] or chosen[2])
    for name, inner in re.findall(r'<textarea [^>]*name="([^"]*)"[^>]*>\n(.*?)</textarea>', form, re.DOTALL):
        found[name] = html.unescape(inner)
    del found["csrfmiddlewaretoken"]
    return found
