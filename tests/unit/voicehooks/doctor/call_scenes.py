"""Scenes of calls that are placed, and of the calls, recordings and errors of the last day."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import httpx

from tests.unit.voicehooks.doctor.project_scenes import answers
from tests.unit.voicehooks.doctor.scene import (
    ELSEWHERE,
    KEY,
    STACK,
    config,
    function,
    keys,
    moment,
    refuses,
    scene,
    state,
)
from tests.unit.voicehooks.doctor.world import (
    BASE,
    EVENTS,
    FUNCTIONS,
    HANDLER,
    HOST,
    NUMBER,
    REST,
    World,
    resource,
)
from tests.unit.voicehooks.vendor_stub import CALL, RECORDING

# Calls that are placed


def options(w: World, **found: Any) -> None:
    """Deploy other options of created calls."""
    state(w, without=STACK)
    state(w, resource(STACK, "voicehooks-dev", callOptions=found))


scene("created-calls: fine")(lambda w: None)
scene("created-calls: no callback")(options)
scene("created-calls: no options")(lambda w: state(w, resource(STACK, "voicehooks-dev"), without=STACK))
scene("created-calls: elsewhere")(lambda w: options(w, StatusCallback=ELSEWHERE, StatusCallbackEvent=EVENTS))
scene("created-calls: two events")(
    lambda w: options(w, StatusCallback=HANDLER, StatusCallbackEvent=["answered", "completed"])
)
scene("created-calls: no events")(lambda w: options(w, StatusCallback=HANDLER))


def auth(w: World, answer: Any) -> None:
    """Let the project's Auth answer this."""
    w.answers[f"GET {HOST}/auth/v1/settings"] = answer


OPEN = {"disable_signup": False, "external": {"anonymous_users": False}}
scene("sign-up: closed")(lambda w: None)
scene("sign-up: no place-call")(lambda w: [state(w, without="supabase:index:EdgeFunction"), auth(w, OPEN)])
scene("sign-up: open")(lambda w: auth(w, OPEN))
scene("sign-up: open, also to anonymous users")(
    lambda w: auth(w, {**OPEN, "external": {"anonymous_users": True}})
)
scene("sign-up: a claim")(lambda w: [auth(w, OPEN), config(w, callers={"claim": "role"})])
scene("sign-up: no claim")(lambda w: [auth(w, OPEN), config(w, callers={})])
scene("sign-up: no answer of Auth's")(lambda w: auth(w, (502, {"disable_signup": "no", "external": {}})))
scene("sign-up: an answer of Auth's without its settings")(lambda w: auth(w, {"disable_signup": True}))
scene("sign-up: an answer of Auth's that is a list")(lambda w: auth(w, []))
scene("sign-up: no JSON")(lambda w: auth(w, httpx.Response(200, text="<html>")))
scene("sign-up: no public key")(lambda w: keys(w, "secret default"))


@scene("sign-up: with the legacy public key")
def _(w: World) -> None:
    keys(w, "legacy anon", "secret default")
    auth(w, lambda request: OPEN if request.headers["apikey"] == "k" else (401, {}))


# The last day

US = "GET voice.twilio.com/v1/DialingPermissions/Countries/US"


def country(code: str, *codes: str, ordinary: bool = False, special: bool = False) -> dict[str, Any]:
    """A country's permissions."""
    return {
        "iso_code": code,
        "country_codes": list(codes),
        "low_risk_numbers_enabled": ordinary,
        "high_risk_special_numbers_enabled": special,
        "high_risk_tollfraud_numbers_enabled": False,
    }


scene("dialing: no settings")(lambda w: None)
scene("dialing: as in the settings")(
    lambda w: [
        config(w, dialingPermissions={"US": {"lowRisk": True}}),
        w.answers.update({US: country("US", ordinary=True, special=True)}),
    ]
)
scene("dialing: on and off")(
    lambda w: [
        config(w, dialingPermissions={"US": {"lowRisk": True, "highRiskSpecial": False}}),
        w.answers.update({US: country("US", special=True)}),
    ]
)


def countries(w: World, *found: dict[str, Any]) -> None:
    """Let the account know these countries, on two pages."""
    path = "GET voice.twilio.com/v1/DialingPermissions/Countries"
    following = "https://voice.twilio.com/v1/DialingPermissions/Countries?Page=1"
    w.answers[path] = lambda request: (
        {"content": found[1:], "meta": {"next_page_url": None}}
        if "Page" in request.url.params
        else {"content": found[:1], "meta": {"next_page_url": following}}
    )


