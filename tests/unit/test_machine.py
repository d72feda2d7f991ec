"""What is told at start."""

import json
import os
import subprocess
import sys

from server import VERSION, machine
from server.settings import ROOT, Settings


def test_the_summary_names_address_processor_and_versions():
    lines = machine.summary(Settings(port=5001)).splitlines()
    assert [line.split()[0] for line in lines] == ["Mien", "Processor", "GPU", "Versions", "Models"]
    assert VERSION in lines[0] and "http://127.0.0.1:5001" in lines[0]
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count()
    assert f"{cores} cores" in lines[1]
    assert "mediapipe" in lines[3] and "scikit-learn" in lines[3]


def test_addresses():
    assert machine.addresses(Settings(host="::1", port=80)) == ["http://[::1]:80"]
    assert "http://127.0.0.1:5000" in machine.addresses(Settings(host="0.0.0.0"))


def test_models_come_from_their_cards(tmp_path):
    (tmp_path / "pose.card.json").write_text(json.dumps({"sha256": "0123456789abcdef"}))
    (tmp_path / "half.card.json").write_text("{")
    half, pose = machine.models(tmp_path)
    assert pose == "pose 01234567"
    assert "half.card.json" in half
    assert machine.models(tmp_path / "absent") == []


def test_it_loads_no_network_library():
    look = "import sys, server.machine; print({'torch', 'mediapipe', 'numpy'} & set(sys.modules))"
    answer = subprocess.run([sys.executable, "-c", look], cwd=ROOT, capture_output=True, text=True)
    assert answer.stdout.strip() == "set()", answer.stderr
