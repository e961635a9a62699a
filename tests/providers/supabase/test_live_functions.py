"""Live functions as the platform describes them: paths as they were sent, files that can be deployed again."""

from __future__ import annotations

import asyncio
import json
from typing import Any, cast

import httpx
import pytest
from pulumi_provider_kit.values import PropertyMap, wrap
from pulumi_supabase.client import ManagementApi
from pulumi_supabase.edge_function.adoption import OURS, whose
from pulumi_supabase.edge_function.live import LiveFunction, NotDownloadable, download, find
from pulumi_supabase.edge_function.revision import Deployment

REF = "abcdefghijklmnopqrst"
FOLDER = f"file:///tmp/user_fn_{REF}_6a/source/"
LIVE = LiveFunction("id", "answer", "Answers", 3, "ACTIVE", False, "b1", "index.ts", "")
FUNCTION = {"id": "id", "slug": "answer", "name": "Answers", "version": 3, "status": "ACTIVE"}


class Platform:
    """A Management API that gives one answer, in the forms that the real one was seen to give."""

    def __init__(self, answer: httpx.Response) -> None:
        self._answer = answer

    async def get(self, *_: Any, **__: Any) -> httpx.Response:
        """Give it."""
        return self._answer


def state(**values: Any) -> PropertyMap:
    """Return a resource's state."""
    return {name: wrap(value) for name, value in values.items()}


def found(**fields: Any) -> LiveFunction:
    """Return the function that the platform describes with these fields."""
    api = cast("ManagementApi", Platform(httpx.Response(200, json=FUNCTION | fields)))
    function = asyncio.run(find(api, REF, "answer"))
    assert function is not None
    return function


def downloaded(*parts: tuple[str, bytes], live: LiveFunction = LIVE, boundary: str = "b") -> Deployment:
    """Return what is read from these parts, each given as its headers and its content."""
    body = b"".join(b"--b\r\n%s\r\n\r\n%s\r\n" % (head.encode(), content) for head, content in parts)
    answer = httpx.Response(
        200,
        content=body + b"--b--\r\n",
        headers={"Content-Type": f"multipart/form-data; boundary={boundary}"},
    )
    return asyncio.run(download(cast("ManagementApi", Platform(answer)), REF, live))


def file(path: str, content: bytes = b"x") -> tuple[str, bytes]:
    """Return a part with a file's path in its own header, which may lead upwards."""
    return f'Content-Disposition: form-data; name="file"; filename="x"\r\nSupabase-Path: {path}', content


def metadata(value: Any) -> tuple[str, bytes]:
    """Return the part with the metadata."""
    return 'content-disposition: form-data; name="metadata"', json.dumps(value).encode()


@pytest.mark.parametrize(
    ("reported", "sent"),
    [
        (f"{FOLDER}functions/answer/index.ts", "functions/answer/index.ts"),
        (f"{FOLDER}answer/source/index.ts", "answer/source/index.ts"),
        ("file:///index.ts", "index.ts"),
        ("/index.ts", "index.ts"),
        ("./index.ts", "index.ts"),
        ("answer/source/index.ts", "answer/source/index.ts"),
        ("../_shared/index.ts", "../_shared/index.ts"),
    ],
)
def test_paths_lose_the_platforms_own_folder(reported: str, sent: str) -> None:
    """And nothing else of them."""
    function = found(entrypoint_path=reported, import_map_path=reported)

    assert (function.entrypoint, function.import_map) == (sent, sent)


def test_fields_that_the_platform_leaves_out() -> None:
    """verify_jwt is on by default at Supabase; the entry point is index.ts; no bundle, no import map."""
    function = found()

    assert (function.verify_jwt, function.entrypoint, function.bundle, function.import_map) == (
        True,
        "index.ts",
        "",
        "",
    )
    assert found(verify_jwt=False, ezbr_sha256="b1").verify_jwt is False
    assert found(ezbr_sha256="b1").bundle == "b1"


