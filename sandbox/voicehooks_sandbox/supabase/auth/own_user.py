"""GET and PUT /user: what a signed-in user reads and changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response

from voicehooks_sandbox.supabase.auth import one_time, sessions, users
from voicehooks_sandbox.supabase.auth.errors import AuthError

if TYPE_CHECKING:
    from voicehooks_sandbox.supabase.auth.context import Context
    from voicehooks_sandbox.supabase.auth.users import User


async def read(context: Context) -> Response:
    """GET /user."""
    user, _ = await context.user()
    return JSONResponse(await users.show(context.connection, user))


async def change(context: Context) -> Response:
    """PUT /user: `data` (merged), `password`, and `email`, which must be confirmed by mail."""
    user, session_id = await context.user()
    changes: dict[str, Any] = {}
    if password := context.text("password"):
        users.check_password_strength(password, context.settings)
        if await users.has_password(user, password):
            raise AuthError(422, "same_password", "New password should be different from the old password.")
        changes["encrypted_password"] = await users.hash_password(password)
        await sessions.end(context.connection, user, session_id, "others")
    if data := context.mapping("data"):
        merged = {**(user["raw_user_meta_data"] or {}), **data}
        changes["raw_user_meta_data"] = {key: value for key, value in merged.items() if value is not None}
    user = await users.update(context.connection, user, changes)
    if (email := context.text("email")) and email.lower() != user["email"]:
        user = await _change_email(context, user, users.checked_email(email))
    return JSONResponse(await users.show(context.connection, user))


async def _change_email(context: Context, user: User, email: str) -> User:
    if await users.find_by_email(context.connection, email) is not None:
        raise AuthError(422, "email_exists", "A user with this email address has already been registered")
    if context.settings.mailer_autoconfirm:
        user = await users.update(context.connection, user, {"email": email, "is_anonymous": False})
        return await users.confirm_email(context.connection, user)
    await one_time.refuse_too_soon(user, "email_change", context.settings)
    pkce = await one_time.begin_pkce(
        context.connection,
        user,
        context.body.get("code_challenge"),
        context.body.get("code_challenge_method"),
    )
    redirect_to = one_time.allowed_redirect(context.request.query_params.get("redirect_to"), context.settings)
    user = await users.update(
        context.connection, user, {"email_change": email, "email_change_confirm_status": 0}
    )
    recipients = [("email_change", email)]
    if context.settings.mailer_secure_email_change_enabled and user["email"]:
        recipients.append(("email_change_current", user["email"]))
    for kind, to in recipients:
        user = await one_time.send_mail(
            context.connection, context.outbox, user, kind, redirect_to=redirect_to, pkce=pkce, to=to
        )
    return user
