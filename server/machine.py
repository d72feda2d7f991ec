"""What Mien runs on, and with which models: told at start.

Reads files of the system and metadata of packages; imports none of them, because
torch and MediaPipe stay out of the web process.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import socket
import subprocess
from importlib import metadata
from pathlib import Path

import psutil

from server import VERSION
from server.certificate import names_in
from server.settings import ROOT, Settings, is_loopback

PACKAGES = ("mediapipe", "scikit-learn", "openvino", "torch")
FAST_FLAGS = ("avx2", "avx512_bf16", "amx_bf16", "amx_int8")
"""What decides how fast networks run on this processor."""


def summary(settings: Settings) -> str:
    """The lines that `python app.py` prints at start."""
    rows = {
        "Mien": f"{VERSION} at {' and '.join(addresses(settings))}",
        "Names": f"its addresses, {', '.join(names(settings))}",
        "Processor": processor(),
        "GPU": ", ".join(gpus()) or "none",
        "Versions": versions(),
        "Models": ", ".join(models()) or "none",
    }
    return "\n".join(f"{name:<11}{value}" for name, value in rows.items())


def keep_no_core_dumps() -> None:
    """No system writes the memory of a process of ours, with a frame in it, to the disk when it
    ends badly; children inherit it."""
    try:
        import resource
    except ImportError:  # Windows, whose dumps are an affair of its own settings
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def for_staff(settings: Settings, password: str) -> str:
    """What is said once, at the first start."""
    return (
        f"{'Staff':<11}{addresses(settings)[:2][-1]}/staff with the password {password}\n"
        f"{'':<11}It is shown this once: write it down."
    )


def addresses(settings: Settings) -> list[str]:
    """Where a browser finds Mien: on this machine, and from the network if it is open to it."""
    hosts = [settings.host]
    if settings.host in ("0.0.0.0", "::"):
        hosts = ["127.0.0.1", *network_addresses()]
    shown = [f"[{host}]" if ":" in host else host for host in hosts]
    scheme = "https" if settings.https else "http"
    return [f"{scheme}://{host}:{settings.port}" for host in shown]


def names(settings: Settings) -> list[str]:
    """What browsers may call this machine besides its addresses: its own names, those of the
    certificate that staff have brought, and the setting."""
    host = socket.gethostname().lower()
    own = ["localhost", host, host.removesuffix(".local") + ".local"]
    brought = names_in(settings.certificate) if settings.certificate else []
    given = [name.strip() for name in (settings.names or "").split(",")]
    return [name for name in dict.fromkeys([*own, *brought, *given]) if name]


def network_addresses() -> list[str]:
    """This machine's addresses in its networks; empty without a network."""
    states = psutil.net_if_stats()
    return [
        address.address
        for card, addresses in psutil.net_if_addrs().items()
        for address in addresses
        if address.family == socket.AF_INET
        and card in states
        and states[card].isup
        and not is_loopback(address.address)
    ]


def processor() -> str:
    """Name, cores that this process may use, memory and fast instructions."""
    name, flags = platform.processor() or platform.machine(), set()
    if platform.system() == "Darwin":
        name = _output(["/usr/sbin/sysctl", "-n", "machdep.cpu.brand_string"]) or name
    elif Path("/proc/cpuinfo").exists():
        lines = Path("/proc/cpuinfo").read_text().split("\n\n", 1)[0].splitlines()
        facts = {key.strip(): value.strip() for key, _, value in (x.partition(":") for x in lines)}
        name, flags = facts.get("model name", name), set(facts.get("flags", "").split())
    on_linux = hasattr(os, "sched_getaffinity")
    cores = len(os.sched_getaffinity(0)) if on_linux else os.cpu_count()
    memory = psutil.virtual_memory().total / 2**30
    parts = [name, f"{cores} cores", f"{memory:.0f} GB", *(f for f in FAST_FLAGS if f in flags)]
    return ", ".join(parts)


def gpus() -> list[str]:
    """Names of the GPUs that torch could use."""
    files = sorted(Path("/proc/driver/nvidia/gpus").glob("*/information"))
    if files:
        lines = [line for file in files for line in file.read_text().splitlines()]
        return [line.partition(":")[2].strip() for line in lines if line.startswith("Model:")]
    if shutil.which("nvidia-smi"):  # WSL has no /proc/driver/nvidia
        return _output(["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"]).splitlines()
    if (platform.system(), platform.machine()) == ("Darwin", "arm64"):
        return ["Apple (Metal)"]
    return []


def versions() -> str:
    found = [f"Python {platform.python_version()}"]
    for name in PACKAGES:
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            found.append(f"no {name}")
    return ", ".join(found)


def models(folder: Path = ROOT / "models" / "weights") -> list[str]:
    """Name and the beginning of the sha256 of each model that has a card."""
    found = []
    for file in sorted(folder.glob("*.card.json")):
        name = file.name.removesuffix(".card.json")
        try:
            found.append(f"{name} {json.loads(file.read_text())['sha256'][:8]}")
        except (ValueError, KeyError, TypeError):
            found.append(f"{name} (its card {file.name} has no sha256)")
    return found


def _output(command: list[str]) -> str:
    """What a command prints; empty when it fails or takes too long."""
    try:
        return subprocess.run(
            command, capture_output=True, text=True, timeout=3, check=True
        ).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""
