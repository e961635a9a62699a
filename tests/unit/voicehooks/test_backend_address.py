"""The address of a bucket and the credentials for it, as the Pulumi CLI takes them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.s3 import running_s3
from voicehooks.stack.backend import azure, gcs, s3
from voicehooks.stack.backend.address import parse
from voicehooks.stack.backend.bucket import Store
from voicehooks.stack.backend.protocol import Unreadable

KEYS = {"AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "secret"}


def opened(url: str, variables: dict[str, str]) -> Store:
    """How a bucket is opened."""
    kinds = {"s3": s3.store, "gs": gcs.store, "azblob": azure.store}
    address = parse(url)
    return kinds[address.scheme](address, variables)


def script(folder: Path, name: str, text: str) -> str:
    """Write a program; returns its folder, for PATH."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)
    return str(folder)


@pytest.mark.parametrize(
    ("url", "bucket", "root"),
    [
        ("s3://state", "state", ""),
        ("s3://state/", "state", ""),
        ("gs://state/a/b", "state", "a/b/"),
        ("azblob://state/a%20b/", "state", "a b/"),
        ("s3://state/team?prefix=all-&region=us-east-1", "state", "all-team/"),
    ],
)
def test_bucket_and_prefix(url: str, bucket: str, root: str) -> None:
    """The host is the bucket; path and `prefix` are what every name in it starts with."""
    address = parse(url)
    assert (address.bucket, address.root) == (bucket, root)


@pytest.mark.parametrize(
    ("query", "config", "http"),
    [
        ("", {}, False),
        ("region=eu-central-1&awssdk=v2", {"region": "eu-central-1"}, False),
        (
            "endpoint=minio:9000&disableSSL=true&s3ForcePathStyle=true",
            {"endpoint": "http://minio:9000"},
            True,
        ),
        ("endpoint=minio:9000&use_path_style=1", {"endpoint": "https://minio:9000"}, False),
        (
            "endpoint=https://objects.example.com",
            {"endpoint": "https://state.objects.example.com", "virtual_hosted_style_request": True},
            False,
        ),
        ("anonymous=true&kmskeyid=x", {"skip_signature": True}, False),
    ],
)
def test_options_of_s3(query: str, config: dict[str, Any], http: bool, tmp_path: Path) -> None:
    """Old and new names of options mean the same; those that only matter for writing are passed over."""
    store = opened(f"s3://state?{query}", {**KEYS, "HOME": str(tmp_path)})
    assert (store.config, store.http) == (config, http)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("s3://state?role=arn:aws:iam::1:role/x", "an option that is not understood here: role"),
        ("s3://state?fips=true&dualstack=true", "an option that is not understood here: dualstack, fips"),
        ("s3://state?anonymous=perhaps", "the option anonymous of the backend's address is neither true nor"),
        ("gs://state?universe_domain=x", "an option that is not understood here: universe_domain"),
        ("azblob://state", "no storage account is named; set AZURE_STORAGE_ACCOUNT"),
        ("s3:///path", "names no bucket"),
    ],
)
def test_what_is_not_understood_is_one_sentence(url: str, why: str) -> None:
    """An option that may mean another place, or another way in, is not passed over."""
    with pytest.raises(Unreadable) as refusal:
        opened(url, KEYS)
    assert why in str(refusal.value)


@pytest.fixture
def aws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of AWS's configuration files, in an otherwise clean environment."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    (tmp_path / ".aws").mkdir()
    return tmp_path / ".aws"


