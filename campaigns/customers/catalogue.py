"""What a customer database holds: its tables with the customer key, their columns, and how many rows a customer has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from campaigns.customers.models import CustomerDatabase

ColumnType = Literal["text", "number", "date", "datetime", "boolean", "other"]
_TYPE_WORDS = {"datetime": "date and time", "boolean": "yes/no"}
GONE = "The attribute {attribute} is gone from the customer database. Choose another one."


@dataclass(frozen=True)
class Column:
    name: str
    type: ColumnType

    @property
    def label(self) -> str:
        """How people read it: loyalty_tier is “Loyalty tier”."""
        words = self.name.replace("_", " ").strip()
        return words[:1].upper() + words[1:]

    @property
    def type_in_words(self) -> str:
        return _TYPE_WORDS.get(self.type, self.type)


@dataclass(frozen=True)
class Table:
    """A table with the customer key; `many` where a customer may have several rows."""

    name: str
    key: str  # the key column as this table spells it
    many: bool
    columns: tuple[Column, ...]

    def column(self, name: str) -> Column | None:
        return next((column for column in self.columns if column.name == name), None)


@dataclass(frozen=True)
class Catalogue:
    tables: tuple[Table, ...]
    profile_table: str = ""

    def table(self, name: str) -> Table | None:
        return next((table for table in self.tables if table.name == name), None)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Catalogue:
        tables = tuple(
            Table(**{**table, "columns": tuple(Column(**column) for column in table["columns"])})
            for table in data["tables"]
        )
        return cls(tables, data.get("profile_table", ""))


def stored(database: CustomerDatabase) -> Catalogue:
    """The catalogue as it was last read; empty where it never was."""
    return Catalogue.from_json(database.catalogue) if database.catalogue else Catalogue(())


def read_catalogue(database: CustomerDatabase) -> Catalogue:
    """Look into the customer database. Raises CustomerDatabaseError where it cannot serve as one."""
    from campaigns.customers.connection import open_database
    from campaigns.customers.reading import read

    with open_database(database) as connection:
        return read(connection, database.customer_key, database.profile_table, database.contact_table)
