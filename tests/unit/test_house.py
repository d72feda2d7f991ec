"""The house keeps its order: who may import whom, and what may be committed.

CONTRIBUTING.md shows the same in one picture.
"""

import ast
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

FLOORS = (
    ("bench",),
    ("app",),
    ("server.application",),
    ("server.web",),
    ("server.visitors", "server.studio", "server.workshop", "server.captures"),
    ("server.perception", "server.art", "server.gallery"),
    ("server.stage",),
    ("server",),
    ("gan_cut",),
    ("models",),
    ("models.core",),
    ("datasets",),
    ("prepare",),
)
"""The rooms of the house from top to bottom.  A module is in the room with the longest name that
fits it, so that `server` is what all its rooms share: values, settings, logs, processes."""

ALONE = {
    "server.stage": {"server.values", "gan_cut.painter.hand"},
    "gan_cut.painter": set(),
}
"""Rooms that can be used by themselves, in a notebook, and all of ours that they know."""

FORBIDDEN_CALLS = {
    "pickle.load": "it runs code from the file; store with skops or safetensors",
    "pickle.loads": "it runs code from the data",
    "pickle.Unpickler": "it runs code from the file",
    "joblib.load": "it runs code from the file; store with skops",
    "os.system": "it runs text in a shell; use subprocess with a list",
    "eval": "it runs text as code",
    "exec": "it runs text as code",
}

OPENS_PICTURES = {
    "datasets.pictures": "the one reader",
    "server.perception.picture": "frames of the camera page, thirty in a second",
}
"""The only modules that may decode a picture file."""

LARGEST = 16_000_000
"""Bytes of a committed file."""


def test_imports_run_downward():
    """A module imports its own room, and rooms on the floors below; there are no exceptions."""
    wrong = [
        f"{name} imports {target}"
        for name, tree in modules().items()
        for target in ours(tree)
        if room_of(name) != room_of(target) and floor_of(name) >= floor_of(target)
    ]
    assert not wrong, "see FLOORS:\n" + "\n".join(wrong)


@pytest.mark.parametrize("room", ALONE)
def test_what_is_used_alone_knows_little(room):
    known = {
        target
        for name, tree in modules().items()
        if is_in(name, room)
        for target in ours(tree)
        if not is_in(target, room)
    }
    assert known <= ALONE[room]


def test_one_module_knows_eventlet():
    assert importers("eventlet") == {"server.concurrency"}


def test_one_module_knows_openvino():
    """It silences it first; the tests themselves are no exception."""
    assert importers("openvino") == {"models.core.openvino"}
    for file in (ROOT / "tests").rglob("*.py"):
        assert 'importorskip("open' + 'vino")' not in file.read_text(), file
        assert "openvino" not in imported(ast.parse(file.read_text())), file


def test_openvino_is_silent_from_its_first_import():
    """Nor does a conversion, which tells a dozen things about the network, find it."""
    look = (
        "import sys, torch; from models.core.openvino import openvino;"
        "openvino.convert_model(torch.nn.Conv2d(1, 1, 1), example_input=torch.zeros(1, 1, 2, 2));"
        "print(*[n for n in sys.modules if n.startswith('openvino_t') and sys.modules[n]],"
        "openvino.tools.ovc.telemetry_utils.tm.__name__)"
    )
    answer = subprocess.run([sys.executable, "-c", look], cwd=ROOT, capture_output=True, text=True)
    assert answer.stdout.split() == ["openvino.tools.ovc.telemetry_stub"], answer.stderr


def test_the_stage_knows_neither_flask_nor_the_trackers():
    for package in ("flask", "flask_socketio", "mediapipe", "cv2", "torch", "sklearn"):
        assert not {name for name in importers(package) if name.startswith("server.stage")}


def test_pickle_and_text_are_never_run():
    wrong = [f"{name}: {what}" for name, tree in modules().items() for what in dangerous(tree)]
    assert not wrong, "\n".join(wrong)


def test_one_module_reads_pictures():
    """Anything else would be unfaithful to some mode or leak some error (datasets/pictures.py)."""
    opening = {"Image.open", "imread", "imdecode", "decode_image", "read_image"}
    found = {
        f"{name}, line {node.lineno}: {ast.unparse(node.func)}"
        for name, tree in modules().items()
        if name not in OPENS_PICTURES
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and (
            any(ast.unparse(node.func).endswith(last) for last in opening)
            or (
                ast.unparse(node.func).endswith(".convert")
                and [ast.unparse(word) for word in node.args] == ["'RGB'"]
            )
        )
    }
    assert not found, "use datasets.pictures.read_rgb: " + "; ".join(sorted(found))


