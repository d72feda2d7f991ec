"""What is told at start."""

import json
import os
import subprocess
import sys

from cryptography import x509

from server import VERSION, machine
from server.certificate import make
from server.settings import ROOT, Settings


def test_the_summary_names_address_processor_and_versions():
    lines = machine.summary(Settings(port=5001)).splitlines()
    assert [line.split()[0] for line in lines] == [
        "Mien",
        "Names",
        "Processor",
        "GPU",
        "Versions",
        "Models",
    ]
    assert VERSION in lines[0] and "http://127.0.0.1:5001" in lines[0]
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count()
    assert f"{cores} cores" in lines[2]
    assert "mediapipe" in lines[4] and "scikit-learn" in lines[4]


def test_addresses():
    assert machine.addresses(Settings(host="::1", port=80)) == ["http://[::1]:80"]
    assert "http://127.0.0.1:5000" in machine.addresses(Settings(host="0.0.0.0"))
    assert machine.addresses(Settings(https=True)) == ["https://127.0.0.1:5000"]


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


def test_the_summary_says_what_names_are_answered(tmp_path):
    certificate, key = tmp_path / "own.crt", tmp_path / "own.key"
    make(certificate, key, [x509.DNSName("mien.museum.example"), x509.DNSName("*.kunst.example")])
    settings = Settings(
        https=True, certificate=certificate, certificate_key=key, names="halle.example, b.example"
    )
    told = machine.summary(settings)
    for name in ("localhost", "mien.museum.example", "*.kunst.example", "halle.example"):
        assert name in told and name in machine.names(settings)
    assert machine.names(Settings(https=True, certificate=tmp_path / "no", certificate_key=key))
