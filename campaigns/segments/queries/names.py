"""What the names in a query mean: tables of the catalogue, queries in WITH. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from campaigns.customers.catalogue import Catalogue


@dataclass(frozen=True)
class Readable:
    """The tables of a customer database: their columns by name, and which of these are hidden."""

    columns: Mapping[str, Sequence[str]]
    hidden: Mapping[str, Collection[str]]

    @classmethod
    def of(cls, catalogue: Catalogue, hidden: Collection[str] | None) -> Readable:
        """`hidden`: "table.column"; those of the catalogue if left out."""
        columns = {table.name: [column.name for column in table.columns] for table in catalogue.tables}
        hidden = _hidden_columns(catalogue) if hidden is None else hidden
        found = {
            name: {column for column in own if f"{name}.{column}" in hidden} for name, own in columns.items()
        }
        return cls(columns, found)

    def known(self, name: exp.Identifier) -> str | None:
        """The table that is meant, as the catalogue spells it."""
        if name.name in self.columns:
            return name.name
        same = (one for one in self.columns if one.lower() == name.name.lower())
        return None if name.args.get("quoted") else next(same, None)

    def only_hidden(self, used: Iterable[str]) -> set[str]:
        """Columns, in lower case, that are hidden in one of these tables and readable in none."""
        tables = list(used)
        hidden = {column.lower() for name in tables for column in self.hidden[name]}
        shown = {column.lower() for name in tables for column in self.shown(name)}
        return hidden - shown

    def shown(self, name: str) -> list[str]:
        return [column for column in self.columns[name] if column not in self.hidden[name]]


def _hidden_columns(catalogue: Catalogue) -> frozenset[str]:
    """The columns, "table.column", that an operator keeps from people."""
    return frozenset(
        f"{table.name}.{column.name}"
        for table in catalogue.tables
        for column in table.columns
        if column.is_hidden
    )


def unwrapped(node: exp.Expr) -> exp.Expr:
    """The query within brackets."""
    while isinstance(node, exp.Subquery) and not {key for key, one in node.args.items() if one} - {"this"}:
        node = node.this
    return node


def selects(query: exp.Expr) -> list[exp.Expr]:
    """The query's SELECTs, from the left: several where UNION and its like join them."""
    left, found = [query], []
    while left:
        node = unwrapped(left.pop(0))
        if isinstance(node, exp.SetOperation):
            left = [node.this, node.expression, *left]
        else:
            found.append(node)
    return found


def is_star(node: exp.Expr) -> bool:
    return node.is_star or isinstance(node.unalias(), exp.Star | exp.Columns)


def cte_of(node: exp.Table) -> exp.CTE | None:
    """The query in WITH that a table's name means: one that stands before it, in this query or one around it."""
    if not isinstance(node.this, exp.Identifier) or node.args.get("db"):
        return None
    inner: exp.Expr = node
    while (outer := inner.parent) is not None:
        within = outer.args.get("with_")
        if isinstance(outer, exp.With):
            before = outer.expressions[: outer.expressions.index(inner)] if isinstance(inner, exp.CTE) else []
        elif within is not None and within is not inner:
            before = within.expressions
        else:
            before = []
        for cte in reversed(before):
            if cte.alias.lower() == node.name.lower():
                return cte  # type: ignore[no-any-return]
        inner = outer
    return None
