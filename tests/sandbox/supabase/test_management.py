"""The Management API apart from functions: tokens, limits, project, keys, secrets, SQL, migrations."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.sandbox.supabase.conftest import Deploy
from tests.support.waiting import PATIENCE


@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "Bearer sbp_" + "0" * 40}, {"Authorization": "Basic x"}]
)
def test_a_wrong_token_is_a_401(sandbox: dict[str, str], project_path: str, headers: Any) -> None:
    """Without the account's token nothing is answered."""
    answer = httpx.get(f"{sandbox['supabase_api_url']}{project_path}", headers=headers, timeout=PATIENCE)

    assert (answer.status_code, answer.json()) == (401, {"message": "Unauthorized"})


def test_an_unknown_project_is_a_404(api: httpx.Client) -> None:
    """Another project's ref is not found, a malformed one is a 400."""
    assert api.get("/v1/projects/" + "a" * 20).status_code == 404
    assert api.get("/v1/projects/short").status_code == 400


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "PROJECT/branches"), ("POST", "/v1/projects"), ("GET", "/v1/projects/"), ("DELETE", "PROJECT")],
)
def test_what_is_not_emulated_is_a_501_that_names_itself(
    api: httpx.Client, project_path: str, method: str, path: str
) -> None:
    """An operation that the sandbox lacks is never a silent success."""
    path = path.replace("PROJECT", project_path)

    answer = api.request(method, path)

    assert (answer.status_code, answer.json()) == (
        501,
        {"message": f"The sandbox does not emulate {method} {path}."},
    )


def test_every_answer_carries_the_rate_limit(
    api: httpx.Client, project_path: str, control: httpx.Client
) -> None:
    """120 requests a minute: headers on every answer, 429 beyond, and off again by the control plane."""
    control.post("/faults", json={"rate_limit": 2}).raise_for_status()
    answers = [api.get(project_path) for _ in range(3)]
    control.post("/faults", json={"rate_limit": 0}).raise_for_status()

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [answer.headers["X-RateLimit-Remaining"] for answer in answers] == ["1", "0", "0"]
    assert {answer.headers["X-RateLimit-Limit"] for answer in answers} == {"2"}
    assert all(0 < int(answer.headers["X-RateLimit-Reset"]) <= 60 for answer in answers)
    assert api.get(project_path).status_code == 200


def test_a_scoped_token_may_do_what_it_names(
    api: httpx.Client, project_path: str, control: httpx.Client
) -> None:
    """A token with one permission is refused everything else with 403."""
    control.post(
        "/faults", json={"token_permissions": ["edge_functions_read", "database_read"]}
    ).raise_for_status()

    assert api.get(f"{project_path}/functions").status_code == 200
    assert api.get(f"{project_path}/secrets").status_code == 403
    assert api.post(f"{project_path}/database/query", json={"query": "select 1"}).status_code == 403
    assert (
        api.post(f"{project_path}/database/query", json={"query": "select 1", "read_only": True}).status_code
        == 201
    )


def test_a_transaction_that_a_query_leaves_open_is_rolled_back(api: httpx.Client, project_path: str) -> None:
    """The connection ends without a commit, and with it what was not committed."""
    path = f"{project_path}/database/query"
    answer = api.post(path, json={"query": "begin; create table left_open (id int)"})
    assert answer.status_code == 201, answer.text
    seen = api.post(path, json={"query": "select to_regclass('left_open') as found"}).json()
    assert seen == [{"found": None}]


def test_a_paused_project_says_so(api: httpx.Client, project_path: str, control: httpx.Client) -> None:
    """Status INACTIVE, and SQL cannot be run."""
    control.post("/faults", json={"paused": True}).raise_for_status()

    assert api.get(project_path).json()["status"] == "INACTIVE"
    assert api.post(f"{project_path}/database/query", json={"query": "select 1"}).status_code == 544


def test_faults_answer_chosen_requests_a_chosen_number_of_times(
    api: httpx.Client, project_path: str, control: httpx.Client
) -> None:
    """A fault names a method, the end of a path, how many to let pass and how often to fail."""
    fault = {"status": 503, "method": "GET", "path": "/functions", "after": 1, "times": 2}
    control.post("/faults", json={"api": [fault]}).raise_for_status()

    codes = [api.get(f"{project_path}/functions").status_code for _ in range(4)]

    assert codes == [200, 503, 503, 200]
    assert api.get(project_path).status_code == 200


