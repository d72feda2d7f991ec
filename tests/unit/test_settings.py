"""Settings: their four sources, what is refused, the secret key, help and documentation."""

import stat
from dataclasses import FrozenInstanceError, fields
from pathlib import Path

import pytest

from server import settings
from server.settings import ROOT, Settings, SettingsError, load, secret_key


@pytest.fixture
def file(tmp_path):
    return tmp_path / "mien.toml"


def refusal(arguments=(), variables=None, file=Path("absent.toml")) -> str:
    with pytest.raises(SettingsError) as error:
        load(arguments, variables or {}, file)
    return str(error.value)


def test_defaults(file):
    found = load([], {}, file)
    assert found == Settings(data_folder=ROOT / "instance", weights=ROOT / "models" / "weights")
    assert (found.host, found.port, found.emotion) == ("127.0.0.1", 5000, True)
    with pytest.raises(FrozenInstanceError):
        found.port = 1


def test_each_source_wins_over_the_one_below(file):
    file.write_text("port = 1001\nmax_visitors = 2\nseed = 7\nemotion = false\n")
    variables = {"MIEN_PORT": "1002", "MIEN_MAX_VISITORS": "3", "PATH": "/bin"}
    found = load(["--port", "1003"], variables, file)
    assert (found.port, found.max_visitors, found.seed, found.emotion) == (1003, 3, 7, False)


@pytest.mark.parametrize(
    "word, value", [("false", False), ("0", False), ("No", False), ("1", True)]
)
def test_switches(word, value, file):
    assert load([], {"MIEN_EMOTION": word}, file).emotion is value
    assert load(["--no-emotion"], {"MIEN_EMOTION": "1"}, file).emotion is False
    assert load(["--emotion"], {"MIEN_EMOTION": "0"}, file).emotion is True


def test_folders_are_relative_to_mien(file, tmp_path):
    assert load(["--data-folder", "kept"], {}, file).data_folder == ROOT / "kept"
    assert load(["--data-folder", str(tmp_path)], {}, file).data_folder == tmp_path
    assert load(["--data-folder", "~/kept"], {}, file).data_folder == Path.home() / "kept"


@pytest.mark.parametrize("value", ["x", "", "-1", "70000", "5.5", "None"])
def test_a_bad_value_names_source_value_and_what_is_allowed(value):
    allowed = f"is {value!r}, but must be a whole number from 0 to 65535"
    assert refusal([f"--port={value}"]) == f"the option --port {allowed}"
    assert refusal(variables={"MIEN_PORT": value}) == f"the variable MIEN_PORT {allowed}"


@pytest.mark.parametrize("value", ["true", '"many"', "5.0", "[1]", "-1", "1979-05-27"])
def test_a_bad_value_in_the_file(value, file):
    file.write_text(f"port = {value}\n")
    assert f"port in {file} is " in refusal(file=file)


def test_choices():
    message = refusal(["--async-mode", "gevent"])
    assert message == "the option --async-mode is 'gevent', but must be eventlet or threading"


def test_unknown_names_are_met_with_the_nearest_known_one(file):
    file.write_text("prt = 5001\n")
    assert refusal(file=file) == f"prt in {file} is unknown: did you mean port?"
    assert refusal(["--prot", "1"]) == "the option --prot is unknown: did you mean --port?"
    assert refusal(["--no-emotoin"]).endswith("did you mean --emotion?")
    unknown = refusal(variables={"MIEN_MAX_VISITOR": "1"})
    assert unknown == "the variable MIEN_MAX_VISITOR is unknown: did you mean MIEN_MAX_VISITORS?"
    assert "--host, --port" in refusal(["--qqqqq"])


def test_a_stray_argument():
    assert refusal(["5001"]) == "unexpected argument '5001': see python app.py --help"


def test_options_are_not_guessed_from_their_beginning():
    assert "--por is unknown" in refusal(["--por", "5001"])


def test_all_problems_are_told_at_once(file):
    file.write_text("prt = 1\n")
    assert len(refusal(["--port", "x"], {"MIEN_HOST": ""}, file).splitlines()) == 3


def test_a_file_that_is_no_toml(file):
    file.write_text("port 5001\n")
    assert str(file) in refusal(file=file)
    file.write_bytes(b"host = '\xff'\n")
    assert str(file) in refusal(file=file)


def test_variables_of_other_parts_are_left_alone(file):
    assert load([], {"MIEN_DATA": "/data", "MIEN_ADDRESS": "http://x"}, file)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "localhost"])
def test_threading_serves_this_machine(host, file):
    assert load(["--async-mode", "threading", "--host", host], {}, file).host == host


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "kiosk.local"])
def test_threading_refuses_the_network(host):
    message = refusal(["--async-mode", "threading", "--host", host])
    assert host in message and "--async-mode eventlet" in message


def test_a_camera_picture_that_every_limit_would_refuse():
    assert "max_frame_pixels" in refusal(["--frame-width", "1920", "--frame-height", "1080"])


def test_help_names_every_setting(capsys):
    with pytest.raises(SystemExit) as exit_:
        load(["--help"], {})
    assert exit_.value.code == 0
    shown = capsys.readouterr().out
    for one in fields(Settings):
        assert settings.option(one.name) in shown
    assert "--no-emotion" in shown and "mien.toml" in shown


def test_the_documentation_is_current():
    written = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert written == settings.documentation(), "python -m server.settings > docs/settings.md"


def test_the_secret_key_is_made_once_and_private(tmp_path):
    found = Settings(data_folder=tmp_path / "kept")
    key = secret_key(found)
    assert len(key) == 64 and secret_key(found) == key
    file = tmp_path / "kept" / "secret_key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [entry.name for entry in file.parent.iterdir()] == ["secret_key"]
    assert secret_key(Settings(data_folder=tmp_path / "another")) != key


def test_a_readable_or_empty_secret_key(tmp_path):
    found = Settings(data_folder=tmp_path)
    file = tmp_path / "secret_key"
    secret_key(found)
    file.chmod(0o644)
    secret_key(found)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.write_text("")
    with pytest.raises(SettingsError, match="delete it"):
        secret_key(found)


@pytest.mark.parametrize("content", [b"\xff\xfe" * 40, b"short", b"\x00" * 64, "ü".encode() * 40])
def test_a_damaged_secret_key_is_named_with_what_to_do(tmp_path, content):
    (tmp_path / "secret_key").write_bytes(content)
    with pytest.raises(SettingsError, match="secret_key.*delete it"):
        secret_key(Settings(data_folder=tmp_path))


def test_a_folder_in_place_of_the_secret_key_is_named(tmp_path):
    (tmp_path / "secret_key").mkdir()
    with pytest.raises(SettingsError, match="secret_key.*delete it"):
        secret_key(Settings(data_folder=tmp_path))
