"""One example with everything that the translation knows, as a whole program in each language."""

from __future__ import annotations

from pulumi_provider_kit.example_go import in_go
from pulumi_provider_kit.example_typescript import in_typescript
from pulumi_provider_kit.example_yaml import in_yaml
from pulumi_provider_kit.table import (
    FunctionTable,
    ListOf,
    MapOf,
    ObjectType,
    Property,
    ProviderTable,
    ResourceTable,
    Scalar,
)

COVER = ObjectType(
    "Cover",
    "A cover.",
    (Property("mainColor", Scalar.STRING, "Its color."), Property("pages", Scalar.INTEGER, "Its pages.")),
)
BOOK = ResourceTable(
    "Book",
    "A book.",
    (
        Property("title", Scalar.STRING, "Its title."),
        Property("pageCount", Scalar.INTEGER, "Its pages."),
        Property("price", Scalar.NUMBER, "Its price."),
        Property("isLent", Scalar.BOOLEAN, "Whether it is lent."),
        Property("tags", ListOf(Scalar.STRING), "Its tags."),
        Property("notes", MapOf(Scalar.STRING), "Notes by page."),
        Property("cover", COVER, "Its cover."),
        Property("covers", ListOf(COVER), "Its covers."),
        Property("editions", MapOf(COVER), "Covers by edition."),
        Property("numbers", MapOf(ListOf(Scalar.INTEGER)), "Pages by note."),
        Property("bookId", Scalar.STRING, "Its ID.", output=True),
    ),
    example="",
    import_id="",
    rights="",
)
GET_BOOK = FunctionTable(
    "getBook",
    "Finds a book.",
    (Property("bookTitle", Scalar.STRING, "Its title."),),
    (Property("allNotes", MapOf(Scalar.STRING), "Its notes."),),
    example="",
    rights="",
)
GET_SHELVES = FunctionTable(
    "getShelves",
    "Lists shelves.",
    (),
    (Property("names", ListOf(Scalar.STRING), "Names."),),
    example="",
    rights="",
)
TABLE = ProviderTable(
    "shelf",
    "1.0.0",
    "Shelf",
    "Books.",
    (),
    resources=(BOOK,),
    functions=(GET_BOOK, GET_SHELVES),
    namespace="owner",
)
EXAMPLE = """
import pulumi
import pulumi_shelf as shelf

title = "Two words"
shelf.Book("unused", title=title, tags=[], notes={})
first_book = shelf.Book(
    "first_book",
    title="https://a.example/x",
    page_count=3,
    price=1.5,
    is_lent=True,
    tags=["yes", "a: b", "plain text"],
    notes={"a b": "x", "c": pulumi.Output.secret("hidden")},
    cover={"main_color": "red", "pages": 2},
    covers=[{"main_color": "blue"}],
    editions={"main_color": {"main_color": "green"}},
    numbers={"a": [1, 2]},
)
found = shelf.get_book(book_title=title)
shelves = shelf.get_shelves()
second = shelf.Book(
    "second", title=first_book.book_id, tags=[first_book.title], notes={"key": first_book.notes["a b"]}
)
pulumi.export("bookId", second.book_id)
pulumi.export("note", found.all_notes["a"])
pulumi.export("names", shelves.names)
"""
YAML = r"""resources:
  book:
    type: shelf:Book
    name: unused
    properties:
      title: Two words
      tags: []
      notes: {}
  first_book:
    type: shelf:Book
    properties:
      title: https://a.example/x
      pageCount: 3
      price: 1.5
      isLent: true
      tags: ["yes", "a: b", plain text]
      notes:
        a b: x
        c:
          fn::secret: hidden
      cover:
        mainColor: red
        pages: 2
      covers: [{mainColor: blue}]
      editions:
        main_color:
          mainColor: green
      numbers:
        a: [1, 2]
  second:
    type: shelf:Book
    properties:
      title: ${first_book.bookId}
      tags: ["${first_book.title}"]
      notes:
        key: "${first_book.notes[\"a b\"]}"
variables:
  found:
    fn::invoke:
      function: shelf:getBook
      arguments:
        bookTitle: Two words
  shelves:
    fn::invoke:
      function: shelf:getShelves
outputs:
  bookId: ${second.bookId}
  note: "${found.allNotes[\"a\"]}"
  names: ${shelves.names}
"""
TYPESCRIPT = """import * as pulumi from "@pulumi/pulumi";
import * as shelf from "@owner/shelf";

new shelf.Book("unused", { title: "Two words", tags: [], notes: {} });
const firstBook = new shelf.Book("first_book", {
    title: "https://a.example/x",
    pageCount: 3,
    price: 1.5,
    isLent: true,
    tags: ["yes", "a: b", "plain text"],
    notes: { "a b": "x", c: pulumi.secret("hidden") },
    cover: { mainColor: "red", pages: 2 },
    covers: [{ mainColor: "blue" }],
    editions: { main_color: { mainColor: "green" } },
    numbers: { a: [1, 2] },
});
const found = shelf.getBookOutput({ bookTitle: "Two words" });
const shelves = shelf.getShelvesOutput();
const second = new shelf.Book("second", {
    title: firstBook.bookId,
    tags: [firstBook.title],
    notes: { key: firstBook.notes["a b"] },
});
export const bookId = second.bookId;
export const note = found.allNotes["a"];
export const names = shelves.names;
"""
GO = """package main

import (
	"github.com/o/r/providers/pulumi-shelf/sdk/go/shelf"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		_, err := shelf.NewBook(ctx, "unused", &shelf.BookArgs{
			Title: pulumi.String("Two words"),
			Tags: pulumi.StringArray{},
			Notes: pulumi.StringMap{},
		})
		if err != nil {
			return err
		}
		firstBook, err := shelf.NewBook(ctx, "first_book", &shelf.BookArgs{
			Title: pulumi.String("https://a.example/x"),
			PageCount: pulumi.Int(3),
			Price: pulumi.Float64(1.5),
			IsLent: pulumi.Bool(true),
			Tags: pulumi.StringArray{
				pulumi.String("yes"),
				pulumi.String("a: b"),
				pulumi.String("plain text"),
			},
			Notes: pulumi.StringMap{
				"a b": pulumi.String("x"),
				"c": pulumi.ToSecret(pulumi.String("hidden")).(pulumi.StringOutput),
			},
			Cover: &shelf.CoverArgs{MainColor: pulumi.String("red"), Pages: pulumi.Int(2)},
			Covers: shelf.CoverArray{&shelf.CoverArgs{MainColor: pulumi.String("blue")}},
			Editions: shelf.CoverMap{"main_color": &shelf.CoverArgs{MainColor: pulumi.String("green")}},
			Numbers: pulumi.IntArrayMap{"a": pulumi.IntArray{pulumi.Int(1), pulumi.Int(2)}},
		})
		if err != nil {
			return err
		}
		found, err := shelf.LookupBook(ctx, &shelf.LookupBookArgs{BookTitle: "Two words"})
		if err != nil {
			return err
		}
		shelves, err := shelf.GetShelves(ctx, nil)
		if err != nil {
			return err
		}
		second, err := shelf.NewBook(ctx, "second", &shelf.BookArgs{
			Title: firstBook.BookId,
			Tags: pulumi.StringArray{firstBook.Title},
			Notes: pulumi.StringMap{"key": firstBook.Notes.MapIndex(pulumi.String("a b"))},
		})
		if err != nil {
			return err
		}
		ctx.Export("bookId", second.BookId)
		ctx.Export("note", pulumi.Any(found.AllNotes["a"]))
		ctx.Export("names", pulumi.Any(shelves.Names))
		return nil
	})
}
"""


def test_in_yaml() -> None:
    """Maps are blocks, what is in a list is on its line, and text has quotes only where YAML needs them."""
    assert in_yaml(TABLE, EXAMPLE) == YAML


def test_in_typescript() -> None:
    """A resource that nothing refers to has no variable, and what does not fit on a line has one per part."""
    assert in_typescript(TABLE, EXAMPLE) == TYPESCRIPT


def test_in_go() -> None:
    """A function that reads a resource of the provider is named Lookup, and each call's error is returned."""
    assert in_go(TABLE, EXAMPLE, "github.com/o/r") == GO


def test_what_a_short_example_leaves_out() -> None:
    """The import for secrets, empty parts of the YAML, and the path of a repository that is not known yet."""
    short = 'import pulumi_shelf as shelf\nshelf.Book("book", title="x")\n'
    assert in_typescript(TABLE, short) == (
        'import * as shelf from "@owner/shelf";\n\nnew shelf.Book("book", { title: "x" });\n'
    )
    assert in_yaml(TABLE, short) == (
        "resources:\n  book:\n    type: shelf:Book\n    properties:\n      title: x\n"
    )
    assert '"github.com/OWNER/REPO/providers/pulumi-shelf/sdk/go/shelf"' in in_go(TABLE, short)
