"""What the page asks its server, and what each answer is: the reading half, which both servers implement.

A key that is not required is left out by a server that does not know it: a live environment has what the
function stored, and not what Twilio sent with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, NotRequired

from typing_extensions import TypedDict

__all__ = ["EVENTS", "READING", "Reading", "Server"]

Server = Literal["sandbox", "console"]
"""The sandbox at ``/_sandbox/``; ``voicehooks console`` over a live environment."""
_BOTH: frozenset[Server] = frozenset({"sandbox", "console"})


class About(TypedDict):
    """What the server is: ``name`` is the heading; ``read_only`` hides everything that changes something."""

    name: str
    read_only: bool
    account_sid: str
    project_ref: str


Call = TypedDict(
    "Call",
    {
        "sid": str,
        "parent_call_sid": str | None,
        "from": str,
        "to": str,
        "direction": str,
        "status": str,
        # RFC 2822
        "date_created": str | None,
        "date_updated": str | None,
        "start_time": str | None,
        "end_time": str | None,
        # Seconds
        "duration": str | None,
    },
)
"""A call or a leg, as Twilio's API shows it."""


class CallSummary(Call):
    """A call in the list: how many legs and recordings, and a few words about what went wrong."""

    legs: int
    recordings: int
    problem: str | None


class Calls(TypedDict):
    """Newest first, without the legs of another call."""

    calls: list[CallSummary]


class Recording(TypedDict):
    """A recording, as Twilio's API shows it."""

    sid: str
    call_sid: str
    status: str
    duration: str | None
    start_time: str | None


class Step(TypedDict):
    """Something that happened in a call: ``moment`` in ISO 8601, ``offset`` in seconds since it began."""

    id: int
    moment: str
    offset: float
    call_sid: str
    kind: str
    text: str
    root_call_sid: NotRequired[str]


class Story(TypedDict):
    """Everything about one call."""

    sid: str
    status: str
    finished: bool
    call: Call
    legs: list[Call]
    recordings: list[Recording]
    steps: list[Step]


class WebhookRequest(TypedDict):
    """A webhook request: ``time`` in seconds since 1970, ``moment`` in the call's time, ISO 8601."""

    id: int
    time: float
    moment: str
    kind: str
    call_sid: str
    root_call_sid: str
    method: str
    url: str
    params: dict[str, str]
    webhook_url: NotRequired[str]
    headers: NotRequired[dict[str, str]]
    attempt: NotRequired[int]
    status: NotRequired[int | None]
    duration_ms: NotRequired[int]
    response_headers: NotRequired[dict[str, str]]
    body: NotRequired[str]
    error_code: NotRequired[int | None]
    error: NotRequired[str]


class WebhookRequests(TypedDict):
    """Oldest first."""

    webhook_requests: list[WebhookRequest]


class Parameter(TypedDict):
    """One signed parameter."""

    name: str
    value: str


class Signature(TypedDict):
    """A signature step by step: the string that is signed, which key made it, both digests, the verdict."""

    url: str
    parameters: list[Parameter]
    string: str
    key: str | None
    sent: str | None
    computed: str
    valid: bool
    verdict: str


class RowChange(TypedDict):
    """A row before and after: ``shared_with`` and ``inferred`` as in the sandbox's documentation."""

    table: str
    type: Literal["INSERT", "UPDATE", "DELETE"]
    record: dict[str, Any] | None
    old_record: dict[str, Any] | None
    shared_with: NotRequired[list[int]]
    inferred: NotRequired[bool]


class RowChanges(TypedDict):
    """In the order of the changes."""

    changes: list[RowChange]


class Tables(TypedDict):
    """The tables that a CRM reads."""

    tables: list[str]


class Rows(TypedDict):
    """Newest first."""

    columns: list[str]
    rows: list[dict[str, Any]]


class PhoneNumber(TypedDict):
    """A number: ``route`` says who answers, in one line; ``forward_to`` whom its calls ring, if known."""

    phone_number: str
    friendly_name: str
    route: str
    forward_to: list[str]
    updated: NotRequired[str]


class Numbers(TypedDict):
    """The numbers of the account."""

    numbers: list[PhoneNumber]


class EdgeFunction(TypedDict):
    """A deployed function; ``updated_at`` in ISO 8601."""

    slug: str
    version: int
    status: str
    updated_at: str


class Functions(TypedDict):
    """The functions, and the names of their secrets."""

    functions: list[EdgeFunction]
    secrets: list[str]


class LogLine(TypedDict):
    """A line of a function's log; ``time`` in ISO 8601."""

    slug: str
    id: int
    time: str
    level: str
    text: str


class LogLines(TypedDict):
    """Oldest first."""

    lines: list[LogLine]


class Finding(TypedDict):
    """What a check found, with the command that repairs it."""

    level: Literal["ok", "warning", "error"]
    text: str
    command: str


class Findings(TypedDict):
    """What `voicehooks doctor` found."""

    findings: list[Finding]


@dataclass(frozen=True)
class Reading:
    """One request, by GET.

    Attributes:
        path: relative to the page's own.
        answer: the type of the JSON document; None for audio and for the stream of events.
        query: the names of its parameters.
        servers: which servers have it; the others answer 404, and the page hides that part.
    """

    path: str
    answer: Any
    query: tuple[str, ...] = ()
    servers: frozenset[Server] = _BOTH


READING = (
    Reading("about", About),
    Reading("calls", Calls, ("limit", "before")),
    Reading("calls/{sid}", Story),
    Reading("webhook-requests", WebhookRequests, ("call_sid", "after", "limit")),
    Reading("webhook-requests/{id}/signature", Signature, servers=frozenset({"sandbox"})),
    Reading("webhook-requests/{id}/rows", RowChanges, servers=frozenset({"sandbox"})),
    Reading("tables", Tables),
    Reading("tables/{table}", Rows, ("limit",)),
    Reading("recordings/{sid}", None),
    Reading("numbers", Numbers),
    Reading("functions", Functions),
    Reading("functions/{slug}/logs", LogLines, ("after",)),
    Reading("findings", Findings, servers=frozenset({"console"})),
    Reading("events", None, ("after",)),
)
EVENTS: dict[str, Any] = {
    "call": Call,
    "step": Step,
    "webhook-request": WebhookRequest,
    "row": RowChange,
    "function-log": LogLine,
}
"""The events of ``events`` that the page listens to, with the type of each one's data."""