def test_files_that_lead_upwards_are_moved_below_one_folder() -> None:
    """The same relations hold between them, in a form that the platform accepts again."""
    live = LiveFunction("id", "answer", "Answers", 3, "ACTIVE", False, "b1", "index.ts", "../../deno.json")
    there = downloaded(
        metadata({"deno2_entrypoint_path": "./index.ts"}),
        file("index.ts", b"entry"),
        file("../_shared/a.ts", b"shared"),
        file("../../deno.json", b"{}"),
        live=live,
    )

    assert there.files == {
        "function/function/index.ts": b"entry",
        "function/_shared/a.ts": b"shared",
        "deno.json": b"{}",
    }
    assert there.entrypoint == "function/function/index.ts"
    assert there.import_map == "deno.json"
    assert (there.verify_jwt, there.name) == (False, "Answers")


def test_files_without_a_path_of_their_own() -> None:
    """The filename counts then; binary content and empty lines stay; a quoted boundary is the same boundary."""
    content = b"\r\n\r\n\x00--b\n"
    there = downloaded(
        ('Content-Disposition: form-data; name="file"; filename="a/index.ts"\r\nX', content),
        live=LiveFunction("id", "answer", "Answers", 3, "ACTIVE", True, "", "a/index.ts", "import_map.json"),
        boundary='"b"',
    )

    assert there.files == {"a/index.ts": content}
    assert (there.entrypoint, there.import_map, there.verify_jwt) == ("a/index.ts", "", True)


@pytest.mark.parametrize(
    "parts", [[], [metadata({})], [metadata([]), file("index.ts")], [("Nothing: at all", b"x")]]
)
def test_what_is_no_function_cannot_be_put_back(parts: list[tuple[str, bytes]]) -> None:
    """No file, or metadata of another shape: refused before anything is replaced."""
    with pytest.raises(NotDownloadable, match=r"answer \(version 3\)"):
        downloaded(*parts)


@pytest.mark.parametrize(
    "kind", ["application/json", "multipart/form-data", "text/multipart/form-data; boundary=b"]
)
def test_another_kind_of_answer_cannot_be_put_back(kind: str) -> None:
    """An answer that is no form data, or names no boundary."""
    answer = httpx.Response(200, content=b"--b\r\n\r\nx\r\n--b--", headers={"Content-Type": kind})
    with pytest.raises(NotDownloadable):
        asyncio.run(download(cast("ManagementApi", Platform(answer)), REF, LIVE))


@pytest.mark.parametrize(
    ("bundle", "last", "ours"),
    [
        ("b1", {"bundleSha256": "b1", "version": "2"}, True),  # settings alone increment the version
        ("b1", {"bundleSha256": "b0", "version": "3"}, False),
        ("", {"bundleSha256": "b1", "version": "3"}, True),
        ("", {"bundleSha256": "b1", "version": "2"}, False),
        ("b1", {"bundleSha256": "", "version": "3"}, True),
        ("b1", {"version": "2"}, False),
        ("b1", {}, False),
    ],
)
def test_whose_deploy_is_live(bundle: str, last: dict[str, str], ours: bool) -> None:
    """The bundle decides; where the platform or the state has none, the version does."""
    live = LiveFunction("id", "answer", "Answers", 3, "ACTIVE", False, bundle, "index.ts", "")

    assert (whose(live, state(revision="r1", lastDeployed=last)) == OURS) is ours


@pytest.mark.parametrize(("original", "ours"), [(None, False), ("x", True)])
def test_a_deploy_whose_checks_failed_is_not_ours(original: str | None, ours: bool) -> None:
    """Unless the files of somebody else are recorded, which are then restored."""
    recorded = {"original": original} if original else {}
    failed = state(revision="", lastDeployed={"bundleSha256": "b1", "version": "3"}, **recorded)

    assert (whose(LIVE, failed) == OURS) is ours
