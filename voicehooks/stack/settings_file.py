"""`Pulumi.<stack>.yaml`: the one reader and writer.

A file is edited as text: the YAML parser says where a value begins and ends, and only that is replaced. The
result is parsed again and must differ in nothing but what was asked for. So comments, order, quotes and long
encrypted values stay as they are, as they do when `pulumi config set` writes the file. It is YAML 1.2, as for
Pulumi: the country `NO` is text.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from voicehooks.output.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["SettingsFile", "in_line", "is_secret"]

# What every YAML parser reads as text without quotes. Words such as no and on are booleans for some.
_PLAIN = re.compile(r"[A-Za-z](?:[A-Za-z0-9_./@-]*[A-Za-z0-9])?")
_NOT_TEXT = {"true", "false", "yes", "no", "on", "off", "null", "y", "n"}


def is_secret(value: Any) -> bool:
    """Whether a value is encrypted, or holds one that is."""
    if isinstance(value, dict):
        return "secure" in value or any(is_secret(inner) for inner in value.values())
    return isinstance(value, list) and any(is_secret(inner) for inner in value)


@dataclass(frozen=True)
class SettingsFile:
    """The text of a settings file; each change returns another one.

    Attributes:
        name: for messages, `Pulumi.dev.yaml`.
        text: the whole file.
    """

    name: str
    text: str

    @classmethod
    def read(cls, folder: Path, stack: str) -> SettingsFile:
        """Read a stack's file.

        Raises:
            CommandError: there is no such file, or it cannot be read.
        """
        path = folder / f"Pulumi.{stack}.yaml"
        try:
            file = cls(path.name, path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise CommandError(
                f"no environment {stack}",
                f"there is no {path}",
                f"give --stack with an environment that exists, or create it: voicehooks init {stack}",
            ) from None
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{path.name} cannot be read", " ".join(str(error).split())) from None
        file.document  # noqa: B018 - a file that is not YAML is refused here
        return file

    def write(self, folder: Path, *, replaces: SettingsFile) -> None:
        """Write the file in one step.

        Args:
            folder: the project's folder.
            replaces: what was read; if the file has another text by now, nothing is written.

        Raises:
            CommandError: the file changed in the meantime, or cannot be written.
        """
        path = folder / self.name
        try:
            if path.read_text(encoding="utf-8") != replaces.text:
                raise CommandError(
                    f"{self.name} was not written", "it changed in the meantime", "run the command again"
                )
            handle, temporary = tempfile.mkstemp(dir=folder, prefix=f".{self.name}.")
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(self.text)
            Path(temporary).chmod(path.stat().st_mode)
            Path(temporary).replace(path)
        except OSError as error:
            raise CommandError(
                f"{self.name} cannot be written",
                str(error),
                "nothing was changed; make the file writable and run the command again",
            ) from None

    @property
    def document(self) -> dict[str, Any]:
        """The whole content.

        Raises:
            CommandError: it is not YAML, or not a mapping.
        """
        try:
            content = YAML(typ="safe", pure=True).load(self.text) or {}
        except YAMLError as error:
            why = " ".join(str(getattr(error, "problem", None) or error).split())
            mark = getattr(error, "problem_mark", None)
            where = f", line {mark.line + 1}" if mark else ""
            raise CommandError(
                f"{self.name} cannot be read", f"it is not YAML{where}: {why}", "correct it"
            ) from None
        if not isinstance(content, dict):
            raise CommandError(f"{self.name} cannot be read", "it has no keys", "correct it")
        return content

    @property
    def config(self) -> dict[str, Any]:
        """The keys below `config:`; secrets are `{"secure": ...}`.

        Raises:
            CommandError: they cannot be read.
        """
        config = self.document.get("config") or {}
        if not isinstance(config, dict):
            raise CommandError(f"{self.name} cannot be read", "config: has no keys below it", "correct it")
        return config

    @property
    def plain_config(self) -> dict[str, Any]:
        """The same without what is secret: it can be read without the stack's passphrase."""
        return {key: value for key, value in self.config.items() if not is_secret(value)}

    def with_key(self, key: str, value: Any) -> SettingsFile:
        """Return the file with one key of `config:`; a new key comes last.

        Raises:
            CommandError: the file cannot be edited safely.
        """
        node = self._config_node()
        entry = _entry(node, key)
        if entry is not None:
            text = _replace(self.text, entry, _value(value, entry[0].start_mark.column))
        else:
            column = node.value[0][0].start_mark.column
            line = f"{' ' * column}{key}:{_value(value, column)}\n"
            text = _insert(self.text, _end(node.value[-1][1]), line)
        return self._checked(text, {**self.config, key: _as_written(value)}, f"{key}:{_value(value, 2)}")

    def without_key(self, key: str) -> SettingsFile:
        """Return the file without one key of `config:` and its value.

        Raises:
            CommandError: the file cannot be edited safely.
        """
        if key not in self.config:
            return self
        text = _remove_lines(self.text, _existing(self._config_node(), key))
        return self._checked(text, {k: v for k, v in self.config.items() if k != key}, f"remove {key}")

    def with_entry(self, key: str, name: str, value: Mapping[str, Any], comment: str = "") -> SettingsFile:
        """Return the file with one entry of a map, as one line; a new entry comes last.

        Args:
            key: of `config:`, for example `voicehooks:numbers`.
            name: the entry's, for example an E.164 number.
            value: what it says.
            comment: for a new line.

        Raises:
            CommandError: the file cannot be edited safely.
        """
        expected = {**self.config, key: {**(self.config.get(key) or {}), name: dict(value)}}
        line = f"{json.dumps(name)}: {in_line(value)}"
        new = line + (f"   # {comment}" if comment else "")
        node = self._config_node()
        entry = _entry(node, key)
        if entry is None:
            indent = " " * node.value[0][0].start_mark.column
            text = _insert(self.text, _end(node.value[-1][1]), f"{indent}{key}:\n{indent}  {new}\n")
        elif (inner := _entry(entry[1], name)) is not None:
            text = _replace(self.text, inner, f" {in_line(value)}")
        elif isinstance(entry[1], MappingNode) and entry[1].value and not entry[1].flow_style:
            indent = " " * entry[1].value[0][0].start_mark.column
            text = _insert(self.text, _end(entry[1].value[-1][1]), f"{indent}{new}\n")
        else:
            text = _replace(self.text, entry, _as_lines(self.text, entry, new))
        return self._checked(text, expected, line)

    def without_entry(self, key: str, name: str) -> SettingsFile:
        """Return the file without one entry of a map; the key goes with the last one.

        Raises:
            CommandError: the file cannot be edited safely.
        """
        entries = self.config.get(key) or {}
        if name not in entries:
            return self
        if len(entries) == 1:
            return self.without_key(key)
        entry = _existing(self._config_node(), key)
        expected = {**self.config, key: {k: v for k, v in entries.items() if k != name}}
        if isinstance(entry[1], MappingNode) and entry[1].flow_style:
            return self.with_key(key, expected[key])
        text = _remove_lines(self.text, _existing(entry[1], name))
        return self._checked(text, expected, f"remove {name} from {key}")

    def _config_node(self) -> MappingNode:
        self.document  # noqa: B018 - tells what is wrong with a file that is not YAML
        document = YAML().compose(self.text)
        entry = _entry(document, "config")
        if entry is None or not isinstance(entry[1], MappingNode) or not entry[1].value or entry[1].flow_style:
            raise CommandError(
                f"{self.name} cannot be edited",
                "it has no config: with lines below it",
                "add the keys yourself",
            )
        return entry[1]

    def _checked(self, text: str, config: Mapping[str, Any], line: str) -> SettingsFile:
        changed = SettingsFile(self.name, text)
        try:
            found: Any = changed.document
        except CommandError:
            found = None
        if found != {**self.document, "config": dict(config)}:
            raise CommandError(
                f"{self.name} cannot be edited safely",
                "its layout is one that this command does not know",
                f"write it yourself: {line}",
            )
        return changed


