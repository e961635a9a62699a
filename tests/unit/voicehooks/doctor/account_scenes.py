"""Scenes of what holds for the whole Twilio account: webhook rules, recordings, Regions, Event Streams."""

from __future__ import annotations

import json
from typing import Any

from tests.unit.voicehooks.doctor.scene import (
    ELSEWHERE,
    FORBIDDEN,
    config,
    defaults,
    scene,
    state,
)
from tests.unit.voicehooks.doctor.world import (
    FUNCTIONS,
    HANDLER,
    NUMBER,
    PROJECT,
    World,
    resource,
)

# Webhook rules


def rule(w: World, *, match: str = FUNCTIONS, name: str = "CRM", percentage: int = 100, **setting: Any) -> None:
    """Let a rule of the account match URLs with this prefix."""
    found = {
        "id": "whr1",
        "friendlyName": name,
        "matchType": "PREFIX_MATCH",
        "prefix": match,
        "settings": [{"settingId": "whs1", "percentage": percentage}],
    }
    host = "webhooks.twilio.com/v1/Webhooks"
    w.answers[f"GET {host}/Rules"] = {"rules": [found], "meta": {"key": "rules"}}
    settings = [{"id": "whs1", **setting}]
    w.answers[f"GET {host}/Settings"] = {"settings": settings, "meta": {"key": "settings"}}


OWN_RULE = resource("twilio:index:WebhookRule", "rule", "whr1")
OWN_KEY = resource("twilio:index:WebhookSharedKey", "key", "whk1", secret="s" * 32)
FOREIGN_KEY = {"signature": {"algorithm": "HMAC-SHA256", "sharedKeyId": "whk9"}}
SHARED_KEY = {"signature": {"algorithm": "HMAC-SHA256", "sharedKeyId": "whk1"}}
RETRIES = {"connection": {"retryPolicy": {"retryCount": 2}}}
ZONES = {"edgeZones": {"zones": ["dublin", "ashburn"], "allowZoneFallback": False}}
RULES = {"account": {"webhookRules": True}}
scene("webhook-rules: none")(lambda w: None)
scene("webhook-rules: not available")(
    lambda w: w.answers.update({"GET webhooks.twilio.com/v1/Webhooks/Rules": FORBIDDEN})
)
scene("webhook-rules: for other URLs")(lambda w: rule(w, match="https://crm.example.com", **FOREIGN_KEY))
scene("webhook-rules: another key")(lambda w: rule(w, **FOREIGN_KEY))
scene("webhook-rules: another key for some callbacks")(
    lambda w: rule(w, match=HANDLER, name="", percentage=20, **FOREIGN_KEY)
)
scene("webhook-rules: another key in the second setting")(
    lambda w: [
        rule(w, **FOREIGN_KEY),
        w.answers["GET webhooks.twilio.com/v1/Webhooks/Rules"]["rules"][0].update(
            settings=[{"settingId": "whs9", "percentage": 30}, {"settingId": "whs1", "percentage": 70}]
        ),
    ]
)
scene("webhook-rules: time-outs without retries")(lambda w: rule(w, connection={"connectTimeoutMs": 1000}))
scene("webhook-rules: retries")(lambda w: rule(w, **RETRIES))
scene("webhook-rules: edge zones")(lambda w: rule(w, **ZONES))
scene("webhook-rules: harmless edge zones")(
    lambda w: rule(w, edgeZones={"zones": ["dublin"], "allowZoneFallback": True})
)


def own_rule(w: World, **setting: Any) -> None:
    """Let the environment have a rule itself."""
    config(w, **RULES)
    state(w, OWN_RULE, OWN_KEY)
    rule(w, **setting)


scene("webhook-rules: our own")(lambda w: own_rule(w, **SHARED_KEY, **RETRIES))
scene("webhook-rules: our own signs with the token")(own_rule)
scene("webhook-rules: our own signs with another key")(lambda w: own_rule(w, **FOREIGN_KEY))
scene("webhook-rules: our own is gone")(lambda w: [config(w, **RULES), state(w, OWN_RULE, OWN_KEY)])


