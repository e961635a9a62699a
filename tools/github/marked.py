"""Comments and issues with a hidden marker: the marker and the author identify those that we may edit.

Anyone can write a text that begins with the marker, and could edit or close it later, so that reviewers read a
plan that no job made. So a text of another login is never edited.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tools.github.api import GitHub

__all__ = ["LONGEST", "close_issue", "marker", "put_comment", "put_issue"]

LONGEST = 65_536
"""The longest comment or issue, in characters (GitHub's own limit)."""


def marker(kind: str, stack: str) -> str:
    """The first line of a text, which GitHub does not show."""
    return f"<!-- voicehooks:{kind}:{stack} -->"


def put_comment(github: GitHub, pull: int, kind: str, stack: str, text: str) -> str:
    """Write a pull request's only comment of this kind and stack, or edit it; return its URL."""
    body = _body(kind, stack, text)
    for comment in github.every(f"issues/{pull}/comments"):
        if _is_ours(github, comment, kind, stack):
            if comment["body"] == body:
                return str(comment["html_url"])
            return str(github.change(f"issues/comments/{comment['id']}", {"body": body})["html_url"])
    return str(github.create(f"issues/{pull}/comments", {"body": body})["html_url"])


def put_issue(github: GitHub, kind: str, stack: str, title: str, text: str) -> str:
    """Open the only issue of this kind and stack, or update the open one; return its URL.

    "Since when" is the time at which the issue was opened.
    """
    known = _open_issue(github, kind, stack)
    content = {"title": title, "body": _body(kind, stack, text)}
    if known is None:
        return str(github.create("issues", content)["html_url"])
    return str(github.change(f"issues/{known}", content)["html_url"])


def close_issue(github: GitHub, kind: str, stack: str, text: str) -> str | None:
    """Close the open issue of this kind and stack with a last comment; return its URL if there was one."""
    known = _open_issue(github, kind, stack)
    if known is None:
        return None
    github.create(f"issues/{known}/comments", {"body": text})
    closed = github.change(f"issues/{known}", {"state": "closed", "state_reason": "completed"})
    return str(closed["html_url"])


def _open_issue(github: GitHub, kind: str, stack: str) -> int | None:
    for issue in github.every("issues", state="open"):
        # The list also contains pull requests.
        if "pull_request" not in issue and _is_ours(github, issue, kind, stack):
            return int(issue["number"])
    return None


def _is_ours(github: GitHub, written: dict[str, Any], kind: str, stack: str) -> bool:
    # Only at the very beginning, because another text may quote ours. A deleted account's texts have no user.
    if not (written["body"] or "").startswith(marker(kind, stack)):
        return False
    return (written["user"] or {}).get("login") == github.login


def _body(kind: str, stack: str, text: str) -> str:
    body = f"{marker(kind, stack)}\n{text.strip()}\n"
    if len(body) <= LONGEST:
        return body
    cut = "\n\nCut here: the whole text is in the job's log.\n"
    return body[: LONGEST - len(cut)] + cut
