"""Auth: supabase-js and supabase-py, unmodified, sign up, sign in and manage users; what HTTP alone shows."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import psycopg
import pytest
from supabase import AuthApiError, Client, create_client
from supabase.lib.client_options import SyncClientOptions

from tests.sandbox.supabase.clients import checks_of, run_check
from tests.support.waiting import PATIENCE

ADA = {"email": "ada@example.com", "password": "secret-1"}


@pytest.mark.parametrize("check", checks_of("auth.ts"))
def test_supabase_js(sandbox: dict[str, str], check: str) -> None:
    """The npm package as it is, under Deno; the check is in clients/auth.ts."""
    run_check("auth.ts", sandbox, check)


@pytest.fixture
def supabase_py(sandbox: dict[str, str]) -> Iterator[Callable[[str], Client]]:
    """Makes clients of supabase-py with a kind of key; their connections are closed after the test."""
    with httpx.Client(timeout=PATIENCE) as connections:

        def make(kind: str) -> Client:
            options = SyncClientOptions(httpx_client=connections)
            return create_client(sandbox["supabase_url"], sandbox[f"supabase_{kind}_key"], options)

        yield make


def test_supabase_py(supabase_py: Callable[[str], Client], control: httpx.Client) -> None:
    """Sign up, the code of the mail, refresh, change, sign out; the admin functions."""
    control.post("/auth", json={"disable_signup": False}).raise_for_status()
    client = supabase_py("publishable")
    assert client.auth.sign_up({**ADA, "options": {"data": {"name": "Ada"}}}).session is None
    (mail,) = control.get("/mail", params={"to": ADA["email"]}).json()["mail"]

    verified = client.auth.verify_otp({"type": "email", "email": ADA["email"], "token": mail["otp"]})
    refreshed = client.auth.refresh_session()
    changed = client.auth.update_user({"data": {"team": "sales"}})

    assert verified.user.user_metadata["name"] == "Ada"
    assert refreshed.session.refresh_token != verified.session.refresh_token
    assert changed.user.user_metadata["team"] == "sales"
    assert client.auth.get_claims()["claims"]["sub"] == verified.user.id
    client.auth.sign_out()
    with pytest.raises(AuthApiError, match="Session from session_id claim in JWT does not exist"):
        client.auth.get_user(refreshed.session.access_token)
    admin = supabase_py("secret").auth.admin
    assert [user.email for user in admin.list_users()] == [ADA["email"]]
    admin.delete_user(verified.user.id)
    with pytest.raises(AuthApiError, match="Invalid login credentials"):
        client.auth.sign_in_with_password(ADA)


def key(sandbox: dict[str, str], name: str = "publishable") -> dict[str, str]:
    """The header with an API key."""
    return {"apikey": sandbox[f"supabase_{name}_key"]}


def test_the_management_api_changes_the_settings(
    api: httpx.Client, project_path: str, gateway: httpx.Client, sandbox: dict[str, str]
) -> None:
    """PATCH .../config/auth opens sign-up, as on a hosted project; the answer has the settings in force."""
    path = f"{project_path}/config/auth"
    assert api.get(path).json()["disable_signup"] is True
    assert gateway.post("/auth/v1/signup", json=ADA, headers=key(sandbox)).status_code == 422

    changed = api.patch(path, json={"disable_signup": False, "mailer_autoconfirm": True})

    assert changed.json() == api.get(path).json()
    assert changed.json()["mailer_autoconfirm"] is True
    assert gateway.post("/auth/v1/signup", json=ADA, headers=key(sandbox)).status_code == 200
    assert gateway.get("/auth/v1/settings", headers=key(sandbox)).json()["disable_signup"] is False


@pytest.mark.parametrize(
    ("change", "status", "message"),
    [
        (
            {"sms_provider": "twilio", "saml_enabled": True},
            501,
            "The sandbox does not emulate these settings of Auth: sms_provider, saml_enabled.",
        ),
        ({"jwt_exp": "1h"}, 400, "jwt_exp: must be of type int"),
    ],
)
def test_wrong_settings_change_nothing(
    api: httpx.Client, project_path: str, change: dict[str, Any], status: int, message: str
) -> None:
    """The sentence names what the sandbox does not follow, or the wrong value."""
    path = f"{project_path}/config/auth"
    before = api.get(path).json()

    answer = api.patch(path, json={"disable_signup": False, **change})

    assert (answer.status_code, answer.json()["message"]) == (status, message)
    assert api.get(path).json() == before


def test_errors_have_the_shape_that_the_client_asks_for(sandbox: dict[str, str], gateway: httpx.Client) -> None:
    """With the API version in the request `code` is the code, and the version comes back; else `error_code`."""
    body = {"email": "nobody@example.com", "password": "x"}
    url = "/auth/v1/token?grant_type=password"

    old = gateway.post(url, json=body, headers=key(sandbox))
    new = gateway.post(url, json=body, headers={**key(sandbox), "X-Supabase-Api-Version": "2024-01-01"})

    assert old.json() == {
        "code": 400,
        "error_code": "invalid_credentials",
        "msg": "Invalid login credentials",
    }
    assert new.json() == {"code": "invalid_credentials", "message": "Invalid login credentials"}
    assert new.headers["x-supabase-api-version"] == "2024-01-01"
    assert {answer.headers["x-sb-error-code"] for answer in (old, new)} == {"invalid_credentials"}


@pytest.mark.parametrize(
    ("method", "path", "body", "expected"),
    [
        ("POST", "/token", "{}", (400, "unsupported_grant_type")),
        ("POST", "/token?grant_type=password", "{}", (400, "missing email or phone")),
        ("POST", "/token?grant_type=refresh_token", "{}", (400, "Refresh token is not valid")),
        ("POST", "/recover", '{"email": "x"}', (400, "Unable to validate email address")),
        ("POST", "/recover", "{", (400, "Could not parse request body as JSON: ")),
        ("POST", "/recover", "[]", (400, "Could not parse request body as JSON: ")),
        ("POST", "/recover", '{"email": ["x"]}', (400, "Unable to validate email")),
        ("GET", "/user", None, (403, "invalid claim: missing sub claim")),
        (
            "GET",
            "/authorize?provider=github",
            None,
            (501, "The sandbox does not emulate"),
        ),
    ],
)
def test_refused_requests(
    sandbox: dict[str, str],
    gateway: httpx.Client,
    method: str,
    path: str,
    body: str | None,
    expected: tuple[int, str],
) -> None:
    """Auth's own words."""
    answer = gateway.request(method, f"/auth/v1{path}", content=body, headers=key(sandbox))

    assert (answer.status_code, answer.json()["msg"][: len(expected[1])]) == expected


