"""Every request to the Management API is one that its document describes."""

from __future__ import annotations

import json
import types
from typing import Any

import httpx
import pulumi_supabase.provider
import pytest
from pulumi_provider_kit.cancellation import Cancellation
from pulumi_supabase.client import ManagementApi

from tests.providers.servicer_client import Refused, Secret, ServicerClient
from tests.providers.supabase import test_edge_function as functions
from tests.providers.supabase.conftest import REF, RIGHT, SHARED, TOKEN, Project, run
from tests.providers.supabase.management_document import ManagementDocument, parts_of

DOCUMENT = ManagementDocument()


class Recorder(httpx.AsyncHTTPTransport):
    """Keeps every request that goes through it."""

    def __init__(self) -> None:
        super().__init__()
        self.requests: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        self.requests.append(request)
        return await super().handle_async_request(request)


def recorded(project: Project, recorder: Recorder) -> ServicerClient:
    """Return a plugin whose requests are kept."""

    def connect(_: Any, cancellation: Cancellation) -> ManagementApi:
        return ManagementApi(TOKEN, cancellation, url=project.api_url, transport=recorder)

    provider = pulumi_supabase.provider
    module = types.SimpleNamespace(
        TABLE=provider.TABLE, RESOURCES=provider.RESOURCES, FUNCTIONS=provider.FUNCTIONS, connect=connect
    )
    project.plugins.append(ServicerClient(module, {}))
    return project.plugins[-1]


def whole_life(project: Project, client: ServicerClient) -> None:
    """Do everything that there is to do."""
    project.write("functions/answer/deno.json", "{}")
    project.write("functions/answer/page.html", "<p>é</p>")
    project.write("sql/20260101000000_a.sql", "create table a (x int);")
    everything = functions.inputs(
        project, name="The answer", staticPatterns=["*.html"], files={"s.json": '{"é": "\\n"}'}
    )
    secrets = {"projectRef": REF, "values": {"ONE": Secret("1"), "TWO": "2"}}
    sql = {"projectRef": REF, "directory": "sql", "history": "supabase"}
    project.deploy_elsewhere()
    for kind, given, changed in (
        ("EdgeFunctionSecrets", secrets, {**secrets, "values": {"ONE": Secret("x")}}),
        ("Migrations", sql, {**sql, "history": "voicehooks"}),
        ("EdgeFunction", {**everything, "adopt": True}, {**everything, "triggers": {"A": "1"}}),
    ):
        run(client.create(kind, "it", given, preview=True))
        resource = run(client.create(kind, "it", given))
        seen = run(client.read(resource))
        assert seen is not None
        run(client.update(seen, changed, preview=True))
        resource = run(client.update(seen, changed))
        run(client.delete(resource))
    run(client.import_("EdgeFunction", "it", f"{REF}/answer"))
    run(client.import_("EdgeFunctionSecrets", "it", f"{REF}/ONE"))
    project.write("migrations/20260101000000_a.sql", "create table a (x int);")
    run(client.import_("Migrations", "it", REF))
    run(client.invoke("getProject", {"projectRef": REF}))
    run(client.invoke("getApiKeys", {"projectRef": REF, "reveal": True}))


def test_every_request_is_valid(project: Project) -> None:
    """Paths, parameters and bodies of a whole life of everything, against the document."""
    recorder = Recorder()
    whole_life(project, recorded(project, recorder))
    sent = [r for r in recorder.requests if r.url.path.startswith("/v1/")]
    kinds = {DOCUMENT.operation(r.method, r.url.path)[0].removeprefix("/v1/projects/{ref}") for r in sent}
    assert kinds == {
        "",
        "/api-keys",
        "/database/query",
        "/functions/deploy",
        "/functions/{function_slug}",
        "/functions/{function_slug}/body",
        "/secrets",
    }
    problems = {f"{r.method} {r.url.path}": DOCUMENT.problems(r) for r in sent}
    assert {k: v for k, v in problems.items() if v} == {}


def test_the_document_would_notice() -> None:
    """The check itself finds what is wrong."""
    url = f"https://x/v1/projects/{REF}"
    bad = httpx.Request("POST", f"{url}/secrets?q=1", json=[{"name": "SUPABASE_A"}])
    assert DOCUMENT.problems(bad) == [
        "q is no parameter",
        "no bearer token",
        "body[0].value is missing",
        "body[0].name does not match ^(?!SUPABASE_).*",
    ]


def test_a_deploy_says_all_five_settings_every_time(project: Project) -> None:
    """What is left out, the platform may keep or flip; paths are relative and sorted."""
    recorder = Recorder()
    client = recorded(project, recorder)
    run(client.create("EdgeFunction", "f", functions.inputs(project)))
    deploys = [parts_of(r) for r in recorder.requests if r.url.path.endswith("/functions/deploy")]
    assert len(deploys) == 2
    for parts in deploys:
        paths = [filename for name, filename, _ in parts if name == "file"]
        assert paths == ["_shared/text.ts", "answer/index.ts", "answer/revision.json"]
        assert parts[0][2] == SHARED
        metadata = json.loads(next(text for name, _, text in parts if name == "metadata"))
        assert set(metadata) == {"entrypoint_path", "import_map_path", "static_patterns", "verify_jwt", "name"}
        assert metadata["verify_jwt"] is False


def test_the_token_goes_to_the_api_alone(project: Project) -> None:
    """A deployed function, which is public, never sees it."""
    recorder = Recorder()
    run(recorded(project, recorder).create("EdgeFunction", "f", functions.inputs(project)))
    asked = [r for r in recorder.requests if r.url.path.startswith("/functions/v1/")]
    assert len(asked) == 6
    assert not any(TOKEN in str(r.headers) for r in asked)
    assert all(r.headers["Authorization"] == f"Bearer {TOKEN}" for r in recorder.requests if r not in asked)


def test_no_step_of_a_deploy_asks_for_api_keys(project: Project) -> None:
    """Neither revealed ones nor others."""
    whole = functions.create(project)
    run(project.plugin().delete(whole))
    assert not any("api-keys" in r for r in project.requests())


@pytest.mark.parametrize("kind", ["EdgeFunction", "EdgeFunctionSecrets", "Migrations"])
def test_a_scoped_token_needs_the_documented_rights_and_no_others(project: Project, kind: str) -> None:
    """With just the permissions of the reference page everything works; without any, the message names one."""
    project.write("sql/20260101000000_a.sql", "create table a (x int);")
    given = {
        "EdgeFunction": functions.inputs(project, checks=[RIGHT]),
        "EdgeFunctionSecrets": {"projectRef": REF, "values": {"ONE": "1"}},
        "Migrations": {"projectRef": REF, "directory": "sql"},
    }[kind]
    table = next(r.table for r in pulumi_supabase.provider.RESOURCES if r.table.name == kind)
    rights = table.rights.split(", ")
    project.fault(token_permissions=[])
    with pytest.raises(Refused) as refused:
        run(project.plugin().create(kind, "it", given))
    assert any(f"lacks the permission {right}" in str(refused.value) for right in rights)
    project.fault(token_permissions=rights)
    client = project.plugin()
    resource = run(client.create(kind, "it", given))
    assert run(client.read(resource)) is not None
    run(client.delete(resource))
