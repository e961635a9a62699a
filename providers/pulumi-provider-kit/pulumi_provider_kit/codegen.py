"""Writes a provider's typed Python classes from its table.

    python -m pulumi_provider_kit.codegen pulumi_twilio [--check]

The package must have a module ``provider`` with ``TABLE``. The result, ``_generated.py``, is checked in, so
that editors, type checkers and readers see real classes; ``--check`` fails where it is not up to date.
"""

from __future__ import annotations

import importlib
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from .codegen_text import (
    argument,
    docstring,
    input_type,
    output_type,
    sentence,
    setting,
    shape,
    shape_constant,
)
from .table import ListOf, MapOf, ObjectType, markdown, snake_case

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .table import FunctionTable, Property, PropertyType, ProviderTable, ResourceTable

__all__ = ["generate", "main"]

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
from pulumi_provider_kit.nested_names import ListOf, MapOf, Shape, schema_names

'''


def generate(table: ProviderTable, package: str) -> str:
    """Return the module's text."""
    of_resources = [p for r in table.resources for p in r.properties]
    of_functions = [p for f in table.functions for p in (*f.inputs, *f.outputs)]
    objects = list(_objects([*of_resources, *of_functions]))
    given = list(_objects(p for r in table.resources for p in r.arguments))
    names = [
        "Provider",
        *(f"{o.name}Args" for o in objects),
        *(r.name for r in table.resources),
        *(f"{_upper(f.name)}Result" for f in table.functions),
        *(snake_case(f.name) for f in table.functions),
        *(f"{snake_case(f.name)}_output" for f in table.functions),
    ]
    parts = [
        _HEADER.format(display=table.display_name, package=package),
        "__all__ = [\n" + "".join(f'    "{n}",\n' for n in sorted(names)) + "]\n",
        *(_given(o) if o in given else _returned(o) for o in objects),
        *(_names(o) for o in given),
        _provider(table),
        *(_resource(table, r) for r in table.resources),
        *(_function(table, f) for f in table.functions),
    ]
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


def _objects(properties: Iterable[Property]) -> Iterator[ObjectType]:
    """Yield each object type of the properties once, after the ones that it contains."""
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

    for prop in properties:
        yield from walk(prop.type)


def _returned(kind: ObjectType) -> str:
    """Write a nested object that only outputs contain, as a TypedDict with the schema's names."""
    lines = [f"class {kind.name}Args(TypedDict, total=False):", docstring(markdown(kind.doc), 1)]
    for prop in kind.properties:
        lines += [f"    {prop.name}: {input_type(prop.type)}", docstring(sentence(prop), 1)]
    return "\n".join(lines)


def _given(kind: ObjectType) -> str:
    """Write a nested object with Python's names, and with the schema's where they differ."""
    named = replace(kind, properties=tuple(replace(p, name=snake_case(p.name)) for p in kind.properties))
    same = [
        replace(p, doc=f"The same as `{snake_case(p.name)}`.", allowed=(), source="") for p in kind.properties
    ]
    differing = tuple(p for p in same if p.name != snake_case(p.name))
    return _returned(replace(named, properties=(*named.properties, *differing)))


def _names(kind: ObjectType) -> str:
    """Write the shape by which nested names are translated."""
    rows = [f'    "{snake_case(p.name)}": ("{p.name}", {shape(p.type)}),' for p in kind.properties]
    return "\n".join([f"{shape_constant(kind)}: Shape = {{", *rows, "}"])


def _provider(table: ProviderTable) -> str:
    """Write the class of an explicit provider: credentials that single resources use."""
    arguments = sorted(table.config, key=lambda p: not p.required)
    args_doc = "\n".join(f"    {snake_case(p.name)}: {sentence(p)}" for p in arguments)
    doc = (
        f"Settings of the {table.display_name} provider for the resources that name it in their options "
        f"(`pulumi.ResourceOptions(provider=...)`). A setting that is absent comes from its environment "
        f"variable, and not from `{table.name}:*` of the stack's configuration.\n\nArgs:\n"
        f"    resource_name: the provider's logical name.\n{args_doc}\n    opts: the engine's options."
    )
    return "\n".join(
        [
            "class Provider(pulumi.ProviderResource):",
            docstring(doc, 1),
            "",
            "    def __init__(",
            "        self,",
            "        resource_name: str,",
            "        *,",
            *(_keyword(p) for p in arguments),
            "        opts: pulumi.ResourceOptions | None = None,",
            "    ) -> None:",
            "        super().__init__(",
            f'            "{table.name}",',
            "            resource_name,",
            "            {",
            *(f'                "{p.name}": {setting(p)},' for p in table.config),
            "            },",
            "            opts,",
            "        )",
        ]
    )


def _resource(table: ProviderTable, resource: ResourceTable) -> str:
    arguments = sorted(resource.arguments, key=lambda p: not p.required)
    args_doc = "\n".join(f"    {snake_case(p.name)}: {sentence(p)}" for p in arguments)
    doc = (
        f"{markdown(resource.doc)}\n\nArgs:\n    resource_name: the resource's logical name.\n{args_doc}\n"
        "    opts: the engine's options."
    )
    lines = [
        f"class {resource.name}(pulumi.CustomResource):",
        docstring(doc, 1),
        "",
        "    def __init__(",
        "        self,",
        "        resource_name: str,",
        "        *,",
    ]
    lines += [
        *(_keyword(p) for p in arguments),
        "        opts: pulumi.ResourceOptions | None = None,",
        "    ) -> None:",
    ]
    secrets = [p.name for p in resource.outputs if p.secret]
    lines += [
        "        super().__init__(",
        f'            "{table.token(resource.name)}",',
        "            resource_name,",
        "            {",
        *(f'                "{p.name}": {argument(p)},' for p in resource.arguments),
        *(f'                "{p.name}": None,' for p in resource.outputs),
        "            },",
        f"            pulumi.ResourceOptions.merge({_SECRETS.format(secrets)}, opts),"
        if secrets
        else "            opts,",
        "        )",
    ]
    lines += [
        "",
        "    @staticmethod",
        "    def get(",
        "        resource_name: str,",
        "        id: pulumi.Input[str],",
        "        opts: pulumi.ResourceOptions | None = None,",
        f"    ) -> {resource.name}:",
        docstring(_get_doc(resource), 2),
        f"        resource = {resource.name}.__new__({resource.name})",
        "        pulumi.CustomResource.__init__(",
        "            resource,",
        f'            "{table.token(resource.name)}",',
        "            resource_name,",
        "            {",
        *(f'                "{p.name}": None,' for p in resource.state),
        "            },",
        "            pulumi.ResourceOptions.merge(pulumi.ResourceOptions(id=id), opts),",
        "        )",
        "        return resource",
    ]
    for prop in resource.state:
        always = prop.required or prop.computed or prop in resource.outputs
        kind = output_type(prop.type) if always else f"{output_type(prop.type)} | None"
        lines += [
            "",
            "    @property",
            f'    @pulumi.getter(name="{prop.name}")',
            f"    def {snake_case(prop.name)}(self) -> pulumi.Output[{kind}]:",
            docstring(sentence(prop), 2),
            f'        value: pulumi.Output[{kind}] = pulumi.get(self, "{prop.name}")',
            "        return value",
        ]
    return "\n".join(lines)


def _keyword(prop: Property) -> str:
    default = "" if prop.required else " | None = None"
    return f"        {snake_case(prop.name)}: pulumi.Input[{input_type(prop.type)}]{default},"


def _get_doc(resource: ResourceTable) -> str:
    known = f"{resource.import_id}." if resource.import_id else "its ID."
    return (
        "Read an existing object and manage nothing of it.\n\nArgs:\n    resource_name: the logical name.\n"
        f"    id: {known}\n    opts: the engine's options."
    )


def _function(table: ProviderTable, function: FunctionTable) -> str:
    name, result = snake_case(function.name), f"{_upper(function.name)}Result"
    plain = "".join(_parameter(p, wrapped=False) for p in function.inputs)
    wrapped = "".join(_parameter(p, wrapped=True) for p in function.inputs)
    payload = "{" + ", ".join(f'"{p.name}": {snake_case(p.name)}' for p in function.inputs) + "}"
    lines = [f"class {result}:", docstring(f"What :func:`{name}` returns.", 1), ""]
    lines += ["    def __init__(self, result: Mapping[str, Any]) -> None:"]
    for prop in function.outputs:
        lines += [
            f'        self.{snake_case(prop.name)}: {output_type(prop.type)} = result["{prop.name}"]',
            docstring(sentence(prop), 2),
        ]
    args_doc = "".join(f"\n    {snake_case(p.name)}: {sentence(p)}" for p in function.inputs)
    args_doc = f"\n\nArgs:{args_doc}" if args_doc else ""
    token = table.token(function.name)
    return "\n".join(
        [
            *lines,
            "",
            "",
            f"def {name}(*{plain}, {_OPTIONS}) -> {result}:",
            docstring(markdown(function.doc) + args_doc, 1),
            f'    answer = pulumi.runtime.invoke("{token}", {payload}, opts)',
            f"    return {result}(answer.value or {{}})",
            "",
            "",
            f"def {name}_output(*{wrapped}, {_OPTIONS}) -> pulumi.Output[{result}]:",
            docstring(f"The same as :func:`{name}`, for arguments that are outputs.", 1),
            f'    answer = pulumi.runtime.invoke_output("{token}", {payload}, opts)',
            f"    return answer.apply({result})",
        ]
    )


def _parameter(prop: Property, *, wrapped: bool) -> str:
    kind = input_type(prop.type)
    kind = f"pulumi.Input[{kind}]" if wrapped else kind
    return f", {snake_case(prop.name)}: {kind}" + ("" if prop.required else " | None = None")


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
