"""The proxy's certificate authority: whose key it is, what it may vouch for, and for how long."""

from __future__ import annotations

import datetime as dt
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from voicehooks_sandbox.proxy import authority as module
from voicehooks_sandbox.proxy.authority import Authority

HOSTS = ("api.twilio.com", "voice.twilio.com")


def certificate(folder: Path) -> x509.Certificate:
    """The authority's own certificate."""
    return x509.load_pem_x509_certificate((folder / "ca.pem").read_bytes())


def test_the_key_is_for_its_owner_only_and_the_server_key_is_not_kept(tmp_path: Path) -> None:
    """Mode 0600 in a folder with mode 0700."""
    Authority(tmp_path / "proxy", HOSTS).context()

    assert (tmp_path / "proxy" / "ca-key.pem").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "proxy").stat().st_mode & 0o777 == 0o700
    files = sorted(file.name for file in (tmp_path / "proxy").iterdir())
    assert files == [
        "ca-bundle.pem",
        "ca-key.pem",
        "ca.pem",
    ]


def test_it_may_vouch_for_the_hosts_only_and_for_a_month(tmp_path: Path) -> None:
    """Critical name constraints (RFC 5280, section 4.2.1.10), no further authorities, 30 days."""
    Authority(tmp_path, HOSTS).context()

    made = certificate(tmp_path)
    constraints = made.extensions.get_extension_for_class(x509.NameConstraints)
    assert constraints.critical
    assert constraints.value.permitted_subtrees == [x509.DNSName(host) for host in HOSTS]
    assert made.extensions.get_extension_for_class(x509.BasicConstraints).value == x509.BasicConstraints(
        ca=True, path_length=0
    )
    assert made.not_valid_after_utc - made.not_valid_before_utc <= dt.timedelta(days=31)


def test_the_bundle_also_has_the_roots_that_the_machine_trusts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """REQUESTS_CA_BUNDLE replaces the system's roots, so other hosts must stay trusted."""
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    authority = Authority(tmp_path, HOSTS)
    authority.context()

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(authority.bundle)
    names = [dict(pair[0] for pair in cert["subject"]) for cert in context.get_ca_certs()]
    assert len(names) > 50
    assert "voicehooks-sandbox of this machine" in {name.get("commonName") for name in names}


def test_a_shell_that_uses_the_bundle_already_does_not_lose_the_roots(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The variable then names the bundle that is written."""
    first = Authority(tmp_path, HOSTS)
    first.context()
    before = first.bundle.read_text("utf-8")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(first.bundle))

    Authority(tmp_path, HOSTS).context()

    assert first.bundle.read_text("utf-8") == before


def test_a_restart_keeps_the_authority_until_it_ends_soon(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Programs that have read the bundle go on working; a new one is made in time, or for other hosts."""
    Authority(tmp_path, HOSTS).context()
    first = certificate(tmp_path)
    Authority(tmp_path, HOSTS).context()
    assert certificate(tmp_path) == first

    monkeypatch.setattr(module, "_RENEWED_BEFORE", dt.timedelta(days=31))
    Authority(tmp_path, HOSTS).context()
    renewed = certificate(tmp_path)
    assert renewed != first

    monkeypatch.undo()
    Authority(tmp_path, (*HOSTS, "monitor.twilio.com")).context()
    assert certificate(tmp_path) != renewed


@pytest.mark.parametrize("name", ["ca-key.pem", "ca.pem"])
def test_a_damaged_file_is_replaced(tmp_path: Path, name: str) -> None:
    """A new authority is made."""
    Authority(tmp_path, HOSTS).context()
    (tmp_path / name).write_text("junk")

    Authority(tmp_path, HOSTS).context()

    assert certificate(tmp_path).subject == certificate(tmp_path).issuer
