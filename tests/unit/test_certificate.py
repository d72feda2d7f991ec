"""The certificate for --https: made, kept, renewed, and one's own."""

import datetime
import ipaddress
import ssl
import stat
from collections.abc import Callable
from dataclasses import replace

import pytest
from cryptography import x509

from server import certificate as module
from server.certificate import (
    LOOKED_AT,
    certificate,
    https_context,
    is_good,
    keep_current,
    make,
    names,
    what_is_wrong,
)
from server.settings import Settings, SettingsError
from tests.unit.test_gallery import Hands

HTTPS = Settings(https=True)


def settings(folder) -> Settings:
    return replace(HTTPS, data_folder=folder)


def covered(file) -> x509.SubjectAlternativeName:
    found = x509.load_pem_x509_certificate(file.read_bytes())
    return found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value


def test_it_covers_this_machine_and_is_kept(tmp_path):
    file, key = certificate(settings(tmp_path / "data"))
    assert "localhost" in covered(file).get_values_for_type(x509.DNSName)
    addresses = covered(file).get_values_for_type(x509.IPAddress)
    assert ipaddress.ip_address("127.0.0.1") in addresses
    assert ipaddress.ip_address("::1") in addresses
    for one in (file, key):
        assert stat.S_IMODE(one.stat().st_mode) == 0o600
    before = file.read_bytes(), key.read_bytes()
    certificate(settings(tmp_path / "data"))
    assert (file.read_bytes(), key.read_bytes()) == before


def test_a_new_address_renews_it(tmp_path, monkeypatch):
    file, _ = certificate(settings(tmp_path))
    before = file.read_bytes()
    new = x509.IPAddress(ipaddress.ip_address("10.1.2.3"))
    monkeypatch.setattr(module, "names", lambda: [*names(), new])
    certificate(settings(tmp_path))
    assert file.read_bytes() != before
    assert new in list(covered(file))


@pytest.mark.parametrize("days", [-1, 29])
def test_one_that_ends_soon_is_renewed(tmp_path, monkeypatch, days):
    monkeypatch.setattr(module, "VALID", datetime.timedelta(days=days))
    make(tmp_path / "https.crt", tmp_path / "https.key", names())
    monkeypatch.undo()
    assert not is_good(tmp_path / "https.crt", names())
    file, _ = certificate(settings(tmp_path))
    assert is_good(file, names())


def test_what_is_no_certificate_is_replaced(tmp_path):
    (tmp_path / "https.crt").write_text("garbage")
    file, _ = certificate(settings(tmp_path))
    assert is_good(file, names())


def test_a_key_that_is_gone_renews_both(tmp_path):
    file, key = certificate(settings(tmp_path))
    key.unlink()
    certificate(settings(tmp_path))
    assert key.exists()


def test_a_pair_of_which_half_was_written_is_replaced(tmp_path):
    file, key = certificate(settings(tmp_path))
    make(tmp_path / "other.crt", key, names())
    certificate(settings(tmp_path))
    assert what_is_wrong(file, key) is None


class Enough(Exception):
    """The test has seen what it wanted."""


def days(hands: Hands, count: int) -> Callable[[float], None]:
    """A sleep that lets so many days pass, one at a time."""
    left = iter(range(count))

    def sleep(_seconds: float) -> None:
        if next(left, None) is None:
            raise Enough
        hands.pass_by(LOOKED_AT)

    return sleep


def test_it_is_renewed_while_mien_runs(tmp_path):
    hands = Hands()
    context = https_context(settings(tmp_path), hands.clock)
    first = (tmp_path / "https.crt").read_bytes()
    for count, renewed in ((360, False), (10, True)):
        with pytest.raises(Enough):
            keep_current(context, settings(tmp_path), hands.clock, days(hands, count))
        assert ((tmp_path / "https.crt").read_bytes() != first) == renewed
    assert is_good(tmp_path / "https.crt", names(), hands.clock)


def test_one_that_cannot_be_used_any_more_ends_nothing(tmp_path, caplog):
    hands, own = Hands(), (tmp_path / "own.pem", tmp_path / "own.key")
    make(*own, names())
    given = replace(HTTPS, certificate=own[0], certificate_key=own[1])
    context = https_context(given, hands.clock)
    own[0].write_text("half a certi")
    with pytest.raises(Enough):
        keep_current(context, given, hands.clock, days(hands, 2))
    assert caplog.text.count("own.pem") == 2


def test_ones_own_is_taken_as_it_is(tmp_path):
    own = tmp_path / "own.pem", tmp_path / "own.key"
    make(*own, names())
    given = replace(
        HTTPS, data_folder=tmp_path / "data", certificate=own[0], certificate_key=own[1]
    )
    assert certificate(given) == own
    assert not (tmp_path / "data").exists()


def test_ones_own_that_cannot_be_used_is_named(tmp_path):
    make(tmp_path / "a.pem", tmp_path / "a.key", names())
    make(tmp_path / "b.pem", tmp_path / "b.key", names())
    for file, key in (("a.pem", "b.key"), ("gone.pem", "a.key")):
        given = replace(HTTPS, certificate=tmp_path / file, certificate_key=tmp_path / key)
        with pytest.raises(SettingsError, match=file):
            certificate(given)


def test_contradictions_are_named(tmp_path):
    with pytest.raises(SettingsError, match="eventlet"):
        Settings(https=True, async_mode="threading")
    with pytest.raises(SettingsError, match="set both"):
        Settings(https=True, certificate=tmp_path)
    with pytest.raises(SettingsError, match="--https"):
        Settings(certificate=tmp_path, certificate_key=tmp_path)


@pytest.mark.parametrize("which", ["https.crt", "https.key"])
def test_a_damaged_certificate_of_our_own_is_made_anew(tmp_path, which):
    settings = Settings(data_folder=tmp_path, https=True)
    certificate(settings)
    (tmp_path / which).write_bytes(b"\xff\x00 damaged")
    file, key = certificate(settings)
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(file, key)
