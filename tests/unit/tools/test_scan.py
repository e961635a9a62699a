"""`make check`'s scan: secrets that stand open, dependencies that could change by themselves."""

from __future__ import annotations

import hashlib
import re
import subprocess
from pathlib import Path

import pytest
from voicehooks_sandbox import credentials

from tools.scan import pins, secrets, words
from tools.scan.findings import files_of

ROOT = Path(__file__).resolve().parents[3]
# Put together here, so that this file holds nothing of the shape of a key.
HEX = hashlib.sha256(b"no secret").hexdigest()
KEYS = {
    "Twilio API key": "SK" + HEX[:32],
    "Twilio auth token": "auth_token = '" + HEX[:32] + "'",
    "Supabase access token": "sbp_" + HEX[:40],
    "Supabase secret key": "sb_secret_" + HEX[:24],
    "JSON Web Token": ".".join(("eyJ" + HEX[:20], "eyJ" + HEX[:20], HEX[:20])),
    "private key": "-----BEGIN " + "PRIVATE KEY-----",
    "GitHub token": "ghp_" + HEX[:36],
    "Pulumi access token": "pul-" + HEX[:40],
    "AWS access key": "AKIA" + HEX[:16].upper(),
    "password in an address": "postgres://me:" + HEX[:12] + "@db.example.com/postgres",
}
STACK = """\
config:
  twilio:authToken: {}
  voicehooks:numbers:
    "+15551234567": {{forwardTo: ["+15557654321"]}}
"""


@pytest.mark.parametrize("kind", KEYS)
def test_a_key_is_found_and_not_repeated(kind: str) -> None:
    """Each kind of key is found in its line, and the message does not contain it."""
    (finding,) = secrets.in_text("some/file.py", f"first\n  {KEYS[kind]}\n")

    assert (finding.line, kind in finding.what) == (2, True)
    assert HEX[:12] not in str(finding)


@pytest.mark.parametrize(
    "text",
    [
        f"supabase:accessToken: {credentials.SUPABASE_ACCESS_TOKEN}",
        f"twilio:authToken: {credentials.TWILIO_AUTH_TOKEN}",
        "sb_secret_" + "0" * 24,
        "auth_token = " + "0123456789abcdef" * 2,
        "AC" + HEX[:32],
        "postgres://postgres:postgres@127.0.0.1:5432/postgres",
    ],
)
def test_what_is_no_secret_is_left_alone(text: str) -> None:
    """The sandbox's constants, placeholders and an account's SID may stand in a file."""
    assert list(secrets.in_text("some/file.py", text)) == []


def test_an_open_secret_of_a_stack_is_found() -> None:
    """A secret key of Pulumi.*.yaml must be encrypted, whatever its value looks like; the repair is named."""
    (finding,) = secrets.in_configuration("Pulumi.prod.yaml", STACK.format("hunter22"))

    assert (finding.line, finding.what) == (2, "twilio:authToken is not encrypted")
    assert finding.do.startswith("pulumi config set --stack prod --secret twilio:authToken")


def test_an_encrypted_secret_is_fine() -> None:
    """`{secure: ...}` is what `pulumi config set --secret` writes."""
    assert list(secrets.in_configuration("Pulumi.prod.yaml", STACK.format("{secure: v1:abc}"))) == []


def test_loose_dependencies_are_found() -> None:
    """A range, a tag of an action, a bare npm name, a Go module without sums: each is named with its line."""
    action = "actions/checkout@" + HEX[:40]
    found = [
        *pins.requirements(
            "requirements.txt", "httpx==0.28.1\nrich>=14\na==1; python_version < '3.12'\n-e .\n"
        ),
        *pins.actions(".github/workflows/a.yml", f"- uses: actions/checkout@v4\n- uses: {action}\n"),
        *pins.npm("functions/x.ts", 'import "npm:left-pad";\nimport "npm:@a/b@1.2.3";\n'),
        *pins.go_modules("tools/x/go.mod", has_sums=False),
    ]

    assert [(f.file, f.line) for f in found] == [
        ("requirements.txt", 2),
        (".github/workflows/a.yml", 1),
        (".github/workflows/a.yml", 2),
        ("functions/x.ts", 1),
        ("tools/x/go.mod", 0),
    ]


def test_a_build_backend_of_another_version_is_found() -> None:
    """What builds a distribution is pinned, and has the version of the requirements."""
    text = '[build-system]\nrequires = ["hatchling==1.0", "wheel==2.0", "other>=1"]\n'

    found = list(pins.build_backends("pyproject.toml", text, {"hatchling": "1.1", "wheel": "2.0"}))

    assert [finding.what for finding in found] == [
        "hatchling==1.0, but the requirements say hatchling==1.1",
        "the build backend 'other>=1' is not pinned",
    ]


def test_files_are_those_that_could_be_committed(tmp_path: Path) -> None:
    """New files are read before they are added; ignored ones are not."""
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    (tmp_path / ".gitignore").write_text("ignored\n")
    for name in ("ignored", "new file"):
        (tmp_path / name).write_text(name)

    assert [path.name for path in files_of(tmp_path)] == [".gitignore", "new file"]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("a function that answers rightly", "rightly"),
        ("# Whoever calls it waits.", "whoever"),
        ("also the secrets, once the token proves live", "proves live"),
        ("what that callback stayed out for", "stayed out"),
    ],
)
def test_a_word_of_the_list_is_found(text: str, word: str) -> None:
    """A word of the list is found in its line, in any case, with what to write instead."""
    (finding,) = words.in_text("some/file.md", f"first\n{text}\n")

    assert word in finding.what
    assert finding.line == 2
    assert finding.do in {f"write {instead}" for instead in words.INSTEAD.values()}


def test_part_of_a_word_is_not_the_word() -> None:
    """Only whole words count: "commendable", "recommended", "the marshall" are fine."""
    assert list(words.in_text("some/file.md", "commendable, recommended, the marshall, forthrightly")) == []


def test_words_are_not_looked_for_where_they_must_stay(tmp_path: Path) -> None:
    """Migrations that are applied everywhere, and the list itself, are left out; other files are not."""
    names = ["migrations/20261124090000_twilio_calls.sql", "CONTRIBUTING.md", "docs/page.md", "picture.svg"]
    files = [tmp_path / name for name in names]
    for file in files:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("made anew\n", encoding="utf-8")

    assert [finding.file for finding in words.scan(tmp_path, files)] == ["docs/page.md"]


def test_contributing_names_every_word() -> None:
    """Each pattern of the check has a row in the table of CONTRIBUTING, so that the rule is written down."""
    table = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").split("| instead of | write |")[1]

    listed = {match.re.pattern for match in filter(None, (re.search(p, table) for p in words.INSTEAD))}

    assert listed == set(words.INSTEAD)
