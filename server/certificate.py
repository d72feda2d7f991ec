"""The certificate for `--https`: one's own, or one that Mien signs for itself.

Browsers lend the camera only to secure pages, and phones come through the
network.  A self-signed certificate makes the connection secret but says nothing
about who we are, so each browser asks its user once (docs/handbook.md).
"""

from __future__ import annotations

import datetime
import ipaddress
import logging
import os
import socket
import ssl
import tempfile
from collections.abc import Callable
from pathlib import Path

import psutil
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from server.clock import MACHINE, Clock
from server.settings import Settings, SettingsError

log = logging.getLogger(__name__)

VALID = datetime.timedelta(days=397)
"""Some systems accept no longer one."""
RENEWED = datetime.timedelta(days=30)
"""Before its end: an exhibition does not stop in the middle."""
LOOKED_AT = 24 * 60 * 60.0
"""Seconds between two looks at it while Mien runs."""
GLANCE = 5.0
"""Seconds between two looks at the clock, which may have slept."""


def https_context(settings: Settings, clock: Clock = MACHINE) -> ssl.SSLContext:
    """What connections are secured with.  Raises SettingsError when its files cannot be used."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)  # a green one since `concurrency.patch`
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(*certificate(settings, clock))
    return context


def keep_current(
    context: ssl.SSLContext, settings: Settings, clock: Clock, sleep: Callable[[float], object]
) -> None:
    """Once a day, for ever: renew our own certificate where it is needed, or read anew what staff
    have renewed.  New connections get it; those there are stay as they are."""
    looked = clock.monotonic()
    while True:
        sleep(GLANCE)
        if clock.monotonic() - looked < LOOKED_AT:
            continue
        looked = clock.monotonic()
        try:
            context.load_cert_chain(*certificate(settings, clock))
        except (OSError, SettingsError) as error:  # the one that is in use is used on
            log.error("%s", error)


def certificate(settings: Settings, clock: Clock = MACHINE) -> tuple[Path, Path]:
    """The files of the certificate and its key; one is made or renewed where it is needed.

    Raises SettingsError when the files cannot be used.
    """
    if settings.certificate:
        files = settings.certificate, settings.certificate_key
    else:
        files = settings.data_folder / "https.crt", settings.data_folder / "https.key"
        if not is_good(files[0], names(), clock) or what_is_wrong(*files):
            make(*files, names(), clock)
    if error := what_is_wrong(*files):
        raise SettingsError(
            f"the certificate {files[0]} with the key {files[1]} cannot be used: {error}. "
            "Both are PEM files and belong together; without certificate and certificate_key, "
            "Mien makes its own"
        )
    return files


def what_is_wrong(file: Path, key_file: Path) -> OSError | None:
    """Why the two cannot be used together; None when they can."""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(file, key_file)
    except OSError as error:
        return error
    return None


def names() -> list[x509.GeneralName]:
    """Every name and address by which a browser may reach this machine, in a fixed order."""
    host = socket.gethostname().lower()
    words = dict.fromkeys(("localhost", host, host.removesuffix(".local") + ".local"))
    # Of IPv6 only the loopback: the others change from day to day, and nobody types them.
    found = {"127.0.0.1", "::1"}
    for interface in psutil.net_if_addrs().values():
        found |= {one.address for one in interface if one.family == socket.AF_INET}
    addresses = [ipaddress.ip_address(address) for address in sorted(found)]
    named = [x509.DNSName(word) for word in words if word.isascii()]
    return named + [x509.IPAddress(address) for address in addresses]


def names_in(file: Path) -> list[str]:
    """The names that a certificate is for; none where it cannot be read."""
    try:
        found = x509.load_pem_x509_certificate(file.read_bytes())
        covered = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (OSError, ValueError, x509.ExtensionNotFound):
        return []
    return covered.get_values_for_type(x509.DNSName)


def is_good(file: Path, needed: list[x509.GeneralName], clock: Clock = MACHINE) -> bool:
    """Whether the certificate lasts for a while and covers every name in `needed`."""
    try:
        found = x509.load_pem_x509_certificate(file.read_bytes())
        covered = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (OSError, ValueError, x509.ExtensionNotFound):
        return False
    now = datetime.datetime.fromtimestamp(clock.wall(), datetime.UTC)
    lasts = found.not_valid_before_utc <= now <= found.not_valid_after_utc - RENEWED
    return lasts and set(needed) <= set(covered)


def make(
    file: Path, key_file: Path, covered: list[x509.GeneralName], clock: Clock = MACHINE
) -> None:
    """Write a new key (P-256) and a certificate that it signs itself, for its owner alone."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Mien on this network")])
    now = datetime.datetime.fromtimestamp(clock.wall(), datetime.UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))  # clocks of phones differ
        .not_valid_after(now + VALID)
        .add_extension(x509.SubjectAlternativeName(covered), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    _write(key_file, secret)
    _write(file, signed.public_bytes(serialization.Encoding.PEM))


def _write(file: Path, content: bytes) -> None:
    handle, unfinished = tempfile.mkstemp(dir=file.parent)  # mode 0600
    with os.fdopen(handle, "wb") as output:
        output.write(content)
    os.replace(unfinished, file)
