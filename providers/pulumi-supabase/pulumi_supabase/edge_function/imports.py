"""The modules that a JavaScript or TypeScript source imports, with the line of each.

Comments, strings, templates and regular expressions are distinguished, so that a word in a comment imports
nothing. ``import(...)`` with anything but a literal cannot be resolved and is ignored.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["Import", "imports_of"]

_TOKEN = re.compile(
    r"""
      (?P<space>\s+)
    | (?P<comment>//[^\n]*|/\*.*?\*/)
    | (?P<string>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')
    | (?P<word>[A-Za-z_$][\w$]*)
    | (?P<number>\d[\w.]*)
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_REGEX = re.compile(r"/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\[\n])+/[A-Za-z]*")
# After these a slash begins a regular expression, after anything else it divides.
_BEFORE_REGEX = frozenset("(,=:[!&|?{};+-*%~^<>")
_WORDS_BEFORE_REGEX = frozenset(
    {"return", "typeof", "case", "in", "of", "do", "else", "void", "delete", "await"}
)


@dataclass(frozen=True)
class Import:
    """A module specifier as written, and its line, counted from 1."""

    specifier: str
    line: int


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    line: int


def imports_of(source: str) -> list[Import]:
    """Return the modules that a source imports or re-exports, in the order of their appearance."""
    tokens = list(_tokens(source))
    found: list[Import] = []
    for index, token in enumerate(tokens):
        if token.kind != "word" or (index > 0 and tokens[index - 1].text == "."):
            continue
        if token.text == "import":
            named = _imported(tokens, index + 1)
        elif token.text == "export":
            named = _re_exported(tokens, index + 1)
        else:
            continue
        if named is not None:
            found.append(Import(_unquoted(named.text), named.line))
    return found


def _imported(tokens: Sequence[_Token], start: int) -> _Token | None:
    first = _at(tokens, start)
    if first.kind == "string":
        return first
    if first.text == "(":
        literal, after = _at(tokens, start + 1), _at(tokens, start + 2)
        return literal if literal.kind == "string" and after.text in {")", ","} else None
    return _after_from(tokens, start)


def _re_exported(tokens: Sequence[_Token], start: int) -> _Token | None:
    first = _at(tokens, start)
    if first.text == "type":
        start, first = start + 1, _at(tokens, start + 1)
    return _after_from(tokens, start) if first.text in {"*", "{"} else None


def _after_from(tokens: Sequence[_Token], start: int) -> _Token | None:
    """Return the string after ``from`` if only an import's clause comes before it."""
    for index in range(start, len(tokens)):
        token, following = tokens[index], _at(tokens, index + 1)
        if token.text == "from" and following.kind == "string":
            return following
        if token.kind not in {"word", "string"} and token.text not in {"{", "}", ",", "*"}:
            return None
    return None


def _at(tokens: Sequence[_Token], index: int) -> _Token:
    return tokens[index] if index < len(tokens) else _Token("end", "", 0)


def _tokens(source: str) -> Iterator[_Token]:
    position, line = 0, 1
    before = _Token("end", "", 0)
    braces: list[bool] = []  # for each open brace, whether it is in a template
    while position < len(source):
        character = source[position]
        end = position
        if character == "`" or (character == "}" and braces and braces[-1]):
            if character == "}":
                braces.pop()
            end, open_brace = _template(source, position + 1)
            token = _Token("template", "`", line)
            if open_brace:
                braces.append(True)
        elif character == "/" and _begins_regex(before) and (match := _regex(source, position)):
            end, token = match, _Token("regex", "", line)
        else:
            found = _TOKEN.match(source, position)
            if found is None:  # the pattern takes any character
                return
            end, token = found.end(), _Token(found.lastgroup or "", found.group(), line)
            if token.text == "{":
                braces.append(False)
            elif token.text == "}" and braces:
                braces.pop()
        line += source.count("\n", position, end)
        position = end
        if token.kind not in {"space", "comment"}:
            before = token
            yield token


def _template(source: str, position: int) -> tuple[int, bool]:
    """Return where a template's text ends, and whether with ``${``."""
    while position < len(source):
        if source[position] == "\\":
            position += 2
        elif source[position] == "`":
            return position + 1, False
        elif source.startswith("${", position):
            return position + 2, True
        else:
            position += 1
    return len(source), False


def _regex(source: str, position: int) -> int | None:
    if source.startswith(("//", "/*"), position):
        return None
    match = _REGEX.match(source, position)
    return match.end() if match else None


def _begins_regex(before: _Token) -> bool:
    if before.kind == "word":
        return before.text in _WORDS_BEFORE_REGEX
    return before.kind == "end" or (before.kind == "other" and before.text in _BEFORE_REGEX)


def _unquoted(literal: str) -> str:
    return re.sub(r"\\(.)", r"\1", literal[1:-1])
