"""How the commands call the Pulumi CLI: which arguments it gets, and what its errors say to do."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from infra.settings import Settings
from voicehooks.output.errors import CommandError
from voicehooks.stack import engine as engine_module
from voicehooks.stack import project, sandbox
from voicehooks.stack.deployed_state import State
from voicehooks.stack.engine import Engine, last_error
from voicehooks.stack.environment import Environment
from voicehooks.stack.git import try_git
from voicehooks.stack.signing import Signer, signer_of


class Cli:
    """The Pulumi CLI, as far as a test says what it answers; keeps how it was called.

    Attributes:
        folder: the project's.
        calls: the arguments, standard input and environment of each call.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.calls: list[tuple[list[str], str, dict[str, str]]] = []
        self._answers: list[dict[str, Any]] = []

    def answers(self, *answers: dict[str, Any]) -> Engine:
        """Return a stack of which the CLI says this, one after the other."""
        self.calls.clear()
        self._answers = list(answers)
        return Engine(self.folder, "prod", {"EXTRA": "x"})

    def run(self, command: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
        """Take the place of `subprocess.run`."""
        assert command[0].endswith(("/pulumi", "/voicehooks-sandbox"))
        assert options["cwd"] == self.folder
        names = ("PULUMI_STACK", "NO_COLOR", "PULUMI_SKIP_UPDATE_CHECK", "EXTRA", "PULUMI_CONFIG_PASSPHRASE")
        environment = options.get("env") or {}
        given = {name: environment[name] for name in names if name in environment}
        self.calls.append((command[1:], options.get("input", ""), given))
        answer = self._answers.pop(0)
        return subprocess.CompletedProcess(
            command, answer.get("code", 0), answer.get("out", ""), answer.get("err", "")
        )


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """A project in which programs that are started say what a test wants."""
    found = Cli(tmp_path)
    monkeypatch.setattr(subprocess, "run", found.run)
    monkeypatch.delenv("PULUMI_STACK", raising=False)
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE", raising=False)
    return found


STACK = ["--stack", "prod", "--non-interactive"]


@pytest.mark.parametrize(
    ("call", "out", "arguments", "result"),
    [
        (
            lambda e: e.config(),
            {"a:b": {"value": "1"}, "a:c": {"value": "{}", "objectValue": {"d": 1}}, "a:s": {"secret": True}},
            ["config", "--json", "--show-secrets"],
            {"a:b": "1", "a:c": {"d": 1}, "a:s": None},
        ),
        (lambda e: e.config(show_secrets=False), {}, ["config", "--json"], {}),
        (lambda e: e.export(), {"a": 1}, ["stack", "export"], {"a": 1}),
        (
            lambda e: e.export(show_secrets=True, version=3),
            {"a": 1},
            ["stack", "export", "--show-secrets", "--version", "3"],
            {"a": 1},
        ),
        (
            lambda e: e.resources(show_secrets=True),
            {"deployment": {"resources": [{"urn": "u"}]}},
            ["stack", "export", "--show-secrets"],
            [{"urn": "u"}],
        ),
        (lambda e: e.resources(), {"deployment": None}, ["stack", "export"], []),
        (lambda e: e.resources(), {"deployment": {}}, ["stack", "export"], []),
        (lambda e: e.outputs(), {"a": 1}, ["stack", "output", "--json"], {"a": 1}),
        (
            lambda e: e.history(),
            [{"version": 1}],
            ["stack", "history", "--json", "--page-size", "0"],
            [{"version": 1}],
        ),
        (
            lambda e: e.history(show_secrets=True),
            None,
            ["stack", "history", "--json", "--page-size", "0", "--show-secrets"],
            [],
        ),
    ],
)
def test_what_the_cli_is_asked(cli: Cli, call: Any, out: Any, arguments: list[str], result: Any) -> None:
    """Secrets are opened only on request; the answer becomes data."""
    assert call(cli.answers({"out": json.dumps(out)})) == result
    assert [given for given, _, _ in cli.calls] == [[*arguments, *STACK]]


def test_its_environment(cli: Cli) -> None:
    """The wrapper reads the stack's name; nothing of colors or new versions is in the output."""
    cli.answers({}).try_run("up")
    assert cli.calls[0][2] == {
        "PULUMI_STACK": "prod",
        "NO_COLOR": "1",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "EXTRA": "x",
    }
    cli.answers({})
    Engine(cli.folder, "").try_without_stack("whoami")
    arguments, _, environment = cli.calls[0]
    assert arguments == ["whoami", "--non-interactive"]
    assert "PULUMI_STACK" not in environment


def test_a_secret_is_no_argument(cli: Cli) -> None:
    """Every process of the machine may read arguments."""
    cli.answers({}).set_secret("a:b", "hidden", what="x")
    assert [(given, text) for given, text, _ in cli.calls] == [
        (["config", "set", "--secret", "a:b", *STACK], "hidden")
    ]


@pytest.mark.parametrize(
    ("stderr", "do"),
    [
        ("error: no stack named 'prod' found", "voicehooks init prod"),
        ("error: passphrase must be set with PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE"),
        ("error: incorrect passphrase", "PULUMI_CONFIG_PASSPHRASE"),
        ("error: failed to load checkpoint: EOF", "find /state/.pulumi -name '*.attrs' -empty -delete"),
        ("error: anything else", ""),
    ],
)
def test_what_an_error_says_to_do(cli: Cli, stderr: str, do: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cause in Pulumi's words, without its prefix; what the caller knows better takes precedence."""
    monkeypatch.setattr(engine_module, "can_ask", lambda: False)
    failed, whoami = {"code": 255, "err": stderr}, {"out": json.dumps({"url": "file:///state"})}
    with pytest.raises(CommandError) as caught:
        cli.answers(failed, whoami).run("up", what="it failed")
    assert (caught.value.what, caught.value.why) == ("it failed", stderr.removeprefix("error: "))
    assert do in caught.value.do
    assert bool(do) is bool(caught.value.do)
    assert caught.value.exit_code == 2
    with pytest.raises(CommandError) as caught:
        cli.answers(failed, whoami).run("up", what="it failed", do="look")
    assert caught.value.do == "look"


def test_a_passphrase_is_asked_for_until_it_is_right(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """As Pulumi does in a terminal; the next command has it then. Nothing else is asked again."""
    typed = iter(["wrong", "right"])
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "")
    monkeypatch.setattr(engine_module, "can_ask", lambda: True)
    monkeypatch.setattr(engine_module, "getpass", lambda _: next(typed))
    missing = {"code": 255, "err": "error: passphrase must be set"}
    found = cli.answers(missing, {"code": 255, "err": "error: incorrect passphrase"}, {"out": "done"})
    assert found.run("up", what="x", stdin="text") == "done"
    assert [(text, given["PULUMI_CONFIG_PASSPHRASE"]) for _, text, given in cli.calls] == [
        ("text", ""),
        ("text", "wrong"),
        ("text", "right"),
    ]
    assert cli.answers({"code": 1, "err": "error: x"}).try_run("up").returncode == 1
    assert len(cli.calls) == 1


@pytest.mark.parametrize(
    "answer", [{"code": 1, "err": "error: not logged in."}, {"out": "{}", "err": "error: not logged in"}]
)
def test_where_the_state_is(cli: Cli, answer: dict[str, Any]) -> None:
    """The backend's address, or the command that logs in."""
    assert cli.answers({"out": '{"url": "s3://b"}'}).backend_url() == "s3://b"
    assert cli.calls[0][0] == ["whoami", "--json", "--verbose", "--non-interactive"]
    with pytest.raises(CommandError, match="not logged in; .*pulumi login"):
        cli.answers(answer).backend_url()


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("error: first\nerror: last.\nnote\n", "last"),
        ("only\n\nwords\n", "words"),
        ("", "it printed nothing"),
    ],
)
def test_the_last_error(text: str, error: str) -> None:
    """Of those that are marked as one, or else the last line."""
    assert last_error(text) == error


