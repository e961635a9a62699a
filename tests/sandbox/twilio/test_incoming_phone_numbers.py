"""IncomingPhoneNumbers: shapes, partial updates, clearing, precedence, lists."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.twilio.sandbox_client import Sandbox

pytestmark = pytest.mark.anyio
AC = "AC" + "5a4db0c5" * 4
LIST = f"/2010-04-01/Accounts/{AC}/IncomingPhoneNumbers.json"


def one(sid: Any) -> Any:
    """The path of a number."""
    return f"/2010-04-01/Accounts/{AC}/IncomingPhoneNumbers/{sid}.json"


async def test_list_shows_the_stocked_numbers_in_the_given_order(sandbox: Sandbox) -> None:
    """A new account owns the numbers it was started with."""
    body = (await sandbox.get(LIST)).json()
    assert [n["phone_number"] for n in body["incoming_phone_numbers"]] == [
        "+15551234567",
        "+15551234568",
        "+15551234569",
    ]
    assert (body["page"], body["start"], body["end"], body["next_page_uri"]) == (0, 0, 2, None)


async def test_read_has_all_35_keys_with_unset_shown_as_null_or_empty(sandbox: Sandbox) -> None:
    """Unset is not uniform: some fields are null, some are empty strings."""
    number = (await sandbox.get(one((await sandbox.number())["sid"]))).json()
    assert len(number) == 35
    assert (number["voice_url"], number["status_callback"]) == (None, "")
    assert number["friendly_name"] == "(555) 123-4567"


async def test_update_is_partial(sandbox: Sandbox) -> None:
    """Parameters that are left out are left alone."""
    await sandbox.configure(VoiceUrl="https://a.example/v", StatusCallback="https://a.example/s")
    number = await sandbox.configure(VoiceMethod="GET")
    assert (number["voice_url"], number["voice_method"]) == ("https://a.example/v", "GET")
    assert number["status_callback"] == "https://a.example/s"


async def test_an_empty_value_clears_a_field(sandbox: Sandbox) -> None:
    """``VoiceUrl=`` clears, methods go back to POST."""
    await sandbox.configure(VoiceUrl="https://a.example/v", VoiceMethod="GET", VoiceCallerIdLookup="true")
    number = await sandbox.configure(VoiceUrl="", VoiceMethod="", VoiceCallerIdLookup="")
    assert number["voice_url"] in {None, ""}
    assert (number["voice_method"], number["voice_caller_id_lookup"]) == ("POST", False)


async def test_a_fragment_is_kept_verbatim(sandbox: Sandbox) -> None:
    """Connection overrides are part of the stored URL."""
    number = await sandbox.configure(VoiceUrl="https://a.example/v?x=1#rc=3&rp=all")
    assert number["voice_url"] == "https://a.example/v?x=1#rc=3&rp=all"


@pytest.mark.parametrize(
    "url", ["not-a-url", "ftp://a.example/x", ("https://under_score.example/"), "https://"]
)
@pytest.mark.parametrize("param", ["VoiceUrl", "VoiceFallbackUrl", "StatusCallback"])
async def test_a_bad_url_is_refused_with_21402(sandbox: Sandbox, url: str, param: str) -> None:
    """Also hosts with an underscore; the number stays as it was."""
    number = await sandbox.number()
    response = await sandbox.post(one(number["sid"]), **{param: url})
    assert (response.status_code, response.json()["code"]) == (400, 21402)
    assert await sandbox.number() == number


async def test_a_bad_method_is_refused_with_21403(sandbox: Sandbox) -> None:
    """Only GET and POST are methods."""
    response = await sandbox.post(one((await sandbox.number())["sid"]), VoiceMethod="PUT")
    assert (response.status_code, response.json()["code"]) == (400, 21403)


@pytest.mark.parametrize(
    ("param", "value"),
    [
        ("FriendlyName", "x" * 65),
        ("EmergencyStatus", "Maybe"),
        ("TrunkSid", "nonsense"),
        ("VoiceReceiveMode", "x"),
    ],
)
async def test_other_bad_values_are_refused(sandbox: Sandbox, param: str, value: Any) -> None:
    """Values that are none of a property's are errors, not ignored."""
    response = await sandbox.post(one((await sandbox.number())["sid"]), **{param: value})
    assert (response.status_code, response.json()["code"]) == (400, 20001)


