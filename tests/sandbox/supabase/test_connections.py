"""How clients connect to the database: TLS on its port, and the temporary role of the Supabase CLI."""

from __future__ import annotations

import httpx
import psycopg
import pytest
from psycopg.conninfo import make_conninfo


@pytest.mark.parametrize(("mode", "encrypted"), [("require", True), ("prefer", True), ("disable", False)])
def test_tls_on_the_database_port(sandbox: dict[str, str], mode: str, *, encrypted: bool) -> None:
    """A client that asks for TLS gets it; one that does not is served as well."""
    with psycopg.connect(sandbox["database_url"], sslmode=mode) as connection:
        row = connection.execute("select ssl from pg_stat_ssl where pid = pg_backend_pid()").fetchone()

    assert row == (encrypted,)


def test_the_addresses_that_the_cli_asks_for(
    api: httpx.Client, project_path: str, sandbox: dict[str, str]
) -> None:
    """The address ends at Postgres itself, for libpq and for the CLI, which changes the first port."""
    (pooler,) = api.get(f"{project_path}/config/database/pooler").json()
    address = pooler["connection_string"].replace("[YOUR-PASSWORD]", "postgres")

    with psycopg.connect(address) as connection:
        assert connection.info.port == pooler["db_port"]


def test_the_login_role_of_the_cli(api: httpx.Client, project_path: str, sandbox: dict[str, str]) -> None:
    """It can become `postgres`, as whom migrations run. A new password replaces the previous one."""
    first = api.post(f"{project_path}/cli/login-role", json={"read_only": False}).json()
    answer = api.post(f"{project_path}/cli/login-role", json={"read_only": False})
    assert answer.status_code == 201
    role = answer.json()

    def connect(login: dict[str, str]) -> psycopg.Connection:
        own = {"user": login["role"], "password": login["password"]}
        return psycopg.connect(make_conninfo(sandbox["database_url"], **own))

    with connect(role) as connection:
        connection.execute("set session role postgres")
        connection.execute("create table pushed (a int)")
        owner = connection.execute("select tableowner from pg_tables where tablename = 'pushed'").fetchone()
    assert owner == ("postgres",)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        connect(first)
    assert api.delete(f"{project_path}/cli/login-role").json() == {"message": "ok"}
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        connect(role)


def test_a_read_only_login_role(api: httpx.Client, project_path: str) -> None:
    """Not emulated, and named."""
    answer = api.post(f"{project_path}/cli/login-role", json={"read_only": True})

    assert (answer.status_code, answer.json()["message"]) == (
        501,
        "The sandbox does not emulate read-only login roles.",
    )


def test_a_login_role_while_the_database_is_stopped(
    api: httpx.Client, project_path: str, control: httpx.Client
) -> None:
    """The answer of a project whose database cannot be reached."""
    control.post("/database/stop").raise_for_status()
    try:
        assert api.post(f"{project_path}/cli/login-role", json={"read_only": False}).status_code == 544
        assert api.delete(f"{project_path}/cli/login-role").status_code == 544
    finally:
        control.post("/database/start").raise_for_status()


def test_the_organization(api: httpx.Client, project_path: str) -> None:
    """There is one, and the project belongs to it."""
    (organization,) = api.get("/v1/organizations").json()

    assert api.get(project_path).json()["organization_slug"] == organization["slug"]
    assert api.get(f"/v1/organizations/{organization['slug']}").json()["name"] == organization["name"]
    assert api.get("/v1/organizations/other").status_code == 404