TO = "+44 20".replace(" ", "") + "71838750"
scene(f"dialing to {TO}: may be called")(
    lambda w: countries(w, country("US", "+1", ordinary=True), country("GB", "+44", ordinary=True))
)
scene(f"dialing to {TO}: may not be called")(
    lambda w: countries(w, country("US", "+1", ordinary=True), country("GB", "+44"))
)
scene(f"dialing to {TO}: the longest code decides")(
    lambda w: countries(w, country("GB", "+4", "+44", ordinary=True), country("JE", "+44-20"))
)
scene(f"dialing to {TO}: no country has this code")(lambda w: countries(w, country("US", "+1", ordinary=True)))
scene(f"dialing to {TO}: many countries")(
    lambda w: countries(w, *(country(code, "+44") for code in ("GB", "GG", "IM", "JE", "XX")))
)
scene(f"dialing to {TO}: four countries, one permitted")(
    lambda w: countries(w, *(country(code, "+44", ordinary=code == "IM") for code in ("GB", "GG", "IM", "JE")))
)


def alert(url: str, hour: int, code: str = "11200") -> dict[str, Any]:
    """An alert of Twilio."""
    moment = f"2026-11-28T{hour:02}:00:00Z"
    return {"error_code": code, "date_created": moment, "request_url": url, "resource_sid": f"CA{hour}"}


def alerts(w: World, *found: dict[str, Any], answers_now: bool = False, deployed: str = "") -> None:
    """Let Twilio have alerts, and the handler answer or not."""
    w.answers["GET monitor.twilio.com/v1/Alerts"] = {"alerts": list(found)}
    if not answers_now:
        answers(w, 500)
    if deployed:
        milliseconds = int(datetime.fromisoformat(deployed).timestamp() * 1000)
        function(w, "", updated_at=milliseconds)


scene("alerts: none")(lambda w: None)
scene("alerts: of other URLs")(lambda w: alerts(w, alert(ELSEWHERE, 10)))
scene("alerts: of other URLs, and one of the handler")(
    lambda w: alerts(w, alert(ELSEWHERE, 10), alert(HANDLER, 11))
)
scene("alerts: two errors of two functions")(
    lambda w: alerts(
        w,
        alert(f"{HANDLER}?bodySHA256=x", 11),
        alert(HANDLER, 12),
        alert(HANDLER, 9, "15003"),
        alert(f"{FUNCTIONS}/twilio-events", 10, "99999"),
    )
)
scene("alerts: one before the last deploy, one after it")(
    lambda w: alerts(w, alert(HANDLER, 11), alert(HANDLER, 13), deployed="2026-11-28T12:00:00Z")
)
scene("alerts: one at the moment of the last deploy")(
    lambda w: alerts(w, alert(HANDLER, 12), deployed="2026-11-28T12:00:00Z")
)
scene("alerts: it answers now")(lambda w: alerts(w, alert(HANDLER, 11), alert(HANDLER, 13), answers_now=True))
scene("alerts: a deploy whose time is odd")(
    lambda w: [alerts(w, alert(HANDLER, 11)), function(w, "", updated_at="soon")]
)
scene("alerts: the functions cannot be read")(
    lambda w: [alerts(w, alert(HANDLER, 11)), refuses(w, "/functions", 403)]
)


def call(sid: str, **fields: Any) -> dict[str, Any]:
    """A call of the account, which ended an hour ago."""
    over = moment(hours=1)
    return {**CALL, "sid": sid, "start_time": over, "end_time": over, "date_created": over, **fields}


def calls(w: World, *found: dict[str, Any], rows: dict[str, str]) -> None:
    """Let Twilio have calls, and the database rows with these statuses."""
    w.answers[f"GET {BASE}/Calls.json"] = {"calls": list(found), "next_page_uri": None}
    w.answers[f"GET {REST}/twilio_calls"] = [
        {"call_sid": sid, "status": status} for sid, status in rows.items()
    ]


def left_out() -> list[dict[str, Any]]:
    """Calls for which no row is missing yet, or which are not the environment's."""
    return [
        call("CA11", status="in-progress", end_time=None),
        call("CA12", parent_call_sid="CA1"),
        call("CA13", to="+15559999999"),
        call("CA14", direction="outbound-api", to=NUMBER),
        call("CA15", end_time=moment(seconds=30)),
        call("CA16", direction="outbound-api", **{"from": NUMBER}),
    ]


