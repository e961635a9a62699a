"""How many requests find an account's objects, and when what is known of them counts."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from pulumi_provider_kit.errors import HomeGone, ProviderError
from pulumi_twilio.client import NotFound
from pulumi_twilio.directory import Lookups
from pulumi_twilio.family import AccountDirectory
from pulumi_twilio.numbers import NumberDirectory

PAGES = {"/List.json": ("a", "b", "/2"), "/2": ("c", "d", "/3"), "/3": ("e", "f", None)}


def number(name: str, **fields: Any) -> dict[str, Any]:
    """Return a number of Twilio's."""
    return {"sid": f"PN{name}", "phone_number": f"+1555{ord(name)}", **fields}


class Api:
    """An account's API with three pages of two numbers each, and a log of what is asked."""

    account_sid = "ACmain"

    def __init__(self, **objects: dict[str, Any]) -> None:
        self.log: list[str] = []
        self.objects = objects

    def account(self, path: str) -> str:
        return "/List.json" if path == "IncomingPhoneNumbers.json" else f"/{path}"

    async def get(self, path: str, **parameters: Any) -> dict[str, Any]:
        asked = ",".join(f"{k}={v}" for k, v in parameters.items())
        self.log.append(f"{path}?{asked}" if asked else path)
        await asyncio.sleep(0)
        if "PhoneNumber" in parameters:
            return {"incoming_phone_numbers": [number("a"), number("b")]}
        if path in PAGES:
            *names, after = PAGES[path]
            return {"incoming_phone_numbers": [number(str(n)) for n in names], "next_page_uri": after}
        key = path.removesuffix(".json").rpartition("/")[2]
        if key in self.objects:
            return self.objects[key]
        raise NotFound(20404, "not found", 404)

    async def post(self, path: str, form: dict[str, str], *, repeatable: bool = True) -> dict[str, Any]:
        self.log.append(f"POST {path} {form}{'' if repeatable else ' once'}")
        return {"sid": "PNa", "phone_number": "+155597", "auth_token": "t", "status": "active"}


def numbers_of(api: Any, lookups: Lookups | None = None) -> NumberDirectory:
    """Return the numbers of an API."""
    return NumberDirectory(api, lookups)


def found(directory: NumberDirectory, *keys: str) -> list[str | None]:
    """Return the SIDs that look-ups, one after another, find."""

    async def find() -> list[str | None]:
        entries = [await directory.find(key) for key in keys]
        return [None if entry is None else str(entry["sid"]) for entry in entries]

    return asyncio.run(find())


def test_two_numbers_are_asked_for_singly_and_the_third_is_on_a_page() -> None:
    """What a page has answers all later look-ups by SID and by number."""
    api = Api(PNd=number("d"), PNf=number("f"))
    assert found(numbers_of(api), "PNd", "PNf", "PNb", "PNa", "+155598", "PNd") == [
        "PNd",
        "PNf",
        "PNb",
        "PNa",
        "PNb",
        "PNd",
    ]
    assert api.log == [
        "/IncomingPhoneNumbers/PNd.json",
        "/IncomingPhoneNumbers/PNf.json",
        "/List.json?PageSize=1000",
    ]


def test_the_next_page_is_worth_it_after_eight_lookups() -> None:
    """Until then single requests are cheaper; after the last page there is none to fetch."""
    api = Api(PNc=number("c"), PNe=number("e"))
    directory = numbers_of(api)
    found(directory, *["PNa"] * 3)  # the first is asked for singly, and is known from then on
    assert api.log == ["/IncomingPhoneNumbers/PNa.json"] * 2 + ["/List.json?PageSize=1000"]
    del api.log[:]
    found(directory, *["PNa"] * 6, "PNe", "PNc")
    assert api.log == ["/IncomingPhoneNumbers/PNe.json", "/2"]
    del api.log[:]
    found(directory, *["PNa"] * 7, "PNf", *["PNa"] * 8, "PNx", "PNy")
    assert api.log == ["/3", "/IncomingPhoneNumbers/PNx.json", "/IncomingPhoneNumbers/PNy.json"]


def test_lookups_that_overlap_share_a_page() -> None:
    """As in a refresh of many numbers."""
    api = Api()
    directory = numbers_of(api)

    async def both() -> Any:
        return await asyncio.gather(directory.find("PNa"), directory.find("PNb"))

    asyncio.run(both())
    assert api.log == ["/IncomingPhoneNumbers/PNa.json", "/List.json?PageSize=1000"]


def test_lookups_of_all_accounts_count_together() -> None:
    """A program with many subaccounts looks up a few numbers in each."""
    lookups, api = Lookups(), Api(PNa=number("a"))
    found(numbers_of(api, lookups), "PNa", "PNa")
    found(numbers_of(api, lookups), "PNa")
    assert api.log == ["/IncomingPhoneNumbers/PNa.json", "/List.json?PageSize=1000"]
    assert lookups.active == 0


def test_a_lookup_that_fails_is_over() -> None:
    """It does not count as one that overlaps with the next."""
    lookups = Lookups()
    api = Api(PNa=number("a"))
    directory = numbers_of(api, lookups)
    assert found(directory, "PNx") == [None]
    assert found(directory, "PNa") == ["PNa"]
    assert "/List.json?PageSize=1000" not in api.log


