"""A real Chromium for the tests of pages, driven by Playwright: `browser()`, and axe for accessibility.

The browser comes from the npm package `@sparticuz/chromium`, which has it as one file in the registry; it is
unpacked once into this user's cache. Where that package has no build, a Chromium or Chrome of the system is
used. The variable CHROMIUM names another one.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright
from voicehooks_sandbox.supabase.binaries import cache_folder
from voicehooks_sandbox.supabase.npm_package import NpmPackage, fetched

from tests.support.waiting import PATIENCE

__all__ = ["VERSION", "Chromium", "accessibility_violations", "browser", "find"]

VERSION = "153.0.0"
_PACKAGE = NpmPackage(
    "Chromium",
    "@sparticuz/chromium",
    VERSION,
    "bin",
    "5613407f916ef1f46806df5f9de71a1e1ffc1c493354df810e8eae4b75b93e27",
)
_AXE = NpmPackage(
    "axe",
    "axe-core",
    "4.14.1",
    "axe.min.js",
    "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c",
)
_DENO = Path(sys.prefix) / "bin" / "deno"
_ON_PATH = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_SYSTEM_FONTS = ("/usr/share/fonts", "/usr/local/share/fonts")
_AXE_RULES = ("wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice")


@dataclass(frozen=True)
class Chromium:
    """An installed browser.

    Attributes:
        program: the executable.
        environment: the variables that it needs in addition to the test's.
    """

    program: Path
    environment: dict[str, str] = field(default_factory=dict)


def find() -> Chromium:
    """Return the browser, fetched on the first call (70 MB).

    Raises:
        SandboxError: it could not be fetched.
        FileNotFoundError: there is no package for this platform, and no Chromium on PATH.
    """
    if named := os.environ.get("CHROMIUM"):
        return Chromium(Path(named))
    if (sys.platform, platform.machine()) == ("linux", "x86_64"):
        return _unpacked()
    for name in _ON_PATH:
        if program := shutil.which(name):
            return Chromium(Path(program))
    msg = "There is no Chromium on PATH: install Chromium or Chrome, or name its executable in CHROMIUM."
    raise FileNotFoundError(msg)


@contextlib.contextmanager
def browser(*arguments: str) -> Iterator[Browser]:
    """Start a headless browser, and end it with the block.

    Args:
        arguments: further command line arguments for it.
    """
    chromium = find()
    with tempfile.TemporaryDirectory(prefix="chromium-") as home, sync_playwright() as playwright:
        # Its own sandbox needs namespaces that containers and root do not have. The tests only open our pages.
        running = playwright.chromium.launch(
            executable_path=chromium.program,
            args=["--no-sandbox", "--no-zygote", *arguments],
            env={**os.environ, **chromium.environment, "HOME": home},
        )
        try:
            yield running
        finally:
            running.close()


def accessibility_violations(page: Page) -> list[str]:
    """Return what axe finds on a page as it is: the rule, and the elements that break it."""
    page.evaluate(_axe().read_text(encoding="utf-8"))
    found: dict[str, Any] = page.evaluate("rules => axe.run(document, {runOnly: rules})", list(_AXE_RULES))
    return [
        f"{violation['id']}: {violation['help']}: {node['html']} ({node['failureSummary']})"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]


def _unpacked() -> Chromium:
    folder = cache_folder() / f"chromium-{VERSION}"
    with _lock(folder):
        if not folder.exists():
            with fetched(_PACKAGE, _DENO, cache_folder()) as packed:
                _unpack(packed)
                packed.rename(folder)
    return Chromium(
        folder / "chromium",
        {"FONTCONFIG_PATH": str(folder / "fonts"), "LD_LIBRARY_PATH": str(folder / "al2023" / "lib")},
    )


def _unpack(folder: Path) -> None:
    """Decompress the package's files in place, and write the configuration of fonts."""
    script = (
        'import { brotliDecompressSync } from "node:zlib"; for (const file of Deno.args)'
        ' Deno.writeFileSync(file.replace(/\\.br$/, ""), brotliDecompressSync(Deno.readFileSync(file)));'
    )
    packed = sorted(folder.glob("*.br"))
    subprocess.run([_DENO, "eval", script, *packed], check=True, capture_output=True, timeout=PATIENCE)
    for file in packed:
        file.unlink()
    for archive in folder.glob("*.tar"):
        with tarfile.open(archive) as content:
            content.extractall(
                archive.with_suffix("") if archive.stem != "swiftshader" else folder, filter="data"
            )
        archive.unlink()
    (folder / "chromium").chmod(0o755)
    installed = cache_folder() / f"chromium-{VERSION}"
    folders = (str(installed / "fonts" / "fonts"), *_SYSTEM_FONTS)
    (folder / "fonts" / "fonts.conf").write_text(
        "<fontconfig>"
        + "".join(f"<dir>{path}</dir>" for path in folders)
        + f"<cachedir>{installed / 'fonts-cache'}</cachedir></fontconfig>\n",
        encoding="utf-8",
    )


def _axe() -> Path:
    script = cache_folder() / f"axe-{_AXE.version}.min.js"
    with _lock(script):
        if not script.exists():
            with fetched(_AXE, _DENO, cache_folder()) as file:
                file.rename(script)
    return script


@contextlib.contextmanager
def _lock(target: Path) -> Iterator[None]:
    """Let one process at a time make `target`: several workers start at once."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.with_name(f"{target.name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
