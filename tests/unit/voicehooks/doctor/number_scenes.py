"""Scenes of numbers, the numbers that the handler answers, SIP domains and trunks."""

from __future__ import annotations

from typing import Any

from tests.unit.voicehooks.doctor.scene import (
    APP,
    ELSEWHERE,
    FOREIGN,
    TRUNK,
    VOICE,
    config,
    defaults,
    scene,
    state,
)
from tests.unit.voicehooks.doctor.world import (
    BASE,
    FALLBACK,
    HANDLER,
    NUMBER,
    World,
    number_state,
    resource,
)

# Numbers

scene("numbers: fine")(lambda w: None)
scene("numbers: one that has left the settings")(lambda w: state(w, number_state("+15550000009")))
scene("numbers: not owned")(lambda w: config(w, numbers={"+15550000009": {}}))
scene("numbers: no voice")(lambda w: w.number.update(capabilities={"voice": False, "sms": True}))
scene("numbers: not configured yet")(lambda w: state(w, without=VOICE))


def app(w: World, sid: str = APP, *, deleted: bool = False, **at_twilio: Any) -> None:
    """Let the numbers share a TwiML App; the number has the app with this SID, or none."""
    given = {"voiceUrl": HANDLER}
    kind = "twilio:index:Application"
    state(
        w,
        number_state(voiceUrl=None, voiceApplicationSid=APP),
        resource(kind, "shared", APP, inputs=given, **given, applicationSid=APP),
        without=VOICE,
    )
    w.number.update(voice_application_sid=sid)
    live = w.number | {"sid": APP, "voice_url": HANDLER} | at_twilio
    w.answers[f"GET {BASE}/Applications.json"] = {"applications": [] if deleted else [live]}


scene("precedence: its own URL")(lambda w: None)
scene("precedence: the shared app")(app)
scene("precedence: a trunk")(lambda w: w.number.update(trunk_sid=TRUNK))
scene("precedence: an app")(lambda w: w.number.update(voice_application_sid=FOREIGN))
scene("precedence: another app")(lambda w: app(w, FOREIGN))
scene("precedence: left the shared app")(lambda w: app(w, ""))
scene("precedence: not ours to route")(
    lambda w: [
        state(w, number_state(voiceUrl=None), without=VOICE),
        w.number.update(trunk_sid=TRUNK, voice_url=ELSEWHERE),
    ]
)
scene("precedence: a number that is not there")(lambda w: state(w, number_state("+15550000009")))
scene("urls: fine")(lambda w: None)
scene("urls: credentials in it")(lambda w: w.number.update(voice_url="https://u:p@crm.example.com/v"))
scene("urls: a method")(lambda w: w.number.update(status_callback_method="GET"))
scene("drift: none")(lambda w: None)
scene("drift: voice URL")(lambda w: w.number.update(voice_url=ELSEWHERE))
scene("drift: voice URL cleared")(lambda w: w.number.update(voice_url=""))
scene("drift: status callback and fallback")(
    lambda w: w.number.update(status_callback=ELSEWHERE, voice_fallback_url=ELSEWHERE)
)
scene("drift: another app is the matter of precedence")(lambda w: app(w, FOREIGN))


@scene("drift: a flag")
def _(w: World) -> None:
    state(w, number_state(voiceCallerIdLookup=True), without=VOICE)


scene("drift: the shared app")(lambda w: app(w, voice_url=ELSEWHERE))
scene("drift: the shared app was deleted")(lambda w: app(w, deleted=True))


def diverted(w: World, **fields: Any) -> None:
    """Divert the number, with its record in the settings."""
    config(w, diverted={NUMBER: {"to": ELSEWHERE, "before": {}, **fields}})
    w.number.update(voice_url=ELSEWHERE)


scene("drift: diverted")(lambda w: diverted(w, by="ana", since="2026-11-24T10:00:00Z"))
scene("drift: diverted by nobody knows whom")(diverted)
scene("settings-drift: none")(lambda w: None)
scene("settings-drift: changed")(lambda w: defaults(w, record="do-not-record", answer=None, ringSeconds=25))
scene("settings-drift: a number that is not deployed")(
    lambda w: config(w, numbers={"+15550000009": {"ringSeconds": 25}})
)
scene("settings-drift: retries of URLs that are not managed")(
    lambda w: [
        state(w, number_state(delivery=None), without=VOICE),
        defaults(w, delivery={"retries": 1}),
    ]
)

# The numbers that the handler answers

scene("events: all")(lambda w: None)
scene("events: two are not asked for")(lambda w: defaults(w, statusEvents=["answered", "completed"]))
scene("events: no setting")(lambda w: defaults(w, statusEvents=None))
scene("events: none are asked for, of a number that somebody else answers")(
    lambda w: [defaults(w, statusEvents=[]), w.number.update(voice_url=ELSEWHERE)]
)
scene("events: status callback cleared")(
    lambda w: [w.number.update(status_callback=""), defaults(w, statusEvents=["completed"])]
)
scene("recording: recorded")(lambda w: None)
scene("recording: not recorded")(lambda w: defaults(w, record="do-not-record"))
scene("recording: not decided")(lambda w: defaults(w, record=None))
scene("recording: not decided, of a number that somebody else answers")(
    lambda w: [defaults(w, record=None), w.number.update(voice_url=ELSEWHERE)]
)
scene("recording: through a TwiML App")(lambda w: [app(w), defaults(w, record=None)])
scene("fallback: in this project")(lambda w: None)
scene("fallback: outside")(lambda w: defaults(w, fallbackUrl="https://static.example.com/f.xml"))
scene("fallback: cleared")(lambda w: w.number.update(voice_fallback_url=""))


