"""Functions over the Management API: every form of deploy, reading, downloading, deleting."""

from __future__ import annotations

import email.message
import email.parser
import json

import httpx
import pytest

from tests.sandbox.supabase.conftest import Deploy

ONE = 'Deno.serve(() => new Response("one"));'
TWO = 'Deno.serve(() => new Response("two"));'


def test_a_deployed_function_answers_behind_the_gateway(deploy: Deploy, gateway: httpx.Client) -> None:
    """A deploy is answered 201 and its function answers at once."""
    deploy("hello", ONE)

    assert gateway.get("/functions/v1/hello").text == "one"


def test_several_functions_share_files_and_import_json(deploy: Deploy, gateway: httpx.Client) -> None:
    """Files keep their relative paths, so that shared modules and JSON can be imported."""
    source = """
    import {n} from "../_shared/n.ts";
    import s from "./s.json" with {type: "json"};
    Deno.serve(() => Response.json([n, s.k]));
    """
    for slug in ("first", "second"):
        files = {
            f"{slug}/index.ts": source,
            "_shared/n.ts": "export const n = 5;",
            f"{slug}/s.json": '{"k": 1}',
        }
        deploy(slug, files, entrypoint_path=f"{slug}/index.ts")

    assert [gateway.get(f"/functions/v1/{slug}").json() for slug in ("first", "second")] == [[5, 1], [5, 1]]


@pytest.mark.parametrize("metadata_as", ["field first", "field last", "file with a type"])
def test_metadata_may_come_in_any_place_and_form(
    api: httpx.Client, gateway: httpx.Client, project_path: str, metadata_as: str
) -> None:
    """The CLIs and the MCP server send the metadata differently; all forms are taken."""
    metadata = json.dumps({"entrypoint_path": "index.ts", "verify_jwt": False})
    part = ("metadata", ("blob", metadata, "application/json") if "file" in metadata_as else (None, metadata))
    file = ("file", ("index.ts", ONE, "application/octet-stream"))
    parts = [part, file] if metadata_as == "field first" else [file, part]

    answer = api.post(f"{project_path}/functions/deploy?slug=hello", files=parts)

    assert answer.status_code == 201
    assert gateway.get("/functions/v1/hello").text == "one"


def test_each_deploy_counts_the_version_up_and_keeps_id_and_creation(deploy: Deploy) -> None:
    """Version + 1, same id and created_at, another bundle digest for other content."""
    first = deploy("hello", ONE).json()
    second = deploy("hello", TWO).json()

    assert (first["version"], second["version"]) == (1, 2)
    assert (first["id"], first["created_at"]) == (second["id"], second["created_at"])
    assert first["ezbr_sha256"] != second["ezbr_sha256"]
    assert second["entrypoint_path"].endswith("_2/source/index.ts")


def test_the_bundle_digest_is_the_same_for_the_same_content(deploy: Deploy) -> None:
    """An unchanged redeploy does not look like drift."""
    assert deploy("hello", ONE).json()["ezbr_sha256"] == deploy("hello", ONE).json()["ezbr_sha256"]


def test_metadata_left_out_keeps_what_was_set(api: httpx.Client, project_path: str, deploy: Deploy) -> None:
    """An update without verify_jwt and import_map_path keeps both, even a stale import map."""
    deploy("hello", {"index.ts": ONE, "deno.json": "{}"}, import_map_path="deno.json")
    files = [("file", ("index.ts", TWO)), ("metadata", (None, json.dumps({"entrypoint_path": "index.ts"})))]

    answer = api.post(f"{project_path}/functions/deploy?slug=hello", files=files).json()

    assert answer["verify_jwt"] is False
    assert answer["import_map_path"].endswith("/source/deno.json")


def test_a_new_function_verifies_jwts_unless_told_otherwise(api: httpx.Client, project_path: str) -> None:
    """Without verify_jwt in its metadata a new function asks for a JWT."""
    files = [("file", ("index.ts", ONE)), ("metadata", (None, json.dumps({"entrypoint_path": "index.ts"})))]

    assert api.post(f"{project_path}/functions/deploy?slug=hello", files=files).json()["verify_jwt"] is True


