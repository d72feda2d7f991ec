"""Packages that only others need stay out of the process that sees visitors."""

import subprocess
import sys
from pathlib import Path

import pytest

from models.core.imports import emptied, without

ROOT = Path(__file__).resolve().parents[2]
NAME = "wave"
"""A module of the standard library that nothing here has imported."""


def test_without_a_package_its_import_fails_and_works_again():
    sys.modules.pop(NAME, None)
    with without(NAME), pytest.raises(ImportError):
        __import__(NAME)
    assert __import__(NAME).open


def test_an_emptied_package_is_whole_again():
    sys.modules.pop(NAME, None)
    with emptied(NAME):
        assert not hasattr(__import__(NAME), "open")
    assert __import__(NAME).open


def test_a_package_that_is_already_there_stays():
    with without("json"), emptied("json"):
        assert __import__("json") is sys.modules["json"]
        assert __import__("json").loads


@pytest.mark.parametrize(
    "work, absent",
    [
        ("from models.pose.classifier import PoseClassifier; PoseClassifier.load()", "torch"),
        ("import server.perception.trackers", "matplotlib"),
        ("import server.perception.trackers", "sounddevice"),
    ],
)
def test_what_a_worker_does_leaves_them_out(work, absent):
    look = f"{work}; import sys; print({absent!r} in sys.modules)"
    answer = subprocess.run([sys.executable, "-c", look], cwd=ROOT, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.split() == ["False"]
