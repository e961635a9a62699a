"""From a provider's configuration to an account: its credentials, its Region and its subaccounts."""

from __future__ import annotations

from typing import Any

import pytest
from pulumi_provider_kit.cancellation import Cancellation
from pulumi_provider_kit.errors import ProviderError
from pulumi_provider_kit.values import wrap
from pulumi_twilio.account import TwilioAccount
from pulumi_twilio.client import Credentials, TwilioClient
from pulumi_twilio.family import AccountDirectory
from pulumi_twilio.provider import TABLE, connect

ACCOUNT = "AC" + "5a4db0c5" * 4
BELOW = "AC" + "b" * 32
KEY = "SK" + "1" * 32
VARIABLES = {
    "accountSid": "TWILIO_ACCOUNT_SID",
    "authToken": "TWILIO_AUTH_TOKEN",
    "apiKeySid": "TWILIO_API_KEY",
    "apiKeySecret": "TWILIO_API_SECRET",
    "region": "TWILIO_REGION",
    "edge": "TWILIO_EDGE",
    "baseUrl": "TWILIO_BASE_URL",
}


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES.values():
        monkeypatch.delenv(name, raising=False)


def connected(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], *, environment: bool
) -> dict[str, Any]:
    """Return what the client is made with."""
    made: dict[str, Any] = {}

    def client(credentials: Credentials, _: Cancellation, **options: str) -> TwilioClient:
        made.update(credentials=credentials, **options)
        return TwilioClient(credentials, Cancellation(), **options)  # type: ignore[arg-type]

    monkeypatch.setattr("pulumi_twilio.provider.TwilioClient", client)
    if environment:
        for name, value in settings.items():
            monkeypatch.setenv(VARIABLES[name], value)
        settings = {}
    account = connect({name: wrap(value) for name, value in settings.items()}, Cancellation())
    assert account.home == {"accountSid": ACCOUNT, "region": made["region"] or "us1"}
    return made


@pytest.mark.parametrize("environment", [True, False])
@pytest.mark.parametrize(
    ("settings", "user", "password"),
    [
        ({"authToken": "token"}, ACCOUNT, "token"),
        ({"apiKeySid": KEY, "apiKeySecret": "secret"}, KEY, "secret"),
        ({"apiKeySid": KEY, "apiKeySecret": "secret", "authToken": "token"}, KEY, "secret"),
    ],
)
def test_an_api_key_takes_precedence_over_the_auth_token(
    monkeypatch: pytest.MonkeyPatch, environment: bool, settings: dict[str, str], user: str, password: str
) -> None:
    """From the configuration or from the environment, under Twilio's own names."""
    given = {"accountSid": ACCOUNT, **settings}
    made = connected(monkeypatch, given, environment=environment)
    assert made == {
        "credentials": Credentials(ACCOUNT, user, password),
        "region": "",
        "edge": "",
        "base_url": "",
    }
    where = {"region": "ie1", "edge": "dublin", "baseUrl": "http://127.0.0.1:4720"}
    made = connected(monkeypatch, {**given, **where}, environment=environment)
    assert (made["region"], made["edge"], made["base_url"]) == ("ie1", "dublin", "http://127.0.0.1:4720")


@pytest.mark.parametrize(
    ("settings", "missing"),
    [
        ({}, ["accountSid", "authToken"]),
        ({"accountSid": ACCOUNT}, ["authToken"]),
        ({"accountSid": ACCOUNT, "apiKeySecret": "secret"}, ["authToken"]),
        ({"accountSid": ACCOUNT, "authToken": "token", "apiKeySid": KEY}, ["apiKeySecret"]),
        ({"authToken": "token"}, ["accountSid"]),
    ],
)
def test_what_is_missing_is_named(settings: dict[str, str], missing: list[str]) -> None:
    """Each with the variable that sets it."""
    with pytest.raises(ProviderError) as refused:
        connect({name: wrap(value) for name, value in settings.items()}, Cancellation())
    named = [name for name in VARIABLES if f"twilio:{name}" in str(refused.value)]
    assert named == missing
    assert all(VARIABLES[name] in str(refused.value) for name in missing)


