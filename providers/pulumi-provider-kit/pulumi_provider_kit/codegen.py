"""Writes a provider's typed Python classes from its table.

    python -m pulumi_provider_kit.codegen pulumi_twilio [--check]

The package must have a module ``provider`` with ``TABLE``. The result, ``_generated.py``, is checked in, so
that editors, type checkers and readers see real classes; ``--check`` fails where it is not up to date.
"""

from __future__ import annotations

import importlib
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

from .table import ListOf, MapOf, ObjectType, Scalar, markdown, snake_case

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .table import FunctionTable, Property, PropertyType, ProviderTable, ResourceTable

__all__ = ["generate", "main"]

_SCALARS = {Scalar.STRING: "str", Scalar.BOOLEAN: "bool", Scalar.INTEGER: "int", Scalar.NUMBER: "float"}
_WIDTH = 108
_OPTIONS = "opts: pulumi.InvokeOptions | None = None"
_SECRETS = "pulumi.ResourceOptions(additional_secret_outputs={!r})"
_HEADER = '''\
"""The typed classes of the {display} provider.

Generated from the property tables by `python -m pulumi_provider_kit.codegen {package}`; change those.
"""

# ruff: noqa
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

import pulumi
import pulumi.runtime

'''


def generate(table: ProviderTable, package: str) -> str:
    """Return the module's text."""
    objects = list(_objects(table))
    names = [
        *(f"{o.name}Args" for o in objects),
        *(r.name for r in table.resources),
        *(f"{_upper(f.name)}Result" for f in table.functions),
        *(snake_case(f.name) for f in table.functions),
        *(f"{snake_case(f.name)}_output" for f in table.functions),
    ]
    parts = [
        _HEADER.format(display=table.display_name, package=package),
        "__all__ = [\n" + "".join(f'    "{n}",\n' for n in sorted(names)) + "]\n",
        *(_object(o) for o in objects),
        *(_resource(table, r) for r in table.resources),
        *(_function(table, f) for f in table.functions),
    ]
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


def _objects(table: ProviderTable) -> Iterator[ObjectType]:
    seen: set[str] = set()

    def walk(kind: PropertyType) -> Iterator[ObjectType]:
        if isinstance(kind, ListOf):
            yield from walk(kind.item)
        elif isinstance(kind, MapOf):
            yield from walk(kind.value)
        elif isinstance(kind, ObjectType) and kind.name not in seen:
            seen.add(kind.name)
            for prop in kind.properties:
                yield from walk(prop.type)
            yield kind

    for resource in table.resources:
        for prop in resource.properties:
            yield from walk(prop.type)
    for function in table.functions:
        for prop in (*function.inputs, *function.outputs):
            yield from walk(prop.type)


def _object(kind: ObjectType) -> str:
    """Write a nested object as a TypedDict with the schema's names: what a program writes is what is sent."""
    lines = [f"class {kind.name}Args(TypedDict, total=False):", _doc(markdown(kind.doc), 1)]
    for prop in kind.properties:
        lines += [f"    {prop.name}: {_input(prop.type)}", _doc(_sentence(prop), 1)]
    return "\n".join(lines)


def _resource(table: ProviderTable, resource: ResourceTable) -> str:
    arguments = sorted(resource.arguments, key=lambda p: not p.required)
    args_doc = "\n".join(f"    {snake_case(p.name)}: {_sentence(p)}" for p in arguments)
    doc = (
        f"{markdown(resource.doc)}\n\nArgs:\n    resource_name: the resource's logical name.\n{args_doc}\n"
        "    opts: the engine's options."
    )
    lines = [
        f"class {resource.name}(pulumi.CustomResource):",
        _doc(doc, 1),
        "",
        "    def __init__(",
        "        self,",
        "        resource_name: str,",
        "        *,",
    ]
    for prop in arguments:
        kind = f"pulumi.Input[{_input(prop.type)}]"
        lines.append(
            f"        {snake_case(prop.name)}: {kind},"
            if prop.required
            else f"        {snake_case(prop.name)}: {kind} | None = None,"
        )
    lines += [
        "        opts: pulumi.ResourceOptions | None = None,",
        "    ) -> None:",
    ]
    secrets = [p.name for p in resource.outputs if p.secret]
    lines += [
        "        super().__init__(",
        f'            "{table.token(resource.name)}",',
        "            resource_name,",
        "            {",
        *(f'                "{p.name}": {_argument(p)},' for p in resource.arguments),
        *(f'                "{p.name}": None,' for p in resource.outputs),
        "            },",
        f"            pulumi.ResourceOptions.merge({_SECRETS.format(secrets)}, opts),"
        if secrets
        else "            opts,",
        "        )",
    ]
    for prop in resource.state:
        always = prop.required or prop.computed or prop in resource.outputs
        kind = _output(prop.type) if always else f"{_output(prop.type)} | None"
        lines += [
            "",
            "    @property",
            f'    @pulumi.getter(name="{prop.name}")',
            f"    def {snake_case(prop.name)}(self) -> pulumi.Output[{kind}]:",
            _doc(_sentence(prop), 2),
            f'        value: pulumi.Output[{kind}] = pulumi.get(self, "{prop.name}")',
            "        return value",
        ]
    return "\n".join(lines)


