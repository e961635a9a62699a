"""What a reviewer of the riskiest update reads: the first one after adopt, and what no caller notices."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.unit.voicehooks.plan_previews import HANDLER, handler, number, plan_of, step
from voicehooks.commands.plan import Plan, read, render_terminal
from voicehooks.commands.plan.markdown import render_markdown
from voicehooks.commands.plan.risks import FEWER_RETRIES, OTHER_CODE, RECORDING_ON
from voicehooks.stack.preview import UNKNOWN

SALES, MENU = "+15551234567", "+15551234569"
OWN = {"voiceUrl": HANDLER, "friendlyName": "Sales"}
SETTINGS = {"defaults": {"record": "record-from-answer", "forwardTo": ["+15557654321"]}}
TAKEN_OVER = "twilio-webhook exists (version 1) and is taken over; destroy restores it"


def after_adopt(*more: dict[str, Any], message: str = TAKEN_OVER) -> Plan:
    """The plan of the first update after adopt: the number is as it is, the function behind it is replaced."""
    function = handler(None, SETTINGS)
    steps = [number(SALES, OWN, OWN), function, *more]
    diagnostics = [{"severity": "info", "urn": function["urn"], "message": message}]
    return read(json.dumps({"config": {}, "steps": steps, "diagnostics": diagnostics}), stack="prod")


def test_code_that_is_replaced_is_shown_at_each_number_that_it_answers() -> None:
    """The number's URL stays, and yet other code answers it from then on, forwards it and records it."""
    plan = after_adopt()
    [row] = [change for change in plan.changes if change.area == "number"]
    assert (row.subject, row.setting) == (SALES, "answered by")
    assert row.new == "this project's handler, which rings +15557654321, recorded"
    assert row.risks == (OTHER_CODE, RECORDING_ON)
    [function] = [change for change in plan.changes if change.area == "function"]
    assert function.new.startswith("replaces the one that is deployed")
    assert SALES in plan.routes


def test_a_number_is_shown_with_its_name() -> None:
    """As it is called in the Twilio console; a name that only repeats the number is left out."""
    plan = after_adopt()
    assert f"{SALES} Sales" in render_terminal(plan)
    assert f"{SALES} Sales" in render_markdown(plan)
    named = {"voiceUrl": HANDLER, "friendlyName": "(555) 123-4567"}
    assert plan_of(number(SALES, named, {**named, "voiceUrl": ""})).names == {}


def test_a_write_that_no_caller_notices_is_in_the_plan() -> None:
    """A phone menu's TwiML App takes its calls; the update writes its own fallback all the same."""
    menu = {"voiceApplicationSid": "AP" + "1" * 32, "voiceFallbackUrl": ""}
    written = number(MENU, menu, {"voiceFallbackUrl": "https://static.example.com/voice.xml"})
    written["oldState"]["inputs"] = {}  # adopted as it is: the settings leave it alone
    written["detailedDiff"] = {"voiceFallbackUrl": {"kind": "add"}, "restores": {"kind": "update"}}
    plan = plan_of(written)
    [row] = plan.changes
    assert (row.subject, row.new) == (MENU, "https://static.example.com/voice.xml")
    assert row.setting == "voiceFallbackUrl (not in use: a TwiML App takes its calls)"


@pytest.mark.parametrize(
    ("delivery", "risky"),
    [
        ({"retries": 1, "retryOn": ["connect", "5xx"]}, True),
        ({"retries": 3, "retryOn": ["connect"]}, True),
        ({}, True),
        ({"retries": 5, "retryOn": ["all"]}, False),
    ],
)
def test_fewer_retries_are_a_risk(delivery: dict[str, Any], *, risky: bool) -> None:
    """Fewer attempts, or after fewer kinds of failure; without overrides Twilio retries once."""
    old = {"voiceUrl": HANDLER, "delivery": {"retries": 3, "retryOn": ["connect", "5xx"]}}
    plan = plan_of(number(SALES, old, {**old, "delivery": delivery}))
    assert (FEWER_RETRIES in plan.risks) == risky


@pytest.mark.parametrize(
    ("sid", "words"),
    [
        (UNKNOWN, "new, for 1 number"),
        ("", "new; no number joins it, because each has answer or a URL of its own"),
    ],
)
def test_an_application_says_who_joins_it(sid: str, words: str) -> None:
    """And if nobody does, why."""
    goal = {"voiceApplicationSid": sid} if sid else {"voiceUrl": HANDLER}
    app = step(
        "twilio:index:Application", "app", None, {"friendlyName": "voicehooks prod", "voiceUrl": HANDLER}
    )
    plan = plan_of(number(SALES, OWN, goal), app)
    assert any(change.new.startswith(words) for change in plan.changes if change.setting == "application")


def test_a_number_that_failed_does_not_join() -> None:
    """It is reported as failed, and nowhere else."""
    failing = number(SALES, None, {"voiceUrl": HANDLER})
    other = number(MENU, None, {"voiceUrl": HANDLER})
    diagnostic = {
        "severity": "error",
        "urn": failing["urn"],
        "message": "error: it is not a number of the account",
    }
    text = json.dumps({"config": {}, "steps": [failing, other], "diagnostics": [diagnostic]})
    plan = read(text, stack="prod")
    assert plan.joining == [MENU]
    assert {change.subject for change in plan.changes} == {MENU}
    assert SALES not in plan.routes


def test_settings_are_shown_as_settings_once() -> None:
    """Neither the file that carries them nor the secret that follows from them is shown as digits."""
    plan = plan_of(
        number(SALES, OWN, OWN), handler({"defaults": {"ringSeconds": 25}}, {"defaults": {"ringSeconds": 40}})
    )
    settings = [(change.setting, change.old, change.new) for change in plan.changes]
    assert ("ringSeconds", 25, 40) in settings
    assert ("settings", None, "deployed again with the settings above") in settings


def test_settings_that_act_nowhere_yet_are_shown_by_path() -> None:
    """No number is answered: the function's own settings are all that changes."""
    plan = plan_of(
        handler({"numbers": {SALES: {"ringSeconds": 25}}}, {"numbers": {SALES: {"ringSeconds": 40}}})
    )
    assert [(c.setting, c.old, c.new) for c in plan.changes] == [
        (f"settings numbers.{SALES}.ringSeconds", 25, 40)
    ]


def test_pending_migrations_are_one_row() -> None:
    """Two that merely run are counted; one that drops data has a row of its own."""
    files = {f"2026112400000{place}_m{place}.sql": "0" for place in range(3)}
    schema = step("supabase:index:Migrations", "schema", None, {"files": files})
    plan = plan_of(schema, migration=lambda name: "drop table a;" if "m2" in name else "select 1")
    shown = render_terminal(plan)
    assert "2 migrations run, up to 20261124000001_m1" in shown
    assert "20261124000002_m2.sql" in shown
