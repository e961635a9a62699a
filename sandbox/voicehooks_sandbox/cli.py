"""The command `voicehooks-sandbox`.

Values are printed to standard output, progress and errors to standard error.
Exit codes: 0 success; 1 the command could not do what it is for; 2 it was called with wrong arguments.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from voicehooks_sandbox import launcher
from voicehooks_sandbox.addresses import print_variables
from voicehooks_sandbox.control_client import request_json
from voicehooks_sandbox.credentials import TWILIO_PHONE_NUMBERS
from voicehooks_sandbox.errors import SandboxError
from voicehooks_sandbox.logs import print_logs
from voicehooks_sandbox.ports import PURPOSES, USUAL_PORTS, moved_ports
from voicehooks_sandbox.proxy.shell import proxy_variables, set_lines, unset_lines
from voicehooks_sandbox.state import DEFAULT_STATE, PROGRAM, RunningSandbox, StateFolder

if TYPE_CHECKING:
    # Typer has its own copy of click, which nothing but its classes' signatures names.
    from typer._click import Context, HelpFormatter


def _port_option(name: str) -> Any:
    return typer.Option(
        metavar="PORT",
        show_default=False,
        help=f"Port of {PURPOSES[name]} (default: the last one, {USUAL_PORTS[name]} or a free one; 0: any).",
    )


_State = Annotated[
    Path | None,
    typer.Option(
        "--state", metavar="DIR", show_default=False, help=f"The state folder (default: {DEFAULT_STATE})."
    ),
]
_Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
_TwilioPort = Annotated[int | None, _port_option("twilio")]
_SupabaseApiPort = Annotated[int | None, _port_option("supabase_api")]
_SupabasePort = Annotated[int | None, _port_option("supabase")]
_ProxyPort = Annotated[int | None, _port_option("proxy")]
_DatabasePort = Annotated[int | None, _port_option("database")]
_TimeFactor = Annotated[
    float | None, typer.Option(metavar="F", help="How much faster than real time simulated calls run.")
]
_RateLimit = Annotated[
    int | None,
    typer.Option(
        metavar="N",
        help="Requests per minute to the Management API (default: 120; 0: no limit).",
        show_default=False,
    ),
]


class _Commands(TyperGroup):
    """The commands with the whole first sentence of their help, which Typer would cut."""

    def format_commands(self, ctx: Context, formatter: HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(
                [(name, command.get_short_help_str(limit=1000)) for name, command in self.commands.items()]
            )


app = typer.Typer(
    cls=_Commands,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    add_completion=False,
)


def main() -> None:
    """Run the command; an error of the sandbox becomes one sentence."""
    try:
        try:
            app(prog_name=PROGRAM)
        finally:
            sys.stdout.flush()
    except SandboxError as error:
        print(error, file=sys.stderr)
        sys.exit(1)
    except BrokenPipeError:  # the reader, `head` for example, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)


@app.callback()
def _shared(context: typer.Context, state: _State = None) -> None:
    """Emulate Twilio's voice API and a Supabase project on this machine, offline."""
    context.obj = state or DEFAULT_STATE


@app.command("serve", help="Run the sandbox in the foreground.")
@app.command("up", help="Start the sandbox in the background; it is ready when the command returns.")
def _start(
    context: typer.Context,
    *,
    state: _State = None,
    twilio_port: _TwilioPort = None,
    supabase_api_port: _SupabaseApiPort = None,
    supabase_port: _SupabasePort = None,
    proxy_port: _ProxyPort = None,
    database_port: _DatabasePort = None,
    time_factor: _TimeFactor = None,
    rate_limit: _RateLimit = None,
    ready_fd: Annotated[int | None, typer.Option(hidden=True)] = None,
) -> None:
    ports = {
        "twilio": twilio_port,
        "supabase_api": supabase_api_port,
        "supabase": supabase_port,
        "proxy": proxy_port,
        "database": database_port,
    }
    chosen = {name: port for name, port in ports.items() if port is not None}
    folder = _folder(context, state)
    if context.info_name == "serve":
        _serve(folder, chosen, time_factor, rate_limit, ready_fd)
        return
    before = folder.read_running()
    given = {**{f"{name}_port": port for name, port in chosen.items()}, "time_factor": time_factor}
    running = before or launcher.up(folder, _serve_arguments({**given, "rate_limit": rate_limit}), _progress)
    other = [name for name, port in chosen.items() if port and port != running.ports.get(name)]
    if other:
        name = other[0]
        msg = (
            f"The sandbox of {folder.path} already runs with port {running.ports.get(name, 'none')} for "
            f"{PURPOSES[name]}, not {chosen[name]}; stop it first: {folder.command('down')}"
        )
        raise SandboxError(msg)
    for sentence in [] if before else moved_ports(running.ports):
        _progress(sentence)
    _progress("The sandbox already runs." if before else "The sandbox is ready.")
    _print_addresses(running)


def _serve_arguments(given: dict[str, float | None]) -> list[str]:
    return [
        text
        for name, value in given.items()
        if value is not None
        for text in (f"--{name.replace('_', '-')}", str(value))
    ]


