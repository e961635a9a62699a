"""Packing a function: exactly what its entry point reaches, in a stable order."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pulumi_provider_kit.errors import PropertyError
from pulumi_supabase.edge_function.packing import Package, Source, pack
from pulumi_supabase.edge_function.revision import Settings, prepare


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Return a folder with a function, shared code, and what is not reached."""
    files = {
        "fn/index.ts": 'import { a } from "../_shared/a.ts";\nimport "./own.ts";\nimport "npm:zod";\n',
        "fn/own.ts": 'export * from "./own.ts";\n',
        "fn/deno.json": '{"imports": {"@lib/": "../lib/"}}',
        "fn/test.ts": 'import "./missing.ts";',
        "_shared/a.ts": 'import "./b.ts";\nimport c from "@lib/c.ts";\n',
        "_shared/b.ts": 'import "./a.ts";\n',
        "_shared/unused.ts": "",
        "lib/c.ts": "export default 1;",
    }
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    return tmp_path


def packed(tree: Path, **given: Any) -> Package:
    """Pack the function ``fn``."""
    return packed_folder(tree / "fn", **given)


def packed_folder(folder: Path, **given: Any) -> Package:
    """Pack the function in a folder."""
    defaults: dict[str, Any] = {
        "entrypoint": "index.ts",
        "import_map": None,
        "static_patterns": (),
        "generated": {},
        "revision_file": None,
        "partial": False,
    }
    return pack(Source(folder, **{**defaults, **given}))


def revision(package: Package, **settings: Any) -> str:
    """Return the revision of a package."""
    return prepare(
        package, Settings(**{"verify_jwt": False, "name": None, "triggers": {}, **settings}), None, "fn"
    ).revision


def test_exactly_what_is_reached(tree: Path) -> None:
    """Relative imports, circles among them, and import-map targets; nothing else, sorted by path."""
    package = packed(tree)
    assert list(package.files) == [
        "_shared/a.ts",
        "_shared/b.ts",
        "fn/deno.json",
        "fn/index.ts",
        "fn/own.ts",
        "lib/c.ts",
    ]
    assert (package.entrypoint, package.import_map) == ("fn/index.ts", "fn/deno.json")


def test_a_function_without_an_import_map_names_none(tree: Path) -> None:
    """The platform takes a path that is not there for a mistake."""
    (tree / "fn" / "deno.json").unlink()
    (tree / "fn" / "index.ts").write_text("Deno.serve(() => new Response());\n", encoding="utf-8")
    package = packed(tree)
    assert (list(package.files), package.import_map) == (["fn/index.ts"], "")


def test_paths_reveal_nothing_of_the_machine(tree: Path) -> None:
    """Two checkouts in different places make the same package and the same revision."""
    other = tree / "elsewhere" / "deeper"
    (other / "fn").mkdir(parents=True)
    for file in tree.glob("*/*.*"):
        (other / file.parent.name).mkdir(exist_ok=True)
        (other / file.parent.name / file.name).write_bytes(file.read_bytes())
    assert packed(tree) == packed(other)
    assert revision(packed(tree)) == revision(packed(other))


def test_an_import_further_up_moves_the_root(tree: Path) -> None:
    """Code outside the folder of functions is packed too; the paths begin further up."""
    nested = tree / "supabase" / "functions" / "fn"
    nested.mkdir(parents=True)
    (nested / "index.ts").write_text('import "../../../lib/c.ts";', encoding="utf-8")
    package = packed_folder(nested)
    assert list(package.files) == ["lib/c.ts", "supabase/functions/fn/index.ts"]
    assert package.inside("x.json") == "supabase/functions/fn/x.json"


def test_generated_files_go_before_those_on_the_disk(tree: Path) -> None:
    """It replaces the placeholder, is packed without being imported, and is no file of the disk."""
    (tree / "fn" / "settings.json").write_text("{}", encoding="utf-8")
    package = packed(tree, generated={"settings.json": '{"a": 1}', "more/x.txt": "y"})
    assert package.files["fn/settings.json"] == b'{"a": 1}'
    assert package.files["fn/more/x.txt"] == b"y"
    assert "fn/settings.json" not in package.file_hashes
    assert "fn/index.ts" in package.file_hashes