def test_a_lost_answer_has_had_its_effect(api: httpx.Client, project_path: str, control: httpx.Client) -> None:
    """With `apply` the request is carried out and only its answer is replaced."""
    control.post(
        "/faults", json={"api": [{"status": 502, "path": "/secrets", "apply": True}]}
    ).raise_for_status()

    answer = api.post(f"{project_path}/secrets", json=[{"name": "A", "value": "b"}])

    assert answer.status_code == 502
    assert "A" in [secret["name"] for secret in api.get(f"{project_path}/secrets").json()]


@pytest.mark.parametrize(
    "faults", [{"nonsense": 1}, {"paused": "yes"}, {"api": [{"code": 1}]}, {"rate_limit": True}]
)
def test_a_misspelt_fault_is_refused(control: httpx.Client, faults: dict[str, Any]) -> None:
    """The control plane never ignores what it does not know."""
    assert control.post("/faults", json=faults).status_code == 400


@pytest.mark.parametrize(
    ("mixed", "expected"), [(False, "404 404 404 200"), (True, "404 200 404 200 404 200 200")]
)
def test_a_new_function_may_appear_slowly(
    deploy: Deploy, gateway: httpx.Client, control: httpx.Client, mixed: bool, expected: str
) -> None:
    """Spread over three requests the old answer, here a 404, still comes; on demand mixed with the new."""
    control.post("/faults", json={"spread": {"requests": 3, "mixed": mixed}}).raise_for_status()
    deploy("hello", 'Deno.serve(() => new Response("new"));')

    codes = [str(gateway.get("/functions/v1/hello").status_code) for _ in expected.split()]

    assert " ".join(codes) == expected


def test_a_deploy_may_spread_slowly(deploy: Deploy, gateway: httpx.Client, control: httpx.Client) -> None:
    """The version before goes on answering until the spread is over."""
    deploy("hello", 'Deno.serve(() => new Response("old"));')
    control.post("/faults", json={"spread": {"requests": 2}}).raise_for_status()
    deploy("hello", 'Deno.serve(() => new Response("new"));')

    assert [gateway.get("/functions/v1/hello").text for _ in range(4)] == ["old", "old", "new", "new"]


def test_a_spread_may_last_for_a_time_and_ends_with_the_faults(
    deploy: Deploy, gateway: httpx.Client, control: httpx.Client
) -> None:
    """Given in seconds the old version goes on whatever the number of requests; clearing the faults ends it."""
    deploy("hello", 'Deno.serve(() => new Response("old"));')
    control.post("/faults", json={"spread": {"seconds": 3600}}).raise_for_status()
    deploy("hello", 'Deno.serve(() => new Response("new"));')
    during = {gateway.get("/functions/v1/hello").text for _ in range(20)}

    control.post("/faults", json={"clear": True}).raise_for_status()

    assert during == {"old"}
    assert gateway.get("/functions/v1/hello").text == "new"


def test_requests_are_recorded(api: httpx.Client, project_path: str, control: httpx.Client) -> None:
    """The control plane lists method, path, query, status and client of every request, and no secrets."""
    api.post(f"{project_path}/secrets", json=[{"name": "A", "value": "hidden-value"}])
    api.get(f"{project_path}/functions/none?x=1")

    answer = control.get("/api-requests")

    seen = [
        (entry["method"], entry["path"], entry["query"], entry["status"]) for entry in answer.json()["requests"]
    ]
    assert seen == [
        ("POST", f"{project_path}/secrets", "", 201),
        ("GET", f"{project_path}/functions/none", "x=1", 404),
    ]
    assert "hidden-value" not in answer.text


def test_secrets_are_read_back_as_digests(api: httpx.Client, project_path: str) -> None:
    """GET secrets has SHA-256 digests, and next to them the platform's own variables."""
    api.post(f"{project_path}/secrets", json=[{"name": "A", "value": "b"}])

    secrets = {secret["name"]: secret for secret in api.get(f"{project_path}/secrets").json()}

    assert secrets["A"]["value"] == hashlib.sha256(b"b").hexdigest()
    assert "SUPABASE_URL" in secrets


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SUPABASE_X", "v"),
        ("", "v"),
        ("N" * 257, "v"),
        ("A", "v" * 24_577),
        ("A=B", "v"),
        ("A", 1),
        (None, "v"),
    ],
)
def test_bad_secrets_are_refused_together_with_the_good(
    api: httpx.Client, project_path: str, name: Any, value: Any
) -> None:
    """One entry that breaks the rules refuses the whole request."""
    answer = api.post(
        f"{project_path}/secrets", json=[{"name": "GOOD", "value": "v"}, {"name": name, "value": value}]
    )

    assert answer.status_code == 400
    assert "GOOD" not in [secret["name"] for secret in api.get(f"{project_path}/secrets").json()]


