"""The rows of one call, read the way a CRM reads them: through the project's REST API (PostgREST)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx

from voicehooks.errors import CommandError

if TYPE_CHECKING:
    from typing import Self

Row = dict[str, Any]


@dataclass(frozen=True)
class CallRows:
    """What the database holds about a call and the legs that it dialed, oldest first."""

    calls: list[Row] = field(default_factory=list)
    events: list[Row] = field(default_factory=list)
    recordings: list[Row] = field(default_factory=list)

    def call(self, call_sid: str) -> Row | None:
        """The row of one leg."""
        return next((row for row in self.calls if row["call_sid"] == call_sid), None)


class CallDatabase:
    """Reads the tables `twilio_calls`, `twilio_call_events` and `twilio_recordings`."""

    def __init__(self, supabase_url: str, secret_key: str) -> None:
        self._url = supabase_url
        self._client = httpx.Client(
            base_url=f"{supabase_url}/rest/v1", headers={"apikey": secret_key}, timeout=10
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def rows(self, call_sid: str) -> CallRows:
        """Everything about the call `call_sid` as of now.

        Raises:
            CommandError: the API cannot be reached or refuses.
        """
        calls = self._get(
            "twilio_calls",
            {"or": f"(call_sid.eq.{call_sid},parent_call_sid.eq.{call_sid})", "order": "created_at"},
        )
        sids = ",".join(dict.fromkeys([call_sid, *(row["call_sid"] for row in calls)]))
        events = self._get("twilio_call_events", {"call_sid": f"in.({sids})", "order": "received_at,event_key"})
        recordings = self._get("twilio_recordings", {"call_sid": f"in.({sids})", "order": "created_at"})
        return CallRows(calls, events, recordings)

    def _get(self, table: str, query: dict[str, str]) -> list[Row]:
        what = f"table {table} cannot be read"
        try:
            answer = self._client.get(f"/{table}", params=query)
        except httpx.HTTPError as error:
            raise CommandError(
                what, f"{self._url}: {error}", "is the sandbox up? voicehooks sandbox status"
            ) from None
        if answer.status_code == 404:
            raise CommandError(
                what, "the database has no such table", "deploy the migrations: pulumi up --stack local"
            )
        if answer.status_code != 200:
            raise CommandError(what, f"{self._url} answered {answer.status_code}: {answer.text[:200]}")
        rows: list[Row] = answer.json()
        return rows
