"""What somebody does at a phone: answer, decline, hang up, press keys; for tests that play a party."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicehooks_sandbox.operation import Missing, Operation, json_object

from ..calls.models import FINAL
from ..simulation.interruptions import CallOver, PartyChanged, Pressed, Spoken
from ..simulation.scenario import read_turn
from . import schemas

if TYPE_CHECKING:
    from starlette.requests import Request

    from ..emulator import Emulator
    from ..simulation.live_call import LiveCall
    from ..store import Document


class _Parties:
    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator

    async def answer(self, request: Request) -> Document:
        """The party on a leg that rings answers it."""
        live, leg = self._ringing(request)
        live.timeline.post(PartyChanged(leg["sid"], "in-progress"))
        return await self._settled(leg)

    async def decline(self, request: Request) -> Document:
        """The party on a leg that rings declines it: the leg ends as busy."""
        live, leg = self._ringing(request)
        live.timeline.post(PartyChanged(leg["sid"], "busy"))
        return await self._settled(leg)

    async def hang_up(self, request: Request) -> Document:
        """The party on a leg hangs up: the caller on an incoming call's own leg, else who was called."""
        live, leg = self._leg(request)
        outgoing = leg["direction"].startswith("outbound")
        if outgoing and leg["answered"] is None:
            msg = f"Nobody has answered the leg {leg['sid']}, so nobody can hang up; decline it instead."
            raise ValueError(msg)
        if leg["sid"] == live.root.sid:
            live.timeline.post(CallOver("no-answer", caller=True))
        else:
            live.timeline.post(PartyChanged(leg["sid"], "completed"))
        return await self._settled(leg)

    async def press(self, request: Request) -> Document:
        """The party on a leg presses keys or says something, for what listens to it, such as ``<Gather>``."""
        turn = read_turn(await json_object(request))
        live, leg = self._leg(request)
        if live.listening is None or live.listening.sid != leg["sid"]:
            msg = (
                f"Nothing listens to the leg {leg['sid']} now, such as a <Gather>, so nothing would hear this."
            )
            raise ValueError(msg)
        sid = leg["sid"]
        live.timeline.post(
            Pressed(sid, turn.digits) if turn.digits else Spoken(sid, turn.speech, turn.confidence)
        )
        return {"sid": sid, "status": leg["status"]}

    def _leg(self, request: Request) -> tuple[LiveCall, Document]:
        sid = str(request.path_params["sid"])
        leg = self._emulator.calls.find(sid)
        if leg is None:
            msg = f"There is no call {sid}."
            raise Missing(msg)
        switchboard = self._emulator.switchboard
        live = switchboard.live(sid) or switchboard.live(leg["parent_call_sid"] or sid)
        if live is None or leg["status"] in FINAL:
            msg = f"The leg {sid} is over ({leg['status']})."
            raise ValueError(msg)
        return live, leg

    def _ringing(self, request: Request) -> tuple[LiveCall, Document]:
        live, leg = self._leg(request)
        sid = leg["sid"]
        if leg["direction"] == "inbound":
            msg = f"{sid} is an incoming call: the TwiML of {leg['to'] or 'its application'} answers it."
            raise ValueError(msg)
        if leg["status"] != "ringing":
            msg = f"The leg {sid} does not ring, it is {leg['status']}."
            raise ValueError(msg)
        if leg["to"].startswith("AP") or self._emulator.numbers.by_number(leg["to"]) is not None:
            msg = f"{leg['to']} belongs to this sandbox: the TwiML of the call that it received answers."
            raise ValueError(msg)
        return live, leg

    async def _settled(self, leg: Document) -> Document:
        await self._emulator.switchboard.settle()
        now = self._emulator.calls.find(leg["sid"]) or leg
        return {"sid": now["sid"], "status": now["status"]}


def operations(emulator: Emulator) -> list[Operation]:
    """What a party does."""
    parties = _Parties(emulator)
    return [
        Operation("POST", "/calls/{sid}/answer", parties.answer),
        Operation("POST", "/calls/{sid}/decline", parties.decline),
        Operation("POST", "/calls/{sid}/hang-up", parties.hang_up),
        Operation("POST", "/calls/{sid}/digits", parties.press, body=schemas.TURN),
    ]
