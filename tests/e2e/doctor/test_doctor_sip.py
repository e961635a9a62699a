"""`voicehooks doctor`: SIP domains and trunks of the settings that the account lacks, or has otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.support.clone import Clone
from tests.support.examination import examined, findings_by_check
from tests.support.waiting import PATIENCE

DOMAIN = "examined.sip.twilio.com"
TRUNK = "pbx"
ORIGIN = "sip:pbx.example.com"
ELSEWHERE = "https://old.example.com/voice"


@pytest.fixture
def clone(deployed: Clone) -> Iterator[Clone]:
    """A deployed environment whose settings then name a SIP domain and a trunk."""
    path = deployed.folder / "Pulumi.local.yaml"
    before = path.read_text(encoding="utf-8")
    deployed.configure(
        sipDomains={DOMAIN: {"networks": {"203.0.113.0/24": "office"}}},
        trunks={TRUNK: {"origins": [{"sipUrl": ORIGIN}]}},
    )
    yield deployed
    path.write_text(before, encoding="utf-8")


def trunking(clone: Clone, method: str, path: str, **form: str) -> Any:
    """Send a request of Elastic SIP trunking."""
    account = clone.values["twilio_account_sid"], clone.values["twilio_auth_token"]
    url = clone.values["twilio_base_url"] + path
    answer = httpx.request(method, url, auth=account, data=form or None, timeout=PATIENCE)
    answer.raise_for_status()
    return answer.json() if answer.content else None


@pytest.fixture
def trunk(clone: Clone) -> Iterator[str]:
    """The path of a trunk of that name, whose disaster recovery goes elsewhere."""
    made = trunking(clone, "POST", "/v1/Trunks", FriendlyName=TRUNK, DisasterRecoveryUrl=ELSEWHERE)
    yield f"/v1/Trunks/{made['sid']}"
    trunking(clone, "DELETE", f"/v1/Trunks/{made['sid']}")


def test_neither_exists(clone: Clone) -> None:
    """Settings that no update has deployed."""
    report = examined(clone, ["sip-domains", "sip-trunks"])
    assert findings_by_check(report) == {"sip-domains": "problem", "sip-trunks": "problem"}
    assert [(f.subject, f.observed) for f in report.findings] == [(DOMAIN, "none"), (TRUNK, "none")]


def test_domain_that_nobody_can_use(clone: Clone) -> None:
    """Its calls go elsewhere, their end is reported to nobody, and no list says who may call."""
    made = clone.twilio("POST", "SIP/Domains.json", data={"DomainName": DOMAIN, "VoiceUrl": ELSEWHERE})
    try:
        report = examined(clone, ["sip-domains"])
    finally:
        clone.twilio("DELETE", f"SIP/Domains/{made['sid']}.json")
    assert findings_by_check(report) == {"sip-domains": "problem"}
    assert [f.observed for f in report.findings] == [ELSEWHERE, "nobody", "no list"]


def test_trunk_that_leads_nowhere(clone: Clone, trunk: str) -> None:
    """Its PBX is turned off, and its calls are lost then; with both as they should be there is no finding."""
    form = {"SipUrl": ORIGIN, "FriendlyName": TRUNK, "Priority": "1", "Weight": "1", "Enabled": "false"}
    origin = trunking(clone, "POST", f"{trunk}/OriginationUrls", **form)
    report = examined(clone, ["sip-trunks"])
    assert findings_by_check(report) == {"sip-trunks": "problem"}
    assert [f.observed for f in report.findings] == [ELSEWHERE, "none enabled"]

    trunking(clone, "POST", f"{trunk}/OriginationUrls/{origin['sid']}", Enabled="true")
    fallback = clone.values["webhook_url"].replace("twilio-webhook", "twilio-fallback")
    trunking(clone, "POST", trunk, DisasterRecoveryUrl=fallback)
    assert findings_by_check(examined(clone, ["sip-trunks"])) == {}