def _serve(
    folder: StateFolder,
    chosen: dict[str, int],
    time_factor: float | None,
    rate_limit: int | None,
    ready_fd: int | None,
) -> None:
    # Loaded here, as the other commands need none of it and should answer at once.
    import asyncio  # noqa: PLC0415

    from voicehooks_sandbox.serve import ServeOptions, serve  # noqa: PLC0415

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    # A usual port that an earlier release noted as chosen was not, and may be replaced by a free one.
    before = {name: port for name, port in folder.last_ports().asked.items() if port != USUAL_PORTS.get(name)}

    if ready_fd is not None:
        _detach(ready_fd)

    def on_ready(running: RunningSandbox) -> None:
        if ready_fd is not None:
            _report(ready_fd, "ready")
        else:
            _progress("The sandbox is ready. Ctrl-C ends it.")
            _print_addresses(running)

    serve_options = ServeOptions(
        state=folder.path,
        ports={**before, **chosen},
        time_factor=1.0 if time_factor is None else time_factor,
        rate_limit=120 if rate_limit is None else rate_limit,
    )
    try:
        asyncio.run(serve(serve_options, on_ready))
    except SandboxError as error:
        if ready_fd is None:
            raise
        logging.getLogger(__name__).error("%s", error)  # noqa: TRY400 - a sentence, not a traceback
        _report(ready_fd, str(error))
        raise typer.Exit(1) from error


@app.command("down")
def _down(
    context: typer.Context,
    state: _State = None,
    purge: Annotated[bool, typer.Option("--purge", help="Also delete all stored data; logs are kept.")] = False,
) -> None:
    """Stop what `up` has started."""
    stopped = launcher.down(_folder(context, state), purge=purge)
    _progress("The sandbox is stopped." if stopped else "No sandbox was running.")


@app.command("status")
def _status(context: typer.Context, state: _State = None, as_json: _Json = False) -> None:
    """Show what runs, and where."""
    folder = _folder(context, state)
    running = folder.read_running()
    if running is None:
        print(json.dumps({"state": str(folder.path), "running": False}) if as_json else _not_running(folder))
        raise typer.Exit(1)
    parts = request_json(f"{running.environment['supabase_api_url']}/_sandbox/status").content
    if as_json:
        description = {"state": str(folder.path), "running": True, "pid": running.process.pid}
        print(json.dumps({**description, "ports": running.ports, **parts}, indent=2))
        return
    print(f"The sandbox runs as process {running.process.pid} on {folder.path}.")
    _print_addresses(running)
    for service in parts["services"]:
        print(f"{service['name']:<24} {_process(service['pid'])}")
    for function in parts["functions"]:
        print(f"function {function['slug']:<15} version {function['version']}, {_process(function['pid'])}")


def _process(pid: int | None) -> str:
    return "not running" if pid is None else f"process {pid}"


def _not_running(state: StateFolder) -> str:
    return f"No sandbox runs on {state.path}; start it with: {state.command('up')}"


@app.command("env")
def _env(
    context: typer.Context,
    *,
    state: _State = None,
    as_json: _Json = False,
    proxy: Annotated[
        bool, typer.Option("--proxy", help="Print what leads unmodified clients of this shell to the sandbox.")
    ] = False,
    off: Annotated[bool, typer.Option("--off", help="With --proxy: print the lines that undo it.")] = False,
) -> None:
    """Print how to reach the sandbox, as shell variables."""
    if off and not proxy:
        msg = f"--off belongs to --proxy: {PROGRAM} env --proxy --off"
        raise typer.BadParameter(msg)
    if off:
        print("\n".join(unset_lines()))
        return
    environment = _running(context, state).environment
    if as_json:
        print(json.dumps(proxy_variables(environment) if proxy else environment, indent=2))
    elif proxy:
        print("\n".join(set_lines(environment)))
    else:
        print_variables(environment)


@app.command("call")
def _call(
    context: typer.Context,
    to: Annotated[str, typer.Argument(help="The number to call.")] = TWILIO_PHONE_NUMBERS[0],
    state: _State = None,
    from_: Annotated[str, typer.Option("--from", metavar="NUMBER", help="The caller.")] = "+15550100000",
    scenario: Annotated[str, typer.Option(help="answered, busy, no-answer, failed or canceled.")] = "answered",
) -> None:
    """Call a number of the account; prints the call's SID."""
    url = _running(context, state).environment["twilio_base_url"]
    answer = request_json(f"{url}/_sandbox/calls", {"from": from_, "to": to, "scenario": scenario})
    if "sid" not in answer.content:
        reason = answer.content.get("message", "no reason given")
        msg = f"The sandbox refused the call ({answer.status}): {reason}"
        raise SandboxError(msg)
    print(answer.content["sid"])


@app.command("logs")
def _logs(
    context: typer.Context,
    name: Annotated[
        str | None, typer.Argument(help="A function's slug, or sandbox, postgres or postgrest.")
    ] = None,
    state: _State = None,
) -> None:
    """Print the log of a function or of a part of the sandbox; by default of all functions."""
    print_logs(_folder(context, state), name)


def _folder(context: typer.Context, state: Path | None) -> StateFolder:
    """The state folder, named before or after the command."""
    return StateFolder(state or context.obj)


def _running(context: typer.Context, state: Path | None) -> RunningSandbox:
    folder = _folder(context, state)
    running = folder.read_running()
    if running is None:
        raise SandboxError(_not_running(folder))
    return running


def _print_addresses(running: RunningSandbox) -> None:
    environment = running.environment
    for label, key in (
        ("Page", "page_url"),
        ("Twilio API", "twilio_base_url"),
        ("Supabase project", "supabase_url"),
        ("Supabase Management API", "supabase_api_url"),
        ("Postgres", "database_url"),
    ):
        print(f"{label:<24} {environment[key]}")


def _detach(descriptor: int) -> None:
    """Continue in a child of nobody, so that the program that starts a sandbox is not its parent."""
    if os.fork() > 0:
        os._exit(0)
    os.write(descriptor, f"{os.getpid()}\n".encode())


def _report(descriptor: int, word: str) -> None:
    with os.fdopen(descriptor, "w", encoding="utf-8") as pipe:
        pipe.write(word)


def _progress(text: str) -> None:
    print(text, file=sys.stderr)


if __name__ == "__main__":
    main()
