"""Whether anything leaves this machine: the sockets of Mien's own processes, looked at again and
again.  What the desk says of it was seen, not promised."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable

import psutil

from server.settings import is_loopback

log = logging.getLogger(__name__)

INTERVAL = 1.0
"""Seconds between two looks: a connection that is shorter can be missed."""
MOST = 20
"""Connections that are remembered and named."""


class Outside:
    """Watches this process and all below it."""

    def __init__(self) -> None:
        self._looks = 0
        self._seen: list[str] = []
        """Each connection to elsewhere, once, in words."""

    def watch(self, sleep: Callable[[float], None]) -> None:
        """Looks until the process ends."""
        while True:
            self.look()
            sleep(INTERVAL)

    def look(self) -> None:
        server = psutil.Process()
        try:
            found = connections_out([server, *server.children(recursive=True)])
        except psutil.AccessDenied:
            return
        for name in sorted(found):
            if name not in self._seen and len(self._seen) < MOST:
                self._seen.append(name)
                log.error("a connection to elsewhere: %s", name)
        self._looks += 1

    def health(self) -> dict:
        return {"looks": self._looks, "seen": list(self._seen)}


def connections_out(processes: Iterable[psutil.Process]) -> set[str]:
    """Connections of these processes to other machines, in words.

    Browsers that have come to a port on which one of them listens are not among them.
    Raises psutil.AccessDenied where the system does not let us look.
    """
    found, listening = [], set()
    for process in processes:
        try:
            command, sockets = process.cmdline(), process.net_connections("inet")
        except psutil.NoSuchProcess:  # it has just ended
            continue
        name = next((word for word in command[1:] if word[0] != "-"), process.pid)
        listening |= {one.laddr.port for one in sockets if one.status == psutil.CONN_LISTEN}
        found += [(name, one) for one in sockets if one.raddr]
    own = {address.address for card in psutil.net_if_addrs().values() for address in card}
    return {
        f"{name} → {one.raddr.ip} port {one.raddr.port}"
        for name, one in found
        if one.laddr.port not in listening
        and not is_loopback(one.raddr.ip.removeprefix("::ffff:"))
        and one.raddr.ip.removeprefix("::ffff:") not in own
    }
