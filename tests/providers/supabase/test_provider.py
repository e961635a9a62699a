"""The provider as a whole: sign-in, errors as sentences, limits, and its two functions."""

from __future__ import annotations

from typing import Any

import pytest

from tests.providers.servicer_client import CheckFailed, Refused, Secret, ServicerClient
from tests.providers.supabase.conftest import REF, TOKEN, Project, run

SECRETS = {"projectRef": REF, "values": {"ONE": "1"}}


def attempt(project: Project, **config: Any) -> str:
    """Create a secret and return the refusal's text."""
    with pytest.raises(Refused) as refused:
        run(project.plugin(**config).create("EdgeFunctionSecrets", "s", SECRETS))
    assert TOKEN not in str(refused.value)
    return str(refused.value)


def test_a_missing_token(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message names the command and the variable, which then works."""
    monkeypatch.delenv("SUPABASE_ACCESS_TOKEN", raising=False)
    text = attempt(project, accessToken="")
    assert "pulumi config set --stack test --secret supabase:accessToken, or SUPABASE_ACCESS_TOKEN" in text
    monkeypatch.setenv("SUPABASE_ACCESS_TOKEN", TOKEN)
    run(project.plugin(accessToken="").create("EdgeFunctionSecrets", "s", SECRETS))


@pytest.mark.parametrize("token", ["sbp_" + "0" * 40, "an-oauth-token-of-any-form", "sbp_v0_scoped"])
def test_a_token_that_is_refused(project: Project, token: str) -> None:
    """Tokens of any form are sent; a refused one names the likely cause and the command, not the token."""
    text = attempt(project, accessToken=Secret(token))
    assert (
        "may be mistyped, expired or revoked: pulumi config set --stack test --secret supabase:accessToken"
        in text
    )
    assert token not in text


def test_a_sandbox_that_is_down(project: Project) -> None:
    """Nothing is waited for, and the message says where nobody listens."""
    client = project.plugin(apiUrl="http://127.0.0.1:4")
    waits = watch_waits(client, project)
    with pytest.raises(Refused, match=r"nothing listens at 127\.0\.0\.1:4; start what should"):
        run(client.create("EdgeFunctionSecrets", "s", SECRETS))
    assert waits == []


def test_an_api_url_without_encryption_is_refused(project: Project) -> None:
    """The token does not go over the network in the clear."""
    text = attempt(project, apiUrl="http://api.example.com")
    assert "supabase:apiUrl: 'http://api.example.com' must begin with https://" in text


@pytest.mark.parametrize(
    ("status", "message", "words"),
    [
        (402, "Maximum number of functions reached for Plan", "plan allows no more of these"),
        (403, "Forbidden resource", "lacks the permission edge_functions_secrets_read"),
        (400, "Something\nodd.", "Supabase: Something odd (HTTP 400)"),
    ],
)
def test_a_refusal_is_one_sentence(project: Project, status: int, message: str, words: str) -> None:
    """Supabase's own words, the status, and what to do."""
    project.fault(api=[{"status": status, "message": message, "path": "/secrets", "times": None}])
    text = attempt(project)
    assert words in text
    assert "\n" not in text


def test_a_project_that_is_not_there(project: Project) -> None:
    """The property is named."""
    with pytest.raises(Refused, match="projectRef: there is no project x{20} that this access token can see"):
        run(project.plugin().create("EdgeFunctionSecrets", "s", {**SECRETS, "projectRef": "x" * 20}))


def test_a_form_that_is_no_project_ref(project: Project) -> None:
    """It is refused before anything is sent."""
    with pytest.raises(CheckFailed, match="'x' is not a project reference, which has 20"):
        run(project.plugin().create("EdgeFunctionSecrets", "s", {**SECRETS, "projectRef": "x"}))
    assert project.requests() == []


@pytest.mark.parametrize("kind", ["EdgeFunction", "EdgeFunctionSecrets", "Migrations"])
@pytest.mark.parametrize("preview", [True, False])
def test_a_paused_project(project: Project, kind: str, preview: bool) -> None:
    """Every resource says so at once, in previews too, and nothing is begun."""
    project.write("sql/20260101000000_a.sql", "select 1;")
    others: dict[str, dict[str, Any]] = {
        "EdgeFunction": {"slug": "answer", "directory": "functions/answer", "verifyJwt": False},
        "EdgeFunctionSecrets": {"values": {"ONE": "1"}},
        "Migrations": {"directory": "sql"},
    }
    given = {"projectRef": REF, **others[kind]}
    project.fault(paused=True)
    with pytest.raises(
        Refused, match=f"projectRef: the project {REF} is inactive.*restore it in the Supabase dashboard"
    ):
        run(project.plugin().create(kind, "it", given, preview=preview))
    assert not any(r.startswith("POST") for r in project.requests())


def test_a_project_paused_in_the_middle(project: Project) -> None:
    """Where the database does not answer any more, the project is asked why."""
    project.write("sql/20260101000000_a.sql", "select 1;")
    client = project.plugin()
    resource = run(client.create("Migrations", "m", {"projectRef": REF, "directory": "sql"}))
    project.fault(paused=True)
    with pytest.raises(Refused, match="is inactive"):
        run(client.read(resource))


def watch_waits(client: ServicerClient, project: Project, **faults: Any) -> list[float]:
    """Return the waits of a plugin, which are then over at once; each sets the faults given."""
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        project.control.post("/faults", json=faults)

    client.servicer.cancellation.sleep = sleep  # type: ignore[method-assign]
    return waits


def test_a_fault_of_the_server_passes(project: Project) -> None:
    """5xx and 429 are asked again; a write that was carried out twice has been done once."""
    client = project.plugin()
    waits = watch_waits(client, project)
    faults = [{"status": 503}, {"status": 429}, {"status": 500, "method": "POST", "apply": True}]
    project.fault(api=faults)
    run(client.create("EdgeFunctionSecrets", "s", SECRETS))
    assert set(project.secrets()) == {"ONE"}
    assert len(waits) == 3
    assert sum(1 for w in waits if w > 30) == 1, "after a 429 the rest of the window is waited for"


def test_the_rate_limit_is_kept(project: Project) -> None:
    """When the window is used up, nothing is sent until it is over: no request is answered 429."""
    client = project.plugin()
    resource = run(client.create("EdgeFunctionSecrets", "s", SECRETS))
    project.fault(rate_limit=3)
    waits = watch_waits(client, project, rate_limit=3)  # a wait begins the next window
    for _ in range(8):
        run(client.read(resource))
    statuses = [r["status"] for r in project.control.get("/api-requests").json()["requests"]]
    assert 429 not in statuses
    assert len(waits) == 2
    assert all(0 < w <= 60 for w in waits)


def test_get_project(project: Project) -> None:
    """The project's name, place, state and addresses."""
    found = run(project.plugin().invoke("getProject", {"projectRef": REF}))
    assert found["name"] == "sandbox"
    assert found["status"] == "ACTIVE_HEALTHY"
    assert found["url"] == f"https://{REF}.supabase.co"
    assert found["databaseHost"] == f"db.{REF}.supabase.co"
    with pytest.raises(Refused, match="does not exist, or the access token's owner is not a member"):
        run(project.plugin().invoke("getProject", {"projectRef": "x" * 20}))


def test_get_api_keys(project: Project) -> None:
    """New and legacy keys, all secret; those that open everything on request only."""
    hidden = run(project.plugin().invoke("getApiKeys", {"projectRef": REF}))
    shown = run(project.plugin().invoke("getApiKeys", {"projectRef": REF, "reveal": True}))
    assert all(isinstance(v, Secret) for v in (*hidden.values(), *shown.values()))
    assert hidden["publishableKeys"] == shown["publishableKeys"]
    assert shown["secretKeys"].value["default"].startswith("sb_secret_")
    assert shown["serviceRoleKey"].value.startswith("eyJ")
    assert hidden["secretKeys"].value == {}
    assert hidden["serviceRoleKey"].value == ""
    assert hidden["anonKey"].value.startswith("eyJ")
