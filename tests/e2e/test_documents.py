"""docs/crm.md against a running sandbox: what it shows is run, what it says is looked up."""

from __future__ import annotations

import itertools
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from twilio.rest import Client
from voicehooks_sandbox.testing import running_sandbox

from infra.handler_settings import call_options as options_of
from infra.settings_parser import REQUIRED_ELSEWHERE, parse
from tests.support.documents_blocks import ROOT, blocks, document, requests, table
from tests.support.documents_project import (
    EXAMPLE,
    LEAD,
    ORIGIN,
    SUPABASE_JS,
    USER,
    DocumentedProject,
    check_types,
    run_deno,
)
from tests.support.hand_deployed import AGENT, BIN, NUMBER
from tools.crm_documents import page as crm_page

CRM = document("crm.md")
MODULES = [block for block in blocks(CRM) if block.language in ("js", "ts") and block.file_name]
WITH_LIBRARY = {"follow-call.js", "incoming-calls.js"}
WITHOUT_LIBRARY = [module for module in MODULES if module.file_name not in WITH_LIBRARY]
# What the functions for callers share, and answer errors with.
FOR_CALLERS = ("browser.ts", "caller_requests.ts", "callers.ts", "targets.ts")
OTHER_USER = "99999999-2222-4333-8444-555555555555"
TWIML = "<Response><Say>Hello</Say><Pause length='3'/></Response>"
EVENTS = ("initiated", "ringing", "answered", "completed")
OLD_CALL, OLD_RECORDING = "CA" + "4" * 32, "RE" + "4" * 32
OLD_TABLE = f"""
create table public.calls (twilio_sid text, direction text, from_number text, to_number text, status text,
  duration integer, recording_url text, lead_id bigint, created_at timestamptz);
insert into public.calls values
  ('{OLD_CALL}', 'outbound-api', '{NUMBER}', '+15550002222', 'completed', 65,
   'https://api.twilio.com/2010-04-01/Accounts/AC1/Recordings/{OLD_RECORDING}', 77, '2025-03-04 12:00:00Z'),
  ('CA{"5" * 32}', 'inbound', '+15550002222', '{NUMBER}', 'ringing', null, null, 77, '2025-03-05 12:00:00Z');
"""
PAGE = """
const project = {
  url: Deno.env.get("SUPABASE_URL")!,
  key: Deno.env.get("SUPABASE_PUBLISHABLE_KEY")!,
  token: Deno.env.get("USER_TOKEN")!,
};
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DocumentedProject]:
    """Everything deployed, all SQL of the page run in its order; calls go at six times the speed."""
    folder = tmp_path_factory.mktemp("crm")
    with running_sandbox(folder / "sandbox", time_factor=6) as values:
        project = DocumentedProject(folder, values)
        project.deploy()
        project.query(OLD_TABLE)
        for block in blocks(CRM, "sql"):
            if block.mark == "":
                project.query(block.text)
        project.query("notify pgrst, 'reload schema'")
        yield project


@pytest.fixture(scope="module")
def ended(project: DocumentedProject) -> str:
    """A call that the CRM's user has placed and that is over."""
    sid = project.place_call()
    project.finished(sid)
    return sid


def environment(project: DocumentedProject) -> dict[str, str]:
    """What a page knows."""
    return {
        "SUPABASE_URL": project.values["supabase_url"],
        "SUPABASE_PUBLISHABLE_KEY": project.values["supabase_publishable_key"],
        "USER_TOKEN": project.token(),
    }


def test_every_block_is_run_or_marked() -> None:
    """No code on the page escapes these tests, but for SQL marked `hosted`."""
    kinds = {(block.language, block.mark) for block in blocks(CRM)}

    assert kinds == {
        *(("sql", mark) for mark in ("", "hosted")),
        *((language, "") for language in ("http", "json", "js", "ts", "python")),
    }
    assert [block for block in blocks(CRM) if block.language in ("js", "ts") and block not in MODULES] == []


def test_modules_have_sound_types(tmp_path: Path) -> None:
    """Deno's type check accepts each module that needs no library."""
    check_types(tmp_path, WITHOUT_LIBRARY)


