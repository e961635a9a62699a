"""The sandbox as a process: starting, stopping, surviving, and leaving others alone."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from voicehooks_sandbox import launcher, ports
from voicehooks_sandbox.processes import read_children
from voicehooks_sandbox.state import StateFolder
from voicehooks_sandbox.testing import running_sandbox

from tests.support.waiting import PATIENCE, wait_for

FREE_PORTS = (
    *("--twilio-port", "0", "--supabase-api-port", "0", "--supabase-port", "0", "--database-port", "0"),
    *("--rate-limit", "0"),
)
HELLO = 'Deno.serve(() => new Response(Deno.env.get("MINE")));'


def command(state: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command line as a user does."""
    return subprocess.run(
        [sys.executable, "-m", "voicehooks_sandbox.cli", "--state", state, *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )


def environment(state: Path) -> dict[str, str]:
    """What `env --json` prints."""
    return json.loads(command(state, "env", "--json").stdout)


def deploy_hello(env: dict[str, str]) -> None:
    """Fill a sandbox with a function, a secret and a row."""
    url = f"{env['supabase_api_url']}/v1/projects/{env['supabase_project_ref']}"
    headers = {"Authorization": f"Bearer {env['supabase_access_token']}"}
    metadata = json.dumps({"entrypoint_path": "index.ts", "verify_jwt": False})
    files = [("file", ("index.ts", HELLO)), ("metadata", (None, metadata))]
    with httpx.Client(headers=headers, timeout=PATIENCE) as client:
        client.post(f"{url}/functions/deploy?slug=hello", files=files).raise_for_status()
        client.post(f"{url}/secrets", json=[{"name": "MINE", "value": "mine"}]).raise_for_status()
        sql = "create table kept (a int); insert into kept values (1)"
        client.post(f"{url}/database/query", json={"query": sql}).raise_for_status()


def hello(env: dict[str, str]) -> str:
    """The function's answer."""
    return httpx.get(f"{env['supabase_url']}/functions/v1/hello", timeout=PATIENCE).text


def rows(env: dict[str, str]) -> list[tuple[int]]:
    """The row, read with the connection URL that `env` prints."""
    with psycopg.connect(env["database_url"]) as connection:
        return connection.execute("select a from kept").fetchall()


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Any]:
    """A state folder whose sandbox is stopped and deleted after the test."""
    folder = tmp_path / "state"
    yield folder
    if folder.exists():
        launcher.down(StateFolder(folder), purge=True)


def test_up_is_ready_when_it_returns_and_does_nothing_the_second_time(state: Any) -> None:
    """After `up` everything answers; another `up` finds the same process."""
    first = command(state, "up", *FREE_PORTS)
    env = environment(state)
    codes = [
        httpx.get(
            f"{env['supabase_url']}/rest/v1/", headers={"apikey": env["supabase_secret_key"]}, timeout=PATIENCE
        ).status_code,
        httpx.get(f"{env['supabase_api_url']}/v1/projects", timeout=PATIENCE).status_code,
        httpx.get(f"{env['twilio_base_url']}/2010-04-01/Accounts.json", timeout=PATIENCE).status_code,
    ]
    pid = json.loads(command(state, "status", "--json").stdout)["pid"]

    second = command(state, "up", *FREE_PORTS)

    assert (first.returncode, codes) == (0, [200, 401, 401])
    assert (second.returncode, second.stderr.strip()) == (0, "The sandbox already runs.")
    assert json.loads(command(state, "status", "--json").stdout)["pid"] == pid


def test_env_prints_every_way_in(state: Any) -> None:
    """The mapping has exactly the documented keys, as JSON and as shell variables."""
    command(state, "up", *FREE_PORTS)

    env = environment(state)
    shell = command(state, "env").stdout.splitlines()

    assert list(env) == [
        "page_url",
        "twilio_base_url",
        "twilio_account_sid",
        "twilio_auth_token",
        "supabase_api_url",
        "supabase_url",
        "supabase_access_token",
        "supabase_project_ref",
        "supabase_secret_key",
        "supabase_publishable_key",
        "webhook_url",
        "database_url",
        "proxy_url",
        "proxy_ca_file",
    ]
    assert env["webhook_url"] == f"{env['supabase_url']}/functions/v1/twilio-webhook"
    assert shell == [f"{key.upper()}='{value}'" for key, value in env.items()]


def test_down_stops_everything_and_is_content_with_nothing(state: Any) -> None:
    """After `down` no process and no listener is left; a second `down` is fine."""
    command(state, "up", *FREE_PORTS)
    env = environment(state)
    deploy_hello(env)
    hello(env)
    children = read_children(state / "children.json")
    serving = StateFolder(state).read_running()

    codes = [command(state, "down").returncode for _ in range(2)]

    assert codes == [0, 0]
    assert len(children) == 3  # Postgres, PostgREST and the function's process
    assert [child.is_running() for child in (*children, serving.process)] == [False] * 4
    with pytest.raises(httpx.ConnectError):
        httpx.get(env["supabase_url"], timeout=PATIENCE)
    assert not Path(json.loads((state / "postgres.json").read_text(encoding="utf-8"))["sockets"]).exists()


