"""The self-signed certificate that Postgres shows to clients that ask for TLS, made on this machine."""

from __future__ import annotations

import ipaddress
import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from voicehooks_sandbox.ports import LOOPBACK

if TYPE_CHECKING:
    from pathlib import Path

    from voicehooks_sandbox.supabase.cluster import ServerUser

_VALID = timedelta(days=3650)


def ensure_server_certificate(folder: Path, user: ServerUser) -> None:
    """Make `server.crt` and `server.key`, Postgres' own names for them, unless both exist.

    Args:
        folder: The cluster's data folder.
        user: The user that Postgres runs as; Postgres takes no key that others may read.
    """
    certificate_file, key_file = folder / "server.crt", folder / "server.key"
    if certificate_file.exists() and key_file.exists():
        return
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    addresses = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address(LOOPBACK))]
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + _VALID)
        .add_extension(x509.SubjectAlternativeName(addresses), critical=False)
        # A client may trust this one certificate as its root (libpq: sslrootcert).
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    _write(key_file, pem, user)
    _write(certificate_file, certificate.public_bytes(serialization.Encoding.PEM), user)


def _write(path: Path, content: bytes, user: ServerUser) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        os.fchown(file.fileno(), user.uid, user.gid)
        file.write(content)
