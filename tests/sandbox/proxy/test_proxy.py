"""The proxy, with the vendors' own clients: none of them is patched or given a base URL."""

from __future__ import annotations

import json
import os
import shutil
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

import httpx
import pytest
from voicehooks_sandbox.proxy.shell import proxy_variables
from voicehooks_sandbox.testing import running_sandbox

from tests.support.npm_package import needs_npm, npm_package
from tests.support.waiting import PATIENCE

NODE_VERSION = "6.3.1"
CLI_VERSION = "6.2.4"
NUMBERS = ["+15551234567", "+15551234568", "+15551234569"]


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A sandbox as a process of its own."""
    with running_sandbox(tmp_path_factory.mktemp("sandbox"), time_factor=1000) as environment:
        yield environment


@pytest.fixture
def shell(sandbox: Mapping[str, str], tmp_path: Path) -> dict[str, str]:
    """The environment of a shell that has evaluated `sandbox env --proxy`."""
    return {"PATH": os.environ["PATH"], "HOME": str(tmp_path), **proxy_variables(sandbox)}


def run(arguments: list[str | Path], environment: Mapping[str, str], *, fails: bool = False) -> str:
    """Run a program and return what it printed."""
    done = subprocess.run(
        arguments, env=dict(environment), capture_output=True, text=True, check=False, timeout=PATIENCE
    )
    assert (done.returncode != 0) == fails, done.stdout + done.stderr
    return done.stdout + done.stderr if fails else done.stdout


PYTHON = """
from twilio.rest import Client
client = Client()
print([number.phone_number for number in client.incoming_phone_numbers.list()])
print(len(list(client.voice.v1.dialing_permissions.countries.stream(page_size=100))))
print(client.monitor.v1.alerts.list())
call = client.calls.create(to="+15550001111", from_="+15551234567", record=True,
    twiml="<Response><Say>Hello</Say></Response>")
print(call.sid)
"""


def test_twilio_python_reaches_the_sandbox(sandbox: Mapping[str, str], shell: Mapping[str, str]) -> None:
    """Several products, pages with absolute links, and a call whose recording others can fetch."""
    numbers, countries, alerts, sid = run([sys.executable, "-c", PYTHON], shell).splitlines()

    assert json.loads(numbers.replace("'", '"')) == NUMBERS
    assert (int(countries) > 200, alerts) == (True, "[]")
    control = f"{sandbox['twilio_base_url']}/_sandbox/calls/{sid}"
    call = httpx.get(control, params={"wait": 60}, timeout=PATIENCE).json()
    assert call["recordings"][0]["media_url"].startswith(f"{sandbox['twilio_base_url']}/2010-04-01/")


NODE = """
const client = require("twilio")();
client.incomingPhoneNumbers.list()
  .then((numbers) => console.log(JSON.stringify(numbers.map((number) => number.phoneNumber))));
"""


@pytest.mark.slow
@needs_npm
def test_twilio_node_reaches_the_sandbox(shell: Mapping[str, str]) -> None:
    """The client reads HTTP_PROXY, and Node the certificate from NODE_EXTRA_CA_CERTS."""
    modules = npm_package("twilio", NODE_VERSION)
    assert json.loads(run(["node", "-e", NODE], {**shell, "NODE_PATH": str(modules)})) == NUMBERS


@pytest.mark.slow
@needs_npm
def test_twilio_cli_logs_in_and_works_with_its_profile(shell: Mapping[str, str]) -> None:
    """`profiles:create`, which `login` is, creates an API key; the next command uses it."""
    folder = npm_package("twilio-cli", CLI_VERSION) / ".bin"
    environment = {
        name: value for name, value in shell.items() if name not in {"TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"}
    } | {"PATH": f"{folder}:{shell['PATH']}"}

    sid, token = shell["TWILIO_ACCOUNT_SID"], shell["TWILIO_AUTH_TOKEN"]
    run(["twilio", "profiles:create", sid, "--auth-token", token, "-f", "-p", "sandbox"], environment)
    listed = json.loads(run(["twilio", "phone-numbers:list", "-p", "sandbox", "-o", "json"], environment))

    assert [number["phoneNumber"] for number in listed] == NUMBERS


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not on PATH")
def test_curl_reaches_the_sandbox(shell: Mapping[str, str]) -> None:
    """Over https, by Twilio's own name."""
    sid, token = shell["TWILIO_ACCOUNT_SID"], shell["TWILIO_AUTH_TOKEN"]
    url = f"https://api.twilio.com/2010-04-01/Accounts/{sid}.json"
    assert json.loads(run(["curl", "-sS", "-u", f"{sid}:{token}", url], shell))["sid"] == sid


def through(sandbox: Mapping[str, str]) -> httpx.Client:
    """A client that uses the proxy and trusts its bundle."""
    context = ssl.create_default_context(cafile=sandbox["proxy_ca_file"])
    return httpx.Client(proxy=sandbox["proxy_url"], verify=context, timeout=PATIENCE)


