"""docs/rules.md names tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NAMED = re.findall(r"\| `([^`]+)` \|$", (ROOT / "docs" / "rules.md").read_text(encoding="utf-8"), re.MULTILINE)


def test_the_page_names_the_tests_of_the_core():
    """The rows of the page are read at all."""
    assert len(NAMED) > 50


@pytest.mark.parametrize("named", NAMED)
def test_each_rule_has_its_test(named: str):
    """The file exists and defines the test."""
    file, _, name = named.partition("::")
    text = (ROOT / file).read_text(encoding="utf-8")
    definition = f'Deno.test("{name}"' if file.endswith(".ts") else f"def {name}("
    assert not name or definition in text, f"{file} has no test of this name"
