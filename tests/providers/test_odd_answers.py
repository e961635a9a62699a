"""The providers' clients against answers that are not as documented: one sentence that names the API.

The servicer turns a ProviderError into what the engine prints; anything else would be a plugin's traceback.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, TypeVar

import pytest
from pulumi_provider_kit.cancellation import Cancellation
from pulumi_provider_kit.errors import ProviderError
from pulumi_supabase.client import ManagementApi
from pulumi_supabase.edge_function import live
from pulumi_supabase.migrations.database import Database
from pulumi_supabase.migrations.history import HISTORIES
from pulumi_twilio.client import Credentials, TwilioClient
from pulumi_twilio.numbers import NumberDirectory

from tests.unit.voicehooks.vendor_stub import (
    ACCOUNT,
    NUMBER,
    NUMBER_SID,
    ODD,
    REF,
    SLOW,
    TWILIO,
    Stub,
    Vendors,
    plain,
    running,
)

_Api = TypeVar("_Api", TwilioClient, ManagementApi)
_APPLICATION = f"/2010-04-01/Accounts/{ACCOUNT}/Applications/AP{'4' * 32}.json"
TWILIO_READS: dict[str, Callable[[TwilioClient], Awaitable[Any]]] = {
    "number": lambda api: NumberDirectory(api).find(NUMBER_SID),
    "number by E.164": lambda api: NumberDirectory(api).find(NUMBER),
    "numbers": lambda api: NumberDirectory(api).all(),
    "update": lambda api: NumberDirectory(api).update(NUMBER_SID, {"VoiceUrl": ""}),
    "application": lambda api: api.get(_APPLICATION),
    "countries": lambda api: api.get("/v1/DialingPermissions/Countries", host="voice"),
    "settings": lambda api: api.get("/v1/Voice/Settings", host="insights"),
}
SUPABASE_READS: dict[str, Callable[[ManagementApi], Awaitable[Any]]] = {
    "function": lambda api: live.find(api, REF, "twilio-webhook"),
    "project": lambda api: api.require_awake(REF),
    "secrets": lambda api: api.get(REF, "/secrets", "x"),
    "migrations": lambda api: Database(api, REF, HISTORIES["voicehooks"]).applied(),
}
# An empty list is as documented; where the project cannot be read, the operation itself reports why.
_NO_ERROR = {("secrets", "list"), ("migrations", "list"), ("project", "500 null"), ("project", "redirect")}


pytestmark = pytest.mark.usefixtures("quick_retries")


@pytest.fixture(scope="module")
def vendors() -> Iterator[Vendors]:
    """Stubs of both vendors."""
    with running() as found:
        yield found


def ask_twilio(stub: Stub, read: str, *, timeout: float = 30.0, attempts: int = 2) -> Any:
    """Read something of Twilio."""
    account = Credentials(ACCOUNT, ACCOUNT, "x")
    api = TwilioClient(
        account, Cancellation(), region="", edge="", base_url=stub.url, timeout=timeout, attempts=attempts
    )
    return asyncio.run(_read_once(api, TWILIO_READS[read]))


def ask_supabase(stub: Stub, read: str, *, timeout: float = 30.0, attempts: int = 2) -> Any:
    """Read something of Supabase."""
    api = ManagementApi("sbp_x", Cancellation(), url=stub.url, timeout=timeout, attempts=attempts)
    return asyncio.run(_read_once(api, SUPABASE_READS[read]))


async def _read_once(api: _Api, read: Callable[[_Api], Awaitable[Any]]) -> Any:
    try:
        return await read(api)
    finally:
        await api.close()


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("read", TWILIO_READS)
def test_twilio_is_named(vendors: Vendors, read: str, odd: str) -> None:
    """Nothing of such an answer is taken for a value."""
    vendors.twilio.odd = ODD[odd]
    with pytest.raises(ProviderError, match=r"Twilio|127\.0\.0\.1:\d+"):
        ask_twilio(vendors.twilio, read)


@pytest.mark.parametrize(
    ("read", "odd"), [(r, o) for r in SUPABASE_READS for o in ODD if (r, o) not in _NO_ERROR]
)
def test_supabase_is_named(vendors: Vendors, read: str, odd: str) -> None:
    """Nothing of such an answer is taken for a value."""
    vendors.supabase.odd = ODD[odd]
    with pytest.raises(ProviderError, match=r"Supabase|127\.0\.0\.1:\d+"):
        ask_supabase(vendors.supabase, read)


@pytest.mark.parametrize("odd", SLOW)
def test_an_answer_that_never_ends_is_given_up(vendors: Vendors, odd: str) -> None:
    """The time-out holds for the whole attempt, however many bytes still come."""
    vendors.twilio.odd = vendors.supabase.odd = SLOW[odd]
    with pytest.raises(ProviderError, match="did not answer in time"):
        ask_twilio(vendors.twilio, "number", timeout=0.2, attempts=1)
    with pytest.raises(ProviderError, match="did not answer in time"):
        ask_supabase(vendors.supabase, "function", timeout=0.2, attempts=1)


def test_a_number_without_its_urls_is_not_a_number_that_has_none(vendors: Vendors) -> None:
    """An absent field would be recorded as what the number had before, and restored as empty."""
    good = TWILIO[f"GET /2010-04-01/Accounts/{ACCOUNT}/IncomingPhoneNumbers/{NUMBER_SID}.json"]
    for field in (
        "voice_url",
        "voice_fallback_url",
        "status_callback",
        "voice_method",
        "voice_application_sid",
    ):
        body = {name: value for name, value in good.items() if name != field}
        vendors.twilio.odd = plain(200, json.dumps(body).encode())
        with pytest.raises(ProviderError, match=f"not as documented: {field}: field required"):
            ask_twilio(vendors.twilio, "number")


def test_good_answers_are_taken(vendors: Vendors) -> None:
    """The same reads with documented answers."""
    vendors.twilio.odd = vendors.supabase.odd = None
    for read in TWILIO_READS:
        ask_twilio(vendors.twilio, read)
    vendors.supabase.good[f"POST /v1/projects/{REF}/database/query"] = [
        {"version": "1", "name": "x", "sha256": "y"}
    ]
    for read in SUPABASE_READS:
        ask_supabase(vendors.supabase, read)
