"""Table, schema, typed classes and reference page of a provider say the same."""

from __future__ import annotations

import importlib
import inspect
import json
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pulumi_supabase.provider
import pulumi_twilio.provider
import pytest
from pulumi_provider_kit import codegen, reference
from pulumi_provider_kit.check import check_inputs
from pulumi_provider_kit.diff import diff_inputs
from pulumi_provider_kit.schema import package_schema
from pulumi_provider_kit.table import (
    FunctionTable,
    ListOf,
    MapOf,
    ObjectType,
    Property,
    PropertyType,
    ProviderTable,
    ResourceTable,
    Scalar,
    snake_case,
)
from pulumi_provider_kit.values import wrap

from tests.support.engine import BIN, PULUMI
from tests.support.waiting import PATIENCE

ROOT = Path(__file__).parents[3]
TABLES: dict[str, ProviderTable] = {
    "pulumi_twilio": pulumi_twilio.provider.TABLE,
    "pulumi_supabase": pulumi_supabase.provider.TABLE,
}
RESOURCES = [
    pytest.param(package, resource, id=f"{package}.{resource.name}")
    for package, table in TABLES.items()
    for resource in table.resources
]
FUNCTIONS = [
    pytest.param(package, function, id=f"{package}.{function.name}")
    for package, table in TABLES.items()
    for function in table.functions
]


def classes(package: str) -> ModuleType:
    """Return the generated module."""
    return importlib.import_module(f"{package}._generated")


def page(package: str) -> str:
    """Return the reference page's file name."""
    return f"docs/{package.replace('_', '-')}.md"


def section(package: str, title: str) -> str:
    """Return the text of one section of the reference page."""
    sections = (ROOT / page(package)).read_text(encoding="utf-8").split("\n## ")
    return next(s for s in sections if s.partition("\n")[0] == title)


def type_of(table: ProviderTable, kind: PropertyType) -> dict[str, Any]:
    """Return how the schema has to describe a type."""
    if isinstance(kind, Scalar):
        return {"type": kind.value}
    if isinstance(kind, ListOf):
        return {"type": "array", "items": type_of(table, kind.item)}
    if isinstance(kind, MapOf):
        return {"type": "object", "additionalProperties": type_of(table, kind.value)}
    return {"$ref": f"#/types/{table.token(kind.name)}"}


def assert_described(
    table: ProviderTable, described: dict[str, Any], properties: tuple[Property, ...], *, given: bool = False
) -> None:
    """Assert that the schema has just these properties, each with its type and its flags."""
    assert list(described) == [p.name for p in properties]
    for prop in properties:
        entry = described[prop.name]
        kind = type_of(table, prop.type)
        if given and prop.allowed:
            enum = table.token(prop.name[0].upper() + prop.name[1:])
            kind = {"oneOf": [kind, {**kind, "$ref": f"#/types/{enum}"}]}
            values = package_schema(table)["types"][enum]["enum"]
            assert [value["value"] for value in values] == list(prop.allowed)
        assert {key: entry.get(key) for key in kind} == kind, prop.name
        assert bool(entry.get("secret")) is prop.secret, prop.name
        assert bool(entry.get("replaceOnChanges")) is prop.replaces, prop.name
        assert entry["description"] == prop.doc.replace("``", "`")


def objects_of(properties: tuple[Property, ...]) -> Iterator[ObjectType]:
    """Yield the nested objects of properties, theirs too."""
    for prop in properties:
        kind = prop.type
        while isinstance(kind, ListOf | MapOf):
            kind = kind.item if isinstance(kind, ListOf) else kind.value
        if isinstance(kind, ObjectType):
            yield kind
            yield from objects_of(kind.properties)


def properties_of(entry: ResourceTable | FunctionTable) -> tuple[Property, ...]:
    """Return every property of a resource or function, those of nested objects too."""
    own = entry.properties if isinstance(entry, ResourceTable) else (*entry.inputs, *entry.outputs)
    return (*own, *(p for kind in objects_of(own) for p in kind.properties))


