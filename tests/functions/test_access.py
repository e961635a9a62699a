"""Who may read, write and call what: proved over HTTP, as anon, as a signed-in user and as the service role."""

from __future__ import annotations

import pytest

from tests.functions.project import TABLES, USER

ATTEMPTS = [(method, table) for method in ("GET", "POST", "PATCH", "DELETE") for table in TABLES]


@pytest.fixture
def readers(project):
    """A policy as a CRM would add it: a user reads the calls they placed and their recordings."""
    project.database.execute("""
        grant select on twilio_calls, twilio_recordings to authenticated;
        create policy test_calls on twilio_calls for select to authenticated
          using (placed_by = (select auth.uid()));
        create policy test_recordings on twilio_recordings for select to authenticated
          using (exists (select from twilio_calls c where c.call_sid = twilio_recordings.call_sid));
        notify pgrst, 'reload schema';
    """)
    yield
    project.database.execute("""
        drop policy test_calls on twilio_calls;
        drop policy test_recordings on twilio_recordings;
        revoke select on twilio_calls, twilio_recordings from authenticated;
    """)


@pytest.mark.parametrize(("method", "table"), [*ATTEMPTS, ("GET", "twilio_call_timeline")])
def test_neither_anon_nor_a_user_reaches_a_table(project, method, table):
    """Hosted projects grant everything on a new table; ours take it back."""
    options = {"json": {"call_sid": "CA" + "1" * 32}} if method in ("POST", "PATCH") else {}
    query = "" if method == "POST" else "?call_sid=eq.x"

    anonymous = project.rest(method, f"/{table}{query}", **options)
    user = project.rest(method, f"/{table}{query}", token=project.token(), **options)

    assert (anonymous.status_code, anonymous.json().get("code")) == (401, "42501"), anonymous.text
    assert (user.status_code, user.json().get("code")) == (403, "42501"), user.text


@pytest.mark.parametrize(
    ("function", "arguments"),
    [("ingest_twilio_webhook", {"kind": "check"}), ("delete_old_twilio_calls", {"older_than": "90 days"})],
)
def test_functions_are_the_service_roles_alone(project, function, arguments):
    """Others may not call them; the service role may."""
    anonymous = project.rest("POST", f"/rpc/{function}", json=arguments)
    user = project.rest("POST", f"/rpc/{function}", token=project.token(), json=arguments)
    service = project.rest("POST", f"/rpc/{function}", key="secret", json=arguments)

    assert (anonymous.status_code, user.status_code, service.status_code) == (401, 403, 200)


def test_the_service_role_reads_but_does_not_write_around_the_function(project):
    """ingest_twilio_webhook is the one way in."""
    row = {"call_sid": "CA" + "1" * 32, "account_sid": project.account_sid}

    assert project.rest("GET", "/twilio_calls?limit=1", key="secret").status_code == 200
    assert project.rest("POST", "/twilio_calls", key="secret", json=row).status_code == 403


def test_helpers_are_not_exposed(project):
    """The schema of the helpers is not part of the API."""
    answer = project.rest("POST", "/rpc/reserve_call", key="secret", json={"event": {}})

    assert answer.status_code == 404


def test_a_users_policy_opens_just_the_rows_it_names(project, readers, new_sid):
    """With the example policy a user sees the calls they placed, and no others."""
    params = {
        "AccountSid": project.account_sid,
        "From": "+15551234567",
        "To": "+15550001111",
        "AgentFirst": "false",
    }
    mine = project.ingest(kind="place", params=params, user_id=USER, limit=1000)["id"]
    other = project.ingest(
        kind="place", params=params, user_id="99999999-2222-4333-8444-555555555555", limit=1000
    )["id"]

    answer = project.rest("GET", f"/twilio_calls?select=id&id=in.({mine},{other})", token=project.token())

    assert answer.json() == [{"id": mine}]


@pytest.mark.parametrize("table", ["twilio_calls", "twilio_call_events", "twilio_recordings"])
def test_a_grant_without_a_policy_opens_no_row(project, new_sid, table):
    """Each table has row-level security: who may read it at all sees what a policy names, and here is none."""
    sid = new_sid("CA")
    params = {"CallSid": sid, "AccountSid": project.account_sid}
    recording = {"RecordingSid": new_sid("RE"), "RecordingStatus": "completed"}
    project.ingest(kind="status", params={**params, "CallStatus": "in-progress"})
    project.ingest(kind="recording", params={**params, **recording})
    assert project.rows(f"select 1 from {table} where call_sid = %s", sid)

    # In one transaction that is undone, so that other tests of the project see no grant.
    with project.database.transaction(force_rollback=True):
        project.database.execute(f"grant select on {table} to authenticated")
        project.database.execute("set local role authenticated")
        assert project.rows(f"select 1 from {table}") == []


def test_tables_are_in_the_realtime_publication(project):
    """A CRM's screen can follow a call; the raw events are not published."""
    rows = project.rows("select tablename from pg_publication_tables where pubname = 'supabase_realtime'")

    assert {row["tablename"] for row in rows} == {"twilio_calls", "twilio_recordings"}


def test_every_view_has_its_readers_rights_and_no_reader(project):
    """A CRM grants reading it; the policies of the tables then decide about each row."""
    views = project.rows(
        "select c.relname, coalesce(c.reloptions, '{}') as options, "
        "has_table_privilege('anon', c.oid, 'select') as anon, "
        "has_table_privilege('authenticated', c.oid, 'select') as users, "
        "has_table_privilege('service_role', c.oid, 'select') as service "
        "from pg_class c where c.relkind = 'v' and c.relnamespace = 'public'::regnamespace "
        "and starts_with(obj_description(c.oid, 'pg_class'), 'voicehooks:')"
    )

    assert len(views) >= 4
    for view in views:
        assert "security_invoker=true" in view["options"], view["relname"]
        assert (view["anon"], view["users"], view["service"]) == (False, False, True), view["relname"]


def test_every_function_with_its_owners_rights_has_a_search_path_and_is_the_service_roles(project):
    """With a caller's search_path, a caller would choose which functions run as the owner."""
    functions = project.rows(
        "select p.oid::regprocedure::text as name, n.nspname as schema, "
        "coalesce(p.proconfig, '{}') as settings, "
        "has_function_privilege('anon', p.oid, 'execute') as anon, "
        "has_function_privilege('authenticated', p.oid, 'execute') as users, "
        "has_function_privilege('service_role', p.oid, 'execute') as service "
        "from pg_proc p join pg_namespace n on n.oid = p.pronamespace "
        "where p.prosecdef and (n.nspname = 'voicehooks' "
        "or starts_with(obj_description(p.oid, 'pg_proc'), 'voicehooks:'))"
    )

    assert len(functions) >= 6
    for function in functions:
        paths = [item for item in function["settings"] if item.startswith("search_path=")]
        assert paths == ["search_path=pg_catalog, pg_temp"], function["name"]
        public = function["schema"] == "public"
        rights = (function["anon"], function["users"], function["service"])
        assert rights == (False, False, public), function["name"]