def test_twilios_filter_also_finds_numbers_that_contain_the_digits() -> None:
    """Only the number itself counts."""
    api = Api()
    assert found(numbers_of(api), "+155598") == ["PNb"]
    assert found(numbers_of(api), "+1555") == [None]
    assert api.log[0] == "/List.json?PhoneNumber=+155598,PageSize=50"


def test_a_number_is_not_known_while_it_changes() -> None:
    """A write whose answer is lost leaves nothing old; Twilio's answer is what is known then."""

    class Lost(Api):
        async def post(self, path: str, form: dict[str, str], *, repeatable: bool = True) -> dict[str, Any]:
            raise ProviderError("lost")

    for api, asked in ((Lost(PNa=number("a")), 2), (Api(PNa=number("a")), 1)):
        directory = numbers_of(api)
        found(directory, "PNa")
        if isinstance(api, Lost):
            with pytest.raises(ProviderError):
                asyncio.run(directory.update("PNa", {}))
        else:
            asyncio.run(directory.update("PNa", {"VoiceUrl": ""}))
            assert api.log.pop() == "POST /IncomingPhoneNumbers/PNa.json {'VoiceUrl': ''}"
        found(directory, "PNa")
        assert api.log == ["/IncomingPhoneNumbers/PNa.json"] * asked


def test_a_number_is_read_as_it_is_now() -> None:
    """Not as it was when it was looked up."""
    api = Api(PNa=number("a", voice_url="old"))
    directory = numbers_of(api)
    found(directory, "PNa")
    api.objects["PNa"] = number("a", voice_url="new")
    read = asyncio.run(directory.read("PNa"))
    assert read is not None
    assert read["voice_url"] == "new"
    assert asyncio.run(directory.read("PNx")) is None


def test_a_subaccount_is_not_known_while_it_changes() -> None:
    """A write whose answer is lost leaves nothing old."""

    class Lost(Api):
        async def post(self, path: str, form: dict[str, str], *, repeatable: bool = True) -> dict[str, Any]:
            raise ProviderError("lost")

    api: Any = Lost(AC1=account())
    directory = AccountDirectory(api)

    async def change() -> None:
        await directory.find("AC1")
        with pytest.raises(ProviderError):
            await directory.update("AC1", {"Status": "suspended"})
        await directory.find("AC1")

    asyncio.run(change())
    assert api.log == ["/2010-04-01/Accounts/AC1.json"] * 2


def account(status: str = "active", **fields: Any) -> dict[str, Any]:
    """Return a subaccount."""
    return {"sid": "AC1", "status": status, "friendly_name": "customer", **fields}


def test_a_token_that_twilio_refused_is_read_again() -> None:
    """Once; one that is known and was not refused is not."""
    api: Any = Api(AC1=account(auth_token="old"))
    directory = AccountDirectory(api)

    async def tokens() -> list[str]:
        first = [await directory.token("AC1"), await directory.token("AC1", refused="older")]
        api.objects["AC1"] = account(auth_token="new")
        return [*first, await directory.token("AC1", refused="old"), await directory.token("AC1")]

    assert asyncio.run(tokens()) == ["old", "old", "new", "new"]
    assert api.log == ["/2010-04-01/Accounts/AC1.json"] * 2


@pytest.mark.parametrize(
    ("found_account", "error", "named"),
    [
        (None, ProviderError, "AC1 is not a subaccount of ACmain"),
        (account("closed"), HomeGone, r"AC1 \(customer\)"),
        (account("suspended"), ProviderError, r"AC1 \(customer\) is suspended"),
        (account(), ProviderError, "the auth token of the account ACmain"),
        (account(auth_token=""), ProviderError, "the auth token of the account ACmain"),
    ],
)
def test_a_subaccount_that_cannot_be_used(
    found_account: dict[str, Any] | None, error: type[ProviderError], named: str
) -> None:
    """Each reason has its own error: only a closed account is gone."""
    api: Any = Api(**({"AC1": found_account} if found_account else {}))
    with pytest.raises(ProviderError, match=named) as refused:
        asyncio.run(AccountDirectory(api).token("AC1"))
    assert type(refused.value) is error


def test_whether_a_subaccount_can_be_used_is_read_again_before_an_error() -> None:
    """It may have been activated a moment ago."""
    api: Any = Api(AC1=account("suspended"))
    directory = AccountDirectory(api)

    async def ensure() -> None:
        await directory.find("AC1")
        api.objects["AC1"] = account()
        await directory.ensure_usable("AC1")
        await directory.ensure_usable("AC1")
        api.objects["AC1"] = account("closed")
        await directory.ensure_usable("AC1")  # known to be active; the refusal itself is what counts

    asyncio.run(ensure())
    assert len(api.log) == 2


def test_accounts_are_created_once_and_changed_as_often_as_needed() -> None:
    """A create that is repeated could make a second account."""
    api: Any = Api()
    directory = AccountDirectory(api)
    asyncio.run(directory.create("customer"))
    asyncio.run(directory.update("AC1", {"Status": "closed"}))
    assert api.log == [
        "POST /2010-04-01/Accounts.json {'FriendlyName': 'customer'} once",
        "POST /2010-04-01/Accounts/AC1.json {'Status': 'closed'}",
    ]
