"""The record of errors and warnings, as Monitor alerts and as Notifications of a call.

Sources: Twilio docs, "Alerts resource"; twilio-oai, twilio_monitor_v1 and twilio_api_v2010.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from .. import errors
from ..dates import iso8601, parse_day_or_moment, rfc2822
from ..ownership import owned
from ..sids import new_sid
from ..store import Where

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..clock import Clock
    from ..store import Document, Store
    from ..webhooks.exchange import Outcome, Webhook

KIND = "alert"
LEVELS = ("error", "warning", "notice", "debug")
_KEPT_DAYS = 30


class Alerts:
    """The errors and warnings of all accounts."""

    def __init__(self, store: Store, clock: Clock, report: Callable[[Document], None] = lambda _: None) -> None:
        self._store = store
        self._clock = clock
        self._report = report

    def add(
        self, level: str, code: int, text: str, webhook: Webhook, outcome: Outcome | None = None
    ) -> Document:
        """Record what went wrong with a webhook, request and response included."""
        now = self._clock.now()
        details = {"sourceComponent": "14100"}
        if outcome is not None and outcome.status is not None:
            details["httpResponse"] = str(outcome.status)
        details |= {
            "url": webhook.url,
            "ErrorCode": str(code),
            "LogLevel": "ERROR" if level == "error" else "WARN",
            "Msg": text,
        }
        alert: Document = {
            "sid": new_sid("NO"),
            "account_sid": webhook.account_sid,
            "call_sid": webhook.call_sid,
            "log_level": level,
            "error_code": str(code),
            "alert_text": urlencode(details),
            "request_method": webhook.method,
            "request_url": webhook.url.partition("#")[0],
            "request_variables": urlencode(webhook.params),
            "request_headers": "" if outcome is None else urlencode(dict(outcome.request_headers)),
            "response_headers": "" if outcome is None else urlencode(dict(outcome.headers)),
            "response_body": "" if outcome is None else outcome.body[:16_384],
            "generated": webhook.moment,
            "created": now,
        }
        self._store.add(KIND, [alert], search_key="call_sid")
        self._report(alert)
        return alert

    def get(self, account_sid: str, sid: str, path: str) -> Document:
        """One alert of an account.

        Raises:
            TwilioError: 20404.
        """
        return owned(self._store, KIND, account_sid, sid, path)

    def filters(self, query: Mapping[str, str]) -> list[Where]:
        """The list filters; nothing older than 30 days is shown.

        Raises:
            TwilioError: 20001 for a level or date that is none.
        """
        where = [Where.between("created", self._clock.now() - _KEPT_DAYS * 86_400, None)]
        if level := query.get("LogLevel"):
            if level not in LEVELS:
                raise errors.invalid_parameter("LogLevel", level)
            where.append(Where.equals("log_level", level))
        for name in ("StartDate", "EndDate"):
            if text := query.get(name):
                span = parse_day_or_moment(text)
                if span is None:
                    raise errors.invalid_parameter(name, text)
                where.append(
                    Where.between("created", span[0], None)
                    if name == "StartDate"
                    else Where.between("created", None, span[1])
                )
        return where


def encode(alert: Document, base_url: str, *, whole: bool = False) -> Document:
    """The alert as Monitor shows it; only a single one (``whole``) comes with request and response."""
    shown: Document = {
        "account_sid": alert["account_sid"],
        "alert_text": alert["alert_text"],
        "api_version": "2010-04-01",
        "date_created": iso8601(alert["created"]),
        "date_generated": iso8601(alert["generated"]),
        "date_updated": iso8601(alert["created"]),
        "error_code": alert["error_code"],
        "log_level": alert["log_level"],
        "more_info": f"https://www.twilio.com/docs/errors/{alert['error_code']}",
        "request_method": alert["request_method"],
        "request_url": alert["request_url"],
        "resource_sid": alert["call_sid"],
        "service_sid": None,
        "sid": alert["sid"],
        "url": f"{base_url}/v1/Alerts/{alert['sid']}",
    }
    if whole:
        for key in ("request_variables", "request_headers", "response_headers", "response_body"):
            shown[key] = alert[key]
    return shown


def encode_notification(alert: Document, *, whole: bool = False) -> Document:
    """The same as a notification of its call."""
    shown: Document = {
        "account_sid": alert["account_sid"],
        "api_version": "2010-04-01",
        "call_sid": alert["call_sid"],
        "date_created": rfc2822(alert["created"]),
        "date_updated": rfc2822(alert["created"]),
        "error_code": alert["error_code"],
        "log": "0" if alert["log_level"] == "error" else "1",
        "message_date": rfc2822(alert["generated"]),
        "message_text": alert["alert_text"],
        "more_info": f"https://www.twilio.com/docs/errors/{alert['error_code']}",
        "request_method": alert["request_method"],
        "request_url": alert["request_url"],
        "sid": alert["sid"],
        "uri": (
            f"/2010-04-01/Accounts/{alert['account_sid']}/Calls/{alert['call_sid']}"
            f"/Notifications/{alert['sid']}.json"
        ),
    }
    if whole:
        for key in ("request_variables", "response_headers", "response_body"):
            shown[key] = alert[key]
    return shown
