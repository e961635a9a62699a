"""Property tables: the one description of a provider that everything else is made from.

A :class:`ProviderTable` lists resources and functions; each lists its properties, one line a property.
From it come the Pulumi schema (:mod:`.schema`), the typed Python classes (:mod:`.codegen`), the check of
inputs (:mod:`.check`), the diff (:mod:`.diff`) and the reference page (:mod:`.reference`). Adding a
property is one line here and nothing elsewhere, but for what the vendor's API wants to hear about it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = [
    "Default",
    "FunctionTable",
    "ListOf",
    "MapOf",
    "ObjectType",
    "Property",
    "PropertyType",
    "ProviderTable",
    "ResourceTable",
    "Scalar",
    "markdown",
    "snake_case",
]


class Scalar(Enum):
    """The property types without parts. The values are the words of a Pulumi package schema."""

    STRING = "string"
    BOOLEAN = "boolean"
    INTEGER = "integer"
    NUMBER = "number"


@dataclass(frozen=True)
class ListOf:
    """A list whose items all have the type ``item``."""

    item: PropertyType


@dataclass(frozen=True)
class MapOf:
    """A map from strings to values of the type ``value``; its keys are data, not property names.

    Attributes:
        value: the type of each value.
        key_problem: says in one sentence what is wrong with a key, or None.
    """

    value: PropertyType
    key_problem: Callable[[str], str | None] | None = None


@dataclass(frozen=True)
class ObjectType:
    """A nested object with properties of its own.

    Attributes:
        name: its name in the schema and, with ``Args`` appended, in Python: ``Delivery``.
        doc: what it stands for, one paragraph.
        properties: its properties; ``output`` and ``replaces`` have no meaning inside an object.
    """

    name: str
    doc: str
    properties: tuple[Property, ...]


PropertyType = Scalar | ListOf | MapOf | ObjectType


@dataclass(frozen=True)
class Default:
    """Where a provider setting comes from when the Pulumi configuration does not give it.

    Attributes:
        environment: names of environment variables, first one set wins.
        value: what holds when none is set; None for nothing.
    """

    environment: tuple[str, ...]
    value: str | bool | int | None = None


@dataclass(frozen=True)
class Property:
    """One property of a resource, a function, a nested object or the provider's configuration.

    Attributes:
        name: the schema's name, camelCase. Python's name is its snake_case.
        type: its type.
        doc: what it is, with its default and its limits, as a sentence a user reads.
        wire: the vendor's name of it in requests (``VoiceUrl``), or None where it is not sent as such.
        required: whether a program must give it.
        output: whether only the provider sets it.
        computed: whether the provider sets it where the program does not give it.
        derived: whether check derives it from the others, from files for example: it is compared like an
            input, and a program cannot give it.
        secret: whether its value is secret by itself.
        replaces: whether a change needs another resource.
        allowed: the only values it may have, or empty for any.
        check: given a known, non-secret-wrapped value, says in one sentence what is wrong with it, or None.
        default: for provider configuration only.
        home: whether it says which account is meant: in the provider's configuration that of the credentials,
            in a resource the account that the resource is in.
        source: the vendor's page or specification where the rule stands.
        element_path: of a map, whether a change is shown by key, as ``values.NAME``.
        transient: whether only a create receives the input and the state does not keep it: a record that the
            resource keeps in its own form, for example.
        input_only: whether the state keeps it among the inputs and not among the outputs as well.
    """

    name: str
    type: PropertyType
    doc: str
    wire: str | None = None
    required: bool = False
    output: bool = False
    computed: bool = False
    derived: bool = False
    secret: bool = False
    replaces: bool = False
    allowed: tuple[str, ...] = ()
    check: Callable[[Any], str | None] | None = None
    default: Default | None = None
    home: bool = False
    source: str = ""
    element_path: bool = True
    transient: bool = False
    input_only: bool = False


@dataclass(frozen=True)
class ResourceTable:
    """A resource: its name, its properties and what a reader needs to know of it.

    Attributes:
        name: the type's name, ``VoiceConfiguration``.
        doc: what it manages, in a paragraph or two (Markdown).
        properties: inputs and outputs, in the order in which a reader wants to meet them.
        example: a program's lines that use it; a test runs them.
        import_id: what ``pulumi import`` takes as its ID, in words.
        rights: which rights of a credential its operations need, in words.
    """

    name: str
    doc: str
    properties: tuple[Property, ...]
    example: str
    import_id: str
    rights: str

    @property
    def inputs(self) -> tuple[Property, ...]:
        """The properties that are compared: what a program may give, and what is derived from it."""
        return tuple(p for p in self.properties if not p.output)

    @property
    def arguments(self) -> tuple[Property, ...]:
        """The properties that a program may give."""
        return tuple(p for p in self.inputs if not p.derived)

    @property
    def outputs(self) -> tuple[Property, ...]:
        """The properties that only the provider sets."""
        return tuple(p for p in self.properties if p.output or p.derived)

    @property
    def state(self) -> tuple[Property, ...]:
        """The properties that the state keeps among the outputs."""
        return tuple(p for p in self.properties if not p.input_only)


@dataclass(frozen=True)
class FunctionTable:
    """A function that reads something and changes nothing: ``getPhoneNumber``."""

    name: str
    doc: str
    inputs: tuple[Property, ...]
    outputs: tuple[Property, ...]
    example: str
    rights: str


@dataclass(frozen=True)
class ProviderTable:
    """A whole provider.

    Attributes:
        name: the package's name in type tokens and configuration keys, ``twilio``.
        version: of the plugin and its schema, a semantic version.
        display_name: as people write it, ``Twilio``.
        namespace: who the package belongs to, in the names of generated SDKs: ``@namespace/twilio``.
        publisher: who publishes it, as people write it.
        repository: the address of its public repository on GitHub, ``https://github.com/OWNER/NAME``. The
            plugin's download address and Go's import path follow from it. Empty as long as there is none: an
            address that belongs to nobody would let a stranger serve the plugin.
        doc: what the provider is for.
        config: the provider's configuration.
        resources: its resources.
        functions: its functions.
    """

    name: str
    version: str
    display_name: str
    doc: str
    config: tuple[Property, ...]
    resources: tuple[ResourceTable, ...]
    functions: tuple[FunctionTable, ...] = ()
    namespace: str = ""
    publisher: str = ""
    repository: str = ""
    keywords: Sequence[str] = field(default_factory=tuple)

    def token(self, name: str) -> str:
        """Return the type or function token of a name: ``twilio:index:VoiceConfiguration``."""
        return f"{self.name}:index:{name}"


def markdown(text: str) -> str:
    """Return a table's text as Markdown: code is in single backticks."""
    return text.strip().replace("``", "`")


def snake_case(name: str) -> str:
    """Return Python's name of a schema name: ``voiceUrl`` -> ``voice_url``."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
