"""What the program does about diverted numbers."""

from __future__ import annotations

from typing import Any

import pytest

from infra.diversions import open_questions
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
