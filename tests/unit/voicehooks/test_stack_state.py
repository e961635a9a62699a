"""What a stack's state says of its resources, and what its preview does."""

from __future__ import annotations

import json
from typing import Any

import pytest

from voicehooks.output.errors import CommandError
from voicehooks.stack.deployed_state import State
from voicehooks.stack.preview import SECRET, Preview, names_in

# As in every exported state (Pulumi: sdk/go/common/resource, SigKey and SecretSig).
MARK = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}
NUMBER = "+15551234567"
URN = "urn:pulumi:prod::shop"


def resource(kind: str, name: str, **fields: Any) -> dict[str, Any]:
    """Return a resource as `pulumi stack export` prints it."""
    return {"urn": f"{URN}::{kind}::{name}", "type": kind, **fields}


STATE = State(
    [
        resource("pulumi:pulumi:Stack", "shop-prod", outputs={"url": "https://a.example"}),
        resource("twilio:index:VoiceConfiguration", "sales", id="PN1", outputs={"e164": NUMBER}),
        resource("twilio:index:VoiceConfiguration", "+15551234568", id="PN2"),
        resource("twilio:index:VoiceConfiguration", NUMBER, id="PN0", outputs={"e164": NUMBER}, delete=True),
        resource("twilio:index:Application", "shared", id="AP1", inputs={"friendlyName": "x"}),
        resource(
            "supabase:index:EdgeFunction",
            "handler",
            id="ref/twilio-webhook",
            outputs={"slug": "twilio-webhook"},
        ),
        resource(
            "supabase:index:EdgeFunctionSecrets",
            "signing-keys",
            outputs={"values": {**MARK, "plaintext": json.dumps({"KEY": "k"})}},
        ),
        resource(
            "supabase:index:EdgeFunctionSecrets",
            "secrets",
            outputs={
                "values": {"TOKEN": {**MARK, "plaintext": '"t"'}, "HIDDEN": {**MARK, "ciphertext": "v1:x"}}
            },
        ),
        resource(
            "twilio:index:WebhookSharedKey", "a", id="CR1", outputs={"secret": {**MARK, "plaintext": '"s"'}}
        ),
        resource("twilio:index:WebhookSharedKey", "b", id="CR2"),
        resource("supabase:index:Migrations", "schema", outputs={"latest": "20260101000000"}),
    ]
)


def test_what_is_deployed() -> None:
    """By what it is called at the vendor; what only waits to be deleted is not deployed."""
    assert {e164: found.id for e164, found in STATE.numbers.items()} == {NUMBER: "PN1", "+15551234568": "PN2"}
    assert STATE.application is not None
    assert (STATE.application.id, STATE.application.name) == ("AP1", "shared")
    assert STATE.application.inputs == {"friendlyName": "x"}
    assert STATE.application.urn == f"{URN}::twilio:index:Application::shared"
    assert list(STATE.functions) == ["twilio-webhook"]
    assert STATE.migrations is not None
    assert STATE.migrations.outputs == {"latest": "20260101000000"}
    assert STATE.stack_outputs == {"url": "https://a.example"}
    assert STATE.deployed


def test_secrets_are_opened_where_the_export_has_opened_them() -> None:
    """A signing key is a secret of its own; one that is not opened is unknown, not text."""
    assert STATE.secrets is not None
    assert STATE.secrets.name == "secrets"
    assert STATE.secrets.outputs["values"] == {"TOKEN": "t", "HIDDEN": None}
    assert STATE.secret_values == {"KEY": "k", "TOKEN": "t", "HIDDEN": "None"}
    assert STATE.signing_keys == {"CR1": "s", "CR2": ""}


def test_secrets_under_another_name() -> None:
    """Stacks of earlier versions call the only resource of that type as they like."""
    found = State([resource("supabase:index:EdgeFunctionSecrets", "other")]).secrets
    assert found is not None
    assert found.name == "other"


@pytest.mark.parametrize(
    ("kinds", "deployed"),
    [
        ([], False),
        (["pulumi:pulumi:Stack", "pulumi:providers:twilio"], False),
        (["pulumi:pulumi:Stack", "twilio:index:Application"], True),
    ],
)
def test_a_stack_without_resources_is_not_deployed(kinds: list[str], deployed: bool) -> None:
    """The stack itself and its providers are always there after an update."""
    state = State([resource(kind, "x") for kind in kinds])
    assert state.deployed is deployed
    assert (state.secrets, state.migrations) == (None, None)
    assert (state.numbers, state.functions, state.stack_outputs) == ({}, {}, {})


def step(op: str, name: str = "a", **states: Any) -> dict[str, Any]:
    """Return a step as `pulumi preview --json` prints it."""
    return {"op": op, "urn": f"{URN}::x:index:Webhooks$twilio:index:Number::{name}", **states}


def parsed(*steps: dict[str, Any], **more: Any) -> Preview:
    """Return the preview of these steps."""
    return Preview.parse(json.dumps({"steps": list(steps), **more}))


