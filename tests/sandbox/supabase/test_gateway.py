"""The gateway's rules: keys and roles, verify_jwt, prefixes, and the answers it gives itself."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from supabase import create_client
from supabase.lib.client_options import SyncClientOptions

from tests.sandbox.supabase.conftest import Deploy
from tests.support.waiting import PATIENCE, wait_for

ECHO = """
Deno.serve(async (request) => Response.json({
  url: request.url, method: request.method, body: await request.text(),
  headers: Object.fromEntries(request.headers),
}));
"""
TABLE = """
create table public.notes (id int primary key, owner uuid default auth.uid());
alter table public.notes enable row level security;
create policy own on public.notes to authenticated using (owner = auth.uid());
insert into public.notes values (1, null), (2, '11111111-1111-4111-8111-111111111111');
"""


@pytest.fixture
def notes(query: Callable[[str], Any], gateway: httpx.Client, sandbox: dict[str, str]) -> Any:
    """A table with row-level security, known to PostgREST; returns its address."""
    query(TABLE)
    headers = {"apikey": sandbox["supabase_secret_key"]}
    # PostgREST reloads its schema on its own time, as hosted.
    wait_for(lambda: gateway.get("/rest/v1/notes", headers=headers).is_success, "PostgREST knows the new table")
    return "/rest/v1/notes?select=id"


def user_token(control: httpx.Client, **claims: Any) -> Any:
    """A token as the project's Auth would sign it."""
    return control.post("/tokens", json=claims).json()["token"]


def test_a_function_sees_http_an_internal_host_and_no_prefix(deploy: Deploy, gateway: httpx.Client) -> None:
    """req.url has the scheme http, a host that is not the project's, and a path that starts with the slug."""
    deploy("echo", ECHO)

    seen = gateway.post("/functions/v1/echo/a%20b?x=1&x=2", content="body").json()

    assert seen["url"] == "http://edge-runtime.sandbox.internal/echo/a%20b?x=1&x=2"
    assert (seen["method"], seen["body"]) == ("POST", "body")


def test_the_client_is_named_in_forwarding_headers(deploy: Deploy, gateway: httpx.Client) -> None:
    """x-forwarded-for is appended to, x-real-ip and x-forwarded-proto are the gateway's own."""
    deploy("echo", ECHO)

    headers = gateway.get(
        "/functions/v1/echo", headers={"X-Forwarded-For": "1.2.3.4", "X-Real-IP": "9.9.9.9"}
    ).json()["headers"]

    assert headers["x-forwarded-for"] == "1.2.3.4, 127.0.0.1"
    assert (headers["x-real-ip"], headers["x-forwarded-proto"]) == ("127.0.0.1", "http")


def test_a_missing_function_is_named_as_such(gateway: httpx.Client) -> None:
    """404 with the text `Function not found`."""
    answer = gateway.post("/functions/v1/nothing")

    assert (answer.status_code, answer.text) == (404, "Function not found")


@pytest.mark.parametrize(
    ("authorization", "message"),
    [(None, "Missing authorization header"), ("Bearer nonsense", "Invalid JWT"), ("key", "Invalid JWT")],
    ids=["no header", "no JWT", "an API key"],
)
def test_verify_jwt_refuses_before_the_code_runs(
    deploy: Deploy,
    gateway: httpx.Client,
    control: httpx.Client,
    sandbox: dict[str, str],
    authorization: str | None,
    message: str,
) -> None:
    """Without a JWT of the project the answer is 401, API keys do not pass, and no code is started."""
    deploy("closed", ECHO, verify_jwt=True)
    if authorization == "key":
        authorization = f"Bearer {sandbox['supabase_secret_key']}"
    headers = {} if authorization is None else {"Authorization": authorization}

    answer = gateway.post("/functions/v1/closed", headers=headers)

    assert (answer.status_code, answer.json()["message"]) == (401, message)
    assert control.get("/functions/closed/logs").json()["logs"] == []


def test_verify_jwt_lets_a_users_token_pass_and_refuses_an_expired_one(
    deploy: Deploy, gateway: httpx.Client, control: httpx.Client
) -> None:
    """A token signed by the project passes until it expires."""
    deploy("closed", ECHO, verify_jwt=True)
    good, old = user_token(control, sub="u"), user_token(control, sub="u", exp=1_700_000_000)

    codes = [
        gateway.get("/functions/v1/closed", headers={"Authorization": f"Bearer {token}"}).status_code
        for token in (good, old)
    ]

    assert codes == [200, 401]


