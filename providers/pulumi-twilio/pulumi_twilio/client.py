"""The part of Twilio's REST API that this provider uses.

Requests are form-urlencoded, answers JSON (paths end in ``.json``; the 2010 API answers XML otherwise).
This client cannot create or delete an incoming phone number, because it has no method for that.
It returns an answer only if it matches the type for its path in ``shapes.py``.
"""

from __future__ import annotations

import copy
import functools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from pulumi_provider_kit.errors import ProviderError
from pulumi_provider_kit.rest import RestClient
from pulumi_provider_kit.vendor_answer import read, sentence

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    import httpx
    from pulumi_provider_kit.cancellation import Cancellation

__all__ = ["Credentials", "NotFound", "Subaccounts", "TwilioClient", "TwilioError"]

_PAGE_SIZE = 1000  # Twilio's maximum
# The engine takes a provider's configuration from the state once no resource of the program uses the provider.
_STATE_CREDENTIALS = (
    ". If they are set already, the program has no twilio resource any more and Pulumi uses the credentials of "
    "the last update: keep one twilio resource in the program until pulumi up has run once"
)
_NOT_TWILIO = "check twilio:baseUrl and whether a proxy answers in Twilio's place, then run the command again"


class TwilioError(ProviderError):
    """Twilio refused a request.

    Attributes:
        code: Twilio's error code, 21402 for example, or None.
        detail: Twilio's own message.
        status: the HTTP status.
    """

    def __init__(self, code: int | None, detail: str, status: int, hint: str = "", where: str = "") -> None:
        name = f"Twilio {code}" if code is not None else "Twilio"
        said = f"{name}: {detail} (HTTP {status}{where})"
        super().__init__(said + (f"; {hint}" if hint else ""))
        self.code = code
        self.detail = detail
        self.status = status
        self.refused = status < 500


class NotFound(TwilioError):
    """The object does not exist in this account."""


@dataclass(frozen=True)
class Credentials:
    """The account, and its auth token or one of its API keys.

    Attributes:
        account_sid: AC...
        user: the account SID, or the API key's SID (SK...).
        password: the auth token, or the API key's secret.
    """

    account_sid: str
    user: str
    password: str


class Subaccounts(Protocol):
    """What the account of the credentials knows of its subaccounts."""

    async def token(self, sid: str, refused: str = "") -> str:
        """Return a subaccount's auth token; another one than ``refused``, which Twilio did not accept."""

    async def ensure_usable(self, sid: str) -> None:
        """Raise an error that explains it if a subaccount is closed, suspended or not one of this account."""


