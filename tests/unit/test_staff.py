"""The desk's words and its door, on the Flask application alone."""

from dataclasses import replace

import pytest
from flask import Flask

from server.password import first_password, new_password
from server.screens import Report, Screens, Wish
from server.settings import Settings, SettingsError
from server.web.pages import ROOT
from server.web.security import secure
from server.web.staff import ATTEMPTS, duration, in_words, staff

WORKER = {"ready": True, "restarts": 0, "memory": 700 * 2**20}
HEALTH = {
    "visitors": {"connected": 3, "camera": 1, "waiting": 0, "replay": 0, "attract": 2, "visits": 9},
    "perception": [WORKER],
    "problems": [],
    "art": {"workers": [WORKER], "jobs": 1, "made": 7},
    "outside": {"looks": 60, "seen": []},
}
FINE = ("Screen 1, this machine", "Camera on.", True)
ORIGIN = {"Origin": "http://localhost"}


def report(camera: str, scene="bloom", rate=58.0, hidden=False) -> Report:
    return Report(camera, scene, "fine", rate, hidden)


class Door:
    """A browser's part."""

    def __init__(self, folder) -> None:
        self.health = HEALTH
        self.screens, self.wish = [FINE], Wish("", 0, True)
        self.settings = replace(Settings(), data_folder=folder)
        self.password = first_password(self.settings)
        app = Flask("door", root_path=str(ROOT), template_folder="templates")
        app.secret_key = "s" * 32
        secure(app)
        app.register_blueprint(staff(self.settings, lambda: self.health, self))
        self.client = app.test_client()

    def lines(self):
        return self.screens

    def choose(self, camera: str, turn: str, mirror: bool) -> None:
        screens = Screens(self.wish)
        screens.choose(camera, turn, mirror)
        self.wish = screens.wish

    def enter(self, password: str, headers=ORIGIN, **options):
        data = {"password": password}
        return self.client.post("/staff", data=data, headers=headers, **options)

    def page(self) -> str:
        return self.client.get("/staff").text


@pytest.fixture
def door(tmp_path):
    return Door(tmp_path)


def test_without_the_password_there_is_only_the_door(door):
    assert 'type="password"' in door.page()
    assert "Tracker" not in door.page()
    answer = door.enter("wrong")
    assert answer.status_code == 403 and "not the password" in answer.text
    assert "Tracker" not in door.page()


def test_with_it_the_desk_is_seen_until_one_leaves(door):
    answer = door.enter(door.password)
    assert answer.status_code == 303
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie and "Secure" not in cookie
    assert "All is well" in door.page() and "9" in door.page()
    assert door.client.get("/staff").headers["Cache-Control"] == "no-store"
    door.client.post("/staff/leave", headers=ORIGIN)
    assert 'type="password"' in door.page()


def test_a_cookie_copied_before_leaving_is_nothing_afterwards(door):
    cookie = door.enter(door.password).headers["Set-Cookie"].partition(";")[0].partition("=")[2]
    door.client.post("/staff/leave", headers=ORIGIN)
    door.client.set_cookie("mien", cookie)
    assert 'type="password"' in door.page()
    door.enter(door.password)
    assert "All is well" in door.page(), "leaving ends one session, not the door"


def test_leaving_at_one_screen_leaves_the_others(door):
    other = door.client.application.test_client()
    door.enter(door.password)
    data = {"password": door.password}
    other.post("/staff", data=data, headers=ORIGIN)
    door.client.post("/staff/leave", headers=ORIGIN)
    assert "All is well" in other.get("/staff").text


def test_a_damaged_password_file_lets_nobody_in(door):
    file = door.settings.data_folder / "staff_password"
    for content in (b"", b"\xff\xfe\x00", b"hello", b"scrypt:1$x", b"plain$x$x"):
        file.write_bytes(content)
        assert door.enter(door.password).status_code in (403, 429)
        with pytest.raises(SettingsError, match="--new-staff-password"):
            first_password(door.settings)


def test_with_https_the_cookie_stays_there(tmp_path):
    door = Door(tmp_path)
    origin = {"Origin": "https://localhost"}
    answer = door.enter(door.password, origin, base_url="https://localhost")
    assert "Secure" in answer.headers["Set-Cookie"]


def test_a_new_password_ends_every_session(door):
    door.enter(door.password)
    assert "All is well" in door.page()
    new = new_password(door.settings)
    assert 'type="password"' in door.page()
    assert door.enter(door.password).status_code == 403
    assert door.enter(new).status_code == 303