async def test_setting_an_application_clears_the_trunk_and_the_other_way_round(sandbox: Sandbox) -> None:
    """Trunk and application exclude each other on the server's side."""
    app = (await sandbox.post(f"/2010-04-01/Accounts/{AC}/Applications.json", FriendlyName="a")).json()["sid"]
    trunk = "TK" + "1" * 32
    number = await sandbox.configure(TrunkSid=trunk)
    assert number["trunk_sid"] == trunk
    number = await sandbox.configure(VoiceApplicationSid=app)
    assert (number["voice_application_sid"], number["trunk_sid"]) == (app, None)
    number = await sandbox.configure(TrunkSid=trunk)
    assert (number["voice_application_sid"], number["trunk_sid"]) == ("", trunk)


async def test_an_application_must_exist(sandbox: Sandbox) -> None:
    """A well-formed SID of nothing is refused."""
    response = await sandbox.post(one((await sandbox.number())["sid"]), VoiceApplicationSid="AP" + "0" * 32)
    assert response.status_code == 400


async def test_buying_and_releasing_numbers(sandbox: Sandbox) -> None:
    """A number is bought by E.164 form or area code, and gone after DELETE."""
    bought = await sandbox.post(LIST, PhoneNumber="+15005550006", VoiceUrl="https://a.example/v")
    assert (bought.status_code, bought.json()["voice_url"]) == (201, "https://a.example/v")
    by_area = (await sandbox.post(LIST, AreaCode="212")).json()
    assert by_area["phone_number"].startswith("+1212")
    assert (await sandbox.delete(one(by_area["sid"]))).status_code == 204
    assert (await sandbox.get(one(by_area["sid"]))).json()["code"] == 20404
    counts = (await sandbox.control("GET", "/api-requests?count=1"))["counts"]
    assert counts["DELETE /2010-04-01/Accounts/{AccountSid}/IncomingPhoneNumbers/{Sid}.json"] == 1
    assert counts["POST /2010-04-01/Accounts/{AccountSid}/IncomingPhoneNumbers.json"] == 2


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({}, 21421),
        ({"PhoneNumber": "123"}, 21421),
        ({"AreaCode": "1"}, 21421),
        ({"PhoneNumber": "+15551234567"}, 21422),
    ],
)
async def test_a_number_that_cannot_be_bought(sandbox: Sandbox, form: dict[str, Any], code: int) -> None:
    """Invalid numbers are 21421, taken ones 21422."""
    response = await sandbox.post(LIST, data=form)
    assert (response.status_code, response.json()["code"]) == (400, code)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"PhoneNumber": "+15551234568"}, ["+15551234568"]),
        ({"PhoneNumber": "4568"}, ["+15551234568"]),
        ({"PhoneNumber": "123456*"}, ["+15551234567", "+15551234568", "+15551234569"]),
        ({"FriendlyName": "(555) 123-4569"}, ["+15551234569"]),
        ({"FriendlyName": "(555) 123"}, []),
        ({"Origin": "hosted"}, []),
        ({"Beta": "false"}, ["+15551234567", "+15551234568", "+15551234569"]),
    ],
)
async def test_list_filters(sandbox: Sandbox, query: dict[str, Any], expected: list[Any]) -> None:
    """PhoneNumber matches in part and with ``*``; FriendlyName exactly."""
    body = (await sandbox.get(LIST, **query)).json()
    assert [n["phone_number"] for n in body["incoming_phone_numbers"]] == expected


