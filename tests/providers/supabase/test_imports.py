"""Finding the modules that a source names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi_supabase.edge_function.import_map import InvalidImportMap, parse_import_map
from pulumi_supabase.edge_function.imports import imports_of


def named(source: str) -> list[str]:
    """Return the specifiers of a source."""
    return [found.specifier for found in imports_of(source)]


@pytest.mark.parametrize(
    ("source", "specifier"),
    [
        ('import a from "./a.ts"', "./a.ts"),
        ("import a from './a.ts';", "./a.ts"),
        ('import "./a.ts"', "./a.ts"),
        ('import type { A } from "./a.ts"', "./a.ts"),
        ('import { a, type B as C } from "./a.ts"', "./a.ts"),
        ('import {\n  a, // from "./b.ts"\n  b,\n} from "./a.ts"', "./a.ts"),
        ('import a, * as b from "./a.ts"', "./a.ts"),
        ('import a from "./a.json" with { type: "json" }', "./a.json"),
        ('import{a}from"./a.ts"', "./a.ts"),
        ('export * from "./a.ts"', "./a.ts"),
        ('export * as a from "./a.ts"', "./a.ts"),
        ('export { a as b } from "./a.ts"', "./a.ts"),
        ('export type { A } from "./a.ts"', "./a.ts"),
        ('const a = await import("./a.ts")', "./a.ts"),
        ('import("./a.json", { with: { type: "json" } })', "./a.json"),
        ('const t = `${await import("./a.ts")}`', "./a.ts"),
        ('const quote = /["\']/; import a from "./a.ts"', "./a.ts"),
        ('const half = 1 / 2; import a from "./a.ts"; const b = 3 / 4', "./a.ts"),
        ("const apostrophe = /[/']/g\nimport a from './a.ts'", "./a.ts"),
        ('const t = `a ${ {b: `}`}.b } "`; import a from "./a.ts"', "./a.ts"),
        ('import a from "./it\\u0027s.ts"'.replace("\\u0027", "\\'"), "./it's.ts"),
    ],
)
def test_every_form_of_import_is_found(source: str, specifier: str) -> None:
    """Static imports, re-exports and literal dynamic imports, however they are written."""
    assert named(source) == [specifier]


@pytest.mark.parametrize(
    "source",
    [
        '// import a from "./a.ts"',
        '/* import a from "./a.ts" */',
        "const s = 'import a from \"./a.ts\"'",
        'const s = `import a from "./a.ts"`',
        'const s = `\\`${1}import a from "./a.ts"`',
        'const r = /import "a.ts"/',
        'loader.import("./a.ts")',
        "const url = import.meta.url",
        "const m = await import(name)",
        'const m = await import("./" + name)',
        'export const from = "./a.ts"',
        'export default "./a.ts"',
        'export { a }; const b = "./a.ts"',
        'const x = { import: "./a.ts", export: "./b.ts" }',
        'const important = "./a.ts"',
    ],
)
def test_what_is_no_import_is_not_found(source: str) -> None:
    """Comments, texts, templates, regular expressions and look-alikes name no module."""
    assert named(source) == []


@pytest.mark.parametrize(
    "before",
    [
        *("return", "typeof", "case", "in", "of", "do", "else", "void", "delete", "await"),
        *"(,=:[!&|?{};+-*%~^<>",
    ],
)
def test_a_regular_expression_is_not_a_division(before: str) -> None:
    """After these a slash begins one (ECMAScript, RegularExpressionLiteral); its quote begins no text."""
    assert named(f"x {before} /\"/; import './a.ts'; \"") == ["./a.ts"]


@pytest.mark.parametrize("before", ["x", "1", ")", "]", '"s"'])
def test_a_division_is_not_a_regular_expression(before: str) -> None:
    """After a value a slash divides, and what follows is code."""
    assert named(f"y = {before} / 2; import './a.ts'; z = 1 / 2") == ["./a.ts"]


def test_lines_are_counted() -> None:
    """Each import knows its line, after comments and templates of several lines too."""
    source = '/* a\nb */\nconst t = `\n\n`;\nimport a from "./a.ts";\nexport {\n  b,\n} from "./b.ts";\n'
    assert [(i.specifier, i.line) for i in imports_of(source)] == [("./a.ts", 6), ("./b.ts", 9)]


@given(st.text(alphabet="`'\"/${}\\ \nimportfexp*();.a", max_size=60))
def test_no_text_breaks_the_scanner(source: str) -> None:
    """Whatever a source looks like, the scanner comes to its end."""
    assert all(isinstance(found, str) for found in named(source))


def test_an_import_map_resolves_names_and_prefixes() -> None:
    """An exact name before a prefix, the longest prefix first; comments, trailing commas are allowed."""
    found = parse_import_map(
        '{ // ours\n /* of\n two lines */ "imports": '
        '{"lib": "./lib/mod.ts", "lib/": "./lib/", "lib/x/": "./x/", "u": '
        '"https://a/b",},}'
    )
    assert [found.resolve(s) for s in ("lib", "lib/a.ts", "lib/x/a.ts", "u", "other")] == [
        "./lib/mod.ts",
        "./lib/a.ts",
        "./x/a.ts",
        "https://a/b",
        None,
    ]


def test_scopes_name_files_and_specifiers() -> None:
    """Which scope holds is the platform's to say: each file is a target, and each name is known."""
    found = parse_import_map(
        '{"scopes": {"a/": {"x": "./x.ts", "p/": "../p/", "n": null}, "b/": {"y": "npm:y", "z": "../z.ts"}}}'
    )
    assert found.local_targets() == ["./x.ts", "../p/", "../z.ts"]
    assert [found.scoped(s) for s in ("x", "p/q.ts", "y", "n", "w")] == [True, True, True, False, False]
    assert found.resolve("x") is None


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"imports": []}', '{"scopes": 1}', '{"scopes": {"a/": 1}}', '{"imports": "x"}']
)
def test_a_broken_import_map_is_refused(text: str) -> None:
    """A text that is no import map says so."""
    with pytest.raises(InvalidImportMap):
        parse_import_map(text)
