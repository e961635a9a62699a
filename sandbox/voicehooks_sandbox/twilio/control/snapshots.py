"""Snapshots over HTTP: save, load and list the state of the sandbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicehooks_sandbox.operation import Missing, Operation, json_object

from . import schemas

if TYPE_CHECKING:
    from starlette.requests import Request

    from ..emulator import Emulator
    from ..store import Document


class _Snapshots:
    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator

    async def list(self, _: Request) -> Document:
        """The saved snapshots, newest first, with the folder that they are in."""
        snapshots = self._emulator.snapshots
        return {"folder": str(snapshots.folder), "snapshots": snapshots.list()}

    async def change(self, request: Request) -> Document:
        """Save the state under a name, or load it: Twilio's half, and the rows of the database."""
        match await json_object(request):
            case {"save": str(name), **rest} if not rest:
                return await self._emulator.save_snapshot(name)
            case {"load": str(name), **rest} if not rest:
                try:
                    return await self._emulator.load_snapshot(name)
                except FileNotFoundError:
                    msg = f"There is no snapshot {name!r} in {self._emulator.snapshots.folder}."
                    raise Missing(msg) from None
            case body:
                msg = f'Snapshots take {{"save": NAME}} or {{"load": NAME}}, not {body!r}.'
                raise ValueError(msg)


def operations(emulator: Emulator) -> list[Operation]:
    """Saving and loading."""
    snapshots = _Snapshots(emulator)
    return [
        Operation("GET", "/snapshots", snapshots.list),
        Operation("POST", "/snapshots", snapshots.change, body=schemas.SNAPSHOT),
    ]