def test_requests_of_the_call_button(project: DocumentedProject) -> None:
    """The call's request is answered as shown, and the preflight lets this origin's page ask."""
    order, preflight, *_ = requests(CRM)
    (shown,) = blocks(CRM, "json")

    answer = project.send(order)

    assert answer.status_code == 201, answer.text
    placed = answer.json()
    expected = json.loads(shown.text)
    assert {**placed, "id": None, "callSid": None} == {**expected, "id": None, "callSid": None}
    assert re.fullmatch("CA[0-9a-f]{32}", placed["callSid"])
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    allowed = project.send(preflight)
    assert (allowed.status_code, allowed.headers["access-control-allow-origin"]) == (204, ORIGIN)
    preflight.headers["Origin"] = "https://evil.example"
    assert "access-control-allow-origin" not in project.send(preflight).headers
    row = project.finished(placed["callSid"])
    assert (row["id"], row["reference"], row["placed_by"]) == (placed["id"], "lead-42", USER)


@pytest.mark.parametrize(
    ("function", "chapter", "shared"),
    [
        ("place-call", "## The Call button", FOR_CALLERS),
        ("control-call", "## Hanging up and transferring", FOR_CALLERS),
        ("recording", "## Playing a recording", ()),
    ],
)
def test_tables_of_errors_are_complete(function: str, chapter: str, shared: tuple[str, ...]) -> None:
    """Each status and code that a function's source can answer with stands in its table, and no other."""
    folder = ROOT / "functions"
    sources = [*(folder / function).glob("*.ts"), *(folder / "_shared" / name for name in shared)]
    text = "\n".join(source.read_text(encoding="utf-8") for source in sources)
    answered = {(int(match[1]), match[2]) for match in re.finditer(r'Problem\(\s*(\d{3}),\s*"([\w-]+)"', text)}
    computed = re.search(r'Problem\(error\.status < 500 \? (\d+) : (\d+), "(\w+)"', text)
    if computed:
        answered |= {(int(computed[1]), computed[3]), (int(computed[2]), computed[3])}
    rows = table(CRM.split(chapter)[1], "status", "code", "when")

    documented = {(int(status), row[1]) for row in rows for status in row[0].split(", ")}

    assert documented == answered


def test_a_refusal_is_a_sentence_for_the_page(project: DocumentedProject, tmp_path: Path) -> None:
    """The page's placeCall throws the function's sentence, and the platform's where the token is none."""
    program = f"""
    import {{ placeCall }} from "./call-button.js";
    {PAGE}
    const said = [];
    for (const page of [project, {{ ...project, token: "nonsense" }}]) {{
      await placeCall(page, {{ to: "0155" }}).catch((error) => said.push(error.message));
    }}
    console.log(JSON.stringify(said));
    """

    refused, unknown = run_deno(tmp_path, WITHOUT_LIBRARY, program, environment(project))

    assert refused.startswith('"to" must be a phone number')
    assert unknown == "Invalid JWT"


def test_button_status_and_timer_by_polling(project: DocumentedProject, tmp_path: Path) -> None:
    """A page places a call, shows each step with a running timer, then plays the recording."""
    program = f"""
    import {{ placeCall }} from "./call-button.js";
    import {{ pollCall }} from "./poll-call.js";
    {PAGE}
    const placed = await placeCall(project, {{ to: "{LEAD}", agent: "{AGENT}", reference: "lead-7" }});
    const shown: string[] = [];
    const row = await pollCall(project, placed.callSid, (text) => shown.push(text), 50);
    console.log(JSON.stringify({{ shown, row }}));
    """

    page = run_deno(tmp_path, WITHOUT_LIBRARY, program, environment(project))

    steps = [step for step, _ in itertools.groupby(text[:9] for text in page["shown"])]
    assert steps == ["Connectin", "Ringing..", "Connected", "Call ende"]
    assert re.fullmatch(r"Connected \d\d:\d\d", next(text for text in page["shown"] if "Connected" in text))
    assert page["row"]["talk_seconds"] > 0


