"""The way into a customer database, through Ibis: read-only, and its failures told in plain sentences."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from campaigns.customers import postgres
from campaigns.customers.engine_words import in_own_words
from campaigns.customers.failures import DRIVER_MISSING, WRONG_URL, told
from campaigns.customers.failures import CustomerDatabaseError as CustomerDatabaseError
from campaigns.customers.failures import PlanFailed as PlanFailed
from campaigns.customers.failures import QueryStopped as QueryStopped
from campaigns.customers.folders import Folder, configured, open_folder
from campaigns.customers.own import OWN, is_own_path, is_own_server
from campaigns.customers.places import url_problem
from campaigns.customers.watching import watched

if TYPE_CHECKING:
    import duckdb
    import pyarrow

    from campaigns.customers.models import CustomerDatabase

Result = TypeVar("Result")

FILES = "files:"
# Other names of Ibis' engines.
ENGINES = {"postgresql": "postgres"}
# Their drivers take simple statements as DuckDB does, which saves what Ibis needs to translate hundreds of them.
TAKE_PLAIN_SQL = ("duckdb", "postgres", "sqlite")
KEY = "customer_key"


@dataclass(frozen=True)
class Connection:
    """An open customer database."""

    backend: Any
    folder: Folder | None = None  # of the files that it reads

    @property
    def dialect(self) -> str:
        return str(self.backend.name)

    @property
    def duckdb(self) -> duckdb.DuckDBPyConnection | None:
        """The DuckDB behind it, where it is one: other steps may then run beside the data."""
        return self.backend.con if self.dialect == "duckdb" else None

    def tables(self) -> list[str]:
        return list(self._names)

    @cached_property
    def _names(self) -> tuple[str, ...]:
        """As they were when first asked for: with hundreds of tables, each would ask again."""
        return told(lambda: tuple(sorted(self.backend.list_tables())))

    def table(self, name: str) -> Any:
        """An Ibis table; CustomerDatabaseError where it is gone."""
        if name not in self._names:
            raise CustomerDatabaseError(f"The table {name} is gone from the customer database.")
        return told(lambda: self.backend.table(name))

    def query(self, sql: str) -> Any:
        """An Ibis table of a SELECT in the database's dialect that gives one column of text, `customer_key`."""
        return told(lambda: self.backend.sql(sql, schema={KEY: "string"}))

    def plan(self, expression: Any, written: str) -> None:
        """Let the engine plan a query, `written` by somebody; no row is read. Raises PlanFailed."""
        try:
            told(lambda: self.backend.to_pyarrow(expression.limit(0)))
        except CustomerDatabaseError as error:
            if words := in_own_words(error.__cause__, written):
                raise PlanFailed(words) from error
            raise

    def lock(self) -> None:
        """Shut a DuckDB in: from now on no other file can be reached and no setting changed."""
        if self.duckdb is not None:
            duckdb = self.duckdb
            told(lambda: duckdb.execute("SET enable_external_access = false; SET lock_configuration = true"))

    def keys(self, table: pyarrow.Table) -> Any:
        """Keys of ours beside the database's own tables: an Ibis table of the one column `customer_key`."""
        from campaigns.customers.keys import keys_table

        return told(lambda: keys_table(self.backend, table))

    def sql(self, expression: Any) -> str:
        """The query of an expression in the database's dialect."""
        return str(self.backend.compile(expression))

    def batches(self, expression: Any) -> pyarrow.RecordBatchReader:
        """The rows of an expression as a stream."""
        import pyarrow

        reader = self._asked(lambda: self.backend.to_pyarrow_batches(expression))
        return pyarrow.RecordBatchReader.from_batches(reader.schema, self._each(reader))

    def _each(self, reader: Any) -> Iterator[Any]:
        while (batch := self._asked(lambda: next(reader, None))) is not None:
            yield batch

    def row(self, expression: Any) -> dict[str, Any]:
        """The only row of an expression."""
        found: dict[str, Any] = self._asked(lambda: self.backend.to_pyarrow(expression)).to_pylist()[0]
        return found

    def rows(self, expression: Any) -> list[dict[str, Any]]:
        """The few rows of an expression that a page shows."""
        try:
            found: list[dict[str, Any]] = self._asked(lambda: self.backend.to_pyarrow(expression)).to_pylist()
        except (OverflowError, ValueError):
            # Python knows no date before the year 1 or after 9999; the engine writes what it has.
            texts = {name: expression[name].cast("string") for name in _temporal(expression)}
            found = self._asked(lambda: self.backend.to_pyarrow(expression.mutate(**texts))).to_pylist()
        return found

    def fetch(self, sql: str, columns: Mapping[str, str]) -> list[tuple[Any, ...]]:
        """The few rows of a SELECT in DuckDB's SQL; `columns`: Ibis' types by name."""
        if self.dialect in TAKE_PLAIN_SQL:
            return self._asked(lambda: self.backend.con.execute(sql).fetchall())
        return [
            tuple(row.values()) for row in self.rows(self.backend.sql(sql, schema=columns, dialect="duckdb"))
        ]

    def _asked(self, ask: Callable[[], Result]) -> Result:
        """An answer of files that stayed as they were; else it may be of the old ones and the new."""
        with self.unchanged():
            return told(ask)

    @contextmanager
    def unchanged(self) -> Iterator[None]:
        """Raises CustomerDatabaseError where a file changed by the block's end; also instead of what that led to."""
        try:
            yield
        except QueryStopped:
            raise
        except Exception:
            if self.folder is not None:
                self.folder.refuse_changed()
            raise
        if self.folder is not None:
            self.folder.refuse_changed()

    def interrupt(self) -> None:
        """Stop the query under way, where the engine can; it then fails with QueryStopped."""
        driver = getattr(self.backend, "con", None)
        if hasattr(driver, "cancel_safe"):
            postgres.cancel(driver)
        elif stop := getattr(driver, "interrupt", None) or getattr(driver, "cancel", None):
            stop()

    @contextmanager
    def limited(self, seconds: float, stop: threading.Event | None = None) -> Iterator[None]:
        """Interrupts what takes longer, or goes on after `stop` is set.

        PostgreSQL is told as well, so that it ends by itself what nobody is there to interrupt any more.
        """
        try:
            with watched(self.interrupt, seconds, stop):
                self._limit_statements(seconds)
                yield
        finally:
            # The connection may be gone by now, or its server frozen.
            with suppress(CustomerDatabaseError), watched(self.interrupt, settings.CONNECT_SECONDS):
                self._limit_statements(settings.STATEMENT_SECONDS)

    def prepare(self) -> None:
        """Read-only, and no statement longer than STATEMENT_SECONDS, where the engine has both for a session."""
        if self.dialect != "postgres":
            return
        with watched(self.interrupt, settings.CONNECT_SECONDS):
            told(lambda: self.backend.raw_sql(postgres.READ_ONLY).close())
            self._limit_statements(settings.STATEMENT_SECONDS)

    def _limit_statements(self, seconds: float) -> None:
        """What a statement may take; 0: as long as it needs."""
        if self.dialect == "postgres":
            told(lambda: self.backend.raw_sql(f"SET statement_timeout = {seconds * 1000:.0f}").close())


