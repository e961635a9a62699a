"""Errors, credentials, limits and headers of the REST API."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import httpx
import pytest
from starlette.responses import Response
from voicehooks_sandbox.twilio.applications.models import KIND

from tests.sandbox.twilio.receiver import HOOK, Receiver
from tests.sandbox.twilio.sandbox_client import Sandbox

pytestmark = pytest.mark.anyio
AC = "AC" + "5a4db0c5" * 4
TOKEN = "a0704e4e" * 4
ACCOUNT = f"/2010-04-01/Accounts/{AC}"
NUMBERS = f"{ACCOUNT}/IncomingPhoneNumbers.json"


def client(sandbox: Sandbox, auth: Any = None) -> Any:
    """A client with other credentials."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(sandbox.app), base_url="http://t", auth=auth)


async def test_the_error_body(sandbox: Sandbox) -> None:
    """code, message, more_info, status."""
    path = f"{ACCOUNT}/Calls/CA{'0' * 32}.json"
    response = await sandbox.get(path)
    assert response.status_code == 404
    assert response.json() == {
        "code": 20404,
        "message": f"The requested resource {path} was not found",
        "more_info": "https://www.twilio.com/docs/errors/20404",
        "status": 404,
    }


@pytest.mark.parametrize(
    "auth", [None, (AC, "wrong"), ("AC" + "0" * 32, TOKEN), ("SK" + "0" * 32, "x"), ("", "")]
)
async def test_bad_credentials_are_20003_with_a_detail(sandbox: Sandbox, auth: Any) -> None:
    """401, whatever is wrong with them."""
    async with client(sandbox, auth) as stranger:
        response = await stranger.get(NUMBERS)
    assert response.status_code == 401
    assert response.json() == {
        "code": 20003,
        "detail": "",
        "message": "Authenticate",
        "more_info": "https://www.twilio.com/docs/errors/20003",
        "status": 401,
    }


async def test_other_schemes_and_garbage_are_20003(sandbox: Sandbox) -> None:
    """Bearer tokens and undecodable credentials too."""
    async with client(sandbox) as stranger:
        for header in ("Bearer x", "Basic ???", "Basic /w=="):
            assert (await stranger.get(NUMBERS, headers={"Authorization": header})).status_code == 401


async def test_headers_of_an_answer(sandbox: Sandbox) -> None:
    """Request id, concurrency, duration, region; also on errors."""
    for path in (NUMBERS, f"{ACCOUNT}/Calls/CAx.json"):
        headers = (await sandbox.get(path)).headers
        assert re.fullmatch(r"RQ[0-9a-f]{32}", headers["twilio-request-id"])
        assert headers["twilio-concurrent-requests"] == "1"
        assert float(headers["twilio-request-duration"]) >= 0
        assert headers["x-home-region"] == "us1"


async def test_api_keys(sandbox: Sandbox) -> None:
    """A main key may do everything, a standard one not /Accounts."""
    main = await sandbox.control("POST", "/api-keys", {"type": "main"})
    standard = await sandbox.control("POST", "/api-keys", {})
    async with client(sandbox, (main["sid"], main["secret"])) as user:
        assert (await user.get(f"{ACCOUNT}.json")).status_code == 200
    async with client(sandbox, (standard["sid"], standard["secret"])) as user:
        assert (await user.get(NUMBERS)).status_code == 200
        refused = await user.get(f"{ACCOUNT}.json")
        assert (refused.status_code, refused.json()["code"]) == (401, 20003)
    async with client(sandbox, (standard["sid"], "wrong")) as user:
        assert (await user.get(NUMBERS)).status_code == 401


async def test_restricted_api_keys(sandbox: Sandbox) -> None:
    """Only what their permissions say; the refusal names the one that is missing."""
    body = {"type": "restricted", "permissions": ["/twilio/phone-numbers/incoming/list"]}
    key = await sandbox.control("POST", "/api-keys", body)
    async with client(sandbox, (key["sid"], key["secret"])) as user:
        listed = await user.get(NUMBERS)
        sid = listed.json()["incoming_phone_numbers"][0]["sid"]
        refused = await user.post(f"{ACCOUNT}/IncomingPhoneNumbers/{sid}.json", data={"VoiceUrl": ""})
    assert (listed.status_code, refused.status_code) == (200, 403)
    assert "/twilio/phone-numbers/incoming/update" in refused.json()["message"]


async def test_api_keys_cannot_sign(sandbox: Sandbox) -> None:
    """Requests about calls are signed with the account's token, even if an API key created the call."""
    key = await sandbox.control("POST", "/api-keys", {})
    assert key["secret"] != sandbox.emulator.auth_token(AC)


