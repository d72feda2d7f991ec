"""An exhibition's hour of visits, one after the other, in minutes: attract, notice, consent,
play, capture, goodbye; and what breaks meanwhile.

The page stays open all the time, as it does at an exhibition.  What it and the server hold
is counted while the page is unattended: after the first visits, in which everything has
broken once, and at the end, after visitors who have left in the same way.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from playwright.sync_api import CDPSession, Page

from bench.rows import Row, at_most
from bench.servers import worker
from tests.browser.conftest import PLUG_IN, SIZE, UNPLUG, somebody_moving, wait_for
from tests.running import Mien, wait_until

WAITS = (
    *("--attract-after", "4", "--absence", "4"),
    *("--capture-time", "1", "--goodbye-time", "1"),
)
LEAVING = ("stops", "walks away", "captures and stops", "reloads")
HAPPENS = ("", "camera lost", "", "worker killed", "", "server restarted", "tab hidden")
"""In turn with LEAVING, whose number has no common divisor with theirs: all meet."""


def camera() -> list[np.ndarray]:
    """Somebody for twelve seconds, then nobody for eight."""
    somebody = somebody_moving()
    nobody = np.full((SIZE[1], SIZE[0], 3), 60, np.uint8)
    return somebody * 6 + [nobody] * (len(somebody) * 4)


@dataclass(frozen=True, slots=True)
class Held:
    """What page and server hold while nobody is there."""

    heap: int
    """Bytes of the page's JavaScript after a collection."""
    nodes: int
    listeners: int
    geometries: int
    textures: int
    memory: int
    """Resident bytes of server and worker."""
    files: int
    threads: int


class Hour:
    """One page, one server, many visitors."""

    def __init__(self, server: Mien, page: Page, again: Callable[[int], Mien]) -> None:
        """`again` starts the server anew at a port."""
        self.server, self._page, self._again = server, page, again
        self._session: CDPSession = page.context.new_cdp_session(page)
        self.visits = 0

    def visit(self, happens: str, leaving: str) -> None:
        """Somebody comes to the unattended page, plays, something happens, they leave.

        Raises playwright's TimeoutError where somebody is stuck.
        """
        page = self._page
        wait_for(page, "mien.way === 'attract' && mien.connection === 'online'")
        page.mouse.move(200 + self.visits % 50, 200)
        wait_for(page, "mien.way === 'notice'")
        self._play()
        self._break(happens)
        if happens:
            self._play_on()
        self._leave(leaving)
        self.visits += 1

    def held(self) -> Held:
        page = self._page
        wait_for(page, "mien.way === 'attract'")
        self._session.send("HeapProfiler.collectGarbage")
        counted = self._session.send("Memory.getDOMCounters")
        heap = self._session.send("Runtime.getHeapUsage")["usedSize"]
        drawn = page.evaluate("mien.kept")
        processes = self.server.tree()
        return Held(
            heap=int(heap),
            nodes=counted["nodes"],
            listeners=counted["jsEventListeners"],
            geometries=drawn["geometries"],
            textures=drawn["textures"],
            memory=sum(process.memory_info().rss for process in processes),
            files=sum(process.num_fds() for process in processes),
            threads=sum(process.num_threads() for process in processes),
        )

    def _play(self) -> None:
        page = self._page
        page.get_by_test_id("choice").check()
        page.get_by_test_id("begin").click()
        self._play_on()
        page.keyboard.press("m")

    def _play_on(self) -> None:
        """Until somebody is seen; who was away for too long begins anew."""
        page = self._page
        wait_for(
            page,
            "(mien.status.state === 'ready' && mien.frames.taken > 0 && mien.state.present)"
            " || mien.mode === 'notice'",
        )
        if page.evaluate("mien.mode") == "notice":
            wait_for(page, "['notice', 'attract'].includes(mien.way)")
            page.mouse.move(300, 200 + self.visits % 50)
            wait_for(page, "mien.way === 'notice'")
            page.get_by_test_id("choice").check()
            page.get_by_test_id("begin").click()

    def _break(self, happens: str) -> None:
        page = self._page
        match happens:
            case "camera lost":
                page.evaluate(UNPLUG)
                wait_for(page, "['lost', 'none'].includes(mien.camera)")
                page.wait_for_timeout(1000)
                page.evaluate(PLUG_IN)
                wait_for(page, "mien.camera === 'on' || mien.mode === 'notice'")
            case "worker killed":
                os.kill(worker(self.server)["pid"], signal.SIGKILL)
                wait_until(lambda: worker(self.server)["ready"], "a new worker")
            case "server restarted":
                self.server.stop()
                self.server = self._again(self.server.port).wait_until_ready()
                wait_for(page, "mien.connection === 'online'")
            case "tab hidden":
                other = page.context.new_page()
                other.bring_to_front()
                other.wait_for_timeout(1000)
                other.close()
                page.bring_to_front()

    def _leave(self, how: str) -> None:
        page = self._page
        if how == "captures and stops":
            page.keyboard.press("p")
        if how == "reloads":
            page.reload()
            wait_for(page, "mien.mode === 'notice' && mien.connection === 'online'")
        elif how == "walks away":
            wait_for(page, "mien.mode === 'notice'")
        elif page.evaluate("mien.mode") == "camera":
            page.evaluate("document.querySelector('[data-testid=stop]').click()")
            wait_for(page, "mien.mode === 'notice'")


def rows(early: Held, late: Held, visits: int) -> list[Row]:
    """How much more is held at the end than after the first visits."""
    what = f"a simulated hour ({visits} visits)"

    def grown(name: str) -> float:
        return 100 * (getattr(late, name) / getattr(early, name) - 1)

    found = [
        Row(f"{what}: {name} grown by", grown(field), "%", goal=at_most(limit))
        for name, field, limit in (
            ("the page's memory", "heap", 10),
            ("the memory of server and worker", "memory", 5),
        )
    ]
    for field in ("nodes", "listeners", "geometries", "textures", "files", "threads"):
        before, after = getattr(early, field), getattr(late, field)
        found.append(
            Row(f"{what}: {field} more than before", after - before, "", before, at_most(0))
        )
    return found