def _argument(prop: Property) -> str:
    name = snake_case(prop.name)
    if prop.secret and prop.required:
        return f"pulumi.Output.secret({name})"
    if prop.secret:
        return f"None if {name} is None else pulumi.Output.secret({name})"
    return name


def _function(table: ProviderTable, function: FunctionTable) -> str:
    name, result = snake_case(function.name), f"{_upper(function.name)}Result"
    plain = "".join(_parameter(p, wrapped=False) for p in function.inputs)
    wrapped = "".join(_parameter(p, wrapped=True) for p in function.inputs)
    payload = "{" + ", ".join(f'"{p.name}": {snake_case(p.name)}' for p in function.inputs) + "}"
    lines = [f"class {result}:", _doc(f"What :func:`{name}` returns.", 1), ""]
    lines += ["    def __init__(self, result: Mapping[str, Any]) -> None:"]
    for prop in function.outputs:
        lines += [
            f'        self.{snake_case(prop.name)}: {_output(prop.type)} = result["{prop.name}"]',
            _doc(_sentence(prop), 2),
        ]
    args_doc = "".join(f"\n    {snake_case(p.name)}: {_sentence(p)}" for p in function.inputs)
    args_doc = f"\n\nArgs:{args_doc}" if args_doc else ""
    token = table.token(function.name)
    return "\n".join(
        [
            *lines,
            "",
            "",
            f"def {name}(*{plain}, {_OPTIONS}) -> {result}:",
            _doc(markdown(function.doc) + args_doc, 1),
            f'    answer = pulumi.runtime.invoke("{token}", {payload}, opts)',
            f"    return {result}(answer.value or {{}})",
            "",
            "",
            f"def {name}_output(*{wrapped}, {_OPTIONS}) -> pulumi.Output[{result}]:",
            _doc(f"The same as :func:`{name}`, for arguments that are outputs.", 1),
            f'    answer = pulumi.runtime.invoke_output("{token}", {payload}, opts)',
            f"    return answer.apply({result})",
        ]
    )


def _parameter(prop: Property, *, wrapped: bool) -> str:
    kind = _input(prop.type)
    kind = f"pulumi.Input[{kind}]" if wrapped else kind
    return f", {snake_case(prop.name)}: {kind}" + ("" if prop.required else " | None = None")


def _input(kind: PropertyType) -> str:
    if isinstance(kind, Scalar):
        return _SCALARS[kind]
    if isinstance(kind, ListOf):
        return f"Sequence[pulumi.Input[{_input(kind.item)}]]"
    if isinstance(kind, MapOf):
        return f"Mapping[str, pulumi.Input[{_input(kind.value)}]]"
    return f"{kind.name}Args"


def _output(kind: PropertyType) -> str:
    if isinstance(kind, Scalar):
        return _SCALARS[kind]
    if isinstance(kind, ListOf):
        return f"Sequence[{_output(kind.item)}]"
    if isinstance(kind, MapOf):
        return f"Mapping[str, {_output(kind.value)}]"
    # The SDK checks outputs against classes of its own; a mapping it hands on as it is.
    return "Mapping[str, Any]"


def _sentence(prop: Property) -> str:
    text = markdown(prop.doc)
    if prop.allowed:
        text += f" One of {', '.join(f'`{v}`' for v in prop.allowed)}."
    if prop.source:
        text += f" ({prop.source})"
    return text


def _doc(text: str, level: int) -> str:
    indent = "    " * level
    wrapped: list[str] = []
    for line in text.splitlines():
        lead = " " * (len(line) - len(line.lstrip()))
        hanging = lead + "    " if lead else lead
        wrapped += textwrap.wrap(
            line, _WIDTH - len(indent), initial_indent="", subsequent_indent=hanging, break_long_words=False
        ) or [""]
    body = "\n".join(f"{indent}{line}".rstrip() for line in wrapped)
    quoted = body.lstrip().replace("\\", "\\\\").replace('"""', "'''")
    return f'{indent}"""{quoted}\n{indent}"""' if "\n" in quoted else f'{indent}"""{quoted}"""'


def _upper(name: str) -> str:
    return name[0].upper() + name[1:]


def main(arguments: Iterable[str] | None = None) -> int:
    """Write or check a package's classes; returns the process's exit code."""
    package, *options = list(sys.argv[1:] if arguments is None else arguments)
    module = importlib.import_module(f"{package}.provider")
    target = Path(str(module.__file__)).with_name("_generated.py")
    text = generate(module.TABLE, package)
    current = target.read_text(encoding="utf-8") if target.exists() else ""
    if "--check" in options:
        if current != text:
            sys.stderr.write(f"{package}: {target.name} is out of date: run make generate\n")
            return 1
        return 0
    if current != text:
        target.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