scene("callbacks: no calls")(lambda w: None)
scene("callbacks: all are there")(lambda w: calls(w, call("CA1"), *left_out(), rows={"CA1": "completed"}))
scene("callbacks: one lacks, one is outdated")(
    lambda w: calls(
        w, call("CA1"), call("CA2"), call("CA3", end_time=None), rows={"CA1": "completed", "CA2": "ringing"}
    )
)
scene("callbacks: five lack")(lambda w: calls(w, *(call(f"CA{n}") for n in range(5)), rows={}))


def recordings(
    w: World, *found: tuple[str, str], rows: dict[str, str], audio: Any = None, **fields: str
) -> None:
    """Let Twilio have recordings (SID and status), and the database rows with these statuses."""
    calls(w, call("CA1"), call("CA2", direction="outbound-api", **{"from": NUMBER}), rows={})
    w.answers[f"GET {BASE}/Recordings.json"] = {
        "recordings": [
            {
                **RECORDING,
                "sid": sid,
                "status": status,
                "call_sid": "CA1",
                "date_created": moment(hours=1),
                **fields,
            }
            for sid, status in found
        ],
        "next_page_uri": None,
    }
    w.answers[f"GET {REST}/twilio_recordings"] = [
        {"recording_sid": sid, "call_sid": "CA1", "status": status} for sid, status in rows.items()
    ]
    sound = httpx.Response(200, headers={"Content-Type": "audio/mpeg"}, content=b"x")
    for sid, _ in found:
        w.answers[f"GET {BASE}/Recordings/{sid}.mp3"] = audio or sound


scene("recordings: none")(lambda w: None)
scene("recordings: all play")(
    lambda w: recordings(w, ("RE1", "completed"), ("RE2", "in-progress"), rows={"RE1": "completed"})
)
scene("recordings: of an outgoing call, not stored")(
    lambda w: recordings(w, ("RE1", "completed"), rows={}, call_sid="CA2")
)
scene("recordings: of a call that is not ours")(
    lambda w: recordings(w, ("RE1", "completed"), rows={}, call_sid="CA9")
)
scene("recordings: made just now")(
    lambda w: recordings(w, ("RE1", "completed"), rows={}, date_created=moment(seconds=30))
)
scene("recordings: one lost, one half stored")(
    lambda w: recordings(w, ("RE1", "completed"), ("RE2", "completed"), rows={"RE2": "in-progress"})
)
scene("recordings: absent and failed")(lambda w: recordings(w, rows={"RE1": "absent", "RE2": "failed"}))
scene("recordings: deleted at Twilio")(lambda w: recordings(w, rows={"RE1": "completed", "RE2": "deleted"}))
scene("recordings: played with the credentials")(
    lambda w: [
        w.config.update(KEY),
        recordings(
            w,
            ("RE1", "completed"),
            rows={"RE1": "completed"},
            audio=lambda request: (
                httpx.Response(200, headers={"Content-Type": "audio/mpeg"}, content=b"x")
                if request.headers.get("Authorization") == httpx.BasicAuth(*KEY.values())._auth_header
                else (401, {})
            ),
        ),
    ]
)
scene("recordings: something without a type")(
    lambda w: recordings(w, ("RE1", "completed"), rows={"RE1": "completed"}, audio=httpx.Response(200))
)
scene("recordings: no audio")(
    lambda w: recordings(w, ("RE1", "completed"), rows={"RE1": "completed"}, audio=(404, {}))
)
scene("recordings: something else than audio")(
    lambda w: recordings(
        w, ("RE1", "completed"), rows={"RE1": "completed"}, audio=httpx.Response(200, text="<html>")
    )
)
scene("recordings: six, of which five are played")(
    lambda w: recordings(
        w, *((f"RE{n}", "completed") for n in range(6)), rows={f"RE{n}": "completed" for n in range(6)}
    )
)


def quarantined(w: World, *keys: str) -> None:
    """Let the database have quarantined callbacks."""
    w.answers[f"GET {REST}/twilio_call_events"] = lambda request: [
        {"event_key": key} for key in keys if request.url.params["event_key"] == "gt."
    ]


scene("quarantine: none")(lambda w: None)
scene("quarantine: one")(lambda w: quarantined(w, "CA1:status:1"))
scene("quarantine: five")(lambda w: quarantined(w, *(f"CA{n}:status:1" for n in range(5))))
