"""Supabase: the access token and its rights, the project, its keys, functions, secrets, schema and database."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from typing import TYPE_CHECKING

from pulumi_supabase.client import ProjectAsleep, SupabaseError
from pulumi_supabase.migrations.folder import read_folder
from typing_extensions import TypedDict

from voicehooks.commands.doctor import links
from voicehooks.commands.doctor.model import Check, Finding, Result, problem
from voicehooks.output.counting import count

if TYPE_CHECKING:
    from voicehooks.commands.doctor.context import Context
    from voicehooks.commands.doctor.model import Symptom

__all__ = ["CHECKS"]

_ALL: tuple[Symptom, ...] = ("connecting", "updates", "recording")
_PROJECT = ("supabase-token", "project")


class _There(TypedDict):
    there: bool


class _Version(TypedDict):
    version: str


async def _token(context: Context) -> Result:
    reads = (
        ("/functions", "edge_functions_read"),
        ("/secrets", "edge_functions_secrets_read"),
        ("/api-keys", "api_gateway_keys_read"),
    )
    ref = await context.project_ref()
    api = await context.supabase()

    async def lacks(path: str, permission: str) -> str:
        try:
            await api.get(ref, path, permission)
        except ProjectAsleep:
            return ""
        except SupabaseError as error:
            if error.status != 403:
                raise
            return permission
        return ""

    command = f"pulumi config set --stack {context.name} --secret supabase:accessToken"
    page = "https://supabase.com/dashboard/account/tokens"
    try:
        lacking = [name for name in await asyncio.gather(*(lacks(*read) for read in reads)) if name]
    except SupabaseError as error:
        if error.status == 401:
            return problem(
                "Supabase refuses the access token (401)",
                command,
                observed="mistyped, expired or revoked",
                wanted="a personal access token",
                link=page,
            )
        if error.status == 404:
            return problem(
                f"the access token has no access to a project {ref}",
                command,
                do=f"correct voicehooks:supabaseProject in {context.file}, or enter a token of its owner",
                link="https://supabase.com/dashboard/projects",
            )
        raise
    if lacking:
        return problem(
            f"the access token lacks {', '.join(lacking)}",
            command,
            do="grant it the permission in the dashboard, or enter another token",
            observed=f"without {', '.join(lacking)}",
            wanted=", ".join(p for _, p in reads),
            link=page,
        )
    return Result("valid; reads functions, secrets and keys")


async def _project(context: Context) -> Result:
    status = str((await context.management("", "project_admin_read")).get("status", ""))
    if status in ("ACTIVE_HEALTHY", ""):
        return Result("active and healthy")
    ref = await context.project_ref()
    return problem(
        f"the project is {status.lower().replace('_', ' ')}: neither functions nor database answer",
        do="restore it in the dashboard, and wait until it is healthy",
        observed=status,
        wanted="ACTIVE_HEALTHY",
        link=links.supabase(ref),
    )


async def _api_keys(context: Context) -> Result:
    keys = await context.api_keys()
    if any(key.get("type") == "secret" and key.get("name") == "default" for key in keys):
        return Result("the functions' secret key exists")
    ref = await context.project_ref()
    page = links.supabase(ref, "settings/api-keys")
    legacy = any(key.get("name") == "service_role" for key in keys) and await _legacy_enabled(context)
    return problem(
        "the functions use the legacy service_role key, which Supabase will retire"
        if legacy
        else "the key with which the functions write to the database is disabled or deleted",
        do='create a secret key named "default" in the dashboard',
        observed="service_role only" if legacy else "no secret key",
        wanted='a secret key named "default"',
        link=page,
        severity="warning" if legacy else "problem",
        explains=() if legacy else _ALL,
    )


async def _legacy_enabled(context: Context) -> bool:
    """Whether legacy keys are taken; they stay in the list when they are not."""
    try:
        answer = await context.management("/api-keys/legacy", "api_gateway_keys_read")
    except SupabaseError as error:
        if error.status != 404:  # to be removed by Supabase: the keys in the list are good then
            raise
        return True
    return bool(answer.get("enabled", True))


async def _function(context: Context) -> Result:
    state, live = await context.state(), await context.functions()
    ref = await context.project_ref()
    findings = []
    for slug in state.functions:
        found = live.get(slug)
        if found is None or found.get("status") != "ACTIVE":
            status = "not deployed" if found is None else str(found.get("status"))
            findings.append(
                Finding(
                    f"it is {status.lower()}: Twilio gets 404",
                    f"{context.up} --refresh",
                    subject=slug,
                    observed=status,
                    wanted="ACTIVE",
                    link=links.supabase(ref, "functions"),
                )
            )
    return Result(f"{', '.join(state.functions)} deployed", findings)


async def _verify_jwt(context: Context) -> Result:
    state, live = await context.state(), await context.functions()
    ref = await context.project_ref()
    findings = []
    for slug, resource in state.functions.items():
        wanted = bool(resource.outputs.get("verifyJwt"))
        if slug in live and bool(live[slug].get("verify_jwt")) != wanted:
            what = (
                "verify_jwt is off: the gateway does not check the users of its pages"
                if wanted
                else "verify_jwt is on: Twilio gets 401 before our code runs"
            )
            findings.append(
                Finding(
                    what,
                    f"{context.up} --refresh",
                    subject=slug,
                    observed=f"verify_jwt {str(not wanted).lower()}",
                    wanted=f"verify_jwt {str(wanted).lower()}",
                    link=links.supabase(ref, f"functions/{slug}/details"),
                    explains=() if wanted else None,
                )
            )
    return Result("off where Twilio calls, on where pages do", findings)


async def _revision(context: Context) -> Result:
    state, live = await context.state(), await context.functions()
    ref = await context.project_ref()
    findings = []
    for slug, resource in state.functions.items():
        found, last = live.get(slug), resource.outputs.get("lastDeployed") or {}
        wanted = str(last.get("bundleSha256") or "")
        if found is None or not wanted or found.get("ezbr_sha256") == wanted:
            continue
        findings.append(
            Finding(
                "another revision was deployed outside this stack since the last update",
                f"{context.up} --refresh",
                subject=slug,
                observed=f"version {found.get('version')}, bundle {str(found.get('ezbr_sha256'))[:8]}",
                wanted=f"version {int(float(last.get('version') or 0))}, bundle {wanted[:8]}",
                link=links.supabase(ref, f"functions/{slug}"),
            )
        )
    return Result("each function is as the last update deployed it", findings)


async def _secrets(context: Context) -> Result:
    state, live = await context.state(), await context.secret_digests()
    if state.secrets is None:
        return Result("the stack manages no secrets")
    ref = await context.project_ref()
    values = state.secret_values
    wanted = {name: hashlib.sha256(value.encode()).hexdigest() for name, value in values.items()}
    if "VOICEHOOKS_AUTH_TOKEN" in wanted:
        wanted["VOICEHOOKS_AUTH_TOKEN"] = hashlib.sha256(context.environment.auth_token.encode()).hexdigest()
    findings = []
    for name, digest in wanted.items():
        if name in live and hmac.compare_digest(live[name], digest):
            continue
        absent = name not in live
        findings.append(
            Finding(
                "is missing" if absent else "differs from the value in the settings",
                f"{context.up} --refresh",
                subject=name,
                repair="secret" if absent else "",
                observed="(absent)" if absent else f"digest {live[name][:8]}",
                wanted=f"digest {digest[:8]}",
                link=links.supabase(ref, "functions/secrets"),
            )
        )
    return Result(f"{count(len(wanted), 'secret')}, each with the correct digest", findings)


async def _schema(context: Context) -> Result:
    ref = await context.project_ref()
    page = links.supabase(ref, "database/tables")
    try:
        rows = await context.query(
            "select to_regclass('voicehooks.schema_migrations') is not null as there", _There
        )
        applied = set()
        if rows and rows[0]["there"]:
            applied = {
                str(r["version"])
                for r in await context.query("select version from voicehooks.schema_migrations", _Version)
            }
        tables = await context.query(
            "select to_regclass('public.twilio_calls') is not null and to_regclass('public.twilio_call_events') is not null and to_regclass('public.twilio_recordings') is not null as there",  # noqa: E501 - one sentence
            _There,
        )
    except SupabaseError as error:
        return problem(
            "the database does not answer",
            do="check the project's health in the dashboard",
            observed=error.detail,
            link=links.supabase(ref, "reports/database"),
        )
    if not await _rest_healthy(context):
        return problem(
            "the database runs, but its REST API (PostgREST) does not answer: nothing can be stored",
            do="restart the project in the dashboard, or wait",
            observed="rest is not healthy",
            wanted="rest ACTIVE_HEALTHY",
            link=links.supabase(ref, "reports/database"),
        )
    wanted = {m.version for m in read_folder(str(context.environment.folder / "migrations"))}
    missing, ahead = sorted(wanted - applied), sorted(applied - wanted)
    if missing:
        return problem(
            f"{len(missing)} of {count(len(wanted), 'migration')} "
            + ("is" if len(missing) == 1 else "are")
            + " not applied",
            context.up,
            observed=f"newest {max(applied, default='(none)')}",
            wanted=f"newest {max(wanted)}",
            link=page,
        )
    if not tables or not tables[0]["there"]:
        return problem(
            "a table was dropped or renamed since the migrations ran",
            f"{context.up} --refresh",
            do="run this in the dashboard's SQL editor: delete from voicehooks.schema_migrations",
            observed="one of the tables is missing",
            wanted="twilio_calls, twilio_call_events, twilio_recordings",
            link=page,
        )
    if ahead:
        return problem(
            "the database is ahead of this folder",
            "git pull",
            do="newer migrations were deployed; pull them",
            observed=f"newest {max(applied)}",
            wanted=f"newest {max(wanted)}",
            severity="warning",
            explains=(),
        )
    return Result(f"{len(wanted)}/{len(wanted)} migrations")


async def _rest_healthy(context: Context) -> bool:
    services = await context.management("/health", "project_admin_read", params={"services": "rest"})
    return all(service["healthy"] for service in services)


CHECKS = (
    Check(
        "supabase-token",
        "The access token is valid and may read functions, secrets and keys.",
        _token,
    ),
    Check(
        "project",
        "The project is active, not paused.",
        _project,
        ("supabase-token",),
        explains=_ALL,
    ),
    Check(
        "api-keys",
        "The secret key with which the functions write to the database is enabled.",
        _api_keys,
        _PROJECT,
    ),
    Check(
        "function",
        "Each function of the stack is deployed and active.",
        _function,
        (*_PROJECT, "deployed"),
        explains=_ALL,
    ),
    Check(
        "verify-jwt",
        "The gateway passes Twilio's requests to the webhook, and requires a token from pages.",
        _verify_jwt,
        (*_PROJECT, "deployed"),
        explains=_ALL,
    ),
    Check(
        "revision",
        "The deployed functions are the ones that the last update deployed.",
        _revision,
        (*_PROJECT, "deployed", "lock"),
    ),
    Check(
        "secrets",
        "The functions' secrets exist and have the correct digests.",
        _secrets,
        (*_PROJECT, "deployed"),
        explains=_ALL,
    ),
    Check(
        "schema",
        "The database answers and has every migration.",
        _schema,
        (*_PROJECT, "deployed"),
        explains=("updates", "recording"),
    ),
)
