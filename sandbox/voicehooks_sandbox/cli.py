"""The command `voicehooks-sandbox`.

Values go to standard output, progress and errors to standard error.
Exit codes: 0 fine; 1 the command could not do what it is for; 2 it was called wrongly.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from voicehooks_sandbox import launcher
from voicehooks_sandbox.control_client import request_json
from voicehooks_sandbox.credentials import TWILIO_PHONE_NUMBERS
from voicehooks_sandbox.errors import SandboxError
from voicehooks_sandbox.logs import print_logs
from voicehooks_sandbox.state import DEFAULT_STATE, RunningSandbox, StateFolder

if TYPE_CHECKING:
    from collections.abc import Sequence

_DEFAULT_PORTS = {"twilio": 4710, "supabase_api": 4720, "supabase": 4721, "database": None}
_PORT_PURPOSES = {
    "twilio": "the Twilio twin",
    "supabase_api": "the Supabase Management API",
    "supabase": "the Supabase project URL",
    "database": "Postgres itself",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    options = _parser().parse_args(arguments)
    if not hasattr(options, "state"):
        options.state = DEFAULT_STATE
    try:
        code: int = options.run(options)
    except SandboxError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return code


def _parser() -> argparse.ArgumentParser:
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument(
        "--state",
        type=Path,
        default=argparse.SUPPRESS,
        metavar="DIR",
        help=f"the state folder (default {DEFAULT_STATE})",
    )
    serving = argparse.ArgumentParser(add_help=False)
    for name, default in _DEFAULT_PORTS.items():
        serving.add_argument(
            f"--{name.replace('_', '-')}-port",
            type=int,
            metavar="PORT",
            help=f"port of {_PORT_PURPOSES[name]} (default: the last, else {default or 'none'}; 0: any)",
        )
    serving.add_argument(
        "--time-factor", type=float, metavar="F", help="how much faster than the clock simulated calls run"
    )
    serving.add_argument(
        "--rate-limit",
        type=int,
        metavar="N",
        help="requests a minute to the Management API (default 120; 0: no limit)",
    )

    parser = argparse.ArgumentParser(
        prog="voicehooks-sandbox",
        description="A twin of Twilio's voice API and of a Supabase project, on this machine, offline.",
        parents=[shared],
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    up = commands.add_parser(
        "up", help="start it in the background, ready on return", parents=[shared, serving]
    )
    up.set_defaults(run=_up)
    serve = commands.add_parser("serve", help="run it in the foreground", parents=[shared, serving])
    serve.add_argument("--ready-fd", type=int, help=argparse.SUPPRESS)
    serve.set_defaults(run=_serve)
    down = commands.add_parser("down", help="stop what up has started", parents=[shared])
    down.add_argument("--purge", action="store_true", help="also delete all that it has stored (logs stay)")
    down.set_defaults(run=_down)
    status = commands.add_parser("status", help="what runs, and where", parents=[shared])
    status.add_argument("--json", action="store_true", help="as JSON")
    status.set_defaults(run=_status)
    env = commands.add_parser("env", help="how to reach it, as shell variables", parents=[shared])
    env.add_argument("--json", action="store_true", help="as JSON")
    env.set_defaults(run=_env)
    call = commands.add_parser("call", help="somebody calls a number; prints the call's SID", parents=[shared])
    call.add_argument(
        "to",
        nargs="?",
        default=TWILIO_PHONE_NUMBERS[0],
        help="the number called (default: the account's first)",
    )
    call.add_argument("--from", dest="from_", default="+15550100000", metavar="NUMBER", help="the caller")
    call.add_argument("--scenario", default="answered", help="answered, busy, no-answer, failed or canceled")
    call.set_defaults(run=_call)
    logs = commands.add_parser(
        "logs", help="what a function, or a part of the sandbox, has said", parents=[shared]
    )
    logs.add_argument("name", nargs="?", help="a function's slug, or sandbox, postgres or postgrest")
    logs.set_defaults(run=_logs)
    return parser


def _up(options: argparse.Namespace) -> int:
    state = StateFolder(options.state)
    before = state.read_running()
    running = before or launcher.up(state, _serve_arguments(options), _progress)
    asked = {name: getattr(options, f"{name}_port") for name in _DEFAULT_PORTS}
    other = [name for name, port in asked.items() if port and port != running.ports.get(name)]
    if other:
        name = other[0]
        msg = (
            f"The sandbox of {state.path} already runs with port {running.ports.get(name, 'none')} for "
            f"{_PORT_PURPOSES[name]}, not {asked[name]}; stop it first: "
            f"voicehooks-sandbox --state {options.state} down"
        )
        raise SandboxError(msg)
    _progress("The sandbox already runs." if before else "The sandbox is ready.")
    _print_addresses(running)
    return 0


def _serve_arguments(options: argparse.Namespace) -> list[str]:
    names = [*(f"{name}_port" for name in _DEFAULT_PORTS), "time_factor", "rate_limit"]
    given = [(name, getattr(options, name)) for name in names if getattr(options, name) is not None]
    return [text for name, value in given for text in (f"--{name.replace('_', '-')}", str(value))]


def _serve(options: argparse.Namespace) -> int:
    # Loaded here, as the other commands need nothing of it and shall answer at once.
    import asyncio  # noqa: PLC0415

    from voicehooks_sandbox.serve import ServeOptions, serve  # noqa: PLC0415

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    ports = {**_DEFAULT_PORTS, **StateFolder(options.state).last_ports().asked}
    for name in _DEFAULT_PORTS:
        chosen: int | None = getattr(options, f"{name}_port")
        if chosen is not None:
            ports[name] = chosen

    if options.ready_fd is not None:
        _detach(options.ready_fd)

    def on_ready(running: RunningSandbox) -> None:
        if options.ready_fd is not None:
            _tell(options.ready_fd, "ready")
        else:
            _progress("The sandbox is ready. Ctrl-C ends it.")
            _print_addresses(running)

    serve_options = ServeOptions(
        state=options.state,
        ports={name: port for name, port in ports.items() if port is not None},
        time_factor=1.0 if options.time_factor is None else options.time_factor,
        rate_limit=120 if options.rate_limit is None else options.rate_limit,
    )
    try:
        asyncio.run(serve(serve_options, on_ready))
    except SandboxError as error:
        if options.ready_fd is None:
            raise
        logging.getLogger(__name__).error("%s", error)  # noqa: TRY400 - a sentence, not a traceback
        _tell(options.ready_fd, str(error))
        return 1
    return 0


def _down(options: argparse.Namespace) -> int:
    stopped = launcher.down(StateFolder(options.state), purge=options.purge)
    _progress("The sandbox is stopped." if stopped else "No sandbox was running.")
    return 0


def _status(options: argparse.Namespace) -> int:
    state = StateFolder(options.state)
    running = state.read_running()
    if running is None:
        print(json.dumps({"state": str(state.path), "running": False}) if options.json else _not_running(state))
        return 1
    parts = request_json(f"{running.environment['supabase_api_url']}/_sandbox/status").content
    if options.json:
        description = {"state": str(state.path), "running": True, "pid": running.process.pid}
        print(json.dumps({**description, "ports": running.ports, **parts}, indent=2))
        return 0
    print(f"The sandbox runs as process {running.process.pid} on {state.path}.")
    _print_addresses(running)
    for service in parts["services"]:
        print(f"{service['name']:<24} {_process(service['pid'])}")
    for function in parts["functions"]:
        print(f"function {function['slug']:<15} version {function['version']}, {_process(function['pid'])}")
    return 0


def _process(pid: int | None) -> str:
    return "not running" if pid is None else f"process {pid}"


def _not_running(state: StateFolder) -> str:
    return f"No sandbox runs on {state.path}; start it with: voicehooks-sandbox up"


def _env(options: argparse.Namespace) -> int:
    environment = _running(options).environment
    if options.json:
        print(json.dumps(environment, indent=2))
    else:
        for name, value in environment.items():
            print(f"{name.upper()}='{value}'")
    return 0


def _call(options: argparse.Namespace) -> int:
    running = _running(options)
    request = {"from": options.from_, "to": options.to, "scenario": options.scenario}
    answer = request_json(f"{running.environment['twilio_base_url']}/_sandbox/calls", request)
    if "sid" not in answer.content:
        reason = answer.content.get("message", "no reason given")
        msg = f"The sandbox refused the call ({answer.status}): {reason}"
        raise SandboxError(msg)
    print(answer.content["sid"])
    return 0


def _logs(options: argparse.Namespace) -> int:
    print_logs(StateFolder(options.state), options.name)
    return 0


def _running(options: argparse.Namespace) -> RunningSandbox:
    state = StateFolder(options.state)
    running = state.read_running()
    if running is None:
        msg = f"No sandbox runs on {state.path}; start it with: voicehooks-sandbox --state {options.state} up"
        raise SandboxError(msg)
    return running


def _print_addresses(running: RunningSandbox) -> None:
    environment = running.environment
    for label, key in (
        ("Twilio API", "twilio_base_url"),
        ("Supabase project", "supabase_url"),
        ("Supabase Management API", "supabase_api_url"),
        ("Postgres", "database_url"),
    ):
        print(f"{label:<24} {environment[key]}")


def _detach(descriptor: int) -> None:
    """Go on in a child that nobody waits for, so that whoever starts a sandbox is not left its parent."""
    if os.fork() > 0:
        os._exit(0)
    os.write(descriptor, f"{os.getpid()}\n".encode())


def _tell(descriptor: int, word: str) -> None:
    with os.fdopen(descriptor, "w", encoding="utf-8") as pipe:
        pipe.write(word)


def _progress(text: str) -> None:
    print(text, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
