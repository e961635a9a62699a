"""How deployed functions run: environment, permissions, logs, replacement, failure."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.sandbox.supabase.conftest import Deploy
from tests.support.waiting import PATIENCE, wait_for

ENVIRONMENT = "Deno.serve(() => Response.json(Deno.env.toObject()));"
# Answers once the test has released it: the function polls a second one, so no time is guessed.
HELD = """
Deno.serve(async (request) => {
  const gate = new URL(request.url).searchParams.get("gate")!;
  console.log("held");
  while ((await (await fetch(gate)).text()) !== "open") await new Promise((done) => setTimeout(done, 5));
  return new Response("VERSION");
});
"""
GATE = """
let state = "shut";
Deno.serve((request) => {
  if (request.method === "POST") state = "open";
  return new Response(state);
});
"""


def put_secret(api: httpx.Client, project_path: str, name: Any, value: Any) -> None:
    """Write one secret."""
    api.post(f"{project_path}/secrets", json=[{"name": name, "value": value}]).raise_for_status()


def messages(control: httpx.Client, slug: Any) -> Any:
    """What a function has said."""
    return [entry["message"] for entry in control.get(f"/functions/{slug}/logs").json()["logs"]]


def test_a_function_has_the_platforms_variables(
    deploy: Deploy, gateway: httpx.Client, sandbox: dict[str, str]
) -> None:
    """URL, keys as JSON dictionaries, the legacy keys and the platform's marks are in the environment."""
    deploy("env", ENVIRONMENT)

    env = gateway.get("/functions/v1/env").json()

    assert env["SUPABASE_URL"] == sandbox["supabase_url"]
    assert json.loads(env["SUPABASE_SECRET_KEYS"]) == {"default": sandbox["supabase_secret_key"]}
    assert json.loads(env["SUPABASE_PUBLISHABLE_KEYS"]) == {"default": sandbox["supabase_publishable_key"]}
    assert env["SUPABASE_SERVICE_ROLE_KEY"].count(".") == 2
    assert env["DENO_DEPLOYMENT_ID"].startswith(f"{sandbox['supabase_project_ref']}_")
    assert {
        "SUPABASE_DB_URL",
        "SUPABASE_ANON_KEY",
        "SUPABASE_JWKS",
        "SB_REGION",
        "SB_EXECUTION_ID",
    } <= env.keys()


def test_a_function_sees_nothing_of_the_users_environment(deploy: Deploy, gateway: httpx.Client) -> None:
    """Variables of the shell that started the sandbox stay outside."""
    deploy("env", ENVIRONMENT)

    assert {"HOME", "USER", "SHELL"} & gateway.get("/functions/v1/env").json().keys() == set()


def test_a_changed_secret_is_live_at_once(
    api: httpx.Client, project_path: str, deploy: Deploy, gateway: httpx.Client
) -> None:
    """The request after a write or a delete of a secret meets the new environment, without a deploy."""
    deploy("env", ENVIRONMENT)
    seen = []
    for value in ("one", "two"):
        put_secret(api, project_path, "MINE", value)
        seen.append(gateway.get("/functions/v1/env").json()["MINE"])
    api.request("DELETE", f"{project_path}/secrets", json=["MINE"]).raise_for_status()

    assert seen == ["one", "two"]
    assert "MINE" not in gateway.get("/functions/v1/env").json()


def test_an_unchanged_secret_restarts_nothing(
    api: httpx.Client, project_path: str, deploy: Deploy, gateway: httpx.Client
) -> None:
    """Writing the same value again keeps the running process."""
    deploy("count", "let n = 0; Deno.serve(() => new Response(`${++n}`));")
    put_secret(api, project_path, "MINE", "same")
    gateway.get("/functions/v1/count")
    put_secret(api, project_path, "MINE", "same")

    assert gateway.get("/functions/v1/count").text == "2"


@pytest.mark.parametrize(
    "attempt",
    [
        'Deno.readTextFile("/etc/passwd")',
        'Deno.writeTextFile("x", "")',
        'new Deno.Command("/bin/ls").output()',
    ],
    ids=["reading elsewhere", "writing", "starting programs"],
)
def test_a_function_may_only_use_the_network_its_files_and_variables(
    deploy: Deploy, gateway: httpx.Client, attempt: str
) -> None:
    """Everything else is denied by Deno."""
    deploy(
        "try",
        f"""
    Deno.serve(async () => {{
      try {{ return new Response(String(await {attempt})); }}
      catch (error) {{ return new Response(error.name); }}
    }});
    """,
    )

    assert gateway.get("/functions/v1/try").text == "NotCapable"


