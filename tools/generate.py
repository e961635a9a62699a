"""Generates code and pages from the property tables, the settings model and the commands, or checks them.

python -m tools.generate [--check]
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from pulumi_provider_kit import codegen, reference

from infra.settings_reference import page as settings_page
from infra.settings_typescript import module as settings_types
from tools.commands_reference import page as commands_page
from tools.country_prefixes import module as country_prefixes
from tools.crm_documents import PAGE as CRM_PAGE
from tools.crm_documents import page as crm_page
from tools.sandbox_coverage import PAGE as SANDBOX_PAGE
from tools.sandbox_coverage import page as sandbox_page
from tools.table_types import TYPES as TABLE_TYPES
from tools.table_types import module as table_types
from voicehooks.commands.doctor.assumptions.table import page as assumptions_page
from voicehooks.commands.doctor.reference import page as doctor_page

__all__ = ["main", "write_pages"]

PROVIDERS = {"pulumi_twilio": "docs/pulumi-twilio.md", "pulumi_supabase": "docs/pulumi-supabase.md"}
PAGES = {
    Path("docs/settings.md"): settings_page,
    Path("functions/_shared/settings_types.ts"): lambda: _formatted(settings_types()),
    Path("docs/commands.md"): commands_page,
    Path("docs/doctor.md"): doctor_page,
    Path("docs/assumptions.md"): assumptions_page,
    SANDBOX_PAGE: sandbox_page,
    Path("functions/_shared/country_prefixes.ts"): country_prefixes,
}


def main(options: list[str]) -> int:
    """Write or check everything; return the process's exit code."""
    failed = [
        bool(codegen.main([package, *options])) | bool(reference.main([package, document, *options]))
        for package, document in PROVIDERS.items()
    ]
    check = "--check" in options
    failed.append(write_pages(check=check))
    # These need the whole repository, and the types a sandbox.
    failed += [_page(CRM_PAGE, crm_page(), check=check), _page(TABLE_TYPES, table_types(), check=check)]
    return int(any(failed))


def write_pages(*, check: bool = False) -> bool:
    """Write or check the pages that do not belong to a provider; return whether one is out of date."""
    return bool(sum(_page(path, make(), check=check) for path, make in PAGES.items()))


def _formatted(typescript: str) -> str:
    """Return TypeScript as `deno fmt` formats it in the functions' folder."""
    deno = Path(sys.executable).with_name("deno")
    command = [str(deno), "fmt", "--config", "functions/deno.json", "--ext", "ts", "-"]
    return subprocess.run(command, input=typescript, capture_output=True, text=True, check=True).stdout


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
