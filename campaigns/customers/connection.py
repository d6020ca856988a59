"""The way into a customer database, through Ibis: read-only, and its failures told in plain sentences."""

from __future__ import annotations

import logging
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
from campaigns.customers.normalise import quoted
from campaigns.customers.own import is_own_path, is_own_server
from campaigns.customers.watching import watched
from config.own_duckdb import duckdb_options

if TYPE_CHECKING:
    import duckdb
    import pyarrow

    from campaigns.customers.models import CustomerDatabase

logger = logging.getLogger(__name__)
Result = TypeVar("Result")

FILES = "files:"
# Other names of Ibis' engines.
ENGINES = {"postgresql": "postgres"}
# Their drivers take simple statements as DuckDB does, which saves what Ibis needs to translate hundreds of them.
TAKE_PLAIN_SQL = ("duckdb", "postgres", "sqlite")
OWN = "Muster's own data is no customer database. Enter the URL of where your customers are."
KEY = "customer_key"
PARQUET, CSV = ".parquet", ".csv"
# So many rows of a CSV file tell the types of its columns; DuckDB looks at as many.
SNIFFED_ROWS = 20_480
# What a number would lose: leading noughts and the plus of a phone number.
LOOKS_LIKE_TEXT = r"[+]\d+|0\d+"


class CustomerDatabaseError(Exception):
    """The customer database cannot be read. `message`: one sentence without data or secrets.

    `field` is the setting that it is about: url, customer_key, profile_table or contact_table.
    """

    def __init__(self, message: str, field: str = "url") -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class QueryStopped(CustomerDatabaseError):
    """`interrupt` ended the query."""


class PlanFailed(CustomerDatabaseError):
    """The engine cannot run a query that somebody wrote; `message` has its words, without data."""


@dataclass(frozen=True)
class Connection:
    """An open customer database."""

    backend: Any

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
        return _told(lambda: tuple(sorted(self.backend.list_tables())))

    def table(self, name: str) -> Any:
        """An Ibis table; CustomerDatabaseError where it is gone."""
        if name not in self._names:
            raise CustomerDatabaseError(f"The table {name} is gone from the customer database.")
        return _told(lambda: self.backend.table(name))

    def query(self, sql: str) -> Any:
        """An Ibis table of a SELECT in the database's dialect that gives one column of text, `customer_key`."""
        return _told(lambda: self.backend.sql(sql, schema={KEY: "string"}))

    def plan(self, expression: Any, written: str) -> None:
        """Let the engine plan a query, `written` by somebody; no row is read. Raises PlanFailed."""
        try:
            _told(lambda: self.backend.to_pyarrow(expression.limit(0)))
        except CustomerDatabaseError as error:
            if words := in_own_words(error.__cause__, written):
                raise PlanFailed(words) from error
            raise

    def lock(self) -> None:
        """Shut a DuckDB in: from now on no other file can be reached and no setting changed."""
        if self.duckdb is not None:
            self.duckdb.execute("SET enable_external_access = false; SET lock_configuration = true")

    def keys(self, table: pyarrow.Table) -> Any:
        """Keys of ours beside the database's own tables: an Ibis table of the one column `customer_key`."""
        from campaigns.customers.keys import keys_table

        return _told(lambda: keys_table(self.backend, table))

    def sql(self, expression: Any) -> str:
        """The query of an expression in the database's dialect."""
        return str(self.backend.compile(expression))

    def batches(self, expression: Any) -> pyarrow.RecordBatchReader:
        """The rows of an expression as a stream."""
        import pyarrow

        reader = _told(lambda: self.backend.to_pyarrow_batches(expression))
        return pyarrow.RecordBatchReader.from_batches(reader.schema, _each_told(reader))

    def row(self, expression: Any) -> dict[str, Any]:
        """The only row of an expression."""
        found: dict[str, Any] = _told(lambda: self.backend.to_pyarrow(expression)).to_pylist()[0]
        return found

    def rows(self, expression: Any) -> list[dict[str, Any]]:
        """The few rows of an expression that a page shows."""
        try:
            found: list[dict[str, Any]] = _told(lambda: self.backend.to_pyarrow(expression)).to_pylist()
        except (OverflowError, ValueError):
            # Python knows no date before the year 1 or after 9999; the engine writes what it has.
            texts = {name: expression[name].cast("string") for name in _temporal(expression)}
            found = _told(lambda: self.backend.to_pyarrow(expression.mutate(**texts))).to_pylist()
        return found

    def fetch(self, sql: str, columns: Mapping[str, str]) -> list[tuple[Any, ...]]:
        """The few rows of a SELECT in DuckDB's SQL; `columns`: Ibis' types by name."""
        if self.dialect in TAKE_PLAIN_SQL:
            return _told(lambda: self.backend.con.execute(sql).fetchall())
        return [
            tuple(row.values()) for row in self.rows(self.backend.sql(sql, schema=columns, dialect="duckdb"))
        ]

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
            _told(lambda: self.backend.raw_sql(postgres.READ_ONLY).close())
            self._limit_statements(settings.STATEMENT_SECONDS)

    def _limit_statements(self, seconds: float) -> None:
        """What a statement may take; 0: as long as it needs."""
        if self.dialect == "postgres":
            _told(lambda: self.backend.raw_sql(f"SET statement_timeout = {seconds * 1000:.0f}").close())


