"""Sends a webhook request again: as it was, with other parameters, or with a wrong signature or none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from voicehooks_sandbox.operation import Operation, json_object

from ..webhooks.delivery import WEBHOOK_JOURNAL
from ..webhooks.exchange import Webhook
from . import schemas
from .webhook_requests import requested_entry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from ..emulator import Emulator
    from ..store import Document

_SIGNATURES = {"valid": "right", "wrong": "wrong", "none": "none"}


class _Resend:
    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator

    async def resend(self, request: Request) -> Document:
        """Send a recorded webhook request again; ``params`` are added to its own, null removes one."""
        entry = requested_entry(self._emulator.store, request)
        body = await json_object(request)
        if unknown := body.keys() - {"params", "signature"}:
            msg = f"A resend has no {min(unknown)!r}; it has params and signature."
            raise ValueError(msg)
        signature = body.get("signature", "valid")
        if signature not in _SIGNATURES:
            msg = f"'signature' is one of {', '.join(_SIGNATURES)}, not {signature!r}."
            raise ValueError(msg)
        webhook = Webhook(
            kind=entry["kind"],
            url=entry["webhook_url"],
            method=entry["webhook_method"],
            params=_changed(entry["params"], body.get("params", {})),
            account_sid=entry["account_sid"],
            call_sid=entry["call_sid"],
            root_sid=entry["root_call_sid"],
            moment=self._emulator.clock.now(),
        )
        await self._emulator.delivery.send(webhook, sign=_SIGNATURES[signature])
        sent = self._emulator.store.journal(WEBHOOK_JOURNAL, topic=entry["root_call_sid"], after=entry["id"])
        return {"webhook_request": sent[-1]} if sent else {"webhook_request": None}


def _changed(params: Mapping[str, str], changes: Any) -> dict[str, str]:
    if not isinstance(changes, dict) or not all(isinstance(value, str | None) for value in changes.values()):
        msg = f"'params' is an object of texts, with null for a parameter that is left out, not {changes!r}."
        raise TypeError(msg)
    merged = {**params, **changes}
    return {name: value for name, value in merged.items() if value is not None}


def operations(emulator: Emulator) -> list[Operation]:
    """Sending webhook requests again."""
    resend = _Resend(emulator)
    return [Operation("POST", "/webhook-requests/{id}/resend", resend.resend, body=schemas.RESEND)]