def test_state_and_addresses_survive_a_restart(state: Any) -> None:
    """Functions, secrets, rows and ports are the same after `down` and `up`."""
    command(state, "up", *FREE_PORTS)
    before = environment(state)
    deploy_hello(before)
    command(state, "down")
    command(state, "up")

    after = environment(state)

    assert after == before
    assert (hello(after), rows(after)) == ("mine", [(1,)])


def test_state_survives_kill_9_and_orphans_are_ended_by_the_next_start(state: Any) -> None:
    """A killed sandbox starts again with all it had; its orphaned children are gone."""
    command(state, "up", *FREE_PORTS)
    env = environment(state)
    deploy_hello(env)
    assert hello(env) == "mine"
    orphans = read_children(state / "children.json")
    serving = StateFolder(state).read_running().process
    os.kill(serving.pid, signal.SIGKILL)
    serving.wait(PATIENCE)
    status = command(state, "status")

    command(state, "up")

    assert status.returncode == 1
    assert [orphan.is_running() for orphan in orphans] == [False] * len(orphans)
    assert (hello(env), rows(env)) == ("mine", [(1,)])


def test_down_ends_what_kill_9_has_orphaned(state: Any) -> None:
    """`down` after kill -9 leaves nothing running either."""
    command(state, "up", *FREE_PORTS)
    orphans = read_children(state / "children.json")
    serving = StateFolder(state).read_running().process
    os.kill(serving.pid, signal.SIGKILL)
    serving.wait(PATIENCE)

    assert command(state, "down").returncode == 0
    assert [orphan.is_running() for orphan in orphans] == [False] * len(orphans)


@pytest.mark.parametrize("name", ["postgres", "postgrest"])
def test_a_killed_part_is_started_again(state: Any, name: str) -> None:
    """Postgres or PostgREST killed with -9 comes back by itself, with its data."""
    command(state, "up", *FREE_PORTS)
    env = environment(state)
    deploy_hello(env)

    def pid() -> int | None:
        status = httpx.get(f"{env['supabase_api_url']}/_sandbox/status", timeout=PATIENCE).json()
        return next(service["pid"] for service in status["services"] if service["name"] == name)

    def table() -> httpx.Response:
        headers = {"apikey": env["supabase_secret_key"]}
        return httpx.get(f"{env['supabase_url']}/rest/v1/kept?select=a", headers=headers, timeout=PATIENCE)

    killed = pid()
    os.kill(killed, signal.SIGKILL)

    wait_for(lambda: pid() not in (None, killed), "it runs again")
    wait_for(lambda: table().status_code == 200, "the table is read again")
    assert table().json() == [{"a": 1}]
    assert rows(env) == [(1,)]


def test_two_sandboxes_do_not_disturb_each_other(tmp_path: Path) -> None:
    """Each has its own functions, secrets and rows; stopping one leaves the other running."""
    with running_sandbox(tmp_path / "one") as one:
        with running_sandbox(tmp_path / "two") as two:
            deploy_hello(one)
            missing = httpx.get(f"{two['supabase_url']}/functions/v1/hello", timeout=PATIENCE).status_code

        assert missing == 404
        assert {one[key] for key in one if key.endswith("url")} & {
            two[key] for key in two if key.endswith("url")
        } == set()
        assert (hello(one), rows(one)) == ("mine", [(1,)])


def test_purge_deletes_what_was_stored(state: Any) -> None:
    """After `down --purge` the next start is a first one; without it the folder of the data stays."""
    command(state, "up", *FREE_PORTS)
    deploy_hello(environment(state))
    data = Path(json.loads((state / "postgres.json").read_text())["data"])
    command(state, "down")
    kept = data.exists()

    command(state, "down", "--purge")

    assert (kept, data.exists()) == (True, False)
    assert not (state / "functions").exists()
    assert not (state / "secrets.json").exists()


def test_all_chosen_ports_that_are_taken_are_named_with_holder_and_option(state: Any) -> None:
    """`up` says in one sentence for each port who has it and what to set; nothing is left running."""
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as two:
        ports = [str(other.getsockname()[1]) for other in (one, two)]

        answer = command(state, "up", *FREE_PORTS, "--supabase-port", ports[0], "--twilio-port", ports[1])

    assert answer.returncode == 1
    assert f"Port {ports[0]} (the Supabase project URL) is taken by process {os.getpid()} (" in answer.stderr
    assert f"Port {ports[1]} (the Twilio API) is taken by process {os.getpid()} (" in answer.stderr
    assert "--supabase-port (0 takes a free one)." in answer.stderr
    assert "Traceback" not in answer.stderr
    assert read_children(state / "children.json") == []