def test_a_preflight_needs_no_jwt(deploy: Deploy, gateway: httpx.Client) -> None:
    """OPTIONS reaches the function even with verify_jwt."""
    deploy("closed", ECHO, verify_jwt=True)

    assert gateway.options("/functions/v1/closed").json()["method"] == "OPTIONS"


def test_keys_become_roles(
    notes: Any, gateway: httpx.Client, sandbox: dict[str, str], control: httpx.Client
) -> None:
    """The secret key reads all, the publishable key what anon may, a user's token what the policy allows."""
    publishable = {"apikey": sandbox["supabase_publishable_key"]}
    user = user_token(control, sub="11111111-1111-4111-8111-111111111111")

    as_service = gateway.get(notes, headers={"apikey": sandbox["supabase_secret_key"]}).json()
    as_anon = gateway.get(notes, headers=publishable).json()
    as_user = gateway.get(notes, headers={**publishable, "Authorization": f"Bearer {user}"}).json()

    assert as_service == [{"id": 1}, {"id": 2}]
    assert as_anon == []
    assert as_user == [{"id": 2}]


def test_a_new_key_in_authorization_is_treated_as_absent(
    notes: Any, gateway: httpx.Client, sandbox: dict[str, str]
) -> None:
    """Clients that put sb_... keys into Authorization as well are tolerated."""
    key = sandbox["supabase_secret_key"]

    answer = gateway.get(notes, headers={"apikey": key, "Authorization": f"Bearer {key}"})

    assert answer.json() == [{"id": 1}, {"id": 2}]


def test_legacy_jwt_keys_work(notes: Any, gateway: httpx.Client, api: httpx.Client, project_path: str) -> None:
    """The legacy anon and service_role keys are API keys too."""
    keys = {key["name"]: key["api_key"] for key in api.get(f"{project_path}/api-keys").json()}

    rows = {
        name: gateway.get(notes, headers={"apikey": keys[name]}).json() for name in ("anon", "service_role")
    }

    assert rows == {"anon": [], "service_role": [{"id": 1}, {"id": 2}]}


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        ({}, "No API key found in request"),
        ({"apikey": "sb_secret_wrong"}, "Invalid API key"),
        (
            {"apikey": "SECRET", "User-Agent": "Mozilla/5.0 (X11)"},
            "Forbidden use of secret API key in browser",
        ),
    ],
    ids=["no key", "unknown key", "secret key in a browser"],
)
def test_rest_refuses_requests_without_a_proper_key(
    gateway: httpx.Client, sandbox: dict[str, str], headers: dict[str, Any], message: str
) -> None:
    """401 with the platform's message."""
    headers = {
        name: sandbox["supabase_secret_key"] if value == "SECRET" else value for name, value in headers.items()
    }

    answer = gateway.get("/rest/v1/anything", headers=headers)

    assert (answer.status_code, answer.json()["message"]) == (401, message)


def test_a_key_may_come_in_the_query(notes: Any, gateway: httpx.Client, sandbox: dict[str, str]) -> None:
    """`?apikey=` is read as the header is."""
    answer = gateway.get(
        f"{notes}&apikey={sandbox['supabase_publishable_key']}", headers={"Prefer": "return=minimal"}
    )

    assert answer.status_code != 401


def test_a_revoked_privilege_is_noticed_as_hosted(
    query: Callable[[str], Any], gateway: httpx.Client, sandbox: dict[str, str]
) -> None:
    """New functions are open to anon unless revoked, as hosted; a revoked one answers 401 with code 42501."""
    query("create function public.open() returns int language sql as 'select 1'")
    query("create function public.shut() returns int language sql as 'select 1'")
    query("revoke execute on function public.shut from anon, public")
    headers = {"apikey": sandbox["supabase_publishable_key"]}

    def answered(function: str) -> httpx.Response | None:
        answer = gateway.post(f"/rest/v1/rpc/{function}", headers=headers)
        return None if answer.status_code == 404 else answer

    shut = wait_for(lambda: answered("shut"), "PostgREST knows the revoked function")
    opened = wait_for(lambda: answered("open"), "PostgREST knows the open function")
    assert opened is not None
    assert shut is not None
    assert opened.json() == 1
    assert (shut.status_code, shut.json()["code"]) == (401, "42501")


