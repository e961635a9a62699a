"""Splitting SQL: as Postgres reads it, not at every semicolon."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pulumi_supabase.migrations.statements import squeezed, statements_of, transaction_control

HARD = """\
-- a comment; with a semicolon
create table "odd;name" (x text default 'a;''b', y text default E'it\\'s;');

/* outer /* inner; */ still; */
create function f() returns int language plpgsql as $body$
begin
  perform 1; -- not the end
  return $$;$$;
end
$body$;
create function g(x int) returns int begin atomic
  select case when x > 0 then 1 else 0 end; select x; end;
create rule r as on insert to "odd;name" do also (select 1; select 2);
select $1, a$b from t;;
select 2"""


def test_statements_and_their_lines() -> None:
    """Quotes, dollar quotes, nested comments, atomic bodies and parentheses hold their semicolons."""
    found = statements_of(HARD)
    assert [(s.line, s.text.split()[0], s.text.split()[1]) for s in found] == [
        (2, "create", "table"),
        (5, "create", "function"),
        (11, "create", "function"),
        (13, "create", "rule"),
        (14, "select", "$1,"),
        (15, "select", "2"),
    ]
    assert found[1].text.endswith("$body$")


@example("E;$$;E")
@given(st.text(alphabet="$';-/*\"abE\\ \n()", max_size=60))
def test_no_text_breaks_the_splitter(sql: str) -> None:
    """Whatever the text, the splitter comes to its end and loses nothing but comments and space."""
    # Joined as they were apart: "E" and "$$" side by side would be one name, E$$.
    pieces = ";".join(s.text for s in statements_of(sql))
    assert squeezed(pieces) in squeezed(sql) or not pieces


@pytest.mark.parametrize(
    ("sql", "line"),
    [
        ("select 1;\ncommit;", 2),
        ("BEGIN;\nselect 1;", 1),
        ("start transaction;", 1),
        ("select 1;\n\nRollback", 3),
        ("prepare transaction 'x'", 1),
        ("end", 1),
        ("select 1;\nabort", 2),
    ],
)
def test_transaction_control_is_found(sql: str, line: int) -> None:
    """A statement that would begin or end the migration's transaction is found with its line."""
    found = transaction_control(sql)
    assert found is not None
    assert found.line == line


@pytest.mark.parametrize(
    "sql",
    [
        "do $$ begin null; end $$; -- commit;",
        "savepoint a; rollback to a; release a",
        "prepare q as select 1",
        "comment on table t is 'begin; commit;'",
        "create function f() returns int begin atomic select 1; end",
    ],
)
def test_what_only_looks_like_it_is_let_be(sql: str) -> None:
    """Blocks, savepoints, prepared statements and texts end no transaction."""
    assert transaction_control(sql) is None
