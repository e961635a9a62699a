"""`voicehooks plan`: the changes of a preview as a reviewer reads them, on a terminal and in a pull request.

plan = read(preview_json, stack="prod")
print(render_terminal(plan))
print(render_markdown(plan))
"""

from voicehooks.commands.plan.markdown import render_markdown
from voicehooks.commands.plan.model import Change, Failure, Finding, Plan
from voicehooks.commands.plan.reading import read
from voicehooks.commands.plan.terminal import render_terminal

__all__ = ["Change", "Failure", "Finding", "Plan", "read", "render_markdown", "render_terminal"]