@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "DELETE"])
def test_a_missing_table_is_named_as_hosted(
    gateway: httpx.Client, sandbox: dict[str, str], method: str
) -> None:
    """PGRST205, where the sandbox's older PostgREST answers 42P01 or an empty object."""
    headers = {"apikey": sandbox["supabase_secret_key"]}

    answer = gateway.request(method, "/rest/v1/nope?select=a", json={"a": 1}, headers=headers)

    assert (answer.status_code, answer.json()) == (
        404,
        {
            "code": "PGRST205",
            "details": None,
            "hint": None,
            "message": "Could not find the table 'public.nope' in the schema cache",
        },
    )


def test_an_expired_token_has_the_code_that_clients_look_for(
    gateway: httpx.Client, sandbox: dict[str, str], control: httpx.Client
) -> None:
    """PGRST303."""
    token = user_token(control, sub="u", exp=1_700_000_000)
    headers = {"apikey": sandbox["supabase_publishable_key"], "Authorization": f"Bearer {token}"}

    answer = gateway.get("/rest/v1/", headers=headers)

    assert (answer.status_code, answer.json()["code"], answer.json()["message"]) == (
        401,
        "PGRST303",
        "JWT expired",
    )


def test_a_key_in_the_address_is_not_a_filter(
    gateway: httpx.Client, sandbox: dict[str, str], query: Callable[[str], Any]
) -> None:
    """`?apikey=` passes the gateway and stays there."""
    query("create table keyed (a int); insert into keyed values (1), (2)")
    url = f"/rest/v1/keyed?apikey={sandbox['supabase_secret_key']}&a=eq.2"

    answer = wait_for(
        lambda: (found := gateway.get(url)).status_code != 404 and found, "PostgREST knows the table"
    )

    assert answer.json() == [{"a": 2}]


def test_auth_says_who_may_sign_up(
    gateway: httpx.Client, sandbox: dict[str, str], control: httpx.Client
) -> None:
    """Nobody, unless a fault says otherwise; the request needs an API key, as hosted."""
    headers = {"apikey": sandbox["supabase_publishable_key"]}

    closed = gateway.get("/auth/v1/settings", headers=headers).json()
    control.post("/faults", json={"open_sign_up": True}).raise_for_status()
    opened = gateway.get("/auth/v1/settings", headers=headers).json()
    control.post("/faults", json={"clear": True}).raise_for_status()

    assert (closed["disable_signup"], closed["external"]["anonymous_users"]) == (True, False)
    assert (opened["disable_signup"], opened["external"]["anonymous_users"]) == (False, True)
    assert closed["external"]["email"] is True
    assert gateway.get("/auth/v1/settings").status_code == 401
    assert gateway.post("/auth/v1/signup", headers=headers).status_code == 422


def test_what_is_not_emulated_names_itself(gateway: httpx.Client) -> None:
    """Storage is answered 501 with the path."""
    answer = gateway.get("/storage/v1/object/x")

    assert (answer.status_code, answer.json()["message"]) == (
        501,
        "The sandbox does not emulate GET /storage/v1/object/x.",
    )


def test_html_from_a_function_becomes_plain_text(deploy: Deploy, gateway: httpx.Client) -> None:
    """GET answers of type text/html are called text/plain, as hosted."""
    deploy("page", 'Deno.serve(() => new Response("<p>", {headers: {"content-type": "text/html"}}));')

    types = [
        gateway.request(method, "/functions/v1/page").headers["content-type"] for method in ("GET", "POST")
    ]

    assert types == ["text/plain", "text/html"]


