"""What a plan understands of a preview."""

from __future__ import annotations

import json

import pytest

from tests.unit.voicehooks.plan_previews import HANDLER, URL, handler, number, plan_of, step
from voicehooks.commands.plan import read, render_markdown, render_terminal
from voicehooks.commands.plan.comparison import compare
from voicehooks.output.errors import CommandError
from voicehooks.output.json import to_json

NUMBER = "+15550000001"


def test_nothing_about_webhooks_is_one_line() -> None:
    """A preview that changes other things alone says so in its verdict and counts them."""
    plan = plan_of(step("aws:s3:Bucket", "backups", None, {"name": "b"}))
    assert plan.verdict == "no webhook changes"
    assert "resources that are not webhooks: 1 to create" in render_terminal(plan)
    assert "1 to create" in render_markdown(plan)


def test_move_into_an_app_with_the_same_urls_changes_the_route_alone() -> None:
    """What counts is what Twilio does: the same URLs by way of an app are no change of URLs."""
    urls = {"voiceUrl": HANDLER, "delivery": {"retries": 3}}
    app = step(
        "voicehooks:index:VoiceWebhooks$twilio:index:Application",
        "shared",
        None,
        {"friendlyName": "voicehooks prod", **urls},
    )
    moved = {"voiceApplicationSid": "04da6b54-80e4-46f7-96ec-b56ff0331ba9"}
    plan = plan_of(handler({}, {}), app, number(NUMBER, {**urls, "voiceApplicationSid": ""}, moved))
    assert [(c.setting, c.new) for c in plan.changes if c.area == "number"] == [
        ("TwiML App", "voicehooks prod")
    ]
    assert plan.routes[NUMBER].startswith("TwiML App voicehooks prod -> twilio-webhook")


def test_app_of_somebody_else_is_another_destination() -> None:
    """A number that is given to an app which this program does not have goes elsewhere."""
    plan = plan_of(handler({}, {}), number(NUMBER, {"voiceUrl": HANDLER}, {"voiceApplicationSid": "AP1"}))
    assert "other destination" in plan.risks


def test_setting_of_one_number_beats_the_default() -> None:
    """A default that changes does not change the number that says otherwise."""
    own = {"numbers": {NUMBER: {"record": "do-not-record"}}}
    plan = plan_of(
        handler(
            {"defaults": {"record": "record-from-answer"}, **own},
            {"defaults": {"record": "do-not-record"}, **own},
        ),
        number(NUMBER, {"voiceUrl": HANDLER}, {"voiceUrl": HANDLER}),
        number("+15550000002", {"voiceUrl": HANDLER}, {"voiceUrl": HANDLER}),
    )
    assert [c.subject for c in plan.changes if c.setting == "record"] == ["+15550000002", "created calls"]


def test_handler_settings_of_a_number_with_another_url_are_silent() -> None:
    """What the handler is told about a number that it does not answer is no change of that number."""
    elsewhere = {"voiceUrl": "https://other.example/voice"}
    plan = plan_of(
        handler({"defaults": {"forwardTo": ["+1555"]}}, {"defaults": {"forwardTo": ["+1666"]}}),
        number(NUMBER, elsewhere, elsewhere),
    )
    assert [c for c in plan.changes if c.area == "number"] == []


def test_number_that_is_kept_on_delete_goes_on_answering() -> None:
    """onDelete: keep takes a number out of management and leaves its calls where they are."""
    plan = plan_of(handler({}, {}), number(NUMBER, {"voiceUrl": HANDLER, "onDelete": "keep"}, None))
    assert plan.leaving == [NUMBER]
    assert "stops answering" not in plan.risks
    assert "left as it is" in render_terminal(plan)


@pytest.mark.parametrize("operation", ["given", "given back"])
def test_a_host_outside_the_project_is_a_risk_where_the_program_writes_it(operation: str) -> None:
    """Not where a number gets back what somebody else had written before this stack."""
    theirs = "https://other.example/voice"
    old = {"voiceUrl": HANDLER, "restores": {"voice_url": theirs}}
    new = {"voiceUrl": theirs} if operation == "given" else None
    plan = plan_of(handler({}, {}), number(NUMBER, old, new))

    assert any(change.new == theirs for change in plan.changes)
    assert ("host outside the project" in plan.risks) is (operation == "given")


