"""What `voicehooks init` asks, what it does with an answer, and which secrets it never shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
import typer

from voicehooks.commands.init import answers, credentials, recognition
from voicehooks.commands.init.answers import Asker, Flags, Question
from voicehooks.commands.init.credential_checks import Addresses, CredentialCheck, TwilioKeys
from voicehooks.commands.init.credentials import Found, ask
from voicehooks.output.errors import CommandError
from voicehooks.stack.environment import TwilioAddress

ACCOUNT, KEY, REF, NUMBER = "AC" + "1" * 32, "SK" + "2" * 32, "a" * 20, "+15551234567"
TOKEN, SECRET, ACCESS = "3a" * 16, "x4" * 16, "sbp_" + "5" * 40
ADDRESSES = Addresses(TwilioAddress("", "", ""), "")
GIVEN = {
    "TWILIO_ACCOUNT_SID": ACCOUNT,
    "TWILIO_AUTH_TOKEN": TOKEN,
    "SUPABASE_PROJECT_REF": REF,
    "SUPABASE_ACCESS_TOKEN": ACCESS,
}


def flags(**given: Any) -> Flags:
    """A command line."""
    none = dict.fromkeys(("account_sid", "api_key", "project", "public_url", "state", "origin"))
    return Flags(**{**none, "numbers": (), "purposes": "", "page": "", "sandbox": False, **given})


@dataclass
class Vendors:
    """What the vendors refuse, each once or always, and what they were asked with, in order."""

    refused: list[str] = field(default_factory=list)
    always: bool = False
    tried: list[tuple[Any, ...]] = field(default_factory=list)
    numbers: list[dict[str, Any]] = field(
        default_factory=lambda: [{"phone_number": NUMBER, "friendly_name": "Sales"}]
    )

    def answer(self, what: str, *arguments: Any) -> list[CredentialCheck]:
        self.tried.append((what, *arguments))
        if what not in self.refused:
            return [CredentialCheck(what, found="fine")]
        if not self.always:
            self.refused.remove(what)
        return [CredentialCheck(what, refused="wrong")]


@pytest.fixture
def vendors(monkeypatch: pytest.MonkeyPatch) -> Vendors:
    """They accept everything; no variable gives an answer."""
    for name in (*GIVEN, "TWILIO_API_KEY", "TWILIO_API_SECRET"):
        monkeypatch.delenv(name, raising=False)
    found = Vendors()

    async def try_auth_token(keys: TwilioKeys, _: Addresses) -> list[CredentialCheck]:
        return found.answer("token", keys.account_sid, keys.auth_token)

    async def try_requests(
        keys: TwilioKeys, _: Addresses
    ) -> tuple[list[CredentialCheck], list[dict[str, Any]]]:
        asked = found.answer(
            "requests", keys.account_sid, keys.auth_token, keys.api_key_sid, keys.api_key_secret
        )
        return asked, found.numbers

    async def try_supabase(project: str, token: str, _: Addresses) -> list[CredentialCheck]:
        return found.answer("supabase", project, token)

    monkeypatch.setattr(credentials, "try_auth_token", try_auth_token)
    monkeypatch.setattr(credentials, "try_requests", try_requests)
    monkeypatch.setattr(credentials, "try_supabase", try_supabase)
    return found


@pytest.fixture
def given(vendors: Vendors, monkeypatch: pytest.MonkeyPatch) -> None:
    """Variables give everything that is needed."""
    for name, value in GIVEN.items():
        monkeypatch.setenv(name, value)


@dataclass
class Person:
    """Answers in order, each with the beginning of the question that it is for."""

    answers: list[tuple[str, str]] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)


@pytest.fixture
def person(monkeypatch: pytest.MonkeyPatch) -> Person:
    """Somebody at the terminal."""
    found = Person()

    def prompt(text: str, *, default: str | None, hide_input: bool, **_: Any) -> str:
        start, answer = found.answers.pop(0)
        assert text.startswith(start)
        if hide_input:
            found.hidden.append(text)
        return answer or default or ""

    monkeypatch.setattr("voicehooks.commands.init.answers.can_ask", lambda: True)
    monkeypatch.setattr(typer, "prompt", prompt)
    return found


def asked(known: dict[str, str] | None = None, **more: Any) -> Found:
    """Ask for everything."""
    return ask(Asker(), flags(**more), known or {}, ADDRESSES)


@pytest.mark.usefixtures("given")
def test_everything_given_is_tried_once(vendors: Vendors) -> None:
    """Without an API key the token makes the requests; the results are kept for the document."""
    found = asked(numbers=(NUMBER,))
    assert vendors.tried == [
        ("token", ACCOUNT, TOKEN),
        ("requests", ACCOUNT, TOKEN, "", ""),
        ("supabase", REF, ACCESS),
    ]
    assert found == Found(
        TwilioKeys(ACCOUNT, TOKEN, "", ""),
        REF,
        ACCESS,
        (NUMBER,),
        [CredentialCheck(what, found="fine") for what in ("token", "requests", "supabase")],
    )


@pytest.mark.usefixtures("given")
def test_an_api_key_makes_the_requests(vendors: Vendors, monkeypatch: pytest.MonkeyPatch) -> None:
    """With its secret, which without a key is not looked at."""
    monkeypatch.setenv("TWILIO_API_SECRET", SECRET)
    assert asked().keys == TwilioKeys(ACCOUNT, TOKEN, "", "")
    vendors.tried.clear()
    assert asked(api_key=KEY).keys == TwilioKeys(ACCOUNT, TOKEN, KEY, SECRET)
    assert vendors.tried[:2] == [("token", ACCOUNT, TOKEN), ("requests", ACCOUNT, TOKEN, KEY, SECRET)]


@pytest.mark.usefixtures("given")
def test_a_flag_takes_precedence_over_a_variable(vendors: Vendors) -> None:
    """And either over what an earlier run wrote down."""
    other, ref = "AC" + "9" * 32, "b" * 20
    known = {"twilio:accountSid": "AC" + "8" * 32, "voicehooks:supabaseProject": "c" * 20}
    found = asked(known, account_sid=other, project=f"https://{ref}.supabase.co")
    assert (found.keys.account_sid, found.project) == (other, ref)


def test_what_is_missing_is_named_at_once(vendors: Vendors) -> None:
    """With its option and its variable; the secret of a key only where there is a key."""
    with pytest.raises(CommandError) as refused:
        asked()
    for source in ("--account-sid or TWILIO_ACCOUNT_SID", "(TWILIO_AUTH_TOKEN)", "--project", *GIVEN):
        assert source in refused.value.why
    assert "TWILIO_API" not in refused.value.why
    with pytest.raises(CommandError) as refused:
        asked(api_key=KEY)
    assert "(TWILIO_API_SECRET)" in refused.value.why
    assert vendors.tried == []


@pytest.mark.usefixtures("given")
@pytest.mark.parametrize("what", ["token", "requests", "supabase"])
def test_a_refused_credential_is_an_error(vendors: Vendors, what: str) -> None:
    """The error names it; the others are tried too, except for requests with a token that was refused."""
    vendors.refused = [what]
    with pytest.raises(CommandError) as error:
        asked()
    assert error.value.why == f"{what}: wrong"
    tried = [row[0] for row in vendors.tried]
    assert tried == (["token", "supabase"] if what == "token" else ["token", "requests", "supabase"])


@pytest.mark.usefixtures("given")
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("account_sid", ACCOUNT + "1"),
        ("account_sid", "ac" + "1" * 32),
        ("api_key", "SK1"),
        ("project", "a" * 19),
        ("numbers", ("+15550000001",)),
        ("numbers", (NUMBER, "5551234567")),
    ],
)
def test_an_answer_of_another_form_is_an_error(
    vendors: Vendors, name: str, value: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not repeated, since it may be a secret."""
    monkeypatch.setenv("TWILIO_API_SECRET", SECRET)
    with pytest.raises(CommandError) as error:
        asked(**{name: value})
    assert error.value.what.endswith("is not valid")
    assert name == "numbers" or value not in str(error.value)


