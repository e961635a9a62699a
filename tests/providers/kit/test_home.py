"""Where a resource is: what a program's inputs and the state say of its account."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from pulumi.provider.experimental.provider import PropertyDiff, PropertyDiffKind
from pulumi_provider_kit.cancellation import Cancellation
from pulumi_provider_kit.engine import RecordedLog
from pulumi_provider_kit.errors import ProviderError
from pulumi_provider_kit.home import Move, at_home, is_located, left_home, located, settle, without_false_move
from pulumi_provider_kit.request import DiffRequest
from pulumi_provider_kit.resource import Difference, Operation
from pulumi_provider_kit.table import Property, ProviderTable, ResourceTable, Scalar
from pulumi_provider_kit.values import UNKNOWN, plain, text, wrap

URN = "urn:pulumi:dev::crm::house:index:Lamp::one"
ACCOUNT = Property("accountSid", Scalar.STRING, "Its account.", home=True, replaces=True)


class Account:
    """A client in an account; without a name in the inputs, that of the credentials."""

    def __init__(self, sid: str = "AC1") -> None:
        self.home = {"accountSid": sid}

    def at(self, values: Any) -> Account:
        return Account(text(values, "accountSid") or "AC1")


class Lamp:
    """A resource whose object may be in another account by now."""

    table = ResourceTable("Lamp", "A lamp.", (ACCOUNT,), example="", import_id="", rights="")

    def __init__(self, moved_to: str = "") -> None:
        self._moved_to = moved_to

    async def has_moved(self, operation: Any, resource_id: str, state: Any) -> bool:
        return bool(operation.client.home["accountSid"] == self._moved_to)


def settled(state: str, old: str, new: Any, moved_to: str = "") -> tuple[str, Move, str]:
    """Return the account of the operation, what the program wants, and what was said."""
    operation: Operation[Any] = Operation(URN, Account(), RecordedLog(), Cancellation())
    values = [{"accountSid": wrap(value)} if value else {} for value in (state, old, new)]
    lamp: Any = Lamp(moved_to)
    there, move = asyncio.run(settle(lamp, operation, DiffRequest("1", *values)))
    assert isinstance(operation.log, RecordedLog)
    return there.client.home["accountSid"], move, "".join(message for _, message in operation.log.messages)


@pytest.mark.parametrize(
    ("state", "old", "new", "moved_to", "account", "move"),
    [
        ("AC1", "", "", "", "AC1", Move.STAYS),
        ("AC2", "AC2", "AC2", "", "AC2", Move.STAYS),
        ("", "", "AC2", "", "AC2", Move.STAYS),  # the state of an earlier version
        ("AC1", "", "AC1", "", "AC1", Move.STAYS),
        ("AC2", "AC2", "", "", "AC2", Move.LEAVES),
        ("AC1", "", "AC2", "", "AC1", Move.LEAVES),
        ("AC1", "", UNKNOWN, "", "AC1", Move.LEAVES),
        ("AC1", "", "AC2", "AC2", "AC2", Move.FOLLOWS),
        ("AC2", "", "", "AC1", "AC1", Move.STAYS),
    ],
)
def test_what_a_program_says_of_the_account(
    state: str, old: str, new: Any, moved_to: str, account: str, move: Move
) -> None:
    """The same account, another one in which the object is already, or another object in another account."""
    assert settled(state, old, new, moved_to)[:2] == (account, move)


def test_a_move_is_said() -> None:
    """Also which account the object was in."""
    assert "accountSid AC2 -> AC1" in settled("AC2", "", "", "AC1")[2]


def test_credentials_of_another_account_are_refused() -> None:
    """With both accounts, and the commands for either way out."""
    with pytest.raises(ProviderError) as refused:
        settled("AC2", "", "")
    for part in ("accountSid AC2", "for AC1", "pulumi config set house:accountSid AC2", f"delete '{URN}'"):
        assert part in str(refused.value)


@pytest.mark.parametrize(
    ("move", "kinds"),
    [
        (Move.LEAVES, {"accountSid": "UPDATE_REPLACE", "color": "UPDATE"}),
        (Move.STAYS, {"color": "UPDATE"}),
        (Move.FOLLOWS, {"accountSid": "UPDATE", "color": "UPDATE"}),
    ],
)
def test_only_another_account_replaces_a_resource(move: Move, kinds: dict[str, str]) -> None:
    """One that is only named in another way is no change; one that the object moved to is an update."""
    changes = {
        "accountSid": PropertyDiff(PropertyDiffKind.UPDATE_REPLACE, input_diff=True),
        "color": PropertyDiff(PropertyDiffKind.UPDATE, input_diff=True),
    }
    difference = without_false_move(["accountSid"], Difference(changes, delete_before_replace=True), move)
    assert {path: change.kind.name for path, change in difference.changes.items()} == kinds
    assert all(change.input_diff for change in difference.changes.values())
    assert difference.delete_before_replace


def test_an_account_that_is_an_output_of_another_resource() -> None:
    """Nothing can be asked of the vendor before it is known; without credentials nothing is asked at all."""
    lamp: Any = Lamp()
    assert is_located(lamp, {})
    assert is_located(lamp, {"accountSid": wrap("AC1"), "color": UNKNOWN})
    assert not is_located(lamp, {"accountSid": UNKNOWN})
    operation: Operation[Any] = Operation(URN, Account(), RecordedLog(), Cancellation())
    there = located(operation, {"accountSid": wrap("AC2")})
    assert {name: plain(value) for name, value in at_home(there, {"color": wrap("red")}).items()} == {
        "color": "red",
        "accountSid": "AC2",
    }
    nobody: Any = None
    offline: Operation[Any] = Operation(URN, nobody, RecordedLog(), Cancellation(), connected=False)
    assert located(offline, {"accountSid": wrap("AC2")}) is offline


@pytest.mark.parametrize(
    ("old", "new", "left"),
    [
        ("AC1", "AC2", ["accountSid"]),
        ("AC1", "AC1", []),
        (None, "AC2", []),
        ("AC1", None, []),
        ("AC1", UNKNOWN, []),
    ],
)
def test_a_provider_of_another_account_is_another_provider(old: Any, new: Any, left: list[str]) -> None:
    """A setting that comes or goes is compared later; another token is the same account."""
    config = (ACCOUNT, Property("token", Scalar.STRING, "T."))
    table = ProviderTable("house", "1.0.0", "House", "Lamps.", config, resources=())
    olds, news = ({"accountSid": wrap(sid), "token": wrap(sid)} for sid in (old, new))
    assert left_home(table, olds, news) == left
