"""The certificate authority of one state folder.

It is made on this machine, is valid for a month, and can vouch for the emulated hosts only: its certificate has
critical name constraints (RFC 5280, section 4.2.1.10). The bundle that clients trust also has the roots of the
system, because variables such as REQUESTS_CA_BUNDLE replace them. No system trust store is touched.
"""

from __future__ import annotations

import contextlib
import os
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import certifi
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from voicehooks_sandbox.files import write_atomically

if TYPE_CHECKING:
    from collections.abc import Iterable

_VALID = timedelta(days=30)
_RENEWED_BEFORE = timedelta(days=10)
# A certificate that was made on a machine whose clock is a little ahead is valid here as well.
_CLOCK_SKEW = timedelta(hours=1)


class Authority:
    """A certificate authority in a folder, for some hosts and no others.

    Args:
        folder: Where its key and certificates are kept; made if it does not exist.
        hosts: The names that it may vouch for.
    """

    def __init__(self, folder: Path, hosts: Iterable[str]) -> None:
        self._folder = folder
        self._hosts = tuple(sorted(hosts))
        self._context: ssl.SSLContext | None = None
        self._expires = datetime.now(UTC)
        self.bundle = folder / "ca-bundle.pem"
        """What clients trust: this authority, and the system's roots."""

    def context(self) -> ssl.SSLContext:
        """The TLS settings of a server that has all of the hosts' names; renews certificates that end soon."""
        if self._context is None or self._expires - datetime.now(UTC) < _RENEWED_BEFORE:
            self._context = self._renew()
        return self._context

    def _renew(self) -> ssl.SSLContext:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        found = self._read()
        key, certificate = found if found is not None else self._create()
        self._expires = certificate.not_valid_after_utc
        write_atomically(self.bundle, _pem(certificate) + _trusted_roots(self.bundle))
        return self._server_context(key, certificate)

    def _read(self) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate] | None:
        """The authority of an earlier start, if it is for the same hosts and still valid for a while."""
        try:
            key = serialization.load_pem_private_key((self._folder / "ca-key.pem").read_bytes(), password=None)
            certificate = x509.load_pem_x509_certificate((self._folder / "ca.pem").read_bytes())
            constraints = certificate.extensions.get_extension_for_class(x509.NameConstraints).value
        except (OSError, ValueError, x509.ExtensionNotFound):
            return None
        names = sorted(str(name.value) for name in constraints.permitted_subtrees or ())
        soon = certificate.not_valid_after_utc - datetime.now(UTC) < _RENEWED_BEFORE
        if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
            return None
        return None if soon or names != list(self._hosts) else (key, certificate)

    def _create(self) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "voicehooks-sandbox of this machine")])
        constraints = x509.NameConstraints([x509.DNSName(host) for host in self._hosts], None)
        certificate = (
            _builder(name, name, key)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(constraints, critical=True)
            .add_extension(_key_usage(signs_certificates=True), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .sign(key, hashes.SHA256())
        )
        _write_private(self._folder / "ca-key.pem", _key_pem(key))
        write_atomically(self._folder / "ca.pem", _pem(certificate))
        return key, certificate

    def _server_context(self, key: ec.EllipticCurvePrivateKey, authority: x509.Certificate) -> ssl.SSLContext:
        own = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, self._hosts[0])])
        names = x509.SubjectAlternativeName([x509.DNSName(host) for host in self._hosts])
        issuer_id = authority.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
        certificate = (
            _builder(name, authority.subject, own, until=authority.not_valid_after_utc)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(names, critical=False)
            .add_extension(_key_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(own.public_key()), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(issuer_id), critical=False
            )
            .sign(key, hashes.SHA256())
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_alpn_protocols(["http/1.1"])
        file = self._folder / "server.pem"
        _write_private(file, _key_pem(own) + _pem(certificate))
        try:
            context.load_cert_chain(file)
        finally:
            file.unlink()
        return context


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, until: datetime | None = None
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCK_SKEW)
        .not_valid_after(until or now + _VALID)
    )


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _trusted_roots(bundle: Path) -> str:
    """The roots that this machine trusts: the system's, or Mozilla's where the system has no file of them."""
    paths = [os.environ.get("REQUESTS_CA_BUNDLE"), ssl.get_default_verify_paths().cafile, certifi.where()]
    for path in paths:
        # In a shell that is led through the proxy already, the variables name this very bundle.
        if path and Path(path).resolve() != bundle.resolve():
            with contextlib.suppress(OSError):
                return Path(path).read_text("utf-8")
    return ""


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def _key_pem(key: ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def _write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, from its first byte on."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