def test_an_import_map_is_applied(deploy: Deploy, gateway: httpx.Client) -> None:
    """A deno.json named as import map resolves bare specifiers."""
    files = {
        "index.ts": 'import {n} from "number"; Deno.serve(() => new Response(`${n}`));',
        "number.ts": "export const n = 7;",
        "deno.json": '{"imports": {"number": "./number.ts"}}',
    }
    deploy("hello", files, import_map_path="deno.json")

    assert gateway.get("/functions/v1/hello").text == "7"


def test_a_default_export_with_fetch_is_served(deploy: Deploy, gateway: httpx.Client) -> None:
    """`export default {fetch}` works as well as Deno.serve."""
    deploy("hello", 'export default { fetch: () => new Response("exported") };')

    assert gateway.get("/functions/v1/hello").text == "exported"


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("let x: = ;", "Unexpected token"),
        ('import "./missing.ts"; Deno.serve(() => new Response());', "missing.ts"),
    ],
    ids=["syntax error", "missing module"],
)
def test_what_cannot_be_bundled_is_refused_and_changes_nothing(
    deploy: Deploy, gateway: httpx.Client, source: str, reason: str
) -> None:
    """A deploy with a broken source is answered 400 and the version before stays."""
    deploy("hello", ONE)

    answer = deploy("hello", source, expect=400)

    assert answer.json()["message"].startswith("Failed to bundle the function (reason: ")
    assert reason in answer.json()["message"]
    assert gateway.get("/functions/v1/hello").text == "one"


@pytest.mark.parametrize("path", ["../../escape.ts", "/etc/escape.ts", "a/../../escape.ts"])
def test_a_file_cannot_leave_its_folder(deploy: Deploy, path: str) -> None:
    """Paths that lead out of the function's folder are refused."""
    answer = deploy("hello", {"index.ts": ONE, path: "export {}"}, expect=400)

    assert answer.json()["message"].startswith("Invalid file path")


@pytest.mark.parametrize("slug", ["1abc", "a b", "", "a/b"])
def test_slugs_follow_the_platforms_pattern(deploy: Deploy, slug: str) -> None:
    """A slug starts with a letter and has letters, digits, _ and - only."""
    deploy(slug, ONE, expect=400)


@pytest.mark.parametrize(
    "metadata",
    [None, "{", "[]", '{"verify_jwt": false}', '{"entrypoint_path": "index.ts", "verify_jwt": "no"}'],
)
def test_bad_metadata_is_answered_400(api: httpx.Client, project_path: str, metadata: str | None) -> None:
    """Missing, unreadable or mistyped metadata is named in a message."""
    parts = [("file", ("index.ts", ONE))]
    if metadata is not None:
        parts.append(("metadata", (None, metadata)))

    answer = api.post(f"{project_path}/functions/deploy?slug=hello", files=parts)

    assert (answer.status_code, "metadata" in answer.json()["message"]) == (400, True)


@pytest.mark.parametrize(
    ("content_type", "content"),
    [
        ("multipart/form-data", b""),
        ("multipart/form-data; boundary=b", b"--b\r\nbroken"),
        ("application/json", b"{}"),
    ],
)
def test_a_body_that_is_no_multipart_is_answered_400(
    api: httpx.Client, project_path: str, content_type: str, content: bytes
) -> None:
    """A broken or other body is refused with a message."""
    url = f"{project_path}/functions/deploy?slug=hello"

    answer = api.post(url, content=content, headers={"Content-Type": content_type})

    assert (answer.status_code, list(answer.json())) == (400, ["message"])


def test_a_bundle_is_not_active_before_the_bulk_update(
    api: httpx.Client, project_path: str, deploy: Deploy, gateway: httpx.Client
) -> None:
    """With bundleOnly a deploy changes nothing until PUT functions activates it."""
    deploy("hello", ONE)
    bundle = deploy("hello", TWO, bundle_only=True).json()
    before = gateway.get("/functions/v1/hello").text
    sent = {
        key: bundle[key] for key in ("id", "slug", "name", "status", "version", "verify_jwt", "ezbr_sha256")
    }

    answer = api.put(f"{project_path}/functions", json=[sent])

    assert answer.status_code == 200
    assert answer.json()["functions"][0]["version"] == 2
    assert (before, gateway.get("/functions/v1/hello").text) == ("one", "two")