OLD = {"id": "PN1", "inputs": {"a": 1}, "outputs": {"a": 1, "b": 2}}
LIVE = {"id": "PN1", "inputs": {"a": 3}, "outputs": {"a": 3, "b": 2}}
GOAL = {"inputs": {"a": 4}, "outputs": {"a": 4}}


def test_a_changed_resource_before_and_after() -> None:
    """The refresh has what the last update left, the update what is live and what the program asks for."""
    diff = {"a": {"kind": "update"}, "b": {"kind": "add-replace"}, "c": {}}
    [found] = parsed(
        step("refresh", oldState=OLD, newState=GOAL),
        step("update", oldState=LIVE, newState=GOAL, detailedDiff=diff),
    ).resources
    assert (found.token, found.package, found.type, found.name) == (
        "twilio:index:Number",
        "twilio",
        "Number",
        "a",
    )
    assert (found.id, found.operation) == ("PN1", "update")
    assert (found.recorded, found.recorded_inputs) == (OLD["outputs"], OLD["inputs"])
    assert (found.live, found.live_inputs) == (LIVE["outputs"], LIVE["inputs"])
    assert found.goal == {"a": 4}
    assert found.diff == {"a": "update", "b": "add", "c": "update"}


@pytest.mark.parametrize(
    ("steps", "operation", "resource_id", "live", "goal"),
    [
        ([step("same", oldState=OLD, newState=OLD)], "same", "PN1", {"a": 1, "b": 2}, {"a": 1}),
        ([step("refresh", oldState=OLD, newState=GOAL)], "same", "PN1", {"a": 1, "b": 2}, {"a": 4}),
        ([step("create", newState=GOAL)], "create", "", {}, {"a": 4}),
        ([step("import", newState={**GOAL, "id": "PN9"})], "create", "", {}, {"a": 4}),
        ([step("refresh", oldState=OLD), step("delete", oldState=LIVE)], "delete", "PN1", {"a": 3, "b": 2}, {}),
        (
            [
                step("create-replacement", oldState=LIVE, newState=GOAL),
                step("replace", oldState=LIVE, newState=GOAL),
                step("delete-replaced", oldState=LIVE),
            ],
            "replace",
            "PN1",
            {"a": 3, "b": 2},
            {"a": 4},
        ),
        (
            [step("delete-replaced", oldState=LIVE), step("create-replacement", oldState=LIVE, newState=GOAL)],
            "replace",
            "PN1",
            {"a": 3, "b": 2},
            {"a": 4},
        ),
    ],
)
def test_what_happens_to_a_resource(
    steps: list[dict[str, Any]], operation: str, resource_id: str, live: Any, goal: Any
) -> None:
    """Whatever the order of the engine's steps; an import is a new resource of the stack."""
    [found] = parsed(*steps).resources
    assert (found.operation, found.id) == (operation, resource_id)
    assert (found.live, found.goal) == (live, goal)


def test_the_whole_preview() -> None:
    """The stack's name is in the URNs; resources of a type come by name, messages by their resource."""
    diagnostics = [
        {"severity": "error", "message": " it failed \n", "urn": f"{URN}::x::a"},
        {"severity": "info", "message": "taken over\n", "urn": f"{URN}::x::a"},
        {"severity": "warning", "message": "another", "urn": f"{URN}::x::b-a"},
        {"severity": "error", "message": "no resource's"},
    ]
    found = parsed(
        step("same", "b", oldState=OLD),
        step("same", oldState=OLD),
        diagnostics=diagnostics,
        config={"k": SECRET},
    )
    assert (found.stack, found.config) == ("prod", {"k": "[secret]"})
    assert [r.name for r in found.resources] == ["b", "a"]
    assert [r.name for r in found.of("twilio", "Number")] == ["a", "b"]
    assert found.of("supabase", "Number") == found.of("twilio", "Other") == []
    assert found.errors == ["it failed", "no resource's"]
    assert list(found.messages("a")) == ["it failed", "taken over"]
    assert parsed().stack == ""


@pytest.mark.parametrize(
    ("text", "accepted"),
    [
        ("", False),
        ("[]", False),
        ("{}", False),
        ('{"resources": []}', False),
        ('{"steps": []}', True),
        ('{"diagnostics": []}', True),
        ('{"changeSummary": {}}', True),
    ],
)
def test_what_is_not_a_preview_is_refused(text: str, accepted: bool) -> None:
    """With the command that makes one; a preview that failed may only have messages."""
    if accepted:
        assert Preview.parse(text).resources == []
        return
    with pytest.raises(CommandError, match="pulumi preview --json > preview.json"):
        Preview.parse(text)


def test_names_of_a_map_that_differ() -> None:
    """Written with a dot or in quotes; the map as a whole, and one that only begins alike, are no names."""
    diff = {
        'files["a.b"]': "add",
        "files.c": "delete",
        "files": "update",
        "filesX.d": "update",
        "values.e": "add",
    }
    assert names_in(diff, "files") == {"a.b": "add", "c": "delete"}
    assert names_in(diff, "values") == {"e": "add"}