def test_the_revision_file_is_written_and_not_hashed(tree: Path) -> None:
    """The revision covers everything but the file that tells it."""
    (tree / "fn" / "index.ts").write_text('import r from "./r.json";', encoding="utf-8")
    (tree / "fn" / "r.json").write_text("placeholder", encoding="utf-8")
    package = packed(tree, revision_file="r.json")
    deployment = prepare(package, Settings(verify_jwt=False, name=None, triggers={}), "r.json", "fn")
    (tree / "fn" / "r.json").write_text("another placeholder", encoding="utf-8")
    assert revision(packed(tree, revision_file="r.json")) == deployment.revision
    assert deployment.files["fn/r.json"] == f'{{"revision": "{deployment.revision}"}}\n'.encode()


def test_every_setting_makes_another_revision(tree: Path) -> None:
    """Files, generated files, settings and triggers all count."""
    (tree / "fn" / "other.ts").write_text("", encoding="utf-8")
    (tree / "_shared" / "a.ts").write_text('import "../lib/c.ts";', encoding="utf-8")  # needs no import map
    package = packed(tree)
    others = [
        revision(package, verify_jwt=True),
        revision(package, name="x"),
        revision(package, triggers={"A": "1"}),
        revision(packed(tree, entrypoint="other.ts")),
        revision(packed(tree, import_map="")),
        revision(packed(tree, generated={"a.txt": "1"})),
        revision(packed(tree, static_patterns=["*.ts"])),
    ]
    assert len({revision(package), *others}) == len(others) + 1


@pytest.mark.parametrize("suffix", ["ts", "tsx", "mts", "js", "jsx", "mjs"])
def test_imports_of_every_script_are_followed(tree: Path, suffix: str) -> None:
    """Each of Deno's kinds of module."""
    (tree / "fn" / "index.ts").write_text(
        f'import "./one.{suffix}?x=1"; import "./own.ts#y";', encoding="utf-8"
    )
    (tree / "fn" / f"one.{suffix}").write_text('import "./two.ts";', encoding="utf-8")
    (tree / "fn" / "two.ts").write_text("", encoding="utf-8")
    assert {f"fn/one.{suffix}", "fn/two.ts"} <= packed(tree).files.keys()


def test_data_is_not_followed(tree: Path) -> None:
    """A text that looks like an import in it is none."""
    (tree / "fn" / "index.ts").write_text('import d from "./d.json" with { type: "json" };', encoding="utf-8")
    (tree / "fn" / "d.json").write_text('import "./gone.ts"', encoding="utf-8")
    assert "fn/d.json" in packed(tree).files


def test_what_scopes_name_is_packed(tree: Path) -> None:
    """Files alone, with what these import; the platform decides which scope applies."""
    scopes = {"./": {"a": "./scoped.ts", "b": "../_shared/unused.ts", "c": "./gone.ts", "d": "npm:d"}}
    (tree / "fn" / "deno.jsonc").write_text(json.dumps({"scopes": scopes}), encoding="utf-8")
    (tree / "fn" / "deno.json").unlink()
    (tree / "fn" / "index.ts").write_text('import "a";', encoding="utf-8")
    (tree / "fn" / "scoped.ts").write_text('import "./own.ts";', encoding="utf-8")
    package = packed(tree)
    assert list(package.files) == [
        "_shared/unused.ts",
        "fn/deno.jsonc",
        "fn/index.ts",
        "fn/own.ts",
        "fn/scoped.ts",
    ]
    assert package.import_map == "fn/deno.jsonc"