class TwilioClient:
    """One account.

    Args:
        credentials: the account's credentials.
        cancellation: ends waits.
        region: a Twilio Region such as ``ie1``, or empty for the default.
        edge: an edge such as ``dublin``; ``ashburn`` by default if there is a region.
        base_url: one URL that replaces all of Twilio's hosts, for a sandbox; empty for Twilio itself.
        attempts: the maximum number of attempts per request.
        timeout: seconds to wait for the answer of one attempt.
        transport: for tests.
    """

    def __init__(
        self,
        credentials: Credentials,
        cancellation: Cancellation,
        *,
        region: str,
        edge: str,
        base_url: str,
        attempts: int = 8,
        timeout: float = 30.0,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.account_sid = credentials.account_sid
        self.region = region or "us1"
        self.subaccounts: Subaccounts | None = None
        self._user = credentials.user
        self._with_key = credentials.user != credentials.account_sid
        self._base_url = base_url.rstrip("/")
        self._place = f"{edge or 'ashburn'}.{region or 'us1'}." if region or edge else ""
        self._rest = RestClient(
            self.host("api"),
            cancellation,
            auth=(credentials.user, credentials.password),
            attempts=attempts,
            timeout=timeout,
            transport=transport,
        )

    def below(self, sid: str, subaccounts: Subaccounts) -> TwilioClient:
        """Return the client of a subaccount, which shares this client's connections.

        The credentials of the main account open a subaccount's resources of the 2010 API, and nothing else
        (Twilio docs: Subaccounts). Every other product is asked with the subaccount's own auth token.
        """
        client = copy.copy(self)
        client.account_sid, client.subaccounts = sid, subaccounts
        return client

    def signs_in_with(self, key_sid: str) -> bool:
        """Return whether these credentials are that API key."""
        return self._user == key_sid

    async def get(self, path: str, *, host: str = "api", **parameters: str | int) -> dict[str, Any]:
        """Read one object or one page; ``path`` may be a paging URI from an earlier answer."""
        answer: dict[str, Any] = await self._send("GET", path, host, repeatable=True, params=parameters or None)
        return answer

    async def pages(self, path: str, key: str, **parameters: str | int) -> AsyncIterator[list[dict[str, Any]]]:
        """Read a list page by page.

        Args:
            path: the list's path.
            key: the key of its entries in an answer: ``incoming_phone_numbers``.
            **parameters: filters.
        """
        page = await self.get(path, host="api", PageSize=_PAGE_SIZE, **parameters)
        yield page[key]
        while uri := page.get("next_page_uri"):
            page = await self.get(uri)
            if page.get("next_page_uri") == uri:
                raise ProviderError(f"Twilio's list of {key} has no end; run the command again later")
            yield page[key]

    async def post(
        self, path: str, form: Mapping[str, str | list[str]], *, host: str = "api", repeatable: bool = True
    ) -> dict[str, Any]:
        """Create or update. ``repeatable`` is false if sending it twice would create two objects."""
        answer: dict[str, Any] = await self._send("POST", path, host, repeatable=repeatable, data=form)
        return answer

    async def delete(self, path: str, *, host: str = "api") -> None:
        """Delete an object that this provider created; 404 means that it no longer exists."""
        await self._send("DELETE", path, host, repeatable=True)

    async def get_tagged(self, path: str, *, host: str) -> tuple[dict[str, Any], str]:
        """Read one object, and its ETag; empty where Twilio sends none."""
        response = await self._answer("GET", path, host, repeatable=True)
        return self._body("GET", response), str(response.headers.get("ETag") or "")

    async def write_json(
        self, method: str, path: str, body: dict[str, Any], *, host: str, tag: str = "", once: str = ""
    ) -> dict[str, Any]:
        """Create (POST), replace (PUT) or change (PATCH) an object of a product whose API takes JSON.

        Args:
            method: POST, PUT or PATCH.
            path: the object's path.
            body: the whole object, or with PATCH what changes.
            host: the product.
            tag: the ETag of the object that may be replaced; 412 if it was changed since. Empty: any.
            once: an idempotency key: sent twice, the request acts once. Empty: a POST is sent once.
        """
        headers = {"If-Match": tag} if tag else {}
        if once:
            headers["Idempotency-Key"] = once
        answer: dict[str, Any] = await self._send(
            method, path, host, repeatable=method != "POST" or bool(once), json=body, headers=headers or None
        )
        return answer

    async def delete_later(self, path: str, *, host: str) -> dict[str, Any]:
        """Delete an object of an API that may do so later, and return its answer; empty if it has none."""
        response = await self._answer("DELETE", path, host, repeatable=True)
        answer: dict[str, Any] = self._body("DELETE", response) if response.content else {}
        return answer

    async def close(self) -> None:
        """Close the connections."""
        await self._rest.close()

    def account(self, path: str) -> str:
        """Return a path below the account: ``Applications.json``."""
        return f"/2010-04-01/Accounts/{self.account_sid}/{path}"

    def host(self, product: str) -> str:
        """Return where a product of Twilio is, `api` for example."""
        return self._base_url or f"https://{product}.{self._place}twilio.com"

    async def _send(self, method: str, path: str, host: str, *, repeatable: bool, **request: Any) -> Any:
        response = await self._answer(method, path, host, repeatable=repeatable, **request)
        return {} if method == "DELETE" else self._body(method, response)

    async def _answer(
        self, method: str, path: str, host: str, *, repeatable: bool, **request: Any
    ) -> httpx.Response:
        # If a paging URI is a whole URL, only its path is used: credentials are sent to Twilio's hosts only.
        parts = urlsplit(path)
        url = self.host(host) + parts.path + (f"?{parts.query}" if parts.query else "")
        response = await self._sent(method, url, host, repeatable=repeatable, **request)
        if self.subaccounts is not None and response.status_code in (401, 403, 404):
            await self.subaccounts.ensure_usable(self.account_sid)
        if not response.is_success:
            raise self._error(response)
        return response

    async def _sent(
        self, method: str, url: str, host: str, *, repeatable: bool, **request: Any
    ) -> httpx.Response:
        """Send a request with the credentials that Twilio accepts for it."""
        send = functools.partial(self._rest.send, method, url, repeatable=repeatable, **request)
        if self.subaccounts is None or host == "api":
            return await send()
        sid = self.account_sid
        token = await self.subaccounts.token(sid)
        response = await send(auth=(sid, token))
        if response.status_code == 401:
            response = await send(auth=(sid, await self.subaccounts.token(sid, refused=token)))
        return response

    @staticmethod
    def _body(method: str, response: httpx.Response) -> Any:
        # Loaded with the first answer: pydantic takes a moment to import.
        from .shapes import shape_of  # noqa: PLC0415

        return read(response, "Twilio", shape_of(method, response.request.url.path), do=_NOT_TWILIO)

    def _error(self, response: httpx.Response) -> TwilioError:
        try:
            body = response.json()
        except (ValueError, RecursionError):
            body = {}
        if not isinstance(body, dict):
            body = {}
        # The webhooks API calls its message "detail" (RFC 9457).
        code, message = body.get("code"), body.get("message") or body.get("detail")
        detail = sentence(message if isinstance(message, str) and message else response.reason_phrase)
        status = response.status_code
        kind = NotFound if status == 404 else TwilioError
        return kind(
            code if isinstance(code, int) else None,
            detail or "no explanation",
            status,
            self._hint(status, response.request),
            "" if self.subaccounts is None else f", in the subaccount {self.account_sid}",
        )

    def _hint(self, status: int, request: httpx.Request) -> str:
        if status in (401, 403) and self._with_key and _needs_main_key(request.url.path):
            return (
                "an API key manages neither subaccounts nor API keys, unless it is a main key: sign in with "
                f"the account's auth token instead of {self._user}: pulumi config set --secret twilio:authToken"
            )
        if status == 401 and self.subaccounts is not None:
            return "its auth token may have been rotated a moment ago; run the command again"
        if status == 401 and self._with_key:
            return (
                f"the API key for {self.account_sid} was refused; it may have been revoked or belong to "
                f"another account or region: pulumi config set --secret twilio:apiKeySecret{_STATE_CREDENTIALS}"
            )
        if status == 401:
            return (
                f"the auth token of {self.account_sid} was refused; it may have been rotated: "
                f"pulumi config set --secret twilio:authToken{_STATE_CREDENTIALS}"
            )
        if status == 403:
            return (
                f"the credentials lack the permission {_right(request.method, request.url.path)}; grant it to "
                "the API key in the Twilio console, or use a key or token that has it"
            )
        if status == 429:
            return "the account still has too many concurrent requests; run the command again later"
        if 300 <= status < 400:
            return f"Twilio's API does not redirect: {_NOT_TWILIO}"
        return ""


def _needs_main_key(path: str) -> bool:
    """Return whether a path is one that Twilio closes to standard API keys (Twilio docs: API keys)."""
    return (
        re.fullmatch(r"/2010-04-01/Accounts(/[^/]+)?\.json|/2010-04-01/Accounts/[^/]+/Keys.*", path) is not None
    )


def _right(method: str, path: str) -> str:
    """Return the permission that a request needs, as on the reference page.

    >>> _right("POST", "/2010-04-01/Accounts/AC1/IncomingPhoneNumbers/PN1.json")
    'IncomingPhoneNumbers: update'
    """
    parts = path.removesuffix(".json").strip("/").split("/")
    if parts[0] == "2010-04-01":
        what, single = (parts[3], len(parts) > 4) if len(parts) > 3 else ("Accounts", True)
        verbs = {
            "GET": "read" if single else "list",
            "POST": "update" if single else "create",
            "DELETE": "delete",
        }
        return f"{what}: {verbs.get(method, method)}"
    what = {
        "DialingPermissions": "Voice dialing permissions",
        "Settings": "Voice settings",
        "Voice": "Insights voice settings",
        "AccountDefaultConfiguration": "Voice account default configuration",
        "Webhooks": f"Webhooks {parts[2]}" if len(parts) > 2 else "Webhooks",
    }.get(parts[1], parts[1])
    return f"{what}: {'read' if method == 'GET' else 'update'}"
