"""The set-up: what it asks of the machine, what it repeats, and what it does after a kill.

The whole set-up runs here on a small project of its own, with a real virtual
environment and pip, a package made here, and an npm that only writes files.
"""

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

import prepare

NPM = """#!/bin/sh
# Stands in for npm: writes what npm would, and notes that it was called.
case "$1" in
  --version) echo 10.9.0; exit ;;
  ci) rm -rf node_modules; mkdir node_modules; echo half > node_modules/half ;;
  run) rm -rf static/dist; mkdir -p static/dist/.vite; echo half > static/dist/half ;;
esac
echo "npm $*" >> calls
if [ -e hang ]; then echo "$1" > hanging; sleep 600; fi
case "$1" in
  ci) mv node_modules/half node_modules/whole ;;
  run) mv static/dist/half static/dist/.vite/manifest.json ;;
esac
"""


def executable(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


class Project:
    """A project as small as prepare.py allows, with the commands it finds on PATH."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "project"
        self.root.mkdir()
        shutil.copy(prepare.__file__, self.root)
        (self.root / "static").mkdir()
        for name in ("package.json", "package-lock.json", "static/main.js"):
            (self.root / name).write_text("{}\n" if name.endswith("json") else "")
        for name in ("requirements-dev.txt", "requirements-dev.lock"):
            (self.root / name).touch()
        (self.root / "requirements-without.txt").write_text("mien-unwanted\n")
        (self.root / "app.py").write_text(
            "from prepare import enter_environment\n"
            "enter_environment()\n"
            "import sys, mien_tiny\n"
            "print('running in', sys.prefix, 'with', *sys.argv[1:])\n"
        )
        self.wheels = folder / "wheels"
        self.require("mien-tiny", self.wheel("1.0"))
        executable(folder / "bin/node", "#!/bin/sh\necho v22.12.0\n")
        executable(folder / "bin/npm", NPM)
        (folder / "bin/python3").symlink_to(sys.executable)
        self.variables = {
            "PATH": f"{folder}/bin:/usr/bin:/bin",
            "HOME": str(folder),
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(folder / "wheels"),
        }
        self.folder = folder

    def require(self, name: str, wheel: Path, digest: str = "") -> None:
        """The one package that it needs, with the hash of its file or another."""
        pinned = f"{name}=={wheel.name.split('-')[1]}"
        digest = digest or hashlib.sha256(wheel.read_bytes()).hexdigest()
        (self.root / "requirements.txt").write_text(f"# what Mien needs\n{pinned}\n")
        (self.root / "requirements.lock").write_text(f"{pinned} --hash=sha256:{digest}\n")

    def wheel(self, version: str) -> Path:
        self.wheels.mkdir(exist_ok=True)
        about = f"mien_tiny-{version}.dist-info"
        path = self.wheels / f"mien_tiny-{version}-py3-none-any.whl"
        with zipfile.ZipFile(path, "w") as wheel:
            wheel.writestr("mien_tiny.py", f"VERSION = {version!r}\n")
            wheel.writestr(
                f"{about}/METADATA", f"Metadata-Version: 2.1\nName: mien-tiny\nVersion: {version}\n"
            )
            wheel.writestr(
                f"{about}/WHEEL",
                "Wheel-Version: 1.0\nGenerator: here\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
            )
            wheel.writestr(f"{about}/RECORD", "")
        return path

    def start(self, *arguments: str) -> subprocess.Popen:
        return subprocess.Popen(
            [sys.executable, "prepare.py", *arguments],
            cwd=self.root,
            env=self.variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments: str) -> tuple[int, str]:
        """Exit status and output."""
        process = self.start(*arguments)
        output, _ = process.communicate(timeout=240)
        return process.returncode, output

    def calls(self) -> list[str]:
        """What npm was asked since the last time."""
        file = self.root / "calls"
        lines = file.read_text().splitlines() if file.exists() else []
        file.unlink(missing_ok=True)
        return [line.replace(" --no-audit --no-fund", "") for line in lines]

    def stamp(self, name: str) -> str | None:
        file = self.root / ".setup" / name
        return file.read_text() if file.exists() else None


@pytest.fixture(scope="session")
def made(tmp_path_factory) -> Project:
    """A project that has been set up once; `project` starts from copies of its state."""
    project = Project(tmp_path_factory.mktemp("made"))
    status, output = project.run("setup")
    assert status == 0, output
    assert "Making .venv" in output and output.endswith("Everything is set up.\n")
    assert project.calls() == ["npm ci", "npm run --silent build"]
    return project


def wait_for(condition, process: subprocess.Popen) -> None:
    deadline = time.monotonic() + 120
    while not condition():
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < deadline, "nothing happened for two minutes"
        time.sleep(0.01)


def kill(process: subprocess.Popen) -> None:
    """As a power cut would: the whole tree at once."""
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


# -- Doing only what has changed -----------------------------------------------------------------


def test_a_second_run_does_nothing(made):
    before = (made.root / ".venv/pyvenv.cfg").stat().st_mtime_ns
    assert made.run("setup") == (0, "Everything is set up.\n")
    assert made.calls() == []
    assert (made.root / ".venv/pyvenv.cfg").stat().st_mtime_ns == before


def test_each_change_is_followed_by_its_own_step(made):
    (made.root / "static/main.js").write_text("// changed\n")
    assert made.run("setup")[0] == 0
    assert made.calls() == ["npm run --silent build"]

    (made.root / "package-lock.json").write_text('{"changed": true}\n')
    assert made.run("setup")[0] == 0
    assert made.calls() == ["npm ci", "npm run --silent build"]

    made.require("mien-tiny", made.wheel("1.1"))
    status, output = made.run("setup")
    assert status == 0 and "Making .venv" not in output
    assert made.calls() == []
    version = [made.root / ".venv/bin/python", "-c", "import mien_tiny; print(mien_tiny.VERSION)"]
    assert subprocess.run(version, capture_output=True, text=True).stdout == "1.1\n"


def test_what_was_deleted_is_made_again(made):
    shutil.rmtree(made.root / "node_modules")
    shutil.rmtree(made.root / "static/dist")
    assert made.run("setup")[0] == 0
    assert made.calls() == ["npm ci", "npm run --silent build"]


def test_run_starts_the_app_with_its_options(made):
    status, output = made.run("run", "--port", "5001")
    assert status == 0
    assert output.endswith(f"running in {made.root / '.venv'} with --port 5001\n")


def test_the_app_enters_the_environment_from_any_python(made):
    app = subprocess.run(
        [sys.executable, made.root / "app.py", "--port", "1"], capture_output=True, text=True
    )
    assert app.stdout == f"running in {made.root / '.venv'} with --port 1\n", app.stderr


def test_a_package_that_does_not_exist_is_named_and_nothing_is_lost(made):
    made.require("mien-absent", made.wheel("1.1"))
    status, output = made.run("setup")
    assert status == 1 and "mien-absent" in output and "This failed" in output
    made.require("mien-tiny", made.wheel("1.1"))
    status, output = made.run("setup")
    assert status == 0 and "Making .venv" not in output


def test_a_file_with_another_hash_is_not_installed(made):
    made.require("mien-tiny", made.wheel("1.2"), digest="0" * 64)
    status, output = made.run("setup")
    assert status == 1 and "HASHES" in output and "mien-tiny" in output
    made.require("mien-tiny", made.wheel("1.1"))
    assert made.run("setup")[0] == 0


def test_what_is_done_without_is_removed(made):
    """An environment of an earlier Mien has it still."""
    folder = next((made.root / ".venv").glob("lib/python3.*/site-packages"))
    about = folder / "mien_unwanted-1.0.dist-info"
    about.mkdir()
    (folder / "mien_unwanted.py").touch()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: mien-unwanted\nVersion: 1.0\n")
    files = ["mien_unwanted.py", *(f"{about.name}/{name}" for name in ("METADATA", "RECORD"))]
    (about / "RECORD").write_text("".join(f"{name},,\n" for name in files))
    made.require("mien-tiny", made.wheel("1.3"))
    assert made.run("setup")[0] == 0
    assert not (folder / "mien_unwanted.py").exists() and not about.exists()


# -- After an interruption -----------------------------------------------------------------------


@pytest.mark.parametrize("step", ["ci", "run"])
def test_killed_in_npm(made, step):
    for folder in ("node_modules", "static/dist"):
        shutil.rmtree(made.root / folder)
    if step == "run":
        assert made.run("setup")[0] == 0
        (made.root / "static/main.js").write_text(f"// {time.time_ns()}\n")
    made.calls()
    (made.root / "hang").touch()
    process = made.start("setup")
    wait_for((made.root / "hanging").exists, process)
    kill(process)
    for name in ("hang", "hanging", "calls"):
        (made.root / name).unlink()

    app = subprocess.run([sys.executable, "app.py"], cwd=made.root, capture_output=True, text=True)
    assert app.returncode == 1 and "make run" in app.stderr
    status, output = made.run("setup")
    assert status == 0 and "Making .venv" not in output
    assert made.calls() == ["npm ci", "npm run --silent build"][0 if step == "ci" else 1 :]
    assert (made.root / "node_modules/whole").exists()
    assert (made.root / "static/dist/.vite/manifest.json").exists()


@pytest.mark.slow
@pytest.mark.parametrize("step", ["environment", "packages"])
def test_killed_while_the_environment_is_made(tmp_path, step):
    project = Project(tmp_path)
    process = project.start("setup")
    wait_for(lambda: project.stamp(step) == "unfinished", process)
    time.sleep(0.3)  # somewhere in the middle: whatever it left must do
    kill(process)

    app = subprocess.run(
        [sys.executable, "app.py"], cwd=project.root, capture_output=True, text=True
    )
    assert app.returncode == 1 and "make run" in app.stderr
    status, output = project.run("setup")
    assert status == 0, output
    assert "Making .venv" in output
    assert project.run("run")[1].endswith("with\n")


def test_two_at_once_take_turns(made):
    (made.root / "static/main.js").write_text(f"// {time.time_ns()}\n")
    (made.root / "hang").touch()
    first = made.start("setup")
    wait_for((made.root / "hanging").exists, first)
    second = made.start("setup")
    assert second.stdout.readline().startswith("Another set-up of this folder is running")
    (made.root / "hang").unlink()
    (made.root / "hanging").unlink()
    os.killpg(first.pid, signal.SIGTERM)
    assert first.wait(timeout=30) == 143
    output, _ = second.communicate(timeout=120)
    assert second.returncode == 0 and "Building the page" in output
    first.communicate()
    made.calls()  # forget them


def test_clean_keeps_what_mien_keeps(tmp_path):
    project = Project(tmp_path)
    for name in (".venv/x", "node_modules/x", "static/dist/x", ".setup/x", "instance/secret_key"):
        executable(project.root / name, "")
    assert project.run("clean")[0] == 0
    left = {entry.name for entry in project.root.iterdir()}
    assert "instance" in left and not left & {".venv", "node_modules", ".setup"}
    assert not (project.root / "static/dist").exists()


# -- What it asks of the machine -----------------------------------------------------------------


def fake_python(path: Path, version: str, lacks: tuple[str, ...] = ()) -> None:
    answer = json.dumps({"version": version, "machine": "x86_64", "lacks": lacks})
    executable(path, f"#!/bin/sh\necho '{answer}'\n")


@pytest.fixture
def bare(tmp_path, monkeypatch) -> Path:
    """A machine with nothing on PATH but what a test puts there."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "none"))
    monkeypatch.setattr(sys, "base_prefix", str(tmp_path / "none"))
    monkeypatch.setattr(prepare, "VENV", tmp_path / ".venv")
    return tmp_path


def test_a_shim_that_fails_is_passed_over(bare, monkeypatch):
    executable(bare / "python3.12", "#!/bin/sh\necho 'pyenv: command not found' >&2; exit 127\n")
    fake_python(bare / "second/python3.12", "3.12.4")
    monkeypatch.setenv("PATH", f"{bare}:{bare / 'second'}")
    assert prepare.find_python()["path"] == str(bare / "second/python3.12")


def test_a_python_that_pyenv_keeps_is_found(bare):
    executable(bare / "python3.11", "#!/bin/sh\necho 'pyenv: command not found'\n")
    fake_python(bare / "home/.pyenv/versions/3.11.9/bin/python3.11", "3.11.9")
    assert prepare.find_python()["version"] == "3.11.9"


def test_a_complete_python_is_preferred(bare):
    fake_python(bare / "python3.12", "3.12.4", lacks=("ensurepip",))
    fake_python(bare / "python3.11", "3.11.2")
    assert prepare.find_python()["version"] == "3.11.2"


def test_the_python_of_the_environment_is_not_used_to_make_it(bare, monkeypatch):
    fake_python(bare / ".venv/bin/python3.12", "3.12.4")
    fake_python(bare / "python3.12", "3.12.1")
    monkeypatch.setattr(sys, "executable", str(bare / ".venv/bin/python3.12"))
    monkeypatch.setenv("PATH", f"{bare / '.venv/bin'}:{bare}")
    assert prepare.find_python()["version"] == "3.12.1"


def test_a_missing_venv_module_is_named_with_its_package(bare):
    fake_python(bare / "python3.11", "3.11.2", lacks=("ensurepip",))
    executable(bare / "apt-get", "#!/bin/sh\n")
    with pytest.raises(prepare.SetupError) as error:
        prepare.find_python()
    assert "lacks ensurepip" in str(error.value)
    assert str(error.value).endswith("apt-get install python3.11-venv")


def test_no_suitable_python_names_what_to_install(bare):
    fake_python(bare / "python3", "3.13.1")
    executable(bare / "apt-get", "#!/bin/sh\n")
    executable(bare / "apt-cache", '#!/bin/sh\n[ "$2" = python3.11 ] && echo found\n')
    with pytest.raises(prepare.SetupError, match="apt-get install python3.11 python3.11-venv"):
        prepare.find_python()
    executable(bare / "apt-cache", "#!/bin/sh\nexit 100\n")
    with pytest.raises(prepare.SetupError, match="pyenv or uv"):
        prepare.find_python()


@pytest.mark.skipif(sys.platform != "linux", reason="Linux alone takes libGL from the system")
def test_missing_libraries_are_named_with_their_packages(monkeypatch, bare):
    real = prepare.probe(os.path.realpath("/proc/self/exe"))
    assert real and prepare.has_library(real, "libc.so.6")
    executable(bare / "apt-get", "#!/bin/sh\n")
    absent = {f"libabsent{n}.so.1": (f"libabsent{n}", f"absent{n}") for n in (1, 2)}
    monkeypatch.setattr(prepare, "LIBRARIES", absent)
    with pytest.raises(prepare.SetupError, match="apt-get install libabsent1 libabsent2"):
        prepare.check_machine(real)


def test_a_processor_without_packages_is_named():
    python = dict(prepare.probe(sys.executable), machine="riscv64")
    with pytest.raises(prepare.SetupError, match="riscv64"):
        prepare.check_machine(python)


def test_a_full_disk_is_named(monkeypatch):
    monkeypatch.setattr(prepare, "LEAST_GIGABYTES", 10**9)
    with pytest.raises(prepare.SetupError, match="free some space"):
        prepare.check_disk()


@pytest.mark.parametrize(
    "version, good",
    [
        ("v18.20.0", False),
        ("v20.18.0", False),
        ("v20.19.0", True),
        ("v21.7.0", False),
        ("v22.11.0", False),
        ("v22.12.0", True),
        ("v24.1.0", True),
    ],
)
def test_node_must_be_one_that_vite_accepts(bare, version, good):
    executable(bare / "npm", "#!/bin/sh\necho 10\n")
    executable(bare / "node", f"#!/bin/sh\necho {version}\n")
    assert prepare.find_npm() == (str(bare / "npm") if good else None)


def test_an_npm_in_the_environment_finds_the_node_beside_it(bare):
    executable(bare / ".venv/bin/node", "#!/bin/sh\necho v24.1.0\n")
    executable(bare / ".venv/bin/npm", "#!/bin/sh\nnode --version\n")
    assert prepare.find_npm() == str(bare / ".venv/bin/npm")


def test_node_without_npm_is_none(bare):
    executable(bare / "node", "#!/bin/sh\necho v22.12.0\n")
    assert prepare.find_npm() is None


def test_a_chromium_that_does_not_start_is_passed_over(bare, monkeypatch):
    monkeypatch.setattr(prepare, "CHROMIUMS", ("chromium", "chromium-browser"))
    assert prepare.find_chromium() is None
    executable(bare / "chromium", "#!/bin/sh\necho 'install the snap' >&2; exit 1\n")
    assert prepare.find_chromium() is None
    executable(bare / "chromium-browser", "#!/bin/sh\necho Chromium 150\n")
    assert prepare.find_chromium() == str(bare / "chromium-browser")


def test_the_requirements_are_pinned_and_importable():
    names = prepare.required()
    lines = (prepare.ROOT / "requirements.txt").read_text().splitlines()
    assert len(names) == len([line for line in lines if "==" in line]) > 10
    assert prepare.module_of("scikit-learn") == "sklearn"


@pytest.mark.parametrize("name", prepare.LOCKS)
def test_the_locks_agree_with_the_requirements(name):
    """`make lock` was run after the last change; every file has a hash."""
    lock = (prepare.ROOT / f"{name}.lock").read_text()
    entries = re.split(r"\n(?=\S)", lock.strip())
    assert [entry for entry in entries if "--hash=sha256:" not in entry] == []
    locked = {re.match(r"(\S+?)==(\S+)", entry).groups() for entry in entries}
    for line in (prepare.ROOT / f"{name}.txt").read_text().splitlines():
        if re.match(r"\w", line) and not line.startswith("torch=="):
            assert tuple(re.sub(r"\[.*?\]", "", line).split("==")) in locked, "run `make lock`"
    without = set(prepare.names_in("requirements-without.txt")) | {"torch"}
    assert not without & {package for package, _ in locked}


def test_stamps_are_whole_or_absent(tmp_path, monkeypatch):
    monkeypatch.setattr(prepare, "STAMPS", tmp_path / "stamps")
    with prepare.step("x", "digest"):
        assert prepare.read_stamp("x") == prepare.UNFINISHED
    assert prepare.read_stamp("x") == "digest"
    with pytest.raises(KeyboardInterrupt), prepare.step("x", "digest"):
        raise KeyboardInterrupt
    assert prepare.read_stamp("x") == prepare.UNFINISHED
    with pytest.raises(prepare.SetupError), prepare.step("x", "digest"):
        raise prepare.SetupError("pip failed by itself")
    assert prepare.read_stamp("x") is None