async def test_above_the_concurrency_limit_is_20429_and_nothing_was_done(sandbox: Sandbox) -> None:
    """429 for what is too much; those within the limit are served."""
    await sandbox.control("POST", "/account", {"concurrencyLimit": 3, "requestSeconds": 0.05})
    answers = await asyncio.gather(
        *(sandbox.post(f"{ACCOUNT}/Applications.json", FriendlyName=f"app {n}") for n in range(8))
    )
    codes = sorted(a.status_code for a in answers)
    assert codes == [201] * 3 + [429] * 5
    refused = next(a for a in answers if a.status_code == 429)
    assert (refused.json()["code"], refused.json()["message"]) == (20429, "Too Many Requests")
    assert "retry-after" not in refused.headers
    await sandbox.control("POST", "/account", {"concurrencyLimit": None})
    assert len((await sandbox.get(f"{ACCOUNT}/Applications.json")).json()["applications"]) == 3


async def test_ordered_rest_faults(sandbox: Sandbox) -> None:
    """Errors, 429 and delays, for as many requests as ordered, nothing done meanwhile."""
    await sandbox.control(
        "POST",
        "/faults",
        [
            {
                "fault": "rest-error",
                "status": 503,
                "code": 20503,
                "message": "Service unavailable",
                "times": 1,
                "method": "POST",
            },
            {"fault": "too-many-requests", "times": 1, "path": "/Applications"},
            {"fault": "rest-delay", "seconds": 0.01, "times": 1},
        ],
    )
    first = await sandbox.post(f"{ACCOUNT}/Applications.json")
    second = await sandbox.get(f"{ACCOUNT}/Applications.json")
    third = await sandbox.get(f"{ACCOUNT}/Applications.json")
    assert [r.status_code for r in (first, second, third)] == [503, 429, 200]
    assert (first.json()["code"], third.json()["applications"]) == (20503, [])
    assert (await sandbox.control("GET", "/faults"))["faults"] == []


async def test_a_rotated_token(sandbox: Sandbox) -> None:
    """The old token is refused, the new one works; a secondary one works beside the primary."""
    await sandbox.control("POST", "/account", {"secondaryAuthToken": "s" * 32})
    async with client(sandbox, (AC, "s" * 32)) as user:
        assert (await user.get(NUMBERS)).status_code == 200
    await sandbox.control("POST", "/account", {"authToken": "n" * 32})
    assert (await sandbox.get(NUMBERS)).json()["code"] == 20003
    async with client(sandbox, (AC, "n" * 32)) as user:
        assert (await user.get(f"{ACCOUNT}.json")).json()["auth_token"] == "n" * 32


async def test_a_suspended_account(sandbox: Sandbox, receiver: Receiver) -> None:
    """Its resources are closed, its status readable; calls to it ask nobody."""
    await sandbox.configure(VoiceUrl=receiver.twiml("/voice", "<Response/>"))
    await sandbox.control("POST", "/account", {"status": "suspended"})
    refused = await sandbox.get(NUMBERS)
    assert (refused.status_code, refused.json()["code"]) == (403, 20005)
    assert (await sandbox.get(f"{ACCOUNT}.json")).json()["status"] == "suspended"
    assert (await sandbox.call_in())["status"] == "failed"
    assert receiver.requests == []


async def test_a_trial_account_calls_verified_numbers_only(sandbox: Sandbox) -> None:
    """21219, until the number is verified."""
    await sandbox.control("POST", "/account", {"type": "Trial"})
    order = {"To": "+15557654321", "From": "+15551234567", "Twiml": "<Response/>"}
    refused = await sandbox.post(f"{ACCOUNT}/Calls.json", data=order)
    assert (refused.status_code, refused.json()["code"]) == (400, 21219)
    await sandbox.control("POST", "/account", {"verifiedNumbers": ["+15557654321"]})
    assert (await sandbox.post(f"{ACCOUNT}/Calls.json", data=order)).status_code == 201


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", f"{ACCOUNT}/Messages.json"),
        ("POST", "/v2/Services"),
        ("GET", "/v1/Conferences"),
        ("GET", f"{ACCOUNT}/Usage/Records.json"),
    ],
)
async def test_what_is_not_emulated_answers_501_and_names_itself(
    sandbox: Sandbox, method: str, path: str
) -> None:
    """Never a silent 200."""
    response = await sandbox.client.request(method, path)
    assert response.status_code == 501
    assert f"{method} {path}" in response.json()["message"]


