"""`voicehooks plan` around the plan: exit codes, documents, files, and what a pull request reads."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path
from subprocess import CompletedProcess
from types import SimpleNamespace
from typing import Any

import pytest

from tests.unit.voicehooks.plan_previews import HANDLER, handler, number
from voicehooks.commands.plan import command, render_markdown, render_terminal
from voicehooks.commands.plan.model import Change, Failure, Finding, Plan
from voicehooks.output.errors import CommandError

ONE, TWO = "+15550000001", "+15550000002"
AT = "2026-11-24T10:00:00Z"
CHANGED = Change("number", ONE, "record", None, "record-from-answer", ("recording on",))
PLAN = Plan("prod", "1234567", AT, numbers=2, changes=[CHANGED])
FAILED = Plan("prod", "1234567", AT, failures=[Failure(ONE, "it is gone", "buy it")])
BROKEN = replace(PLAN, findings=[Finding("https", "error", ONE, "voiceUrl is not https")])
WARNED = replace(PLAN, findings=[Finding("https", "warning", ONE, "voiceUrl is not https")])


def run(**changes: Any) -> int:
    """Run it; without changes for a person."""
    none = {"as_json": False, "markdown": False, "out": None, "compare_with": None, "preview": None}
    return command.run(stack="prod", **{**none, **changes})


@pytest.fixture
def plans(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Plan]:
    """The plan that the next preview makes is the last of these."""
    made = [PLAN]
    (tmp_path / "Pulumi.yaml").write_text("name: voicehooks\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(command, "make", lambda engine: made[-1] if engine.stack == "prod" else None)
    return made


@pytest.mark.parametrize(("plan", "code"), [(PLAN, 0), (WARNED, 0), (BROKEN, 1), (FAILED, 2)])
def test_exit_codes(plans: list[Plan], plan: Plan, code: int) -> None:
    """A plan was made, it breaks a rule, or it failed; a warning is none of these."""
    plans.append(plan)
    assert run() == code


def test_a_plan_that_was_reviewed(plans: list[Plan], capsys: pytest.CaptureFixture[str]) -> None:
    """It is recognized whatever its commit and time; another one is exit code 1, in every form."""
    assert run(out=Path("reviewed.json")) == 0
    plans.append(replace(PLAN, commit="7654321", at="", names={ONE: "Sales"}))
    capsys.readouterr()
    assert run(compare_with=Path("reviewed.json")) == 0
    assert capsys.readouterr().out.startswith(
        "prod: this is the plan that was reviewed\n\nprod: 1 number changed"
    )

    changes = [replace(CHANGED, subject=TWO)]
    plans.append(replace(plans[-1], changes=changes))
    assert run(compare_with=Path("reviewed.json"), as_json=True) == 1
    document = json.loads(capsys.readouterr().out)
    assert document["comparison"] == {
        "stack": "prod",
        "reviewed": "1234567",
        "appeared": [f"{TWO}  record  (not set) -> record-from-answer"],
        "gone": [f"{ONE}  record  (not set) -> record-from-answer"],
        "equal": False,
    }
    assert run(compare_with=Path("reviewed.json"), markdown=True) == 1
    out, err = capsys.readouterr()
    assert out.startswith("<!-- voicehooks plan: prod -->")
    assert f"  + not reviewed   {TWO}" in err
    assert f"  - does not come  {ONE}" in err
    assert "(commit 1234567)" in err
    assert run(compare_with=Path("reviewed.json")) == 1
    assert "NOT" in capsys.readouterr().out.splitlines()[0]


def test_a_plan_that_failed_is_neither_saved_nor_compared(
    plans: list[Plan], capsys: pytest.CaptureFixture[str]
) -> None:
    """What is known before the failure is not the whole plan."""
    run(out=Path("reviewed.json"))
    saved = Path("reviewed.json").read_text()
    plans.append(FAILED)
    capsys.readouterr()
    assert run(out=Path("reviewed.json"), compare_with=Path("reviewed.json"), as_json=True) == 2
    document = json.loads(capsys.readouterr().out)
    assert Path("reviewed.json").read_text() == saved
    assert document == {
        "format": 3,
        "verdict": "the preview failed",
        "digest": document["digest"],
        "risks": {},
        "stack": "prod",
        "commit": "1234567",
        "at": AT,
        "numbers": 0,
        "functionsUrl": "",
        "changes": [],
        "joining": [],
        "leaving": [],
        "drift": [],
        "names": {},
        "routes": {},
        "findings": [],
        "failures": [{"resource": ONE, "why": "it is gone", "do": "buy it"}],
        "notes": [],
        "others": {},
    }


def test_equal_changes_are_an_equal_digest() -> None:
    """In any order, of any commit; one that differs in anything is another one."""
    other = replace(CHANGED, subject=TWO)
    both = replace(PLAN, changes=[CHANGED, other])
    assert both.digest == replace(both, commit="", changes=[other, CHANGED]).digest
    digests = {
        replace(PLAN, changes=[change]).digest for change in (CHANGED, other, replace(CHANGED, risks=()))
    }
    assert len({*digests, both.digest, FAILED.digest}) == 5


@pytest.mark.parametrize(
    ("text", "why"),
    [('{"format": 2}', "of format 2"), ("[]", "not what"), ('{"format": 3}', "not what"), ("{", "not what")],
)
def test_what_cannot_be_compared_with(plans: list[Plan], text: str, why: str) -> None:
    """A plan of another version, and a file of something else: exit code 2."""
    Path("x.json").write_text(text)
    with pytest.raises(CommandError) as refused:
        run(compare_with=Path("x.json"))
    assert (why in refused.value.why, refused.value.exit_code) == (True, 2)
    with pytest.raises(CommandError, match="cannot be written"):
        run(out=Path("none") / "x.json")


def test_two_forms_exclude_each_other(plans: list[Plan], capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is printed."""
    with pytest.raises(CommandError):
        run(as_json=True, markdown=True)
    assert capsys.readouterr().out == ""