def test_a_function_reads_its_own_files(deploy: Deploy, gateway: httpx.Client) -> None:
    """Files of the deploy can be read at run time."""
    source = 'Deno.serve(async () => new Response(await Deno.readTextFile(new URL("a.txt", import.meta.url))));'
    deploy("read", {"index.ts": source, "a.txt": "content"})

    assert gateway.get("/functions/v1/read").text == "content"


@pytest.mark.slow
def test_the_official_javascript_client_works_in_a_function(
    deploy: Deploy, gateway: httpx.Client, query: Callable[[str], Any]
) -> None:
    """Imports from npm are downloaded at the deploy, and supabase-js reads through the gateway."""
    query("create table public.things (id int); insert into public.things values (7)")
    deploy(
        "client",
        """
    import { createClient } from "npm:@supabase/supabase-js@2";
    const key = JSON.parse(Deno.env.get("SUPABASE_SECRET_KEYS")!).default;
    const client = createClient(Deno.env.get("SUPABASE_URL")!, key);
    Deno.serve(async () => Response.json((await client.from("things").select("id")).data));
    """,
    )

    wait_for(lambda: gateway.get("/functions/v1/client").json() == [{"id": 7}], "the row is read")


def test_output_is_kept_in_order_and_by_level(
    deploy: Deploy, gateway: httpx.Client, control: httpx.Client
) -> None:
    """console.log and console.error are readable on the control plane; a line is cut at 10,000 characters."""
    deploy(
        "talk",
        """Deno.serve(() => {
          console.log("said\\nmore");
          console.log("x".repeat(20000));
          return new Response();
        });""",
    )
    gateway.get("/functions/v1/talk")
    wait_for(lambda: len(messages(control, "talk")) == 4, "all lines are kept")

    logs = control.get("/functions/talk/logs").json()["logs"]

    assert [entry["message"] for entry in logs] == ["booted (version 1)", "said", "more", "x" * 10_000]
    assert {entry["level"] for entry in logs[1:]} == {"log"}


