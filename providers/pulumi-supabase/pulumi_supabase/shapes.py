"""The types of the Management API's answers, with the fields that this project reads.

Source: the API's own OpenAPI document (https://api.supabase.com/api/v1-json). The client validates each answer
against the type of its path; other fields are kept unchanged.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Any, NotRequired

from pydantic import AfterValidator
from typing_extensions import TypedDict

__all__ = ["NOTHING", "log_moment", "shape_of"]


def log_moment(value: str | float) -> datetime:
    """Return the time of a log line, which is text or microseconds since 1970.

    Raises:
        ValueError: it is neither of these.
    """
    if isinstance(value, int | float) or value.isdigit():
        try:
            return datetime.fromtimestamp(float(value) / 1_000_000, UTC)
        except (OverflowError, OSError):
            raise ValueError("not a time that can be written as a date") from None
    moment = datetime.fromisoformat(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _is_moment(value: str | float) -> str | float:
    log_moment(value)
    return value


Text = str | None


class Function(TypedDict):
    """An Edge Function."""

    id: str
    slug: str
    name: str
    version: int
    status: str
    verify_jwt: NotRequired[bool]
    ezbr_sha256: NotRequired[Text]
    entrypoint_path: NotRequired[Text]
    import_map_path: NotRequired[Text]


class ListedFunction(TypedDict):
    """An Edge Function in the project's list, with fewer fields."""

    id: str
    slug: str
    status: NotRequired[str]
    version: NotRequired[int]
    verify_jwt: NotRequired[bool]
    ezbr_sha256: NotRequired[Text]


class Secret(TypedDict):
    """A function secret: its name, and the digest of its value."""

    name: str
    value: str


class ApiKey(TypedDict):
    """An API key of the project."""

    name: str
    api_key: NotRequired[Text]
    type: NotRequired[Text]


class LegacyKeys(TypedDict):
    """Whether the legacy keys are enabled."""

    enabled: bool


class _ProjectDatabase(TypedDict):
    host: NotRequired[Text]
    version: NotRequired[Text]


class Project(TypedDict):
    """A project."""

    name: str
    region: str
    status: str
    created_at: str
    organization_slug: NotRequired[Text]
    organization_id: NotRequired[Text]
    database: NotRequired[_ProjectDatabase | None]


class ServiceHealth(TypedDict):
    """The health of a service of the project."""

    name: str
    healthy: bool


class _LogRow(TypedDict):
    timestamp: Annotated[str | float, AfterValidator(_is_moment)]
    id: NotRequired[Text]
    event_message: NotRequired[Text]
    function_id: NotRequired[Text]
    level: NotRequired[Text]


class Logs(TypedDict):
    """Rows of the project's logs, or the reason why there are none."""

    result: NotRequired[list[_LogRow] | None]
    error: NotRequired[Any]


NOTHING = None
"""The shape of an answer whose body is not read as JSON."""

_SHAPES: tuple[tuple[str, str, Any], ...] = (
    ("GET", r"", Project),
    ("GET", r"/functions", list[ListedFunction]),
    ("POST", r"/functions/deploy", Function),
    ("GET", r"/functions/[^/]+", Function),
    ("GET", r"/secrets", list[Secret]),
    ("GET", r"/api-keys", list[ApiKey]),
    ("GET", r"/api-keys/legacy", LegacyKeys),
    ("GET", r"/health", list[ServiceHealth]),
    ("GET", r"/analytics/endpoints/logs", Logs),
    ("POST", r"/database/query", list[dict[str, Any]]),
)


def shape_of(method: str, path: str) -> Any:
    """Return the type of Supabase's answer to a request, or ``NOTHING`` if its body is not read as JSON.

    Args:
        method: the HTTP method.
        path: the part after ``/v1/projects/{ref}``, without a query.
    """
    for known, pattern, shape in _SHAPES:
        if method == known and re.fullmatch(pattern, path):
            return shape
    return NOTHING