def test_usual_ports_that_are_taken_are_replaced_by_free_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a choice: the usual port if it is free, else a free one, and the previous one if that is free."""
    with socket.create_server(("127.0.0.1", 0)) as other, socket.create_server(("127.0.0.1", 0)) as previous:
        taken, last = other.getsockname()[1], previous.getsockname()[1]
        monkeypatch.setattr(ports, "USUAL_PORTS", {"twilio": taken})
        first = ports.listen({}, {"twilio": last})["twilio"]
        moved = first.getsockname()[1]
        first.close()
        previous.close()
        again = ports.listen({}, {"twilio": last})["twilio"]
        kept = again.getsockname()[1]
        again.close()
        sentence = ports.moved_ports({"twilio": kept})
    assert moved not in {taken, last}
    assert kept == last
    assert sentence[0].startswith(f"Port {taken} is taken by process {os.getpid()} (")
    assert ports.moved_ports({"twilio": taken}) == []


def test_up_with_other_ports_than_the_running_sandbox_says_so(state: Any) -> None:
    """An `up` that asks for something else does not pretend to have done it."""
    command(state, "up", *FREE_PORTS)

    answer = command(state, "up", "--twilio-port", "1")

    assert (answer.returncode, "stop it first" in answer.stderr) == (1, True)


def test_simultaneous_ups_start_one_sandbox(state: Any) -> None:
    """Two `up` at once end with the same sandbox."""
    arguments = [sys.executable, "-m", "voicehooks_sandbox.cli", "--state", state, "up", *FREE_PORTS]
    both = [subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) for _ in range(2)]

    outputs = [process.communicate(timeout=PATIENCE)[0] for process in both]

    assert [process.returncode for process in both] == [0, 0]
    assert outputs[0] == outputs[1]


@pytest.mark.parametrize("arguments", [["env"], ["call"], ["status"]])
def test_commands_without_a_sandbox_say_how_to_start_one(state: Any, arguments: list[Any]) -> None:
    """Exit code 1 and the command to type."""
    answer = command(state, *arguments)

    assert answer.returncode == 1
    assert "up" in answer.stdout + answer.stderr
    assert "Traceback" not in answer.stderr


def test_serve_runs_in_the_foreground_until_it_is_interrupted(state: Any) -> None:
    """`serve` prints where it is, and Ctrl-C ends it and its children with exit code 0."""
    process = subprocess.Popen(
        [sys.executable, "-m", "voicehooks_sandbox.cli", "--state", state, "serve", *FREE_PORTS],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with process:
        first_line = process.stdout.readline()
        children = read_children(state / "children.json")
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=PATIENCE)

    assert first_line.startswith("Page ")
    assert (process.returncode, [child.is_running() for child in children]) == (0, [False, False])


def test_logs_shows_what_a_function_and_a_part_have_said(state: Any) -> None:
    """By slug or by part; an unknown name lists those there are."""
    command(state, "up", *FREE_PORTS)
    env = environment(state)
    deploy_hello(env)
    hello(env)

    assert "booted (version 1)" in command(state, "logs", "hello").stdout
    assert "hello" in command(state, "logs").stdout
    assert "ready to accept connections" in command(state, "logs", "postgres").stdout
    unknown = command(state, "logs", "other")
    assert (unknown.returncode, "there are: hello, sandbox, postgres, postgrest" in unknown.stderr) == (
        1,
        True,
    )


def test_call_prints_the_sid_of_the_call(state: Any) -> None:
    """`call` makes somebody call the first number of the account."""
    command(state, "up", *FREE_PORTS, "--time-factor", "1000")

    answer = command(state, "call")

    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.startswith("CA")
    assert len(answer.stdout.strip()) == 34


def test_a_sandbox_whose_state_is_deleted_ends(state: Any) -> None:
    """Nobody could find it any more: it must not hold its ports for ever."""
    command(state, "up", *FREE_PORTS)
    processes = [StateFolder(state).read_running().process, *read_children(state / "children.json")]

    shutil.rmtree(state)

    assert [process.wait(PATIENCE) for process in processes] == [True] * 3


def test_a_strict_umask_does_not_hinder_it(state: Any) -> None:
    """With umask 077 everything that Postgres' user has to enter can be entered."""
    answer = subprocess.run(
        [sys.executable, "-m", "voicehooks_sandbox.cli", "--state", state, "up", *FREE_PORTS],
        capture_output=True,
        text=True,
        check=False,
        umask=0o077,
        timeout=PATIENCE,
    )

    assert answer.returncode == 0, answer.stderr


def test_no_foreign_folder_changes_its_mode(state: Any) -> None:
    """As root or not, the folders above the state keep mode and owner."""
    above = [(folder, folder.stat()) for folder in state.parents]

    command(state, "up", *FREE_PORTS)

    assert [(f.stat().st_mode, f.stat().st_uid) for f, _ in above] == [(s.st_mode, s.st_uid) for _, s in above]
