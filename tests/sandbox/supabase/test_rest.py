"""The REST API: supabase-js and supabase-py, unmodified, and PostgREST's configuration."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from postgrest.exceptions import APIError
from supabase import create_client
from supabase.lib.client_options import SyncClientOptions

from tests.sandbox.supabase.clients import checks_of, run_check
from tests.support.waiting import PATIENCE, wait_for


@pytest.mark.parametrize("check", checks_of("rest.ts"))
def test_supabase_js(sandbox: dict[str, str], check: str) -> None:
    """The npm package as it is, under Deno; the check is in clients/rest.ts."""
    run_check("rest.ts", sandbox, check)


def test_supabase_py(sandbox: dict[str, str], query: Callable[[str], Any]) -> None:
    """Rows, a function's result and an error; at most so many rows."""
    query("create table py_items (id int primary key); insert into py_items select generate_series(1, 3)")
    with httpx.Client(timeout=PATIENCE) as connections:
        options = SyncClientOptions(httpx_client=connections)
        client = create_client(sandbox["supabase_url"], sandbox["supabase_secret_key"], options)
        wait_for(
            lambda: answers(lambda: client.table("py_items").insert({"id": 4}).execute()),
            "PostgREST knows py_items",
        )
        client.table("py_items").delete().eq("id", 4).execute()

        assert len(client.table("py_items").select("id").execute().data) == 3
        with pytest.raises(APIError) as refused:
            client.table("py_items").delete().gt("id", 0).max_affected(2).execute()
        assert refused.value.code == "PGRST124"
        assert client.table("py_items").delete().gt("id", 1).max_affected(2).execute().data == [
            {"id": 2},
            {"id": 3},
        ]


def answers(request: Callable[[], Any]) -> bool:
    """Whether a request of supabase-py succeeds."""
    try:
        request()
    except APIError:
        return False
    return True


def key(sandbox: dict[str, str]) -> dict[str, str]:
    """The header with the secret key."""
    return {"apikey": sandbox["supabase_secret_key"]}


def test_the_description_of_the_api_has_its_address(gateway: httpx.Client, sandbox: dict[str, str]) -> None:
    """A client that is generated from it reaches the project."""
    description = gateway.get("/rest/v1/", headers=key(sandbox)).json()

    assert f"{description['schemes'][0]}://{description['host']}" == sandbox["supabase_url"]
    assert description["basePath"] == "/rest/v1"


def test_a_migration_configures_postgrest(
    gateway: httpx.Client, sandbox: dict[str, str], query: Callable[[str], Any], control: httpx.Client
) -> None:
    """`alter role authenticator set pgrst...`, as on a hosted project; the first day has none of it."""
    query("create schema crm; create table crm.items (id int); grant usage on schema crm to service_role")
    query("grant all on crm.items to service_role")
    headers = {**key(sandbox), "Accept-Profile": "crm"}
    assert gateway.get("/rest/v1/items", headers=headers).json()["code"] == "PGRST106"

    query("alter role authenticator set pgrst.db_schemas = 'public, crm'; notify pgrst, 'reload config'")
    query("notify pgrst, 'reload schema'")

    wait_for(
        lambda: gateway.get("/rest/v1/items", headers=headers).status_code == 200,
        "PostgREST knows the schema crm",
    )
    control.post("/reset").raise_for_status()
    assert gateway.get("/rest/v1/items", headers=headers).json()["code"] == "PGRST106"


def test_the_management_api_configures_postgrest(
    api: httpx.Client,
    project_path: str,
    gateway: httpx.Client,
    sandbox: dict[str, str],
    query: Callable[[str], Any],
) -> None:
    """GET and PATCH .../postgrest."""
    query("create table few_items (id int); insert into few_items select generate_series(1, 3)")
    before = api.get(f"{project_path}/postgrest").json()
    assert before == {
        "db_schema": "public, graphql_public",
        "db_extra_search_path": "public, extensions",
        "max_rows": 1000,
        "db_pool": None,
    }

    after = api.patch(f"{project_path}/postgrest", json={"max_rows": 2, "db_schema": "public"}).json()

    assert after == {**before, "max_rows": 2, "db_schema": "public"}
    assert len(gateway.get("/rest/v1/few_items", headers=key(sandbox)).json()) == 2


@pytest.mark.parametrize(
    ("change", "status", "message"),
    [
        ({"max_rows": "many"}, 400, "max_rows: must be an integer from 0 to 1000000"),
        ({"max_rows": True}, 400, "max_rows: must be an integer from 0 to 1000000"),
        ({"db_schema": 1}, 400, "db_schema: must be a string"),
        ({"db_pool": 3}, 501, "The sandbox does not emulate db_pool."),
        (
            {"schemas": "public"},
            400,
            "schemas: is not a setting; there are db_schema, db_extra_search_path, max_rows and db_pool",
        ),
    ],
)
def test_a_wrong_configuration_changes_nothing(
    api: httpx.Client, project_path: str, change: dict[str, Any], status: int, message: str
) -> None:
    """One sentence says what is wrong."""
    before = api.get(f"{project_path}/postgrest").json()

    answer = api.patch(f"{project_path}/postgrest", json={"db_extra_search_path": "public", **change})

    assert (answer.status_code, answer.json()["message"]) == (status, message)
    assert api.get(f"{project_path}/postgrest").json() == before