async def test_a_method_that_a_path_does_not_take_is_405(sandbox: Sandbox) -> None:
    """PUT and PATCH update nothing."""
    number = await sandbox.number()
    for method in ("PUT", "PATCH"):
        response = await sandbox.client.request(
            method, (f"{ACCOUNT}/IncomingPhoneNumbers/{number['sid']}.json")
        )
        assert (response.status_code, response.json()["code"]) == (405, 20004)


async def test_accounts_and_balance(sandbox: Sandbox) -> None:
    """Status, type, token and balance; subaccounts are listed beside their owner."""
    account = (await sandbox.get(f"{ACCOUNT}.json")).json()
    assert (account["status"], account["type"], account["auth_token"]) == ("active", "Full", TOKEN)
    sub = (await sandbox.post("/2010-04-01/Accounts.json", FriendlyName="Branch")).json()
    assert (sub["friendly_name"], sub["owner_account_sid"]) == ("Branch", AC)
    listed = (await sandbox.get("/2010-04-01/Accounts.json", FriendlyName="Branch")).json()["accounts"]
    assert [a["sid"] for a in listed] == [sub["sid"]]
    closed = await sandbox.post(f"/2010-04-01/Accounts/{sub['sid']}.json", Status="closed")
    assert closed.json()["status"] == "closed"
    balance = (await sandbox.get(f"{ACCOUNT}/Balance.json")).json()
    assert balance == {"account_sid": AC, "balance": "100.00", "currency": "USD"}


async def test_a_subaccount_cannot_reach_its_owner(sandbox: Sandbox) -> None:
    """Only the other way round."""
    sub = (await sandbox.post("/2010-04-01/Accounts.json")).json()
    async with client(sandbox, (sub["sid"], sub["auth_token"])) as user:
        assert (await user.get(NUMBERS)).status_code == 404
        assert (await user.get(NUMBERS.replace(AC, sub["sid"]))).json()["incoming_phone_numbers"] == []


async def test_a_closed_account_releases_its_numbers_for_ever(sandbox: Sandbox) -> None:
    """Error 21479 says that it is not reopened; a suspended one is, and keeps its numbers."""
    sub = (await sandbox.post("/2010-04-01/Accounts.json")).json()
    await sandbox.control("POST", "/numbers", {"phone_numbers": ["+15557770000"], "account_sid": sub["sid"]})
    path, numbers = f"/2010-04-01/Accounts/{sub['sid']}.json", NUMBERS.replace(AC, sub["sid"])
    await sandbox.post(path, Status="suspended")
    assert (await sandbox.get(numbers)).json()["code"] == 20005
    await sandbox.post(path, Status="active")
    assert len((await sandbox.get(numbers)).json()["incoming_phone_numbers"]) == 1
    await sandbox.post(path, Status="closed")
    refused = await sandbox.post(path, Status="active")
    assert (refused.status_code, refused.json()["code"]) == (400, 21479)
    bought = await sandbox.post(NUMBERS, PhoneNumber="+15557770000")
    assert bought.status_code == 201


async def test_a_subaccount_has_no_subaccounts(sandbox: Sandbox) -> None:
    """Error 21101."""
    sub = (await sandbox.post("/2010-04-01/Accounts.json")).json()
    async with client(sandbox, (sub["sid"], sub["auth_token"])) as user:
        refused = await user.post("/2010-04-01/Accounts.json")
        assert (refused.status_code, refused.json()["code"]) == (400, 21101)


async def test_a_key_does_not_open_a_subaccount(sandbox: Sandbox) -> None:
    """Twilio docs, Subaccounts: access with the main account's API keys is denied."""
    sub = (await sandbox.post("/2010-04-01/Accounts.json")).json()
    key = (await sandbox.post(f"{ACCOUNT}/Keys.json")).json()
    async with client(sandbox, (key["sid"], key["secret"])) as user:
        assert (await user.get(NUMBERS)).status_code == 200
        assert (await user.get(NUMBERS.replace(AC, sub["sid"]))).status_code == 401


# --- Applications


async def test_an_application_needs_nothing(sandbox: Sandbox) -> None:
    """All fields are optional; unset URLs are null."""
    response = await sandbox.post(f"{ACCOUNT}/Applications.json")
    assert (response.status_code, response.json()["voice_url"], response.json()["voice_method"]) == (
        201,
        None,
        "POST",
    )