@pytest.mark.usefixtures("given")
def test_an_account_without_numbers(vendors: Vendors) -> None:
    """There is nothing to name; a number that is named all the same is none of the account's."""
    vendors.numbers = []
    assert asked().numbers == ()
    with pytest.raises(CommandError, match=r"\+15551234567 is not a number of this account"):
        asked(numbers=(NUMBER,))


def test_a_refused_credential_is_asked_for_again(
    vendors: Vendors, person: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    """Until it is accepted; Enter keeps an answer. Secrets are typed without an echo and never printed."""
    vendors.refused = ["token", "requests", "supabase"]
    vendors.numbers = [{"phone_number": f"+1555123{n:04}", "friendly_name": f"Line {n}"} for n in range(22)]
    person.answers = [
        ("Twilio account SID", f"https://console.twilio.com/{ACCOUNT}/"),
        ("Twilio auth token", "wrong"),
        ("Twilio account SID", ""),
        ("Twilio auth token (Enter", TOKEN),
        ("API key", KEY),
        ("API key secret", SECRET),
        ("API key", ""),
        ("API key secret (Enter", ""),
        ("Supabase project", REF),
        ("Supabase access token", ACCESS),
        ("Supabase project", ""),
        ("Supabase access token (Enter", ""),
        ("Phone numbers", "+1 (555) 123-0003, +15551230004"),
    ]
    found = asked()
    assert found.keys == TwilioKeys(ACCOUNT, TOKEN, KEY, SECRET)
    assert found.numbers == ("+15551230003", "+15551230004")
    assert [row[1:] for row in vendors.tried if row[0] == "token"] == [(ACCOUNT, "wrong"), (ACCOUNT, TOKEN)]
    assert [what.partition(" (")[0] for what in person.hidden] == [
        "Twilio auth token",
        "Twilio auth token",
        "API key secret",
        "API key secret",
        "Supabase access token",
        "Supabase access token",
    ]
    assert [check.what for check in found.checks] == ["token", "requests", "supabase"]
    out, err = capsys.readouterr()
    assert out == ""
    assert not any(secret in err for secret in (TOKEN, SECRET, ACCESS))
    assert ("+15551230019" in err, "+15551230020" in err, "2 more" in err) == (True, False, True)


def test_a_key_can_be_left_out(vendors: Vendors, person: Person, capsys: pytest.CaptureFixture[str]) -> None:
    """An empty answer; numbers too. The sandbox's token is enough, so that a rehearsal does not ask."""
    known = {
        "twilio:accountSid": ACCOUNT,
        "voicehooks:supabaseProject": REF,
        "supabase:accessToken": ACCESS,
        "twilio:authToken": TOKEN,
    }
    person.answers = [("Phone numbers", "")]
    assert asked(known).numbers == ()
    del known["twilio:authToken"]
    person.answers = [("Twilio auth token", TOKEN), ("API key", ""), ("Phone numbers", "")]
    assert asked(known).keys == TwilioKeys(ACCOUNT, TOKEN, "", "")
    assert person.answers == []
    assert "more" not in capsys.readouterr().err


QUESTION = Question("Place", "--place", "PLACE")
SHORT = "it is too short"


def _short(answer: str) -> str:
    return SHORT if len(answer) < 3 else ""


def test_an_objection_is_said_and_the_question_asked_again(
    person: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    """A given answer too; a default is checked as any other."""
    person.answers = [("Place", "ab"), ("Place", ""), ("Place", " abc ")]
    assert Asker().ask(QUESTION, "a", _short, default="x") == "abc"
    assert capsys.readouterr().err.count(SHORT) == 3


def test_what_may_be_a_secret_is_not_used_or_shown(
    person: Person, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A token that was pasted into a question whose answer is shown: its line goes from the screen."""
    forgotten: list[bool] = []
    monkeypatch.setattr(answers, "forget_last_line", lambda: forgotten.append(True))
    person.answers = [("Place", ACCESS), ("Place", "home")]
    assert Asker().ask(QUESTION, "") == "home"
    err = capsys.readouterr().err
    assert ("Place: ****" in err, ACCESS in err, forgotten) == (True, False, [True])
    # What a check knows as right is an answer, and so is a hidden one.
    person.answers = [("Place", ACCESS), ("Token", TOKEN)]
    assert Asker().ask(QUESTION, "", _short) == ACCESS
    assert Asker().ask(Question("Token", "", "", hidden=True), "") == TOKEN
    assert forgotten == [True]


@pytest.mark.parametrize(("terminal", "removed"), [("xterm", "\x1b[1A\x1b[2K"), ("dumb", ""), ("", "")])
def test_the_last_line_is_removed_where_the_terminal_can(
    terminal: str, removed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On the terminal itself, not on standard output."""
    written: list[str] = []

    def echo(text: str, *, err: bool, nl: bool) -> None:
        assert err
        assert not nl
        written.append(text)

    monkeypatch.setattr(typer, "echo", echo)
    monkeypatch.delenv("TERM", raising=False)
    if terminal:
        monkeypatch.setenv("TERM", terminal)
    answers.forget_last_line()
    assert "".join(written) == removed


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        (TOKEN, True),
        ("a1" * 16, True),
        (ACCESS, True),
        ("pul-" + "1a" * 20, True),
        ("1" * 21, False),  # a phone number, however long
        ("a1" * 10, False),
        ("a1" * 10 + "b", True),
        ("a" * 32, False),
        (ACCOUNT, False),
        (KEY, False),
        (REF, False),
        ("https://a1.example.com/some/long/path", False),
        ("https://u:p1@crm.example.com/long", True),
        ("https://crm.example.com/?token=1abcdef", True),
        ("two words 11111111111111", False),
    ],
)
def test_what_may_be_a_secret(text: str, secret: bool) -> None:
    """Long, with a digit, and no identifier, address or number that init itself asks for."""
    assert recognition.looks_secret(text) == secret
