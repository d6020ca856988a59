"""A launch of N customers to OpenSSH, against the floor of plain DuckDB and sftp, in one run.

    python -m bench.launch --customers 10000000

The campaign: who lives in IL or WA and has 5 orders or more; 10 % control, two groups of 45 %, by e-mail.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.customers import made
from bench.floor import Task, store
from bench.measuring import Taken, circumstances, environment, python, run, scratch, write
from bench.openssh import Server, serving
from bench.scene import CONTROL, SHARES

MOST_RATIO = 1.6
MOST_MIB = 1024
MEMORY_LIMIT = os.environ.get("DUCKDB_MEMORY_LIMIT", "500MB")


@dataclass(frozen=True)
class Round:
    """What one campaign took."""

    floor: Taken
    launch: Taken
    second: Taken  # the same campaign again: everybody stands in the history
    rows: int
    files: int
    customers: int  # of the audience


def main() -> None:
    options = _options()
    customers = made(options.customers)
    found = circumstances(options.threads) | {"memory_limit": MEMORY_LIMIT, "customers": options.customers}
    rounds = []
    with scratch() as folder, serving(folder / "sshd") as server:
        for number in range(options.rounds):
            rounds.append(_round(folder / f"round-{number}", customers, server, options.threads))
            _tell(rounds[-1])
    outcome = _outcome(rounds)
    write("launch", found | outcome | {"rounds": [vars(one) for one in rounds]})
    _verdict(outcome, enforced=options.check)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--customers", type=int, default=10_000_000, help="how many (default: 10 million)")
    parser.add_argument(
        "--rounds", type=int, default=1, help="campaigns to measure; the quickest of each counts"
    )
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1, help="DuckDB's, for both sides")
    parser.add_argument("--check", action="store_true", help="exit 1 where a target is missed")
    return parser.parse_args()


def _round(folder: Path, customers: Path, server: Server, threads: int) -> Round:
    (folder / "floor").mkdir(parents=True)
    surroundings = environment(folder / "data", threads)
    task = {"customers": str(customers), "port": server.port, "user": server.user, "key": str(server.key)}
    task |= {"fingerprint": server.fingerprint, "uploads": str(server.uploads)}
    _, told = run(python("-m", "bench.scene", json.dumps(task)), surroundings)
    scene = json.loads(told)
    asked = store(_floor_task(folder, customers, server, threads, scene), folder / "floor" / "task.json")
    floor, _ = run(python("-m", "bench.floor", str(asked)), surroundings)
    wanted = _take_in(server)
    launches = []
    for _ in range(2):
        command = python("manage.py", "launch", scene["campaign"], "--here", "--json")
        taken, told = run(command, surroundings)
        launches.append(taken)
        _compare(_take_in(server), wanted)
    report = json.loads(told)
    return Round(
        floor=floor,
        launch=launches[0],
        second=launches[1],
        rows=sum(file["rows"] for delivery in report["deliveries"] for file in delivery["files"]),
        files=len(wanted),
        customers=report["audience"],
    )


def _floor_task(folder: Path, customers: Path, server: Server, threads: int, scene: dict[str, Any]) -> Task:
    return Task(
        customers=str(customers),
        folder=str(folder / "floor"),
        prefix=scene["prefix"],
        control=SHARES[CONTROL],
        treated=scene["treated"],
        sftp=server.sftp(),
        address=server.address(),
        uploads=str(server.uploads),
        threads=threads,
        memory_limit=MEMORY_LIMIT,
    )


def _take_in(server: Server) -> list[str]:
    """What arrived, by digest; gone from the folder afterwards."""
    digests = []
    for path in sorted(server.uploads.iterdir()):
        with path.open("rb") as file:
            digests.append(hashlib.file_digest(file, "sha256").hexdigest())
        path.unlink()
    return sorted(digests)


def _compare(arrived: list[str], wanted: list[str]) -> None:
    """The floor is one only where it brought the very same files."""
    if arrived != wanted:
        alike = len(set(arrived) & set(wanted))
        sys.exit(
            f"The files differ: {len(arrived)} arrived, the floor sent {len(wanted)}, {alike} are alike."
        )


def _tell(found: Round) -> None:
    print(f"{found.customers:,} customers in the audience, {found.rows:,} rows in {found.files} files")
    for name, taken in (("floor", found.floor), ("launch", found.launch), ("second launch", found.second)):
        print(
            f"{name:14} {taken.seconds:8.2f} s {taken.cpu_seconds:8.2f} s of CPU {taken.peak_mib:6,} MiB"
            f"  {taken.seconds / found.floor.seconds:5.2f} × the floor",
            flush=True,
        )


def _outcome(rounds: list[Round]) -> dict[str, Any]:
    def best(side: str, figure: str) -> float:
        return min(float(getattr(getattr(one, side), figure)) for one in rounds)

    return {
        "rows": rounds[0].rows,
        "files": rounds[0].files,
        **{f"{side}_seconds": best(side, "seconds") for side in ("floor", "launch", "second")},
        **{f"{side}_cpu_seconds": best(side, "cpu_seconds") for side in ("floor", "launch", "second")},
        "ratio": round(best("launch", "seconds") / best("floor", "seconds"), 3),
        "cpu_ratio": round(best("launch", "cpu_seconds") / best("floor", "cpu_seconds"), 3),
        "second_ratio": round(best("second", "seconds") / best("floor", "seconds"), 3),
        "peak_mib": max(max(one.launch.peak_mib, one.second.peak_mib) for one in rounds),
    }


def _verdict(outcome: dict[str, Any], *, enforced: bool) -> None:
    met = outcome["ratio"] <= MOST_RATIO and outcome["peak_mib"] <= MOST_MIB
    print(
        f"ratio {outcome['ratio']:.2f} (at most {MOST_RATIO}), peak {outcome['peak_mib']:,} MiB (at most"
        f" {MOST_MIB:,}), second launch {outcome['second_ratio']:.2f}: {'reached' if met else 'MISSED'}"
    )
    if enforced and not met:
        sys.exit(1)


if __name__ == "__main__":
    main()