@pytest.mark.parametrize(
    ("name", "value", "valid"),
    [
        ("TWILIO_REGION", "au1", True),
        ("TWILIO_REGION", "us-east-1", False),
        ("TWILIO_REGION", "us12", False),
        ("TWILIO_EDGE", "sao-paulo", True),
        ("TWILIO_EDGE", "ashburn-ix", True),
        ("TWILIO_EDGE", "dublin-", False),
        ("TWILIO_API_KEY", ACCOUNT, False),
    ],
)
def test_a_variable_is_checked_like_a_setting(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, valid: bool
) -> None:
    """The error is at the setting, before any request."""
    monkeypatch.setenv(name, value)
    settings = {"accountSid": wrap(ACCOUNT), "authToken": wrap("token")}
    if valid:
        connect(settings, Cancellation())
        return
    with pytest.raises(ProviderError, match="^twilio:"):
        connect(settings, Cancellation())


def test_the_secrets_of_the_configuration_are_secret() -> None:
    """The engine encrypts them; another account or Region is another provider."""
    assert {p.name for p in TABLE.config if p.secret} == {"authToken", "apiKeySecret"}
    assert {p.name for p in TABLE.config if p.home} == {"accountSid", "region"}


def account(base_url: str = "http://127.0.0.1:4720/") -> TwilioAccount:
    """Return an account."""
    credentials = Credentials(ACCOUNT, KEY, "x")
    return TwilioAccount(TwilioClient(credentials, Cancellation(), region="", edge="", base_url=base_url))


@pytest.mark.parametrize(
    ("imported", "sid", "key"),
    [
        ("PN1", ACCOUNT, "PN1"),
        (f"{BELOW}/PN1", BELOW, "PN1"),
        (f"{BELOW}/a/name", BELOW, "a/name"),
        (BELOW, BELOW, BELOW),
        (ACCOUNT, ACCOUNT, ACCOUNT),
        (f"{ACCOUNT}/crm", ACCOUNT, "crm"),
        (f"x{BELOW}/PN1", ACCOUNT, f"x{BELOW}/PN1"),
        (f"{BELOW}/", ACCOUNT, f"{BELOW}/"),
    ],
)
def test_an_import_names_the_account_before_the_object(imported: str, sid: str, key: str) -> None:
    """The settings of an account are imported by its SID alone."""
    main = account()
    for asked in (main, main.below("AC" + "c" * 32)):
        found, found_key = asked.of_import(imported)
        assert (found.api.account_sid, found_key) == (sid, key)
    assert (found is main) is (sid == ACCOUNT)


def test_a_subaccount_is_one_object_that_shares_what_is_known() -> None:
    """Of the look-ups, the subaccounts and the connections; its numbers are its own."""
    main = account()
    below = main.at({"accountSid": wrap(BELOW)})
    assert below is main.below(BELOW) is below.at({"accountSid": wrap(BELOW)})
    assert main is main.at({}) is below.at({}) is below.at({"accountSid": wrap(ACCOUNT)})
    assert below.lookups is main.lookups
    assert isinstance(main.subaccounts, AccountDirectory)
    assert below.subaccounts is main.subaccounts is below.api.subaccounts
    assert below.numbers is not main.numbers
    assert (main.api.subaccounts, main.home["accountSid"], below.home["accountSid"]) == (None, ACCOUNT, BELOW)
    assert (main.api.account("X.json"), below.api.account("X.json")) == (
        f"/2010-04-01/Accounts/{ACCOUNT}/X.json",
        f"/2010-04-01/Accounts/{BELOW}/X.json",
    )


def test_one_url_may_replace_all_hosts() -> None:
    """For a sandbox; a slash at its end does not count."""
    assert account().api.host("voice") == "http://127.0.0.1:4720"
    assert account("").api.host("voice") == "https://voice.twilio.com"
    assert [account().api.signs_in_with(key) for key in (KEY, ACCOUNT)] == [True, False]
