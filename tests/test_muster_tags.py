"""How pages show numbers, times, states and bars."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.template import Context, Template

from campaigns.launches.models import DeliveryState, LaunchState
from config import clock
from config.templatetags.muster import icon

NOW = datetime(2027, 3, 1, 15, 4, tzinfo=UTC)


def drawn(text: str, **values: object) -> str:
    return Template(text).render(Context(values)).strip()


@pytest.mark.parametrize(
    ("text", "value", "shown"),
    [
        ("{{ value|number }}", 1234567, "1,234,567"),
        ("{{ value|number }}", None, "–"),
        ("{{ value|zero }}", 0, '<span class="zero">0</span>'),
        ("{{ value|zero }}", 1200, "1,200"),
        ("{{ value|percent }}", 0.891, "89.1 %"),
        ("{{ value|percent:2 }}", 1, "100.00 %"),
        ("{{ value|share:8 }}", 2, "25.0 %"),
        ("{{ value|share:0 }}", 0, "–"),
        ("{{ value|bytes }}", 999, "999 bytes"),
        ("{{ value|bytes }}", 1_234_567, "1.2 MB"),
        ("{{ value|bytes }}", 98_765_432_100, "98.8 GB"),
        ("{{ value|duration }}", 0.42, "0.4 s"),
        ("{{ value|duration }}", 85, "1 min 25 s"),
        ("{{ value|duration }}", 7322, "2 h 2 min"),
        ("{{ value|initials }}", "Demo Datagrid Operator", "DD"),
        ("{{ value|initials }}", "", ""),
        (
            "{% for half in value|halves %}[{{ half }}]{% endfor %}",
            "Single: one file.",
            "[Single][one file.]",
        ),
        ("{% for half in value|halves %}[{{ half }}]{% endfor %}", "Email", "[Email][]"),
    ],
)
def test_values_are_shown_as_people_read_them(text, value, shown):
    assert drawn(text, value=value) == shown


@pytest.mark.parametrize(
    ("seconds", "words"), [(-5, "5 s ago"), (-190, "3 min ago"), (-90_000, "1 d ago"), (150, "in 2 min")]
)
def test_a_time_says_how_long_ago_and_names_its_zone(monkeypatch, seconds, words):
    monkeypatch.setattr(clock, "now", lambda: NOW)
    shown = drawn("{% ago when %}", when=NOW + timedelta(seconds=seconds))
    assert f">{words}</time>" in shown
    assert "UTC" in shown


def test_no_time_is_never():
    assert drawn("{% ago None %}") == "never"


@pytest.mark.parametrize("value", sorted({*LaunchState.values, *DeliveryState.values}))
def test_every_state_has_a_drawing_and_a_word(value):
    shown = drawn("{% state value fill=True %}", value=value)
    assert value.replace("_", " ").capitalize() in shown
    assert "<path" in shown or "<circle" in shown


def test_every_icon_that_a_template_names_exists():
    templates = Path(settings.BASE_DIR, "templates").rglob("*.html")
    names = {name for path in templates for name in re.findall(r'{% icon "([^"]+)"', path.read_text())}
    assert "circle-check" in names
    for name in names:
        assert "<svg" in icon(name)


def test_a_bar_stays_within_its_frame():
    assert 'width="0.0"' in drawn("{% bar -1 %}")
    assert 'width="100.0"' in drawn("{% bar 3 %}")
    assert 'width="0.0"' in drawn("{% bar None %}")


def test_what_people_typed_is_escaped():
    assert drawn("{% bar 0.5 label=name %}", name='"><b>').count("<b>") == 0
    assert "&lt;b&gt;" in drawn("{% note 'warn' %}{{ name }}{% endnote %}", name="<b>")


def test_a_segment_name_wraps_behind_its_underscores():
    shown = drawn("{{ value|breakable }}", value="Spring_<Gold>_email")
    assert shown == "Spring_<wbr>&lt;Gold&gt;_<wbr>email"