def test_secret_shows_as_fingerprints() -> None:
    """A secret's row has both fingerprints, the new one as the functions are told it."""
    secrets = step(
        "supabase:index:EdgeFunctionSecrets",
        "secrets",
        {"values": "[secret]"},
        {"values": "[secret]"},
        {"values.VOICEHOOKS_AUTH_TOKEN": {"kind": "update"}},
    )
    secrets["op"] = "update"
    secrets["oldState"]["outputs"] = {"fingerprints": {"VOICEHOOKS_AUTH_TOKEN": "70a9fd1a"}}
    function = handler({}, {})
    function["newState"]["inputs"]["triggers"] = {"VOICEHOOKS_AUTH_TOKEN": "de003207"}
    [row] = [c for c in plan_of(secrets, function).changes if c.area == "secret"]
    assert (row.subject, row.old, row.new) == ("VOICEHOOKS_AUTH_TOKEN", "70a9fd1a", "de003207")


def test_a_secret_without_a_function_is_still_a_change() -> None:
    """A stack that manages secrets alone has no function that is told the new fingerprints."""
    diff = {"values.OTHER": {"kind": "update"}}
    secrets = step("supabase:index:EdgeFunctionSecrets", "secrets", {"values": "[secret]"}, {"values": 1}, diff)
    secrets["oldState"]["outputs"] = {"fingerprints": {"OTHER": "70a9fd1a"}}
    [row] = [c for c in plan_of(secrets).changes if c.area == "secret"]
    assert (row.subject, row.old, row.new) == ("OTHER", "70a9fd1a", "a new value")


@pytest.mark.parametrize("explained", [True, False])
def test_a_secret_made_from_the_settings_is_explained_by_them(explained: bool) -> None:
    """Where the plan shows the settings, only other secrets have fingerprints."""
    names = ("VOICEHOOKS_AUTH_TOKEN", "VOICEHOOKS_CALL_OPTIONS", "VOICEHOOKS_SECONDARY_AUTH_TOKEN")
    kinds = dict(zip(names, ("update", "update", "delete"), strict=True))
    secrets = step(
        "supabase:index:EdgeFunctionSecrets",
        "secrets",
        {"values": "[secret]"},
        {"values": "[secret]"},
        {f"values.{name}": {"kind": kind} for name, kind in kinds.items()},
    )
    secrets["op"] = "update"
    secrets["oldState"]["outputs"] = {"fingerprints": dict.fromkeys(names, "70a9fd1a")}
    settings = {"callsPerMinute": 5} if explained else {}
    function = handler({}, settings)
    function["newState"]["inputs"]["triggers"] = dict.fromkeys(names, "de003207")
    rows = {c.subject: (c.old, c.new) for c in plan_of(secrets, function).changes if c.area == "secret"}
    assert rows == {
        names[0]: ("70a9fd1a", "de003207"),
        names[1]: (None, "set again from the settings above") if explained else ("70a9fd1a", "de003207"),
        names[2]: ("70a9fd1a", None),
    }


@pytest.mark.parametrize(
    ("sql", "risky"),
    [
        ("alter table a drop column b;", True),
        ("DROP TABLE a;", True),
        ("truncate a;", True),
        ("-- drop table a\ncreate table b ();", False),
        ("create function f() returns void language sql as $$ delete from a $$;", False),
        ("alter table a alter column b drop not null;", False),
    ],
)
def test_migration_that_drops_data_is_marked(sql: str, *, risky: bool) -> None:
    """What a migration itself drops is a risk; what its comments and functions say is not."""
    schema = step(
        "supabase:index:Migrations", "schema", {"applied": []}, {"files": {"20300101000000_x.sql": "ab"}}
    )
    plan = plan_of(schema, migration=lambda _: sql)
    assert any(risk.startswith("drops data") for risk in plan.risks) == risky


def test_verify_jwt_off_is_a_wider_permission() -> None:
    """A function that anybody may call from now on is marked."""
    kind = "supabase:index:EdgeFunction"
    diff = {"verifyJwt": {"kind": "update"}}
    plan = plan_of(step(kind, "place-call", {"verifyJwt": True}, {"verifyJwt": False}, diff))
    assert plan.risks == {"permissions widened": 1}


