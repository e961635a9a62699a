"""The team's rules: each broken one is named with its number, by the level that the team gave it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.voicehooks.plan_previews import HANDLER, URL, handler, number, plan_of, step
from voicehooks.commands.plan import render_markdown, render_terminal
from voicehooks.output.errors import CommandError

GOOD = {
    "voiceUrl": HANDLER,
    "statusCallback": HANDLER,
    "voiceFallbackUrl": f"{URL}/twilio-fallback",
    "delivery": {"retries": 3},
}


@pytest.mark.parametrize(
    ("rule", "differing"),
    [
        ({"https": "error"}, {"voiceUrl": "http://127.0.0.1/voice"}),
        ({"callbacks": "error"}, {"statusCallback": ""}),
        ({"fallback": "error"}, {"voiceFallbackUrl": ""}),
        ({"ownProject": "error"}, {"voiceUrl": "https://zzzzzzzzzzzzzzzzzzzz.supabase.co/functions/v1/voice"}),
        ({"retries": {"atLeast": 3}}, {"delivery": {"retries": 2}}),
        ({"retries": {"atLeast": 2}}, {"delivery": {}}),
        ({"hosts": {"only": ["static.example.com"]}}, {"voiceFallbackUrl": "https://other.example/voice"}),
    ],
)
def test_broken_rule_is_an_error_of_its_number(rule: dict[str, Any], differing: dict[str, Any]) -> None:
    """A number that breaks a rule is named, and one that keeps it is not."""
    steps = (handler({}, {}), number("+15550000001", GOOD, GOOD))
    assert plan_of(*steps, config={"voicehooks:rules": rule}).findings == []
    plan = plan_of(
        *steps, number("+15550000002", GOOD, {**GOOD, **differing}), config={"voicehooks:rules": rule}
    )
    [finding] = plan.findings
    assert (finding.rule, finding.level, finding.subject) == (next(iter(rule)), "error", "+15550000002")
    assert plan.broken
    assert finding.text in render_terminal(plan)
    assert f"rule `{finding.rule}`" in render_markdown(plan)


def test_country_that_the_rules_do_not_name() -> None:
    """A country may be opened only where the rules name it; closing one is always right."""
    rules = {"voicehooks:rules": {"countries": {"only": ["US"], "level": "warning"}}}
    wanted = {"countries": {"US": {"lowRisk": True}, "GB": {"lowRisk": True}, "DE": {"lowRisk": False}}}
    plan = plan_of(step("twilio:index:DialingPermissions", "dialing-permissions", None, wanted), config=rules)
    assert [(f.level, f.subject) for f in plan.findings] == [("warning", "GB")]
    assert not plan.broken


def test_one_kind_of_number_opens_a_country() -> None:
    """Ordinary numbers alone, with the risky kinds off, are a country that may be called."""
    rules = {"voicehooks:rules": {"countries": {"only": ["US"]}}}
    wanted = {"countries": {"GB": {"lowRisk": True, "highRiskSpecial": False, "highRiskTollfraud": False}}}
    plan = plan_of(step("twilio:index:DialingPermissions", "dialing-permissions", None, wanted), config=rules)
    assert [finding.subject for finding in plan.findings] == ["GB"]


def test_rules_stand_in_the_configuration_as_text() -> None:
    """Pulumi hands objects over as JSON text; the rules are read from it."""
    config = {"voicehooks:rules": '{"callbacks": "warning"}'}
    plan = plan_of(handler({}, {}), number("+15550000001", {}, {"voiceUrl": HANDLER}), config=config)
    assert [f.rule for f in plan.findings] == ["callbacks"]


def test_errors_come_first_and_what_answers_nobody_breaks_no_rule() -> None:
    """A number without a voice URL needs neither callbacks nor a fallback nor retries."""
    rules = {"callbacks": "warning", "fallback": "error", "retries": {"atLeast": 5}, "https": "error"}
    config = {"voicehooks:rules": rules}
    silent = {"voiceUrl": "", "statusCallback": ""}
    assert plan_of(number("+15550000001", silent, silent), config=config).findings == []
    bare = {"voiceUrl": HANDLER}
    steps = (handler({}, {}), number("+15550000001", bare, bare), number("+15550000002", bare, None))
    found = plan_of(*steps, config=config).findings
    assert [(f.level, f.rule, f.subject) for f in found] == [
        ("error", "fallback", "+15550000001"),
        ("error", "retries", "+15550000001"),
        ("warning", "callbacks", "+15550000001"),
    ]


def test_misspelt_rule_is_one_sentence() -> None:
    """A rule that is not known is named as it stands in the settings."""
    with pytest.raises(CommandError, match=r"voicehooks:rules\.calbacks"):
        plan_of(handler({}, {}), config={"voicehooks:rules": {"calbacks": "error"}})