async def test_an_application_is_updated_in_part_and_cleared(sandbox: Sandbox) -> None:
    """As a number is."""
    body = {
        "FriendlyName": "Voice",
        "VoiceUrl": "https://a.example/v",
        "StatusCallback": "https://a.example/s",
    }
    app = (await sandbox.post(f"{ACCOUNT}/Applications.json", data=body)).json()
    path = f"{ACCOUNT}/Applications/{app['sid']}.json"
    assert (await sandbox.post(path, VoiceMethod="GET")).json()["voice_url"] == "https://a.example/v"
    assert not (await sandbox.post(path, VoiceUrl="")).json()["voice_url"]
    assert (await sandbox.get(path)).json()["status_callback"] == "https://a.example/s"
    refused = await sandbox.post(path, VoiceUrl="nonsense")
    assert (refused.status_code, refused.json()["code"]) == (400, 21402)
    listed = (await sandbox.get(f"{ACCOUNT}/Applications.json", FriendlyName="Voice")).json()["applications"]
    assert [a["sid"] for a in listed] == [app["sid"]]


async def test_deleting_an_application_in_use_takes_it_out_of_its_numbers(sandbox: Sandbox) -> None:
    """204, and the numbers fall back to their own URLs."""
    app = (await sandbox.post(f"{ACCOUNT}/Applications.json")).json()["sid"]
    await sandbox.configure(VoiceUrl="https://a.example/own", VoiceApplicationSid=app)
    assert (await sandbox.delete(f"{ACCOUNT}/Applications/{app}.json")).status_code == 204
    number = await sandbox.number()
    assert (number["voice_application_sid"], number["voice_url"]) == ("", "https://a.example/own")
    assert (await sandbox.get(f"{ACCOUNT}/Applications/{app}.json")).status_code == 404


async def test_an_account_has_at_most_1000_applications(sandbox: Sandbox) -> None:
    """The next one is refused."""
    first = (await sandbox.post(f"{ACCOUNT}/Applications.json")).json()["sid"]
    template = sandbox.emulator.applications.find(first)
    sandbox.emulator.store.add(KIND, [{**template, "sid": f"AP{n:032d}"} for n in range(999)])
    assert (await sandbox.post(f"{ACCOUNT}/Applications.json")).status_code == 400


async def test_a_refusal_asks_for_credentials(sandbox: Sandbox) -> None:
    """Clients that send credentials only when they are asked see the challenge (RFC 7617)."""
    async with client(sandbox) as stranger:
        refused = await stranger.get(NUMBERS)
    assert refused.headers["www-authenticate"] == 'Basic realm="Twilio API"'
    assert refused.headers["content-type"] == "application/json;charset=utf-8"
    assert (await sandbox.get(NUMBERS)).headers["content-type"] == "application/json;charset=utf-8"


async def test_a_restricted_key_hears_that_a_path_is_not_emulated(sandbox: Sandbox) -> None:
    """501 whatever the key may do; there is no permission that it could lack."""
    key = await sandbox.control("POST", "/api-keys", {"type": "restricted", "permissions": []})
    async with client(sandbox, (key["sid"], key["secret"])) as user:
        assert (await user.get(f"{ACCOUNT}/Usage/Records.json")).status_code == 501


@pytest.mark.parametrize(
    "query",
    [
        {"Page": "9" * 19},
        {"Page": "9" * 19, "PageToken": "PAx"},
        {"PageSize": "9" * 30},
        {"Page": "999"},
        {"PageToken": "junk"},
        {"Page": "²"},
    ],
)
@pytest.mark.parametrize(
    "path", [NUMBERS, f"{ACCOUNT}/Calls.json", "/v1/Alerts", "/v1/DialingPermissions/Countries"]
)
async def test_pages_that_no_list_has_are_refused(sandbox: Sandbox, query: Any, path: str) -> None:
    """400 and a code; a page other than the first is named by a token (twilio-python, issue 395)."""
    response = await sandbox.get(path, **query)
    assert (response.status_code, response.json()["code"]) in {(400, 20001), (400, 20007)}


async def test_numbers_by_type_and_what_would_buy_one(sandbox: Sandbox) -> None:
    """Each type has a list; buying in one is not emulated, and neither is verifying a caller ID."""
    await sandbox.control("POST", "/numbers", {"phone_numbers": ["+18005550199"]})
    found = {}
    for name in ("Local", "Mobile", "TollFree"):
        body = (await sandbox.get(f"{ACCOUNT}/IncomingPhoneNumbers/{name}.json")).json()
        found[name] = [number["phone_number"] for number in body["incoming_phone_numbers"]]
        bought = await sandbox.post(f"{ACCOUNT}/IncomingPhoneNumbers/{name}.json", PhoneNumber="+15005550006")
        assert (bought.status_code, f"IncomingPhoneNumbers/{name}" in bought.json()["message"]) == (501, True)
    assert found == {
        "Local": ["+15551234567", "+15551234568", "+15551234569"],
        "Mobile": [],
        "TollFree": ["+18005550199"],
    }
    assert (
        await sandbox.post(f"{ACCOUNT}/OutgoingCallerIds.json", PhoneNumber="+15005550006")
    ).status_code == 501