@pytest.mark.parametrize(("package", "resource"), RESOURCES)
def test_a_resource_class_has_the_arguments_and_outputs_of_its_table(
    package: str, resource: ResourceTable
) -> None:
    """The typed class takes just the table's arguments and has a getter for each of its properties."""
    kind = getattr(classes(package), resource.name)
    parameters = inspect.signature(kind.__init__).parameters
    given = {name: p for name, p in parameters.items() if name not in {"self", "resource_name", "opts"}}
    assert set(given) == {snake_case(p.name) for p in resource.arguments}
    needed = {name for name, p in given.items() if p.default is inspect.Parameter.empty}
    assert needed == {snake_case(p.name) for p in resource.arguments if p.required}
    getters = {name: p for name, p in vars(kind).items() if isinstance(p, property)}
    assert set(getters) == {snake_case(p.name) for p in resource.state}
    assert all(g.__doc__ for g in getters.values())
    assert getattr(importlib.import_module(package), resource.name) is kind, "the package exports it"


@pytest.mark.parametrize(("package", "function"), FUNCTIONS)
def test_a_function_has_the_arguments_and_results_of_its_table(package: str, function: FunctionTable) -> None:
    """Both forms of a typed function take just the table's inputs; the result has just its outputs."""
    module, name = classes(package), snake_case(function.name)
    for form in (name, f"{name}_output"):
        parameters = inspect.signature(getattr(module, form)).parameters
        assert set(parameters) - {"opts"} == {snake_case(p.name) for p in function.inputs}
        needed = {n for n, p in parameters.items() if p.default is inspect.Parameter.empty}
        assert needed == {snake_case(p.name) for p in function.inputs if p.required}
    result = getattr(module, f"{function.name[0].upper()}{function.name[1:]}Result")
    shown = vars(result({p.name: p.name for p in function.outputs}))
    assert shown == {snake_case(p.name): p.name for p in function.outputs}


@pytest.mark.parametrize(("package", "resource"), RESOURCES)
def test_the_schema_has_a_resource_as_the_table_says(package: str, resource: ResourceTable) -> None:
    """Inputs and properties, their types, secret and replace flags, and what is required."""
    table = TABLES[package]
    schema = package_schema(table)
    described = schema["resources"][table.token(resource.name)]
    assert_described(table, described["inputProperties"], resource.arguments, given=True)
    assert_described(table, described["properties"], resource.state)
    assert described["requiredInputs"] == [p.name for p in resource.arguments if p.required]
    for kind in objects_of(resource.properties):
        entry = schema["types"][table.token(kind.name)]
        assert_described(table, entry["properties"], kind.properties)


@pytest.mark.parametrize("package", TABLES)
def test_the_schema_says_who_publishes_it_and_shows_examples(package: str) -> None:
    """Descriptions are Markdown with the example; addresses are left out as long as there is no repository."""
    table = TABLES[package]
    schema = package_schema(table)
    assert (schema["namespace"], schema["publisher"]) == ("voicehooks", "Voicehooks")
    assert "``" not in json.dumps(schema).replace("```", "")
    for resource in table.resources:
        assert resource.example.strip() in schema["resources"][table.token(resource.name)]["description"]
    addresses = {"homepage", "repository", "pluginDownloadURL"}
    assert addresses.isdisjoint(schema)
    published = package_schema(replace(table, repository="https://github.com/owner/name"))
    assert published["pluginDownloadURL"] == "github://api.github.com/owner/name"
    folder = f"github.com/owner/name/providers/pulumi-{table.name}"
    assert published["language"]["go"]["importBasePath"] == f"{folder}/sdk/go/{table.name}"
    assert schema["language"]["go"]["importBasePath"].startswith("example.com/"), "a name that nobody can take"
    assert addresses <= set(published)


@pytest.mark.parametrize(("package", "function"), FUNCTIONS)
def test_the_schema_has_a_function_as_the_table_says(package: str, function: FunctionTable) -> None:
    """Inputs and outputs, their types and flags."""
    table = TABLES[package]
    schema = package_schema(table)
    described = schema["functions"][table.token(function.name)]
    assert_described(table, described["inputs"]["properties"], function.inputs, given=True)
    assert_described(table, described["outputs"]["properties"], function.outputs)
    for kind in objects_of(function.outputs):
        entry = schema["types"][table.token(kind.name)]
        assert_described(table, entry["properties"], kind.properties)