def with_profile(url: str, variables: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Store:
    """How a bucket is opened with these variables in the environment."""
    with monkeypatch.context() as patched:
        for name, value in variables.items():
            patched.setenv(name, value)
        return opened(url, dict(os.environ))


def test_profiles_of_aws(aws: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A profile in the address takes precedence over keys in the environment, these over any other profile."""
    (aws / "credentials").write_text(
        "[default]\naws_access_key_id = D\naws_secret_access_key = d%d\n"
        "[team]\naws_access_key_id=T\naws_secret_access_key=t\naws_session_token=s\n",
        encoding="utf-8",
    )
    (aws / "config").write_text("[profile team]\nregion = eu-west-1\n", encoding="utf-8")
    team = {"access_key_id": "T", "secret_access_key": "t", "token": "s", "expires_at": None}
    for url, variables in (("s3://state?profile=team", KEYS), ("s3://state", {"AWS_PROFILE": "team"})):
        store = with_profile(url, variables, monkeypatch)
        assert (store.config, store.credentials) == ({"region": "eu-west-1"}, team)
    default = {"access_key_id": "D", "secret_access_key": "d%d", "token": None, "expires_at": None}
    assert with_profile("s3://state", {}, monkeypatch).credentials == default
    assert "d%d" not in repr(with_profile("s3://state", {}, monkeypatch))
    assert with_profile("s3://state", KEYS, monkeypatch).credentials is None
    assert with_profile("s3://state?anonymous=true", {}, monkeypatch).credentials is None
    with pytest.raises(Unreadable, match="there is no AWS profile other; list them: aws configure list-prof"):
        with_profile("s3://state", {"AWS_PROFILE": "other"}, monkeypatch)
    (aws / "config").write_text("not a setting\n", encoding="utf-8")
    with pytest.raises(Unreadable, match=rf"profile default .*{aws}/config"):
        with_profile("s3://state", {}, monkeypatch)


def test_without_a_profile_the_machine_signs_in(aws: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No files, or a default profile that only names a region: the rest is left to obstore."""
    store = with_profile("s3://state", {}, monkeypatch)
    assert (store.config, store.credentials) == ({}, None)
    (aws / "config").write_text("[default]\nregion = eu-west-1\n", encoding="utf-8")
    store = with_profile("s3://state", {}, monkeypatch)
    assert (store.config, store.credentials) == ({"region": "eu-west-1"}, None)


def test_profiles_without_keys_of_their_own(aws: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A role, a program and single sign-on, without the AWS CLI; a refusal says why and how to sign in."""
    program = Path(script(aws, "give", """echo '{"Version": 1, "AccessKeyId": "A", "SecretAccessKey": "b"}'"""))
    (aws / "config").write_text(
        "[profile role]\nrole_arn = arn:aws:iam::123456789012:role/deploy\nsource_profile = base\n"
        "[profile base]\naws_access_key_id = B\naws_secret_access_key = b\nregion = us-east-1\n"
        f"[profile program]\ncredential_process = {program}/give\n"
        "[profile sso]\nsso_session = acme\nsso_account_id = 123456789012\nsso_role_name = deploy\n"
        "[sso-session acme]\nsso_region = us-east-1\nsso_start_url = https://acme.awsapps.com/start\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("PATH", "/bin:/usr/bin")
    with running_s3() as service:
        assumed = with_profile(
            "s3://state?profile=role", {"AWS_ENDPOINT_URL_STS": f"http://{service.host}"}, monkeypatch
        )
    assert assumed.credentials is not None
    assert str(assumed.credentials["access_key_id"]).startswith("ASIA")
    assert assumed.credentials["token"]

    given = with_profile("s3://state", {"AWS_PROFILE": "program"}, monkeypatch).credentials
    assert given == {"access_key_id": "A", "secret_access_key": "b", "token": None, "expires_at": None}

    with pytest.raises(
        Unreadable,
        match=r"profile sso gives no credentials: .*SSO.*; sign in again: aws sso login --profile sso",
    ):
        with_profile("s3://state?profile=sso", {}, monkeypatch)


def test_a_second_factor_that_nobody_enters(aws: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A role that asks for a code, in a job without a terminal: one sentence."""
    (aws / "config").write_text(
        "[profile role]\nrole_arn = arn:aws:iam::123456789012:role/deploy\nsource_profile = base\n"
        "mfa_serial = arn:aws:iam::123456789012:mfa/a\n"
        "[profile base]\naws_access_key_id = B\naws_secret_access_key = b\n",
        encoding="utf-8",
    )
    program = (
        "import os\n"
        "from voicehooks.stack.backend import s3\n"
        "from voicehooks.stack.backend.address import parse\n"
        "from voicehooks.stack.backend.protocol import Unreadable\n"
        "try:\n    s3.store(parse('s3://state?profile=role'), os.environ)\n"
        "except Unreadable as error:\n    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        start_new_session=True,
    )
    assert done.stdout.startswith("the AWS profile role gives no credentials: it asks for a code"), done.stderr


def test_credentials_of_google() -> None:
    """A key or a token in Pulumi's variables, an emulator, nobody at all; else obstore finds its own."""
    key = json.dumps({"type": "service_account", "private_key": "x"})
    assert opened("gs://state", {}).config == {}
    assert opened("gs://state", {"GOOGLE_CREDENTIALS": key}).config == {"service_account_key": key}
    assert opened("gs://state", {"GOOGLE_OAUTH_ACCESS_TOKEN": "t"}).config == {"bearer_token": "t"}
    assert opened("gs://state?access_id=-", {}).config == {"skip_signature": True}
    emulated = opened("gs://state", {"STORAGE_EMULATOR_HOST": "localhost:9023"})
    assert emulated.http
    assert emulated.config == {"base_url": "http://localhost:9023", "skip_signature": True}
    with pytest.raises(Unreadable, match="not the key of a service account"):
        opened("gs://state", {"GOOGLE_CREDENTIALS": '{"type": "authorized_user"}'})


@pytest.mark.parametrize(
    ("query", "variables", "config"),
    [
        (
            "",
            {"AZURE_STORAGE_ACCOUNT": "acme", "AZURE_STORAGE_KEY": "k"},
            {"account_name": "acme", "endpoint": "https://acme.blob.core.windows.net", "account_key": "k"},
        ),
        (
            "?storage_account=other",
            {"AZURE_STORAGE_SAS_TOKEN": "?sv=1&sig=x"},
            {
                "account_name": "other",
                "endpoint": "https://other.blob.core.windows.net",
                "sas_key": "sv=1&sig=x",
            },
        ),
        (
            "?domain=127.0.0.1:10000&protocol=http",
            {"AZURE_STORAGE_ACCOUNT": "dev", "AZURE_STORAGE_KEY": "k"},
            {"account_name": "dev", "endpoint": "http://127.0.0.1:10000/dev", "account_key": "k"},
        ),
        (
            "",
            {"AZURE_STORAGE_CONNECTION_STRING": "AccountName=a;AccountKey=k==;BlobEndpoint=https://b.example/"},
            {"account_name": "a", "endpoint": "https://b.example", "account_key": "k=="},
        ),
        (
            "?storage_account=a",
            {"AZURE_CLIENT_SECRET": "x"},
            {"account_name": "a", "endpoint": "https://a.blob.core.windows.net"},
        ),
    ],
)
def test_accounts_of_azure(query: str, variables: dict[str, str], config: dict[str, Any]) -> None:
    """The URL is built as in the CLI; a key takes precedence over a token, a token over a string of both."""
    assert opened(f"azblob://state{query}", {**variables, "PATH": "/nowhere"}).config == config


def test_signed_in_with_azs_cli(tmp_path: Path) -> None:
    """Without any credential it is `az login` that counts, where there is such a program."""
    variables = {"AZURE_STORAGE_ACCOUNT": "a", "PATH": script(tmp_path, "az", "exit 0")}
    assert opened("azblob://state", variables).config["use_azure_cli"] is True
