"""What the documents mention exists: commands and flags, links, settings. No folder of one machine."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from infra.settings import Settings
from tests.support.documents_blocks import DOCUMENTS, ROOT, links
from tests.support.documents_commands import commands_in, help_of, wrong_in

PAGES = [pytest.param(path, id=str(path.relative_to(ROOT))) for path in DOCUMENTS]
# Folders that only somebody's own machine has; /var/lib and the like are the same everywhere.
MACHINE = re.compile(r"(?<![\w.])/(?:work|root|home|Users|tmp|private)/")


@pytest.mark.parametrize("page", PAGES)
def test_commands_and_flags_exist(page: Path) -> None:
    """Each of our commands that a page shows is in its --help, and so is each flag."""
    shown = commands_in(page.read_text(encoding="utf-8"))

    assert [wrong for line in shown for wrong in wrong_in(line)] == []


def test_help_is_understood() -> None:
    """The commands and flags are really read from --help, so that a missing one would be seen."""
    assert {"sandbox", "call"} <= help_of("voicehooks").commands
    assert {"--from", "--stack", "--json"} <= help_of("voicehooks", "call").flags
    assert {"up", "down", "status", "env", "call", "logs", "serve"} <= help_of("voicehooks", "sandbox").commands
    assert wrong_in("voicehooks sandbox fly") == [
        "voicehooks sandbox has no command fly: voicehooks sandbox fly"
    ]
    assert wrong_in(".venv/bin/voicehooks call +15551234567 --loud  a remark") != []
    assert wrong_in("voicehooks-sandbox down --purge  # a remark") == []


def test_pages_show_commands() -> None:
    """Commands are found in the pages: in spans, in indented lines, in shell blocks."""
    shown = [line for page in DOCUMENTS for line in commands_in(page.read_text(encoding="utf-8"))]

    assert any(line.startswith("voicehooks call +15551234567") for line in shown)
    assert "voicehooks sandbox env" in shown


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: Path) -> None:
    """Each relative link points at a file, and its #part at a heading of it."""
    dead = []
    for link in links(page.read_text(encoding="utf-8")):
        path, _, part = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (part and part not in headings(target)):
            dead.append(link)

    assert dead == []


@pytest.mark.parametrize("page", PAGES)
def test_no_path_of_a_machine(page: Path) -> None:
    """No page mentions a folder that only one machine has."""
    lines = page.read_text(encoding="utf-8").splitlines()

    assert [line for line in lines if MACHINE.search(line)] == []


@pytest.mark.parametrize("page", PAGES)
def test_settings_exist(page: Path) -> None:
    """Each `voicehooks:...` key that a page mentions is one of the settings."""
    named = set(re.findall(r"voicehooks:([a-zA-Z]+)", page.read_text(encoding="utf-8")))
    there = {field.alias or name for name, field in Settings.model_fields.items()}

    assert named <= there


@pytest.mark.parametrize("page", PAGES)
def test_make_targets_exist(page: Path) -> None:
    """Each `make ...` that a page shows is a target of the Makefile."""
    shown = re.findall(r"(?:^    |`)make ([a-z-]+)", page.read_text(encoding="utf-8"), re.MULTILINE)
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)

    assert set(shown) <= set(targets)


def headings(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}
