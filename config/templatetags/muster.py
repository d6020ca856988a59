"""How every page shows icons, states, numbers, times and bars. Loaded in all templates."""

from __future__ import annotations

from collections.abc import Sized
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any
from xml.etree import ElementTree

import lucide
from django import template
from django.template.defaultfilters import floatformat
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from config import clock

register = template.Library()

Number = int | float | Decimal


@cache
def _paths(name: str) -> str:
    svg = lucide._load_icon(name)
    return "".join(ElementTree.tostring(child, encoding="unicode") for child in svg)


@register.simple_tag
def icon(name: str, extra: str = "") -> SafeString:
    """A Lucide icon of 16 px, decorative; `extra` adds classes ("ico-sm", "spin", "is-ok")."""
    classes = f"ico {extra}".strip()
    return format_html(
        '<svg class="{}" viewBox="0 0 24 24" aria-hidden="true">{}</svg>',
        classes,
        mark_safe(_paths(name)),  # noqa: S308 — the library's own drawing, no input
    )


# {state: (icon, class)}: the one place that says how a status looks.
STATES: dict[str, tuple[str, str]] = {
    "draft": ("circle-dashed", ""),
    "scheduled": ("calendar-clock", ""),
    "archived": ("archive", ""),
    "disabled": ("ban", ""),
    "connected": ("circle-check", "is-ok"),
    "waiting": ("circle", ""),
    "building": ("hammer", "is-run"),
    "sending": ("upload", "is-run"),
    "running": ("loader-circle", "is-run"),
    "retrying": ("hourglass", "is-warn"),
    "unknown": ("circle-question-mark", "is-warn"),
    "needs_you": ("circle-alert", "is-warn"),
    "delivered": ("circle-check", "is-ok"),
    "nothing_to_send": ("circle-minus", ""),
    "partly_delivered": ("circle-dot-dashed", "is-warn"),
    "cancelled": ("ban", ""),
    "superseded": ("replace", ""),
    "failed": ("circle-x", "is-bad"),
    "held": ("hand", "is-warn"),
    "skipped": ("skip-forward", ""),
}
# Icons that turn while something is under way.
TURNING = frozenset({"loader-circle"})


@register.simple_tag
def state(value: str, fill: bool = False, word: str = "") -> SafeString:
    """A status: icon, word and colour. `fill=True` beside a title; `word` where another word is plainer."""
    drawing, colour = STATES[value]
    return format_html(
        '<span class="state{} {}">{}{}</span>',
        " state-fill" if fill else "",
        colour,
        icon(drawing, "spin" if drawing in TURNING else ""),
        word or value.replace("_", " ").capitalize(),
    )


@register.filter
def beyond(items: Sized, most: int) -> int:
    """How many there are beside the first `most`."""
    return max(len(items) - most, 0)


@register.filter
def number(value: Number | None) -> str:
    """1234567 as 1,234,567; a dash for what is not known."""
    return "–" if value is None else f"{value:,}"


@register.filter
def zero(value: Number | None) -> SafeString | str:
    """A number for a table: nought is muted, never blank."""
    return mark_safe('<span class="zero">0</span>') if value == 0 else number(value)


@register.filter
def percent(value: Number | None, decimals: int = 1) -> str:
    """A fraction, 0.9 as 90.0 %."""
    return "–" if value is None else f"{value * 100:,.{decimals}f} %"


@register.filter
def share(part: Number | None, whole: Number | None) -> str:
    """`part` of `whole` in percent; a dash where there is no whole."""
    return percent(float(part) / float(whole)) if part is not None and whole else "–"


@register.filter(name="bytes")
def bytes_(value: int | None) -> str:
    """Decimal units, as the far side's file managers show them."""
    if value is None:
        return "–"
    size = float(value)
    for unit in ("bytes", "kB", "MB", "GB"):
        if size < 1000 or unit == "GB":
            break
        size /= 1000
    return f"{int(size):,} bytes" if unit == "bytes" else f"{floatformat(size, 1)} {unit}"


@register.filter
def duration(seconds: float | None) -> str:
    """85 as 1 min 25 s."""
    if seconds is None:
        return "–"
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = int(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def _since(when: datetime) -> str:
    seconds = (clock.now() - when).total_seconds()
    ahead, seconds = seconds < 0, abs(seconds)
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min"), (1, "s")):
        if seconds >= size or unit == "s":
            words = f"{int(seconds // size)} {unit}"
            return f"in {words}" if ahead else f"{words} ago"
    raise AssertionError("unreachable: seconds are the last unit")


@register.filter
def breakable(name: str) -> SafeString:
    """A segment name that wraps behind its underscores, where the room is too narrow for it."""
    return format_html_join(mark_safe("_<wbr>"), "{}", ((part,) for part in name.split("_")))


@register.simple_tag
def ago(when: datetime | None) -> SafeString | str:
    """“3 min ago” with the exact time on hover."""
    if when is None:
        return "never"
    exact = timezone.localtime(when).strftime("%a %-d %b %Y %H:%M:%S %Z")
    return format_html('<time datetime="{}" title="{}">{}</time>', when.isoformat(), exact, _since(when))


@register.simple_tag
def bar(fraction: Number | None, label: str = "", extra: str = "", mark: Number | None = None) -> SafeString:
    """A bar filled to `fraction` (0 to 1), with a line at `mark`; without a label it is decoration."""
    role = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    line = "" if mark is None else format_html('<path class="mark" d="M{} 0V6"/>', _hundredths(mark))
    return format_html(
        '<svg class="bar {}" viewBox="0 0 100 6" preserveAspectRatio="none" {}>'
        '<rect width="{}" height="6"/>{}</svg>',
        extra,
        role,
        _hundredths(fraction),
        line,
    )


def _hundredths(fraction: Number | None) -> str:
    return f"{100 * min(max(float(fraction or 0), 0.0), 1.0):.1f}"


NOTE_ICONS = {
    "info": "info",
    "run": "loader-circle",
    "ok": "circle-check",
    "warn": "triangle-alert",
    "bad": "circle-alert",
}


@register.simple_block_tag
def note(content: str, kind: str = "info") -> SafeString:
    """What happened, what it means, at most one button. `kind`: info, run, ok, warn or bad."""
    return format_html(
        '<div class="note note-{}">{}{}</div>',
        kind,
        icon(NOTE_ICONS[kind]),
        mark_safe(content),  # noqa: S308
    )


@register.filter
def initials(name: str) -> str:
    """Up to two letters for the avatar."""
    return "".join(word[0] for word in name.split()[:2]).upper()


@register.filter
def item(mapping: dict[Any, Any], key: Any) -> Any:
    """What a mapping holds under a key that only the template knows."""
    return mapping.get(key)


@register.filter
def halves(label: object) -> tuple[str, str]:
    """“Separate: one file per treatment group” as a title and its sentence; without a colon there is no sentence."""
    title, _, sentence = str(label).partition(": ")
    return title, sentence