class TestEnvironment:
    """An environment's settings, credentials and addresses."""

    VARIABLES = (
        "TWILIO_ACCOUNT_SID",
        "TWILIO_AUTH_TOKEN",
        "TWILIO_API_KEY",
        "TWILIO_API_SECRET",
        "TWILIO_REGION",
        "TWILIO_EDGE",
        "TWILIO_BASE_URL",
        "SUPABASE_ACCESS_TOKEN",
        "SUPABASE_API_URL",
    )

    @pytest.fixture(autouse=True)
    def _no_variables(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in self.VARIABLES:
            monkeypatch.delenv(name, raising=False)

    def environment(self, **config: Any) -> Environment:
        """Return the environment dev with a configuration; two underscores are a colon."""
        found = Environment("dev", Path("/nowhere"))
        found.__dict__["config"] = {key.replace("__", ":"): value for key, value in config.items()}
        return found

    @pytest.mark.parametrize(
        ("attribute", "key", "variable", "option"),
        [
            ("account_sid", "twilio:accountSid", "TWILIO_ACCOUNT_SID", ""),
            ("auth_token", "twilio:authToken", "TWILIO_AUTH_TOKEN", "--secret "),
            ("supabase_access_token", "supabase:accessToken", "SUPABASE_ACCESS_TOKEN", "--secret "),
        ],
    )
    def test_what_is_required(
        self, attribute: str, key: str, variable: str, option: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The settings take precedence over the variable; without both, the command that sets it is named."""
        with pytest.raises(CommandError) as caught:
            getattr(self.environment(), attribute)
        assert caught.value.do == f"pulumi config set --stack dev {option}{key}"
        assert variable in caught.value.why
        monkeypatch.setenv(variable, "of the variable")
        assert getattr(self.environment(), attribute) == "of the variable"
        assert getattr(self.environment(**{key: "of the settings"}), attribute) == "of the settings"

    def test_what_signs_in_at_twilio(self) -> None:
        """The API key where there is one; its secret is then required, and the auth token is not."""
        token = self.environment(twilio__accountSid="AC1", twilio__authToken="t").twilio_credentials
        assert (token.account_sid, token.user, token.password) == ("AC1", "AC1", "t")
        given = {"twilio__accountSid": "AC1", "twilio__apiKeySid": "SK1"}
        key = self.environment(**given, twilio__apiKeySecret="s").twilio_credentials
        assert (key.account_sid, key.user, key.password) == ("AC1", "SK1", "s")
        with pytest.raises(CommandError) as caught:
            self.environment(**given).twilio_credentials  # noqa: B018 - raises
        assert caught.value.do == "pulumi config set --stack dev --secret twilio:apiKeySecret"

    @pytest.mark.parametrize(
        ("url", "is_sandbox"),
        [
            ("", False),
            ("http://127.0.0.1:1", True),
            ("http://localhost:1", True),
            ("http://[::1]:1", True),
            ("https://twilio.example.com", False),
            ("http://127.0.0.1.example.com", False),
        ],
    )
    def test_whether_calls_are_billed(self, url: str, is_sandbox: bool) -> None:
        """Only what is on this machine is the sandbox."""
        found = self.environment(twilio__baseUrl=url, twilio__region="ie1", twilio__edge="dublin")
        assert found.is_sandbox is is_sandbox
        address = found.twilio_address
        assert (address.region, address.edge, address.base_url) == ("ie1", "dublin", url)
        assert found.twilio_api_url == (url or "https://api.twilio.com")

    def test_numbers_as_they_are_written(self) -> None:
        """As an object, as JSON text, or not at all."""
        assert self.environment(voicehooks__numbers={"+1": {}}).written_numbers == {"+1": {}}
        assert self.environment(voicehooks__numbers='{"+1": {"a": 1}}').written_numbers == {"+1": {"a": 1}}
        assert self.environment().written_numbers == {}

    def test_wrong_settings_name_their_file(self) -> None:
        """Every command says where to correct them."""
        with pytest.raises(CommandError) as caught:
            self.environment(voicehooks__nothing="x").settings  # noqa: B018 - raises
        assert "Pulumi.dev.yaml" in caught.value.do
        assert "nothing" in caught.value.why

    @pytest.mark.parametrize("stack", ["local", "dev"])
    def test_the_addresses_of_a_running_sandbox(
        self, stack: str, monkeypatch: pytest.MonkeyPatch, cli: Cli
    ) -> None:
        """They are in place of the key; without a sandbox, the command that starts this stack's."""
        found = Environment(stack, cli.folder)
        config = {"voicehooks:sandbox": "true", "twilio:region": "ie1"}
        monkeypatch.setattr(found.engine, "config", lambda: dict(config))
        addresses = {
            "twilio_base_url": "http://127.0.0.1:1",
            "supabase_api_url": "http://127.0.0.1:2",
            "supabase_url": "http://127.0.0.1:3",
        }
        cli.answers({"code": 1})
        with pytest.raises(CommandError) as caught:
            found.config  # noqa: B018 - raises
        suffix = "" if stack == "local" else " --stack dev"
        assert caught.value.do == f"voicehooks sandbox up{suffix}"
        folder = ".voicehooks/sandbox" if stack == "local" else ".voicehooks/sandbox-dev"
        assert cli.calls[0][0] == ["--state", folder, "env", "--json"]
        cli.answers({"out": json.dumps(addresses)})
        assert found.config == {
            "twilio:region": "ie1",
            "twilio:baseUrl": "http://127.0.0.1:1",
            "supabase:apiUrl": "http://127.0.0.1:2",
            "voicehooks:publicUrl": "http://127.0.0.1:3",
        }
        cli.answers({"code": 1, "out": "{}"})
        assert sandbox.addresses(cli.folder, stack) == {}


def test_the_projects_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The nearest one with a Pulumi.yaml, from any folder below."""
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    with pytest.raises(CommandError, match="no project here"):
        project.root(below)
    (tmp_path / "Pulumi.yaml").write_text("name: x\n")
    assert project.root(below) == tmp_path.resolve()
    (tmp_path / "a" / "Pulumi.yaml").write_text("name: y\n")
    monkeypatch.chdir(below)
    assert project.root() == (tmp_path / "a").resolve()
    assert project.program("python").is_file()
    with pytest.raises(CommandError, match="make install"):
        project.program("not-there")


def test_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It runs in the folder; without git it fails like a command that is not found."""
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    assert try_git(tmp_path, "rev-parse", "--show-toplevel").stdout.strip() == os.path.realpath(tmp_path)
    monkeypatch.setenv("PATH", "")
    assert try_git(tmp_path, "status").returncode == 127


class TestSigning:
    """As Twilio signs (Twilio docs: Webhooks security), with what the functions accept."""

    URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
    FORM = {  # noqa: RUF012 - the example of Twilio's page
        "Digits": "1234",
        "To": "+18005551212",
        "From": "+14158675309",
        "Caller": "+14158675309",
        "CallSid": "CA1234567890ABCDE",
    }

    def test_with_the_auth_token(self) -> None:
        """The signature of Twilio's own example."""
        assert Signer("12345").headers(self.URL, self.FORM) == {
            "X-Twilio-Signature": "RSOYDt4T1cUTdK1PDd93/VVr8B8="
        }

    def test_with_a_key(self) -> None:
        """The settings name the key and the algorithm."""
        headers = Signer("secret", "CR1").headers(self.URL, self.FORM)
        assert len(headers) == 2
        assert (
            headers["X-Twilio-Signature"] != Signer("secret").headers(self.URL, self.FORM)["X-Twilio-Signature"]
        )
        assert "key=CR1,algorithm=HMAC_SHA256" in headers.values()

    def test_which_one_the_functions_accept(self) -> None:
        """The token, unless they accept a key only: the first one whose secret the state has."""

        def signer(signature: str | None, **secrets: str) -> dict[str, str]:
            settings = cast("Settings", SimpleNamespace(account=SimpleNamespace(signature=signature)))
            keys = [
                {"urn": f"u::{i}", "type": "twilio:index:WebhookSharedKey", "id": i, "outputs": {"secret": s}}
                for i, s in secrets.items()
            ]
            return signer_of(settings, "12345", State(keys)).headers(self.URL, self.FORM)

        assert signer(None, CR1="s") == Signer("12345").headers(self.URL, self.FORM)
        assert signer("key-only", CR1="", CR2="s") == Signer("s", "CR2").headers(self.URL, self.FORM)
        with pytest.raises(CommandError) as caught:
            signer("key-only", CR1="")
        assert caught.value.do == "pulumi up"
