"""Running a command and reading what it took; writing down what came out."""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
# Where everything that a bench writes lies.
FOLDER = Path(os.environ.get("MUSTER_DATA") or ROOT / "var").resolve() / "bench"


@dataclass(frozen=True)
class Taken:
    """What a command took, with all that it started and waited for."""

    seconds: float
    cpu_seconds: float
    peak_mib: int  # of the largest single process


def run(command: Sequence[str], environment: Mapping[str, str] | None = None) -> tuple[Taken, str]:
    """(what it took, its standard output). Ends the bench where the command fails."""
    started = time.monotonic()
    with TemporaryFile("w+") as told, TemporaryFile("w+") as complained:
        process = subprocess.Popen(command, stdout=told, stderr=complained, cwd=ROOT, env=environment)
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.monotonic() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        complained.seek(0)
        if process.returncode:
            sys.exit(f"{' '.join(command[:4])} … failed:\n{complained.read()[-2000:]}")
        told.seek(0)
        return Taken(round(seconds, 3), round(used.ru_utime + used.ru_stime, 3), _mib(used)), told.read()


def _mib(used: resource.struct_rusage) -> int:
    return used.ru_maxrss // 1024  # Linux counts in KiB


def python(*arguments: str) -> list[str]:
    return [sys.executable, *arguments]


def environment(folder: Path, threads: int) -> dict[str, str]:
    """For processes of ours: a data folder of their own, SQLite, no Redis, and so many DuckDB threads."""
    kept = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    own = {
        "MUSTER_DATA": str(folder),
        "DUCKDB_THREADS": str(threads),
        "PYTHONWARNINGS": "ignore",
    }
    return kept | own


def live_in(folder: Path, threads: int, **more: str) -> None:
    """From here on this process lives in `environment`, and in nothing of the one it was started in."""
    os.environ.pop("DATABASE_URL", None)
    os.environ.pop("REDIS_URL", None)
    os.environ.update(environment(folder, threads) | more)


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder for this run alone."""
    folder = FOLDER / f"run-{os.getpid()}"
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def write(name: str, found: Mapping[str, Any]) -> None:
    """Keep it as `<name>.json` below FOLDER."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / f"{name}.json"
    path.write_text(json.dumps(found, indent=2, default=asdict) + "\n")
    print(f"written to {path}")


def circumstances(threads: int) -> dict[str, Any]:
    import duckdb

    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "cores": os.cpu_count(),
        "duckdb_threads": threads,
        "load_before": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "duckdb": duckdb.__version__,
    }


def size_options(told: str | None) -> argparse.Namespace:
    """Of a bench of a segment's size."""
    parser = argparse.ArgumentParser(description=told, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=10_000_000, help="how many (default: 10 million)")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1, help="DuckDB's, for both sides")
    parser.add_argument("--check", action="store_true", help="exit 1 where the target is missed")
    return parser.parse_args()


def by_turns(
    sides: Mapping[str, Callable[[], int]], turns: int
) -> tuple[dict[str, int], dict[str, list[float]]]:
    """({name: what it counted}, {name: the seconds of each turn}): one after the other, again and again."""
    counts: dict[str, int] = {}
    taken: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(turns):
        for name, side in sides.items():
            started = time.perf_counter()
            counts[name] = side()
            taken[name].append(time.perf_counter() - started)
    return counts, taken


def against_hand(
    name: str,
    options: argparse.Namespace,
    found: Mapping[str, Any],
    counts: Mapping[str, int],
    seconds: Mapping[str, float],
    *,
    most: float,
    counted: str,
) -> None:
    """Tell and keep how long our side, the first but `hand`, took beside SQL by hand.

    `found`: the circumstances before it began; `counted`: what both sides count.
    Ends the bench where they do not count the same and, with --check, where it took over `most` times as long.
    """
    ours = next(side for side in counts if side != "hand")
    if counts[ours] != counts["hand"]:
        sys.exit(f"The counts differ: {counts[ours]:,}, and by hand {counts['hand']:,}.")
    ratio = seconds[ours] / seconds["hand"]
    is_met = ratio <= most
    tell(counts[ours], options.customers, seconds)
    print(f"ratio {ratio:.2f}; at most {most}: {'reached' if is_met else 'MISSED'}")
    figures = {f"{side.replace(' ', '_')}_seconds": round(taken, 4) for side, taken in seconds.items()}
    write(name, {**found, counted: counts[ours], "ratio": round(ratio, 3), **figures})
    if options.check and not is_met:
        sys.exit(1)


def tell(found: int, customers: int, seconds: Mapping[str, float]) -> None:
    print(f"{found:,} of {customers:,} customers")
    for name, taken in seconds.items():
        print(f"{name:8} {taken * 1000:8.1f} ms")
