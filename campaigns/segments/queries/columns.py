"""Which columns a query may name where a name that is no column could be a call of a function. Pure.

PostgreSQL takes `alias.name` for `name(alias)` where the alias has no such column, and `user` for a function; Oracle
takes any name for a function without arguments.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from campaigns.segments.queries.names import Readable, cte_of, is_star, selects, unwrapped

CALLS_BY_NAME = frozenset({"postgres", "oracle"})
# Words of these engines that are functions even where a column is called so, unless they are quoted.
_WORDS = frozenset(
    [
        "user",
        "current_user",
        "session_user",
        "system_user",
        "current_role",
        "current_catalog",
        "current_schema",
        "uid",
    ]
)


class Columns:
    """The columns that each table, query and function in FROM has, by the names these go by."""

    def __init__(self, tree: exp.Expr, engine: str, readable: Readable) -> None:
        self.readable, self.is_exact = readable, engine == "postgres"
        self._known: dict[int, frozenset[str]] = {}
        self.rows: dict[str, set[str]] = {}
        self.functions: dict[str, list[frozenset[str]]] = {}
        for node in tree.find_all(exp.Table, exp.TableAlias):
            self._note(node)
        self.every = set().union(
            *self.rows.values(), *(one for all_ in self.functions.values() for one in all_)
        )
        self.every |= {self._name(one.args["alias"]) for one in tree.find_all(exp.Alias)}

    def has(self, column: exp.Column) -> bool:
        """Whether it is a column, and nothing that the engine would call."""
        name = column.this
        if not isinstance(name, exp.Identifier):
            return True
        table = column.args.get("table")
        if table is None:
            is_word = name.name.lower() in _WORDS and not name.args.get("quoted")
            return self._name(name) in self.every and not is_word
        found = self.functions.get(self._name(table), [])
        rows = self.rows.get(self._name(table), set())
        return all(self._name(name) in one for one in found) and (bool(found) or self._name(name) in rows)

    def _note(self, node: exp.Expr) -> None:
        owner = node.parent if isinstance(node, exp.TableAlias) else node
        if isinstance(owner, exp.CTE) or owner is None or (owner is node and node.args.get("alias")):
            return
        alias = owner.args.get("alias")
        name = alias.this if isinstance(alias, exp.TableAlias) else owner.this
        own = frozenset(self._name(one) for one in alias.args.get("columns") or []) if alias else frozenset()
        if self._is_of_rows(owner):
            called = self._name(name) if isinstance(name, exp.Identifier) else ""
            self.rows.setdefault(called, set()).update(own | self._source(owner))
        elif isinstance(name, exp.Identifier):
            # A function's only column is called as its alias, unless that names the column.
            self.functions.setdefault(self._name(name), []).append(own or frozenset({self._name(name)}))
        else:
            self.rows.setdefault("", set()).update(own)

    @staticmethod
    def _is_of_rows(owner: exp.Expr) -> bool:
        """Not one value, which any function of one argument could be called with."""
        if isinstance(owner, exp.Lateral):
            return isinstance(owner.this, exp.Subquery)
        if isinstance(owner, exp.Table):
            return isinstance(owner.this, exp.Identifier)
        return isinstance(owner, exp.Subquery | exp.Values)

    def _source(self, owner: exp.Expr) -> frozenset[str]:
        if id(owner) not in self._known:
            self._known[id(owner)] = frozenset(self._columns(owner))
        return self._known[id(owner)]

    def _columns(self, owner: exp.Expr) -> Iterator[str]:
        if isinstance(owner, exp.Table):
            cte = cte_of(owner)
            known = self.readable.known(owner.this) if isinstance(owner.this, exp.Identifier) else None
            if cte is not None:
                yield from (self._name(one) for one in cte.args["alias"].args.get("columns") or [])
                yield from self._source(cte)
            elif known is not None:
                yield from (one if self.is_exact else one.lower() for one in self.readable.columns[known])
        elif isinstance(owner, exp.Subquery | exp.CTE | exp.Lateral):
            yield from self._outputs(owner.this)

    def _outputs(self, query: exp.Expr) -> Iterator[str]:
        if isinstance(query, exp.Table):  # tables joined within brackets
            for table in query.find_all(exp.Table, exp.Subquery):
                yield from self._source(table)
        first = selects(unwrapped(query))[0]
        if not isinstance(first, exp.Select):
            return
        for one in first.expressions:
            if is_star(one):
                yield from self._all_of(first)
            elif isinstance(one, exp.Alias):
                yield self._name(one.args["alias"])
            elif isinstance(one, exp.Column) and isinstance(one.this, exp.Identifier):
                yield self._name(one.this)

    def _all_of(self, select: exp.Select) -> Iterator[str]:
        parts = (select.args.get("from_"), *select.args.get("joins", ()), *select.args.get("laterals", ()))
        for part in parts:
            for one in part.find_all(exp.Table, exp.Subquery, exp.TableAlias) if part is not None else ():
                if isinstance(one, exp.TableAlias):
                    yield from (
                        self._name(name) for name in (one.this, *(one.args.get("columns") or [])) if name
                    )
                else:
                    yield from self._source(one)

    def _name(self, name: exp.Expr) -> str:
        """As the engine compares it."""
        return name.name if self.is_exact and name.args.get("quoted") else name.name.lower()