def engine_of(url: str) -> str:
    """Ibis' name of the engine behind a URL; it need not be one that exists."""
    scheme = url.partition(":")[0].lower()
    return "duckdb" if f"{scheme}:" == FILES else ENGINES.get(scheme, scheme)


@contextmanager
def open_database(database: CustomerDatabase) -> Iterator[Connection]:
    """The customer database, open until the block ends. Raises CustomerDatabaseError."""
    backend = _told(lambda: _connect(database.url, database.customer_key))
    try:
        opened = Connection(backend)
        opened.prepare()
        yield opened
    finally:
        backend.disconnect()


def _connect(url: str, customer_key: str) -> Any:
    import ibis

    scheme, colon, rest = url.partition(":")
    scheme = scheme.lower()
    if scheme + colon == FILES:
        return _open_files(place_of(rest), customer_key)
    scheme = ENGINES.get(scheme, scheme)
    if not rest.startswith("//") or scheme not in {entry.name for entry in ibis.util.backend_entry_points()}:
        raise CustomerDatabaseError(
            "The URL is not one that can be read. Write files: and a folder, or a URL such as postgres://…"
        )
    parts = urlsplit(f"{scheme}:{rest}")
    if scheme == "duckdb":
        path = _file(parts)
        return _configured(lambda options: ibis.duckdb.connect(path, read_only=True, **options), path)
    if scheme == "sqlite":
        return _open_sqlite(_file(parts))
    if is_own_server(scheme, parts):
        raise CustomerDatabaseError(OWN)
    if scheme == "postgres" and (problem := postgres.option_problem(parts.query)):
        raise CustomerDatabaseError(problem)
    return _connect_by_url(scheme, f"{scheme}:{rest}")


def _connect_by_url(engine: str, url: str) -> Any:
    import ibis

    try:
        return postgres.connect(urlsplit(url)) if engine == "postgres" else ibis.connect(url)
    except ImportError as error:
        raise CustomerDatabaseError(
            f"The driver for {engine} is missing. Install the package ibis-framework[{engine}], then try again."
        ) from error
    except Exception as error:
        # What stands in the URL goes to the driver as arguments.
        if not isinstance(error, TypeError) and type(error).__name__ != "ProgrammingError":
            raise
        raise CustomerDatabaseError(
            f"The URL is not one that {engine} takes. Correct its parts, or what stands after the question mark."
        ) from error


def place_of(path: str) -> Path:
    """The folder or file of a URL; CustomerDatabaseError where it is Muster's own."""
    # Two slashes at the beginning are one place more to POSIX, and another path to Python.
    found = Path("/" + path.lstrip("/") if path.startswith("/") else path)
    found = found if found.is_absolute() else Path(settings.BASE_DIR) / found
    if is_own_path(found):
        raise CustomerDatabaseError(OWN)
    return found


def _file(parts: SplitResult) -> Path:
    path = place_of(parts.netloc + parts.path)
    if not path.is_file():
        raise CustomerDatabaseError(f"There is no file {path}. Correct the URL of the customer database.")
    return path


def _open_sqlite(path: Path) -> Any:
    """By Python's own driver: Ibis has no way to open one read-only."""
    import sqlite3

    import ibis

    return ibis.sqlite.from_connection(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True))


