"""Error answers of the webhooks API: ``application/problem+json``, with codes of their own.

Source: Twilio docs, "Webhook configuration", errors 59000 and 59103; twilio-python, ``rest/webhooks/v1``.
"""

from __future__ import annotations

from starlette.responses import JSONResponse

from ..errors import TwilioError


class Problem(TwilioError):
    """An error answer of this API: its detail is what the others call message."""

    def response(self) -> JSONResponse:
        """The answer as this API writes it."""
        body = {
            "type": f"https://www.twilio.com/docs/api/errors/{self.code}",
            "title": _TITLES.get(self.status, "Error"),
            "status": self.status,
            "detail": self.message,
            "code": self.code,
        }
        return JSONResponse(body, self.status, media_type="application/problem+json")


_TITLES = {400: "Bad Request", 404: "Not Found", 409: "Conflict"}


def invalid(detail: str) -> Problem:
    """A field is missing or has a value that is not allowed; the detail names it."""
    return Problem(400, 59000, detail)


def not_found(what: str) -> Problem:
    """There is no such object in this account."""
    return Problem(404, 20404, f"{what} was not found")


def duplicate_rule(match: str) -> Problem:
    """The account has a rule for this match already."""
    return Problem(409, 59103, f"a rule for {match} exists")


def in_use(what: str) -> Problem:
    """An object that another one names cannot be deleted."""
    return Problem(409, 59000, f"{what} is in use")
