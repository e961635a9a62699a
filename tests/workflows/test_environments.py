"""The example environments: valid as they stand once credentials are set, complete, without a secret."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from infra.number_settings import Delivery, NumberSettings, Voicemail
from infra.rules import Rules
from infra.settings import Settings
from infra.settings_parser import SANDBOX_ADDRESSES, parse
from tests.workflows.jobs import ROOT

CREDENTIALS = {
    "twilio:accountSid": "AC" + "0" * 32,
    "twilio:authToken": "a token",
    "supabase:accessToken": "a token",
    "voicehooks:supabaseProject": "abcdefghijklmnopqrst",
}


def example(stack: str) -> str:
    """The text of an environment's file."""
    return (ROOT / f"Pulumi.{stack}.yaml").read_text(encoding="utf-8")


def config(stack: str) -> dict[str, Any]:
    """Its configuration."""
    found: dict[str, Any] = yaml.safe_load(example(stack))["config"]
    return found


MODELS = (Settings, NumberSettings, Delivery, Voicemail)
NUMBER_KEYS = {field.alias or name for name, field in NumberSettings.model_fields.items()}
COMMENTED_OUT = [
    line
    for line in re.findall(r"^ +# ([a-zA-Z:]+: .+)$", example("dev"), re.MULTILINE)
    if line.startswith("voicehooks:") or line.partition(":")[0] in NUMBER_KEYS
]


@pytest.mark.parametrize("stack", ["local", "dev", "prod"])
def test_each_is_valid_with_credentials(stack: str) -> None:
    """The settings are accepted; the file for the sandbox needs nothing but a running one."""
    credentials = {} if stack == "local" else CREDENTIALS
    # The wrapper of Pulumi passes the addresses of the running sandbox.
    addresses = dict.fromkeys(SANDBOX_ADDRESSES.values(), "http://127.0.0.1:1") if stack == "local" else {}
    settings = parse({**credentials, **config(stack)}, addresses, stack=stack)

    assert settings.named_numbers


def test_dev_shows_every_key() -> None:
    """Who fills it in finds each setting where it belongs, with a remark."""
    text = example("dev")
    keys = [field.alias or name for m in MODELS for name, field in m.model_fields.items()]

    assert [key for key in keys if not re.search(rf"\b{key}\b", text)] == []


@pytest.mark.parametrize("line", COMMENTED_OUT)
def test_what_is_commented_out_would_work(line: str) -> None:
    """A setting that only needs its # taken away is a valid one, at the place where it stands."""
    ((key, value),) = yaml.safe_load(line).items()
    given = config("dev")
    if key.startswith("voicehooks:"):
        given[key] = value
    else:
        given["voicehooks:defaults"] = {**given["voicehooks:defaults"], key: value}

    assert parse({**CREDENTIALS, **given}, {}, stack="dev")


def test_prod_is_guarded() -> None:
    """Prod's numbers are protected against a deleted line, and its changes are held against rules."""
    settings = parse({**CREDENTIALS, **config("prod")}, {}, stack="prod")

    assert settings.protect_numbers
    assert settings.rules != Rules()


def test_no_two_environments_share_a_vendors_account() -> None:
    """The examples name neither project nor account, so that nobody deploys to another person's project."""
    for stack in ("dev", "prod"):
        assert not set(config(stack)) & set(CREDENTIALS)