@scene("webhook-rules: on a second page")
def _(w: World) -> None:
    rule(w, **FOREIGN_KEY)
    path = "GET webhooks.twilio.com/v1/Webhooks/Rules"
    second = w.answers[path]
    w.answers[path] = lambda request: (
        second
        if request.url.params.get("pageToken") == "next"
        else {"rules": [], "meta": {"key": "rules", "nextToken": "next"}}
    )


# Settings of the whole account


def recording(w: World, url: str | None) -> None:
    """Let all recordings of the account report there."""
    callback = {"callRecordingStatusCallback": {"url": url}} if url is not None else {}
    w.answers["GET voice.twilio.com/v2/AccountDefaultConfiguration/Recording"] = {"configuration": callback}


CALLBACK = {"account": {"recordingCallback": True}}
NEIGHBOR = "https://zyxwvutsrqponmlkjihg.supabase.co/functions/v1/twilio-webhook"
scene("account-recording-default: none")(lambda w: None)
scene("account-recording-default: ours")(lambda w: recording(w, f"{HANDLER}#rc=3"))
scene("account-recording-default: none, although wanted")(lambda w: config(w, **CALLBACK))
scene("account-recording-default: another environment's")(lambda w: recording(w, NEIGHBOR))
scene("account-recording-default: another's, nothing is recorded")(
    lambda w: [recording(w, NEIGHBOR), defaults(w, record="do-not-record")]
)
scene("account-recording-default: another's, one number records")(
    lambda w: [
        recording(w, "https://u:p@crm.example.com/r"),
        defaults(w, record=None),
        config(w, numbers={NUMBER: {"record": "record-from-ringing"}}),
    ]
)
scene("account-recording-default: another environment's, although ours is wanted")(
    lambda w: [recording(w, NEIGHBOR), config(w, **CALLBACK)]
)
scene("account-recording-default: no URL, although wanted")(
    lambda w: [recording(w, None), config(w, **CALLBACK)]
)
ROUTE = f"GET routes.twilio.com/v2/PhoneNumbers/{NUMBER}"
scene("region: home")(lambda w: None)
scene("region: not available")(lambda w: w.answers.update({ROUTE: FORBIDDEN}))
scene("region: refused")(lambda w: w.answers.update({ROUTE: (400, {"code": 20001, "message": "no"})}))
scene("region: another")(lambda w: w.answers.update({ROUTE: {"voice_region": "ie1"}}))
scene("region: another, with a star")(
    lambda w: [config(w, numbers={"*": {}}), w.answers.update({ROUTE: {"voice_region": "ie1"}})]
)
scene("region: as configured")(
    lambda w: [
        w.config.update({"twilio:region": "ie1"}),
        w.answers.update(
            {name.replace("twilio.com", "dublin.ie1.twilio.com"): a for name, a in w.answers.items()}
        ),
        w.answers.update(
            {name.replace("twilio.com", "ashburn.ie1.twilio.com"): a for name, a in w.answers.items()}
        ),
        w.answers.update({ROUTE.replace("twilio.com", "ashburn.ie1.twilio.com"): {"voice_region": "ie1"}}),
    ]
)

# Event Streams

SINK = {
    "sid": "DG1",
    "status": "active",
    "sink_type": "webhook",
    "description": "ours",
    "date_created": "2026-11-20T10:00:00Z",
    "sink_configuration": {"destination": f"{FUNCTIONS}/twilio-events?x=1", "method": "POST"},
}
STREAMS = {"account": {"eventStreams": True}}


def sinks(w: World, *found: dict[str, Any], sink_of_subscription: str = "", **meta: Any) -> None:
    """Give the account these sinks, and a subscription."""
    w.answers["GET events.twilio.com/v1/Sinks"] = {"sinks": list(found), "meta": meta}
    if sink_of_subscription:
        w.answers["GET events.twilio.com/v1/Subscriptions"] = {
            "subscriptions": [{"sid": "DF1", "sink_sid": sink_of_subscription, "description": "calls"}],
            "meta": {},
        }


