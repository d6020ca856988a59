"""The scale of a chart: round numbers, written short. Pure."""

from __future__ import annotations


def round_step(reach: int, steps: int) -> int:
    """A round number, `steps` of which reach as far."""
    power = 1
    while True:
        for digit in (1, 2, 2.5, 5):
            step = digit * power
            if step == int(step) and step * steps >= reach:
                return int(step)
        power *= 10


def short(number: int) -> str:
    """100000 as 100k."""
    for size, unit in ((1_000_000_000, "bn"), (1_000_000, "M"), (1_000, "k")):
        if number >= size:
            return f"{number / size:g}{unit}"
    return str(number)
