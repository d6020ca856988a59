"""A query that passed the check, written anew for the engine: one column of text, `customer_key`."""

from __future__ import annotations

from sqlglot import exp
from sqlglot.errors import ErrorLevel

from campaigns.customers.dialects import DIALECTS
from campaigns.segments.queries.names import Readable, cte_of, selects, unwrapped

KEY = "customer_key"


def written(tree: exp.Expr, engine: str, readable: Readable) -> str:
    """The tree, which is changed. Each table is named exactly, and stands without its hidden columns."""
    # All are looked up before any is renamed.
    meant = [(node, cte_of(node)) for node in list(tree.find_all(exp.Table))]
    for node, cte in meant:
        if cte is not None:
            _rename(node, cte.args["alias"].this.copy())
        elif (known := readable.known(node.this)) is not None and readable.hidden[known]:
            _without_hidden(node, known, readable)
        elif known is not None:
            _rename(node, exp.to_identifier(known, quoted=True))
    keyed = _keyed(unwrapped(tree), engine)
    return keyed.sql(DIALECTS[engine], comments=False, unsupported_level=ErrorLevel.IGNORE)


def _without_hidden(node: exp.Table, name: str, readable: Readable) -> None:
    table = exp.Table(this=exp.to_identifier(name, quoted=True))
    shown = exp.select(*(exp.column(one, quoted=True) for one in readable.shown(name))).from_(table)
    alias = node.args.get("alias") or exp.TableAlias(this=node.this.copy())
    node.replace(exp.Subquery(this=shown, alias=alias, joins=node.args.get("joins")))


def _rename(node: exp.Table, name: exp.Identifier) -> None:
    """Another name for what is still called as it was written."""
    if not node.args.get("alias"):
        node.set("alias", exp.TableAlias(this=node.this.copy()))
    elif not node.args["alias"].this:
        node.args["alias"].set("this", node.this.copy())
    node.set("this", name)


def _keyed(query: exp.Expr, engine: str) -> exp.Select:
    """The query's only column as text, called `customer_key`."""
    first = selects(query)[0]
    (column,) = first.expressions
    name = column.args.get("alias") if isinstance(column, exp.Alias) else column.this
    if not isinstance(column, exp.Alias | exp.Column) or not isinstance(name, exp.Identifier):
        name = exp.to_identifier(KEY)
        first.set("expressions", [exp.alias_(column.unalias().copy(), KEY)])
    # The longest text of Oracle that can be compared.
    text = "VARCHAR2(4000)" if engine == "oracle" else "TEXT"
    key = exp.cast(exp.column(name.copy(), table="found"), text, dialect=DIALECTS[engine])
    return exp.select(exp.alias_(key, KEY, quoted=True)).from_(
        exp.Subquery(this=query, alias=exp.TableAlias(this=exp.to_identifier("found")))
    )
