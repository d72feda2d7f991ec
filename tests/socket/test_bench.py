"""A whole bench on the real programs; how fast they are is not this test's matter."""

import json
import subprocess
import sys

import pytest

from tests.running import ROOT

pytestmark = [pytest.mark.socket, pytest.mark.slow, pytest.mark.timeout(600)]


def test_the_stream_bench_measures_and_says_so(tmp_path):
    file = tmp_path / "stream.json"
    command = [sys.executable, "-m", "bench", "stream", "--quick", "--only", "latency"]
    answer = subprocess.run([*command, "--json", file], cwd=ROOT, capture_output=True, text=True)
    rows = json.loads(file.read_text(encoding="utf-8"))
    measured = [row for row in rows if "frame → SceneState" in row["name"]]
    assert len(measured) == 3
    assert all(row["value"] > 0 and row["baseline"] > 0 for row in measured)
    assert all(row["name"] in answer.stdout for row in rows)
    missed = [row for row in rows if row["met"] is False]
    assert answer.returncode == bool(missed), answer.stderr
