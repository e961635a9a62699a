"""What a backend tells of a stack: its states and locks, from files anywhere and from Pulumi Cloud."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from tests.support.s3 import CREDENTIALS, Service, running_s3
from tests.support.waiting import PATIENCE
from voicehooks.commands.history import command
from voicehooks.stack import project
from voicehooks.stack.backend.choice import backend_of
from voicehooks.stack.backend.folder import Folder
from voicehooks.stack.backend.protocol import Unreadable
from voicehooks.stack.backend.self_managed import SelfManaged
from voicehooks.stack.engine import Engine

PLACE = ".pulumi/history/shop/prod"


class Memory:
    """Files in memory that remember what was asked for."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files
        self.asked: list[str] = []

    def names(self, folder: str) -> list[str]:
        """List a folder."""
        self.asked.append(f"{folder}/")
        return [name for name in self.files if name.startswith(f"{folder}/")]

    def read(self, name: str) -> bytes:
        """Return a file."""
        self.asked.append(name)
        if name not in self.files:
            raise FileNotFoundError(name)
        return self.files[name]


def checkpoint(number: int) -> bytes:
    """A state file as the CLI writes it."""
    return json.dumps({"version": 3, "checkpoint": {"latest": {"resources": [{"number": number}]}}}).encode()


def files(count: int) -> dict[str, bytes]:
    """The history of a stack with that many updates, and one of a stack whose name begins alike."""
    kept = {".pulumi/history/shop/prod-2/prod-2-1700.history.json": b"{}"}
    for number in range(1, count + 1):
        kept[f"{PLACE}/prod-{1700 + number}.history.json"] = b"{}"
        kept[f"{PLACE}/prod-{1700 + number}.checkpoint.json"] = checkpoint(number)
    return kept


def number_of(state: object) -> int:
    """Which update's state it is."""
    return state["resources"][0]["number"]  # type: ignore[index]


def test_reads_no_state_that_nobody_asked_for() -> None:
    """Of hundreds of updates, one listing and the states asked for."""
    memory = Memory(files(300))
    states = SelfManaged(memory, "shop", "organization/shop/prod").states({299, 300}, 300)
    assert {n: number_of(state) for n, state in states.items()} == {299: 299, 300: 300}
    assert sorted(memory.asked) == [
        f"{PLACE}/",
        f"{PLACE}/prod-1999.checkpoint.json",
        f"{PLACE}/prod-2000.checkpoint.json",
    ]


def test_compressed_lost_and_broken_states() -> None:
    """Each file is compressed or not by itself; a lost or broken state is only missing."""
    memory = Memory(files(4))
    name = f"{PLACE}/prod-1701"
    memory.files[f"{name}.history.json.gz"] = gzip.compress(memory.files.pop(f"{name}.history.json"))
    memory.files[f"{name}.checkpoint.json.gz"] = gzip.compress(memory.files.pop(f"{name}.checkpoint.json"))
    memory.files[f"{PLACE}/prod-1702.checkpoint.json"] = b"not json"
    del memory.files[f"{PLACE}/prod-1703.checkpoint.json"]
    states = SelfManaged(memory, "shop", "prod").states({1, 2, 3, 4}, 4)
    assert {n: number_of(state) for n, state in states.items()} == {1: 1, 4: 4}


def test_files_that_do_not_fit_the_history() -> None:
    """Where files were taken out, no state is given as that of an update."""
    with pytest.raises(Unreadable, match="the history has 4 updates and the backend keeps files of 3"):
        SelfManaged(Memory(files(3)), "shop", "prod").states({1}, 4)
    memory = Memory({f"{PLACE}/prod-1.history.json.zst": b"", f"{PLACE}/prod-1.checkpoint.json.zst": b""})
    with pytest.raises(Unreadable, match="compressed with Zstandard"):
        SelfManaged(memory, "shop", "prod").states({1}, 1)


def test_locks_of_this_stack_alone(tmp_path: Path) -> None:
    """A lock that cannot be parsed is one all the same; where nothing is, nothing is locked."""
    backend = SelfManaged(Folder(tmp_path), "shop", "prod")
    assert backend.locks() == []
    for stack, name, content in (("prod", "a", '{"pid": 7}'), ("prod", "b", "{"), ("prod2", "c", "{}")):
        folder = tmp_path / ".pulumi" / "locks" / "organization" / "shop" / stack
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.json").write_text(content, encoding="utf-8")
    (tmp_path / ".pulumi/locks/organization/shop/prod/a.json.attrs").write_text("{}", encoding="utf-8")
    assert backend.locks() == [{"pid": 7}, {}]


