"""SIP domains, lists and trunks at the emulator: what a program gives of them, and what Twilio then has."""

from __future__ import annotations

from typing import Any

from tests.providers.servicer_client import Resource
from tests.providers.twilio.conftest import ACCOUNT, Emulator, run

OURS = "https://crm.example.com/functions/v1/twilio-webhook"
THEIRS = "https://old.example.com/voice"
NAME = "example-crm.sip.twilio.com"
PASSWORD = "Correct7Horse"
API = f"/2010-04-01/Accounts/{ACCOUNT}/SIP"
DOMAIN: dict[str, Any] = {"domainName": NAME, "voiceUrl": OURS, "statusCallback": OURS, "secure": True}
TRUNK: dict[str, Any] = {
    "friendlyName": "pbx",
    "disasterRecoveryUrl": OURS,
    "recordingMode": "record-from-answer-dual",
    "originationUrls": [{"sipUrl": "sip:pbx.example.com", "weight": 20, "enabled": True}],
}


def create(emulator: Emulator, kind: str, given: dict[str, Any], name: str = "it") -> Resource:
    """Create a resource."""
    resource: Resource = run(emulator.plugin().create(kind, name, given))
    return resource


def get(emulator: Emulator, path: str) -> dict[str, Any]:
    """Return what Twilio answers."""
    answer = emulator.http.get(path)
    answer.raise_for_status()
    found: dict[str, Any] = answer.json()
    return found


def send(emulator: Emulator, path: str, **fields: str) -> dict[str, Any]:
    """Change something as somebody would in the console."""
    answer = emulator.http.post(path, data=fields)
    assert answer.is_success, answer.text
    found: dict[str, Any] = answer.json()
    return found


def refreshed(emulator: Emulator, resource: Resource) -> Resource:
    """Return the resource as a refresh has it."""
    found = run(emulator.plugin().read(resource))
    assert found is not None
    return found


def changes(emulator: Emulator, resource: Resource, given: dict[str, Any]) -> dict[str, str]:
    """Return what a preview after a refresh would change."""
    found: dict[str, str] = run(emulator.plugin().diff(refreshed(emulator, resource), given))
    return found


def credential_list(emulator: Emulator, name: str = "theirs") -> str:
    """Return a list that somebody else made."""
    return str(send(emulator, f"{API}/CredentialLists.json", FriendlyName=name)["sid"])


def mapped(emulator: Emulator, domain: str) -> list[str]:
    """Return the credential lists of a domain."""
    page = get(emulator, f"{API}/Domains/{domain}/Auth/Calls/CredentialListMappings.json")
    return [entry["sid"] for entry in page["contents"]]
