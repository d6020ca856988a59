"""What a segment's query in SQL reads: its tables, and the names of columns, which may be of any of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from campaigns.customers.catalogue import Catalogue


@dataclass(frozen=True)
class Queried:
    """In lower case, as most engines compare names."""

    tables: frozenset[str]
    columns: frozenset[str]
    own: frozenset[str]  # what the query itself gave a name

    def names(self, wanted: str) -> bool:
        """A table or a "table.column"."""
        table, _, column = wanted.lower().rpartition(".")
        return wanted.lower() in self.tables or (table in self.tables and column in self.columns)

    def paths(self) -> list[str]:
        return [*self.tables, *(f"{table}.{column}" for table in self.tables for column in self.columns)]

    def fits(self, catalogue: Catalogue) -> bool:
        tables = [table for table in catalogue.tables if table.name.lower() in self.tables]
        there = {column.name.lower() for table in tables for column in table.columns}
        there |= {table.key.lower() for table in tables}
        return len(tables) >= len(self.tables) and self.columns <= there | self.own


@lru_cache(maxsize=1000)
def read_by(sql: str, engine: str) -> Queried | None:
    """None where it cannot be read: it would not run either."""
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    from campaigns.customers.dialects import DIALECTS, STUMBLES  # with Ibis, which most requests do without

    try:
        tree = sqlglot.parse_one(sql, dialect=DIALECTS.get(engine, engine))
    except (SqlglotError, RecursionError, *STUMBLES):
        return None
    queries = {one.alias.lower() for one in tree.find_all(exp.CTE)}
    named = {one.name.lower() for one in tree.find_all(exp.Table) if isinstance(one.this, exp.Identifier)}
    aliases = list(tree.find_all(exp.TableAlias))
    own = {one.alias.lower() for one in tree.find_all(exp.Alias)} | {one.name.lower() for one in aliases}
    own |= {column.name.lower() for one in aliases for column in one.args.get("columns") or []}
    sources = own | named
    columns = {
        # Of what is no table, a name behind a dot is a field.
        (one.name if not one.table or one.table.lower() in sources else one.parts[0].name).lower()
        for one in tree.find_all(exp.Column)
    }
    return Queried(frozenset(named - queries), frozenset(columns), frozenset(own | named | {"*"}))
