"""The staff's password at the first start, and the desk of the real program."""

import http.cookiejar
import re
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request

import pytest

from tests.running import ROOT, Guest, Mien, wait_until

pytestmark = pytest.mark.socket


class Desk:
    """A browser at the desk."""

    def __init__(self, server: Mien) -> None:
        self.address = f"{server.url}/staff"
        self.origin = server.url
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._browser = urllib.request.build_opener(cookies)

    def page(self) -> str:
        return self._browser.open(self.address, timeout=20).read().decode()

    def enter(self, password: str) -> int:
        form = urllib.parse.urlencode({"password": password}).encode()
        request = urllib.request.Request(self.address, form, {"Origin": self.origin})
        try:
            return self._browser.open(request, timeout=20).status
        except urllib.error.HTTPError as error:
            return error.code


def test_the_first_start_shows_the_password_once_and_it_opens_the_desk(tmp_path, face):
    server = Mien(tmp_path, "--absence", "600")
    try:
        server.wait_until_ready()
        password = re.search(r"with the password (\S+)", server.log.read_text())[1]
        desk = Desk(server)
        assert desk.enter("guess") == 403
        assert "Tracker" not in desk.page()
        assert desk.enter(password) == 200
        assert "No page is open" in desk.page() and "All is well" not in desk.page()
        assert "0 of 4 places taken" in desk.page()
        with Guest(server.url) as guest:
            guest.consent().show_and_see(face)
            assert "1 of 4 places taken" in desk.page()
            told = {"camera": "on", "scene": "bloom", "quality": "fine", "rate": 30.5}
            guest.send("screen", {**told, "hidden": False})
            wait_until(lambda: "Camera on, bloom, fine quality" in desk.page(), "the screen")
            assert "All is well" in desk.page()
            guest.send("screen", {**told, "hidden": False, "camera": "lost"})
            wait_until(lambda: "gives no pictures" in desk.page(), "the camera's trouble")
            assert "All is well" not in desk.page()
            for bad in (
                None,
                told,
                {**told, "hidden": 1},
                {**told, "camera": "<b>", "hidden": True},
            ):
                heard = len(guest.heard)
                guest.send("screen", bad)
                guest.problem("bad-screen", heard)
            guest.send("screen", {**told, "hidden": False})
            wait_until(lambda: "All is well" in desk.page(), "the camera's coming back")
            worker = server.health()["perception"][0]["pid"]
            subprocess.run(["kill", "-9", str(worker)], check=True)
            wait_until(lambda: "Something needs a look" in desk.page(), "the trouble's mention")
            wait_until(lambda: "restarted once" in desk.page(), "the recovery's mention")
        server.stop()

        command = [sys.executable, "app.py", "--new-staff-password"]
        command += ["--data-folder", str(tmp_path / "data")]
        answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
        new = answer.stdout.split()[-1]
        assert answer.returncode == 0 and new != password

        server = Mien(tmp_path, port=server.port).wait_until_ready()
        assert "Tracker" not in desk.page()
        assert desk.enter(password) == 403 and desk.enter(new) == 200
        assert server.log.read_text().count("with the password") == 1
        assert new not in server.log.read_text()
    finally:
        if server.process.poll() is None:
            server.stop()
