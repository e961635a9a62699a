"""Packages from npm, installed once into this user's cache, without running their scripts."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from voicehooks_sandbox.supabase.binaries import cache_folder

from tests.support.waiting import PATIENCE

needs_npm = pytest.mark.skipif(shutil.which("npm") is None, reason="node and npm are not on PATH")


def npm_package(name: str, version: str, *others: str) -> Path:
    """Return the ``node_modules`` folder that has a package, and others that are given as ``name@version``."""
    folder = cache_folder() / f"npm-{name}-{version}"
    modules = folder / "node_modules"
    if not (modules / name).exists():
        folder.mkdir(parents=True, exist_ok=True)
        install = ["npm", "install", "--prefix", folder, "--no-audit", "--no-fund", "--ignore-scripts"]
        packages = [f"{name}@{version}", *others]
        subprocess.run([*install, *packages], check=True, capture_output=True, timeout=PATIENCE)
    return modules
