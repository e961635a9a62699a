"""What a new environment takes over from another one's settings."""

from __future__ import annotations

from pathlib import Path

from voicehooks.commands.init.settings_file import inherited
from voicehooks.stack.settings_file import SettingsFile


def test_neither_secrets_nor_what_is_the_others_own_are_inherited(tmp_path: Path) -> None:
    """A secret within an object is encrypted with the other stack's key; a diversion is of its numbers."""
    (tmp_path / "Pulumi.dev.yaml").write_text(
        """\
config:
  twilio:accountSid: AC1
  twilio:region: ie1
  voicehooks:defaults: {answer: true}
  voicehooks:allowedOrigins: ["https://crm.example.com"]
  voicehooks:secret: {secure: v1:abc}
  voicehooks:nested: {a: {b: {secure: v1:abc}}}
  voicehooks:list: [{a: 1}, {secure: v1:abc}]
  voicehooks:numbers: {"+15551234567": {}}
  voicehooks:diverted: {"+15551234567": {to: "https://a.example"}}
"""
    )
    assert inherited(SettingsFile.read(tmp_path, "dev")) == {
        "twilio:region": "ie1",
        "voicehooks:defaults": {"answer": True},
        "voicehooks:allowedOrigins": ["https://crm.example.com"],
    }