def test_the_projects_host_is_the_sandboxs(sandbox: Mapping[str, str]) -> None:
    """The project URL with the reference's own host name answers as `supabase_url` does."""
    with through(sandbox) as client:
        answer = client.get(
            f"https://{sandbox['supabase_project_ref']}.supabase.co/rest/v1/",
            headers={"apikey": sandbox["supabase_secret_key"]},
        )
    assert (answer.status_code, answer.json()["swagger"]) == (200, "2.0")


@pytest.mark.parametrize(
    "host", ["lookups.twilio.com", "twilio.com", "api.dublin.ie1.twilio.com", "A.Twilio.Com."]
)
def test_other_hosts_of_twilio_are_refused_by_name(sandbox: Mapping[str, str], host: str) -> None:
    """Nothing goes to the real ones with a test's requests."""
    with through(sandbox) as client:
        with pytest.raises(httpx.ProxyError, match="does not emulate") as refused:
            client.get(f"https://{host}/v1/x")
        assert host.lower() in str(refused.value)
        assert client.get(f"http://{host}/v1/x").status_code == 403


def test_an_emulated_host_without_tls_is_refused(sandbox: Mapping[str, str]) -> None:
    """Twilio's API is https, and a request without would carry credentials in clear."""
    with through(sandbox) as client:
        refused = client.get("http://api.twilio.com/2010-04-01/Accounts.json")
    assert (refused.status_code, "https only" in refused.text) == (403, True)


def test_other_hosts_are_tunneled_untouched(sandbox: Mapping[str, str]) -> None:
    """Bytes of a connection pass through in both directions, whatever they are."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def echo() -> None:
            connection, _ = server.accept()
            with connection:
                while data := connection.recv(4096):
                    connection.sendall(data[::-1])

        thread = threading.Thread(target=echo)
        thread.start()
        url = httpx.URL(sandbox["proxy_url"])
        with socket.create_connection((url.host, url.port or 0), timeout=PATIENCE) as client:
            client.sendall(b"CONNECT 127.0.0.1:%d HTTP/1.1\r\n\r\n" % server.getsockname()[1])
            assert client.recv(4096).startswith(b"HTTP/1.1 200 ")
            client.sendall(b"\x16\x03abc")
            assert client.recv(4096) == b"cba\x03\x16"
        thread.join(PATIENCE)
        assert not thread.is_alive()


def test_a_plain_request_is_forwarded(sandbox: Mapping[str, str]) -> None:
    """Http to another host, here the sandbox's own port by its address; the path and the body arrive."""
    with through(sandbox) as client:
        answer = client.post(f"{sandbox['twilio_base_url']}/_sandbox/numbers", json={"count": 0})
    assert answer.json() == {"stocked": 0, "numbers": []}


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"junk\r\n\r\n", 400),
        (b"CONNECT [::1 HTTP/1.1\r\n\r\n", 400),
        (b"CONNECT api.twilio.com:80 HTTP/1.1\r\n\r\n", 403),
        (b"CONNECT 127.0.0.1:1 HTTP/1.1\r\n\r\n", 502),
        (b"GET / HTTP/1.1\r\nX: " + b"x" * 70_000 + b"\r\n\r\n", 431),
    ],
)
def test_a_request_that_cannot_be_forwarded_is_answered(
    sandbox: Mapping[str, str], head: bytes, status: int
) -> None:
    """With a status and one sentence, and the proxy goes on."""
    url = httpx.URL(sandbox["proxy_url"])
    with socket.create_connection((url.host, url.port or 0), timeout=PATIENCE) as client:
        client.sendall(head)
        assert client.recv(4096).startswith(b"HTTP/1.1 %d " % status)


def test_requests_fail_while_the_sandbox_is_down(tmp_path: Path) -> None:
    """They do not reach the real Twilio with a test's credentials."""
    with running_sandbox(tmp_path / "sandbox", keep=True) as environment:
        variables = proxy_variables(environment)
    output = run([sys.executable, "-c", PYTHON], {"PATH": os.environ["PATH"], **variables}, fails=True)
    assert "ProxyError" in output


def test_a_shell_is_led_to_the_sandbox_and_back(sandbox: Mapping[str, str]) -> None:
    """`env --proxy` sets the variables for programs, and `--off` removes every one of them."""
    command = [sys.executable, "-m", "voicehooks_sandbox.cli", "--state"]
    folder = str(Path(sandbox["proxy_ca_file"]).parents[1])
    environment = {"PATH": os.environ["PATH"]}
    on = run([*command, folder, "env", "--proxy"], environment)
    off = run([*command, folder, "env", "--proxy", "--off"], environment)

    led = run(["sh", "-c", f"{on}\nenv"], environment)
    back = run(["sh", "-c", f"{on}\n{off}\nenv"], environment)

    assert set(proxy_variables(sandbox).items()) <= {tuple(line.split("=", 1)) for line in led.splitlines()}
    assert not proxy_variables(sandbox).keys() & {line.partition("=")[0] for line in back.splitlines()}
    assert json.loads(run([*command, folder, "env", "--proxy", "--json"], environment)) == proxy_variables(
        sandbox
    )
    assert "--off belongs to --proxy" in run([*command, folder, "env", "--off"], environment, fails=True)