def test_what_is_shown_for_each_status(tmp_path: Path) -> None:
    """Every display status of the schema is in the table and has words; the timer counts from talking_since."""
    schema = (ROOT / "migrations" / "20261124090000_twilio_calls.sql").read_text(encoding="utf-8")
    enum = re.search(r"display_status as enum\s*\((.*?)\)", schema, re.DOTALL)
    assert enum
    statuses = re.findall("'([a-z-]+)'", enum[1])
    rows = table(CRM, "display_status", "show")
    assert {name for row in rows for name in row[0].split(", ")} == set(statuses)
    program = f"""
    import {{ describe, isOver }} from "./call-display.js";
    const row = (display_status: string) => (
      {{ call_sid: "", display_status, talking_since: "2026-01-01T00:00:00Z", talk_seconds: 125 }});
    const at = (time: string) => describe(row("connected"), Date.parse(time));
    console.log(JSON.stringify({{
      words: Object.fromEntries({json.dumps(statuses)}.map((name) => [name, describe(row(name))])),
      over: {json.dumps(statuses)}.filter((name) => isOver(row(name))),
      timer: [at("2026-01-01T01:01:05Z"), at("2025-12-31T23:59:59Z")],
    }}));
    """

    shown = run_deno(tmp_path, WITHOUT_LIBRARY, program, {})

    assert shown["timer"] == ["Connected 61:05", "Connected 00:00"]
    assert shown["words"]["completed"] == "Call ended, 02:05"
    assert all(shown["words"][name] != name for name in statuses)
    assert shown["over"] == statuses[3:]


def test_a_page_plays_the_recording(project: DocumentedProject, ended: str, tmp_path: Path) -> None:
    """The recording of a user's call becomes an address for <audio>; the request for a part is answered."""
    program = f"""
    import {{ audioOf, recordingsOf }} from "./play-recording.js";
    {PAGE}
    const [recording] = await recordingsOf(project, "{ended}");
    const audio = await fetch(await audioOf(project, recording.recording_sid));
    const missing = await audioOf(project, "RE" + "0".repeat(32)).catch((error) => error.message);
    const type = audio.headers.get("content-type");
    console.log(JSON.stringify({{ recording, type, size: (await audio.blob()).size, missing }}));
    """

    played = run_deno(tmp_path, WITHOUT_LIBRARY, program, environment(project))

    assert (played["recording"]["status"], played["type"]) == ("completed", "audio/mpeg")
    assert played["size"] > 1000
    assert played["missing"] == "There is no such recording, or you may not play it."
    part = project.send(requests(CRM)[3], **{"a recording's SID": played["recording"]["recording_sid"]})
    assert (part.status_code, len(part.content), part.content[:4]) == (206, 1024, b"RIFF")


def test_a_page_hangs_up(project: DocumentedProject, tmp_path: Path) -> None:
    """The page's hangUp ends a call of the user's; a transfer of it is then refused with a sentence."""
    program = f"""
    import {{ placeCall }} from "./call-button.js";
    import {{ hangUp, transfer }} from "./control-call.js";
    import {{ pollCall }} from "./poll-call.js";
    {PAGE}
    const {{ callSid }} = await placeCall(project, {{ to: "{LEAD}", agent: "{AGENT}" }});
    const ended = await hangUp(project, callSid);
    const row = await pollCall(project, callSid, () => undefined, 50);
    const refused = await transfer(project, callSid, "{AGENT}").catch((error) => error.message);
    console.log(JSON.stringify({{ ended, row, refused }}));
    """

    page = run_deno(tmp_path, WITHOUT_LIBRARY, program, environment(project))

    assert page["ended"]["result"] == "hung-up"
    assert page["row"]["display_status"] in ("canceled", "completed")
    assert page["refused"] == "The lead is not on the call, so the call cannot be transferred."


def test_policies_open_what_they_say(project: DocumentedProject, ended: str) -> None:
    """A user sees the calls they placed with their recordings; another sees neither; nobody signed in, 401."""
    path = f"twilio_calls?call_sid=eq.{ended}&select=call_sid"
    recordings = f"twilio_recordings?call_sid=eq.{ended}&select=call_sid"

    assert project.read(path).json() == project.read(recordings).json() == [{"call_sid": ended}]
    assert project.read(path, OTHER_USER).json() == project.read(recordings, OTHER_USER).json() == []
    assert project.read(path, None).status_code == 401
    assert project.read("twilio_call_events").status_code == 403


def test_tables_are_in_the_publication(project: DocumentedProject) -> None:
    """The page's query lists calls and recordings, not raw events."""
    (block,) = [block for block in blocks(CRM, "sql") if "pg_publication_tables" in block.text]

    tables = {row["tablename"] for row in project.query(block.text)}

    assert tables == {"twilio_calls", "twilio_recordings"}