MIGRATION = "20300101000000_x.sql"


def preview_of(*steps: dict[str, Any], **more: Any) -> str:
    """What `pulumi preview --json` prints."""
    return json.dumps({"config": {}, "steps": [step for step in steps if step], "changeSummary": {}, **more})


def with_a_migration() -> str:
    """A preview that runs a migration."""
    urn = "urn:pulumi:prod::voicehooks::supabase:index:Migrations::schema"
    step = {"op": "create", "urn": urn, "newState": {"inputs": {"files": {MIGRATION: "ab"}}}}
    return preview_of(step)


@pytest.mark.parametrize("source", ["-", "preview.json"])
@pytest.mark.parametrize("in_project", [True, False])
def test_a_given_preview_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, in_project: bool, capsys: Any
) -> None:
    """From a file or standard input; what a migration drops is known where the project is."""
    monkeypatch.chdir(tmp_path)
    if in_project:
        Path("Pulumi.yaml").write_text("name: voicehooks\n")
        Path("migrations").mkdir()
        Path("migrations", MIGRATION).write_text("drop table a;")
    Path("preview.json").write_text(with_a_migration())
    monkeypatch.setattr("sys.stdin", io.StringIO(with_a_migration()))
    assert run(preview=source, as_json=True) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["stack"] == "prod"
    assert document["risks"] == ({"drops data: drop table": 1} if in_project else {})


def test_a_preview_that_cannot_be_read(tmp_path: Path) -> None:
    """No file, or not text."""
    (tmp_path / "x").write_bytes(b"\xff\xfe")
    for name in ("none", "x"):
        with pytest.raises(CommandError, match="cannot be read"):
            run(preview=str(tmp_path / name))


