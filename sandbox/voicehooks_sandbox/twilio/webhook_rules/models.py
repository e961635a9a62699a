"""Rules, settings and shared keys: which one a URL's requests are delivered and signed with.

Sources: Twilio docs, "Webhook rules", "Webhook settings", "Webhook shared keys" (public beta);
twilio-python, ``rest/webhooks/v1``. Decided here and worth a look on a real account: a rule takes effect at
once, a match is compared with the URL without its query and fragment, the authentication of a setting is kept
and never sent.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from ..webhooks.overrides import Overrides
from ..webhooks.signature import Signer
from . import errors

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..clock import Clock
    from ..store import Document, Store

KEY, SETTING, RULE = "webhook-key", "webhook-setting", "webhook-rule"
KINDS = (KEY, SETTING, RULE)
_PREFIXES = {KEY: "webhooks_sharedkey_", SETTING: "webhooks_setting_", RULE: "webhooks_rule_"}
_MATCHES = {"EXACT_MATCH": "value", "PREFIX_MATCH": "prefix", "DEFAULT": ""}
_POLICIES = {
    "HTTP_4XX": "4xx",
    "HTTP_5XX": "5xx",
    "CONNECTION_TIMEOUT": "ct",
    "READ_TIMEOUT": "rt",
    "ALL": "all",
}
_TOKEN_SIGNATURE = {"type": "ACCOUNT_AUTH_TOKEN", "algorithm": "HMAC_SHA1"}
_LONGEST_MATCH = 2048
_MOST_OF_A_CALL = 15_000  # for all attempts of a request that belongs to a call, ms
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


class WebhookRules:
    """The rules of all accounts and what they refer to."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._sent = 0

    # What delivery asks

    def setting_of(self, account_sid: str, url: str) -> Document | None:
        """The setting that a request is delivered with, None without a rule for its URL.

        The longest exact match comes first, then the longest prefix, then the default. A rule with two settings
        spreads the requests over them as its percentages say.
        """
        address = url.partition("#")[0].partition("?")[0]
        rules = [rule for rule in self.all(RULE, account_sid) if _matches(rule, address)]
        if not rules:
            return None
        order = list(_MATCHES)
        rule = min(rules, key=lambda item: (order.index(item["matchType"]), -len(_match_of(item))))
        self._sent += 1
        place = self._sent * 37 % 100
        for reference in rule["settings"]:
            place -= reference["percentage"]
            if place < 0:
                return self._store.get(SETTING, reference["settingId"])
        return None

    def treatment_of(self, account_sid: str, url: str, auth_token: str) -> tuple[Signer, Overrides | None]:
        """What signs a request, and how it is made where a rule says that."""
        setting = self.setting_of(account_sid, url)
        return (Signer(auth_token), None) if setting is None else self.treatment_by(setting, auth_token)

    def treatment_by(self, setting: Document, auth_token: str) -> tuple[Signer, Overrides | None]:
        """What signs the requests of a setting, and how they are made where it says that."""
        connection = setting.get("connection")
        return self.signer_of(setting, auth_token), None if connection is None else _overrides(connection)

    def signer_of(self, setting: Document, auth_token: str) -> Signer:
        """What signs the requests of a setting."""
        signature = setting.get("signature") or _TOKEN_SIGNATURE
        key = self._store.get(KEY, signature.get("sharedKeyId") or "")
        if key is None:
            return Signer(auth_token)
        algorithm = signature.get("algorithm") or "HMAC_SHA256"
        header = f"key={key['id']},algorithm={algorithm}"
        return Signer(key["secret"], algorithm, header)

    def secret_named_in(self, header: str) -> str:
        """The secret of the shared key that a request's header names; empty if there is none."""
        parts = dict(part.strip().partition("=")[::2] for part in header.split(","))
        key = self._store.get(KEY, parts.get("key", ""))
        return "" if key is None else str(key["secret"])

    # Its own API

    def all(self, kind: str, account_sid: str) -> list[Document]:
        """The account's objects of a kind, newest first."""
        return self._store.page(kind, account_sid, limit=1000)

    def get(self, kind: str, account_sid: str, sid: str) -> Document:
        """One object.

        Raises:
            Problem: 404.
        """
        found = self._store.get(kind, sid)
        if found is None or found["account_sid"] != account_sid:
            raise errors.not_found(sid)
        return found

    def create(self, kind: str, account_sid: str, body: Mapping[str, Any], once: str = "") -> Document:
        """A new object; a key comes with its secret.

        Args:
            kind: ``KEY``, ``SETTING`` or ``RULE``.
            account_sid: whose it is.
            body: its fields.
            once: an idempotency key: the object that was created with it is returned again.

        Raises:
            Problem: 400 for a field that is not allowed, 409 for a second rule for one match.
        """
        for known in self.all(kind, account_sid) if once else ():
            if known.get("once") == once:
                return known
        fields = self._checked(kind, account_sid, body)
        now = self._clock.now()
        sid = _PREFIXES[kind] + "".join(secrets.choice(_ALPHABET) for _ in range(26))
        made: Document = {
            "sid": sid,
            "account_sid": account_sid,
            "id": sid,
            **fields,
            "created": now,
            "updated": now,
            "once": once,
        }
        if kind == KEY:
            made["secret"] = secrets.token_urlsafe(32)
        self._store.add(kind, [made])
        return made

    def change(self, kind: str, found: Document, body: Mapping[str, Any]) -> Document:
        """Change what can be changed: of keys and settings the texts, of rules everything.

        Raises:
            Problem: as for ``create``.
        """
        if kind != RULE and (fixed := set(body) - {"friendlyName", "description"}):
            raise errors.invalid(f"{min(fixed)} cannot be changed")
        whole = {name: value for name, value in found.items() if name not in ("prefix", "value")} | dict(body)
        if "matchType" not in body:
            whole |= {name: found[name] for name in ("prefix", "value") if name in found and name not in body}
        found.pop("prefix", None)
        found.pop("value", None)
        found.update(self._checked(kind, found["account_sid"], whole, itself=found["sid"]))
        found["updated"] = self._clock.now()
        self._store.save(kind, found)
        return found

    def delete(self, kind: str, found: Document) -> None:
        """Delete an object that no other names.

        Raises:
            Problem: 409.
        """
        users = {KEY: SETTING, SETTING: RULE}.get(kind)
        if users is not None:
            for user in self.all(users, found["account_sid"]):
                if found["id"] in str(user):
                    raise errors.in_use(found["id"])
        self._store.delete(kind, found["sid"])

    def _checked(self, kind: str, account_sid: str, body: Mapping[str, Any], *, itself: str = "") -> Document:
        texts = {name: str(body.get(name) or "") for name in ("friendlyName", "description")}
        if len(texts["friendlyName"]) > 255 or len(texts["description"]) > 1024:
            raise errors.invalid("friendlyName or description is too long")
        if kind == KEY:
            return {"friendlyName": texts["friendlyName"]}
        if kind == SETTING:
            return {**texts, "type": "CUSTOMER", **self._setting(account_sid, body)}
        return {**texts, **self._rule(account_sid, body, itself)}

    def _setting(self, account_sid: str, body: Mapping[str, Any]) -> Document:
        auth = body.get("auth")
        if not isinstance(auth, dict) or auth.get("source") not in ("INLINE", "REFERENCE"):
            raise errors.invalid("auth is required, with source INLINE or REFERENCE")
        signature = {**_TOKEN_SIGNATURE, **(body.get("signature") or {})}
        if signature.get("sharedKeyId"):
            self.get(KEY, account_sid, str(signature["sharedKeyId"]))
            signature["algorithm"] = (body.get("signature") or {}).get("algorithm") or "HMAC_SHA256"
        connection = body.get("connection")
        if connection is not None:
            _overrides(connection)
        return {
            "auth": auth,
            "signature": signature,
            "connection": connection,
            "edgeZones": body.get("edgeZones"),
        }

    def _rule(self, account_sid: str, body: Mapping[str, Any], itself: str) -> Document:
        kind = body.get("matchType")
        if kind not in _MATCHES:
            raise errors.invalid(f"matchType is one of {', '.join(_MATCHES)}")
        name = _MATCHES[kind]
        match = str(body.get(name) or "") if name else ""
        if name and (not match.startswith("http") or len(match) > _LONGEST_MATCH):
            raise errors.invalid(f"{name} is a URL of at most {_LONGEST_MATCH} characters")
        if name and match.endswith("/") != (name == "prefix"):
            raise errors.invalid(f"{name} must {'not ' if name == 'value' else ''}end with /")
        rule: Document = {"matchType": kind, "settings": self._references(account_sid, body.get("settings"))}
        if name:
            rule[name] = match
        for other in self.all(RULE, account_sid):
            if other["sid"] != itself and (other["matchType"], _match_of(other)) == (kind, match):
                raise errors.duplicate_rule(match or kind)
        return rule

    def _references(self, account_sid: str, given: Any) -> list[Document]:
        if not isinstance(given, list) or not 1 <= len(given) <= 2:
            raise errors.invalid("settings has one or two entries")
        for reference in given:
            self.get(SETTING, account_sid, str(reference.get("settingId")))
        if sum(int(reference.get("percentage") or 0) for reference in given) != 100:
            raise errors.invalid("the percentages of settings must sum to 100")
        return [{"settingId": item["settingId"], "percentage": int(item["percentage"])} for item in given]


