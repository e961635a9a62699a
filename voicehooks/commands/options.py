"""Options that every command has, declared once."""

from __future__ import annotations

from typing import Annotated

import typer

Stack = Annotated[
    str, typer.Option("--stack", "-s", envvar="PULUMI_STACK", help="the environment, which is a Pulumi stack")
]
AsJson = Annotated[bool, typer.Option("--json", help="one JSON document on stdout")]
DEFAULT_STACK = "local"