def no_fallback(w: World, at_twilio: str | None) -> None:
    """Let the settings name no fallback."""
    defaults(w, fallbackUrl=None)
    state(w, number_state(voiceFallbackUrl=None), without=VOICE)
    w.number.update(voice_fallback_url=at_twilio)


scene("fallback: none")(lambda w: no_fallback(w, None))
scene("fallback: none, of two numbers")(
    lambda w: [
        config(w, numbers={NUMBER: {}, "+15550000009": {}}),
        no_fallback(w, None),
        state(w, number_state("+15550000009", voiceFallbackUrl=None)),
        w.others.append({**w.number, "phone_number": "+15550000009", "sid": "PN9"}),
    ]
)
scene("fallback: a number that is not there")(
    lambda w: [config(w, numbers={"+15550000009": {}, NUMBER: {}}), state(w, number_state("+15550000009"))]
)
scene("fallback: set outside this stack")(lambda w: no_fallback(w, "https://static.example.com/f.xml"))
scene("fallback: none, of a number that is not ours to route")(
    lambda w: [
        no_fallback(w, None),
        state(w, number_state(voiceFallbackUrl=None, voiceUrl=None), without=VOICE),
    ]
)
scene("delivery: retried")(lambda w: None)
scene("delivery: taken away")(lambda w: w.number.update(voice_url=HANDLER))


def delivery(w: World, policy: dict[str, Any] | None) -> None:
    """Deploy other retries, or none."""
    defaults(w, delivery=policy)
    state(w, number_state(delivery=policy), without=VOICE)
    fragment = {None: "", 0: "#rc=0&rp=5xx", 2: "#rc=2", 5: "#rc=5&rp=all"}[policy and policy["retries"]]
    w.number.update(
        voice_url=HANDLER + fragment, status_callback=HANDLER + fragment, voice_fallback_url=FALLBACK + fragment
    )


scene("delivery: no setting")(lambda w: delivery(w, None))
scene("delivery: not of 5xx")(lambda w: delivery(w, {"retries": 2}))
scene("delivery: no retries")(lambda w: delivery(w, {"retries": 0, "retryOn": ["5xx"]}))
scene("delivery: of all")(lambda w: delivery(w, {"retries": 5, "retryOn": ["all"]}))
scene("delivery: no setting, of a number that somebody else answers")(
    lambda w: [delivery(w, None), state(w, without=VOICE), w.number.update(voice_url=ELSEWHERE)]
)

# SIP

DOMAIN = "phones.sip.twilio.com"
LIVE_DOMAIN = {
    "sid": "SD1",
    "domain_name": DOMAIN,
    "voice_url": f"{HANDLER}#rc=3",
    "voice_status_callback_url": HANDLER,
    "auth_type": "CREDENTIAL_LIST",
}


def domain(w: World, **changes: Any) -> None:
    """Name a SIP domain, which the account has."""
    config(w, sipDomains={DOMAIN: {}})
    w.answers[f"GET {BASE}/SIP/Domains.json"] = {"domains": [LIVE_DOMAIN | changes], "next_page_uri": None}


def trunk(w: World, *origins: bool, settings: Any = None, **changes: Any) -> None:
    """Name a trunk, which the account has, with origination URLs that are enabled or not."""
    config(w, trunks={"pbx": settings or {}})
    live = {"sid": TRUNK, "friendly_name": "pbx", "disaster_recovery_url": FALLBACK, **changes}
    w.answers["GET trunking.twilio.com/v1/Trunks"] = {"trunks": [live], "meta": {}}
    w.answers[f"GET trunking.twilio.com/v1/Trunks/{TRUNK}/OriginationUrls"] = {
        "origination_urls": [{"enabled": enabled} for enabled in origins],
        "meta": {},
    }


scene("sip-domains: none")(lambda w: None)
scene("sip-domains: fine")(domain)
scene("sip-domains: not there")(lambda w: domain(w, domain_name="other.sip.twilio.com"))
scene("sip-domains: elsewhere")(
    lambda w: domain(w, voice_url="https://u:p@crm.example.com/v", voice_status_callback_url=None, auth_type="")
)
scene("sip-trunks: none")(lambda w: None)
scene("sip-trunks: fine")(lambda w: trunk(w, False, True))
scene("sip-trunks: not there")(lambda w: trunk(w, True, friendly_name="other"))
scene("sip-trunks: elsewhere, and no origin")(
    lambda w: trunk(w, False, disaster_recovery_url="https://u:p@crm.example.com/v")
)
scene("sip-trunks: no disaster recovery")(lambda w: trunk(w, True, disaster_recovery_url=None))
scene("sip-trunks: a URL that none wants")(
    lambda w: trunk(w, True, settings={"disasterRecoveryUrl": ""}, disaster_recovery_url=ELSEWHERE)
)
scene("sip-trunks: a URL of its own")(
    lambda w: trunk(w, True, settings={"disasterRecoveryUrl": ELSEWHERE}, disaster_recovery_url=ELSEWHERE)
)