def _overrides(connection: Any) -> Overrides:
    policy = connection.get("retryPolicy") or {}
    limits = {"connectTimeoutMs": 15_000, "readTimeoutMs": 15_000, "totalTimeoutMs": 60_000}
    times = {}
    for name, most in limits.items():
        value = connection.get(name)
        if value is not None and (not isinstance(value, int) or not 100 <= value <= most):
            raise errors.invalid(f"connection.{name} must be from 100 to {most}")
        times[name] = value
    retried = policy.get("retryOn") or []
    retried = [retried] if isinstance(retried, str) else retried
    if not all(item in _POLICIES for item in retried):
        raise errors.invalid(f"connection.retryPolicy.retryOn has values of {', '.join(_POLICIES)}")
    return Overrides(
        connect=times["connectTimeoutMs"] or 5_000,
        read=times["readTimeoutMs"] or 15_000,
        total=min(times["totalTimeoutMs"] or _MOST_OF_A_CALL, _MOST_OF_A_CALL),
        retries=int(policy.get("retryCount") or 0),
        policy=frozenset(_POLICIES[item] for item in retried),
    )


def _match_of(rule: Document) -> str:
    return str(rule.get(_MATCHES[rule["matchType"]]) or "")


def _matches(rule: Document, address: str) -> bool:
    match = _match_of(rule)
    if rule["matchType"] == "EXACT_MATCH":
        return address == match
    return rule["matchType"] == "DEFAULT" or address.startswith(match)
