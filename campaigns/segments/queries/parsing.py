"""One statement, parsed by sqlglot, and what is told where that cannot be."""

from __future__ import annotations

import re
from dataclasses import dataclass

import sqlglot
from sqlglot import TokenType, exp
from sqlglot.errors import ErrorLevel, ParseError, TokenError

from campaigns.customers.dialects import DIALECTS, STUMBLES
from campaigns.segments.rules import LONGEST_QUERY

DEEPEST = 20
TOO_DEEP = f"The query is nested too deep. {DEEPEST} brackets within each other are the most."
ONE = "A query is one SELECT that yields the customer key."
_OPENING = (TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.L_BRACE)
_CLOSING = (TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.R_BRACE)


@dataclass(frozen=True)
class QueryProblem:
    """What is wrong in a query: one sentence, and the line that it is about (0: the whole)."""

    text: str
    line: int = 0

    @property
    def message(self) -> str:
        return f"Line {self.line}: {self.text}" if self.line else self.text


class QueryRefused(Exception):
    """A query that is not to run; `problems` is never empty."""

    def __init__(self, *problems: QueryProblem) -> None:
        super().__init__(" ".join(problem.message for problem in problems))
        self.problems = problems


def parse_one(sql: str, engine: str, longest: int = LONGEST_QUERY, deepest: int = DEEPEST) -> exp.Expr:
    """The only statement. Raises QueryRefused where it cannot be read, or there are several; `longest` 0: any."""
    if engine not in DIALECTS:
        raise QueryRefused(
            QueryProblem(f"Queries for {engine} cannot be checked. Build this segment with rules instead.")
        )
    if 0 < longest < len(sql):
        raise QueryRefused(QueryProblem(f"A query has {longest:,} characters at most. Shorten it."))
    try:
        _check_depth(sql, DIALECTS[engine], deepest)
        found = sqlglot.parse(sql, dialect=DIALECTS[engine], error_level=ErrorLevel.IMMEDIATE)
    except ParseError as error:
        raise QueryRefused(_unreadable(error)) from None
    except TokenError:
        raise QueryRefused(
            QueryProblem("The query ends within a quotation or a comment. Close it.")
        ) from None
    except RecursionError:
        raise QueryRefused(QueryProblem(TOO_DEEP)) from None
    except STUMBLES:
        raise QueryRefused(QueryProblem("The query cannot be read. Write it another way.")) from None
    statements = [one for one in found if one is not None and not isinstance(one, exp.Semicolon)]
    if not statements:
        raise QueryRefused(QueryProblem("Enter a query: SELECT and the customer key."))
    if len(statements) > 1:
        raise QueryRefused(QueryProblem(f"{ONE} Here are {len(statements)}: remove all but one."))
    return statements[0]


def _check_depth(sql: str, dialect: str, deepest: int) -> None:
    """Brackets are counted before anything is parsed: a parser goes down with each."""
    depth = 0
    for token in sqlglot.tokenize(sql, dialect=dialect):
        depth += token.token_type in _OPENING
        depth -= token.token_type in _CLOSING
        if depth > deepest:
            raise QueryRefused(QueryProblem(TOO_DEEP, token.line))


def _unreadable(error: ParseError) -> QueryProblem:
    first = error.errors[0] if error.errors else {}
    near = str(first.get("highlight") or "")[:40]
    what = f"The query cannot be read near “{near}”." if near else "The query cannot be read."
    return QueryProblem(f"{what} Correct it there.", int(first.get("line") or 0))


def line_of(word: str, sql: str) -> int:
    """The first line with this word; 0 where there is none."""
    found = re.search(rf"(?<!\w){re.escape(word)}(?!\w)", sql, re.IGNORECASE) if word else None
    return sql.count("\n", 0, found.start()) + 1 if found else 0
