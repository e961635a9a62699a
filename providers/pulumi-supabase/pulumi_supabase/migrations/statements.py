"""Splits SQL into statements, as far as migrations need it: quotes, dollar quotes, comments, nesting.

It has three uses: the Supabase CLI's history stores single statements, a statement that would end the
migration's transaction is found before anything runs, and an error can name the line of its statement.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Statement", "squeezed", "statements_of", "transaction_control"]

_TOKEN = re.compile(
    r"""
      (?P<space>\s+)
    | (?P<comment>--[^\n]*)
    | (?P<escaped>[eE]'(?:\\.|''|[^'\\])*'?)
    | (?P<string>'(?:''|[^'])*'?)
    | (?P<quoted>"(?:""|[^"])*"?)
    | (?P<word>[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_DOLLAR = re.compile(r"\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$")
_ENDING = frozenset({"begin", "start", "commit", "end", "rollback", "abort", "prepare"})


@dataclass(frozen=True)
class Statement:
    """A statement without the semicolon, and the line of its first word, counted from 1."""

    text: str
    line: int


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    start: int
    end: int


def statements_of(sql: str) -> list[Statement]:
    """Return the statements of a text; comments between them are removed, those inside stay."""
    found: list[Statement] = []
    first: int | None = None
    last = parentheses = atomic = cases = 0
    before = ""
    for token in _tokens(sql):
        if token.kind in {"space", "comment"}:
            continue
        word = token.text.lower() if token.kind == "word" else ""
        if token.text == ";" and not parentheses and not atomic:
            if first is not None:
                found.append(Statement(sql[first:last], sql.count("\n", 0, first) + 1))
            first, before = None, ""
            continue
        first = token.start if first is None else first
        last = token.end
        parentheses = max(0, parentheses + (token.text == "(") - (token.text == ")"))
        # A function's body in standard SQL: begin atomic ...; ...; end
        if word == "atomic" and before == "begin":
            atomic += 1
        elif atomic and word == "case":
            cases += 1
        elif atomic and word == "end":
            atomic, cases = (atomic, cases - 1) if cases else (atomic - 1, cases)
        before = word
    if first is not None:
        found.append(Statement(sql[first:last], sql.count("\n", 0, first) + 1))
    return found


def transaction_control(sql: str) -> Statement | None:
    """Return the first statement that begins or ends a transaction, or None."""
    for statement in statements_of(sql):
        words = statement.text.lower().split(maxsplit=2)
        if words[0] not in _ENDING:
            continue
        if words[0] == "prepare" and (len(words) < 2 or words[1] != "transaction"):
            continue
        if words[0] == "rollback" and len(words) > 1 and words[1] == "to":
            continue
        return statement
    return None


def squeezed(sql: str) -> str:
    """Return the text without comments, white space and semicolons."""
    return "".join(t.text for t in _tokens(sql) if t.kind not in {"space", "comment"} and t.text != ";")


def _tokens(sql: str) -> Iterator[_Token]:
    position = 0
    while position < len(sql):
        kind, end = _next(sql, position)
        yield _Token(kind, sql[position:end], position, end)
        position = end


def _next(sql: str, position: int) -> tuple[str, int]:
    if sql.startswith("/*", position):
        return "comment", _block_comment(sql, position)
    if sql[position] == "$" and (tag := _DOLLAR.match(sql, position)):
        end = sql.find(tag.group(), tag.end())
        return "string", len(sql) if end < 0 else end + len(tag.group())
    match = _TOKEN.match(sql, position)
    if match is None:  # the pattern takes any character
        return "other", position + 1
    return match.lastgroup or "other", match.end()


def _block_comment(sql: str, position: int) -> int:
    """Return where a comment ends; Postgres nests them."""
    depth = 0
    for mark in re.finditer(r"/\*|\*/", sql[position:]):
        depth += 1 if mark.group() == "/*" else -1
        if depth == 0:
            return position + mark.end()
    return len(sql)
