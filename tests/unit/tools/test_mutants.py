"""Mutation testing: which slips there are, which are drawn, and what the tests say about them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

pytest.importorskip("mutmut", reason="not installed on macOS on Intel")

from tools.mutants.choice import chosen_slips, draw
from tools.mutants.model import MutantsError, Outcome, Result
from tools.mutants.python_slips import python_slips
from tools.mutants.reach import functions_by_line
from tools.mutants.report import page
from tools.mutants.session import Session
from tools.mutants.written_slips import written_slips

ROOT = Path(__file__).resolve().parents[3]

MODULE = '''\
"""A rule."""

from __future__ import annotations

GREETING = "hello"


def allowed(age: int, *, guest: bool = False) -> bool:
    """Whether somebody may come in."""
    if age < 18:
        return False
    return not guest


def unused() -> int:
    return 1
'''
TEST = """\
from infra.rule import allowed


def test_age():
    assert not allowed(17)
    assert allowed(18)
"""


def lines_of(change: str) -> list[str]:
    """Return the lines that a slip writes."""
    return [line[1:].strip() for line in change.splitlines() if line.startswith("+")]


def changed_lines(text: str) -> set[str]:
    """Return each line that a slip of this module writes."""
    return {
        line.strip()
        for slip in python_slips("infra/rule.py", text)
        for line in set(slip.mutated().splitlines()) - set(text.splitlines())
    }


def test_each_written_slip_applies():
    """A slip of slips.yaml names text that its file has exactly once, and tests that exist."""
    assert len(written_slips(ROOT)) > 150


def test_a_slip_whose_text_is_gone_is_reported_with_its_file():
    """The error names every slip that no longer applies."""
    slip = {"find": "no such text", "replace": "", "why": "x"}
    stale = {"functions/_shared/xml.ts": {"tests": [], "slips": [slip]}, "functions/gone.ts": {"slips": []}}

    with pytest.raises(MutantsError) as error:
        written_slips(ROOT, stale)

    assert "functions/_shared/xml.ts" in str(error.value)
    assert "no such text" in str(error.value)
    assert "functions/gone.ts" in str(error.value)


def test_a_written_slip_names_tests_that_exist():
    """A test file that was renamed would let each of its slips survive."""
    slip = {"find": "const ESCAPES", "replace": "", "why": "x"}

    with pytest.raises(MutantsError, match="tests/gone.py"):
        written_slips(ROOT, {"functions/_shared/xml.ts": {"tests": ["tests/gone.py"], "slips": [slip]}})


def test_a_written_slip_is_in_the_newest_definition(tmp_path):
    """A function that a later migration replaces decides nothing; statements after it still do."""
    body = "create or replace function a.b() returns int\nlanguage sql as $$ select {} $$;\n"
    (tmp_path / "migrations").mkdir()
    (tmp_path / "migrations/1_first.sql").write_text(body.format(1) + "revoke all on x from y;\n")
    (tmp_path / "migrations/2_second.sql").write_text(body.format(2))

    def slip(file, find):
        entry = {"tests": [], "slips": [{"find": find, "replace": "", "why": "x"}]}
        return written_slips(tmp_path, {f"migrations/{file}": entry})

    assert len(slip("2_second.sql", "select 2")) == len(slip("1_first.sql", "revoke all")) == 1
    with pytest.raises(MutantsError, match="replaced by 2_second.sql"):
        slip("1_first.sql", "select 1")


def test_slips_of_python_change_what_decides():
    """Conditions, bounds, results and names change; imports, annotations and docstrings do not."""
    found = changed_lines(MODULE)

    assert {"if age <= 18:", "if age < 19:", "if not (age < 18):", "return None", "return guest"} <= found
    assert not [line for line in found if "import" in line or "int |" in line or '"""' in line]


@pytest.mark.parametrize(
    "line",
    [
        'raise ValueError("the number is not valid")',
        'text = path.read_text(encoding="utf-8")',
        "TIMEOUT_SECONDS = 5",
        "wait(timeout=5)",
    ],
)
def test_what_no_test_should_assert_on_has_no_slip(line):
    """Sentences, encodings and time-outs stay; only a whole statement may be left out or emptied."""
    harmless = {"pass", "text = None", "path.read_text()"}

    assert changed_lines(f"{line}\n") <= harmless


