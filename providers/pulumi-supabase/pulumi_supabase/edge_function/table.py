"""The properties of an Edge Function."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from pulumi_provider_kit.table import ListOf, MapOf, ObjectType, Property, ResourceTable, Scalar

from pulumi_supabase.project import PROJECT_REF

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["TABLE"]

_SOURCE = "Supabase Management API"
_SLUG = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")


def _slug(value: str) -> str | None:
    if _SLUG.fullmatch(value):
        return None
    return f"{value!r} must begin with a letter and have letters, digits, '_' and '-' alone"


def _project_url(value: str) -> str | None:
    if not value.startswith(("https://", "http://")):
        return f"{value!r} must begin with https://"
    return f"{value!r} must not end with a slash" if value.endswith("/") else None


def _inside(value: str) -> str | None:
    path = PurePosixPath(value)
    if value and not path.is_absolute() and ".." not in path.parts and "\\" not in value:
        return None
    return f"{value!r} must be the path of a file in the function's folder"


def _files(value: Mapping[str, str]) -> str | None:
    return next((wrong for path in value if (wrong := _inside(path))), None)


def _positive(value: int) -> str | None:
    return None if value >= 1 else f"{value} must be 1 or more"


_EXPECTATION = ObjectType(
    "FunctionAnswer",
    "What the answer to a check must be.",
    (
        Property("status", Scalar.INTEGER, "The HTTP status. Default: 200."),
        Property(
            "json",
            MapOf(Scalar.STRING),
            "Properties that the answer, a JSON object, must have among others; ``{revision}`` in a value "
            "stands for the revision being deployed. What is no string there is compared as JSON: "
            "``true``, ``3``.",
        ),
        Property("contains", Scalar.STRING, "A text that the body must contain."),
    ),
)
_CHECK = ObjectType(
    "FunctionCheck",
    "A request to a deployed function, and what it must answer.",
    (
        Property("name", Scalar.STRING, "What it is called when it fails.", required=True),
        Property("method", Scalar.STRING, "The HTTP method. Default: ``POST``."),
        Property("path", Scalar.STRING, "Appended to the function's URL. Default: nothing."),
        Property("headers", MapOf(Scalar.STRING), "Headers by name."),
        Property("form", MapOf(Scalar.STRING), "A form to send, URL-encoded in the order of its names."),
        Property("body", Scalar.STRING, "A text to send, where there is no form."),
        Property("expect", _EXPECTATION, "What the answer must be. Default: status 200."),
    ),
)

TABLE = ResourceTable(
    name="EdgeFunction",
    doc=(
        "An Edge Function, deployed from a folder together with exactly the files that its entry point "
        "reaches by relative imports, wherever those are (a ``_shared`` folder beside it), and with files "
        "that the program generates. The preview names each file and each setting that changed.\n\n"
        "A deploy goes to the slug with ``-candidate`` appended first and is checked there; then to the "
        "slug itself, where it is checked again, and the previous files are put back if it fails there. "
        "The candidate is removed in every case; one that a killed run left behind is known by its "
        "display name and replaced. So a slug never serves, for longer than its own checks take, what was "
        "not answered rightly before.\n\n"
        "An existing function of the slug is refused unless ``adopt`` is true, or unless it has exactly "
        "these files and settings already. An adopted function's files are kept in the state, secret, and "
        "deployed again when the resource is deleted. A deploy from elsewhere shows in the next preview "
        "as a change of ``deployment`` and is put right by the next update."
    ),
    properties=(
        PROJECT_REF,
        Property(
            "slug",
            Scalar.STRING,
            "The last part of the function's URL: letters, digits, ``_`` and ``-``, a letter first.",
            required=True,
            replaces=True,
            check=_slug,
            source=_SOURCE,
        ),
        Property(
            "directory",
            Scalar.STRING,
            "The function's folder; a relative path begins at the folder of the Pulumi program.",
            required=True,
        ),
        Property(
            "verifyJwt",
            Scalar.BOOLEAN,
            "Whether Supabase's gateway demands a JWT before the function runs. False for webhooks. "
            "Always given and always sent, because what is not sent has been known to flip.",
            required=True,
            source=_SOURCE,
        ),
        Property(
            "entrypoint", Scalar.STRING, "The entry point in the folder. Default: ``index.ts``.", check=_inside
        ),
        Property(
            "importMap",
            Scalar.STRING,
            "The import map or deno.json in the folder; an empty string for none. Default: ``deno.json`` "
            "or ``deno.jsonc`` where the folder has one.",
        ),
        Property(
            "staticPatterns",
            ListOf(Scalar.STRING),
            "Globs, in the folder, of files that the function reads and no import names.",
        ),
        Property("name", Scalar.STRING, "The display name. Default: what it is, the slug for a new one."),
        Property(
            "files",
            MapOf(Scalar.STRING),
            "Generated files: text by path in the folder. They go before files that lie there, and a "
            "preview shows what changes in them.",
            check=_files,
        ),
        Property(
            "revisionFile",
            Scalar.STRING,
            'A file in the folder that is generated as ``{"revision": "..."}``, so that the running code '
            "can say which "
            "revision it is.",
            check=_inside,
        ),
        Property(
            "triggers",
            MapOf(Scalar.STRING),
            "Values of any kind whose change deploys anew: the fingerprints of the secrets that the "
            "function reads.",
        ),
        Property(
            "projectUrl",
            Scalar.STRING,
            "The project's public URL, where the checks go: a custom domain, or a sandbox. Default: "
            "``https://<projectRef>.supabase.co``.",
            check=_project_url,
        ),
        Property(
            "checks",
            ListOf(_CHECK),
            "Requests that the function must answer rightly under its slug. Without any, a deploy is not "
            "waited for and nothing is put back.",
            element_path=False,
        ),
        Property(
            "candidateChecks",
            ListOf(_CHECK),
            "The same for the candidate, where they differ (a signature over the URL does). Default: "
            "``checks``; an empty list for no candidate.",
            element_path=False,
        ),
        Property(
            "checkTimeoutSeconds",
            Scalar.INTEGER,
            "How long right answers are waited for, each under the candidate's slug and the own. Default: 120.",
            check=_positive,
        ),
        Property(
            "consecutiveChecks",
            Scalar.INTEGER,
            "How many times in a row all checks must be right, since a deploy spreads slowly. Default: 3.",
            check=_positive,
        ),
        Property(
            "adopt",
            Scalar.BOOLEAN,
            "Whether an existing function of the slug is taken over. Default: false.",
        ),
        Property(
            "fileHashes",
            MapOf(Scalar.STRING),
            "The files from the disk by path, each with the first sixteen hexadecimal digits of its SHA-256.",
            derived=True,
        ),
        Property(
            "deployment",
            Scalar.STRING,
            "Whose deploy is live: ``of this program``, or which one from elsewhere.",
            derived=True,
        ),
        Property("functionId", Scalar.STRING, "The function's UUID.", output=True),
        Property("url", Scalar.STRING, "The function's public URL.", output=True),
        Property("version", Scalar.INTEGER, "Goes up by one with each deploy.", output=True),
        Property(
            "status", Scalar.STRING, "``ACTIVE``, or ``THROTTLED`` or ``REMOVED``.", output=True, source=_SOURCE
        ),
        Property(
            "bundleSha256",
            Scalar.STRING,
            "SHA-256 of the bundle that Supabase made of the files.",
            output=True,
        ),
        Property(
            "revision",
            Scalar.STRING,
            "SHA-256 of all files, generated ones too, settings and triggers.",
            output=True,
        ),
        Property(
            "lastDeployed",
            MapOf(Scalar.STRING),
            "Version and bundle of the last deploy from here.",
            output=True,
        ),
        Property(
            "original",
            Scalar.STRING,
            "Files and settings of an adopted function as they were found, as JSON; absent for one "
            "created here. Give the function's part of ``ProjectOriginals`` to have it recorded before "
            "anything is deployed (empty: there was no such function); without it, a create that was killed "
            "finds its own files. It counts when the resource is created.",
            computed=True,
            secret=True,
        ),
    ),
    example="""\
import pulumi_supabase as supabase

hello = supabase.EdgeFunction(
    "hello",
    project_ref="sandboxsandboxsandbo",
    slug="hello",
    directory="functions/hello",
    verify_jwt=False,
    revision_file="revision.json",
    checks=[{"name": "answers", "method": "GET", "expect": {"json": {"revision": "{revision}"}}}],
)
""",
    import_id="the project ref, a slash and the slug: ``sandboxsandboxsandbo/hello``",
    rights="edge_functions_read, edge_functions_write",
)
