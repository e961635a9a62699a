"""POST /signup, /otp, /recover and /resend: how a user comes to be, and the mails that get one in."""

from __future__ import annotations

import secrets
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response

from voicehooks_sandbox.supabase.auth import one_time, users
from voicehooks_sandbox.supabase.auth.errors import AuthError, invalid

if TYPE_CHECKING:
    from voicehooks_sandbox.supabase.auth.context import Context
    from voicehooks_sandbox.supabase.auth.users import User

_EMAIL_PROVIDER = {"provider": "email", "providers": ["email"]}


async def sign_up(context: Context) -> Response:
    """POST /signup: with an address and a password, or anonymously without both."""
    settings = context.settings
    email, phone = context.text("email"), context.text("phone")
    if not email and not phone and not settings.external_anonymous_users_enabled:
        raise AuthError(422, "anonymous_provider_disabled", "Anonymous sign-ins are disabled")
    if settings.disable_signup:
        raise _closed()
    data = context.mapping("data")
    if not email and not phone:
        user = await users.insert(
            context.connection,
            {"email": None, "raw_app_meta_data": {}, "raw_user_meta_data": data, "is_anonymous": True},
        )
        session = await context.sessions.begin(context.connection, user, "anonymous", settings)
        return JSONResponse(session)
    if phone:
        raise AuthError(400, "phone_provider_disabled", "Phone signups are disabled")
    password = context.text("password")
    if not password:
        raise invalid("Signup requires a valid password")
    address = users.checked_email(email)
    users.check_password_strength(password, settings)
    existing = await users.find_by_email(context.connection, address)
    if existing is not None and existing["email_confirmed_at"] is not None:
        if settings.mailer_autoconfirm:
            raise AuthError(422, "user_already_exists", "User already registered")
        return JSONResponse(_invented(address, data))
    if existing is None:
        existing = await new_user(context, address, password, data, confirmed=settings.mailer_autoconfirm)
        if settings.mailer_autoconfirm:
            session = await context.sessions.begin(context.connection, existing, "password", settings)
            return JSONResponse(session)
    else:
        await one_time.refuse_too_soon(existing, "signup", settings)
    user = await _send(context, existing, "signup")
    return JSONResponse(await users.show(context.connection, user))


async def send_code(context: Context) -> Response:
    """POST /otp: a one-time code and a link; makes the user unless `create_user` is false."""
    if context.text("phone"):
        raise AuthError(400, "phone_provider_disabled", "Unsupported phone provider")
    address = users.checked_email(context.body.get("email"))
    user = await users.find_by_email(context.connection, address)
    if user is None:
        if context.body.get("create_user", True) is False:
            raise AuthError(422, "otp_disabled", "Signups not allowed for otp")
        if context.settings.disable_signup:
            raise _closed()
        password = secrets.token_urlsafe(24)
        user = await new_user(
            context, address, password, context.mapping("data"), confirmed=context.settings.mailer_autoconfirm
        )
    kind = "magiclink" if user["email_confirmed_at"] is not None else "signup"
    await one_time.refuse_too_soon(user, kind, context.settings)
    await _send(context, user, kind)
    return JSONResponse({})


async def recover(context: Context) -> Response:
    """POST /recover: a mail to set another password; says nothing about whether the user exists."""
    address = users.checked_email(context.body.get("email"))
    user = await users.find_by_email(context.connection, address)
    if user is not None:
        await one_time.refuse_too_soon(user, "recovery", context.settings)
        await _send(context, user, "recovery")
    return JSONResponse({})


async def resend(context: Context) -> Response:
    """POST /resend: the mail of a sign-up or of a change of address once more."""
    kind = context.text("type")
    if kind not in ("signup", "email_change"):
        raise invalid("Missing one of these types: signup, email_change, sms, phone_change")
    address = users.checked_email(context.body.get("email"))
    user = await users.find_by_email(context.connection, address)
    is_open = user is not None and (
        user["email_confirmed_at"] is None if kind == "signup" else bool(user["email_change"])
    )
    if user is not None and is_open:
        await one_time.refuse_too_soon(user, kind, context.settings)
        await _send(context, user, kind, to=user["email_change"] if kind == "email_change" else None)
    return JSONResponse({})


async def new_user(
    context: Context, email: str, password: str, data: dict[str, Any], *, confirmed: bool
) -> User:
    """Insert a user who signs up with an address."""
    user_id = uuid.uuid4()
    metadata = {
        **data,
        "sub": str(user_id),
        "email": email,
        "email_verified": confirmed,
        "phone_verified": False,
    }
    return await users.insert(
        context.connection,
        {
            "id": user_id,
            "email": email,
            "encrypted_password": await users.hash_password(password),
            "email_confirmed_at": datetime.now(UTC) if confirmed else None,
            "raw_app_meta_data": _EMAIL_PROVIDER,
            "raw_user_meta_data": metadata,
        },
    )


async def _send(context: Context, user: User, kind: str, *, to: str | None = None) -> User:
    body = context.body
    pkce = await one_time.begin_pkce(
        context.connection, user, body.get("code_challenge"), body.get("code_challenge_method")
    )
    redirect_to = one_time.allowed_redirect(context.request.query_params.get("redirect_to"), context.settings)
    return await one_time.send_mail(
        context.connection, context.outbox, user, kind, redirect_to=redirect_to, pkce=pkce, to=to
    )


def _closed() -> AuthError:
    return AuthError(422, "signup_disabled", "Signups not allowed for this instance")


def _invented(email: str, data: dict[str, Any]) -> dict[str, Any]:
    """What somebody gets who signs up with an address that is taken: no sign that it is."""
    now = users.rfc3339(datetime.now(UTC))
    return {
        "id": str(uuid.uuid4()),
        "aud": "authenticated",
        "role": "",
        "email": email,
        "phone": "",
        "confirmation_sent_at": now,
        "app_metadata": _EMAIL_PROVIDER,
        "user_metadata": data,
        "identities": [],
        "created_at": now,
        "updated_at": now,
        "is_anonymous": False,
    }