def test_secrets_of_the_largest_size_are_taken(api: httpx.Client, project_path: str) -> None:
    """256 characters of name and 24,576 of value are allowed; the answer is 201 without a body."""
    answer = api.post(f"{project_path}/secrets", json=[{"name": "N" * 256, "value": "v" * 24_576}])

    assert (answer.status_code, answer.content) == (201, b"")


def test_platform_secrets_cannot_be_deleted(api: httpx.Client, project_path: str) -> None:
    """SUPABASE_ names are refused on delete; unknown ones are passed over."""
    assert api.request("DELETE", f"{project_path}/secrets", json=["SUPABASE_URL"]).status_code == 400
    assert api.request("DELETE", f"{project_path}/secrets", json=["UNKNOWN"]).status_code == 200


def test_the_secret_key_is_masked_unless_revealed(
    api: httpx.Client, project_path: str, sandbox: dict[str, str]
) -> None:
    """Without reveal=true the new secret key is not given away."""
    masked = {key["type"]: key["api_key"] for key in api.get(f"{project_path}/api-keys").json()}
    revealed = {key["type"]: key["api_key"] for key in api.get(f"{project_path}/api-keys?reveal=true").json()}

    assert masked["secret"] != sandbox["supabase_secret_key"] == revealed["secret"]
    assert masked["publishable"] == sandbox["supabase_publishable_key"]


def test_health_follows_the_services(api: httpx.Client, project_path: str, control: httpx.Client) -> None:
    """Db and rest are healthy, and not while they are stopped."""
    path = f"{project_path}/health?services=db&services=rest"
    before = [service["status"] for service in api.get(path).json()]
    control.post("/database/stop").raise_for_status()
    stopped = [service["status"] for service in api.get(path).json()]
    control.post("/database/start").raise_for_status()

    assert (before, stopped) == (["ACTIVE_HEALTHY"] * 2, ["UNHEALTHY"] * 2)


def test_a_query_answers_the_rows_of_its_last_statement(api: httpx.Client, project_path: str) -> None:
    """201 and the last statement's rows; [] for a statement without rows."""
    url = f"{project_path}/database/query"

    assert api.post(url, json={"query": "select 1 as a; select 2 as b, 3 as c"}).json() == [{"b": 2, "c": 3}]
    assert api.post(url, json={"query": "create table t (a int)"}).json() == []
    assert api.post(url, json={"query": "select $1::int + 1 as n", "parameters": [4]}).json() == [{"n": 5}]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"query": "select $1::jsonb as v", "parameters": [{"a": 1}]}, 201),
        ({"query": "select $1::int[] as v", "parameters": [[1, 2]]}, 201),
        ({"query": "select $1::text as v", "parameters": [None]}, 201),
        ({"query": "select $1::text as v", "parameters": []}, 400),
        ({"query": "select '\0'"}, 400),
        ({"query": ""}, 400),
        ({"query": 1}, 400),
        ({"query": "select 1", "parameters": {}}, 400),
    ],
)
def test_odd_queries_and_parameters_are_never_a_500(
    api: httpx.Client, project_path: str, body: dict[str, Any], status: int
) -> None:
    """Objects and arrays are taken as parameters; what cannot be run is a 400."""
    assert api.post(f"{project_path}/database/query", json=body).status_code == status


def test_half_a_surrogate_pair_is_refused(api: httpx.Client, project_path: str) -> None:
    """JSON can write what no text is; it is a 400 everywhere."""
    for path in ("database/query", "secrets"):
        answer = api.post(
            f"{project_path}/{path}",
            content=b'{"query": "\\ud800"}',
            headers={"Content-Type": "application/json"},
        )
        assert answer.status_code == 400


def test_values_have_the_platforms_json_types(query: Callable[[str], Any]) -> None:
    """Numbers a client can hold are numbers, larger ones and dates text, JSON is JSON, bytes a Buffer."""
    [row] = query(
        """select 1::int8 as small, 9007199254740993::int8 as large, 1.50::numeric as money, true as yes,
        null as nothing,
        '2026-01-02 03:04:05+00'::timestamptz as at, '{"a": [1]}'::jsonb as j, array['x', 'y'] as texts,
        '\\x01ff'::bytea as raw, 0.5::float8 as half"""
    )

    assert row == {
        "small": 1,
        "large": "9007199254740993",
        "money": "1.50",
        "yes": True,
        "nothing": None,
        "at": "2026-01-02 03:04:05+00",
        "j": {"a": [1]},
        "texts": ["x", "y"],
        "raw": {"type": "Buffer", "data": [1, 255]},
        "half": 0.5,
    }