def test_own_logic_runs_once_a_call(project: DocumentedProject, ended: str) -> None:
    """The trigger leaves one row for a call that is over, and its error does not lose Twilio's callback."""
    where = f"where call_sid = '{ended}'"
    (call,) = project.query(f"select lead_number, talk_seconds from public.twilio_calls {where}")

    (activity,) = project.query(f"select * from public.lead_activities {where}")

    assert (activity["outcome"], activity["reference"]) == ("completed", "lead-42")
    assert (activity["lead_number"], activity["talk_seconds"]) == (LEAD, call["talk_seconds"])
    project.query("alter table public.lead_activities add constraint broken check (false) not valid")
    try:
        assert project.finished(project.place_call())["display_status"] == "completed"
    finally:
        project.query("alter table public.lead_activities drop constraint broken")


def test_old_calls_are_moved_and_still_read_by_their_name(project: DocumentedProject) -> None:
    """An old call comes with times, talk, reference and recording; an unfinished one stays behind."""
    # Retention, further down the page, has deleted it: it is moved again, from the table that kept it.
    (move,) = [block for block in blocks(CRM, "sql") if "'reconciled'" in block.text]
    project.query(move.text.replace("public.calls c", "public.calls_before_voicehooks c"))

    (call,) = project.query(f"select * from public.twilio_calls where call_sid = '{OLD_CALL}'")

    assert (call["status"], call["display_status"], call["talk_seconds"]) == ("completed", "completed", 65)
    assert (call["reference"], call["lead_number"]) == ("77", "+15550002222")
    assert str(call["started_at"])[:19].replace(" ", "T") == "2025-03-04T12:00:00"
    assert str(call["ended_at"])[:19].replace(" ", "T") == "2025-03-04T12:01:05"
    (seen,) = project.query(f"select * from public.calls where twilio_sid = '{OLD_CALL}'")
    assert (seen["duration"], seen["lead_id"]) == (65, "77")
    assert OLD_RECORDING in seen["recording_url"]
    assert project.query(f"select from public.twilio_calls where call_sid = 'CA{'5' * 32}'") == []


def test_old_calls_are_deleted(project: DocumentedProject, ended: str) -> None:
    """Retention takes calls older than asked for with their recordings' rows, and says how many."""
    old = f"CA{'6' * 32}"
    project.query(
        f"""select public.ingest_twilio_webhook('{{"kind": "reconciled", "params": {{"CallSid": "{old}",
        "AccountSid": "AC{"0" * 32}", "CallStatus": "completed",
        "StartTime": "Tue, 04 Mar 2025 12:00:00 +0000"}}}}')"""
    )
    (delete,) = [b for b in blocks(CRM, "sql") if "delete_old_twilio_calls" in b.text and b.mark == ""]

    assert project.query(delete.text)[0]["delete_old_twilio_calls"] >= 1
    assert project.query(f"select from public.twilio_calls where call_sid = '{old}'") == []
    assert len(project.query(f"select from public.twilio_calls where call_sid = '{ended}'")) == 1


def test_the_document_shows_the_examples_own_code() -> None:
    """`make generate` writes the example's files into the document."""
    assert crm_page() == CRM


