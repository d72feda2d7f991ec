"""The bill of materials names everything that the locks name."""

import json
import re
import subprocess
import sys

from tests.running import ROOT


def test_the_bill_names_every_package_with_its_hashes():
    command = [sys.executable, "deploy/sbom.py"]
    made = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout
    bill = json.loads(made)
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    parts = bill["components"]
    names = [part["bom-ref"] for part in parts]
    assert len(names) == len(set(names))
    assert {part["purl"].split("/")[0] for part in parts} == {"pkg:pypi", "pkg:npm"}
    for name in ("requirements.lock", "requirements-dev.lock"):
        for package, version in re.findall(r"^(\S+?)==(\S+)", (ROOT / name).read_text(), re.M):
            assert f"pkg:pypi/{package}@{version}" in names, package
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    for place, about in packages.items():
        name = place.rpartition("node_modules/")[2].replace("@", "%40")
        assert not name or f"pkg:npm/{name}@{about['version']}" in names
    assert {part["name"] for part in parts if "hashes" not in part} == {"torch"}
    scopes = {part["name"]: part["scope"] for part in parts}
    assert scopes["flask"] == scopes["torch"] == scopes["three"] == "required"
    assert scopes["pytest"] == scopes["vite"] == "excluded"
    again = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout
    assert again == made, "it is the same for the same locks"
