"""`voicehooks plan`: the changes of a preview as a reviewer reads them, on a terminal and in a pull request.

    plan = read(preview_json, stack="prod")
    print(render_terminal(plan))
    print(render_markdown(plan))

Each name is imported when it is first used, so that `voicehooks --help` stays quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from voicehooks.commands.plan.markdown import render_markdown
    from voicehooks.commands.plan.model import Change, Failure, Finding, Plan
    from voicehooks.commands.plan.reading import read
    from voicehooks.commands.plan.terminal import render_terminal

__all__ = ["Change", "Failure", "Finding", "Plan", "read", "render_markdown", "render_terminal"]

_MODULES = {
    "read": "reading",
    "render_markdown": "markdown",
    "render_terminal": "terminal",
}


def __getattr__(name: str) -> Any:
    if name in __all__:
        return getattr(import_module(f"voicehooks.commands.plan.{_MODULES.get(name, 'model')}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
