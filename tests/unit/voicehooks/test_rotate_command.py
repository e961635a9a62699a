"""`voicehooks rotate`: what each step does, with stand-ins for Twilio, the project and the functions."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from subprocess import CompletedProcess
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from pulumi_twilio.client import TwilioError
from twilio.request_validator import RequestValidator

from infra.settings import Settings
from infra.settings_parser import parse
from voicehooks.commands.rotate import command, tokens
from voicehooks.commands.rotate.progress import STEPS
from voicehooks.commands.rotate.tokens import Tokens
from voicehooks.output.errors import CommandError

REF, ACCOUNT = "abcdefghijklmnopqrst", "AC" + "1" * 32
OLD, NEW, OTHER = "0" * 32, "1" * 32, "2" * 32
PRIMARY, SECONDARY = "twilio:authToken", "voicehooks:secondaryAuthToken"
KEY_ONLY = {"account": {"webhookRules": True, "signature": "key-only"}}
WITH_API = {**KEY_ONLY, "allowedOrigins": ["https://crm.example.com"]}
NO_PAUSE = 0


class World:
    """The account, the project and the settings of one stack; the functions are what the secrets say.

    Attributes:
        config: the stack's configuration.
        account: the account's primary and secondary token.
        secrets: the functions' secrets, as the last update set them.
        done: what was done, in order.
        asked: the tokens that signed requests to functions, with the function.
    """

    def __init__(self, **own: Any) -> None:
        self.own = own
        self.config = {PRIMARY: OLD}
        self.account = [OLD, ""]
        self.secrets: dict[str, str] = {}
        self.slugs = ["twilio-webhook", "twilio-fallback", "recording"]
        self.done: list[str] = []
        self.asked: list[tuple[str, str]] = []
        self.preview_code = 0
        self.failing = ""
        self.conflict = 0
        self.deploy()
        self.done.clear()

    @property
    def settings(self) -> Settings:
        """The settings, validated."""
        keys = {f"voicehooks:{k}": v for k, v in {"supabaseProject": REF, "numbers": {}, **self.own}.items()}
        credentials = {"twilio:accountSid": ACCOUNT, "supabase:accessToken": "x"}
        return parse({**keys, **credentials, **self.config}, {}, stack="prod")

    def deploy(self) -> None:
        """An update: the functions get the tokens of the settings, if they need any."""
        self.done.append("up")
        if self.settings.functions_need_token:
            pairs = {"VOICEHOOKS_AUTH_TOKEN": PRIMARY, "VOICEHOOKS_SECONDARY_AUTH_TOKEN": SECONDARY}
            self.secrets = {name: self.config[key] for name, key in pairs.items() if key in self.config}

    # The engine.
    def try_run(self, *arguments: str) -> CompletedProcess[str]:
        assert arguments == ("preview", "--expect-no-changes")
        return CompletedProcess(arguments, self.preview_code, "", "")

    def run(self, *arguments: str, what: str, do: str = "") -> str:
        if arguments[0] == self.failing:
            raise CommandError(what, "no", do)
        if arguments[0] == "up":
            assert arguments == ("up", "--yes", "--skip-preview")
            self.deploy()
        else:
            assert arguments == ("config", "rm", SECONDARY)
            del self.config[SECONDARY]
            self.done.append("rm")
        return ""

    def set_secret(self, key: str, value: str, *, what: str, do: str = "") -> None:
        self.config[key] = value
        self.done.append(f"set {key}")

    # Twilio, signed in with a token.
    async def get(self, token: str, path: str) -> dict[str, Any]:
        assert path == f"/2010-04-01/Accounts/{ACCOUNT}.json"
        if self.failing == "account":
            raise TwilioError(None, "down", 503)
        if token not in self.account:
            raise TwilioError(20003, "Authenticate", 401)
        return {"auth_token": self.account[0]}

    async def post(self, token: str, path: str, form: Any, *, host: str, repeatable: bool) -> dict[str, Any]:
        assert (form, host, repeatable, token in self.account) == ({}, "accounts", False, True)
        if path == "/v1/AuthTokens/Secondary":
            if self.conflict and self.account[1]:
                raise TwilioError(None, "there is one", self.conflict)
            self.account[1] = NEW
            self.done.append("create")
            return {"secondary_auth_token": NEW}
        assert (path, token) == ("/v1/AuthTokens/Promote", self.account[1])
        self.account = [token, ""]
        self.done.append("promote")
        return {}

    async def delete(self, token: str, path: str, *, host: str) -> None:
        assert (path, host, token) == ("/v1/AuthTokens/Secondary", "accounts", self.account[0])
        self.account[1] = ""
        self.done.append("delete")

    # The project.
    async def management(self, project: str, path: str, permission: str) -> Any:
        assert project == REF
        if path == "/functions":
            assert permission == "edge_functions_read"
            found: Any = [{"slug": slug} for slug in self.slugs]
        else:
            assert (path, permission) == ("/secrets", "edge_functions_secrets_read")
            digests = {name: hashlib.sha256(value.encode()).hexdigest() for name, value in self.secrets.items()}
            found = [{"name": name, "value": value} for name, value in digests.items()]
        return SimpleNamespace(json=lambda: found)

    # The functions.
    def answer(self, request: httpx.Request) -> httpx.Response:
        slug = request.url.path.rpartition("/")[2]
        if slug == self.failing:
            raise httpx.ReadTimeout("slow")
        given = request.headers["x-twilio-signature"]
        for token in (OLD, NEW, OTHER):
            validator, url = RequestValidator(token), str(request.url)
            if slug == "twilio-events":
                json.loads(request.content)
                signed = validator.validate(url, request.content.decode(), given)
            else:
                form = dict(httpx.QueryParams(request.content.decode()))
                assert form.keys() == {"VoicehooksCheck"}
                signed = validator.validate(url, form, given)
            if signed:
                self.asked.append((slug, token))
                return httpx.Response(200 if token in self.secrets.values() else 403)
        return httpx.Response(403)


@pytest.fixture
def connect(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return what makes a world the one of the command."""

    def connect(world: World) -> World:
        class Environment:
            def __init__(self, name: str) -> None:
                self.name, self.account_sid, self.engine = name, ACCOUNT, world
                self.config, self.settings = dict(world.config), world.settings
                self.auth_token = world.config.get(PRIMARY, "")
                self.functions_url = ""

        @asynccontextmanager
        async def open_twilio(_: Any, credentials: Any) -> AsyncIterator[Any]:
            token = credentials.password

            def bound(method: Any) -> Any:
                return lambda *arguments, **more: method(token, *arguments, **more)

            client = SimpleNamespace(get=bound(world.get), post=bound(world.post), delete=bound(world.delete))
            yield SimpleNamespace(client=client)

        @asynccontextmanager
        async def open_supabase(_: Any) -> AsyncIterator[Any]:
            yield SimpleNamespace(get=world.management)

        real = httpx.AsyncClient
        transport = httpx.MockTransport(world.answer)
        monkeypatch.setattr(tokens, "open_twilio", open_twilio)
        monkeypatch.setattr(tokens, "open_supabase", open_supabase)
        monkeypatch.setattr(
            tokens,
            "httpx",
            SimpleNamespace(AsyncClient=lambda **_: real(transport=transport), HTTPError=httpx.HTTPError),
        )
        monkeypatch.setattr(tokens, "_PAUSE_SECONDS", NO_PAUSE)
        monkeypatch.setattr(tokens, "_ATTEMPTS", 2)
        monkeypatch.setattr(command, "_SETTLE_SECONDS", NO_PAUSE)
        monkeypatch.setattr(command, "Environment", Environment)
        return world

    return connect


