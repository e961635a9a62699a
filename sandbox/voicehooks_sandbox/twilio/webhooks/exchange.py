"""One webhook as asked for (`Webhook`), and what came of it (`Outcome`)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import httpx

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Kind = Literal["voice", "action", "status", "recording", "media", "test"]


@dataclass(frozen=True)
class Webhook:
    """A request that Twilio is to make.

    Attributes:
        kind: ``voice`` and ``action`` want TwiML, ``status`` and ``recording`` only tell,
            ``media`` wants a file, ``test`` tries a webhook setting.
        url: absolute, as configured, fragment included.
        method: GET or POST.
        params: what it says; with GET they go into the query string.
        account: whose token signs.
        call_sid: the leg it is about; groups it with others of its call through ``root_sid``.
        root_sid: the first leg of the call.
        moment: simulated time of the event, seconds since 1970.
        cookies: of this call; answers may add to them.
        redirects_to: whether a redirect to an address is followed; None: every one is.
    """

    kind: Kind
    url: str
    method: str
    params: Mapping[str, str]
    account_sid: str
    call_sid: str
    root_sid: str
    moment: float
    cookies: httpx.Cookies = field(default_factory=httpx.Cookies)
    redirects_to: Callable[[str], bool] | None = None


@dataclass(frozen=True)
class Outcome:
    """What came of a webhook after all attempts.

    Attributes:
        url: the document's address: as configured, or where redirects led.
        status: HTTP status, None without an answer.
        content_type: media type in lower case without parameters, empty when there was none.
        body: the answer's text.
        headers: the answer's headers.
        request_headers: those that were sent.
        error_code: Twilio's code for a failure to get any answer, None otherwise.
        error_text: the same in words.
    """

    url: str
    status: int | None = None
    content_type: str = ""
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    request_headers: Mapping[str, str] = field(default_factory=dict)
    error_code: int | None = None
    error_text: str = ""

    @property
    def ok(self) -> bool:
        """Whether there was an answer of the 200s."""
        return self.status is not None and 200 <= self.status < 300
