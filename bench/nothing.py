"""A provider that does nothing, under the name and with the resource of the Twilio provider.

The engine's own floor: what the engine and the SDK take for resources of this shape, whichever provider has
them. It checks nothing, asks nobody, and answers with what it was given. Run as a program it is the plugin.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_provider_kit.plugin import serve
from pulumi_provider_kit.resource import Difference, Operation, Reading, Resource
from pulumi_provider_kit.table import ProviderTable
from pulumi_provider_kit.values import wrap
from pulumi_twilio.voice_configuration.table import TABLE

if TYPE_CHECKING:
    from pulumi.provider.experimental.property_value import PropertyValue
    from pulumi.provider.experimental.provider import CheckFailure
    from pulumi_provider_kit.cancellation import Cancellation
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


class NoClient:
    """Connects to nothing."""

    async def close(self) -> None:
        """Close nothing."""


class Nothing(Resource[NoClient]):
    """Keeps its inputs."""

    table = TABLE

    async def check(
        self,
        operation: Operation[NoClient],
        inputs: dict[str, PropertyValue],
        old_inputs: PropertyMap,
    ) -> tuple[dict[str, PropertyValue], list[CheckFailure]]:
        """Return the inputs with what the real provider derives from the number."""
        return {**inputs, "restores": wrap("nothing: the number was not configured")}, []

    async def diff(
        self,
        operation: Operation[NoClient],
        resource_id: str,
        state: PropertyMap,
        old_inputs: PropertyMap,
        inputs: PropertyMap,
    ) -> Difference:
        """Say that nothing differs."""
        return Difference()

    async def create(self, operation: Operation[NoClient], inputs: PropertyMap) -> tuple[str, PropertyMap]:
        """Return a state of the size that the real one has."""
        number = str(inputs["phoneNumber"].value)
        given = {name: inputs[name].value for name in ("voiceUrl", "statusCallback")}
        sid = "PN" + number.removeprefix("+").zfill(32)
        live = {**_EMPTY, "phoneNumberSid": sid, "e164": number, "friendlyName": number}
        original = {**_EMPTY, "voiceUrl": "", "statusCallback": ""}
        return sid, {
            **{name: wrap(value) for name, value in live.items()},
            **inputs,
            "original": wrap(original, is_secret=True),
            "lastWritten": wrap(given, is_secret=True),
        }

    async def read(
        self, operation: Operation[NoClient], resource_id: str, state: PropertyMap, inputs: PropertyMap
    ) -> Reading | None:
        """Return what is known already."""
        return Reading(resource_id, state, inputs)

    async def update(
        self,
        operation: Operation[NoClient],
        resource_id: str,
        state: PropertyMap,
        old_inputs: PropertyMap,
        inputs: PropertyMap,
    ) -> PropertyMap:
        """Return the state as it is."""
        return state

    async def delete(
        self, operation: Operation[NoClient], resource_id: str, state: PropertyMap, old_inputs: PropertyMap
    ) -> None:
        """Leave everything as it is."""


def main() -> None:
    """Serve it to the engine that started this process."""
    table = ProviderTable("twilio", "0.1.0", "Nothing", "Does nothing.", (), (Nothing.table,))

    def connect(config: PropertyMap, cancellation: Cancellation) -> NoClient:  # noqa: ARG001
        return NoClient()

    serve(table, (Nothing(),), (), connect)


if __name__ == "__main__":
    main()