@pytest.mark.parametrize("origin", [None, "null", "https://localhost", "http://elsewhere.example"])
def test_a_form_from_elsewhere_is_refused(door, origin):
    headers = {} if origin is None else {"Origin": origin}
    answer = door.enter(door.password, headers)
    assert answer.status_code == 403
    assert "Set-Cookie" not in answer.headers
    door.enter(door.password)
    assert door.client.post("/staff/leave", headers=headers).status_code == 403
    assert "All is well" in door.page()


def test_attempts_are_counted_by_address(door):
    for _ in range(ATTEMPTS):
        assert door.enter("wrong").status_code == 403
    assert door.enter(door.password).status_code == 429, "even the right one has to wait"
    other = {"REMOTE_ADDR": "192.0.2.7"}
    assert door.enter(door.password, environ_base=other).status_code == 303


def test_a_huge_form_is_refused(door):
    assert door.enter("x" * 100_000).status_code == 413


def test_a_cookie_made_up_is_nothing(door):
    door.client.set_cookie("mien", "eyJzdGFmZiI6IiJ9.aaaa.bbbb")
    assert 'type="password"' in door.page()


def test_the_page_has_no_inline_script_or_style(door):
    for page in (door.page(), door.enter(door.password) and door.page()):
        assert "<script" not in page.replace('<script src="/static/staff.js" defer></script>', "")
        assert "style=" not in page and "<style" not in page


def test_trouble_is_said_in_words():
    worker = {**WORKER, "ready": False, "restarts": 3}
    lines = in_words({**HEALTH, "perception": [worker]}, [FINE], 60.0, Settings())
    (tracker,) = [line for line in lines if line[0] == "Tracker"]
    assert not tracker[2] and "restart Mien" in tracker[1]
    assert lines[0] == tracker, "what is wrong comes first"
    again = in_words(
        {**HEALTH, "perception": [{**worker, "ready": True}]}, [FINE], 60.0, Settings()
    )
    assert again[:2] == [FINE, ("Tracker", "It sees; restarted 3 times.", True)]


def test_all_is_well_only_where_a_page_is_open_and_its_camera_works(door):
    door.enter(door.password)
    assert "All is well" in door.page()
    door.health = {**HEALTH, "problems": ["2 seats are taken, but nobody is connected."]}
    assert "All is well" not in door.page() and "2 seats are taken" in door.page()
    door.health, door.screens = HEALTH, []
    assert "All is well" not in door.page() and "No page is open" in door.page()
    door.screens = [FINE, ("Screen 2, 10.0.0.7", "Its camera does not answer.", False)]
    page = door.page()
    assert "All is well" not in page
    assert page.index("Screen 2") < page.index("Screen 1") < page.index("Tracker")


@pytest.mark.parametrize(
    "reports, silence, words, well",
    [
        ([], 1, "just been opened", True),
        ([report("on")], 3, "Camera on, bloom, fine quality, 58 frames a second, heard 3 s", True),
        ([report("off")], 3, "nobody has agreed", True),
        ([report("denied")], 3, "allow it beside the address", False),
        ([report("none")], 3, "plug one in", False),
        ([report("lost"), report("off")], 3, "gives no pictures", False),
        ([report("lost"), report("on"), report("off")], 3, "nobody has agreed", True),
        ([report("on", rate=2.0)], 3, "only 2 frames a second", False),
        ([report("hidden", rate=0.0, hidden=True)], 60, "not in view", True),
        ([report("on", scene="")], 3, "WebGL 2", False),
        ([report("on")], 300, "said nothing for 300 seconds", False),
    ],
)
def test_a_screen_says_what_is_wrong_with_it(monkeypatch, reports, silence, words, well):
    now = 1000.0
    monkeypatch.setattr("server.screens.time.monotonic", lambda: now)
    screens = Screens(Wish("", 0, True))
    screens.arrive("page", "127.0.0.1")
    for one in reports:
        screens.tell("page", one)
    now += silence
    ((name, said, fine),) = screens.lines()
    assert name == "Screen 1, this machine" and words in said and fine is well
    screens.leave("page")
    screens.tell("page", report("on"))
    assert screens.lines() == []


def test_nothing_at_the_desk_comes_from_a_face(door):
    door.enter(door.password)
    for word in ("angry", "disgust", "fear", "happy", "sad", "surprise", "mixture"):
        assert word not in door.page()


def test_durations():
    assert duration(30) == "less than a minute"
    assert duration(60 * 61) == "1 hour, 1 minute"
    assert duration(2 * 86_400 + 7200) == "2 days, 2 hours"
