"""The reference page's examples run as they stand."""

from __future__ import annotations

from pathlib import Path

import pulumi_twilio.provider
import pytest
from pulumi_provider_kit.table import FunctionTable, ResourceTable

from tests.providers.twilio.conftest import ACCOUNT, TOKEN, Emulator
from tests.support.engine import Project

TABLE = pulumi_twilio.provider.TABLE


@pytest.fixture
def project(emulator: Emulator, tmp_path: Path) -> Project:
    """Return a project at the emulator, whose account has a TwiML App, a Studio flow and a webhook rule."""
    emulator.post("Applications.json", FriendlyName="crm", VoiceUrl="https://crm.example.com/twilio/voice")
    flow = {"FriendlyName": "support", "Status": "published", "Definition": "{}"}
    emulator.http.post("/v2/Flows", data=flow).raise_for_status()
    auth = {"source": "INLINE", "value": {"scheme": "NONE"}}
    setting = emulator.http.post("/v1/Webhooks/Settings", json={"auth": auth}).json()["id"]
    shares = [{"settingId": setting, "percentage": 100}]
    rule = {"matchType": "DEFAULT", "settings": shares}
    emulator.http.post("/v1/Webhooks/Rules", json=rule).raise_for_status()
    config = {"twilio:accountSid": ACCOUNT, "twilio:authToken": TOKEN, "twilio:baseUrl": emulator.url}
    return Project(tmp_path, config)


@pytest.mark.slow
@pytest.mark.parametrize("resource", TABLE.resources, ids=lambda table: table.name)
def test_the_example_of_a_resource(emulator: Emulator, project: Project, resource: ResourceTable) -> None:
    """It previews the resource that it is about, and changes nothing by that."""
    project.program(resource.example)
    emulator.forget_requests()
    assert f"[urn=urn:pulumi:test::trial::{TABLE.token(resource.name)}::" in project.preview()
    assert {r["method"] for r in emulator.requests()} <= {"GET"}


@pytest.mark.slow
@pytest.mark.parametrize("function", TABLE.functions, ids=lambda table: table.name)
def test_the_example_of_a_function(emulator: Emulator, project: Project, function: FunctionTable) -> None:
    """It previews, with the outputs that it exports, and only reads."""
    # An empty output is not shown.
    emulator.click(VoiceUrl="https://crm.example.com/twilio/voice")
    project.program(function.example)
    emulator.forget_requests()
    preview = project.preview()
    export = function.example.partition('pulumi.export("')[2].partition('"')[0]
    assert export in preview
    assert "Diagnostics" not in preview
    assert {r["method"] for r in emulator.requests()} == {"GET"}
