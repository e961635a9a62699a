"""Secrets in plain text: found by the shapes of the vendors' keys, and by the keys of Pulumi.*.yaml.

The sandbox's credentials are public constants and not secrets. A value whose characters hardly differ
(`sb_secret_0000...`) or repeat (`0123456789abcdef0123...`) is a placeholder. Account SIDs (AC...) and
publishable keys are names, not secrets.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import yaml  # type: ignore[import-untyped]
from voicehooks_sandbox import credentials

from tools.scan.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

__all__ = ["in_configuration", "in_text", "scan"]

# Each pattern has one group, which is the secret.
_SHAPES: Mapping[str, re.Pattern[str]] = {
    "a Twilio API key's SID, which usually has its secret next to it": re.compile(r"\b(SK[0-9a-f]{32})\b"),
    "a Twilio auth token": re.compile(
        r"auth[_-]?token[\"'`]?\s*[:=,]\s*[\"'`]?([0-9a-f]{32})\b", re.IGNORECASE
    ),
    "a Supabase access token": re.compile(r"\b(sbp_[0-9a-f]{40})\b"),
    "a Supabase secret key": re.compile(r"\b(sb_secret_[A-Za-z0-9_-]{16,})"),
    "a JSON Web Token": re.compile(r"\b(eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,})"),
    "a private key": re.compile(r"-----BEGIN ((?:[A-Z]+ )?PRIVATE KEY)-----"),
    "a GitHub token": re.compile(r"\b((?:gh[pousr]_|github_pat_)\w{36,})\b"),
    "a Pulumi access token": re.compile(r"\b(pul-[0-9a-f]{40})\b"),
    "an AWS access key": re.compile(r"\b(AKIA[0-9A-Z]{16})\b"),
    "a password in an address": re.compile(r"\bpostgres(?:ql)?://[^\s:@/{}<>$]+:([^\s@/{}<>$]+)@"),
}
_SECRET_KEY = re.compile(r"(token|secret|password|privatekey|servicerolekey)$", re.IGNORECASE)
_PUBLISHED = frozenset(
    {
        credentials.TWILIO_AUTH_TOKEN,
        credentials.SUPABASE_ACCESS_TOKEN,
        credentials.SUPABASE_SECRET_KEY,
        credentials.POSTGRES_PASSWORD,
    }
)
_REVOKE = "remove it, and revoke it where it was issued: a committed secret is no longer secret"


def scan(root: Path, files: list[Path]) -> Iterator[Finding]:
    """Check files; skip those that are not text."""
    for path in files:
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        name = str(path.relative_to(root))
        yield from in_text(name, text)
        if re.fullmatch(r"Pulumi\.[\w-]+\.yaml", path.name):
            yield from in_configuration(name, text)


def in_text(name: str, text: str) -> Iterator[Finding]:
    """Find strings that look like a key."""
    for number, line in enumerate(text.splitlines(), 1):
        for what, shape in _SHAPES.items():
            if any(not _is_harmless(match[1]) for match in shape.finditer(line)):
                yield Finding(name, number, f"this looks like {what}", _REVOKE)


def in_configuration(name: str, text: str) -> Iterator[Finding]:
    """Find unencrypted secrets in a stack's configuration."""
    content = yaml.safe_load(text) or {}
    for key, value in _values(content.get("config") or {}):
        if _SECRET_KEY.search(key) and isinstance(value, str) and not _is_harmless(value):
            line = next((n for n, row in enumerate(text.splitlines(), 1) if key in row), 0)
            stack = name.rsplit("/", 1)[-1].split(".")[1]
            yield Finding(
                name,
                line,
                f"{key} is not encrypted",
                f"pulumi config set --stack {stack} --secret {key} (and rotate it if it was committed)",
            )


def _values(config: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield all keys at any depth with their values, except encrypted values (`{secure: ...}`)."""
    if isinstance(config, dict):
        for key, value in config.items():
            if not (isinstance(value, dict) and set(value) == {"secure"}):
                yield from _values(value, f"{prefix}.{key}" if prefix else str(key))
    else:
        yield prefix, config


def _is_harmless(value: str) -> bool:
    body = re.sub(r"^(sbp_|sb_secret_|SK|AKIA|gh[a-z]_|pul-)", "", value)
    repeats = any(body == (body[:length] * len(body))[: len(body)] for length in range(1, len(body) // 2 + 1))
    return value in _PUBLISHED or len(set(body)) <= 3 or repeats