def rotate(*, dry_run: bool = False, yes: bool = True) -> int:
    """Run the command."""
    return command.run("prod", dry_run=dry_run, yes=yes, as_json=True)


def of(world: World) -> Tokens:
    """The tokens of the stack as they are now."""
    return Tokens(vars(command)["Environment"]("prod"))


ALL = ["create", f"set {SECONDARY}", "up", "promote", f"set {PRIMARY}", "rm", "up"]


@pytest.mark.parametrize("own", [{}, WITH_API])
def test_all_of_a_rotation(connect: Any, own: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    """The functions have both tokens before the new one is promoted, and the new one alone at the end."""
    world = connect(World(**own))
    assert rotate() == 0
    assert world.done == ALL
    assert (world.config[PRIMARY], SECONDARY in world.config, world.account) == (NEW, False, [NEW, ""])
    assert world.secrets == {"VOICEHOOKS_AUTH_TOKEN": NEW}
    out, err = capsys.readouterr()
    assert json.loads(out) == {"stack": "prod", "done": list(STEPS), "ahead": []}
    assert not any(token in out + err for token in (OLD, NEW))
    # With key-only the token signs no webhook: no function is asked.
    assert bool(world.asked) == (own == {})


def test_with_key_only_functions_that_have_no_token_are_not_deployed_for_it(
    connect: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither the old nor the new token reaches them: the promotion follows at once."""
    world = connect(World(**KEY_ONLY))
    assert rotate() == 0
    assert world.done == [step for place, step in enumerate(ALL) if place != ALL.index("up")]
    assert json.loads(capsys.readouterr().out)["done"] == ["create", "promote", "switch", "deploy-new"]
    assert (world.asked, world.secrets, world.config[PRIMARY]) == ([], {}, NEW)


@pytest.mark.parametrize("own", [{}, WITH_API, KEY_ONLY])
@pytest.mark.parametrize("failing", ["up", "config"])
def test_a_rotation_that_failed_is_continued(
    connect: Any, own: dict[str, Any], failing: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """It goes on where it is, whatever signs the webhooks."""
    world = connect(World(**own))
    world.failing = failing
    with pytest.raises(CommandError) as error:
        rotate()
    if failing == "up":
        assert error.value.do.endswith("voicehooks rotate --stack prod")
    world.failing = ""
    before = list(world.done)
    assert rotate(dry_run=True) == 0
    assert world.done == before
    assert rotate() == 0
    assert world.done.count("create") == world.done.count("promote") == 1 or own == KEY_ONLY
    assert world.config == {PRIMARY: world.account[0]}


def test_a_dry_run_names_the_steps(connect: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """And does none of them."""
    world = connect(World())
    assert rotate(dry_run=True, yes=False) == 0
    assert json.loads(capsys.readouterr().out) == {"stack": "prod", "done": [], "ahead": list(STEPS)}
    assert world.done == []


def test_what_a_rotation_does_not_begin_with(connect: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a yes, with other changes pending, or with a token that only a variable has."""
    world = connect(World())
    with pytest.raises(CommandError) as error:
        rotate(yes=False)
    assert error.value.do == "voicehooks rotate --yes --stack prod"
    monkeypatch.setattr(command, "confirm", lambda question, *, yes, otherwise: yes)
    assert rotate(yes=False) == 2
    world.preview_code = 1
    with pytest.raises(CommandError) as error:
        rotate()
    assert error.value.do == "pulumi preview --diff --stack prod"
    assert world.done == []
    # Once it has begun, the pending change is the rotation's own.
    world.config[SECONDARY] = NEW
    world.account[1] = NEW
    assert rotate() == 0
    world = connect(World())
    world.own["functionName"] = "hook"
    world.config = {"twilio:accountSid": ACCOUNT}
    monkeypatch.setattr(World, "settings", property(lambda _: None))
    with pytest.raises(CommandError) as error:
        rotate()
    assert error.value.do == f"pulumi config set --stack prod --secret {PRIMARY}"


@pytest.mark.parametrize("conflict", [400, 409])
def test_a_secondary_token_that_is_there_is_replaced(connect: Any, conflict: int) -> None:
    """Nobody knows its value any more."""
    world = connect(World())
    world.account[1], world.conflict = OTHER, conflict
    assert asyncio.run(of(world).create()) == NEW
    assert world.done == ["delete", "create"]


def test_an_outage_replaces_no_token(connect: Any) -> None:
    """Only a conflict says that there is one."""
    world = connect(World())
    world.account[1], world.conflict = OTHER, 503
    with pytest.raises(CommandError, match="no secondary auth token was created"):
        asyncio.run(of(world).create())
    assert world.done == []


@pytest.mark.parametrize("own", [{}, WITH_API])
@pytest.mark.parametrize("kept", [PRIMARY, SECONDARY])
def test_nothing_is_promoted_before_the_functions_have_both(
    connect: Any, own: dict[str, Any], kept: str
) -> None:
    """Else they would refuse Twilio's requests, or Twilio theirs."""
    world = connect(World(**own))
    world.config[SECONDARY] = world.account[1] = NEW
    world.secrets = {"VOICEHOOKS_AUTH_TOKEN": world.config[kept]}
    with pytest.raises(CommandError) as error:
        asyncio.run(of(world).promote())
    assert error.value.do == "voicehooks doctor --check probe --stack prod"
    assert world.done == []
    world.deploy()
    asyncio.run(of(world).promote())
    assert world.account == [NEW, ""]


def test_every_function_that_twilio_calls_is_asked(connect: Any) -> None:
    """Those that are deployed; one that refuses is enough to wait. There must be one."""
    world = connect(World(account={"eventStreams": True}))
    world.slugs = ["recording", "twilio-events", "twilio-webhook"]
    asyncio.run(of(world).wait_until_accepted(both=False))
    assert sorted(world.asked) == [("twilio-events", OLD), ("twilio-webhook", OLD)]
    world.config[SECONDARY] = NEW
    with pytest.raises(CommandError, match="refuses requests"):
        asyncio.run(of(world).wait_until_accepted(both=True))
    asyncio.run(of(world).wait_until_accepted(both=False))
    world.slugs = ["recording"]
    with pytest.raises(CommandError) as error:
        asyncio.run(of(world).facts())
    assert error.value.do == "pulumi up --stack prod"


def test_a_function_that_does_not_answer_is_no_refusal(connect: Any) -> None:
    """It is named, and the rotation stays where it is."""
    world = connect(World())
    world.failing = "twilio-fallback"
    with pytest.raises(CommandError, match="twilio-fallback did not answer"):
        asyncio.run(of(world).facts())


def test_an_account_that_does_not_answer_is_no_refused_token(connect: Any) -> None:
    """A token counts as refused only where Twilio says so; where it does not show it, signing in is enough."""
    world = connect(World())
    world.failing = "account"
    with pytest.raises(CommandError, match="cannot be read"):
        asyncio.run(of(world).facts())
    world.failing = ""
    world.account = [OTHER, OLD]
    facts = asyncio.run(of(world).facts())
    assert (facts.primary_signs, facts.has_secondary, facts.functions_accept_secondary) == (False, False, False)
    world.account = ["", OLD]  # an account that does not show its token
    assert asyncio.run(of(world).facts()).primary_signs is True