class Engine:
    """The engine, which prints this."""

    stack = "prod"

    def __init__(self, folder: Path, out: str, err: str = "", code: int = 0) -> None:
        self.folder, self._done = folder, CompletedProcess((), code, out, err)

    def try_run(self, *arguments: str) -> CompletedProcess[str]:
        assert arguments == ("preview", "--json")
        return self._done

    def remedy(self, stderr: str) -> str:
        return "set the passphrase" if "passphrase" in stderr else ""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder without git."""
    monkeypatch.setattr(command, "_git", lambda *_: "")
    return tmp_path


def made(folder: Path, *answer: Any) -> Plan:
    """The plan of what an engine prints."""
    engine: Any = Engine(folder, *answer)
    return command.make(engine)


def test_an_engine_that_prints_no_preview_has_failed(folder: Path) -> None:
    """Its last error is the reason, with the remedy where there is one."""
    plan = made(folder, "", "error: no passphrase\n", 255)
    assert plan.failures == [Failure("", "no passphrase", "set the passphrase")]
    plan = made(folder, "not a preview", "", 0)
    assert plan.failures == [Failure("", "not a preview", "fix that; then voicehooks plan --stack prod")]
    assert (plan.stack, plan.commit, plan.at[-1]) == ("prod", "", "Z")


def test_an_engine_that_fails_after_its_preview(folder: Path) -> None:
    """Its own diagnostics say why; where there are none, its last line does."""
    joins = (handler({}, {}), number(ONE, None, {"voiceUrl": HANDLER}))
    plan = made(folder, preview_of(*joins), "error: it broke\n", 255)
    assert (plan.failures[0].why, plan.joining) == ("it broke", [ONE])
    urn = f"urn:pulumi:prod::voicehooks::twilio:index:VoiceConfiguration::{ONE}"
    diagnostics = [{"severity": "error", "urn": urn, "message": "error: it is gone"}]
    plan = made(folder, preview_of(*joins, diagnostics=diagnostics), "error: it broke\n", 255)
    assert [(failure.resource, failure.why) for failure in plan.failures] == [(ONE, "it is gone")]
    assert (plan.joining, plan.routes, [c.area for c in plan.changes if c.subject == ONE]) == ([], {}, [])
    plan = made(folder, preview_of(*joins))
    assert (plan.failures, plan.joining, list(plan.routes)) == ([], [ONE], [ONE])


def test_the_commit_has_a_plus_with_uncommitted_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files that git does not know do not count; outside of a repository there is no commit."""
    answers = {"rev-parse": (0, "1234567\n"), "status": (0, " M infra/x.py\n")}

    def try_git(folder: Path, *arguments: str) -> Any:
        code, out = answers[arguments[0]]
        assert arguments[0] != "status" or "--untracked-files=no" in arguments
        return SimpleNamespace(returncode=code, stdout=out)

    monkeypatch.setattr(command, "try_git", try_git)
    assert command.commit_of(tmp_path) == "1234567+"
    answers["status"] = (0, "")
    assert command.commit_of(tmp_path) == "1234567"
    answers["rev-parse"], answers["status"] = (128, "fatal"), (0, " M x")
    assert command.commit_of(tmp_path) == ""


@pytest.mark.parametrize(
    ("plan", "following", "rollback"),
    [
        (PLAN, "`pulumi up --stack prod`.", True),
        (WARNED, "`pulumi up --stack prod`.", True),
        (replace(PLAN, changes=[], drift=[CHANGED]), "`pulumi up --stack prod`.", True),
        (replace(PLAN, changes=[]), "nothing, no webhook changes.", False),
        (BROKEN, "merge nothing before.", False),
        (FAILED, "`voicehooks plan --stack prod`.", False),
        (replace(FAILED, changes=[CHANGED]), "`voicehooks plan --stack prod`.", False),
    ],
)
def test_the_next_step(plan: Plan, following: str, rollback: bool) -> None:
    """Deploying, and how to undo it, only where it may be deployed and there is something to deploy."""
    last = render_markdown(plan).splitlines()[-1]
    assert (following in last, "`voicehooks rollback --stack prod`" in last) == (True, rollback)
    shown = render_terminal(plan).splitlines()
    assert following.strip("`.") in " ".join(shown[-2:])
    assert not any("next" in line for line in render_terminal(plan, next_step=False).splitlines())


EVERYTHING = Plan(
    "prod",
    "1234567+",
    AT,
    numbers=5,
    functions_url="https://x.supabase.co/functions/v1",
    changes=[
        CHANGED,
        Change(
            "number", TWO, "voiceUrl", "https://x.supabase.co/functions/v1/a|b", "", ("stops answering", "x")
        ),
        Change("number", TWO, "forwardTo", [], ["+1555", "+1666"]),
        *(Change("number", f"+1555000001{n}", "voiceCallerIdLookup", True, False) for n in range(4)),
        Change("function", "place-call", "function", "deployed", "removed"),
        Change("calls", "created calls", "record", None, {"a": 1}),
    ],
    joining=["+15550000010"],
    leaving=["+15550000011"],
    drift=[
        Change("number", ONE, "record", "record-from-answer", None),
        Change("number", TWO, "voiceUrl", "https://c.example", "https://d.example"),
        Change("function", "place-call", "function", "there", "gone"),
        Change("secret", "A", "secret", "1", "2"),
    ],
    names={ONE: "Sales"},
    routes={ONE: "rings", TWO: "nobody answers", "+15550000010": "rings"},
    findings=[*BROKEN.findings, Finding("https", "error", TWO, "voiceUrl is not https"), *WARNED.findings],
    notes=["a note\nof two lines", "@everyone"],
    others={"update": 2, "create": 1000},
)


