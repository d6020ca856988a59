"""The floor: what plain DuckDB statements and OpenSSH's sftp take for the very same files.

    python -m bench.floor TASK.json

No history, no recipients, no counts, nobody asks the library, nothing is checked: what no launch can do without.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict, dataclass
from itertools import accumulate
from pathlib import Path

import duckdb

from campaigns.planning.shares import webster

ROWS_PER_FILE = 500_000  # Attentive's
# What pads the addresses of bench/customers.py; DuckDB takes longer the more characters it has to look for.
PADDING = " \t\xa0"
ADDRESS = r"[a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*@(?:[a-z0-9-]+\.)+[a-z]{2,}"


@dataclass(frozen=True)
class Task:
    customers: str  # the folder with the Parquet files
    folder: str  # where the files go
    prefix: str  # stands before the key in what is hashed: salt, sub-audience
    control: int  # its share, in hundredths of a per cent
    treated: dict[str, int]  # {segment name: share}, in the order of the assignment
    sftp: list[str]
    address: str
    uploads: str
    threads: int
    memory_limit: str


def run(task: Task) -> list[Path]:
    """Write the files and send them."""
    with duckdb.connect() as connection:
        _configure(connection, task)
        files = _write(connection, task)
    _send(task, files)
    return files


def _configure(connection: duckdb.DuckDBPyConnection, task: Task) -> None:
    connection.execute(f"SET threads = {task.threads}; SET memory_limit = '{task.memory_limit}'")
    connection.execute(f"SET preserve_insertion_order = false; SET temp_directory = '{task.folder}/spill'")


def _write(connection: duckdb.DuckDBPyConnection, task: Task) -> list[Path]:
    _filter_and_normalise(connection, task)
    borders = _borders(connection, "audience", "mark", [task.control, *task.treated.values()])
    _split(connection, list(task.treated), borders)
    files: list[Path] = []
    for number, name in enumerate(task.treated, 1):
        files += _write_group(connection, task, number, name, len(files))
    return files


def _filter_and_normalise(connection: duckdb.DuckDBPyConnection, task: Task) -> None:
    connection.execute(
        f"""
        CREATE TABLE audience AS
        SELECT CAST(md5_number('{task.prefix}' || customer_id) >> 64 AS UBIGINT) AS mark,
               CASE WHEN regexp_full_match(address, '{ADDRESS}') THEN address END AS value
        FROM (SELECT customer_id, lower(trim(email, '{PADDING}')) AS address
              FROM '{task.customers}/customer_360.parquet'
              LEFT JOIN '{task.customers}/merged_customers.parquet' USING (customer_id)
              WHERE state IN ('IL', 'WA') AND orders >= 5)
        """
    )


def _borders(connection: duckdb.DuckDBPyConnection, table: str, column: str, shares: list[int]) -> list[str]:
    """The value with which each share but the first begins."""
    (rows,) = connection.sql(f"SELECT count(*) FROM {table}").fetchall()[0]
    sizes = webster(rows, dict(enumerate(shares)))
    places = [(rank + 0.5) / rows for rank in accumulate(sizes[number] for number in range(len(shares) - 1))]
    (found,) = connection.sql(f"SELECT quantile_disc({column}, {places}) FROM {table}").fetchall()[0]
    return [str(border) for border in found]


def _split(connection: duckdb.DuckDBPyConnection, names: list[str], borders: list[str]) -> None:
    """One row for each value: whoever has the lowest hash holds it, and control has the lowest of all."""
    groups = " ".join(f"WHEN mark < {border} THEN {number}" for number, border in enumerate(borders))
    connection.execute(
        f"""
        CREATE TABLE recipients AS
        SELECT value, CAST(md5_number(value) >> 64 AS UBIGINT) AS cut, CASE {groups} ELSE {len(names)} END AS part
        FROM (SELECT value, min(mark) AS mark FROM audience WHERE value IS NOT NULL GROUP BY value)
        WHERE mark >= {borders[0]}
        """
    )
    connection.execute("DROP TABLE audience")


def _write_group(
    connection: duckdb.DuckDBPyConnection, task: Task, number: int, name: str, written: int
) -> list[Path]:
    """One file for each 500,000 rows, cut by md5(value), ordered by value."""
    rows = f"(FROM recipients WHERE part = {number})"
    (size,) = connection.sql(f"SELECT count(*) FROM {rows}").fetchall()[0]
    parts = -(-size // ROWS_PER_FILE)
    borders = _borders(connection, rows, "cut", [1] * parts) if parts > 1 else []
    files = []
    for part in range(parts):
        bounds = [f"cut >= {borders[part - 1]}"] if part else []
        bounds += [f"cut < {borders[part]}"] if part < parts - 1 else []
        path = Path(task.folder) / f"{written + part + 1}.csv"
        ending = f"_{part + 1}" if part else ""
        connection.execute(
            f"COPY (SELECT value, '{name}{ending}' FROM {rows} WHERE {' AND '.join(bounds or ['true'])}"
            f" ORDER BY value) TO '{path}' (FORMAT csv, HEADER false)"
        )
        files.append(path)
    return files


def _send(task: Task, files: list[Path]) -> None:
    batch = Path(task.folder) / "batch"
    batch.write_text("".join(f"put {path} {task.uploads}/{path.name}\n" for path in files))
    subprocess.run([*task.sftp, str(batch), task.address], check=True, stdout=subprocess.DEVNULL)


def store(task: Task, path: Path) -> Path:
    path.write_text(json.dumps(asdict(task)))
    return path


if __name__ == "__main__":
    run(Task(**json.loads(Path(sys.argv[1]).read_text())))
