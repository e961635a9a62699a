"""The mails that Auth would send, kept in memory to be read under `/_sandbox/mail`."""

from __future__ import annotations

import hashlib
import secrets
from collections import deque
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

if TYPE_CHECKING:
    from collections.abc import Callable

_MOST_MAILS = 1_000
PKCE_PREFIX = "pkce_"
_SUBJECTS = {
    "signup": "Confirm Your Signup",
    "magiclink": "Your Magic Link",
    "recovery": "Reset Your Password",
    "invite": "You have been invited",
    "email_change": "Confirm Email Change",
}


@dataclass(frozen=True)
class Mail:
    """One mail.

    Attributes:
        to: The recipient.
        kind: signup, magiclink, recovery, invite or email_change.
        subject: Its subject.
        otp: The one-time code (six digits).
        token_hash: What `verifyOtp` takes as `token_hash`.
        action_link: The link to click.
        at: When it was sent, RFC 3339.
    """

    to: str
    kind: str
    subject: str
    otp: str
    token_hash: str
    action_link: str
    at: str


class Outbox:
    """All mails, oldest first.

    Args:
        project_url: The project's URL, for links.
        announce: Called with a line for the log about each mail.
    """

    def __init__(self, project_url: str, announce: Callable[[str], None]) -> None:
        self._project_url = project_url
        self._announce = announce
        self._mails: deque[Mail] = deque(maxlen=_MOST_MAILS)

    def write(self, kind: str, to: str, redirect_to: str, *, pkce: bool = False) -> Mail:
        """Write a mail with a fresh code, without sending it (`admin.generateLink`)."""
        otp = f"{secrets.randbelow(1_000_000):06d}"
        token_hash = (PKCE_PREFIX if pkce else "") + hash_of(to, otp)
        query = urlencode({"token": token_hash, "type": kind, "redirect_to": redirect_to})
        link = f"{self._project_url}/auth/v1/verify?{query}"
        at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return Mail(to, kind, _SUBJECTS[kind], otp, token_hash, link, at)

    def send(self, mail: Mail) -> None:
        """Send a mail: it can be read from now on."""
        self._mails.append(mail)
        self._announce(f'Auth wrote "{mail.subject}" to {mail.to}; read it with GET /_sandbox/mail')

    def read(self, to: str | None = None) -> list[dict[str, Any]]:
        """All mails, or those to one address, oldest first."""
        return [asdict(mail) for mail in self._mails if to is None or mail.to == to.lower()]

    def clear(self) -> None:
        """Delete all mails."""
        self._mails.clear()


def hash_of(email: str, otp: str) -> str:
    """The hash of a one-time code, as Auth stores it."""
    return hashlib.sha224((email + otp).encode()).hexdigest()
