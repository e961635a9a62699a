"""Writes what is made from the property tables and the settings model, or checks that it is up to date.

python -m tools.generate [--check]
"""

from __future__ import annotations

import sys
from pathlib import Path

from pulumi_provider_kit import codegen, reference

from infra.settings_reference import page

__all__ = ["main"]

PROVIDERS = {"pulumi_twilio": "docs/pulumi-twilio.md", "pulumi_supabase": "docs/pulumi-supabase.md"}
SETTINGS = Path("docs/settings.md")


def main(options: list[str]) -> int:
    """Write or check everything; returns the process's exit code."""
    failed = [
        bool(codegen.main([package, *options])) | bool(reference.main([package, document, *options]))
        for package, document in PROVIDERS.items()
    ]
    return int(any(failed) | _settings(check="--check" in options))


def _settings(*, check: bool) -> bool:
    current = SETTINGS.read_text(encoding="utf-8") if SETTINGS.exists() else ""
    text = page()
    if current == text:
        return False
    if check:
        sys.stderr.write(f"{SETTINGS} is out of date: run make generate\n")
        return True
    SETTINGS.write_text(text, encoding="utf-8")
    return False


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