def test_keys_are_asked_for_and_public_keys_are_not(sandbox: dict[str, str], gateway: httpx.Client) -> None:
    """Without an API key only the JWKS, the discovery document and the links of mails answer."""
    assert gateway.get("/auth/v1/settings").status_code == 401
    assert gateway.get("/auth/v1/.well-known/jwks.json").json()["keys"][0]["alg"] == "ES256"
    assert gateway.get("/auth/v1/verify", params={"token": "x", "type": "signup"}).status_code == 303
    assert gateway.get("/auth/v1/nonsense", headers=key(sandbox)).text == "404 page not found\n"
    assert gateway.delete("/auth/v1/user", headers=key(sandbox)).status_code == 405


def test_a_trigger_without_security_definer_fails_here_as_hosted(
    sandbox: dict[str, str], gateway: httpx.Client, query: Callable[[str], Any]
) -> None:
    """Users are inserted as supabase_auth_admin, which has no rights in `public`; no user is left."""
    query("""
        create table profiles (id uuid primary key references auth.users);
        create function welcome() returns trigger language plpgsql as $$
          begin insert into public.profiles values (new.id); return new; end $$;
        create trigger welcome after insert on auth.users for each row execute function welcome();
    """)

    def create() -> httpx.Response:
        body = {**ADA, "email_confirm": True}
        return gateway.post("/auth/v1/admin/users", json=body, headers=key(sandbox, "secret"))

    refused = create()
    assert (refused.status_code, refused.json()["msg"]) == (500, "Database error saving new user")
    assert query("select count(*)::int as n from auth.users") == [{"n": 0}]

    query("alter function welcome() security definer")
    assert create().status_code == 200
    assert query("select count(*)::int as n from profiles") == [{"n": 1}]


