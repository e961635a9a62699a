"""A small provider over a dictionary, to try the kit itself with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pulumi.provider.experimental.provider import CheckFailure
from pulumi_provider_kit.errors import InitializationFailed, PropertyError, ProviderError
from pulumi_provider_kit.request import CheckRequest, CreateRequest, DeleteRequest, ReadRequest, UpdateRequest
from pulumi_provider_kit.resource import Function, OneHome, Operation, ReadResult, Resource
from pulumi_provider_kit.table import (
    Default,
    FunctionTable,
    ListOf,
    MapOf,
    ObjectType,
    Property,
    ProviderTable,
    ResourceTable,
    Scalar,
)
from pulumi_provider_kit.values import plain, text, wrap


class Shelf(OneHome, dict[str, Any]):
    """Books by title."""

    home: ClassVar[Mapping[str, str]] = {}

    async def close(self) -> None:
        """Nothing to close."""


def _shelf(value: str) -> str | None:
    return None if len(value) == 1 else f"{value!r} is not the name of a shelf; they are A to Z"


def _page(key: str) -> str | None:
    return "is not a page" if key in {"front", "x"} else None


BOOK = ResourceTable(
    name="Book",
    doc="A book on the shelf.",
    example="",
    import_id="",
    rights="",
    properties=(
        Property("title", Scalar.STRING, "Its title.", required=True, replaces=True),
        Property("kind", Scalar.STRING, "Its kind.", allowed=("novel", "poems")),
        Property("pages", Scalar.INTEGER, "Pages.", check=lambda n: "has no pages" if n < 1 else None),
        Property("tags", ListOf(Scalar.STRING), "Tags."),
        Property("shelf", Scalar.STRING, "Its shelf.", check=_shelf),
        Property("notes", MapOf(Scalar.STRING, key_problem=_page), "Notes by page.", secret=True),
        Property(
            "cover",
            ObjectType(
                "Cover", "A cover.", (Property("color", Scalar.STRING, "Its color.", allowed=("red", "blue")),)
            ),
            "Cover.",
        ),
        Property("shelfmark", Scalar.STRING, "Where it stands.", output=True),
        Property("key", Scalar.STRING, "Opens the case.", output=True, secret=True),
    ),
)


class Book(Resource[Shelf]):
    """Stores the inputs; some titles force a fault."""

    table = BOOK

    async def check(self, operation: Operation[Shelf], request: CheckRequest) -> Any:
        notes = plain(request.inputs["notes"]) if "notes" in request.inputs else {}
        wrong = [page for page, note in notes.items() if note == "forbidden"]
        return request.inputs, [CheckFailure(f"notes.{page}", "is forbidden here") for page in wrong]

    async def create(self, operation: Operation[Shelf], request: CreateRequest) -> tuple[str, Any]:
        title = text(request.inputs, "title") or ""
        if title == "forbidden":
            raise PropertyError("title", "is forbidden here; choose another")
        if title == "broken":
            raise ZeroDivisionError("secret detail")
        state = {**request.inputs, "shelfmark": wrap("A1"), "key": wrap("k")}
        operation.client[title] = state
        if title == "half":
            raise InitializationFailed(title, state, ["the label did not stick; run up again"])
        return title, state

    async def read(self, operation: Operation[Shelf], request: ReadRequest) -> ReadResult | None:
        found = operation.client.get(request.id)
        return None if found is None else ReadResult(request.id, found, {**request.inputs})

    async def update(self, operation: Operation[Shelf], request: UpdateRequest) -> Any:
        return {**request.state, **request.inputs, "shelfmark": wrap(",".join(sorted(request.old_inputs)))}

    async def delete(self, operation: Operation[Shelf], request: DeleteRequest) -> None:
        operation.client["deleted with"] = sorted(request.old_inputs)


class CountBooks(Function[Shelf]):
    """Counts."""

    table = FunctionTable(
        "countBooks",
        "Counts books.",
        example="",
        rights="",
        inputs=(Property("kind", Scalar.STRING, "Which."),),
        outputs=(
            Property("count", Scalar.INTEGER, "How many."),
            Property("key", Scalar.STRING, "Key.", secret=True),
        ),
    )

    async def invoke(self, operation: Operation[Shelf], arguments: Any) -> Any:
        return {"count": wrap(len(operation.client)), "key": wrap("k")}


RESOURCES = (Book(),)
FUNCTIONS = (CountBooks(),)
SHELF = Shelf()
TABLE = ProviderTable(
    name="shelf",
    version="1.2.3",
    display_name="Shelf",
    doc="Books.",
    config=(
        Property("token", Scalar.STRING, "Token.", secret=True, default=Default(("SHELF_TOKEN",))),
        Property("strict", Scalar.BOOLEAN, "Strict.", default=Default((), value=False)),
    ),
    resources=(BOOK,),
    functions=(CountBooks.table,),
)


def connect(config: Any, cancellation: Any) -> Shelf:
    """Return the shelf; a token is needed."""
    if text(config, "token") is None:
        raise ProviderError("no token: pulumi config set --secret shelf:token")
    return SHELF
