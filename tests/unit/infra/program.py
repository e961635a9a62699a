"""Runs `infra/__main__.py` without an engine: Pulumi's mocks record what the program registers.

Each run has its own copy of the context, which is where Pulumi's SDK keeps what it is connected to.
"""

from __future__ import annotations

import asyncio
import contextvars
import logging
import runpy
import signal
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from google.protobuf import empty_pb2
from pulumi.runtime import mocks, set_all_config
from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.settings import configure
from pulumi.runtime.stack import run_in_stack
from pulumi_provider_kit.values import has_secret, plain, wrap
from pulumi_provider_kit.wire import marshal, unmarshal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["Program", "Registered", "run", "run_program"]

ROOT = Path(__file__).parents[3]
STACK = "dev"

_OUTPUTS: dict[str, dict[str, Any]] = {
    "ProjectOriginals": {"existingSecrets": ["THEIRS"], "functionFiles": {"twilio-webhook": "their files"}},
    "VoiceOriginals": {"configurations": {"+15551234567": {"voiceUrl": "https://theirs.example.com"}}},
    "AccountOriginals": {
        "dialingPermissions": {"US": {"lowRisk": False}},
        "recordingDefaults": wrap({"channels": "mono"}, is_secret=True),
    },
    "WebhookSharedKey": {"keyId": "key-1", "secret": "s3cret"},
    "WebhookSetting": {"settingId": "setting-1"},
    "Application": {"applicationSid": "AP1"},
    "EventSink": {"sinkSid": "DG1"},
    "SipIpAccessControlList": {"listSid": "AL1"},
    "VoiceConfiguration": {"phoneNumberSid": "PN1", "trunkSid": "", "voiceCallerIdLookup": True},
}
"""What the providers return in addition to a resource's inputs."""


@dataclass(frozen=True)
class Registered:
    """A resource as the program registered it.

    Attributes:
        inputs: its inputs.
        secrets: the names of the inputs that are secret, as a whole or in part.
        after: what must exist before it: what its options and its inputs name.
        parent: the component that it is a part of, or an empty string.
        protected: whether Pulumi refuses to delete it.
    """

    inputs: dict[str, Any]
    secrets: set[str]
    after: set[str]
    parent: str
    protected: bool


@dataclass
class Program:
    """What a run of the program registered, exported and said.

    Attributes:
        resources: by type and name: ``EdgeFunction twilio-webhook``.
        exports: the stack's outputs.
        warnings: what it warned of.
    """

    resources: dict[str, Registered] = field(default_factory=dict)
    exports: dict[str, Any] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)


# Without types in the SDK, and a monitor that asks no mocks.
_settings: Any = mocks.MockSettings
_NO_MOCKS: Any = None


class _Monitor(mocks.MockMonitor):
    """The engine's side: remembers each registration with its options."""

    def __init__(self, program: Program, answers: Mapping[str, Mapping[str, Any]]) -> None:
        super().__init__(mocks=_NO_MOCKS)
        self._program, self._answers = program, answers

        self.features: Any = self.GetDeploymentInfo(None).supportedFeatures  # type: ignore[no-untyped-call]

    def Invoke(self, request: Any) -> Any:  # noqa: N802 - the protocol's name
        answer = {name: wrap(value) for name, value in self._answers[request.tok].items()}
        return resource_pb2.ResourceInvokeResponse(**{"return": marshal(answer)})

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 - the protocol's name
        urn = self.make_urn(request.parent, request.type, request.name)
        if request.type == "pulumi:pulumi:Stack":
            return resource_pb2.RegisterResourceResponse(urn=urn)
        given = unmarshal(request.object)
        self._program.resources[_label(urn)] = Registered(
            {name: plain(value) for name, value in given.items()},
            {name for name, value in given.items() if has_secret(value)},
            {_label(other) for other in request.dependencies},
            "" if "pulumi:pulumi:Stack" in request.parent.split("$")[-1] else _label(request.parent),
            request.protect,
        )
        outputs = _OUTPUTS.get(request.type.rpartition(":")[2], {})
        if request.type.endswith(":EdgeFunctionSecrets"):
            outputs = {"fingerprints": dict.fromkeys(plain(given["values"]), "digest")}
        secrets = request.additionalSecretOutputs
        state = {**given, **{name: wrap(v, is_secret=name in secrets) for name, v in outputs.items()}}
        return resource_pb2.RegisterResourceResponse(
            urn=urn, id=request.name if request.custom else "", object=marshal(state)
        )

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802 - the protocol's name
        if "pulumi:pulumi:Stack" in request.urn:
            outputs = unmarshal(request.outputs)
            self._program.exports = {name: plain(value) for name, value in outputs.items()}
        return empty_pb2.Empty()


class _Log(logging.Handler):
    def __init__(self, warnings: list[str]) -> None:
        super().__init__(logging.WARNING)
        self._warnings = warnings

    def emit(self, record: logging.LogRecord) -> None:
        self._warnings.append(record.getMessage())


def _label(urn: str) -> str:
    _, _, types, name = urn.removeprefix("urn:pulumi:").split("::", 3)
    return f"{types.rpartition(':')[2]} {name}"


def run(
    main: Callable[[], None],
    config: Mapping[str, str] | None = None,
    *,
    secret_keys: tuple[str, ...] = (),
    answers: Mapping[str, Mapping[str, Any]] | None = None,
) -> Program:
    """Run a part of a program; return what it registered.

    Args:
        main: what to run.
        config: the stack's configuration.
        secret_keys: the keys of it that are secret.
        answers: what the providers' functions return, by token.

    Raises:
        pulumi.RunError: the program stopped.
    """
    program = Program()
    logger = logging.Logger("program")  # noqa: LOG001 - one for each run, which nothing else writes to
    logger.addHandler(_Log(program.warnings))

    async def connected() -> None:
        # Not set_mocks: it makes a stack of its own, in another event loop.
        monitor = _Monitor(program, answers or {})
        settings = _settings(
            monitor=monitor,
            monitor_features=set(monitor.features),
            engine=mocks.MockEngine(logger),
            project="voicehooks",
            stack=STACK,
            dry_run=False,
        )
        configure(settings)
        set_all_config(dict(config or {}), list(secret_keys))
        await run_in_stack(main)

    contextvars.copy_context().run(asyncio.run, connected())
    return program


def run_program(config: Mapping[str, str], answers: Mapping[str, Mapping[str, Any]] | None = None) -> Program:
    """Run the whole program, and restore what it changes of this process."""

    def main() -> None:
        runpy.run_path(str(ROOT / "infra" / "__main__.py"), run_name="__main__")

    handler, path = signal.getsignal(signal.SIGINT), list(sys.path)
    try:
        return run(
            main,
            config,
            secret_keys=tuple(key for key in config if key.endswith(("Token", "Secret"))),
            answers=answers,
        )
    finally:
        signal.signal(signal.SIGINT, handler)
        sys.path[:] = path