@pytest.mark.parametrize("size", [0, 1, 70_000, 3_000_000])
def test_bodies_of_any_size_pass_unchanged_both_ways(deploy: Deploy, gateway: httpx.Client, size: int) -> None:
    """What a client sends arrives, and what the function answers returns, byte for byte."""
    deploy("mirror", "Deno.serve(async (r) => new Response(await r.arrayBuffer()));")
    content = hashlib.sha256(b"x").digest() * (size // 32 + 1)

    answer = gateway.post("/functions/v1/mirror", content=content[:size])

    assert answer.content == content[:size]


def test_chunked_bodies_pass_both_ways(deploy: Deploy, gateway: httpx.Client) -> None:
    """A body of unknown length is streamed to the function and back."""
    deploy("stream", "Deno.serve((r) => new Response(r.body));")

    answer = gateway.post("/functions/v1/stream", content=(b"chunk%d " % number for number in range(50)))

    assert answer.content == b"".join(b"chunk%d " % number for number in range(50))
    assert "content-length" not in answer.headers


@pytest.mark.parametrize(("method", "status"), [("HEAD", 200), ("GET", 204), ("GET", 304)])
def test_answers_without_a_body_keep_the_connection(
    deploy: Deploy, sandbox: dict[str, str], method: str, status: int
) -> None:
    """HEAD, 204 and 304 have no body whatever their headers say; the next answer is not mistaken for one."""
    deploy(
        "bare",
        "Deno.serve((r) => new Response(r.method === 'HEAD' ? 'body' : null, {status: STATUS}));".replace(
            "STATUS", str(status)
        ),
    )
    first = f"{method} /functions/v1/bare HTTP/1.1\r\nHost: x\r\n\r\n"
    second = "GET /last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

    answer = asyncio.run(_raw(sandbox, (first + second).encode())).decode()

    assert answer.startswith(f"HTTP/1.1 {status} ")
    assert answer.partition("\r\n\r\n")[2].startswith("HTTP/1.1 501 ")


def test_a_streamed_answer_is_not_held_back(
    deploy: Deploy, gateway: httpx.Client, sandbox: dict[str, str]
) -> None:
    """The first piece arrives before the function has made the second."""
    deploy(
        "gate",
        """
    let state = "shut";
    Deno.serve((request) => { if (request.method === "POST") state = "open"; return new Response(state); });
    """,
    )
    deploy(
        "drip",
        """
    Deno.serve((request) => {
      const gate = new URL(request.url).searchParams.get("gate")!;
      return new Response(new ReadableStream({
        async start(controller) {
          controller.enqueue(new TextEncoder().encode("first"));
          while (await (await fetch(gate)).text() !== "open") await new Promise((done) => setTimeout(done, 5));
          controller.enqueue(new TextEncoder().encode("second"));
          controller.close();
        },
      }));
    });
    """,
    )
    gate = f"{sandbox['supabase_url']}/functions/v1/gate"

    with gateway.stream("GET", "/functions/v1/drip", params={"gate": gate}) as answer:
        pieces = answer.iter_raw()
        first = next(pieces)
        httpx.post(gate, timeout=PATIENCE)
        rest = b"".join(pieces)

    assert (first, rest) == (b"first", b"second")


async def _raw(sandbox: dict[str, str], request: bytes) -> bytes:
    host, _, port = sandbox["supabase_url"].removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(request)
    writer.write_eof()
    answer = await asyncio.wait_for(reader.read(), PATIENCE)
    writer.close()
    return answer


@pytest.mark.parametrize(
    "request_text",
    [
        "nonsense\r\n\r\n",
        "GET /x HTTP/1.1\r\nbroken header\r\n\r\n",
        "POST /rest/v1/x HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nabc",
        "POST /rest/v1/x HTTP/1.1\r\nContent-Length: -3\r\n\r\n",
    ],
)
def test_what_is_not_http_is_answered_400(sandbox: dict[str, str], request_text: str) -> None:
    """A broken or ambiguous head is refused, never passed on."""
    answer = asyncio.run(_raw(sandbox, request_text.encode()))

    assert answer.startswith(b"HTTP/1.1 400 ")


def test_requests_on_one_connection_are_answered_in_turn(sandbox: dict[str, str]) -> None:
    """Pipelined requests get their answers in order, and `Connection: close` ends it."""
    first = b"GET /one HTTP/1.1\r\nHost: x\r\n\r\n"
    second = b"GET /two HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

    answer = asyncio.run(_raw(sandbox, first + second))

    assert answer.count(b"HTTP/1.1 501") == 2
    assert answer.index(b"GET /one") < answer.index(b"GET /two")


@pytest.mark.filterwarnings("ignore:The '(timeout|verify)' parameter is deprecated:DeprecationWarning")
def test_the_official_python_client_works_unchanged(
    notes: Any, deploy: Deploy, sandbox: dict[str, str]
) -> None:
    """supabase-py reads tables and invokes functions through the gateway."""
    deploy("hello", "Deno.serve(() => Response.json({hello: true}));")
    with httpx.Client(timeout=PATIENCE) as http:
        options = SyncClientOptions(httpx_client=http, auto_refresh_token=False, persist_session=False)
        client = create_client(sandbox["supabase_url"], sandbox["supabase_secret_key"], options)
        rows = client.table("notes").select("id").order("id").execute().data
        answer = json.loads(client.functions.invoke("hello"))

    assert rows == [{"id": 1}, {"id": 2}]
    assert answer == {"hello": True}


def test_a_database_outage_is_a_503_and_ends_with_it(
    notes: Any, gateway: httpx.Client, control: httpx.Client, sandbox: dict[str, str]
) -> None:
    """With Postgres or PostgREST stopped /rest/v1 answers 5xx, and works again after the start."""
    headers = {"apikey": sandbox["supabase_secret_key"]}
    codes = []
    for only in ("postgrest", "postgres"):
        control.post("/database/stop", json={"only": only}).raise_for_status()
        codes.append(gateway.get(notes, headers=headers).status_code)
        control.post("/database/start").raise_for_status()
        codes.append(gateway.get(notes, headers=headers).status_code)

    assert codes == [503, 200, 503, 200]


def test_functions_answer_while_the_database_is_down(
    deploy: Deploy, gateway: httpx.Client, control: httpx.Client
) -> None:
    """An outage of the database leaves functions alone."""
    deploy("hello", 'Deno.serve(() => new Response("here"));')
    control.post("/database/stop").raise_for_status()

    answer = gateway.get("/functions/v1/hello")

    control.post("/database/start").raise_for_status()
    assert answer.text == "here"


@pytest.mark.parametrize(
    ("status", "code"), [(546, "WORKER_RESOURCE_LIMIT"), (503, "BOOT_ERROR"), (500, "WORKER_ERROR")]
)
def test_the_platforms_answers_can_be_asked_for(
    deploy: Deploy, gateway: httpx.Client, control: httpx.Client, status: int, code: str
) -> None:
    """A fault makes the platform answer in a function's place, as often as it says."""
    deploy("hello", "Deno.serve(() => new Response());")
    control.post("/faults", json={"functions": [{"function": "hello", "status": status}]}).raise_for_status()

    answers = [gateway.get("/functions/v1/hello") for _ in range(2)]

    assert (answers[0].status_code, answers[0].json()["code"]) == (status, code)
    assert answers[1].status_code == 200


def test_a_paused_project_answers_540(
    gateway: httpx.Client, control: httpx.Client, sandbox: dict[str, str]
) -> None:
    """Nothing of a paused project answers, and its status says so."""
    control.post("/faults", json={"paused": True}).raise_for_status()

    codes = {gateway.get(path).status_code for path in ("/functions/v1/x", "/rest/v1/x")}

    assert codes == {540}


def test_the_gateway_listens_on_the_loopback_interface_alone(sandbox: dict[str, str]) -> None:
    """Another address of this machine is not served."""
    port = sandbox["supabase_url"].rpartition(":")[2]

    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://127.0.0.2:{port}/functions/v1/x", timeout=PATIENCE)


def test_deleted_api_keys_are_refused_and_no_function_has_them(
    deploy: Deploy,
    gateway: httpx.Client,
    api: httpx.Client,
    project_path: str,
    control: httpx.Client,
    sandbox: dict[str, str],
) -> None:
    """A key that was deleted is neither listed nor taken; disabled legacy keys stay in the list."""
    deploy("keys", "Deno.serve(() => new Response(Deno.env.get('SUPABASE_SECRET_KEYS')));")
    keys = {key["name"]: key["api_key"] for key in api.get(f"{project_path}/api-keys").json()}
    before = gateway.get("/functions/v1/keys").json()
    control.post("/faults", json={"deleted_api_keys": ["secret", "legacy"]}).raise_for_status()

    types = {key["type"] for key in api.get(f"{project_path}/api-keys").json()}
    taken = [
        gateway.get("/rest/v1/", headers={"apikey": key}).status_code
        for key in (
            sandbox["supabase_secret_key"],
            keys["service_role"],
            sandbox["supabase_publishable_key"],
        )
    ]
    after = gateway.get("/functions/v1/keys").json()

    assert types == {"legacy", "publishable"}
    assert api.get(f"{project_path}/api-keys/legacy").json() == {"enabled": False}
    assert taken[:2] == [401, 401]
    assert taken[2] != 401
    assert (before, after) == ({"default": sandbox["supabase_secret_key"]}, {})
