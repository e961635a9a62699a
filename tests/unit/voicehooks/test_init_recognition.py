"""What init finds in what was pasted from a console or an address bar."""

from __future__ import annotations

import pytest

from voicehooks.commands.init import recognition

REF = "abcdefghijklmnopqrst"
SID = "0123456789abcdef" * 2


@pytest.mark.parametrize(
    "pasted",
    [
        REF,
        f"https://{REF}.supabase.co",
        f"https://{REF}.supabase.in/rest/v1",
        f"db.{REF}.supabase.co",
        f"https://supabase.com/dashboard/project/{REF}/settings/api",
    ],
)
def test_a_projects_reference(pasted: str) -> None:
    """In the URL of its API or database, or in a link of the dashboard."""
    assert recognition.project_ref(pasted) == REF


@pytest.mark.parametrize("pasted", ["my project", f"https://{REF}.example.com"])
def test_what_is_no_reference_stays(pasted: str) -> None:
    """The check that follows says what is wrong with it."""
    assert recognition.project_ref(pasted) == pasted


def test_sids() -> None:
    """In a line that was copied with its label; two different ones are not guessed between."""
    assert recognition.account_sid(f"Account SID: AC{SID}") == f"AC{SID}"
    assert recognition.api_key_sid(f"SID SK{SID} (Main)") == f"SK{SID}"
    two = f"AC{SID} AC{'9' * 32}"
    assert recognition.account_sid(two) == two


def test_phone_numbers() -> None:
    """However they are punctuated and separated."""
    pasted = "+1 (555) 123-4567, +1.555.123.4568; +15551234569\n+44 20 7183 8750 +15551234570"

    assert recognition.phone_numbers(pasted) == (
        "+15551234567,+15551234568,+15551234569,+442071838750,+15551234570"
    )


@pytest.mark.parametrize(
    ("pasted", "origin"),
    [
        ("https://crm.example.com/leads?x=1", "https://crm.example.com"),
        ("http://localhost:8080/", "http://localhost:8080"),
        ("crm.example.com", "https://crm.example.com"),
        ("https://u:p@crm.example.com", "https://u:p@crm.example.com"),
        ("", ""),
    ],
)
def test_the_origin_of_a_page(pasted: str, origin: str) -> None:
    """Scheme, host and port; credentials in it are not silently dropped."""
    assert recognition.origin(pasted) == origin
