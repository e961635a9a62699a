"""Writes what is made from property tables, settings model and commands, or checks that it is up to date.

python -m tools.generate [--check]
"""

from __future__ import annotations

import sys
from pathlib import Path

from pulumi_provider_kit import codegen, reference

from infra.settings_reference import page as settings_page
from tools.commands_reference import page as commands_page
from voicehooks.doctor.reference import page as doctor_page

__all__ = ["main"]

PROVIDERS = {"pulumi_twilio": "docs/pulumi-twilio.md", "pulumi_supabase": "docs/pulumi-supabase.md"}
PAGES = {
    Path("docs/settings.md"): settings_page,
    Path("docs/commands.md"): commands_page,
    Path("docs/doctor.md"): doctor_page,
}


def main(options: list[str]) -> int:
    """Write or check everything; returns the process's exit code."""
    failed = [
        bool(codegen.main([package, *options])) | bool(reference.main([package, document, *options]))
        for package, document in PROVIDERS.items()
    ]
    failed += [_page(path, make(), check="--check" in options) for path, make in PAGES.items()]
    return int(any(failed))


def _page(path: Path, text: str, *, check: bool) -> bool:
    current = path.read_text(encoding="utf-8") if path.exists() else ""
    if current == text:
        return False
    if check:
        sys.stderr.write(f"{path} is out of date: run make generate\n")
        return True
    path.write_text(text, encoding="utf-8")
    return False


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
