"""Whether a text is one SELECT that only reads the catalogue's tables and yields one column. Pure.

The text is taken apart by sqlglot, and every part of it has to be one of allowed.py. What runs is never the text but
what sqlglot writes of its parts anew, so that a database cannot understand it otherwise than this check did.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import cached_property

from sqlglot import exp

from campaigns.customers.catalogue import Catalogue
from campaigns.customers.dialects import STUMBLES
from campaigns.segments.queries.allowed import ALLOWED_BESIDE, FUNCTIONS, NAMED, PARTS, TYPES
from campaigns.segments.queries.columns import CALLS_BY_NAME, Columns
from campaigns.segments.queries.names import Readable, cte_of, is_star, selects, unwrapped
from campaigns.segments.queries.parsing import (
    DEEPEST,
    ONE,
    TOO_DEEP,
    QueryProblem,
    QueryRefused,
    line_of,
    parse_one,
)
from campaigns.segments.queries.rewriting import written

_NOT_ANEW = (
    "The query cannot be passed on to the customer database as it was understood. Write it another way."
)
MOST_PUT_IN = 20
# What a person would call the parts that are met most often among the refused.
_REFUSED = {
    "Lock": "A query locks nothing. Remove FOR UPDATE or FOR SHARE.",
    "Into": "A query writes nothing. Remove INTO.",
    "Insert": "A query writes nothing. Remove INSERT.",
    "Update": "A query writes nothing. Remove UPDATE.",
    "Delete": "A query writes nothing. Remove DELETE.",
    "Merge": "A query writes nothing. Remove MERGE.",
    "Parameter": "A query has no parameters or variables. Write the value itself.",
    "SessionParameter": "A query reads no settings. Remove what begins with @@.",
    "Placeholder": "A query has no parameters or variables. Write the value itself.",
    "TableSample": "A sample at random would find others every time. Remove TABLESAMPLE or SAMPLE.",
    "ObjectIdentifier": "A query looks nothing up in the database's own lists. Remove the cast to it.",
    "PseudoType": "A query looks nothing up in the database's own lists. Remove the cast to it.",
    "Dot": "A name with a schema before a function, or a dot behind one, is not allowed. Write the function alone.",
    "Hint": "A query has no hints to the database. Remove what stands in /*+ */.",
}


def check(
    sql: str, engine: str, catalogue: Catalogue, hidden: Collection[str] | None = None
) -> tuple[QueryProblem, ...]:
    """Everything that is wrong with the query. `engine`: as Ibis calls it.

    A catalogue without tables was never read: then the names of tables are not looked at. `hidden`: "table.column",
    those of the catalogue if left out.
    """
    try:
        _runnable(sql, engine, catalogue, hidden)
    except QueryRefused as refused:
        return refused.problems
    return ()


def runnable(sql: str, engine: str, catalogue: Catalogue, hidden: Collection[str] | None = None) -> str:
    """The query as it may run: one column of text, `customer_key`. Raises QueryRefused.

    Tables are named exactly as the catalogue spells them, and those with hidden columns stand without these.
    """
    if not catalogue.tables:
        raise QueryRefused(
            QueryProblem("Nothing is known of what the customer database holds. Read its catalogue.")
        )
    return _runnable(sql, engine, catalogue, hidden)


def _runnable(sql: str, engine: str, catalogue: Catalogue, hidden: Collection[str] | None) -> str:
    """What is written anew is taken apart once more: sqlglot may have written other parts than it had read."""
    text = _Check(parse_one(sql, engine), sql, engine, catalogue, hidden).runnable()
    try:
        again = parse_one(text, engine, longest=0, deepest=2 * DEEPEST)
        is_same = not any(_Check(again, text, engine, catalogue, hidden).problems())
    except (QueryRefused, RecursionError, *STUMBLES):
        is_same = False
    if not is_same:
        raise QueryRefused(QueryProblem(_NOT_ANEW))
    return text


class _Check:
    """One query, taken apart."""

    def __init__(
        self, tree: exp.Expr, sql: str, engine: str, catalogue: Catalogue, hidden: Collection[str] | None
    ) -> None:
        self.tree, self.sql, self.engine = tree, sql, engine
        self.readable = Readable.of(catalogue, hidden)
        self.tables = list(self.readable.columns)

    def runnable(self) -> str:
        """Raises QueryRefused."""
        try:
            if problems := dict.fromkeys(self.problems()):
                raise QueryRefused(*problems)
            return written(self.tree, self.engine, self.readable)
        except RecursionError:
            raise QueryRefused(QueryProblem(TOO_DEEP)) from None
        except STUMBLES:
            raise QueryRefused(QueryProblem(_NOT_ANEW)) from None

    def problems(self) -> Iterator[QueryProblem]:
        top = unwrapped(self.tree)
        if not isinstance(top, exp.Select | exp.SetOperation):
            yield QueryProblem(f"{ONE} {_statement(top, self.sql)} is none.")
            return
        yield from self._columns_problems(top)
        found = [problem for node in top.root().walk() for problem in self._part_problems(node)]
        yield from found or self._call_problems()

    def _call_problems(self) -> Iterator[QueryProblem]:
        """Names that are no columns, where the engine could call a function by them."""
        if not self.tables or self.engine not in CALLS_BY_NAME:
            return
        columns = Columns(self.tree, self.engine, self.readable)
        for node in self.tree.find_all(exp.Column):
            if not columns.has(node):
                name = ".".join(part.name for part in node.parts)
                text = f"There is no column {name} here. Write one of a table in FROM, or name it with AS."
                yield QueryProblem(text, self._line(node.name))

    def _columns_problems(self, top: exp.Expr) -> Iterator[QueryProblem]:
        for select in selects(top):
            if not isinstance(select, exp.Select):
                yield QueryProblem(f"{ONE} Write SELECT on both sides of UNION and its like.")
            elif any(is_star(one) for one in select.expressions):
                yield QueryProblem("The query yields the customer key alone. Write its column instead of *.")
            elif len(select.expressions) != 1:
                number = len(select.expressions)
                yield QueryProblem(
                    f"The query yields {number} columns. Keep the customer key and remove the others."
                )

    def _part_problems(self, node: exp.Expr) -> Iterator[QueryProblem]:
        name = type(node).__name__
        if isinstance(node, exp.Anonymous | exp.CombinedAggFunc | exp.AnonymousAggFunc):
            if node.name.lower() not in NAMED:
                yield self._function(node.name)
        elif isinstance(node, exp.Func):
            if name not in FUNCTIONS | PARTS:
                yield self._function(_function_name(node, self.sql))
            elif isinstance(node, exp.Replace | exp.RegexpReplace) and not _replaces_shortly(node):
                text = f"What is put in by {node.sql_names()[0].lower()} is a text of {MOST_PUT_IN} characters at most."
                yield QueryProblem(f"{text} Write it in quotation marks.", self._line(node.sql_names()[0]))
        elif name not in PARTS:
            text = _REFUSED.get(name) or f"{_words(name)} is not allowed in a query. Remove it."
            yield QueryProblem(text, self._line(_words(name).split()[0]))
        elif isinstance(node, exp.DataType) and node.this.name not in TYPES:
            yield QueryProblem(f"The type {node.sql().lower()} is not allowed in a query. Use another one.")
        elif isinstance(node, exp.Query):
            yield from self._query_problems(node)
        elif isinstance(node, exp.With):
            yield from self._with_problems(node)
        elif isinstance(node, exp.Table):
            yield from self._table_problems(node)
        elif isinstance(node, exp.Column):
            yield from self._column_problems(node)

    def _query_problems(self, node: exp.Query) -> Iterator[QueryProblem]:
        """What stands beside SELECT and is no part with a name of its own, such as SETTINGS."""
        for key, value in node.args.items():
            if value and key not in ALLOWED_BESIDE:
                word = key.strip("_").replace("_", " ").upper()
                yield QueryProblem(f"{word} is not allowed in a query. Remove it.", self._line(word))

    def _function(self, name: str) -> QueryProblem:
        return QueryProblem(
            f"The function {name.lower()} is not allowed in a query. Remove it, or use another one.",
            self._line(name),
        )

    def _line(self, word: str) -> int:
        return line_of(word, self.sql)

    # Names

    def _with_problems(self, node: exp.With) -> Iterator[QueryProblem]:
        if node.args.get("recursive"):
            yield QueryProblem(
                "WITH RECURSIVE can run for ever. Write the query without it.", self._line("recursive")
            )
        for cte in node.expressions:
            if not isinstance(cte.this, exp.Query | exp.Values):
                yield QueryProblem(
                    f"{cte.alias} in WITH is no query. Write SELECT there.", self._line(cte.alias)
                )
            if cte.alias.lower() in {name.lower() for name in self.tables}:
                yield QueryProblem(
                    f"{cte.alias} is a table of the customer database. Call the query in WITH something else.",
                    self._line(cte.alias),
                )

    def _table_problems(self, node: exp.Table) -> Iterator[QueryProblem]:
        if not isinstance(node.this, exp.Identifier):
            is_of_rows = isinstance(
                node.this, exp.Explode | exp.Posexplode | exp.Flatten | exp.Inline | exp.Unnest
            )
            if not is_of_rows and not any(self._part_problems(node.this)):  # else it is told already
                yield QueryProblem("FROM names a table of the customer database. Write its name.")
            return
        line = self._line(node.name)
        if node.args.get("db") or node.args.get("catalog"):
            yield QueryProblem(f"Write {node.name} without a schema or catalogue before it.", line)
        elif {key for key, value in node.args.items() if value} - {"this", "alias", "joins"}:
            yield QueryProblem(f"Nothing but another name may stand behind the table {node.name}.", line)
        elif self.tables and cte_of(node) is None and self.readable.known(node.this) is None:
            listed = ", ".join(list(self.tables)[:10])
            yield QueryProblem(
                f"There is no table {node.name} with the customer key. There is {listed}.", line
            )

    def _column_problems(self, node: exp.Column) -> Iterator[QueryProblem]:
        names = [part.name for part in node.parts if isinstance(part, exp.Identifier)]
        if node.name.lower() in ("nextval", "currval") and node.table:
            yield QueryProblem("A query counts no sequence on. Remove it.", self._line(node.name))
        for name in names:
            if name.lower() in self._hidden_here:
                yield QueryProblem(
                    f"The column {name} is hidden. Use another one, or ask an operator.", self._line(name)
                )

    @cached_property
    def _hidden_here(self) -> set[str]:
        tables = [one for one in self.tree.find_all(exp.Table) if isinstance(one.this, exp.Identifier)]
        used = {self.readable.known(one.this) for one in tables if cte_of(one) is None}
        return self.readable.only_hidden(name for name in used if name is not None)


def _replaces_shortly(node: exp.Expr) -> bool:
    """Not a long text for each character, which would fill the memory at once."""
    put = node.args.get("replacement")
    return put is None or (isinstance(put, exp.Literal) and len(put.name) <= MOST_PUT_IN)


def _function_name(node: exp.Func, sql: str) -> str:
    """As it was written, if it has several names."""
    names = type(node).sql_names()
    return next((name for name in names if line_of(name, sql)), names[0])


def _words(name: str) -> str:
    """TableSample as TABLE SAMPLE."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).upper()


def _statement(node: exp.Expr, sql: str) -> str:
    if isinstance(node, exp.Command):
        return str(node.this).upper()[:20]
    return _words(type(node).__name__)