def test_an_import_map_in_another_file(tree: Path) -> None:
    """A deno.json may name it; its targets begin at the map itself, and both files are packed."""
    (tree / "maps").mkdir()
    (tree / "maps" / "map.json").write_text('{"imports": {"c": "../lib/c.ts"}}', encoding="utf-8")
    (tree / "fn" / "deno.json").write_text('{"importMap": "../maps/map.json"}', encoding="utf-8")
    (tree / "fn" / "index.ts").write_text('import "c";', encoding="utf-8")
    package = packed(tree)
    assert list(package.files) == ["fn/deno.json", "fn/index.ts", "lib/c.ts", "maps/map.json"]
    assert package.import_map == "fn/deno.json"
    deeper = tree / "fn" / "maps"
    deeper.mkdir()
    (deeper / "map.json").write_text('{"imports": {"c": "./c.ts"}}', encoding="utf-8")
    (deeper / "c.ts").write_text("", encoding="utf-8")
    (tree / "fn" / "deno.json").write_text('{"importMap": "./maps/map.json"}', encoding="utf-8")
    assert "fn/maps/c.ts" in packed(tree).files


def test_a_generated_file_may_be_a_static_one(tree: Path) -> None:
    """A pattern that only a generated file matches is no mistake."""
    package = packed(tree, generated={"a.html": "x"}, static_patterns=["*.html"])
    assert package.files["fn/a.html"] == b"x"


def test_an_import_map_is_relative_to_itself(tree: Path) -> None:
    """A target in deno.json begins at deno.json, also where a file of a folder below imports it."""
    shared = tree / "_shared"
    shared.mkdir(exist_ok=True)
    (shared / "mapped.ts").write_text("export const mapped = 1;", encoding="utf-8")
    (tree / "fn" / "deno.json").write_text('{"imports": {"@shared/": "../_shared/"}}', encoding="utf-8")
    (tree / "fn" / "pages").mkdir()
    (tree / "fn" / "pages" / "page.ts").write_text('import "@shared/mapped.ts";', encoding="utf-8")
    (tree / "fn" / "index.ts").write_text('import "./pages/page.ts";', encoding="utf-8")
    assert {"_shared/mapped.ts", "fn/pages/page.ts"} <= packed(tree).files.keys()


@pytest.mark.parametrize(
    ("specifier", "files"),
    [
        ("npm:lodash@4", {}),
        ("jsr:@std/assert", {}),
        ("https://deno.land/std/x.ts", {}),
        ("http://127.0.0.1/x.ts", {}),
        ("data:text/javascript,1", {}),
        ("blob:https://a.example/1", {}),
        ("fs", {}),
        ("node:fs/promises", {}),
        ("fs/promises", {}),
        ("lodash", {"package.json": "{}"}),
        ("lodash", {"deno.json": '{"imports": {"lodash": "npm:lodash@4"}}'}),
        ("common/index", {"deno.json": '{"scopes": {"./": {"common/": "./"}}}'}),
    ],
)
def test_what_the_platform_resolves_itself_is_no_file_here(
    tree: Path, specifier: str, files: dict[str, str]
) -> None:
    """Packages, Node's modules and what a map or package.json names pass."""
    for name, text in files.items():
        (tree / "fn" / name).write_text(text, encoding="utf-8")
    (tree / "fn" / "index.ts").write_text(f'import "{specifier}";', encoding="utf-8")
    assert "fn/index.ts" in packed(tree).files


def test_static_patterns(tree: Path) -> None:
    """Files that no import names are found by pattern, inside the folder."""
    (tree / "fn" / "pages").mkdir()
    (tree / "fn" / "pages" / "a.bin").write_bytes(b"\xff\x00")
    package = packed(tree, static_patterns=["pages/*.bin"])
    assert package.files["fn/pages/a.bin"] == b"\xff\x00"
    assert package.static_patterns == ("fn/pages/*.bin",)