def test_a_bulk_update_activates_new_functions_together(
    api: httpx.Client, project_path: str, deploy: Deploy, gateway: httpx.Client
) -> None:
    """Bundles of functions that do not exist yet appear with the bulk update."""
    bundles = [deploy(slug, source, bundle_only=True).json() for slug, source in (("a", ONE), ("b", TWO))]
    assert api.get(f"{project_path}/functions").json() == []

    api.put(f"{project_path}/functions", json=bundles).raise_for_status()

    assert [gateway.get(f"/functions/v1/{slug}").text for slug in "ab"] == ["one", "two"]


def test_a_bulk_update_with_an_unknown_bundle_changes_nothing(
    api: httpx.Client, project_path: str, deploy: Deploy, gateway: httpx.Client
) -> None:
    """One entry without a bundle refuses the whole update."""
    good = deploy("a", ONE, bundle_only=True).json()

    answer = api.put(f"{project_path}/functions", json=[good, {**good, "slug": "b"}])

    assert answer.status_code == 400
    assert gateway.get("/functions/v1/a").status_code == 404


def test_the_deprecated_json_forms_create_and_update(
    api: httpx.Client, project_path: str, gateway: httpx.Client
) -> None:
    """POST and PATCH functions with one source text still work."""
    body = {"slug": "old", "name": "Old", "body": ONE, "verify_jwt": False}

    created = api.post(f"{project_path}/functions", json=body)
    first = gateway.get("/functions/v1/old").text
    updated = api.patch(f"{project_path}/functions/old", json={"body": TWO})

    assert (created.status_code, updated.status_code) == (201, 200)
    assert (first, gateway.get("/functions/v1/old").text) == ("one", "two")
    assert (updated.json()["name"], updated.json()["verify_jwt"]) == ("Old", False)


def test_patch_changes_verify_jwt_without_a_deploy(
    api: httpx.Client, project_path: str, deploy: Deploy, gateway: httpx.Client
) -> None:
    """A flag changed from elsewhere takes effect and counts the version up: drift can be shown."""
    deploy("hello", ONE)

    answer = api.patch(f"{project_path}/functions/hello", json={"verify_jwt": True}).json()

    assert (answer["verify_jwt"], answer["version"]) == (True, 2)
    assert gateway.get("/functions/v1/hello").status_code == 401


def test_an_eszip_is_refused_by_name(api: httpx.Client, project_path: str) -> None:
    """What the sandbox cannot run is answered 501 and says what it was."""
    answer = api.post(
        f"{project_path}/functions?slug=x",
        content=b"ESZIP",
        headers={"Content-Type": "application/vnd.denoland.eszip"},
    )

    assert (answer.status_code, "eszip" in answer.json()["message"]) == (501, True)


def test_the_download_has_the_metadata_and_every_file(
    api: httpx.Client, project_path: str, deploy: Deploy
) -> None:
    """GET body: a part `metadata`, then the files under the paths that they were sent with."""
    sent = {"f/index.ts": ONE, "_shared/ä b.ts": "export {};", "f/data.json": "{}"}
    deploy("hello", sent, entrypoint_path="f/index.ts")

    answer = api.get(f"{project_path}/functions/hello/body", headers={"Accept": "multipart/form-data"})

    head = f"Content-Type: {answer.headers['content-type']}\r\n\r\n".encode()
    parts = (
        email.parser.BytesParser(_class=email.message.EmailMessage)
        .parsebytes(head + answer.content)
        .get_payload()
    )
    assert parts[0].get_param("name", header="content-disposition") == "metadata"
    assert json.loads(parts[0].get_payload()) == {"deno2_entrypoint_path": "f/index.ts"}
    assert [part.get_payload(decode=True).decode() for part in parts[1:]] == [
        sent[path] for path in sorted(sent)
    ]


def test_a_deleted_function_is_gone_everywhere(
    api: httpx.Client, project_path: str, deploy: Deploy, gateway: httpx.Client
) -> None:
    """After DELETE neither the API nor the gateway knows it, and a second DELETE is a 404."""
    deploy("hello", ONE)

    answer = api.delete(f"{project_path}/functions/hello")

    assert (answer.status_code, answer.json()) == (200, {"message": "ok"})
    assert gateway.get("/functions/v1/hello").status_code == 404
    assert api.get(f"{project_path}/functions/hello").status_code == 404
    assert api.delete(f"{project_path}/functions/hello").status_code == 404
