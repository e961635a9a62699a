"""The properties of an Edge Function."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from pulumi_provider_kit.table import ListOf, MapOf, ObjectType, Property, ResourceTable, Scalar

from ..project import PROJECT_REF

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["TABLE"]

_SOURCE = "Supabase Management API"
_SLUG = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")


def _slug(value: str) -> str | None:
    if _SLUG.fullmatch(value):
        return None
    return f"{value!r} must begin with a letter and contain only letters, digits, '_' and '-'"


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
    "The expected answer to a check.",
    (
        Property("status", Scalar.INTEGER, "The HTTP status. Default: 200."),
        Property(
            "json",
            MapOf(Scalar.STRING),
            "Properties that the answer, a JSON object, must have. ``{revision}`` in a value is replaced by "
            "the revision that is being deployed. A value that is not a string is compared as JSON: "
            "``true``, ``3``.",
        ),
        Property("contains", Scalar.STRING, "A text that the body must contain."),
    ),
)
_CHECK = ObjectType(
    "FunctionCheck",
    "A request to a deployed function, and the expected answer.",
    (
        Property("name", Scalar.STRING, "The check's name in error messages.", required=True),
        Property("method", Scalar.STRING, "The HTTP method. Default: ``POST``."),
        Property("path", Scalar.STRING, "Appended to the function's URL. Default: nothing."),
        Property("headers", MapOf(Scalar.STRING), "Headers by name."),
        Property("form", MapOf(Scalar.STRING), "A form to send, URL-encoded in the order of its names."),
        Property("body", Scalar.STRING, "A text to send if there is no form."),
        Property("expect", _EXPECTATION, "The expected answer. Default: status 200."),
    ),
)

TABLE = ResourceTable(
    name="EdgeFunction",
    doc=(
        "An Edge Function. It is deployed from a folder, with exactly the files that its entry point reaches "
        "through relative imports, wherever those are (for example, a ``_shared`` folder next to it), and "
        "with files that the program generates. The preview names each file and each setting that "
        "changed.\n\n"
        "A deploy first goes to the slug with ``-candidate`` appended and is checked there. Then it goes to "
        "the slug itself and is checked again. If it fails there, the previous files are restored. The "
        "candidate is always removed; one that a killed run left behind is recognized by its display name "
        "and replaced. So a slug only serves code that answered the checks correctly, except while its own "
        "checks run.\n\n"
        "An existing function with the slug is refused, unless ``adopt`` is true or it already has exactly "
        "these files and settings. An adopted function's files are kept in the state, secret, and are "
        "deployed again when the resource is deleted. A deploy outside this program shows in the next "
        "preview as a change of ``deployment``, and the next update corrects it."
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
            "The function's folder. A relative path begins at the folder of the Pulumi program.",
            required=True,
        ),
        Property(
            "verifyJwt",
            Scalar.BOOLEAN,
            "Whether Supabase's gateway requires a JWT before the function runs. False for webhooks. It is "
            "required and always sent, because the platform may change it otherwise.",
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
            "Globs in the folder for files that the function reads but does not import.",
        ),
        Property(
            "name",
            Scalar.STRING,
            "The display name. Default: the current name, or the slug for a new function.",
        ),
        Property(
            "files",
            MapOf(Scalar.STRING),
            "Generated files: text by path in the folder. They take precedence over files in the folder, and "
            "the preview shows their changes.",
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
            "Values of any kind whose change deploys again, such as the fingerprints of the secrets that the "
            "function reads.",
        ),
        Property(
            "projectUrl",
            Scalar.STRING,
            "The project's public URL, which receives the checks: a custom domain, or a sandbox. Default: "
            "``https://<projectRef>.supabase.co``.",
            check=_project_url,
        ),
        Property(
            "checks",
            ListOf(_CHECK),
            "Requests that the function must answer correctly under its slug. Without checks, the update does "
            "not wait for the deploy and restores nothing.",
            element_path=False,
        ),
        Property(
            "candidateChecks",
            ListOf(_CHECK),
            "The checks of the candidate, if they differ (for example, because a signature covers the URL). "
            "Default: ``checks``. An empty list means no candidate.",
            element_path=False,
        ),
        Property(
            "checkTimeoutSeconds",
            Scalar.INTEGER,
            "The seconds to wait for correct answers, for the candidate and for the slug itself. Default: 120.",
            check=_positive,
        ),
        Property(
            "consecutiveChecks",
            Scalar.INTEGER,
            "How many times in a row all checks must pass, because a deploy spreads slowly. Default: 3.",
            check=_positive,
        ),
        Property(
            "adopt",
            Scalar.BOOLEAN,
            "Whether an existing function with the slug is adopted. Default: false.",
        ),
        Property(
            "fileHashes",
            MapOf(Scalar.STRING),
            "The files on disk by path, each with the first sixteen hexadecimal digits of its SHA-256.",
            derived=True,
        ),
        Property(
            "deployment",
            Scalar.STRING,
            "Whose deploy is live: ``of this program``, or the version that was deployed elsewhere.",
            derived=True,
        ),
        Property("functionId", Scalar.STRING, "The function's UUID.", output=True),
        Property("url", Scalar.STRING, "The function's public URL.", output=True),
        Property(
            "version", Scalar.INTEGER, "The version, which increases by one with each deploy.", output=True
        ),
        Property(
            "status", Scalar.STRING, "``ACTIVE``, or ``THROTTLED`` or ``REMOVED``.", output=True, source=_SOURCE
        ),
        Property(
            "bundleSha256",
            Scalar.STRING,
            "SHA-256 of Supabase's bundle of the files.",
            output=True,
        ),
        Property(
            "revision",
            Scalar.STRING,
            "SHA-256 of all files, including generated ones, settings and triggers.",
            output=True,
        ),
        Property(
            "lastDeployed",
            MapOf(Scalar.STRING),
            "Version and bundle of this program's last deploy.",
            output=True,
        ),
        Property(
            "original",
            Scalar.STRING,
            "The previous files and settings of an adopted function, as JSON; absent for a function that this "
            "program created. Pass the function's part of ``ProjectOriginals`` to record it before anything "
            "is deployed (empty: there was no such function). Without it, a create that was killed finds its "
            "own files. It is used when the resource is created.",
            computed=True,
            secret=True,
            transient=True,
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
