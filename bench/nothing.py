"""A provider that does nothing, under the name and with the resource of the Twilio provider.

The engine's own floor: what the engine and the SDK take for resources of this shape, whichever provider has
them. It checks nothing, asks nobody, and answers with what it was given. Run as a program it is the plugin.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pulumi_provider_kit.plugin import serve
from pulumi_provider_kit.resource import Difference, OneHome, Operation, ReadResult, Resource
from pulumi_provider_kit.table import ProviderTable
from pulumi_provider_kit.values import wrap
from pulumi_twilio.voice_configuration.table import TABLE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pulumi.provider.experimental.provider import CheckFailure
    from pulumi_provider_kit.cancellation import Cancellation
    from pulumi_provider_kit.request import (
        CheckRequest,
        CreateRequest,
        DeleteRequest,
        DiffRequest,
        ReadRequest,
        UpdateRequest,
    )
    from pulumi_provider_kit.values import PropertyMap

__all__ = ["main"]

# What a number holds before anybody configured it.
_EMPTY = {
    "voiceMethod": "POST",
    "voiceFallbackUrl": "",
    "voiceFallbackMethod": "POST",
    "statusCallbackMethod": "POST",
    "voiceApplicationSid": "",
    "trunkSid": "",
    "voiceCallerIdLookup": False,
}


class NoClient(OneHome):
    """Connects to nothing."""

    home: ClassVar[Mapping[str, str]] = {}

    async def close(self) -> None:
        """Close nothing."""


class Nothing(Resource[NoClient]):
    """Keeps its inputs."""

    table = TABLE

    async def check(
        self, operation: Operation[NoClient], request: CheckRequest
    ) -> tuple[PropertyMap, list[CheckFailure]]:
        """Return the inputs with what the real provider derives from the number."""
        return {**request.inputs, "restores": wrap("nothing: the number was not configured")}, []

    async def diff(self, operation: Operation[NoClient], request: DiffRequest) -> Difference:
        """Say that nothing differs."""
        return Difference()

    async def create(self, operation: Operation[NoClient], request: CreateRequest) -> tuple[str, PropertyMap]:
        """Return a state of the size that the real one has."""
        number = str(request.inputs["phoneNumber"].value)
        given = {name: request.inputs[name].value for name in ("voiceUrl", "statusCallback")}
        sid = "PN" + number.removeprefix("+").zfill(32)
        live = {**_EMPTY, "phoneNumberSid": sid, "e164": number, "friendlyName": number}
        original = {**_EMPTY, "voiceUrl": "", "statusCallback": ""}
        return sid, {
            **{name: wrap(value) for name, value in live.items()},
            **request.inputs,
            "original": wrap(original, is_secret=True),
            "lastWritten": wrap(given, is_secret=True),
        }

    async def read(self, operation: Operation[NoClient], request: ReadRequest) -> ReadResult | None:
        """Return what is known already."""
        return ReadResult(request.id, request.state, request.inputs)

    async def update(self, operation: Operation[NoClient], request: UpdateRequest) -> PropertyMap:
        """Return the state as it is."""
        return request.state

    async def delete(self, operation: Operation[NoClient], request: DeleteRequest) -> None:
        """Leave everything as it is."""


def main() -> None:
    """Serve it to the engine that started this process."""
    table = ProviderTable("twilio", "0.1.0", "Nothing", "Does nothing.", (), (Nothing.table,))

    def connect(config: PropertyMap, cancellation: Cancellation) -> NoClient:  # noqa: ARG001
        return NoClient()

    serve(table, (Nothing(),), (), connect)


if __name__ == "__main__":
    main()
