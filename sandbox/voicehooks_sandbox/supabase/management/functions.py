"""Operations on Edge Functions: all forms of deploy, reading, downloading, deleting."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from starlette.datastructures import UploadFile
from starlette.responses import JSONResponse, Response

from voicehooks_sandbox.supabase.functions.deno import BundleError, bundle, reported_path
from voicehooks_sandbox.supabase.functions.models import DeployMetadata, Function, UnsafePath, safe_path
from voicehooks_sandbox.supabase.management.body import multipart_body
from voicehooks_sandbox.supabase.management.errors import ApiError, not_emulated, read_json, read_object
from voicehooks_sandbox.supabase.management.routing import PROJECT, Operation

if TYPE_CHECKING:
    from starlette.requests import Request

    from voicehooks_sandbox.supabase.project import Project

_NEW_SLUG = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_MOST_FUNCTIONS = 100
_LARGEST_BUNDLE = 20 * 1024 * 1024
_SOURCE_OF_JSON_DEPLOY = "index.ts"


def describe(function: Function) -> dict[str, Any]:
    """A function as the API describes it."""
    description: dict[str, Any] = {
        "id": function.id,
        "slug": function.slug,
        "name": function.name,
        "status": function.status,
        "version": function.version,
        "created_at": function.created_at,
        "updated_at": function.updated_at,
        "verify_jwt": function.verify_jwt,
        "import_map": function.import_map_path is not None,
        "entrypoint_path": reported_path(function, function.entrypoint_path),
        "ezbr_sha256": function.ezbr_sha256,
    }
    if function.import_map_path is not None:
        description["import_map_path"] = reported_path(function, function.import_map_path)
    return description


async def list_functions(project: Project, _: Request) -> Response:
    """GET .../functions."""
    return JSONResponse([describe(function) for function in project.functions.all()])


async def get_function(project: Project, request: Request) -> Response:
    """GET .../functions/{slug}."""
    return JSONResponse(describe(_find(project, request)))


async def get_function_body(project: Project, request: Request) -> Response:
    """GET .../functions/{slug}/body: the files, as multipart/form-data."""
    function = _find(project, request)
    if "multipart/form-data" not in request.headers.get("accept", ""):
        raise not_emulated(
            "GET", "functions/{slug}/body as an eszip bundle (ask for Accept: multipart/form-data)"
        )
    metadata = json.dumps({"deno2_entrypoint_path": function.entrypoint_path})
    return multipart_body(metadata, project.functions.files(function))


async def deploy_function(project: Project, request: Request) -> Response:
    """POST .../functions/deploy: multipart; with `bundleOnly` nothing is active until a bulk update."""
    metadata, files = await _read_multipart(request)
    slug = request.query_params.get("slug") or metadata.name or ""
    function = await _bundle(project, slug, metadata, files)
    if request.query_params.get("bundleOnly") == "true":
        project.functions.stage(function)
    else:
        _activate(project, function)
    return JSONResponse(describe(function), status_code=201)


async def bulk_update_functions(project: Project, request: Request) -> Response:
    """PUT .../functions: activates bundles; the caller counts the versions up. All or none."""
    body = await read_json(request)
    if not isinstance(body, list):
        raise ApiError(400, "Expected array, received " + type(body).__name__)
    updates = [_bulk_update(project, index, entry) for index, entry in enumerate(body)]
    for function in updates:
        _activate(project, function)
    return JSONResponse({"functions": [describe(function) for function in updates]})


async def create_function(project: Project, request: Request) -> Response:
    """POST .../functions (deprecated): one source text in JSON."""
    if "application/json" not in request.headers.get("content-type", ""):
        raise not_emulated("POST", "functions with an eszip bundle (deploy sources instead)")
    body = await read_object(request)
    slug = body.get("slug")
    if isinstance(slug, str) and project.functions.get(slug) is not None:
        raise ApiError(400, f"Function with slug {slug} already exists")
    if not isinstance(slug, str) or not isinstance(body.get("name"), str):
        raise ApiError(400, "slug and name must be strings")
    function = await _bundle(project, slug, _metadata_of_json(body), _files_of_json(body))
    _activate(project, function)
    return JSONResponse(describe(function), status_code=201)


async def update_function(project: Project, request: Request) -> Response:
    """PATCH .../functions/{slug}: name, verify_jwt or the one source text."""
    before = _find(project, request)
    if "application/json" not in request.headers.get("content-type", ""):
        raise not_emulated("PATCH", "functions/{slug} with an eszip bundle (deploy sources instead)")
    body = await read_object(request)
    if "body" in body:
        function = await _bundle(project, before.slug, _metadata_of_json(body), _files_of_json(body))
        _activate(project, function)
        return JSONResponse(describe(function))
    metadata = _metadata_of_json(body)
    changes: dict[str, object] = {}
    if metadata.name is not None:
        changes["name"] = metadata.name
    if metadata.verify_jwt is not None:
        changes["verify_jwt"] = metadata.verify_jwt
    changed = project.functions.change(before, **changes)
    project.runner.deployed(before.slug, before, None)
    return JSONResponse(describe(changed))


async def delete_function(project: Project, request: Request) -> Response:
    """DELETE .../functions/{slug}."""
    function = _find(project, request)
    project.functions.delete(function.slug)
    project.runner.deleted(function.slug)
    return JSONResponse({"message": "ok"})


def _find(project: Project, request: Request) -> Function:
    function = project.functions.get(request.path_params["slug"])
    if function is None:
        raise ApiError(404, "Function not found")
    return function


async def _bundle(project: Project, slug: str, metadata: DeployMetadata, files: dict[str, bytes]) -> Function:
    """Check and store a deploy; what cannot be bundled leaves nothing behind."""
    if not _NEW_SLUG.fullmatch(slug):
        raise ApiError(400, "slug: must start with a letter and consist of letters, digits, '_' and '-'")
    if project.functions.get(slug) is None and len(project.functions.all()) >= _MOST_FUNCTIONS:
        raise ApiError(402, "Maximum number of functions reached for Plan")
    if sum(map(len, files.values())) > _LARGEST_BUNDLE:
        raise ApiError(413, f"The bundle is larger than {_LARGEST_BUNDLE // 1024**2} MB")
    try:
        safe_path(metadata.entrypoint_path)
        function = project.functions.add_release(slug, metadata, files)
    except UnsafePath as error:
        raise ApiError(400, f"Invalid file path: {error}") from error
    try:
        await bundle(project.deno, function, project.functions.source_folder(function))
    except BaseException as error:
        project.functions.discard_release(function)
        if isinstance(error, BundleError):
            raise ApiError(400, f"Failed to bundle the function (reason: {error})") from error
        raise
    return function


def _activate(project: Project, function: Function) -> None:
    before = project.functions.activate(function)
    project.runner.deployed(function.slug, before, project.faults.spread)


async def _read_multipart(request: Request) -> tuple[DeployMetadata, dict[str, bytes]]:
    """Read a deploy's parts, in any order; `metadata` may come as a field or as a file."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise ApiError(400, "Expected multipart/form-data")
    files: dict[str, bytes] = {}
    metadata: bytes | None = None
    async with request.form(max_files=5_000, max_fields=100) as form:
        for name, value in form.multi_items():
            content = await value.read() if isinstance(value, UploadFile) else value.encode()
            if name == "metadata":
                metadata = content
            elif name == "file":
                if not isinstance(value, UploadFile) or not value.filename:
                    raise ApiError(400, "file: each file needs a filename, its path")
                files[value.filename] = content
    if metadata is None:
        raise ApiError(400, "metadata: Required")
    try:
        parsed = json.loads(metadata)
    except ValueError as error:
        raise ApiError(400, f"metadata: Unexpected token in JSON: {error}") from error
    return _metadata(parsed), files


