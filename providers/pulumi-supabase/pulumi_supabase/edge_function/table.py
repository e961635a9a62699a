"""The properties of an Edge Function."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from pulumi_provider_kit.table import ListOf, MapOf, ObjectType, Property, ResourceTable, Scalar

from ..project import PROJECT_REF

__all__ = ["CANDIDATE_SUFFIX", "TABLE"]

CANDIDATE_SUFFIX = "-candidate"
_API = "Supabase Management API: deploy a function"


def _slug(value: str) -> str | None:
    if re.fullmatch("[A-Za-z][A-Za-z0-9_-]*", value):
        return None
    return f"{value!r} is no function name: a letter, then letters, digits, - and _"


def _inside(path: str) -> str | None:
    parts = PurePosixPath(path).parts
    if path and not path.startswith("/") and ".." not in parts:
        return None
    return f"{path!r} is not a path inside the function's folder"


def _generated(files: dict[str, str]) -> str | None:
    return next((problem for path in files if (problem := _inside(path))), None)


def _base_url(value: str) -> str | None:
    if re.fullmatch(r"https?://[^/?#\s]+", value):
        return None
    return f"{value!r} is not an address without a path: https://<ref>.supabase.co"


_EXPECT = ObjectType(
    "Expect",
    "What a check's answer must be.",
    (
        Property("status", Scalar.INTEGER, "The HTTP status.", required=True),
        Property(
            "json",
            MapOf(Scalar.STRING),
            "Keys of a JSON answer with their values. ``{revision}`` stands for the revision being deployed.",
        ),
        Property("contains", Scalar.STRING, "A text that the answer contains."),
    ),
)
_CHECK = ObjectType(
    "Check",
    "A request that the function must answer rightly before anything relies on it.",
    (
        Property("name", Scalar.STRING, "Its name, for messages.", required=True),
        Property(
            "method", Scalar.STRING, "The HTTP method. Default POST.", allowed=("GET", "POST", "OPTIONS")
        ),
        Property("path", Scalar.STRING, "Appended to the function's URL. Default empty."),
        Property("headers", MapOf(Scalar.STRING), "Headers to send."),
        Property("form", MapOf(Scalar.STRING), "Parameters, sent as a form."),
        Property("body", Scalar.STRING, "A body, where it is not a form."),
        Property("expect", _EXPECT, "What must be answered.", required=True),
    ),
)

TABLE = ResourceTable(
    name="EdgeFunction",
    doc=(
        "An Edge Function, deployed from a folder with exactly the files that its entry point reaches.\n\n"
        "It is deployed first as ``<slug>-candidate`` and must answer ``candidateChecks``; then under its "
        "slug, where it must answer ``checks``. If it does not, the files that were there before are put "
        "back. The candidate is removed in every case. A function of that slug that this resource did not "
        "deploy is refused unless ``adopt`` is set; its files are kept in the state, and deleting the "
        "resource puts them back."
    ),
    properties=(
        PROJECT_REF,
        Property(
            "slug",
            Scalar.STRING,
            "The function's name in its URL.",
            required=True,
            replaces=True,
            check=_slug,
            source=_API,
        ),
        Property(
            "directory",
            Scalar.STRING,
            "The function's folder, relative to the program's. Shared code beside it is found by its imports.",
            required=True,
        ),
        Property("entrypoint", Scalar.STRING, "The entry point in it. Default ``index.ts``.", check=_inside),
        Property(
            "importMap",
            Scalar.STRING,
            "The import map in it. Default ``deno.json`` where there is one; empty for none.",
        ),
        Property(
            "staticPatterns",
            ListOf(Scalar.STRING),
            "Patterns of further files in the folder that the code reads, ``templates/*.html``.",
        ),
        Property("name", Scalar.STRING, "The name in the dashboard. Default: the slug."),
        Property(
            "verifyJwt",
            Scalar.BOOLEAN,
            "Whether Supabase demands a valid JWT before the code runs. Always sent: left out, a deploy may "
            "switch it on. A webhook needs false.",
            required=True,
            source=_API,
        ),
        Property(
            "files",
            MapOf(Scalar.STRING),
            "Generated files by path in the folder, as text; they take the place of files on disk.",
            check=_generated,
        ),
        Property(
            "revisionFile",
            Scalar.STRING,
            'A JSON file to generate in the folder, ``{"revision": ...}``, so that the code can say which '
            "revision it is.",
            check=_inside,
        ),
        Property(
            "triggers",
            MapOf(Scalar.STRING),
            "Anything whose change needs a new deploy, secrets' fingerprints.",
        ),
        Property(
            "projectUrl",
            Scalar.STRING,
            "The project's public address, with a custom domain. Default ``https://<ref>.supabase.co``.",
            check=_base_url,
        ),
        Property("checks", ListOf(_CHECK), "What the function must answer under its slug."),
        Property(
            "candidateChecks", ListOf(_CHECK), "What the candidate must answer; none means no candidate."
        ),
        Property(
            "checkTimeout",
            Scalar.INTEGER,
            "How long right answers are waited for, in seconds, since a deploy spreads slowly. Default 60.",
            check=lambda n: None if 1 <= n <= 600 else f"{n} is not between 1 and 600 seconds",
        ),
        Property(
            "consecutiveChecks",
            Scalar.INTEGER,
            "How many times in a row all answers must be right. Default 3.",
            check=lambda n: None if 1 <= n <= 100 else f"{n} is not between 1 and 100",
        ),
        Property(
            "adopt",
            Scalar.BOOLEAN,
            "Whether an existing function of that slug may be replaced. Default false.",
        ),
        Property(
            "fileHashes",
            MapOf(Scalar.STRING),
            "The files that are deployed, each with the start of its SHA-256.",
            derived=True,
        ),
        Property(
            "deployment",
            Scalar.STRING,
            "Whose deploy is live: that of this program, or somebody else's.",
            derived=True,
        ),
        Property("functionId", Scalar.STRING, "Supabase's ID of the function.", output=True),
        Property("url", Scalar.STRING, "The function's public URL.", output=True),
        Property("version", Scalar.INTEGER, "Supabase's count of its deploys.", output=True),
        Property("status", Scalar.STRING, "ACTIVE, REMOVED or THROTTLED.", output=True),
        Property("bundleSha256", Scalar.STRING, "The SHA-256 of the bundle that Supabase made.", output=True),
        Property(
            "revision",
            Scalar.STRING,
            "The SHA-256 of everything deployed, shortened: files and settings.",
            output=True,
        ),
        Property("lastDeployed", MapOf(Scalar.STRING), "Version and bundle of our last deploy.", output=True),
        Property(
            "original",
            MapOf(Scalar.STRING),
            "The function that was adopted: its settings and files (Base64); empty for one created here.",
            output=True,
            secret=True,
        ),
    ),
    example="""\
import pulumi_supabase as supabase

supabase.EdgeFunction(
    "hello",
    project_ref="sandboxsandboxsandbo",
    slug="hello",
    directory="functions/hello",
    verify_jwt=False,
    candidate_checks=[{"name": "greets", "method": "GET", "expect": {"status": 200, "contains": "Hello"}}],
)
""",
    import_id="the project's reference and the slug, REF/SLUG",
    rights="Edge functions: read and write; project: read",
)
