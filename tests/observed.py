"""Sees every connection that a program and all that it starts ask for."""

from __future__ import annotations

import contextlib
import ipaddress
import json
import re
import subprocess
import sys
from pathlib import Path

HOOK = """
import json, os, sys

def note(**what):
    line = json.dumps({"program": " ".join(sys.orig_argv[1:4]), **what}) + "\\n"
    file = os.open(os.environ["OBSERVED"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(file, line.encode())
    os.close(file)

def hear(event, arguments):
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        to = arguments[1]
    elif event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
        to = arguments[:1]
    else:
        return
    if isinstance(to, tuple):  # otherwise a file of this machine, or who is connected already
        note(event=event, to=str(to[0]))

note(event="start")
sys.addaudithook(hear)
"""
"""Python imports it in every process before anything else: as `sitecustomize`."""

HERE = {"None", "", "localhost", "0.0.0.0", "::"}
CI = ("CI", "GITHUB_ACTIONS", "TF_BUILD", "JENKINS_URL", "TRAVIS", "GITLAB_CI", "BUILD_ID")
"""Variables under which programs that phone home keep silent."""
CALLS = "execve,connect,sendto,sendmsg,sendmmsg"


class Observed:
    """What was seen of the programs that were started behind `within`.

    Python tells it by an audit hook in every process.  Of native code, which passes none, strace
    tells it where the system has strace and lets it.
    """

    def __init__(self, folder: Path) -> None:
        self._heard, self._traced = folder / "heard.jsonl", folder / "traced"
        hook = folder / "hook"
        hook.mkdir(exist_ok=True)
        (hook / "sitecustomize.py").write_text(HOOK)
        self.traces = can_trace()
        self.alone = alone()
        """Begins a command that has this machine's loopback and no other network; empty where the
        system allows no namespaces."""
        unset = [word for name in CI for word in ("-u", name)]
        self.within = ["env", *unset, f"PYTHONPATH={hook}", f"OBSERVED={self._heard}"]
        if self.traces:
            trace = ["strace", "-D", "-f", "-qq", "--seccomp-bpf", "-s", "200"]
            self.within += [*trace, "-e", f"trace={CALLS}", "-A", "-o", str(self._traced)]

    def programs(self) -> str:
        """Every Python process, by its command."""
        return "\n".join({one["program"] for one in self._lines() if one["event"] == "start"})

    def traced(self) -> str:
        return self._traced.read_text() if self._traced.exists() else ""

    def elsewhere(self) -> list[str]:
        """Everything that was sent, or asked for, from another machine."""
        heard = [f"{one['program']}: {one['event']} {one['to']}" for one in self._lines()
                 if one["event"] != "start" and not is_here(one["to"])]  # fmt: skip
        addresses = re.compile(r'inet_addr\("([^"]+)"\)|inet_pton\(AF_INET6, "([^"]+)"')
        native = [
            line
            for line in self.traced().splitlines()
            if any(not is_here(four or six) for four, six in addresses.findall(line))
        ]
        return sorted(set(heard + native))

    def _lines(self) -> list[dict]:
        return [json.loads(line) for line in self._heard.read_text().splitlines()]


def is_here(host: str) -> bool:
    try:
        return host in HERE or ipaddress.ip_address(host.removeprefix("::ffff:")).is_loopback
    except ValueError:
        return False


LOOPBACK = """
import fcntl, os, socket, struct, sys

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
    fcntl.ioctl(one, 0x8914, struct.pack("16sH22x", b"lo", 1))  # SIOCSIFFLAGS: up
os.execvp(sys.argv[1], sys.argv[1:])
"""


def alone() -> list[str]:
    for how in ("-n", "-rn"):  # as root, or as whoever may be root in a namespace of their own
        command = ["unshare", how, sys.executable, "-c", LOOPBACK]
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            if subprocess.run([*command, "true"], capture_output=True, timeout=60).returncode == 0:
                return command
    return []


def can_trace() -> bool:
    try:
        test = ["strace", "-D", "-f", "-qq", "--seccomp-bpf", "-o", "/dev/null", "true"]
        return subprocess.run(test, capture_output=True, timeout=60).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False
