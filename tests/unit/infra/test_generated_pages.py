"""What is generated from the models of the settings is up to date."""

from __future__ import annotations

from pathlib import Path

from infra.settings_reference import page
from infra.settings_typescript import module

ROOT = Path(__file__).parents[3]


def test_the_reference_page_is_what_the_models_say() -> None:
    """Every key with its type, its default, its description and where it acts; else run make generate."""
    assert page() == (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")


def test_the_interfaces_of_the_functions_are_what_the_models_say() -> None:
    """Apart from the layout, which is that of deno fmt: it also begins the lines of a long union with a bar."""
    written = (ROOT / "functions" / "_shared" / "settings_types.ts").read_text(encoding="utf-8")
    assert "".join(module().split()) == "".join(written.split()).replace(":|", ":")
