"""What a reviewer of a plan should look at twice, and what holds for a number before and after an update."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.unit.voicehooks.plan_previews import HANDLER, URL, handler, number, plan_of, step
from voicehooks.commands.plan import read
from voicehooks.commands.plan.risks import of_migration, of_number

NUMBER, OTHER = "+15550000001", "+15550000002"
ELSEWHERE = "https://other.example/voice"
APP = "AP" + "1" * 32


def risks(setting: str, old: Any, new: Any, before: Any = None, after: Any = None) -> tuple[str, ...]:
    """The risks of one setting, with the others of the number if they matter."""
    return of_number(setting, old, new, before or {setting: old}, after or {setting: new})


@pytest.mark.parametrize(
    ("setting", "old", "new", "expected"),
    [
        ("voiceUrl", HANDLER, "", "stops answering"),
        ("voiceUrl", "", HANDLER, ""),
        ("voiceUrl", HANDLER, ELSEWHERE, "other destination"),
        ("voiceUrl", f"{HANDLER}#rc=1", f"{HANDLER}#rc=3", ""),
        ("voiceUrl", None, HANDLER, ""),
        ("forwardTo", ["+1"], ["+2"], "other destination"),
        ("callerId", None, "+1", "other caller ID"),
        ("reject", None, "busy", "stops answering"),
        ("reject", "busy", "rejected", ""),
        ("reject", "busy", None, ""),
        ("record", None, "record-from-answer", "recording on"),
        ("record", "do-not-record", "record-from-ringing", "recording on"),
        ("record", "record-from-answer", "do-not-record", "recording off"),
        ("record", "record-from-answer", None, "recording off"),
        ("record", "record-from-answer", "record-from-ringing", ""),
        ("record", None, "do-not-record", ""),
        ("voiceFallbackUrl", ELSEWHERE, "", "no fallback any more"),
        ("voiceFallbackUrl", "", ELSEWHERE, ""),
        ("voiceFallbackUrl", ELSEWHERE, HANDLER, ""),
        ("TwiML App", None, "theirs", "other destination"),
        ("trunk", None, "TK1", "other destination"),
        ("trunk", "TK1", None, ""),
        ("delivery.retries", 3, 2, "fewer retries"),
        ("delivery.retries", None, 0, "fewer retries"),
        ("delivery.retries", 3, None, "fewer retries"),
        ("delivery.retries", None, 1, ""),
        ("delivery.retries", 1, 3, ""),
        ("delivery.retryOn", ["connect", "5xx"], ["connect"], "fewer retries"),
        ("delivery.retryOn", ["5xx"], None, "fewer retries"),
        ("delivery.retryOn", None, ["5xx"], "fewer retries"),
        ("delivery.retryOn", None, ["connect", "5xx"], ""),
        ("delivery.retryOn", ["5xx"], ["all"], ""),
        ("ringSeconds", 20, 40, ""),
    ],
)
def test_a_change_and_its_risk(setting: str, old: Any, new: Any, expected: str) -> None:
    """What callers or the business could lose; the same change the other way round is mostly none."""
    assert risks(setting, old, new) == ((expected,) if expected else ())


def test_a_trunk_answers_without_a_url() -> None:
    """A number whose calls go to a trunk is not silent."""
    silent = {"voiceUrl": ""}
    assert risks("voiceUrl", HANDLER, "", {"voiceUrl": HANDLER}, {**silent, "trunk": "TK1"}) == ()
    assert risks("voiceUrl", "x", "", silent, silent) == ()
    app = {"TwiML App": "voicehooks prod", "voiceUrl": HANDLER}
    assert risks("TwiML App", None, "voicehooks prod", {"voiceUrl": HANDLER}, app) == ()


@pytest.mark.parametrize(
    ("sql", "risk"),
    [
        ("Alter table a DROP  COLUMN b;", ("drops data: drop column",)),
        ("drop schema x cascade", ("drops data: drop schema",)),
        ("delete from a where b", ("drops data: delete from",)),
        ("/* drop table a; \n*/ select 1", ()),
        ("create function f() as $x$ truncate a $x$; drop table b", ("drops data: drop table",)),
        ("", ()),
        (None, ()),
    ],
)
def test_a_migration_and_its_risk(sql: str | None, risk: tuple[str, ...]) -> None:
    """The words that drop something; a text that is not at hand has none."""
    assert of_migration(sql) == risk


def rows(*steps: dict[str, Any], subject: str = NUMBER) -> list[tuple[str, Any, Any]]:
    """The rows of a number."""
    return [(c.setting, c.old, c.new) for c in plan_of(*steps).changes if c.subject == subject]


RESTORED = {"voice_url": ELSEWHERE, "status_callback": "(empty)", "voice_fallback_url": ELSEWHERE}


def test_a_number_that_leaves_gets_back_what_it_had() -> None:
    """Only what the stack managed; what it had before is in its state."""
    managed = {"voiceUrl": HANDLER, "statusCallback": HANDLER, "restores": RESTORED}
    found = rows(handler({}, {}), number(NUMBER, managed, None))
    assert found == [
        ("number", None, f"given back to: {ELSEWHERE}; no fallback"),
        ("voiceUrl", HANDLER, ELSEWHERE),
    ]


def test_a_property_that_leaves_the_program_goes_back() -> None:
    """To what was found, or to nothing; connection overrides go with it."""
    old = {"voiceUrl": HANDLER, "voiceFallbackUrl": HANDLER, "statusCallback": HANDLER, "restores": RESTORED}
    old |= {"delivery": {"retries": 3}}
    new = {"voiceUrl": HANDLER, "restores": RESTORED}
    assert rows(number(NUMBER, old, new)) == [
        ("voiceFallbackUrl", HANDLER, ELSEWHERE),
        ("statusCallback", HANDLER, ""),
        ("delivery.retries", 3, None),
    ]


def test_a_voice_url_takes_a_number_out_of_its_app_and_trunk() -> None:
    """Twilio clears both when it is written; an app clears the trunk."""
    own = {"voiceUrl": HANDLER}
    assert rows(number(NUMBER, {**own, "voiceApplicationSid": APP}, own)) == [
        ("TwiML App", APP, None),
        ("voiceUrl", None, HANDLER),
    ]
    assert rows(number(NUMBER, {**own, "trunkSid": "TK1"}, own)) == [
        ("trunk", "TK1", None),
        ("voiceUrl", None, HANDLER),
    ]
    into_app = rows(number(NUMBER, {"trunkSid": "TK1"}, {"voiceApplicationSid": APP}))
    assert into_app == [("TwiML App", None, APP), ("trunk", "TK1", None)]


def test_a_number_that_joins_is_shown_with_what_it_had() -> None:
    """Before the update it is answered by what its owner set; nothing is bought."""
    found = rows(handler({}, {}), number(NUMBER, None, {"voiceUrl": HANDLER, "restores": RESTORED}))
    assert found == [
        ("number", None, "joins; it exists, nothing is bought"),
        ("voiceUrl", ELSEWHERE, HANDLER),
    ]
    plan = plan_of(handler({}, {}), number(NUMBER, None, {"voiceUrl": HANDLER, "restores": RESTORED}))
    assert (plan.joining, plan.numbers, "other destination" in plan.risks) == ([NUMBER], 1, True)


def test_a_caller_id_lookup_and_methods_are_shown() -> None:
    """A method only where it is not POST, and where there is a URL."""
    old = {"voiceUrl": HANDLER, "voiceMethod": "GET", "statusCallbackMethod": "GET"}
    new = {"voiceUrl": HANDLER, "voiceMethod": "POST", "voiceCallerIdLookup": True}
    assert rows(number(NUMBER, old, {**old, **new})) == [
        ("voiceMethod", "GET", None),
        ("voiceCallerIdLookup", None, True),
    ]


def test_an_app_of_the_program_is_looked_into() -> None:
    """By its SID; what it has after the update counts for its numbers."""
    kind = "voicehooks:index:VoiceWebhooks$twilio:index:Application"
    old = {"friendlyName": "shared", "voiceUrl": ELSEWHERE, "statusCallback": ELSEWHERE}
    app = step(kind, APP, old, {"friendlyName": "shared", "voiceUrl": HANDLER})
    member = {"voiceApplicationSid": APP}
    plan = plan_of(handler({}, {}), app, number(NUMBER, member, member))
    found = [(c.setting, c.old, c.new) for c in plan.changes if c.subject == NUMBER]
    assert found == [("voiceUrl", ELSEWHERE, HANDLER), ("statusCallback", ELSEWHERE, None)]
    assert plan.routes[NUMBER].startswith("TwiML App shared -> twilio-webhook -> no destination; no fallback")


def test_what_the_handler_does_with_a_number() -> None:
    """In one line: whom it rings, what else, and whether it records."""

    def route(**settings: Any) -> str:
        plan = plan_of(
            handler({"defaults": {"a": 1}}, {"defaults": {"a": 2, **settings}}),
            number(NUMBER, {"voiceUrl": HANDLER}, {"voiceUrl": HANDLER, "delivery": {"retries": 1}}),
        )
        return plan.routes[NUMBER].removeprefix("twilio-webhook; ").removeprefix("twilio-webhook -> ")

    both = {"forwardTo": ["+1", "+2"], "voicemail": {"greeting": "x"}}
    end = "; no fallback; 1 retry"
    assert route().endswith(f"no destination{end}")
    assert route(voicemail={"greeting": "x"}, record="record-from-answer").endswith(f"voicemail, recorded{end}")
    assert route(**both).endswith(f"rings +1, +2 and voicemail{end}")
    assert route(**both, reject="busy").endswith(f"rejects (busy){end}")


def test_countries() -> None:
    """Each kind of numbers by itself: opened is a risk, and what leaves goes back to what was there."""
    kind = "twilio:index:DialingPermissions"
    countries = {"US": {"lowRisk": True, "highRiskSpecial": False}, "GB": {"lowRisk": True}}
    original = {"GB": {"low_risk_numbers_enabled": False}}
    old = step(kind, "d", {"countries": countries, "original": original}, {"countries": {}})
    old["newState"]["inputs"] = {"countries": {"US": {"lowRisk": True, "highRiskSpecial": True}}}
    found = plan_of(old).changes
    assert [(c.subject, c.setting, c.old, c.new, c.risks) for c in found] == [
        ("GB", "lowRisk", True, False, ()),
        ("US", "highRiskSpecial", False, True, ("permissions widened",)),
    ]
    new = step(kind, "d", None, {"countries": {"US": {"lowRisk": True, "highRiskTollfraud": True}}})
    said = {
        "urn": new["urn"],
        "severity": "info",
        "message": "US low_risk on -> on, US high_risk_tollfraud off -> on",
    }
    data = json.dumps({"steps": [new], "diagnostics": [said]})
    assert [(c.setting, c.old, c.new) for c in read(data, stack="prod").changes] == [
        ("highRiskTollfraud", False, True)
    ]
    same = {"countries": countries}
    assert plan_of(step(kind, "d", same, same)).changes == []


def test_apps_and_other_resources_of_the_vendors() -> None:
    """What shows at no number is a row of its own; what only remembers is none, and AWS is counted."""
    app, trunk = "twilio:index:Application", "twilio:index:SipTrunk"
    name = {"friendlyName": "shared"}
    plan = plan_of(
        step(app, "gone", name, None),
        step(app, "changed", {**name, "smsUrl": "a"}, {**name, "smsUrl": "b"}, {"smsUrl": {"kind": "update"}}),
        step(app, "new", None, name),
        step(trunk, "office", None, {"x": 1}),
        step(trunk, "old", {"x": 1}, None),
        step("twilio:index:Thing", "t", {"a": {"b": 1}}, {"a": {"b": 2}}, {'a["b"]': {"kind": "update"}}),
        step("twilio:index:VoiceOriginals", "o", None, {"x": 1}),
        step("aws:s3:Bucket", "a", None, {"x": 1}),
        step("aws:s3:Bucket", "b", {"x": 1}, None),
        step("aws:s3:Bucket", "c", {"x": 1}, {"x": 1}),
    )
    assert [(c.subject, c.setting, c.old, c.new) for c in plan.changes] == [
        ("TwiML App shared", "smsUrl", "a", "b"),
        ("TwiML App shared", "application", "there", "deleted"),
        ("TwiML App shared", "application", None, "new; no number joins it, because the settings name none"),
        ("SIP trunk office", "SIP trunk", None, "new"),
        ("SIP trunk old", "SIP trunk", "there", None),
        ("Thing t", 'a["b"]', 1, 2),
    ]
    assert {c.area for c in plan.changes} == {"other"}
    assert plan.others == {"create": 1, "delete": 1}


def test_what_somebody_changed_elsewhere() -> None:
    """Each property, maps by their keys; what the providers make themselves is nobody's change."""
    changed = number(NUMBER, {"voiceUrl": HANDLER}, {"voiceUrl": HANDLER})
    changed["op"] = "update"
    refresh = json.loads(json.dumps(changed))
    refresh["op"] = "refresh"
    recorded = {"voiceUrl": HANDLER, "delivery": {"retries": 1, "timeout": 2}, "restores": {"a": 1}}
    refresh["oldState"]["inputs"] = recorded
    live = {"voiceUrl": ELSEWHERE, "delivery": {"retries": 3, "timeout": 2}, "restores": {"a": 2}}
    changed["oldState"]["inputs"] = live
    gone = number(OTHER, None, {"voiceUrl": HANDLER})
    gone_before = json.loads(json.dumps(gone))
    gone_before["op"] = "refresh"
    gone_before["oldState"] = {"id": "PN1", "inputs": {"voiceUrl": HANDLER}, "outputs": {}}
    plan = plan_of(refresh, changed, gone_before, gone)
    assert [(d.area, d.subject, d.setting, d.old, d.new) for d in plan.drift] == [
        ("number", NUMBER, "delivery.retries", 1, 3),
        ("number", NUMBER, "voiceUrl", HANDLER, ELSEWHERE),
        ("number", OTHER, "number", "there", "gone"),
    ]


def test_functions_url_only_where_it_stays() -> None:
    """It shortens URLs; where it changes, both are shown in full."""
    assert plan_of(handler({}, {})).functions_url == URL
    assert plan_of(handler(None, {})).functions_url == URL
    assert plan_of(handler({}, {"functionsUrl": "https://x.example"})).functions_url == ""
    assert plan_of(number(NUMBER, {"voiceUrl": HANDLER}, {"voiceUrl": ""})).functions_url == ""