def test_a_seed_draws_the_same_sample_of_different_lines():
    """At most one slip for each line, and another seed draws other ones."""
    slips = python_slips("infra/rule.py", MODULE) + python_slips("voicehooks/rule.py", MODULE)

    assert draw(slips, 6, 1) == draw(list(reversed(slips)), 6, 1)
    drawn = {(slip.file, slip.line) for slip in draw(slips, 6, 1)}
    assert len(drawn) == 6
    assert {file for file, _ in drawn} == {"infra/rule.py", "voicehooks/rule.py"}
    assert any(draw(slips, 6, seed) != draw(slips, 6, 1) for seed in range(2, 6))


def test_a_line_belongs_to_the_function_around_it():
    """The lines of a definition itself run on import, so they belong to no function."""
    functions = functions_by_line(MODULE)

    assert functions[10] == "allowed"
    assert 8 not in functions
    nested = "class A:\n    def one(self):\n        def two():\n            return 1\n        return two\n"
    assert functions_by_line(nested) == {3: "A.one", 4: "A.one.two", 5: "A.one"}


NAMED_TEST = """\
import pytest

from infra.rule import GREETING, allowed


@pytest.mark.parametrize("greeting", [GREETING])
def test_greeting(greeting):
    assert allowed(18)
    assert greeting == "hello"
"""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with one module of the core and a test of it."""
    root = tmp_path / "repository"
    for name, text in {
        "infra/__init__.py": "",
        "infra/rule.py": MODULE,
        "tests/unit/infra/test_rule.py": TEST,
        "tests/unit/infra/test_named.py": NAMED_TEST,
        "voicehooks/__init__.py": "",
        "providers/__init__.py": "",
        ".gitignore": ".venv\n.voicehooks/\n__pycache__/\n",
    }.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    for arguments in (["init", "--quiet"], ["add", "--all"]):
        subprocess.run(["git", *arguments], cwd=root, check=True)
    return root


def test_slips_are_tried_in_a_copy_and_their_results_are_kept(repository: Path):
    """What a test notices is killed; what only types refuse is counted apart; no slip is tried twice."""
    slips = [
        slip
        for slip in python_slips("infra/rule.py", MODULE)
        if set(slip.mutated().splitlines())
        & {"    if age <= 18:", "    return guest", "    return 2", "    return None", 'GREETING = "XXhelloXX"'}
        or (slip.kind == "name" and slip.line == 8)
    ]
    kept = repository / ".voicehooks" / "mutants"

    results = Session(repository, kept, workers=1).run(slips)

    outcomes = {line: result.outcome for result in results for line in lines_of(result.change)}
    assert outcomes == {
        "if age <= 18:": Outcome.KILLED,
        "return guest": Outcome.KILLED,
        "return 2": Outcome.UNTESTED,
        "return None": Outcome.CHECKED,
        'GREETING = "XXhelloXX"': Outcome.KILLED,
        "def allowed(age: int, *, guest: bool = True) -> bool:": Outcome.KILLED,
    }
    assert (repository / "infra/rule.py").read_text(encoding="utf-8") == MODULE
    size = (kept / "results.jsonl").stat().st_size
    assert Session(repository, kept, workers=1).run(slips) == results
    assert (kept / "results.jsonl").stat().st_size == size


def test_only_changed_lines_have_slips(repository: Path, monkeypatch: pytest.MonkeyPatch):
    """`CHANGED` compares with a revision, line by line."""
    git = ["git", "-c", "user.name=Ana", "-c", "user.email=ana@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run([*git, "commit", "--quiet", "--message", "Add a rule"], cwd=repository, check=True)
    monkeypatch.setattr("tools.mutants.choice.written_slips", lambda root: [])
    with pytest.raises(MutantsError):
        chosen_slips(repository, changed="HEAD")

    (repository / "infra/rule.py").write_text(MODULE.replace("age < 18", "age < 16"), encoding="utf-8")

    assert {slip.line for slip in chosen_slips(repository, changed="HEAD")} == {10}
    with pytest.raises(MutantsError, match="no-such-revision"):
        chosen_slips(repository, changed="no-such-revision")


def test_the_list_names_each_survivor_with_its_slip_and_the_tests_that_ran():
    """A survivor is a task: where, what changed, why it matters, which tests did not notice."""
    results = [
        Result(
            "a", "infra/rule.py", 9, "-old\n+new", Outcome.SURVIVED, ["tests/test_a.py"], 1.0, "guests come in"
        ),
        Result("b", "infra/rule.py", 3, "-x\n+y", Outcome.KILLED, ["tests/test_b.py"], 1.0),
    ]

    text = page(results, "2 slips")

    assert "| all | 2 | 1 | 0 | 1 | 0 | 0 |" in text
    assert "infra/rule.py:9" in text
    assert "guests come in" in text
    assert "+new" in text
    assert "tests/test_a.py" in text
    assert "infra/rule.py:3" not in text