async def test_pages_are_followed_to_the_end_without_loss_or_repetition(sandbox: Sandbox) -> None:
    """``next_page_uri`` is relative to the host and null on the last page."""
    await sandbox.control("POST", "/numbers", {"count": 120})
    found, uri, pages = [], f"{LIST}?PageSize=50", 0
    while uri:
        body = (await sandbox.get(uri)).json()
        found += [n["sid"] for n in body["incoming_phone_numbers"]]
        assert body["start"] == pages * 50
        assert uri.startswith("/")
        uri, pages = body["next_page_uri"], pages + 1
    assert (pages, len(found), len(set(found))) == (3, 123, 123)


async def test_pages_link_back(sandbox: Sandbox) -> None:
    """The second page knows the first."""
    first = (await sandbox.get(LIST, PageSize=2)).json()
    second = (await sandbox.get(first["next_page_uri"])).json()
    again = (await sandbox.get(second["previous_page_uri"])).json()
    assert again["incoming_phone_numbers"] == first["incoming_phone_numbers"]


async def test_page_size_above_1000_is_20007(sandbox: Sandbox) -> None:
    """Twilio's largest page has 1,000 items."""
    assert (await sandbox.get(LIST, PageSize=1000)).status_code == 200
    response = await sandbox.get(LIST, PageSize=1001)
    assert (response.status_code, response.json()["code"]) == (400, 20007)


@pytest.mark.slow
async def test_an_account_with_100_000_numbers_is_paged_through(sandbox: Sandbox) -> None:
    """Pages by position: the last page costs as much as the first."""
    await sandbox.control("POST", "/numbers", {"count": 100_000})
    uri, count = f"{LIST}?PageSize=1000", 0
    while uri:
        body = (await sandbox.get(uri)).json()
        count += len(body["incoming_phone_numbers"])
        uri = body["next_page_uri"]
    assert count == 100_003


async def test_a_list_shows_a_write_at_once(sandbox: Sandbox) -> None:
    """What an update answered is what the next list and read show."""
    number = await sandbox.configure(FriendlyName="Sales")
    listed = (await sandbox.get(LIST, FriendlyName="Sales")).json()["incoming_phone_numbers"]
    assert listed == [number]


async def test_numbers_of_another_account_are_404(sandbox: Sandbox) -> None:
    """Foreign SIDs do not exist, whatever the path."""
    other = (await sandbox.post("/2010-04-01/Accounts.json", FriendlyName="Sub")).json()["sid"]
    number = await sandbox.number()
    response = await sandbox.get(f"/2010-04-01/Accounts/{other}/IncomingPhoneNumbers/{number['sid']}.json")
    assert (response.status_code, response.json()["code"]) == (404, 20404)
    foreign = "AC" + "9" * 32
    assert (await sandbox.get(LIST.replace(AC, foreign))).json()["code"] == 20404


async def test_a_number_moves_to_a_subaccount(sandbox: Sandbox) -> None:
    """``AccountSid`` in an update exchanges a number between accounts of one owner."""
    sub = (await sandbox.post("/2010-04-01/Accounts.json")).json()["sid"]
    number = await sandbox.configure(AccountSid=sub)
    assert number["account_sid"] == sub
    assert (await sandbox.get(one(number["sid"]))).status_code == 404
    moved = await sandbox.get(f"/2010-04-01/Accounts/{sub}/IncomingPhoneNumbers/{number['sid']}.json")
    assert moved.status_code == 200
    refused = await sandbox.post(
        f"/2010-04-01/Accounts/{sub}/IncomingPhoneNumbers/{number['sid']}.json", AccountSid="AC" + "9" * 32
    )
    assert refused.status_code == 400


async def test_the_json_suffix_is_required(sandbox: Sandbox) -> None:
    """Twilio would answer XML; the emulator says so instead of pretending."""
    for suffix in ("", ".xml", ".csv"):
        response = await sandbox.get(LIST.removesuffix(".json") + suffix)
        assert response.status_code == 501
        assert ".json" in response.json()["message"]