def test_the_example_has_sound_types(tmp_path: Path) -> None:
    """Deno checks its JSDoc types against supabase-js and the generated types of the tables."""
    shutil.copytree(EXAMPLE, tmp_path / "crm")
    modules = sorted(path.name for path in EXAMPLE.glob("*.js"))
    run = subprocess.run(
        [BIN / "deno", "check", "--quiet", *modules],
        cwd=tmp_path / "crm",
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr


@pytest.fixture
def call_options(project: DocumentedProject) -> dict[str, Any]:
    """What the program writes into VOICEHOOKS_CALL_OPTIONS for an environment that records."""
    settings = parse(
        {
            "voicehooks:supabaseProject": project.values["supabase_project_ref"],
            "voicehooks:publicUrl": project.values["supabase_url"],
            "voicehooks:defaults": {
                "statusEvents": list(EVENTS),
                "ringSeconds": 25,
                "record": "record-from-answer",
            },
            "voicehooks:numbers": {NUMBER: {}},
        },
        dict.fromkeys(REQUIRED_ELSEWHERE.values(), "unused"),
        stack="test",
    )
    options: dict[str, Any] = json.loads(json.dumps(options_of(settings)))
    return options


def assert_followed(project: DocumentedProject, sid: str) -> None:
    """Twilio told of every step of the call and of its recording, and the rows say so."""
    row = project.finished(sid)
    assert (row["display_status"], row["lead_number"]) == ("completed", LEAD)
    assert row["ringing_at"] is not None
    events = project.query(f"select kind, params from public.twilio_call_events where call_sid = '{sid}'")
    assert {e["params"].get("CallStatus") for e in events if e["kind"] == "status"} == {
        "initiated",
        "ringing",
        "in-progress",
        "completed",
    }
    assert {e["params"].get("RecordingStatus") for e in events if e["kind"] == "recording"} == {
        "in-progress",
        "completed",
    }


def test_calls_of_the_crms_own_code_are_followed(
    project: DocumentedProject, call_options: dict[str, Any], tmp_path: Path
) -> None:
    """With the environment's options a call made by API leaves rows like any other."""
    program = f"""
    import {{ callForm }} from "./own-call.ts";
    const call = {{ To: "{LEAD}", From: "{NUMBER}", Twiml: "{TWIML}" }};
    const body = callForm(JSON.parse(Deno.env.get("VOICEHOOKS_CALL_OPTIONS")!), call);
    const answer = await fetch(Deno.env.get("CALLS")!, {{ method: "POST", body, headers: {{
      authorization: "Basic " + btoa(Deno.env.get("CREDENTIALS")!) }} }});
    console.log(JSON.stringify(await answer.json()));
    """
    account = project.values["twilio_account_sid"]
    variables = {
        "VOICEHOOKS_CALL_OPTIONS": json.dumps(call_options),
        "CALLS": f"{project.values['twilio_base_url']}/2010-04-01/Accounts/{account}/Calls.json",
        "CREDENTIALS": f"{account}:{project.values['twilio_auth_token']}",
    }

    assert_followed(project, run_deno(tmp_path, WITHOUT_LIBRARY, program, variables)["sid"])


def test_calls_of_twilios_python_client_are_followed(
    project: DocumentedProject, call_options: dict[str, Any]
) -> None:
    """The same with Twilio's own client for Python, as documented."""
    (block,) = blocks(CRM, "python")
    module: dict[str, Any] = {}
    exec(block.text, module)
    client = Client(project.values["twilio_account_sid"], project.values["twilio_auth_token"])
    client.api.base_url = project.values["twilio_base_url"]

    call = module["place"](client, call_options, to=LEAD, from_=NUMBER, twiml=TWIML)

    assert_followed(project, call.sid)


@pytest.mark.slow
def test_supabase_js_follows_a_call(project: DocumentedProject, tmp_path: Path) -> None:
    """An unchanged client signs in, places a call, subscribes, and sees each state without polling."""
    check_types(tmp_path, MODULES, SUPABASE_JS)
    program = f"""
    import {{ createClient }} from "@supabase/supabase-js";
    import {{ isOver }} from "./call-display.js";
    import {{ followCall }} from "./follow-call.js";
    {PAGE}
    let reads = 0;
    const counted: typeof fetch = (input, init) => {{
      if (String(input).includes("/rest/v1/twilio_calls")) reads++;
      return fetch(input, init);
    }};
    const account = {{ email: "agent@example.com", password: "a secret" }};
    const {{ auth }} = createClient(project.url, Deno.env.get("SUPABASE_SECRET_KEY")!);
    const made = await auth.admin.createUser({{ ...account, email_confirm: true }});
    if (made.error) throw made.error;
    const supabase = createClient(project.url, project.key, {{ global: {{ fetch: counted }} }});
    const signedIn = await supabase.auth.signInWithPassword(account);
    if (signedIn.error) throw signedIn.error;
    const order = {{ to: "{LEAD}", agent: "{AGENT}" }};
    const {{ data, error }} = await supabase.functions.invoke("place-call", {{ body: order }});
    if (error) throw error;
    const shown: string[] = [];
    await new Promise<void>((resolve) => followCall(supabase, data.callSid, (text, row) => {{
      shown.push(text);
      if (isOver(row)) resolve();
    }}));
    console.log(JSON.stringify({{ shown, reads }}));
    Deno.exit();
    """
    variables = {**environment(project), "SUPABASE_SECRET_KEY": project.values["supabase_secret_key"]}

    followed = run_deno(tmp_path, MODULES, program, variables, import_map=SUPABASE_JS)

    shown = followed["shown"]
    assert followed["reads"] <= 2  # one when the subscription is there, at most one before
    assert any(text.startswith("Connected ") for text in shown)
    assert shown[-1].startswith("Call ended, ")
