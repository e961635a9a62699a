"""What the program does about diverted numbers."""

from __future__ import annotations

from typing import Any

import pytest

from infra.diversions import Diversion, open_questions
from infra.number_settings import NumberSettings
from infra.settings import Settings
from infra.settings_errors import SettingsError
from infra.settings_parser import parse

NUMBER = "+15551234567"


def settings(**diverted: Any) -> Settings:
    """An environment with one number, diverted."""
    config = {
        "twilio:accountSid": "AC1",
        "twilio:authToken": "x",
        "supabase:accessToken": "x",
        "voicehooks:supabaseProject": "abcdefghijklmnopqrst",
        "voicehooks:numbers": {NUMBER: {}},
        "voicehooks:diverted": {NUMBER: diverted},
    }
    return parse(config, {}, stack="dev")


def test_undecided_number_stops_the_program() -> None:
    """Who, where to, since when, and both commands."""
    made = settings(to="https://a.example", by="ana", since="2026-11-24T10:00:00Z")
    assert open_questions(made.diverted, "dev") == (
        f"{NUMBER} was diverted to https://a.example by ana at 2026-11-24T10:00:00Z; undo it with: "
        f"voicehooks divert {NUMBER} --undo --stack dev, or deploy everything else and keep it diverted with: "
        f"voicehooks divert {NUMBER} --keep --stack dev"
    )


def test_each_undecided_number_is_named() -> None:
    """One line for each, also if nobody knows since when and by whom; those that are kept are not named."""
    text = open_questions(
        {
            "+15550000001": Diversion(to="https://a.example"),
            "+15550000002": Diversion(to="https://b.example", keep=True),
            "+15550000003": Diversion(to="https://c.example", since="2026-11-24T10:00:00Z"),
        },
        "dev",
    )
    first, last = text.splitlines()
    assert first.startswith("+15550000001 was diverted to https://a.example; undo")
    assert last.startswith("+15550000003 was diverted to https://c.example at 2026-11-24T10:00:00Z; undo")


def test_record_of_a_diversion() -> None:
    """Only the URL is needed; calls are sent there by POST, and nothing is known of what was there before."""
    diversion = settings(to="https://a.example").diverted[NUMBER]
    assert (diversion.method, diversion.keep) == ("POST", False)
    before = diversion.before
    assert (before.voice_url, before.voice_method, before.voice_application_sid) == ("", "POST", "")


def test_kept_number_asks_nothing() -> None:
    """Somebody has decided."""
    assert open_questions(settings(to="https://a.example", keep=True).diverted, "dev") == ""


def test_diverted_number_has_a_url_of_its_own() -> None:
    """It is deployed with that URL, and so leaves a shared app; others stay as they are."""
    own = NumberSettings(answer=True).with_diversion(settings(to="https://a.example").diverted[NUMBER])
    assert own.voice_url == "https://a.example"
    assert "voice_url" in own.model_fields_set
    untouched = NumberSettings(answer=True)
    assert untouched.with_diversion(None) is untouched


def test_mistake_in_an_entry_names_the_key() -> None:
    """As with every other setting."""
    with pytest.raises(SettingsError, match=r"voicehooks:diverted\[\"\+15551234567\"\]"):
        settings(to="https://a.example", kept=True)