def _entry(node: Node | None, key: str) -> tuple[Node, Node] | None:
    if not isinstance(node, MappingNode):
        return None
    return next(((k, v) for k, v in node.value if k.value == key), None)


def _existing(node: Node, key: str) -> tuple[Node, Node]:
    entry = _entry(node, key)
    if entry is None:
        raise KeyError(key)
    return entry


def _end(node: Node) -> int:
    """Return where a value really ends: a block's own mark is after the comments that follow it."""
    if isinstance(node, MappingNode) and not node.flow_style and node.value:
        return _end(node.value[-1][1])
    if isinstance(node, SequenceNode) and not node.flow_style and node.value:
        return _end(node.value[-1])
    return int(node.end_mark.index)


def _replace(text: str, entry: tuple[Node, Node], new: str) -> str:
    """Put another value after an entry's colon; a comment after the key stays."""
    key, value = entry
    start = text.index(":", int(key.end_mark.index)) + 1
    if value.start_mark.index == value.end_mark.index:  # no value: the parser puts its mark at the next token
        return text[:start] + new + text[start:]
    between = text[start : value.start_mark.index]
    comment = f"  {between.strip()}" if "#" in between else ""
    return text[:start] + new + comment + text[_end(value) :]


def _insert(text: str, position: int, lines: str) -> str:
    """Insert whole lines after the line of a position."""
    newline = text.find("\n", position)
    if newline < 0:
        return f"{text}\n{lines}"
    return text[: newline + 1] + lines + text[newline + 1 :]


def _remove_lines(text: str, entry: tuple[Node, Node]) -> str:
    """Remove the lines of an entry, from its key to the end of its value's last line."""
    start = text.rfind("\n", 0, int(entry[0].start_mark.index)) + 1
    newline = text.find("\n", _end(entry[1]))
    return text[:start] + (text[newline + 1 :] if newline >= 0 else "")


def _as_lines(text: str, entry: tuple[Node, Node], new: str) -> str:
    """Return the entries of a `{...}`, each on its own line, and the new one last."""
    key, value = entry
    indent = "\n" + " " * (key.start_mark.column + 2)
    entries = value.value if isinstance(value, MappingNode) else []
    lines = [f"{json.dumps(k.value)}: {text[v.start_mark.index : v.end_mark.index]}" for k, v in entries]
    return "".join(indent + line for line in [*lines, new])


def _value(value: Any, column: int) -> str:
    """Return a key's value with what separates it from the colon; a secret as Pulumi writes it."""
    if isinstance(value, dict) and set(value) == {"secure"}:
        return f"\n{' ' * (column + 2)}secure: {value['secure']}"
    return f" {in_line(_as_written(value))}"


def _as_written(value: Any) -> Any:
    """Return a value as Pulumi has it in the file: a number or boolean of `config:` is text there."""
    return json.dumps(value) if isinstance(value, bool | int | float) else value


def in_line(value: Any) -> str:
    """Return a value on one line, with quotes where a YAML parser could take text for something else."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{in_line(k)}: {in_line(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(in_line(v) for v in value) + "]"
    if isinstance(value, str) and _PLAIN.fullmatch(value) and value.lower() not in _NOT_TEXT:
        return value
    return json.dumps(value, ensure_ascii=False)
