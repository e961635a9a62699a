"""What an operation knows of other resources, and what it says of them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from pulumi_provider_kit.cancellation import Cancellation
from pulumi_provider_kit.claims import Claims, Singleton, Standing
from pulumi_provider_kit.engine import RecordedLog
from pulumi_provider_kit.errors import Cancelled, PropertyError
from pulumi_provider_kit.resource import OneHome, Operation, managed_twice, name_of, type_of
from pulumi_provider_kit.stack_state import Past
from pulumi_provider_kit.values import wrap

PREFIX = "urn:pulumi:dev::crm::twilio:index:VoiceConfiguration"
URN, RENAMED = f"{PREFIX}::new", f"{PREFIX}::old"
MOVED = "urn:pulumi:dev::crm::my:index:Phones$twilio:index:VoiceConfiguration::new"
NUMBER = Singleton("number:1", "+15551234567", "phoneNumber")


def operation(**given: Any) -> Operation[Any]:
    """Return an operation of the resource `new`."""
    client: Any = None
    return Operation(URN, client, RecordedLog(), Cancellation(), **given)


@pytest.mark.parametrize(
    ("urn", "token", "name"),
    [
        (URN, "twilio:index:VoiceConfiguration", "new"),
        (MOVED, "twilio:index:VoiceConfiguration", "new"),
        (f"{PREFIX}::a::b", "twilio:index:VoiceConfiguration", "a::b"),
        ("", "", ""),
    ],
)
def test_parts_of_a_urn(urn: str, token: str, name: str) -> None:
    """The last type is the resource's own, and a name may contain colons."""
    assert (type_of(urn), name_of(urn)) == (token, name)


def test_an_object_that_is_managed_twice_is_refused() -> None:
    """The property is named, and the other resource: by its URN if it has the same name."""
    claims = Claims()
    assert claims.want(RENAMED, [NUMBER]) is None
    with pytest.raises(PropertyError) as refused:
        operation(claims=claims).ensure_sole([NUMBER])
    assert (refused.value.property, refused.value.reason) == (
        "phoneNumber",
        managed_twice(NUMBER, URN, RENAMED),
    )
    assert "by the resource old;" in managed_twice(NUMBER, URN, RENAMED)
    assert f"by the resource {MOVED};" in managed_twice(NUMBER, URN, MOVED)


@pytest.mark.parametrize(
    ("holders", "elsewhere"), [([], False), ([URN], False), ([RENAMED], True), ([URN, RENAMED], True)]
)
def test_whether_another_resource_manages_an_object(holders: list[str], elsewhere: bool) -> None:
    """The resource itself does not count."""
    claims = Claims()
    for urn in holders:
        claims.mark(urn, [NUMBER], Standing.MANAGED)
    assert operation(claims=claims).managed_elsewhere(NUMBER) is elsewhere


def test_what_the_state_says_of_an_object() -> None:
    """Nothing of one that it does not have."""
    state = {"url": wrap("u")}
    known = operation(pasts={NUMBER.key: Past(RENAMED, "PN1", state)})
    assert known.past(NUMBER) == state
    assert known.past(Singleton("number:2", "x")) == {}


@pytest.mark.parametrize(
    ("past", "unchanged", "words"),
    [
        (None, False, []),
        (None, True, ["already has exactly this configuration"]),
        (URN, True, []),
        (RENAMED, False, ["by the resource old so far"]),
        (RENAMED, True, ["by the resource old so far"]),
        (MOVED, False, [f"by the resource {MOVED} so far"]),
    ],
)
def test_a_warning_about_what_seems_renamed(past: str | None, unchanged: bool, words: list[str]) -> None:
    """A replacement is none; without a record it seems so if nothing has to change."""
    known = operation(pasts={NUMBER.key: Past(past, "PN1", {})} if past else {})
    asyncio.run(known.warn_renamed(NUMBER, unchanged=unchanged))
    assert isinstance(known.log, RecordedLog)
    assert [severity for severity, _ in known.log.messages] == ["warning"] * len(words)
    assert all(word in message for word, (_, message) in zip(words, known.log.messages, strict=True))


def test_a_client_with_one_home() -> None:
    """An import's ID is the object's."""
    home = OneHome()
    assert home.at({"accountSid": wrap("AC1")}) is home
    assert home.of_import("x") == (home, "x")


def test_a_wait_ends_in_time_or_with_the_update() -> None:
    """Before a cancellation and after it."""

    async def go() -> None:
        cancellation = Cancellation()
        cancellation.check()
        await cancellation.sleep(0)
        waiting = asyncio.create_task(cancellation.sleep(3600))
        await asyncio.sleep(0)
        cancellation.cancel()
        with pytest.raises(Cancelled):
            await waiting
        with pytest.raises(Cancelled):
            cancellation.check()

    asyncio.run(go())
