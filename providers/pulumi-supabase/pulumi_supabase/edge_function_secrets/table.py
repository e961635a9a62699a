"""The properties of a project's secrets, and what their names and values may be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_provider_kit.table import ListOf, MapOf, Property, ResourceTable, Scalar

from ..project import PROJECT_REF
from .requests import READ, RESERVED, WRITE

if TYPE_CHECKING:
    from pulumi.provider.experimental.property_value import PropertyValue

__all__ = ["TABLE", "value_problem"]

_SOURCE = "Supabase Management API"
_LONGEST_NAME = 256
_LONGEST_VALUE = 24_576


def _name_problem(name: str) -> str | None:
    if name.startswith(RESERVED):
        return f"is reserved: names that begin with {RESERVED} belong to the platform; choose another name"
    if not name or len(name) > _LONGEST_NAME or "=" in name or "\0" in name:
        return f"is not a valid name: a name has 1 to {_LONGEST_NAME} characters, none of them '='"
    return None


TABLE = ResourceTable(
    name="EdgeFunctionSecrets",
    doc=(
        "Secrets that a project's Edge Functions read as environment variables. The resource manages only the "
        "names that it declares. The project's other secrets are neither read into the state nor deleted.\n\n"
        "A name that already exists with another value is refused unless ``adopt`` is true. A name that "
        "already has the same value is adopted. A value that was changed outside this program shows in the "
        "next preview as a change of ``values.NAME``. Deleting the resource deletes the names that it created. "
        "Adopted names stay, because their previous values cannot be read. A changed secret takes effect at "
        "once in every function of the project."
    ),
    properties=(
        PROJECT_REF,
        Property(
            "values",
            MapOf(Scalar.STRING, key_problem=_name_problem),
            f"The secrets by name. Names do not begin with ``{RESERVED}``; a value has at most "
            f"{_LONGEST_VALUE:,} characters.",
            required=True,
            secret=True,
            source=_SOURCE,
        ),
        Property(
            "adopt",
            Scalar.BOOLEAN,
            "Whether names that already exist with another value are overwritten. Default: false.",
        ),
        Property(
            "existing",
            ListOf(Scalar.STRING),
            "The names that the project had before the program, which are never deleted. Pass "
            "``existingSecrets`` of ``ProjectOriginals`` to record them before anything is written. Without "
            "it, a create that was killed finds its own secrets and takes them for existing ones.",
        ),
        Property(
            "fingerprints",
            MapOf(Scalar.STRING),
            "By name, eight hexadecimal digits that change with the value: an HMAC-SHA256 with a random key, "
            "which is secret in the state, so that they reveal nothing about the value. For a function's "
            "``triggers``.",
            output=True,
        ),
        Property(
            "digests",
            MapOf(Scalar.STRING),
            "By name, the SHA-256 of the last written value, which is compared with the digest at Supabase.",
            output=True,
            secret=True,
        ),
        Property("created", ListOf(Scalar.STRING), "The names that did not exist before.", output=True),
        Property("key", Scalar.STRING, "The key of the fingerprints.", output=True, secret=True),
    ),
    example="""\
import pulumi
import pulumi_supabase as supabase

secrets = supabase.EdgeFunctionSecrets(
    "secrets",
    project_ref="sandboxsandboxsandbo",
    values={"CRM_API_KEY": pulumi.Output.secret("the key")},
)
""",
    import_id="the project ref, a slash and the names, separated by commas: ``sandboxsandboxsandbo/ONE,TWO``",
    rights=f"{READ}, {WRITE}",
)


def value_problem(value: PropertyValue) -> str | None:
    """Say what is wrong with a secret's value; None for a valid one, or one that is not known yet."""
    bare = value.value
    if not isinstance(bare, str):
        return None
    if len(bare) > _LONGEST_VALUE:
        return (
            f"has {len(bare):,} characters, Supabase accepts {_LONGEST_VALUE:,}; deploy what is not "
            "a secret as a file with the function"
        )
    return "has a NUL character, which no environment variable can hold" if "\0" in bare else None
