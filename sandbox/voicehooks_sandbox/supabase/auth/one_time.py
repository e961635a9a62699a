"""One-time tokens: the codes and links that mails carry."""

from __future__ import annotations

import base64
import hashlib
import hmac
import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from voicehooks_sandbox.supabase.auth import users
from voicehooks_sandbox.supabase.auth.errors import AuthError, expired_token
from voicehooks_sandbox.supabase.auth.mail import PKCE_PREFIX, Mail, Outbox, hash_of

if TYPE_CHECKING:
    from voicehooks_sandbox.supabase.auth.settings import AuthSettings
    from voicehooks_sandbox.supabase.auth.users import Connection, User

# Which token a kind of mail carries, and when it was sent last.
_TOKEN_OF_KIND = {
    "signup": "confirmation_token",
    "invite": "confirmation_token",
    "magiclink": "recovery_token",
    "recovery": "recovery_token",
    "email_change": "email_change_token_new",
    "email_change_current": "email_change_token_current",
}
_SENT_AT = {
    "confirmation_token": "confirmation_sent_at",
    "recovery_token": "recovery_sent_at",
    "email_change_token_new": "email_change_sent_at",
    "email_change_token_current": "email_change_sent_at",
}
# Which tokens a type of verification accepts.
_TOKENS_OF_TYPE = {
    "signup": ("confirmation_token",),
    "invite": ("confirmation_token",),
    "magiclink": ("recovery_token", "confirmation_token"),
    "recovery": ("recovery_token",),
    "email": ("confirmation_token", "recovery_token"),
    "email_change": ("email_change_token_new", "email_change_token_current"),
}
TYPES = tuple(_TOKENS_OF_TYPE)
_LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")


async def refuse_too_soon(user: User, kind: str, settings: AuthSettings) -> None:
    """Refuse a second mail of a kind within the allowed interval.

    Raises:
        AuthError: 429, with the seconds that are left.
    """
    sent_at = user[_SENT_AT[_TOKEN_OF_KIND[kind]]]
    if sent_at is None:
        return
    left = (sent_at + timedelta(seconds=settings.smtp_max_frequency) - datetime.now(UTC)).total_seconds()
    if left > 0:
        raise AuthError(
            429,
            "over_email_send_rate_limit",
            f"For security purposes, you can only request this after {max(1, round(left))} seconds.",
        )


async def issue(connection: Connection, user: User, kind: str, mail: Mail) -> User:
    """Store the token of a mail in place of an earlier one of its kind; returns the user's new row."""
    token_type = _TOKEN_OF_KIND[kind]
    await connection.execute(
        "insert into auth.one_time_tokens (user_id, token_type, token_hash, relates_to)"
        " values (%s, %s::auth.one_time_token_type, %s, %s)"
        " on conflict (user_id, token_type) do update set token_hash = excluded.token_hash,"
        " relates_to = excluded.relates_to, created_at = now(), updated_at = now()",
        [user["id"], token_type, mail.token_hash, mail.to],
    )
    changes = {_SENT_AT[token_type]: datetime.now(UTC), token_type: mail.token_hash}
    return await users.update(connection, user, changes)


async def take(
    connection: Connection, kind: str, settings: AuthSettings, *, token_hash: str | None, email: str, otp: str
) -> tuple[User, dict[str, Any]]:
    """Use up a token, which is named by its hash or by the address and the code.

    Returns:
        The user, and the row of auth.one_time_tokens that is gone now.

    Raises:
        AuthError: It is wrong, used or too old.
    """
    hashes = (
        [token_hash] if token_hash is not None else [hash_of(email, otp), PKCE_PREFIX + hash_of(email, otp)]
    )
    cursor = await connection.execute(
        "delete from auth.one_time_tokens where token_hash = any(%s) and token_type::text = any(%s)"
        " and created_at > (now() at time zone 'utc') - make_interval(secs => %s) returning *",
        [hashes, list(_TOKENS_OF_TYPE[kind]), settings.mailer_otp_exp],
    )
    token = await cursor.fetchone()
    user = None if token is None else await users.find_by_id(connection, str(token["user_id"]))
    if token is None or user is None:
        raise expired_token()
    return await users.update(connection, user, {token["token_type"]: ""}), token


async def begin_pkce(connection: Connection, user: User, challenge: object, method: object) -> bool:
    """Remember a client's code challenge, if it sent one; returns whether it did."""
    if not isinstance(challenge, str) or not challenge:
        return False
    await connection.execute(
        "insert into auth.flow_state (id, user_id, auth_code, code_challenge_method, code_challenge,"
        " provider_type, authentication_method, created_at, updated_at)"
        " values (%s, %s, %s, %s::auth.code_challenge_method, %s, 'email', 'otp', now(), now())",
        [uuid.uuid4(), user["id"], str(uuid.uuid4()), str(method or "plain").lower(), challenge],
    )
    return True


async def auth_code_of(connection: Connection, user: User) -> str:
    """The code that the link of a PKCE flow hands to the application.

    Raises:
        AuthError: The flow is over.
    """
    cursor = await connection.execute(
        "update auth.flow_state set auth_code_issued_at = now() where id = ("
        " select id from auth.flow_state where user_id = %s order by created_at desc limit 1)"
        " returning auth_code",
        [user["id"]],
    )
    row = await cursor.fetchone()
    if row is None:
        raise expired_token()
    return str(row["auth_code"])


async def exchange_code(connection: Connection, code: object, verifier: object) -> User:
    """The user of an `auth_code`, if the client proves that it began the flow.

    Raises:
        AuthError: The code or its verifier is wrong.
    """
    cursor = await connection.execute(
        "select * from auth.flow_state where auth_code = %s and auth_code_issued_at is not null", [str(code)]
    )
    flow = await cursor.fetchone()
    user = None if flow is None else await users.find_by_id(connection, str(flow["user_id"]))
    if flow is None or user is None:
        raise AuthError(404, "flow_state_not_found", "invalid flow state, no valid flow state found")
    proof = str(verifier)
    if flow["code_challenge_method"] == "s256":
        digest = hashlib.sha256(proof.encode()).digest()
        proof = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    if not hmac.compare_digest(proof.encode(), flow["code_challenge"].encode()):
        raise AuthError(
            400, "bad_code_verifier", "code challenge does not match previously saved code verifier"
        )
    await connection.execute("delete from auth.flow_state where id = %s", [flow["id"]])
    return user


def allowed_redirect(wanted: object, settings: AuthSettings) -> str:
    """Where a link leads to: what the client asked for if that is allowed, else the site's URL."""
    if not isinstance(wanted, str) or not wanted:
        return settings.site_url
    listed = [entry.strip() for entry in settings.uri_allow_list.split(",") if entry.strip()]
    same_site = urlsplit(wanted).netloc == urlsplit(settings.site_url).netloc
    if same_site or urlsplit(wanted).hostname in _LOCAL_HOSTS or wanted in listed:
        return wanted
    return settings.site_url


async def send_mail(
    connection: Connection,
    outbox: Outbox,
    user: User,
    kind: str,
    *,
    redirect_to: str,
    pkce: bool = False,
    to: str | None = None,
) -> User:
    """Write a mail to a user, keep its token and send it; returns the user's new row."""
    shown_kind = "email_change" if kind.startswith("email_change") else kind
    mail = outbox.write(shown_kind, to or user["email"], redirect_to, pkce=pkce)
    changed = await issue(connection, user, kind, mail)
    outbox.send(mail)
    return changed