def events_function(w: World) -> None:
    """Deploy the function that receives Event Streams."""
    w.answers[f"GET {PROJECT}/functions"].append({"id": "e", "slug": "twilio-events", "status": "ACTIVE"})


scene("event-sinks: none")(lambda w: None)
scene("event-sinks: not available")(
    lambda w: w.answers.update({"GET events.twilio.com/v1/Subscriptions": FORBIDDEN})
)
scene("event-sinks: sinks not available")(
    lambda w: w.answers.update({"GET events.twilio.com/v1/Sinks": FORBIDDEN})
)
scene("event-sinks: ours")(
    lambda w: [config(w, **STREAMS), sinks(w, SINK, sink_of_subscription="DG1"), events_function(w)]
)
scene("event-sinks: ours, its configuration as text")(
    lambda w: [
        config(w, **STREAMS),
        sinks(w, {**SINK, "sink_configuration": json.dumps(SINK["sink_configuration"])}),
        events_function(w),
    ]
)
scene("event-sinks: none, although wanted")(lambda w: config(w, **STREAMS))
scene("event-sinks: failed")(
    lambda w: [config(w, **STREAMS), sinks(w, {**SINK, "status": "failed"}), events_function(w)]
)
scene("event-sinks: elsewhere")(
    lambda w: sinks(
        w, {**SINK, "sink_configuration": {"destination": ELSEWHERE}}, {**SINK, "sink_configuration": "{"}
    )
)
scene("event-sinks: without a destination")(
    lambda w: sinks(w, {**SINK, "sink_configuration": None}, {**SINK, "sink_configuration": {}})
)
scene("event-sinks: to a function that is not deployed")(lambda w: sinks(w, {**SINK, "description": None}))
scene("event-sinks: a subscription without its sink")(lambda w: sinks(w, sink_of_subscription="DG9"))
scene("event-sinks: a subscription whose sink may be on the next page")(
    lambda w: sinks(w, sink_of_subscription="DG9", next_page_url="https://events.twilio.com/v1/Sinks?Page=1")
)


def summaries(w: World, *missing: tuple[str, str, str], reported: int = 4, lacking: int = 0) -> None:
    """Let Event Streams have reported calls; those that are missing are SID, caller and number."""
    config(w, **STREAMS)
    sinks(w, SINK)
    w.rows = {
        "twilio_unsummarized_calls": [{"reported": reported, "lacking": lacking}],
        "twilio_unreported_calls": [
            {
                "call_sid": sid,
                "direction": "inbound",
                "from_number": caller,
                "to_number": to,
                "missing": "call",
                "ended_at": "2026-11-28 10:00:00+00",
            }
            for sid, caller, to in missing
        ],
    }


ANA = "+15550100001"
scene("unreported-calls: not known without Event Streams")(lambda w: None)
scene("unreported-calls: not known without a sink")(lambda w: config(w, **STREAMS))
scene("unreported-calls: not known without the list of sinks")(
    lambda w: [config(w, **STREAMS), w.answers.update({"GET events.twilio.com/v1/Sinks": FORBIDDEN})]
)
scene("unreported-calls: not known with a sink that failed")(
    lambda w: [summaries(w), sinks(w, {**SINK, "status": "failed"})]
)
scene("unreported-calls: none")(summaries)
scene("unreported-calls: of our numbers alone")(
    lambda w: summaries(w, ("CA1", ANA, NUMBER), ("CA2", NUMBER, ANA), ("CA3", ANA, "+15559999999"))
)
scene("unreported-calls: many")(lambda w: summaries(w, *((f"CA{n}", ANA, NUMBER) for n in range(7))))
scene("unreported-calls: exactly as many as are shown")(
    lambda w: summaries(w, *((f"CA{n}", ANA, NUMBER) for n in range(5)))
)
scene("unreported-calls: the stream lacks calls")(lambda w: summaries(w, lacking=2, reported=1))
scene("unreported-calls: of a number that only the star names")(
    lambda w: [summaries(w, ("CA1", ANA, NUMBER)), config(w, numbers={"*": {}})]
)