async def test_a_key_that_is_created_authenticates_until_it_is_deleted(sandbox: Sandbox) -> None:
    """The secret is in the answer to the creation only (Twilio docs, "API keys")."""
    created = (await sandbox.post(f"{ACCOUNT}/Keys.json", FriendlyName="cli")).json()
    path = f"{ACCOUNT}/Keys/{created['sid']}.json"
    assert (await sandbox.get(path)).json() == {name: created[name] for name in created if name != "secret"}
    assert (await sandbox.post(path, FriendlyName="other")).json()["friendly_name"] == "other"
    async with client(sandbox, (created["sid"], created["secret"])) as user:
        assert (await user.get(NUMBERS)).status_code == 200
        assert (await user.get(f"{ACCOUNT}/Keys.json")).status_code == 401  # a standard key manages no keys
        assert [key["sid"] for key in (await sandbox.get(f"{ACCOUNT}/Keys.json")).json()["keys"]] == [
            created["sid"]
        ]
        assert (await sandbox.delete(path)).status_code == 204
        assert (await user.get(NUMBERS)).status_code == 401


async def test_a_search_offers_numbers_that_can_be_bought(sandbox: Sandbox) -> None:
    """By area code and digits, in the United States (Twilio docs, "AvailablePhoneNumber Local resource")."""
    base = f"{ACCOUNT}/AvailablePhoneNumbers"
    search = await sandbox.get(f"{base}/US/Local.json", AreaCode="415", Contains="**7", PageSize=3)
    offered = [item["phone_number"] for item in search.json()["available_phone_numbers"]]
    assert len(offered) == 3
    assert all(re.fullmatch(r"\+1415[0-9]{7}", number) and "7" in number for number in offered)
    assert (await sandbox.post(NUMBERS, PhoneNumber=offered[0])).status_code == 201
    again = await sandbox.get(f"{base}/US/Local.json", AreaCode="415", Contains="**7", PageSize=3)
    assert offered[0] not in [item["phone_number"] for item in again.json()["available_phone_numbers"]]
    free = (await sandbox.get(f"{base}/US/TollFree.json", AreaCode="888")).json()["available_phone_numbers"]
    assert {item["phone_number"][:5] for item in free} == {"+1888"}
    assert (await sandbox.get(f"{base}/FR/Local.json")).status_code == 404
    assert (await sandbox.get(f"{base}/US/Local.json", AreaCode="x")).status_code == 400


@pytest.mark.parametrize("to", ["(555) 000-1111", "5550001111", "1-555-000-1111", "+1 555 000 1111"])
async def test_us_numbers_need_no_country_code(sandbox: Sandbox, to: str) -> None:
    """US numbers without a country code, formatted or not (Twilio docs, "Make outbound phone calls")."""
    call = await sandbox.order(To=to, Twiml="<Response/>")
    assert call["to"] == "+15550001111"


async def test_messages_are_not_emulated(sandbox: Sandbox) -> None:
    """501 that names the operation; no message is claimed to be sent."""
    refused = await sandbox.post(f"{ACCOUNT}/Messages.json", To="+15550001111", From="+15551234567", Body="x")
    assert refused.status_code == 501
    assert f"POST {ACCOUNT}/Messages.json" in refused.json()["message"]


async def test_the_accounts_notifications_are_those_of_its_calls(sandbox: Sandbox, receiver: Receiver) -> None:
    """The account's list has every alert, in the shape of the API 2010-04-01."""
    await sandbox.configure(VoiceUrl=f"{HOOK}/missing")
    receiver.answers["/missing"] = Response("no", 404)
    call = await sandbox.call_in()
    (listed,) = (await sandbox.get(f"{ACCOUNT}/Notifications.json")).json()["notifications"]
    assert (listed["call_sid"], listed["error_code"]) == (call["sid"], "11200")
    assert (await sandbox.get(f"{ACCOUNT}/Notifications/{listed['sid']}.json")).json()["sid"] == listed["sid"]


@pytest.mark.parametrize("resource", ["Calls", "Conferences"])
async def test_a_status_that_no_resource_has_is_refused(sandbox: Sandbox, resource: str) -> None:
    """As a filter of a list; an empty list would hide the mistake."""
    refused = await sandbox.get(f"{ACCOUNT}/{resource}.json", Status="nonsense")
    assert (refused.status_code, refused.json()["code"]) == (400, 20001)
    assert (await sandbox.get(f"{ACCOUNT}/{resource}.json", Status="completed")).status_code == 200
