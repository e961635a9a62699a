"""The `filter` of a postgres_changes subscription: parsed, checked against the table, turned into SQL.

Supabase docs: guides/realtime/postgres-changes#available-filters; errors in the words of supabase/realtime.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from psycopg import sql

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_COMPARISONS = {"eq": "=", "neq": "<>", "lt": "<", "lte": "<=", "gt": ">", "gte": ">="}
_PATTERNS = {"like": "~~", "ilike": "~~*", "match": "~", "imatch": "~*"}
OPERATORS = (*_COMPARISONS, *_PATTERNS, "in", "is", "isdistinct")
_MOST_VALUES = 100
_IS_VALUES = ("null", "true", "false", "unknown")
_TEXT_TYPES = ("text", "character varying", "character", "citext", "name")


class FilterError(Exception):
    """A filter that cannot be parsed or does not fit the table; the message goes to the client."""


@dataclass(frozen=True)
class Filter:
    """One condition."""

    column: str
    operator: str
    value: str
    negated: bool

    def shown(self) -> str:
        """As the server names it in messages."""
        return (
            "{"
            + ", ".join([*(json.dumps(x) for x in (self.column, self.operator, self.value))])
            + f", {str(self.negated).lower()}}}"
        )


def parse(text: object) -> list[Filter]:
    """The conditions of a filter, which must all hold.

    Raises:
        FilterError: It is not a filter.
    """
    if text in (None, ""):
        return []
    parts = [part.strip() for part in _split(str(text))]
    if "" in parts:
        msg = "filter must not contain empty segments (check for extra commas)"
        raise FilterError(msg)
    return [_parse_one(part) for part in parts]


def check(filters: list[Filter], types: Mapping[str, str]) -> None:
    """Hold filters against the columns of a table (name to type).

    Raises:
        FilterError: With the text of the database's own check.
    """
    for entry in filters:
        kind = types.get(entry.column)
        if kind is None:
            raise FilterError(_raised(f"invalid column for filter {entry.column}"))
        if entry.operator in _PATTERNS and kind.partition("(")[0] not in _TEXT_TYPES:
            raise FilterError(
                _raised(f"operator {entry.operator} requires a text-compatible column type, got {kind}")
            )
        if entry.operator == "is" and entry.value.lower() not in _IS_VALUES:
            raise FilterError(_raised("invalid value for is filter: must be null, true, false, or unknown"))
        if entry.operator == "in" and len(values_of(entry)) > _MOST_VALUES:
            raise FilterError(_raised(f"too many values for `in` filter. Maximum {_MOST_VALUES}"))


def check_selected(columns: Sequence[str], types: Mapping[str, str]) -> None:
    """Hold the columns of a `select` against a table.

    Raises:
        FilterError: One is not in it.
    """
    for name in columns:
        if name not in types:
            raise FilterError(_raised(f"invalid column for select {name}"))


def casts(filters: list[Filter], types: Mapping[str, str]) -> list[sql.Composable]:
    """Expressions that fail where a value does not fit its column."""
    return [
        _cast(value, types[entry.column])
        for entry in filters
        if entry.operator in (*_COMPARISONS, "in", "isdistinct")
        for value in (values_of(entry) if entry.operator == "in" else [entry.value])
    ]


def condition(filters: list[Filter], row: Mapping[str, str | None], types: Mapping[str, str]) -> sql.Composable:
    """The filters over one row, as SQL; a column that the row does not carry makes them false."""
    parts: list[sql.Composable] = []
    for entry in filters:
        if entry.column not in row:
            return sql.SQL("false")
        kind = types[entry.column]
        value = _cast(row[entry.column], kind)
        parts.append(_negated(entry, _compare(entry, value, kind)))
    return sql.SQL(" and ").join(parts) if parts else sql.SQL("true")


def values_of(entry: Filter) -> list[str]:
    """The values of an `in` condition."""
    return [_unquoted(part.strip()) for part in _split(entry.value[1:-1])]


def _negated(entry: Filter, expression: sql.Composable) -> sql.Composable:
    return sql.SQL("(not coalesce({}, false))" if entry.negated else "coalesce({}, false)").format(expression)


def _compare(entry: Filter, value: sql.Composable, kind: str) -> sql.Composable:
    if entry.operator == "is":
        return sql.SQL("({} is {})").format(value, sql.SQL(entry.value.lower()))
    if entry.operator == "in":
        wanted = sql.SQL(", ").join(_cast(part, kind) for part in values_of(entry))
        return sql.SQL("({} = any (array[{}]))").format(value, wanted)
    if entry.operator == "isdistinct":
        return sql.SQL("({} is distinct from {})").format(value, _cast(entry.value, kind))
    if entry.operator in _PATTERNS:
        operator = _PATTERNS[entry.operator]
        return sql.SQL("({}::text {} {}::text)").format(value, sql.SQL(operator), sql.Literal(entry.value))
    return sql.SQL("({} {} {})").format(value, sql.SQL(_COMPARISONS[entry.operator]), _cast(entry.value, kind))


def _cast(value: str | None, kind: str) -> sql.Composable:
    return sql.SQL("{}::{}").format(sql.Literal(value), sql.SQL(kind))


def _parse_one(part: str) -> Filter:
    column, equals, rest = part.partition("=")
    if not equals:
        raise FilterError(f"Error parsing `filter` params: {json.dumps([part])}")
    words = rest.split(".")
    negated = words[0] == "not"
    operator, value = (words[1:2] or [""])[0] if negated else words[0], ""
    value = ".".join(words[2 if negated else 1 :])
    if operator not in OPERATORS or len(words) < (3 if negated else 2):
        raise FilterError(f"Error parsing `filter` params: {json.dumps([column, rest])}")
    if operator == "in":
        if not (value.startswith("(") and value.endswith(")")):
            msg = "`in` filter value must be wrapped by parentheses"
            raise FilterError(msg)
        return Filter(column, operator, value, negated)
    return Filter(column, operator, _unquoted(value), negated)


def _split(text: str) -> list[str]:
    """Split at commas outside parentheses and quotes."""
    parts, depth, quoted, start, position = [], 0, False, 0, 0
    while position < len(text):
        letter = text[position]
        if quoted and letter == "\\":
            position += 1
        elif letter == '"':
            quoted = not quoted
        elif not quoted and letter in "()":
            depth += 1 if letter == "(" else -1
        elif letter == "," and not quoted and depth == 0:
            parts.append(text[start:position])
            start = position + 1
        position += 1
    return [*parts, text[start:]]


def _unquoted(text: str) -> str:
    if len(text) < 2 or not (text.startswith('"') and text.endswith('"')):
        return text
    letters, escaped = [], False
    for letter in text[1:-1]:
        if letter == "\\" and not escaped:
            escaped = True
            continue
        letters.append(letter)
        escaped = False
    return "".join(letters)


def _raised(text: str) -> str:
    return f"ERROR P0001 (raise_exception) {text}"
