"""Accounts and API keys: state, credentials, and what a trial or suspended account may do.

Sources: Twilio docs, "Account resource", "API keys", "Free trial limitations".
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .. import errors
from ..ownership import owned
from ..sids import new_sid
from . import errors as account_errors

if TYPE_CHECKING:
    from ..clock import Clock
    from ..store import Document, Store

KIND = "account"
KEY_KIND = "api-key"
KEY_TYPES = ("main", "standard", "restricted")
MOST_SUBACCOUNTS = 1000


@dataclass(frozen=True)
class Principal:
    """Who made a request.

    Attributes:
        account: the account whose credentials were given.
        key: the API key used, None for the auth token.
    """

    account: Document
    key: Document | None

    def check(self, permission: str, *, main_only: bool) -> None:
        """Let a request pass that its credentials allow.

        Raises:
            TwilioError: 20003 where a standard key asks for what needs a main key, or a restricted key
                lacks the permission.
        """
        if self.key is None or self.key["type"] == "main" or not permission:
            return
        if self.key["type"] == "restricted":
            if permission not in self.key["permissions"]:
                raise errors.forbidden(f"The restricted API key lacks the permission {permission}")
        elif main_only:
            raise errors.authenticate()


class Accounts:
    """The accounts and keys of the sandbox."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def open(self, sid: str, auth_token: str) -> None:
        """Make the main account, unless the state has it already (its token may have been rotated since).

        Raises:
            ValueError: the state belongs to another account.
        """
        main = self._store.value("main-account")
        if main is not None:
            if main != sid:
                msg = (
                    f"This sandbox state belongs to account {main}, not to {sid}: "
                    "start it with that account SID, or with another state folder."
                )
                raise ValueError(msg)
            return
        self._add(sid, auth_token, owner=sid, name="Sandbox account")
        self._store.set_value("main-account", sid)

    @property
    def main_sid(self) -> str:
        """SID of the account that the sandbox was started with."""
        return str(self._store.value("main-account"))

    def get(self, sid: str) -> Document | None:
        """An account, or None."""
        return self._store.get(KIND, sid)

    def family(self, sid: str) -> list[str]:
        """SIDs of an account and of all that it owns."""
        owned = self._store.page(KIND, sid, limit=1000)
        return [sid, *(account["sid"] for account in owned if account["sid"] != sid)]

    def save(self, account: Document) -> None:
        """Remember an account's changes."""
        account["updated"] = self._clock.now()
        self._store.save(KIND, account)

    def create_subaccount(self, owner: str, name: str) -> Document:
        """A new account that belongs to another and has an auth token of its own.

        Raises:
            TwilioError: 21101 if the owner is a subaccount, 21480 if it has as many as it may have.
        """
        if owner != self.main_sid:
            raise account_errors.subaccount_of_subaccount()
        if len(self._store.page(KIND, owner, limit=MOST_SUBACCOUNTS + 1)) > MOST_SUBACCOUNTS:
            raise account_errors.too_many_subaccounts()
        return self._add(new_sid("AC"), secrets.token_hex(16), owner=owner, name=name)

    def set_status(self, account: Document, status: str) -> None:
        """Suspend, reactivate or close an account.

        Raises:
            TwilioError: 21479 if it is closed, which is for ever.
        """
        if account["status"] == "closed" and status != "closed":
            raise account_errors.closed_for_ever()
        account["status"] = status
        self.save(account)

    def _add(self, sid: str, auth_token: str, *, owner: str, name: str) -> Document:
        now = self._clock.now()
        account: Document = {
            "sid": sid,
            "account_sid": owner,
            "auth_token": auth_token,
            "secondary_auth_token": "",
            "friendly_name": name,
            "status": "active",
            "type": "Full",
            "balance": "100.00",
            "verified_numbers": [],
            "concurrency_limit": None,
            "calls_per_second": 1,
            "request_seconds": 0.02,
            "created": now,
            "updated": now,
        }
        self._store.add(KIND, [account])
        return account

    def create_key(self, account_sid: str, kind: str, permissions: list[str], name: str = "") -> Document:
        """A new API key; a restricted one has permissions such as ``/twilio/voice/calls/create``."""
        now = self._clock.now()
        key: Document = {
            "sid": new_sid("SK"),
            "account_sid": account_sid,
            "secret": secrets.token_urlsafe(24),
            "type": kind,
            "permissions": permissions,
            "friendly_name": name,
            "created": now,
            "updated": now,
        }
        self._store.add(KEY_KIND, [key])
        return key

    def key(self, account_sid: str, sid: str, path: str) -> Document:
        """One API key of an account.

        Raises:
            TwilioError: 20404, also where another account owns it.
        """
        return owned(self._store, KEY_KIND, account_sid, sid, path)

    def rename_key(self, key: Document, name: str) -> None:
        """Give a key another name."""
        key.update(friendly_name=name, updated=self._clock.now())
        self._store.save(KEY_KIND, key)

    def delete_key(self, key: Document) -> None:
        """Revoke a key: its credentials are not valid any more."""
        self._store.delete(KEY_KIND, key["sid"])

    def authenticate(self, user: str, password: str) -> Principal:
        """The owner of Basic credentials: account SID with auth token, or key SID with secret.

        Raises:
            TwilioError: 20003 when they are wrong.
        """
        if user.startswith("SK"):
            key = self._store.get(KEY_KIND, user)
            account = None if key is None else self.get(key["account_sid"])
            if key is None or account is None or not _same(key["secret"], password):
                raise errors.authenticate()
            return Principal(account, key)
        account = self.get(user)
        tokens = [] if account is None else [account["auth_token"], account["secondary_auth_token"]]
        if account is None or not any(token and _same(token, password) for token in tokens):
            raise errors.authenticate()
        return Principal(account, None)

    def reach(self, principal: Principal, sid: str, path: str) -> Document:
        """The account a path names, when the principal may act on it: its own or one it owns.

        Raises:
            TwilioError: 20404 for another owner's account, 20003 for an API key of the owner, which opens the
                owner's resources only (Twilio docs: Subaccounts). Twilio's pages differ about main keys.
        """
        account = self.get(sid)
        if account is None or principal.account["sid"] not in {account["sid"], account["account_sid"]}:
            raise errors.not_found(path)
        key = principal.key
        if key is not None and key["type"] != "main" and principal.account["sid"] != sid:
            raise errors.authenticate()
        return account


def require_active(account: Document) -> None:
    """Refuse work for a suspended or closed account.

    Raises:
        TwilioError: 20005.
    """
    if account["status"] != "active":
        raise errors.account_not_active(account["sid"])


def _same(expected: str, given: str) -> bool:
    return hmac.compare_digest(expected.encode(), given.encode())