def _configured(connect: Callable[[dict[str, Any]], Any], file: Path | None = None) -> Any:
    backend = connect(duckdb_options(file, preserve_insertion_order=False))
    backend.raw_sql("SET TimeZone = 'UTC'")
    return backend


def _open_files(folder: Path, customer_key: str) -> Any:
    """A view for each Parquet or CSV file of a folder, named as the file."""
    import ibis

    if not folder.is_dir():
        raise CustomerDatabaseError(f"There is no folder {folder}. Correct the URL of the customer database.")
    files = sorted(path for path in folder.iterdir() if path.suffix.lower() in (PARQUET, CSV))
    if not files:
        raise CustomerDatabaseError(f"The folder {folder} has no Parquet or CSV file. Put one there.")
    if any(is_own_path(path) for path in files):
        raise CustomerDatabaseError(OWN)
    backend = _configured(lambda options: ibis.duckdb.connect(**options))
    for path in files:
        try:
            _view(backend.con, path, customer_key)
        except Exception as error:
            backend.disconnect()
            logger.info("%s cannot be read: %s", path.name, type(error).__name__)
            raise CustomerDatabaseError(
                f"The file {path.name} cannot be read as {path.suffix[1:].upper()}. Look whether it is whole."
            ) from error
    own = ", ".join(quoted(str(path)) for path in files)
    backend.raw_sql(f"SET allowed_paths = [{own}]")  # for `lock`
    return backend


def _view(connection: duckdb.DuckDBPyConnection, path: Path, customer_key: str) -> None:
    source = quoted(str(path))
    reader = f"read_parquet({source})"
    if path.suffix.lower() == CSV:
        texts = _text_columns(connection, source, customer_key)
        reader = f"read_csv({source}, types = {{{', '.join(texts)}}})" if texts else f"read_csv({source})"
    connection.execute(f"CREATE VIEW {identifier(path.stem)} AS SELECT * FROM {reader}")


def _text_columns(connection: duckdb.DuckDBPyConnection, source: str, customer_key: str) -> list[str]:
    """The columns of a CSV file that would lose something as numbers: the customer key, phone numbers, postcodes."""
    relation = connection.sql(f"SELECT * FROM read_csv({source}, all_varchar = true) LIMIT {SNIFFED_ROWS}")
    names = [identifier(column) for column in relation.columns]
    looks = [f"coalesce(bool_or(regexp_full_match({name}, '{LOOKS_LIKE_TEXT}')), false)" for name in names]
    (found,) = relation.aggregate(", ".join(looks)).fetchall()
    return [
        f"{quoted(column)}: 'VARCHAR'"
        for column, is_text in zip(relation.columns, found, strict=True)
        if is_text or column.lower() == customer_key.lower()
    ]


def _temporal(expression: Any) -> list[str]:
    return [name for name, kind in expression.schema().items() if kind.is_temporal()]


def identifier(name: str) -> str:
    """The name of a table or column in SQL."""
    return '"' + name.replace('"', '""') + '"'


def _each_told(reader: Any) -> Iterator[Any]:
    while (batch := _told(lambda: next(reader, None))) is not None:
        yield batch


def _told(ask: Callable[[], Result]) -> Result:
    """The result; whatever an engine's driver raises becomes one plain sentence, its own words only in the log."""
    try:
        return ask()
    except CustomerDatabaseError:
        raise
    except ImportError as error:
        package = error.name or "its driver"
        raise CustomerDatabaseError(
            f"The driver for this customer database is missing. Install the package {package}."
        ) from error
    except Exception as error:
        name = type(error).__name__
        logger.info("The customer database failed: %s", name)
        # SQLite has no name of its own for it.
        if name in ("InterruptException", "QueryCanceled") or str(error) == "interrupted":
            raise QueryStopped("The customer database took too long to answer and was stopped.") from error
        raise CustomerDatabaseError(_sentence(error)) from error


def _sentence(error: Exception) -> str:
    name = type(error).__name__
    if name in ("BinderException", "CatalogException"):
        return "The customer database no longer has a column or table that was asked for. Read its catalogue again."
    if name in ("IOException", "OperationalError"):
        return "The customer database cannot be reached. Look whether it runs and whether its URL is right."
    return f"The customer database could not answer ({name}). Ask an operator to look at it."
