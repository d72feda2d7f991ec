"""What Mien is made of, as a software bill of materials: CycloneDX 1.6, JSON.

    python3 deploy/sbom.py > mien.cdx.json

Every package of requirements.lock, torch, and every npm package of package-lock.json, each with
its version, where it comes from (purl) and the hashes of its files.  Packages that only tests or
the build of the page need are marked as excluded.  Standard library only, and always the same for
the same locks.
"""

from __future__ import annotations

import base64
import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PIN = re.compile(r"^([A-Za-z0-9_.-]+)(?:\[[^]]*\])?==([^\s;\\]+)")
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


def main() -> int:
    json.dump(bill(), sys.stdout, indent=1)
    print()
    return 0


def bill(root: Path = ROOT) -> dict:
    """The whole document."""
    needed = python_packages(root / "requirements.lock", "required")
    needed += python_packages(root / "requirements.txt", "required", only="torch")
    known = {one["bom-ref"] for one in needed}
    for name in ("requirements-node.lock", "requirements-dev.lock"):
        more = python_packages(root / name, "excluded")
        needed += [one for one in more if one["bom-ref"] not in known]
    [version] = re.findall(r'VERSION = "(.*)"', (root / "server" / "__init__.py").read_text())
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {"type": "application", "name": "mien", "version": version}},
        "components": needed + npm_packages(root / "package-lock.json"),
    }


def python_packages(file: Path, scope: str, only: str = "") -> list[dict]:
    """The packages of a lock, or the one named `only`, as components."""
    found = []
    for entry in re.split(r"\n(?=\S)", file.read_text()):
        pin = PIN.match(entry)
        if pin and only in ("", pin[1]):
            hashes = [{"alg": "SHA-256", "content": digest} for digest in HASH.findall(entry)]
            purl = f"pkg:pypi/{pin[1].lower().replace('_', '-')}@{pin[2]}"
            found.append(component(pin[1], pin[2], purl, scope, hashes))
    return found


def npm_packages(file: Path) -> list[dict]:
    """The packages of package-lock.json as components."""
    found = {}
    for place, about in json.loads(file.read_text())["packages"].items():
        name = place.rpartition("node_modules/")[2]
        if not name or about.get("link"):
            continue
        algorithm, _, digest = about["integrity"].partition("-")
        content = base64.b64decode(digest).hex()
        purl = f"pkg:npm/{name.replace('@', '%40')}@{about['version']}"
        scope = "excluded" if about.get("dev") else "required"
        hashes = [{"alg": {"sha512": "SHA-512", "sha1": "SHA-1"}[algorithm], "content": content}]
        made = component(name, about["version"], purl, scope, hashes)
        if "license" in about:
            made["licenses"] = [{"expression": about["license"]}]
        found.setdefault(purl, made)
    return list(found.values())


def component(name: str, version: str, purl: str, scope: str, hashes: list[dict]) -> dict:
    about = {"type": "library", "bom-ref": purl, "name": name, "version": version}
    return about | {"scope": scope, "purl": purl} | ({"hashes": hashes} if hashes else {})


if __name__ == "__main__":
    sys.exit(main())
