"""POST /token, POST and GET /verify, POST /logout: how sessions begin and end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from starlette.responses import JSONResponse, RedirectResponse, Response

from voicehooks_sandbox.supabase.auth import one_time, sessions, users
from voicehooks_sandbox.supabase.auth.errors import AuthError, expired_token, invalid
from voicehooks_sandbox.supabase.auth.mail import PKCE_PREFIX

if TYPE_CHECKING:
    from voicehooks_sandbox.supabase.auth.context import Context
    from voicehooks_sandbox.supabase.auth.users import User

_REFRESH_PREFIX_LETTERS = 5


async def token(context: Context) -> Response:
    """POST /token: with a password, a refresh token or the code of a PKCE flow."""
    match context.request.query_params.get("grant_type"):
        case "password":
            user = await _with_password(context)
            session = await context.sessions.begin(context.connection, user, "password", context.settings)
        case "refresh_token":
            session = await context.sessions.refresh(
                context.connection, context.body.get("refresh_token"), context.settings
            )
        case "pkce":
            user = await one_time.exchange_code(
                context.connection, context.body.get("auth_code"), context.body.get("code_verifier")
            )
            session = await context.sessions.begin(context.connection, user, "otp", context.settings)
        case _:
            raise AuthError(400, "invalid_credentials", "unsupported_grant_type")
    headers = {
        "sb-auth-user-id": session["user"]["id"],
        "sb-auth-refresh-token-prefix": session["refresh_token"][:_REFRESH_PREFIX_LETTERS],
        "sb-auth-refresh-token-reuse": "false",
    }
    return JSONResponse(session, headers=headers)


async def verify(context: Context) -> Response:
    """POST /verify: with an address and a code, or with the hash of a link."""
    kind = context.text("type")
    if not kind:
        raise invalid("Verify requires a verification type")
    if kind not in one_time.TYPES:
        raise invalid("Unsupported verification type")
    token_hash, otp = context.text("token_hash"), context.text("token")
    if not token_hash and not otp:
        raise invalid("Verify requires either a token or a token hash")
    if otp and not context.text("email"):
        raise invalid("Only an email address or phone number should be provided on verify")
    outcome = await _verify(context, kind, token_hash or None, context.text("email").lower(), otp)
    if isinstance(outcome, str):
        return JSONResponse({"code": 200, "msg": outcome})
    session = await context.sessions.begin(context.connection, outcome, "otp", context.settings)
    return JSONResponse(session)


async def follow_link(context: Context) -> Response:
    """GET /verify: what the link of a mail does. It leads on to the application, with a session or an error."""
    query = context.request.query_params
    target = one_time.allowed_redirect(query.get("redirect_to"), context.settings)
    kind, token_hash = query.get("type", ""), query.get("token", "")
    try:
        if kind not in one_time.TYPES:
            raise expired_token()
        outcome = await _verify(context, kind, token_hash, "", "")
    except AuthError:
        answer = {
            "error": "access_denied",
            "error_code": "otp_expired",
            "error_description": "Email link is invalid or has expired",
        }
        separator = "?" if token_hash.startswith(PKCE_PREFIX) else "#"
        return RedirectResponse(f"{target}{separator}{urlencode(answer)}&sb=", 303)
    if isinstance(outcome, str):
        return RedirectResponse(f"{target}#{urlencode({'message': outcome})}&sb=", 303)
    if token_hash.startswith(PKCE_PREFIX):
        code = await one_time.auth_code_of(context.connection, outcome)
        separator = "&" if "?" in target else "?"
        return RedirectResponse(f"{target}{separator}{urlencode({'code': code})}", 303)
    session = await context.sessions.begin(context.connection, outcome, "otp", context.settings)
    fragment: dict[str, Any] = {
        name: session[name] for name in ("access_token", "expires_at", "expires_in", "refresh_token")
    }
    fragment |= {"sb": "", "token_type": "bearer", "type": kind}
    return RedirectResponse(f"{target}#{urlencode(fragment)}", 303)


async def log_out(context: Context) -> Response:
    """POST /logout."""
    user, session_id = await context.user()
    scope = context.request.query_params.get("scope", "global")
    await sessions.end(context.connection, user, session_id, scope)
    return Response(status_code=204)


async def _with_password(context: Context) -> User:
    email, password = context.text("email"), context.text("password")
    if context.text("phone"):
        raise AuthError(400, "phone_provider_disabled", "Phone logins are disabled")
    if not email:
        raise invalid("missing email or phone")
    user = await users.find_by_email(context.connection, email)
    if user is None or not await users.has_password(user, password):
        raise AuthError(400, "invalid_credentials", "Invalid login credentials")
    sessions.refuse_banned(user)
    if user["email_confirmed_at"] is None:
        raise AuthError(400, "email_not_confirmed", "Email not confirmed")
    return user


async def _verify(context: Context, kind: str, token_hash: str | None, email: str, otp: str) -> User | str:
    """Use a token up and do what it is for; a text is shown to the user in place of a session."""
    user, used = await one_time.take(
        context.connection, kind, context.settings, token_hash=token_hash, email=email, otp=otp
    )
    sessions.refuse_banned(user)
    if kind != "email_change":
        return (
            user
            if user["email_confirmed_at"] is not None
            else await users.confirm_email(context.connection, user)
        )
    secure = context.settings.mailer_secure_email_change_enabled and user["email"]
    if secure and user["email_change_confirm_status"] == 0:
        await users.update(context.connection, user, {"email_change_confirm_status": 1})
        return "Confirmation link accepted. Please proceed to confirm link sent to the other email"
    del used
    metadata = {**(user["raw_user_meta_data"] or {}), "email": user["email_change"], "email_verified": True}
    changed = {"email": user["email_change"], "email_change": "", "email_change_confirm_status": 0}
    user = await users.update(
        context.connection, user, {**changed, "raw_user_meta_data": metadata, "is_anonymous": False}
    )
    return await users.confirm_email(context.connection, user)
