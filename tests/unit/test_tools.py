"""The tools for scene developers: `npm run new-scene` and `npm run make-puppet`."""

import shutil
import subprocess

import pytest

from tests.running import ROOT

NODE = shutil.which("node") or str(ROOT / ".venv" / "bin" / "node")
SCENES = ROOT / "static" / "src" / "scenes"


def run(tool: str, *words: str) -> subprocess.CompletedProcess:
    command = [NODE, f"static/tools/{tool}.js", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize(
    "words, reason",
    [
        ((), "npm run new-scene NAME"),
        (("Bad",), '"Bad" cannot be the name'),
        (("two words",), "cannot be the name"),
        (("../escape",), "cannot be the name"),
        (("9lives",), "cannot be the name"),
        (("a" * 33,), "cannot be the name"),
        (("primitives",), "There is a scene primitives already"),
    ],
)
def test_a_name_that_cannot_be_is_refused(words, reason):
    before = set(SCENES.iterdir())
    answer = run("new-scene", *words)
    assert answer.returncode == 1
    assert reason in answer.stderr
    assert set(SCENES.iterdir()) == before


def test_the_made_scene_passes_the_type_check():
    file = SCENES / "tried-types.js"
    try:
        assert run("new-scene", "tried-types").returncode == 0
        assert "tried-types: a new scene" in file.read_text()
        check = [NODE, "node_modules/typescript/bin/tsc", "--project", "static/tsconfig.json"]
        answer = subprocess.run(check, cwd=ROOT, capture_output=True, text=True, timeout=240)
        assert answer.returncode == 0, answer.stdout
    finally:
        file.unlink(missing_ok=True)


def test_the_guide_shows_the_template():
    template = (ROOT / "static" / "src" / "template" / "scene.js").read_text()
    guide = (ROOT / "docs" / "scenes.md").read_text()
    assert template.split("\n", 1)[1] in guide


def test_the_puppet_is_what_its_formulas_make(tmp_path):
    again = tmp_path / "puppet.glb"
    answer = run("make-puppet", str(again))
    assert answer.returncode == 0, answer.stderr
    assert again.read_bytes() == (SCENES / "puppet" / "puppet.glb").read_bytes()
