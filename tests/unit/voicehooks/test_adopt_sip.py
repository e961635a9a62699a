"""What adopt says of the account's SIP domains and trunks, which it does not take over."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from pulumi_twilio.client import TwilioError

from voicehooks.commands.adopt import sip

DOMAINS = [
    {"domain_name": "ours.sip.twilio.com", "voice_url": "https://crm.example.com/v"},
    {"domain_name": "theirs.sip.twilio.com", "voice_url": "https://u:p@pbx.example.com/v#rc=3"},
    {"domain_name": "silent.sip.twilio.com", "voice_url": None},
]
TRUNKS = [
    {"sid": "TK1", "friendly_name": "ours", "disaster_recovery_url": None},
    {"sid": "TK2", "friendly_name": "office", "disaster_recovery_url": "https://u:p@pbx.example.com/down"},
    {"sid": "TK3", "friendly_name": "", "disaster_recovery_url": ""},
]


def notes(monkeypatch: pytest.MonkeyPatch, **answers: Any) -> list[str]:
    """Return the notes, by what each host answers."""

    async def listed(_: Any, path: str, *, host: str) -> list[dict[str, Any]]:
        if isinstance(answers[host], TwilioError):
            raise answers[host]
        return answers[host]

    monkeypatch.setattr(sip, "listed", listed)
    twilio: Any = SimpleNamespace(client=SimpleNamespace(account=lambda path: path))
    settings: Any = SimpleNamespace(sip_domains={"ours.sip.twilio.com": {}}, trunks={"ours": {}})
    return asyncio.run(sip.sip_notes(twilio, settings))


def test_what_the_settings_do_not_name_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who answers a domain, and what a trunk does if its PBX is down; no password in a URL is shown."""
    said = notes(monkeypatch, api=DOMAINS, trunking=TRUNKS)

    assert [note.partition("; it stays")[0] for note in said] == [
        "the SIP domain theirs.sip.twilio.com is answered by https://***@pbx.example.com/v",
        "the SIP domain silent.sip.twilio.com is answered by nobody",
        "the SIP trunk office asks https://***@pbx.example.com/down if its PBX is down",
        "the SIP trunk TK3 has no disaster recovery URL",
    ]


@pytest.mark.parametrize("status", [403, 404])
def test_a_key_that_may_not_read_them_says_nothing(monkeypatch: pytest.MonkeyPatch, status: int) -> None:
    """Adopting numbers needs no right to SIP; another error is one."""
    lacking = TwilioError(20003, "no", status)

    assert notes(monkeypatch, api=lacking, trunking=lacking) == []
    with pytest.raises(TwilioError):
        notes(monkeypatch, api=TwilioError(None, "no", 500), trunking=[])
