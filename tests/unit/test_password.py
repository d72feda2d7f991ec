"""The staff's password: made once, kept as a hash, replaced on demand."""

import stat
from dataclasses import replace

from server.password import LENGTH, LETTERS, fingerprint, first_password, is_right, new_password
from server.settings import Settings


def settings(folder) -> Settings:
    return replace(Settings(), data_folder=folder / "data")


def test_it_is_made_once_and_kept_as_a_hash(tmp_path):
    password = first_password(settings(tmp_path))
    assert first_password(settings(tmp_path)) is None
    letters = password.replace("-", "")
    assert len(letters) == LENGTH and set(letters) <= set(LETTERS)
    file = tmp_path / "data" / "staff_password"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    stored = file.read_text()
    assert stored.startswith("scrypt:")
    assert password not in stored and letters not in stored


def test_only_the_password_is_right(tmp_path):
    password = first_password(settings(tmp_path))
    assert is_right(settings(tmp_path), password)
    assert is_right(settings(tmp_path), password.replace("-", "").upper())
    for wrong in ("", "-", password[:-1], password + "a", "x" * 10_000):
        assert not is_right(settings(tmp_path), wrong)


def test_a_new_one_ends_the_old_one(tmp_path):
    old = first_password(settings(tmp_path))
    session = fingerprint(settings(tmp_path))
    new = new_password(settings(tmp_path))
    assert new != old
    assert is_right(settings(tmp_path), new) and not is_right(settings(tmp_path), old)
    assert fingerprint(settings(tmp_path)) != session


def test_without_a_password_nobody_comes_in(tmp_path):
    assert not is_right(settings(tmp_path), "")
    assert fingerprint(settings(tmp_path)) == ""