# In buckets, and at Pulumi Cloud


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    """A bucket."""
    with running_s3() as service:
        yield service


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """A project whose CLI is a stand-in: it answers with the files that lie beside it."""
    (tmp_path / "Pulumi.yaml").write_text("name: shop\n", encoding="utf-8")
    program = tmp_path / "pulumi"
    program.write_text(
        f'#!/bin/sh\ncd {tmp_path}\necho "$*" >> calls\n'
        'case "$*" in\n'
        "whoami*) cat whoami ;;\n"
        "*history*) cat history ;;\n"
        '*--version*) v=${*#*--version }; v=${v%% *}; cat "state-$v" 2>/dev/null ||'
        ' { echo "error: no update $v" >&2; exit 255; } ;;\n'
        "esac\n",
        encoding="utf-8",
    )
    program.chmod(0o755)
    monkeypatch.setattr(project, "program", lambda _: program)
    monkeypatch.chdir(tmp_path)
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    return Engine(tmp_path, "prod")


def lives_at(engine: Engine, url: str) -> Engine:
    """The stack's backend has this address."""
    (engine.folder / "whoami").write_text(json.dumps({"url": url}), encoding="utf-8")
    return engine


def test_a_bucket(engine: Engine, service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """Listing and reading are the store's own, here with a profile; another stack's folder is not seen."""
    for name, content in files(3).items():
        service.put(f"a/b/{name}", content)
    lock = ".pulumi/locks/organization/shop/prod/1.json"
    service.put(f"a/b/{lock}", b'{"hostname": "elsewhere"}')
    (engine.folder / "aws").write_text(
        "[ours]\naws_access_key_id = A\naws_secret_access_key = b\n", encoding="utf-8"
    )
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(engine.folder / "aws"))
    backend = backend_of(lives_at(engine, service.backend("a/b", "&profile=ours")))
    assert {n: number_of(state) for n, state in backend.states({1, 3}, 3).items()} == {1: 1, 3: 3}
    assert backend.locks() == [{"hostname": "elsewhere"}]


@pytest.mark.parametrize(
    ("bucket", "host", "why"),
    [
        (
            "other",
            "",
            "s3://other/a cannot be read: The specified bucket does not exist (NoSuchBucket)",
        ),
        (
            "state",
            "127.0.0.1:1",
            "s3://state/a cannot be read: http://127.0.0.1:1 does not answer",
        ),
    ],
)
def test_a_bucket_that_cannot_be_read(
    engine: Engine, service: Service, bucket: str, host: str, why: str
) -> None:
    """One sentence says what the store answered; it is no matter of credentials."""
    url = service.backend("a").replace("s3://state", f"s3://{bucket}")
    backend = backend_of(lives_at(engine, url.replace(service.host, host) if host else url))
    with pytest.raises(Unreadable) as refusal:
        backend.locks()
    assert str(refusal.value) == why


def test_keys_that_the_store_refuses(engine: Engine, service: Service) -> None:
    """Wrong credentials are told in the store's own words."""
    httpx.post(f"http://{service.host}/moto-api/reset-auth", content="0", timeout=PATIENCE).raise_for_status()
    try:
        with pytest.raises(
            Unreadable, match=r"does not exist in our records \(InvalidAccessKeyId\); set AWS_PROF"
        ):
            backend_of(lives_at(engine, service.backend("a"))).locks()
    finally:
        httpx.post(
            f"http://{service.host}/moto-api/reset-auth", content="inf", timeout=PATIENCE
        ).raise_for_status()


def test_other_backends_are_not_guessed_at(engine: Engine) -> None:
    """A kind that is not known is named."""
    with pytest.raises(Unreadable, match="a backend at postgres:// are not read"):
        backend_of(lives_at(engine, "postgres://db.example/state"))


def test_pulumi_cloud(engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    """Its states come by its own version numbers, only those that the shown rows need; it shows no locks."""
    lives_at(engine, "https://app.pulumi.com/acme")
    started = datetime(2026, 11, 24, tzinfo=UTC).isoformat()
    changes = ({"same": 9}, {"update": 1}, {"update": 1}, {"create": 9})
    rows = [
        {
            "version": 40 - place,
            "kind": "update",
            "result": "succeeded",
            "startTime": started,
            "resourceChanges": change,
        }
        for place, change in enumerate(changes)
    ]
    (engine.folder / "history").write_text(json.dumps(rows), encoding="utf-8")
    for version in (38, 39):
        function = {
            "urn": "urn:x::twilio-webhook",
            "type": "supabase:index:EdgeFunction",
            "outputs": {"slug": "twilio-webhook", "revision": str(version), "fileHashes": {}},
        }
        state = {"version": 3, "deployment": {"resources": [function]}}
        (engine.folder / f"state-{version}").write_text(json.dumps(state), encoding="utf-8")

    assert command.run(stack="prod", limit=2, as_json=True) == 0
    document = json.loads(capsys.readouterr().out)
    assert [(row["number"], row["noChange"], row["changed"]) for row in document["updates"]] == [
        (40, True, []),
        (39, False, ["function twilio-webhook settings"]),
    ]
    exports = [line for line in (engine.folder / "calls").read_text().splitlines() if "export" in line]
    assert sorted(exports) == [
        f"stack export --version {version} --stack prod --non-interactive" for version in (38, 39)
    ]

    backend = backend_of(engine)
    assert backend.locks() is None
    with pytest.raises(Unreadable, match="no update 7"):
        backend.states({7}, 4)