FUNCTION = "supabase:index:EdgeFunction"


@pytest.mark.parametrize(
    ("old", "new", "path", "row"),
    [
        ({"slug": "a"}, {"slug": "b"}, "slug", ("slug", "a", "b")),
        ({"adopt": False}, {"adopt": True}, "adopt", ("adopt", False, True)),
        ({"projectUrl": "a"}, {"projectUrl": "b"}, "projectUrl", ("projectUrl", "a", "b")),
        ({"projectRef": "a"}, {"projectRef": "b"}, "projectRef", ("projectRef", "a", "b")),
        ({"deployment": "a"}, {"deployment": "b"}, "deployment", ("deployment", "a", "b")),
        ({"verifyJwt": False}, {"verifyJwt": True}, "verifyJwt", ("verifyJwt", False, True)),
        ({}, {}, "checks[0].path", ("checks", "as before", "other ones")),
        ({}, {}, "candidateChecks[0].path", ("checks", "as before", "other ones")),
        ({"other": 1}, {"other": 2}, "other", ("other", 1, 2)),
        (
            {"triggers": {"A": "1"}},
            {"triggers": {"A": "2"}},
            "triggers.A",
            ("secret A", "1", "2"),
        ),
        (
            {"fileHashes": {"index.ts": "a" * 64}},
            {"fileHashes": {"index.ts": "b" * 64}},
            'fileHashes["index.ts"]',
            ("file index.ts", "a" * 8, "b" * 8),
        ),
        ({"files": {"x.ts": "a"}}, {"files": {}}, 'files["x.ts"]', ("file x.ts", "ca978112", None)),
    ],
)
def test_each_change_of_a_function_is_a_row(
    old: dict[str, object], new: dict[str, object], path: str, row: tuple[str, object, object]
) -> None:
    """Files by the beginning of their hash, the rest as it is."""
    plan = plan_of(step(FUNCTION, "f", {"x": 1, **old}, new, {path: {"kind": "update"}}))
    assert [(c.setting, c.old, c.new) for c in plan.changes if c.area == "function"] == [row]


def test_secrets_are_named_where_nothing_else_of_a_function_changes() -> None:
    """A function that is deployed again for its code does not say so of each secret too."""
    old = {"triggers": {"A": "1"}, "verifyJwt": False}
    new = {"triggers": {"A": "2"}, "verifyJwt": True}
    diff = {"triggers.A": {"kind": "update"}, "verifyJwt": {"kind": "update"}}
    plan = plan_of(step(FUNCTION, "f", old, new, diff))
    assert [c.setting for c in plan.changes] == ["verifyJwt"]


def test_a_function_is_made_taken_over_or_removed() -> None:
    """Code that replaces what somebody else deployed is another code that answers; a removed one is a risk."""
    inputs = {"slug": "s", "fileHashes": {"a": "1", "b": "2"}, "verifyJwt": True}
    [made] = plan_of(step(FUNCTION, "f", None, inputs)).changes
    assert (made.subject, made.old, made.risks) == ("s", None, ())
    assert made.new == "new: 2 files, with a user's JWT only"
    [gone] = plan_of(step(FUNCTION, "f", inputs, None)).changes
    assert (gone.subject, gone.new, gone.risks) == ("s", "removed", ("function removed",))
    made_step = step(FUNCTION, "f", None, {"verifyJwt": False})
    said = {"urn": made_step["urn"], "severity": "info", "message": "it is taken over"}
    data = json.dumps({"steps": [made_step], "diagnostics": [said], "changeSummary": {}})
    [taken] = read(data, stack="prod").changes
    assert (taken.subject, taken.risks) == ("f", ("other code answers",))
    assert taken.new == "replaces the one that is deployed: open to Twilio (no JWT)"