def test_a_user_of_a_seed_signs_in(
    sandbox: dict[str, str], gateway: httpx.Client, query: Callable[[str], Any]
) -> None:
    """A password hashed in SQL is a password."""
    query(
        "insert into auth.users"
        " (id, aud, role, email, encrypted_password, email_confirmed_at, created_at, updated_at)"
        " values (gen_random_uuid(), 'authenticated', 'authenticated', 'ada@example.com',"
        " crypt('secret-1', gen_salt('bf')), now(), now(), now())"
    )

    answer = gateway.post("/auth/v1/token?grant_type=password", json=ADA, headers=key(sandbox))

    assert answer.status_code == 200, answer.text
    assert answer.json()["user"]["email"] == ADA["email"]


def test_settings_follow_the_state_of_auth(
    sandbox: dict[str, str], gateway: httpx.Client, control: httpx.Client
) -> None:
    """GET /settings says what sign-up does; an unknown setting or a wrong type is refused with a sentence."""

    def closed() -> bool:
        return bool(gateway.get("/auth/v1/settings", headers=key(sandbox)).json()["disable_signup"])

    assert closed()
    control.post("/auth", json={"disable_signup": False}).raise_for_status()
    assert not closed()
    unknown = control.post("/auth", json={"hook_uri": "x"})
    wrong = control.post("/auth", json={"jwt_exp": "long"})
    assert (unknown.status_code, unknown.json()["message"].partition(";")[0]) == (
        400,
        "hook_uri: is not emulated",
    )
    assert (wrong.status_code, wrong.json()) == (400, {"message": "jwt_exp: must be of type int"})
    control.post("/reset").raise_for_status()
    assert closed()


def test_an_outage_of_the_database_is_an_answer(
    sandbox: dict[str, str], gateway: httpx.Client, control: httpx.Client
) -> None:
    """503 while Postgres is down, and everything works again afterwards."""
    control.post("/database/stop").raise_for_status()
    try:
        answer = gateway.post("/auth/v1/recover", json={"email": ADA["email"]}, headers=key(sandbox))
    finally:
        control.post("/database/start").raise_for_status()

    assert answer.status_code == 503
    again = gateway.post("/auth/v1/recover", json={"email": ADA["email"]}, headers=key(sandbox))
    assert (again.status_code, again.json()) == (200, {})


def test_refreshing_at_the_same_moment_keeps_the_session(
    sandbox: dict[str, str], gateway: httpx.Client, control: httpx.Client
) -> None:
    """Two tabs that refresh together both get tokens, and the session goes on."""
    body = {**ADA, "email_confirm": True}
    gateway.post("/auth/v1/admin/users", json=body, headers=key(sandbox, "secret")).raise_for_status()
    signed_in = gateway.post("/auth/v1/token?grant_type=password", json=ADA, headers=key(sandbox)).json()

    async def refresh_twice() -> list[httpx.Response]:
        async with httpx.AsyncClient(base_url=sandbox["supabase_url"], headers=key(sandbox)) as client:
            request = {"refresh_token": signed_in["refresh_token"]}
            return await asyncio.gather(
                *(client.post("/auth/v1/token?grant_type=refresh_token", json=request) for _ in range(2))
            )

    answers = asyncio.run(refresh_twice())

    assert [answer.status_code for answer in answers] == [200, 200]
    with psycopg.connect(sandbox["database_url"]) as connection:
        row = connection.execute("select count(*) from auth.refresh_tokens where not revoked").fetchone()
    assert row == (1,)