def _metadata(body: Any) -> DeployMetadata:
    if not isinstance(body, dict):
        raise ApiError(400, "metadata: must be an object")
    entrypoint = body.get("entrypoint_path")
    if not isinstance(entrypoint, str) or not entrypoint:
        raise ApiError(400, "metadata.entrypoint_path: Required")
    for key, kind in (
        ("import_map_path", str),
        ("name", str),
        ("verify_jwt", bool),
        ("static_patterns", list),
    ):
        if body.get(key) is not None and not isinstance(body[key], kind):
            raise ApiError(400, f"metadata.{key}: must be of type {kind.__name__}")
    return DeployMetadata(
        entrypoint_path=entrypoint.removeprefix("file://").removeprefix("./"),
        import_map_path=_relative(body.get("import_map_path")),
        verify_jwt=body.get("verify_jwt"),
        name=body.get("name") or None,
    )


def _relative(path: str | None) -> str | None:
    return None if path is None else path.removeprefix("file://").removeprefix("./")


def _metadata_of_json(body: dict[str, Any]) -> DeployMetadata:
    return _metadata({"entrypoint_path": _SOURCE_OF_JSON_DEPLOY, "import_map_path": "", **_without_body(body)})


def _without_body(body: dict[str, Any]) -> dict[str, Any]:
    return {key: body[key] for key in ("name", "verify_jwt") if key in body}


def _files_of_json(body: dict[str, Any]) -> dict[str, bytes]:
    if not isinstance(body.get("body"), str):
        raise ApiError(400, "body: must be a string")
    return {_SOURCE_OF_JSON_DEPLOY: body["body"].encode()}


def _bulk_update(project: Project, index: int, entry: Any) -> Function:
    if not isinstance(entry, dict):
        raise ApiError(400, f"{index}: must be an object")
    for key, kind in (("id", str), ("slug", str), ("name", str), ("status", str), ("version", int)):
        if not isinstance(entry.get(key), kind):
            raise ApiError(400, f"{index}.{key}: must be of type {kind.__name__}")
    found = project.functions.find_bundle(entry["slug"], entry.get("ezbr_sha256"))
    if found is None:
        raise ApiError(400, f"{index}.ezbr_sha256: no bundle of function {entry['slug']} has this digest")
    if entry["id"] != found.id:
        raise ApiError(400, f"{index}.id: function {entry['slug']} has another id")
    verify_jwt = entry.get("verify_jwt", found.verify_jwt)
    return project.functions.bulk_updated(
        found, name=entry["name"], version=entry["version"], status=entry["status"], verify_jwt=verify_jwt
    )


OPERATIONS = (
    Operation("GET", f"{PROJECT}/functions", ("edge_functions_read",), list_functions),
    Operation("POST", f"{PROJECT}/functions", ("edge_functions_write",), create_function),
    Operation("PUT", f"{PROJECT}/functions", ("edge_functions_write",), bulk_update_functions),
    Operation("POST", f"{PROJECT}/functions/deploy", ("edge_functions_write",), deploy_function),
    Operation("GET", f"{PROJECT}/functions/{{slug}}", ("edge_functions_read",), get_function),
    Operation("PATCH", f"{PROJECT}/functions/{{slug}}", ("edge_functions_write",), update_function),
    Operation("DELETE", f"{PROJECT}/functions/{{slug}}", ("edge_functions_write",), delete_function),
    Operation("GET", f"{PROJECT}/functions/{{slug}}/body", ("edge_functions_read",), get_function_body),
)