def engine_of(url: str) -> str:
    """Ibis' name of the engine behind a URL; it need not be one that exists."""
    scheme = url.partition(":")[0].lower()
    return "duckdb" if f"{scheme}:" == FILES else ENGINES.get(scheme, scheme)


@contextmanager
def open_database(database: CustomerDatabase) -> Iterator[Connection]:
    """The customer database, open until the block ends. Raises CustomerDatabaseError."""
    opened = told(lambda: _connect(database.url, database.customer_key))
    try:
        opened.prepare()
        with opened.unchanged():
            yield opened
    finally:
        opened.backend.disconnect()


def _connect(url: str, customer_key: str) -> Connection:
    import ibis

    scheme, colon, rest = url.partition(":")
    scheme = scheme.lower()
    if problem := url_problem(url):
        raise CustomerDatabaseError(WRONG_URL, detail=problem)
    if scheme + colon == FILES:
        return Connection(*open_folder(place_of(rest), customer_key))
    scheme = ENGINES.get(scheme, scheme)
    if not rest.startswith("//") or scheme not in {entry.name for entry in ibis.util.backend_entry_points()}:
        raise CustomerDatabaseError(
            WRONG_URL,
            detail="The URL is not one that can be read. Write files: and a folder, or a URL such as postgres://…",
        )
    parts = urlsplit(f"{scheme}:{rest}")
    if scheme == "duckdb":
        path = _file(parts)
        return Connection(
            configured(lambda options: ibis.duckdb.connect(path, read_only=True, **options), path)
        )
    if scheme == "sqlite":
        return Connection(_open_sqlite(_file(parts)))
    if is_own_server(scheme, parts):
        raise CustomerDatabaseError(WRONG_URL, detail=OWN)
    if scheme == "postgres" and (problem := postgres.option_problem(parts.query)):
        raise CustomerDatabaseError(WRONG_URL, detail=problem)
    return Connection(_connect_by_url(scheme, f"{scheme}:{rest}"))


def _connect_by_url(engine: str, url: str) -> Any:
    import ibis

    try:
        return postgres.connect(urlsplit(url)) if engine == "postgres" else ibis.connect(url)
    except ImportError as error:
        raise CustomerDatabaseError(
            DRIVER_MISSING,
            detail=f"The driver for {engine} is missing. "
            f"Install the package ibis-framework[{engine}], then try again.",
        ) from error
    except Exception as error:
        # What stands in the URL goes to the driver as arguments.
        if not isinstance(error, TypeError) and type(error).__name__ != "ProgrammingError":
            raise
        raise CustomerDatabaseError(
            WRONG_URL,
            detail=f"The URL is not one that {engine} takes. "
            "Correct its parts, or what stands after the question mark.",
        ) from error


def place_of(path: str) -> Path:
    """The folder or file of a URL; CustomerDatabaseError where it is Muster's own."""
    # Two slashes at the beginning are one place more to POSIX, and another path to Python.
    found = Path("/" + path.lstrip("/") if path.startswith("/") else path)
    found = found if found.is_absolute() else Path(settings.BASE_DIR) / found
    if is_own_path(found):
        raise CustomerDatabaseError(WRONG_URL, detail=OWN)
    return found


def _file(parts: SplitResult) -> Path:
    path = place_of(parts.netloc + parts.path)
    if not path.is_file():
        raise CustomerDatabaseError(
            "The file of the customer database is not there. Ask an operator to look at it.",
            detail=f"There is no file {path}. Correct the URL of the customer database.",
        )
    return path


def _open_sqlite(path: Path) -> Any:
    """By Python's own driver: Ibis has no way to open one read-only."""
    import sqlite3

    import ibis

    return ibis.sqlite.from_connection(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True))


def _temporal(expression: Any) -> list[str]:
    return [name for name, kind in expression.schema().items() if kind.is_temporal()]