READS_FILES = {
    "np.load": {"datasets.arrays"},
    "torch.load": {"models.core.files"},
    "csv.reader": {"datasets.tables"},
    "csv.DictReader": set(),
}
"""The only modules that may read such files: their errors name the file and what to do."""


@pytest.mark.parametrize("call", READS_FILES)
def test_arrays_states_and_tables_are_read_at_one_place(call):
    callers = {
        name
        for name, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == call
    }
    assert callers == READS_FILES[call]


@pytest.mark.parametrize(
    "module, absent",
    [
        ("server.perception.worker, server.perception.reader", {"torch"}),
        (
            "server.application, server.art.service",
            {"torch", "mediapipe", "sklearn", "openvino"},
        ),
        ("server.workshop.job", {"torch", "mediapipe"}),
        ("server.stage", {"torch", "mediapipe", "flask", "cv2"}),
    ],
)
def test_heavy_packages_stay_out(module, absent):
    """What really is in memory after the import, whoever asked for it."""
    look = f"import sys, {module}; print(*sorted({absent} & set(sys.modules)))"
    answer = subprocess.run([sys.executable, "-c", look], cwd=ROOT, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.split() == []


def test_no_text_waits_inside_a_page():
    """The page's content policy refuses text that is run there: tests ask with `until`, the rest
    hands over a function."""
    waits = re.compile(r"wait_for_function\((?!f?[\"']\(\w*\) =>)")
    files = [file for file in committed() if file.suffix == ".py" and file.name != "test_house.py"]
    wrong = [
        str(file.relative_to(ROOT))
        for file in files
        if waits.search(text := file.read_text())
        or (file.is_relative_to(ROOT / "tests") and "page.wait_for_function(" in text)
    ]
    assert not wrong


def test_committed_files_are_small_and_ours():
    too_large = {
        str(file): file.stat().st_size for file in committed() if file.stat().st_size > LARGEST
    }
    assert not too_large
    foreign = {".pth", ".pt", ".pkl", ".joblib", ".task", ".tflite"}
    assert not [file for file in committed() if file.suffix in foreign]


def test_no_package_registry_is_named():
    hosts = [f"{name}.org" for name in ("pypi", "npmjs", "pythonhosted")]
    for file in committed():
        content = file.read_bytes()
        assert not [host for host in hosts if host.encode() in content], file


@cache
def modules() -> dict[str, ast.Module]:
    """Our own Python outside the tests: name and syntax tree."""
    files = list(ROOT.glob("*.py"))
    for room in ("server", "models", "gan_cut", "datasets", "bench"):
        files += (ROOT / room).rglob("*.py")
    found = {}
    for file in files:
        name = ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        found[name] = ast.parse(file.read_text(encoding="utf-8"), str(file))
    return found


def imported(tree: ast.Module) -> set[str]:
    """Every name that is imported anywhere in a module; `from a import b` gives a and a.b."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative import: name the room"
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def ours(tree: ast.Module) -> set[str]:
    """The modules of ours among them; of a.b and a, when both are modules, only a.b."""
    found = imported(tree) & set(modules())
    return {name for name in found if not any(other.startswith(name + ".") for other in found)}


def importers(package: str) -> set[str]:
    return {
        name
        for name, tree in modules().items()
        if any(target.split(".")[0] == package for target in imported(tree))
    }


def room_of(name: str) -> str:
    rooms = [room for floor in FLOORS for room in floor if is_in(name, room)]
    assert rooms, f"{name} has no place in FLOORS"
    return max(rooms, key=len)


def floor_of(name: str) -> int:
    """0 is the top."""
    return next(number for number, floor in enumerate(FLOORS) if room_of(name) in floor)


def is_in(name: str, room: str) -> bool:
    return name == room or name.startswith(room + ".")


def dangerous(tree: ast.Module) -> list[str]:
    """Calls that would run what a file or a stranger says."""
    found = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = ast.unparse(node.func)
        given = {word.arg: ast.unparse(word.value) for word in node.keywords}
        if called in FORBIDDEN_CALLS:
            found.append(f"line {node.lineno}: {called}: {FORBIDDEN_CALLS[called]}")
        if called == "torch.load" and given.get("weights_only") != "True":
            found.append(f"line {node.lineno}: torch.load without weights_only=True")
        for word in ("allow_pickle", "shell"):
            if given.get(word) == "True":
                found.append(f"line {node.lineno}: {called} with {word}=True")
    return found


def committed() -> list[Path]:
    """Files in the repository, or about to be."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout: nothing says what is committed")
    files = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    return [file for file in files if file.is_file()]