@pytest.mark.parametrize(
    ("change", "given", "prop", "words"),
    [
        (
            {"fn/own.ts": '\nimport "./gone.ts"'},
            {},
            "directory",
            "fn/own.ts line 2 imports ./gone.ts, and fn/gone.ts",
        ),
        ({"fn/own.ts": 'import "./index"'}, {}, "directory", "did you mean index.ts?"),
        ({"fn/own.ts": 'import "../_shared"'}, {}, "directory", "it is a folder"),
        ({"fn/own.ts": 'import "."'}, {}, "directory", "it is a folder"),
        ({"fn/own.ts": 'import ".."'}, {}, "directory", "it is a folder"),
        ({"fn/own.ts": 'import "./leaf"', "fn/leaf.js": ""}, {}, "directory", "did you mean leaf.js?"),
        ({"fn/own.ts": 'import "fsx"'}, {}, "directory", "imports fsx, which no import map names"),
        ({"fn/own.ts": 'import "/etc/x.ts"'}, {}, "directory", "exists only on this machine"),
        ({"fn/own.ts": 'import "file:///x.ts"'}, {}, "directory", "exists only on this machine"),
        (
            {"fn/own.ts": 'import "common/index"'},
            {},
            "directory",
            "imports common/index, which no import map names",
        ),
        (
            {"fn/own.ts": 'import "common/index"', "fn/deno.json": '{"imports": {"common": "./own.ts"}}'},
            {},
            "directory",
            "name it under imports in the function's deno.json",
        ),
        ({}, {"entrypoint": "main.ts"}, "entrypoint", "fn/main.ts does not exist"),
        ({}, {"import_map": "map.json"}, "importMap", "fn/map.json does not exist"),
        ({}, {"import_map": "/etc/map.json"}, "directory", "must be a path in the function's folder"),
        ({}, {"static_patterns": [""]}, "staticPatterns", "'' is not a valid pattern"),
        ({}, {"static_patterns": ["/etc/*"]}, "staticPatterns", "'/etc/*' is not a valid pattern"),
        ({"fn/deno.json": "{"}, {}, "importMap", "fn/deno.json is not valid JSON"),
        (
            {"fn/deno.json": '{"importMap": "./m.json"}'},
            {},
            "importMap",
            "names ./m.json, which does not exist",
        ),
        ({}, {"static_patterns": ["*.html"]}, "staticPatterns", "no file of the folder matches '*.html'"),
        (
            {"fn/big.bin": "x" * (21 << 20)},
            {"static_patterns": ["*.bin"]},
            "directory",
            "Supabase accepts 20,971,520",
        ),
    ],
)
def test_what_is_wrong_is_named_with_its_place(
    tree: Path, change: dict[str, str], given: dict[str, Any], prop: str, words: str
) -> None:
    """A missing or impossible file is one sentence with file and line, before anything is sent."""
    for path, text in change.items():
        (tree / path).write_text(text, encoding="utf-8")
    with pytest.raises(PropertyError) as refused:
        packed(tree, **given)
    assert refused.value.property == prop
    assert words in refused.value.reason
    assert str(tree) not in refused.value.reason


def test_while_generated_files_are_unknown_only_the_folders_may_be_missing(tree: Path) -> None:
    """A preview that does not know them yet still finds a wrong import of a shared file."""
    own = tree / "fn/own.ts"
    own.write_text('import "./generated.ts"', encoding="utf-8")
    assert "fn/generated.ts" not in packed(tree, partial=True).files

    own.write_text('import "../_shared/gone.ts"', encoding="utf-8")
    with pytest.raises(PropertyError, match=r"line 1 imports \.\./_shared/gone\.ts"):
        packed(tree, partial=True)


def test_a_missing_folder_is_an_error_with_where_paths_begin() -> None:
    """A wrong relative path says from where it was looked for; an absolute one begins nowhere else."""
    with pytest.raises(PropertyError) as refused:
        packed_folder(Path("/nowhere"))
    assert refused.value.reason == "/nowhere is not a folder"
    with pytest.raises(PropertyError, match="nowhere is not a folder .relative paths begin at"):
        packed_folder(Path("nowhere"))
