"""A clone's examples, Pulumi.dev.yaml and Pulumi.prod.yaml: they make way for the environment of their name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml  # type: ignore[import-untyped]

from voicehooks.git import try_git

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
    text = path.read_text(encoding="utf-8")
    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError:
        return False
    if not isinstance(content, dict) or not isinstance(content.get("config"), dict):
        return False
    if _OF_A_STACK & content.keys() or _OF_AN_ENVIRONMENT & content["config"].keys():
        return False
    committed = try_git(path.parent, "show", f"HEAD:./{path.name}")
    return committed.returncode == 0 and committed.stdout.splitlines() == text.splitlines()