def test_a_comment_on_a_pull_request() -> None:
    """Every part of a plan, in the order in which a reviewer needs it."""
    assert (
        render_markdown(EVERYTHING)
        == """\
<!-- voicehooks plan: prod -->

### prod: 4 numbers changed, 1 number joining, 1 number given back, 1 function removed, 1 other setting changed
commit 1234567+, 2026-11-24 10:00:00 UTC · live differs from the last update in 4 places

⚠ **recording on (1), stops answering (1), x (1)**

✗ error, rule `https`: +15550000001 Sales, +15550000002 voiceUrl is not https

⚠ warning, rule `https`: +15550000001 Sales voiceUrl is not https

| | setting | now | after | |
| --- | --- | --- | --- | --- |
| +15550000001 Sales | record | (not set) | `record-from-answer` | ⚠ **recording on** |
| +15550000002 | voiceUrl | `a\\|b` | (empty) | ⚠ **stops answering**; ⚠ **x** |
| | forwardTo | (empty) | `+1555, +1666` | |
| 4 numbers (not +15550000001, +15550000002) | voiceCallerIdLookup | `on` | `off` | |
| place-call | function | `deployed` | `removed` | |
| created calls | record | (not set) | `a: 1` | |

Effective route:
- +15550000001 Sales, +15550000010: `rings`
- +15550000002: `nobody answers`

<details><summary>Changed elsewhere since the last update</summary>

| | setting | last update | live |
| --- | --- | --- | --- |
| +15550000001 Sales | record | `record-from-answer` | (not set); this update puts it back |
| +15550000002 | voiceUrl | `https://c.example` | `https://d.example`; this update changes it |
| place-call | function | `there` | `gone`; this update creates it again |
| A | secret | `1` | `2` |

</details>

Messages from the providers:
- a note of two lines
- &#64;everyone

Also: resources that are not webhooks: 1,000 to create, 2 to update

<details><summary>The 4 numbers (not +15550000001, +15550000002)</summary>

+15550000010 +15550000011 +15550000012 +15550000013

</details>

Next: fix the broken rules, or change voicehooks:rules; merge nothing before.
"""
    )


def test_a_failed_preview_on_a_pull_request() -> None:
    """The engine's words in a fence that they cannot end; what is known comes after them."""
    failures = [Failure("x_y", "a ```` b", "do *it*"), Failure("", "z", "fix it")]
    assert (
        render_markdown(replace(FAILED, failures=failures, changes=[CHANGED], numbers=1))
        == """\
<!-- voicehooks plan: prod -->

### prod: the preview failed
commit 1234567, 2026-11-24 10:00:00 UTC

⚠ **recording on (1)**

**x\\_y** failed:

`````
a ```` b
`````

What to do: do \\*it\\*

What failed:

```
z
```

What to do: fix it

Known before the failure:

| | setting | now | after | |
| --- | --- | --- | --- | --- |
| +15550000001 | record | (not set) | `record-from-answer` | ⚠ **recording on** |

Next: when that is fixed `voicehooks plan --stack prod`.
"""
    )


def test_many_of_something_are_counted() -> None:
    """Rules and routes beyond ten; a note or a value that is too long is cut."""
    findings = [Finding(f"r{n}", "error", ONE, "x") for n in range(11)]
    routes = {f"+1555000{n:04}": f"route {n}" for n in range(11)}
    long = Change("environment", "environment", "announcement", "x" * 160, "y" * 161)
    text = render_markdown(
        replace(PLAN, findings=findings, routes=routes, notes=["n" * 2001] * 11, changes=[long])
    )
    assert "… and 1 more rule broken." in text
    assert text.count("✗ error") == 10
    assert "<summary>Effective routes</summary>" in text
    assert text.count("\n- nnn") == 10
    assert "(2,001 characters)" in text
    assert f"`{'x' * 160}`" in text
    assert f"`{'y' * 160}… (161 characters)`" in text


def test_nothing_but_other_resources() -> None:
    """They are counted in a sentence of their own."""
    text = render_markdown(Plan("prod", "", "", others={"create": 1}))
    assert text == (
        "<!-- voicehooks plan: prod -->\n\n### prod: no webhook changes\nlive is as the last update left it\n\n"
        "Resources that are not webhooks: 1 to create.\n\nNext: nothing, no webhook changes.\n"
    )