def test_a_sql_error_has_code_text_and_place(api: httpx.Client, project_path: str) -> None:
    """400 with libpq's words after `Failed to run sql query:`."""
    answer = api.post(f"{project_path}/database/query", json={"query": "select 1;\nselect * from nothing_here"})

    assert answer.status_code == 400
    assert answer.json()["message"] == (
        'Failed to run sql query: ERROR:  42P01: relation "nothing_here" does not exist\n'
        "LINE 2: select * from nothing_here\n                      ^\n"
    )


def test_several_statements_are_one_transaction(
    api: httpx.Client, project_path: str, query: Callable[[str], Any]
) -> None:
    """A failing statement undoes those before it in the same request."""
    answer = api.post(f"{project_path}/database/query", json={"query": "create table t (a int); select 1/0"})

    assert answer.status_code == 400
    assert query("select to_regclass('public.t')::text as t") == [{"t": None}]


@pytest.mark.parametrize("path", ["database/query", "database/query/read-only"])
def test_a_read_only_query_cannot_write(api: httpx.Client, project_path: str, path: str) -> None:
    """The read-only role reads everything and changes nothing."""
    url, extra = f"{project_path}/{path}", {"read_only": True} if path.endswith("query") else {}

    assert api.post(url, json={"query": "select count(*) as n from auth.users", **extra}).json() == [{"n": 0}]
    answer = api.post(url, json={"query": "create table t (a int)", **extra})
    assert (answer.status_code, "25006" in answer.json()["message"]) == (400, True)


def test_an_outage_of_the_database_is_a_544(
    api: httpx.Client, project_path: str, control: httpx.Client
) -> None:
    """Without Postgres a query fails with the gateway's status, and works after the start."""
    control.post("/database/stop", json={"only": "postgres"}).raise_for_status()
    down = api.post(f"{project_path}/database/query", json={"query": "select 1"})
    control.post("/database/start").raise_for_status()

    assert down.status_code == 544
    assert api.post(f"{project_path}/database/query", json={"query": "select 1 as a"}).json() == [{"a": 1}]


def test_migrations_run_and_are_recorded_together(
    api: httpx.Client, project_path: str, query: Callable[[str], Any]
) -> None:
    """A migration's SQL and row are one; an Idempotency-Key makes the repetition harmless."""
    url, headers = f"{project_path}/database/migrations", {"Idempotency-Key": "k1"}
    body = {"query": "create table m (a int)", "name": "m", "rollback": "drop table m"}

    codes = [api.post(url, json=body, headers=headers).status_code for _ in range(2)]
    failed = api.post(url, json={"query": "create table n (a int); select 1/0"})
    listed = api.get(url).json()

    assert (codes, failed.status_code) == ([200, 200], 400)
    assert [migration["name"] for migration in listed] == ["m"]
    detail = api.get(f"{url}/{listed[0]['version']}").json()
    assert (detail["statements"], detail["rollback"]) == (["create table m (a int)"], ["drop table m"])
    assert api.delete(f"{url}?gte={listed[0]['version']}").status_code == 200
    assert (api.get(url).json(), query("select to_regclass('m')::text as t")) == ([], [{"t": None}])


def test_migrations_of_one_second_keep_their_order(api: httpx.Client, project_path: str) -> None:
    """Versions are distinct and rising, however fast they come."""
    url = f"{project_path}/database/migrations"
    for name in "abc":
        api.post(url, json={"query": "select 1", "name": name}).raise_for_status()
    api.put(url, json={"query": "select 'never run' / 0", "name": "d"}).raise_for_status()

    listed = api.get(url).json()

    assert [migration["name"] for migration in listed] == ["a", "b", "c", "d"]
    assert len({migration["version"] for migration in listed}) == 4


def test_the_migration_role_is_no_superuser(query: Callable[[str], Any]) -> None:
    """As hosted: `postgres` owns the database, and cannot do what only a superuser may."""
    assert query("select rolsuper from pg_roles where rolname = 'postgres'") == [{"rolsuper": False}]


def test_the_realtime_publication_is_there_and_empty(query: Callable[[str], Any]) -> None:
    """Tables can be added to `supabase_realtime`, as hosted."""
    assert query("select count(*) as n from pg_publication_tables where pubname = 'supabase_realtime'") == [
        {"n": 0}
    ]
    query("create table r (a int primary key); alter publication supabase_realtime add table r")
    assert query("select tablename as t from pg_publication_tables where pubname = 'supabase_realtime'") == [
        {"t": "r"}
    ]