def test_secrets_and_migrations_that_are_made_or_given_up() -> None:
    """Each secret that goes is named; a migration that is deployed and differs shows both hashes."""
    kind = "supabase:index:EdgeFunctionSecrets"
    known = step(kind, "secrets", {"values": 1}, None)
    known["oldState"]["outputs"] = {"fingerprints": {"B": "2", "A": "1"}}
    rows = [(c.subject, c.setting, c.old, c.new) for c in plan_of(known).changes]
    assert rows == [("A", "secret", "1", None), ("B", "secret", "2", None)]
    [made] = plan_of(step(kind, "secrets", None, {"values": 1})).changes
    assert (made.subject, made.setting, made.old, made.new) == ("secrets", "secrets", None, "new")

    files = {"20300101000000_a.sql": "a" * 64, "20300102000000_b.sql": "b" * 64}
    schema = step("supabase:index:Migrations", "schema", {"x": 1}, {"files": files})
    live = {"applied": [20300101000000], "files": {"20300101000000_a.sql": "c" * 64}}
    schema["oldState"]["outputs"] = live
    rows = [(c.subject, c.setting, c.old, c.new) for c in plan_of(schema).changes]
    assert rows == [
        ("20300101000000_a.sql", "migration", "c" * 8, "a" * 8),
        ("20300102000000_b.sql", "migration", None, "runs"),
    ]
    live["files"] = {"20300101000000_a.sql": "a" * 64}
    assert [c.subject for c in plan_of(schema).changes] == ["20300102000000_b.sql"]
    assert plan_of(step("supabase:index:Migrations", "schema", {"files": files}, None)).changes == []


def test_failure_before_any_preview_is_a_plan() -> None:
    """An engine that prints no JSON has failed; its words are the reason."""
    plan = read("", stack="prod", errors="no stack named 'prod' found")
    assert plan.failed
    assert "no stack named 'prod' found" in render_markdown(plan)
    assert plan.verdict == "the preview failed"


def test_something_else_is_no_preview() -> None:
    """A file that is no preview is refused in one sentence."""
    with pytest.raises(CommandError, match="not what pulumi preview --json prints"):
        read("[1, 2]", stack="prod")


def test_configuration_never_shows() -> None:
    """A token in the preview's configuration is in no rendering and in no saved plan."""
    config = {"twilio:authToken": "0123456789abcdef0123456789abcdef"}
    plan = plan_of(handler({}, {}), number(NUMBER, None, {"voiceUrl": HANDLER}), config=config)
    everything = render_terminal(plan) + render_markdown(plan) + json.dumps(to_json(plan))
    assert config["twilio:authToken"] not in everything


def test_same_changes_are_the_same_plan() -> None:
    """Comparing names what nobody has reviewed and what does not come any more."""
    steps = (handler({}, {}), number(NUMBER, {"voiceUrl": ""}, {"voiceUrl": HANDLER}))
    reviewed = plan_of(*steps, commit="1111111")
    assert compare(plan_of(*steps, commit="2222222"), reviewed).equal
    joined = number("+15550000002", None, {"voiceUrl": HANDLER})
    today = compare(plan_of(*steps, joined), reviewed)
    assert not today.equal
    assert any("+15550000002" in row for row in today.appeared)
    assert today.gone == []
    less = compare(reviewed, plan_of(*steps, joined))
    assert (less.gone, less.appeared) == (today.appeared, [])
    assert not less.equal, "a reviewed change that does not come is another plan too"


def test_plans_of_two_environments_are_not_compared() -> None:
    """A plan of dev says nothing about prod."""
    with pytest.raises(CommandError, match="cannot be compared"):
        compare(read("", stack="dev", errors="x"), read("", stack="prod", errors="x"))


def test_url_of_the_project_shows_by_name_only_where_the_project_stays() -> None:
    """Where the functions' address changes, both are shown in full."""
    function = handler({}, {"functionsUrl": "https://new.example.com/functions/v1"})
    new = "https://new.example.com/functions/v1/twilio-webhook"
    text = render_terminal(plan_of(function, number(NUMBER, {"voiceUrl": HANDLER}, {"voiceUrl": new})))
    assert f"{URL}/twilio-webhook -> {new}" in text


_PROTECTED = (
    'resource "urn:pulumi:prod::voicehooks::x::+15550000001" cannot be deleted\nbecause it is protected. '
    "To unprotect the resource, remove the flag"
)
_FOREIGN = (
    "replaceExisting: +15550000001 is answered by https://old.example/voice today, which this stack did not "
    "set; if it may be replaced, add replace_existing=True to its VoiceConfiguration"
)


