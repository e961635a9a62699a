"""The text of a new environment's settings file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from voicehooks.stack.settings_file import in_line

if TYPE_CHECKING:
    from voicehooks.stack.settings_file import SettingsFile

__all__ = ["UNFINISHED", "NewSettings", "inherited"]

UNFINISHED = "# voicehooks init has not finished; run it again to go on."
"""The first line of an unfinished file. A file without it belongs to the user and is not changed."""

# Of another environment these say where it is or what is its own; the rest may be the new one's too.
_OWN_KEYS = {
    "voicehooks:supabaseProject",
    "voicehooks:publicUrl",
    "voicehooks:sandbox",
    "voicehooks:numbers",
    "voicehooks:dialingPermissions",
    "voicehooks:adoptFunction",
    "voicehooks:secondaryAuthToken",
    "voicehooks:functionsApiKeySid",
    "voicehooks:functionsApiKeySecret",
    "voicehooks:softphoneApiKeySid",
    "voicehooks:softphoneApiKeySecret",
    "voicehooks:diverted",
}
_ADDRESSES = ("twilio:region", "twilio:edge", "twilio:baseUrl", "supabase:apiUrl")


@dataclass(frozen=True)
class NewSettings:
    """What a new environment's file says.

    Attributes:
        name: the environment's.
        account_sid: the Twilio account.
        api_key_sid: SK..., or empty.
        project: the Supabase project's reference.
        public_url: the project's custom domain, or empty.
        numbers: numbers to name, each left as it is.
        others: further keys, from another environment or the vendors' addresses.
    """

    name: str
    account_sid: str
    api_key_sid: str
    project: str
    public_url: str
    numbers: tuple[str, ...]
    others: dict[str, Any]

    def text(self) -> str:
        """Return the file, its first line saying that it is not finished."""
        lines = [
            UNFINISHED,
            f"# The environment {self.name}. Every key is explained in docs/settings.md.",
            "# A setting that is absent leaves Twilio as it is. Secrets are set with",
            "# pulumi config set --secret, never written here by hand.",
            "config:",
            f"  twilio:accountSid: {self.account_sid}",
        ]
        if self.api_key_sid:
            lines += [
                "  # This key makes Pulumi's requests; webhooks are signed with the auth token all the same.",
                f"  twilio:apiKeySid: {self.api_key_sid}",
            ]
        lines += [f"  {key}: {in_line(self.others[key])}" for key in _ADDRESSES if key in self.others]
        lines += [f"  voicehooks:supabaseProject: {self.project}"]
        if self.public_url:
            lines += [f"  voicehooks:publicUrl: {self.public_url}"]
        lines += [
            "  # The settings of all numbers. answer sends incoming calls to the handler, statusEvents reports",
            "  # calls to it, record records them. Without forwardTo, callers hear that nobody is available.",
        ]
        others = {k: v for k, v in self.others.items() if k not in _ADDRESSES}
        if "voicehooks:defaults" not in others:
            lines += ["  # voicehooks:defaults: {answer: true, statusEvents: [completed]}"]
        lines += [f"  {key}: {in_line(value)}" for key, value in others.items()]
        lines += [
            "  # The numbers, each with what differs for it. voicehooks adopt writes what each number has now.",
        ]
        if self.numbers:
            lines += ["  voicehooks:numbers:", *(f'    "{number}": {{}}' for number in self.numbers)]
        else:
            lines += ["  voicehooks:numbers: {}"]
        return "\n".join(lines) + "\n"


def inherited(file: SettingsFile) -> dict[str, Any]:
    """Return the keys of another environment's file that a new one may have too; never a secret.

    Raises:
        CommandError: the file cannot be read.
    """
    return {
        key: value
        for key, value in file.plain_config.items()
        if key in _ADDRESSES or (key.startswith("voicehooks:") and key not in _OWN_KEYS)
    }