@pytest.mark.parametrize(("package", "entry"), [*RESOURCES, *FUNCTIONS])
def test_everything_is_documented(package: str, entry: ResourceTable | FunctionTable) -> None:
    """Each property has a doc that is a sentence; the reference page's section has it and the example."""
    title = entry.name if isinstance(entry, ResourceTable) else snake_case(entry.name)
    text = section(package, title)
    for prop in properties_of(entry):
        assert prop.doc.strip().endswith((".", ")")), f"{entry.name}.{prop.name}"
        assert f"| `{prop.name}` |" in text, f"{entry.name}.{prop.name}"
    assert entry.example, "an example is part of the page"
    assert entry.example.strip() in text
    assert entry.rights, "the page says which rights it needs"
    assert entry.rights in text


def sample(kind: PropertyType, which: int) -> Any:
    """Return a value of a type, another one for another number."""
    if isinstance(kind, Scalar):
        return {"string": f"text {which}", "boolean": bool(which)}.get(kind.value, which)
    if isinstance(kind, ListOf):
        return [sample(kind.item, which)]
    if isinstance(kind, MapOf):
        return {"KEY": sample(kind.value, which)}
    return {p.name: sample(p.type, which) for p in kind.properties}


@pytest.mark.parametrize(("package", "resource"), RESOURCES)
def test_check_and_diff_know_what_the_table_knows(package: str, resource: ResourceTable) -> None:
    """What is required is asked for, what is unknown refused; each changed input shows, with its kind."""
    _, failures = check_inputs(resource.properties, {"unheardOf": wrap("x")})
    assert {f.property for f in failures} == {"unheardOf", *(p.name for p in resource.inputs if p.required)}
    for prop in resource.inputs:
        old, new = ({prop.name: wrap(sample(prop.type, which))} for which in (0, 1))
        assert diff_inputs(resource, old, old) == {}
        changes = diff_inputs(resource, old, new)
        assert changes, prop.name
        for path, change in changes.items():
            assert path.startswith(prop.name)
            assert change.kind.name.endswith("_REPLACE") is prop.replaces, path


@pytest.mark.parametrize("package", TABLES)
def test_generated_files_are_up_to_date(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The checked-in classes and reference page are what the table makes."""
    monkeypatch.chdir(ROOT)
    assert codegen.main([package, "--check"]) == 0
    assert reference.main([package, page(package), "--check"]) == 0


@pytest.mark.parametrize("package", TABLES)
def test_nested_objects_of_one_name_are_one_object(package: str) -> None:
    """The schema knows a nested object by its name, so two different ones must not share it."""
    table = TABLES[package]
    seen: dict[str, ObjectType] = {}
    own = [*(r.properties for r in table.resources), *((*f.inputs, *f.outputs) for f in table.functions)]
    for properties in own:
        for kind in objects_of(properties):
            assert seen.setdefault(kind.name, kind) == kind


@pytest.mark.parametrize("package", TABLES)
def test_the_cli_accepts_the_schema(package: str, tmp_path: Path) -> None:
    """``pulumi package get-schema`` of the installed plugin returns it; ``pulumi schema check`` passes it."""
    table = TABLES[package]
    got = subprocess.run(
        [PULUMI, "package", "get-schema", BIN / f"pulumi-resource-{table.name}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert got.returncode == 0, got.stderr
    schema = json.loads(got.stdout)
    assert schema["name"] == table.name
    assert schema["version"] == table.version
    assert set(schema["resources"]) == {table.token(r.name) for r in table.resources}
    assert set(schema["functions"]) == {table.token(f.name) for f in table.functions}
    file = tmp_path / "schema.json"
    file.write_text(json.dumps(package_schema(table)), encoding="utf-8")
    checked = subprocess.run(
        [PULUMI, "schema", "check", file],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "error" not in (checked.stdout + checked.stderr).lower()


def test_types_have_the_names_of_pulumis_schema() -> None:
    """Pulumi docs: package schema, primitive types. No property of these providers is a fraction yet."""
    table = ResourceTable(
        "X",
        "X.",
        tuple(Property(name, kind, "X.") for name, kind in zip("abcd", Scalar, strict=True)),
        example="",
        import_id="",
        rights="",
    )
    provider = ProviderTable("x", "1.0.0", "X", "X.", (), resources=(table,))
    inputs = package_schema(provider)["resources"]["x:index:X"]["inputProperties"]
    assert {entry["type"] for entry in inputs.values()} == {"string", "boolean", "integer", "number"}