@pytest.mark.parametrize(
    ("message", "do"),
    [
        (_PROTECTED, "set voicehooks:protectNumbers to false"),
        (_FOREIGN, '"+15550000001": {replaceExisting: true} in Pulumi.prod.yaml'),
        ("+15550000001 is not a number of account AC1; correct it, or buy it", "correct it, or buy it"),
        ("it is wrong; so is that; correct it", "correct it; then voicehooks plan --stack prod"),
        ("something else", "fix that; then voicehooks plan --stack prod"),
    ],
)
def test_failure_says_what_to_do(message: str, do: str) -> None:
    """Each error of a preview has its next step, in the words of the settings where they can fix it."""
    diagnostics = [
        {
            "urn": f"urn:pulumi:prod::voicehooks::x::{NUMBER}",
            "severity": "error",
            "message": f"error: {message}\n",
        },
        {"severity": "error", "message": "error: preview failed\n"},
    ]
    plan = read(json.dumps({"steps": [], "diagnostics": diagnostics}), stack="prod")
    [failure] = plan.failures
    assert failure.resource == NUMBER
    assert do in failure.do
    assert failure.do.endswith("voicehooks plan --stack prod")
    assert failure.why in render_markdown(plan)


def test_warnings_are_passed_on() -> None:
    """What a provider warns of, and which numbers "*" leaves out, is said once."""
    said = [
        {"severity": "warning", "message": "warning: the database is ahead of the folder\n"},
        {"severity": "warning", "message": "warning: the database is ahead of the folder\n"},
        {"severity": "info", "message": '"*" leaves out 1: +15550000009 (no voice)\n'},
        {"severity": "info", "message": "would run x.sql\n"},
    ]
    plan = read(json.dumps({"steps": [], "diagnostics": said}), stack="prod")
    assert plan.notes == ["the database is ahead of the folder", '"*" leaves out 1: +15550000009 (no voice)']
    assert "the database is ahead of the folder" in render_terminal(plan)
    assert "+15550000009 (no voice)" in render_markdown(plan)


AGENTS = {"claim": "role", "anyOf": ["agent"]}


@pytest.mark.parametrize(
    ("name", "old", "new", "wider"),
    [
        ("callers", AGENTS, None, True),
        ("callers", AGENTS, {"claim": "role", "anyOf": ["agent", "guest"]}, True),
        ("callers", AGENTS, {"claim": "team", "anyOf": ["agent"]}, True),
        ("callers", {"claim": "role", "anyOf": ["agent", "guest"]}, AGENTS, False),
        ("callers", None, AGENTS, False),
        ("sipHosts", [], ["pbx.example.com"], True),
        ("sipHosts", ["pbx.example.com"], [], False),
        ("allowedCountries", ["US"], ["GB", "US"], True),
        ("allowedCountries", [], ["US"], True),
        ("allowedCountries", ["GB", "US"], ["US"], False),
        ("totalCallsPerMinute", 60, 300, True),
        ("totalCallsPerMinute", 60, 10, False),
    ],
)
def test_more_people_or_destinations_are_a_wider_permission(
    name: str, old: object, new: object, wider: bool
) -> None:
    """Who may call, whom and how often: a reviewer's attention is drawn to what widens, and to nothing else."""
    rest = {"totalCallsPerMinute": 60}
    plan = plan_of(handler({**rest, name: old}, {**rest, name: new}))
    assert [(c.setting, c.new) for c in plan.changes if c.area == "environment"] == [(name, new)]
    assert ("permissions widened" in plan.risks) == wider


def test_limits_that_arrive_with_an_update_widen_nothing() -> None:
    """Functions of the version before rang every country and every SIP host, as often as they liked."""
    limits = {"allowedCountries": ["US"], "sipHosts": ["pbx.example.com"], "totalCallsPerMinute": 60}
    plan = plan_of(handler({"allowedCountries": []}, limits))
    assert {c.setting for c in plan.changes if c.area == "environment"} == set(limits)
    assert "permissions widened" not in plan.risks