@pytest.mark.parametrize(
    "source",
    ['throw new Error("not today");', 'console.error("not today");'],
    ids=["throws", "does not serve"],
)
def test_a_function_that_does_not_boot_is_a_503_with_its_reason_in_the_log(
    deploy: Deploy, gateway: httpx.Client, control: httpx.Client, source: str
) -> None:
    """BOOT_ERROR, in the body and in sb-error-code; the next request tries again."""
    deploy("broken", source)

    answers = [gateway.get("/functions/v1/broken") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [503, 503]
    assert answers[0].json() == {
        "code": "BOOT_ERROR",
        "message": "Function failed to start (please check logs)",
    }
    assert answers[0].headers["sb-error-code"] == "BOOT_ERROR"
    wait_for(lambda: any("not today" in line for line in messages(control, "broken")), "the error is kept")


def test_a_function_that_throws_answers_500_and_lives_on(deploy: Deploy, gateway: httpx.Client) -> None:
    """An error in the handler is a 500; the process goes on."""
    deploy(
        "moody",
        'let n = 0; Deno.serve(() => { if (n++ === 0) throw new Error("x"); return new Response("fine"); });',
    )

    answers = [gateway.get("/functions/v1/moody") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [500, 200]


def test_a_crash_is_a_500_and_the_next_request_finds_a_new_process(
    deploy: Deploy, gateway: httpx.Client
) -> None:
    """An error outside of the handler ends the process: WORKER_ERROR, then a fresh start."""
    source = """
    Deno.serve((request) => {
      if (request.method !== "POST") return new Response("fresh");
      setTimeout(() => { throw new Error("outside"); });
      return new Promise(() => {});
    });
    """
    deploy("crash", source)

    crashed, after = gateway.post("/functions/v1/crash"), gateway.get("/functions/v1/crash")

    assert (crashed.status_code, crashed.json()["code"]) == (500, "WORKER_ERROR")
    assert (after.status_code, after.text) == (200, "fresh")


def test_a_function_out_of_memory_is_a_546(deploy: Deploy, gateway: httpx.Client) -> None:
    """More than 256 MB end the process: WORKER_RESOURCE_LIMIT."""
    deploy(
        "greedy",
        "Deno.serve(() => { const a = []; while (true) a.push(new Array(100_000).fill(Math.random())); });",
    )

    answer = gateway.get("/functions/v1/greedy")

    assert (answer.status_code, answer.json()["code"]) == (546, "WORKER_RESOURCE_LIMIT")


def test_a_function_that_says_nothing_is_a_504(
    deploy: Deploy, gateway: httpx.Client, control: httpx.Client
) -> None:
    """After the idle limit (150 s as hosted, shorter on demand) the answer is IDLE_TIMEOUT."""
    deploy("mute", "Deno.serve(() => new Promise(() => {}));")
    control.post("/faults", json={"function_timeout_seconds": 0.05}).raise_for_status()

    answer = gateway.get("/functions/v1/mute")

    assert (answer.status_code, answer.json()["code"]) == (504, "IDLE_TIMEOUT")


def test_wait_until_outlives_the_answer_and_the_replacement(
    deploy: Deploy, gateway: httpx.Client, control: httpx.Client, sandbox: dict[str, str]
) -> None:
    """Work given to EdgeRuntime.waitUntil is finished even when a new version takes over in the meantime."""
    source = """
    Deno.serve((request) => {
      const gate = new URL(request.url).searchParams.get("gate")!;
      EdgeRuntime.waitUntil((async () => {
        while ((await (await fetch(gate)).text()) !== "open") await new Promise((done) => setTimeout(done, 5));
        console.log("done after all");
      })());
      return new Response("answered");
    });
    """
    deploy("gate", GATE)
    deploy("later", source)
    gate = f"{sandbox['supabase_url']}/functions/v1/gate"
    assert gateway.get("/functions/v1/later", params={"gate": gate}).text == "answered"

    deploy("later", 'Deno.serve(() => new Response("new"));')
    assert gateway.get("/functions/v1/later").text == "new"
    gateway.post("/functions/v1/gate")

    wait_for(lambda: "done after all" in messages(control, "later"), "the work is finished")


@pytest.mark.parametrize("change", ["deploy", "secret", "delete"])
def test_a_request_in_flight_is_answered_by_the_version_it_met(
    api: httpx.Client,
    project_path: str,
    deploy: Deploy,
    gateway: httpx.Client,
    control: httpx.Client,
    sandbox: dict[str, str],
    change: str,
) -> None:
    """A deploy, a changed secret or a delete lets running requests finish."""
    deploy("gate", GATE)
    deploy("held", HELD.replace("VERSION", "old"))
    gate = f"{sandbox['supabase_url']}/functions/v1/gate"
    with ThreadPoolExecutor() as pool:
        running = pool.submit(gateway.get, "/functions/v1/held", params={"gate": gate})
        wait_for(lambda: "held" in messages(control, "held"), "the request is held")

        if change == "deploy":
            deploy("held", 'Deno.serve(() => new Response("new"));')
            assert gateway.get("/functions/v1/held").text == "new"
        elif change == "secret":
            put_secret(api, project_path, "ANY", "x")
        else:
            api.delete(f"{project_path}/functions/held").raise_for_status()
        assert not running.done()
        gateway.post("/functions/v1/gate")

        assert running.result(PATIENCE).text == "old"


def test_no_request_is_lost_while_versions_change(
    deploy: Deploy, gateway: httpx.Client, sandbox: dict[str, str]
) -> None:
    """Requests sent throughout several deploys are all answered 200."""
    deploy("busy", 'Deno.serve(() => new Response("0"));')
    stop = threading.Event()

    def send() -> Any:
        codes = set()
        while not stop.is_set():
            codes.add(gateway.post("/functions/v1/busy", content=b"x").status_code)
        return codes

    with ThreadPoolExecutor(4) as pool:
        running = [pool.submit(send) for _ in range(4)]
        for number in range(1, 6):
            deploy("busy", f'Deno.serve(() => new Response("{number}"));')
        stop.set()
        codes = set().union(*(task.result(PATIENCE) for task in running))

    assert codes == {200}
    assert gateway.get("/functions/v1/busy").text == "5"


def test_each_function_is_one_process_started_by_its_first_request(
    deploy: Deploy, gateway: httpx.Client, control: httpx.Client
) -> None:
    """Nothing runs before the first request; then one process a function answers all."""
    for slug in ("a", "b"):
        deploy(slug, "Deno.serve(() => new Response(String(Deno.pid)));")
    before = [function["pid"] for function in control.get("/status").json()["functions"]]

    pids = {slug: {gateway.get(f"/functions/v1/{slug}").text for _ in range(3)} for slug in ("a", "b")}
    after = {
        function["slug"]: {str(function["pid"])} for function in control.get("/status").json()["functions"]
    }

    assert before == [None, None]
    assert pids == after


def test_a_killed_function_process_is_replaced(
    deploy: Deploy, gateway: httpx.Client, control: httpx.Client
) -> None:
    """After kill -9 of a function's process the next request is answered by a new one."""
    deploy("a", "Deno.serve(() => new Response(String(Deno.pid)));")
    first = int(gateway.get("/functions/v1/a").text)

    os.kill(first, signal.SIGKILL)
    wait_for(lambda: control.get("/status").json()["functions"][0]["pid"] is None, "the process is gone")

    assert int(gateway.get("/functions/v1/a").text) != first
