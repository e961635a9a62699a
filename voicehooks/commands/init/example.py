"""A clone's examples, Pulumi.dev.yaml and Pulumi.prod.yaml: an environment of the same name replaces them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicehooks.output.errors import CommandError
from voicehooks.stack.git import try_git
from voicehooks.stack.settings_file import SettingsFile

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["is_untouched_example"]

_OF_A_STACK = {"encryptionsalt", "encryptedkey", "secretsprovider"}
_OF_AN_ENVIRONMENT = {
    "twilio:accountSid",
    "twilio:authToken",
    "supabase:accessToken",
    "voicehooks:supabaseProject",
}


def is_untouched_example(path: Path) -> bool:
    """Whether a settings file is no environment's yet, and the last commit has it as it is: nothing is lost."""
    file = SettingsFile(path.name, path.read_text(encoding="utf-8"))
    try:
        stack_keys, environment_keys = file.document.keys(), file.config.keys()
    except CommandError:
        return False
    if not environment_keys or _OF_A_STACK & stack_keys or _OF_AN_ENVIRONMENT & environment_keys:
        return False
    committed = try_git(path.parent, "show", f"HEAD:./{path.name}")
    return committed.returncode == 0 and committed.stdout.splitlines() == file.text.splitlines()
