"""Changing keys of a settings file while every other character of it stays.

The YAML parser says where a key's value begins and ends; only that stretch is replaced. The result is parsed
again and must differ in nothing but what was asked for.
"""

from __future__ import annotations

from typing import Any

import yaml  # type: ignore[import-untyped]

from voicehooks.errors import CommandError

__all__ = ["set_key", "set_number"]

_NUMBERS = "voicehooks:numbers"


def set_key(text: str, key: str, value: Any) -> str:
    """Return the file with one key of `config:` set to a plain value.

    Raises:
        CommandError: the file cannot be edited safely.
    """
    config = _config(text)
    expected = yaml.safe_load(text)
    expected["config"][key] = value
    found = _entry(config, key)
    if found is not None:
        text = _replace(text, found[1], _flow(value))
    else:
        indent = " " * config.value[0][0].start_mark.column
        text = _insert(text, _end(config.value[-1][1]), f"{indent}{key}: {_flow(value)}\n")
    return _checked(text, expected, f"{key}: {_flow(value)}")


def set_number(text: str, number: str, settings: dict[str, Any], comment: str = "") -> str:
    """Return the file with one number's line; a new number comes last.

    Args:
        text: the file.
        number: in E.164 format.
        settings: its keys.
        comment: for a new line.

    Raises:
        CommandError: the file cannot be edited safely.
    """
    expected = yaml.safe_load(text)
    expected["config"].setdefault(_NUMBERS, {})
    expected["config"][_NUMBERS] = {**(expected["config"][_NUMBERS] or {}), number: settings}
    line = f'"{number}": {_flow(settings)}'
    config = _config(text)
    numbers = _entry(config, _NUMBERS)
    remark = f"   # {comment}" if comment else ""
    if numbers is None:
        indent = " " * config.value[0][0].start_mark.column
        added = f"{indent}{_NUMBERS}:\n{indent}  {line}{remark}\n"
        text = _insert(text, _end(config.value[-1][1]), added)
    elif (found := _entry(numbers[1], number)) is not None:
        text = _replace(text, found[1], _flow(settings), after=found[0])
    elif isinstance(numbers[1], yaml.MappingNode) and numbers[1].value and not numbers[1].flow_style:
        indent = " " * numbers[1].value[0][0].start_mark.column
        text = _insert(text, _end(numbers[1].value[-1][1]), f"{indent}{line}{remark}\n")
    else:
        text = _from_flow(text, numbers, line + remark)
    return _checked(text, expected, line)


def _from_flow(text: str, numbers: tuple[yaml.Node, yaml.Node], line: str) -> str:
    """Write `{...}` as lines, the new one last."""
    key, value = numbers
    indent = "\n" + " " * (key.start_mark.column + 2)
    there = value.value if isinstance(value, yaml.MappingNode) else []
    lines = [
        f'"{k.value}": {text[v.start_mark.index : v.end_mark.index]}' if isinstance(k, yaml.ScalarNode) else ""
        for k, v in there
    ]
    block = "".join(indent + each for each in [*lines, line])
    return _replace(text, value, block.removeprefix(" "), after=key, tight=True)


def _config(text: str) -> yaml.MappingNode:
    try:
        document = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        raise CommandError(
            "the settings file cannot be read", str(error).splitlines()[0], "correct it"
        ) from None
    found = _entry(document, "config")
    if found is None or not isinstance(found[1], yaml.MappingNode) or not found[1].value or found[1].flow_style:
        raise CommandError(
            "the settings file cannot be edited",
            "it has no config: with lines below it",
            "add the keys by hand",
        )
    return found[1]


def _entry(node: yaml.Node | None, key: str) -> tuple[yaml.Node, yaml.Node] | None:
    if not isinstance(node, yaml.MappingNode):
        return None
    return next(((k, v) for k, v in node.value if k.value == key), None)


def _end(node: yaml.Node) -> int:
    """Return where a value really ends: a block's own mark lies behind the comments that follow it."""
    if isinstance(node, yaml.MappingNode) and not node.flow_style and node.value:
        return _end(node.value[-1][1])
    if isinstance(node, yaml.SequenceNode) and not node.flow_style and node.value:
        return _end(node.value[-1])
    return int(node.end_mark.index)


def _replace(
    text: str, node: yaml.Node, new: str, *, after: yaml.Node | None = None, tight: bool = False
) -> str:
    start, end = int(node.start_mark.index), _end(node)
    if after is not None:  # a block begins on a line of its own; its replacement stands behind the key
        start = text.index(":", int(after.end_mark.index)) + 1
        between = text[start : node.start_mark.index]
        new = ("" if tight else " ") + new
        if "#" in between:  # a remark behind the key stays
            new += "  " + between.strip()
    return text[:start] + new + text[end:]


def _insert(text: str, position: int, lines: str) -> str:
    """Insert whole lines behind the line of a position."""
    newline = text.find("\n", position)
    if newline < 0:
        return f"{text}\n{lines}"
    return text[: newline + 1] + lines + text[newline + 1 :]


def _flow(value: Any) -> str:
    text: str = yaml.safe_dump(
        value, default_flow_style=True, sort_keys=False, width=10_000, allow_unicode=True
    )
    return text.removesuffix("...\n").strip()


def _checked(text: str, expected: Any, line: str) -> str:
    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError:
        found = None
    if found != expected:
        raise CommandError(
            "the settings file cannot be edited safely",
            "its layout is one that this command does not know",
            f"write it by hand: {line}",
        )
    return text
