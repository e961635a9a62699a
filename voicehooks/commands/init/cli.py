"""The command line of `voicehooks init`."""

from __future__ import annotations

from typing import Annotated

import typer

from voicehooks.commands.init.answers import Flags
from voicehooks.commands.init.command import run
from voicehooks.commands.options import AsJson  # noqa: TC001 - typer reads the annotations

__all__ = ["init"]


def init(  # noqa: PLR0917 - one parameter an option
    name: Annotated[str, typer.Argument(metavar="NAME", help="the environment's name: dev, prod")],
    origin: Annotated[
        str | None, typer.Option("--from", metavar="ENV", help="take over another environment's settings")
    ] = None,
    account_sid: Annotated[str | None, typer.Option("--account-sid", help="the Twilio account, AC...")] = None,
    api_key: Annotated[str | None, typer.Option("--api-key", help="an API key, SK...")] = None,
    project: Annotated[str | None, typer.Option("--project", help="the Supabase project's reference")] = None,
    public_url: Annotated[str | None, typer.Option("--public-url", help="its custom domain, if any")] = None,
    numbers: Annotated[
        list[str] | None, typer.Option("--number", help="a number to name, left as it is; may be repeated")
    ] = None,
    state: Annotated[
        str | None, typer.Option("--state", help="where the state is stored: here, cloud, s3://bucket")
    ] = None,
    purposes: Annotated[
        str, typer.Option("--for", help="what it is for: incoming, outgoing, recording, separated by commas")
    ] = "",
    page: Annotated[
        str, typer.Option("--crm-page", metavar="URL", help="the CRM page that places calls, for outgoing")
    ] = "",
    in_sandbox: Annotated[
        bool, typer.Option("--sandbox", help="a rehearsal: start a sandbox of its own and use its credentials")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Create a stack: ask for what it needs, try each credential, write Pulumi.NAME.yaml.

    Secrets are asked for without an echo, or taken from TWILIO_AUTH_TOKEN, TWILIO_API_SECRET,
    SUPABASE_ACCESS_TOKEN and PULUMI_CONFIG_PASSPHRASE. Numbers stay as they are; only reading requests are
    made. Afterwards the stack is selected. Exit code 0: made; 2: not made, or only half: run it again and it
    continues.
    """
    flags = Flags(
        account_sid=account_sid,
        api_key=api_key,
        project=project,
        public_url=public_url,
        numbers=tuple(numbers or ()),
        state=state,
        origin=origin,
        purposes=purposes,
        page=page,
        sandbox=in_sandbox,
    )
    raise typer.Exit(run(name, flags, as_json=as_json))
