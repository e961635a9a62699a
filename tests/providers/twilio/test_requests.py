"""How many requests many numbers cost, and what a throttled account changes about that.

The engine keeps at most eight operations in flight on a small machine; so do these tests. Previews and
updates are processes of their own, so each phase starts with a new plugin.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable
from typing import Any

import pytest

from tests.providers.servicer_client import Resource, ServicerClient
from tests.providers.twilio.conftest import ACCOUNT, Emulator, run
from tests.support.waiting import PATIENCE

OURS = "https://crm.example.com/functions/v1/twilio-webhook"
KIND = "VoiceConfiguration"
IN_FLIGHT = 8


async def _together(operations: Iterable[Awaitable[Any]]) -> list[Any]:
    slots = asyncio.Semaphore(IN_FLIGHT)

    async def one(operation: Awaitable[Any]) -> Any:
        async with slots:
            return await operation

    return await asyncio.gather(*(one(operation) for operation in operations))


def stock(emulator: Emulator, count: int) -> None:
    """Put that many numbers into the account."""
    emulator.http.post("/_sandbox/numbers", json={"count": count}, timeout=PATIENCE).raise_for_status()


def some_numbers(emulator: Emulator, count: int) -> list[str]:
    """Return E.164 numbers spread over the account."""
    found: list[str] = []
    uri = f"/2010-04-01/Accounts/{ACCOUNT}/IncomingPhoneNumbers.json?PageSize=1000"
    while uri:
        page = emulator.http.get(uri, timeout=PATIENCE).json()
        found += [n["phone_number"] for n in page["incoming_phone_numbers"]]
        uri = page["next_page_uri"]
    step = max(1, len(found) // count)
    return found[::step][:count]


def create_all(client: ServicerClient, numbers: list[str], *, preview: bool = False) -> list[Resource]:
    """Create the configuration of each number."""
    inputs = {n: {"phoneNumber": n, "voiceUrl": OURS} for n in numbers}
    created: list[Resource] = run(
        _together(client.create(KIND, n, i, preview=preview) for n, i in inputs.items())
    )
    return created


def test_a_single_read_is_a_single_request(emulator: Emulator) -> None:
    """One number needs no page of a thousand."""
    resource = create_all(emulator.plugin(), some_numbers(emulator, 1))[0]
    emulator.forget_requests()
    run(emulator.plugin().read(resource))
    requests = emulator.requests()
    assert len(requests) == 1
    assert requests[0]["path"].endswith(f"/IncomingPhoneNumbers/{resource.id}.json")


def test_reads_one_after_another_end_in_a_page(emulator: Emulator) -> None:
    """Where the engine's reads never overlap, the third one fetches a page, which answers all that follow."""
    stock(emulator, 28)
    resources = create_all(emulator.plugin(), some_numbers(emulator, 30))
    emulator.forget_requests()
    client = emulator.plugin()

    async def one_by_one() -> list[Resource]:
        return [await client.read(resource) for resource in resources]

    read = run(one_by_one())
    assert [r.inputs["phoneNumber"] for r in read] == [r.inputs["phoneNumber"] for r in resources]
    assert len(emulator.requests()) <= 5


@pytest.mark.slow
def test_a_thousand_numbers(emulator: Emulator) -> None:
    """First preview at most 5 requests, first up at most 1,010, every refresh at most 5."""
    stock(emulator, 998)
    numbers = some_numbers(emulator, 1000)
    assert len(numbers) == 1000
    emulator.forget_requests()
    create_all(emulator.plugin(), numbers, preview=True)
    assert len(emulator.requests()) <= 5
    emulator.forget_requests()
    resources = create_all(emulator.plugin(), numbers)
    requests = emulator.requests()
    assert len(requests) <= 1010
    assert [r["method"] for r in requests].count("POST") == 1000
    emulator.forget_requests()
    client = emulator.plugin()
    refreshed = run(_together(client.read(r) for r in resources))
    assert len(emulator.requests()) <= 5
    assert all(r.inputs["voiceUrl"] == OURS for r in refreshed)


@pytest.mark.slow
def test_ten_numbers_of_a_hundred_thousand(emulator: Emulator) -> None:
    """Listing such an account would take a hundred requests; ten numbers take twelve at most."""
    stock(emulator, 100_000)
    numbers = some_numbers(emulator, 10)
    resources = create_all(emulator.plugin(), numbers)
    emulator.forget_requests()
    client = emulator.plugin()
    run(_together(client.read(r) for r in resources))
    assert len(emulator.requests()) <= 12


def test_a_throttled_account_loses_nothing_and_repeats_nothing(emulator: Emulator) -> None:
    """With 429 in between, every number is written exactly once."""
    stock(emulator, 38)
    numbers = some_numbers(emulator, 40)
    emulator.http.post("/_sandbox/faults", json={"fault": "too-many-requests", "times": 6}).raise_for_status()
    emulator.forget_requests()
    create_all(emulator.plugin(), numbers)
    written = [r["path"] for r in emulator.requests() if r["method"] == "POST" and r["status"] == 200]
    assert len(written) == len(set(written)) == 40
    assert any(r["status"] == 429 for r in emulator.requests())


def test_nothing_here_buys_or_releases(emulator: Emulator) -> None:
    """Over a number's whole life no request creates or deletes a number."""
    client = emulator.plugin()
    resource = create_all(client, some_numbers(emulator, 1))[0]
    resource = run(client.update(resource, {"phoneNumber": resource.state["e164"], "statusCallback": OURS}))
    run(client.delete(run(client.read(resource))))
    for request in emulator.requests():
        assert request["method"] in {"GET", "POST"}
        if request["method"] == "POST":
            assert request["path"].endswith(f"/IncomingPhoneNumbers/{resource.id}.json")
            assert "Sms" not in str(request["params"])
