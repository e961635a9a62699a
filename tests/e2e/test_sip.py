"""`voicehooks:sipDomains` and `voicehooks:trunks`: from the settings to the rows, and back."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from tests.support.clone import Clone
from tests.support.examination import examined, findings_by_check
from tests.support.hand_deployed import NUMBER
from tests.support.waiting import PATIENCE

DOMAIN = "example-crm.sip.twilio.com"
THEIRS = "theirs.sip.twilio.com"
LEAD = "+15557654321"
ORIGIN = "sip:pbx.example.com"


def ask(clone: Clone, method: str, path: str, **form: str) -> Any:
    """Read or write one of Twilio's other products."""
    account = clone.values["twilio_account_sid"], clone.values["twilio_auth_token"]
    url = clone.values["twilio_base_url"] + path
    answer = httpx.request(method, url, auth=account, data=form or None, timeout=PATIENCE)
    answer.raise_for_status()
    return answer.json()


def ended(clone: Clone, **body: Any) -> Any:
    """Let somebody call, and wait for the end."""
    call = clone.control("POST", "calls", json=body)
    return clone.control("GET", f"calls/{call['sid']}", params={"wait": 60})


@pytest.mark.slow
def test_sip_phones_and_a_pbx(deployed: Clone) -> None:
    """Planned, deployed, called, examined; what leaves the settings goes, what was not ours stays."""
    clone = deployed
    spare = clone.control("POST", "numbers", json={"count": 1})["numbers"][0]["phone_number"]
    clone.twilio("POST", "SIP/Domains.json", data={"DomainName": THEIRS})
    domain = {"networks": {"203.0.113.0/24": "office"}, "outgoing": True}
    trunk = {"origins": [{"sipUrl": ORIGIN}], "numbers": [spare], "record": "record-from-answer"}
    clone.configure(sipDomains={DOMAIN: domain}, trunks={"pbx": trunk})
    plan = json.loads(clone.voicehooks("plan", "--json").stdout)
    subjects = {change["subject"] for change in plan["changes"]}
    assert {f"SIP domain {DOMAIN}", "SIP trunk pbx", f"IP access control list {DOMAIN}"} <= subjects
    clone.up()
    clone.pulumi("preview", "--expect-no-changes")
    webhook = clone.values["webhook_url"]
    live = {d["domain_name"]: d for d in clone.twilio("GET", "SIP/Domains.json")["domains"]}
    assert live[DOMAIN]["voice_url"].partition("#")[0] == webhook
    assert live[DOMAIN]["voice_status_callback_url"].partition("#")[0] == webhook
    assert findings_by_check(examined(clone, ["sip-domains", "sip-trunks"])) == {}

    adopted = json.loads(clone.voicehooks("adopt", NUMBER, "--dry-run", "--json").stdout)
    (note,) = [note for note in adopted["notes"] if "SIP" in note]
    assert note.startswith(f"the SIP domain {THEIRS} is answered by nobody; it stays as it is")

    call = ended(clone, to=f"sip:{LEAD}@{DOMAIN}", **{"from": f"sip:alice@{DOMAIN}", "sourceIp": "203.0.113.7"})
    assert [leg["to"] for leg in call["legs"]] == [LEAD]
    rows = clone.query(
        "select from_number, to_number, direction, display_status from twilio_calls "
        f"where call_sid = '{call['sid']}'"
    )
    assert rows == [
        {
            "from_number": f"sip:alice@{DOMAIN}",
            "to_number": f"sip:{LEAD}@{DOMAIN}",
            "direction": "inbound",
            "display_status": "completed",
        }
    ]
    legs = clone.query(f"select to_number from twilio_calls where parent_call_sid = '{call['sid']}'")
    assert legs == [{"to_number": LEAD}]

    answered = ended(clone, to=spare)
    assert (answered["legs"], answered["recordings"][0]["source"]) == ([], "Trunking")
    down = ended(clone, to=spare, legs={ORIGIN: {"scenario": "failed"}})
    assert down["status"] == "completed"
    asked = clone.control("GET", "webhook-requests", params={"call_sid": down["sid"]})["webhook_requests"]
    assert [request["url"] for request in asked if request["kind"] == "voice"] == [
        webhook.replace("twilio-webhook", "twilio-fallback")
    ]
    assert down["legs"], "the fallback forwards the call"

    trunks = ask(clone, "GET", "/v1/Trunks")["trunks"]
    ask(clone, "POST", f"/v1/Trunks/{trunks[0]['sid']}", DisasterRecoveryUrl="https://old.example.com/x")
    clone.twilio(
        "POST", f"SIP/Domains/{live[DOMAIN]['sid']}.json", data={"VoiceUrl": "https://old.example.com/x"}
    )
    found = examined(clone, ["sip-domains", "sip-trunks"])
    assert findings_by_check(found) == {"sip-domains": "problem", "sip-trunks": "problem"}
    drift = json.loads(clone.voicehooks("plan", "--json").stdout)["drift"]
    assert {(row["subject"], row["setting"]) for row in drift} >= {
        (DOMAIN, "voiceUrl"),
        ("pbx", "disasterRecoveryUrl"),
    }
    clone.up("--refresh")

    clone.configure(sipDomains=None, trunks=None)
    clone.up()
    assert [d["domain_name"] for d in clone.twilio("GET", "SIP/Domains.json")["domains"]] == [THEIRS]
    assert ask(clone, "GET", "/v1/Trunks")["trunks"] == []
