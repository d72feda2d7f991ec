"""docs/protocol.md names every event, every code and every field, and nothing else."""

import re

import pytest

from server.art.generation_requests import FORMS, STYLES
from server.art.jobs import OVER, Job
from server.studio import FAILURES, art_message
from server.visit_state import STATES
from tests.running import ROOT

PAGE = (ROOT / "docs" / "protocol.md").read_text()
EVENTS = (ROOT / "server" / "web" / "events.py").read_text()
VISITORS = (ROOT / "server" / "visitors.py").read_text()
WORKSHOP = (ROOT / "server" / "workshop" / "workshop.py").read_text()
WORKSHOP_EVENTS = (ROOT / "server" / "web" / "workshop_events.py").read_text()
STUDIO = (ROOT / "server" / "studio.py").read_text()
ART = (ROOT / "server" / "web" / "art.py").read_text()
GENERATE_EVENTS = (ROOT / "server" / "web" / "generate_events.py").read_text()
ART_SERVICE = (ROOT / "server" / "art" / "service.py").read_text()
PACKETS = (ROOT / "server" / "web" / "packets.py").read_text()
APPLICATION = (ROOT / "server" / "application.py").read_text()


def section(title: str) -> str:
    return re.search(rf"^## {title}$(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE)[1]


def first_column(text: str) -> set[str]:
    return set(re.findall(r"^\| `([\w-]+)` \|", text, re.MULTILINE))


def test_events_from_the_browser():
    handled = set(re.findall(r'socketio\.on\("([\w-]+)"\)', EVENTS)) - {"connect", "disconnect"}
    assert first_column(section("From the browser")) == handled


def test_events_and_codes_from_the_server():
    sent = set(re.findall(r'_send\(\s*\w+,\s*"(\w+)"', VISITORS))
    sent |= set(re.findall(r'_send\(\s*\w+,\s*"(\w+)"', STUDIO))
    sent |= set(re.findall(r'emit\(\s*"(\w+)"', EVENTS + APPLICATION))
    codes = set(re.findall(r'refuse\(\s*"([\w-]+)"', EVENTS))
    codes |= set(re.findall(r'"code": "([\w-]+)"', VISITORS))
    codes |= set(re.findall(r'Refused\(\s*"([\w-]+)"', PACKETS))
    assert first_column(section("From the server")) == sent | codes


@pytest.mark.parametrize(
    "name", ["version", "emotion", "frame", "replays", "absence", "camera", "saving", "art"]
)
def test_the_welcome_is_described(name):
    assert f"`{name}`" in section("From the server")
    fields = re.search(r"welcome = \{(.*?)\n    \}", APPLICATION, re.DOTALL)[1]
    assert set(re.findall(r'^        "(\w+)":', fields, re.MULTILINE)) == {
        "version",
        "emotion",
        "frame",
        "replays",
        "absence",
        "camera",
        "saving",
        "art",
    }


def test_pictures_are_described():
    described = section("Pictures")
    codes = set(re.findall(r'problem\(\s*"([\w-]+)"', ART)) | {"full", "enough", *FAILURES}
    for code in codes | {"deleted", *OVER}:
        assert f"`{code}`" in described, code
    fields = set(art_message(Job("", "", ""), None)) - {"message"}
    assert first_column(described) | {"code"} == fields


def test_dreams_are_described():
    described = section("Dreams")
    from_page, to_page, wish = re.split(r"\| to the page \||`dream` has", described)
    handled = set(re.findall(r'socketio\.on\("(\w+)", namespace', GENERATE_EVENTS))
    assert first_column(from_page) == handled - {"connect", "disconnect"}
    sent = set(re.findall(r'_on_dream\([\w\[\]]+, "(\w+)"', ART_SERVICE))
    sent |= set(re.findall(r'emit\(\s*"(\w+)"', GENERATE_EVENTS))
    assert first_column(to_page) == sent
    read = set(re.findall(r'data\.get\("(\w+)"', GENERATE_EVENTS))
    assert first_column(wish) == read
    codes = set(re.findall(r'refuse\("([\w-]+)"', GENERATE_EVENTS))
    for word in codes | {*STYLES, *FORMS}:
        assert f"`{word}`" in described, word


def test_the_way_is_described():
    described = set(re.findall(r"^\| `(\w+)` \| ", section("The way"), re.MULTILINE))
    assert described == set(STATES)


def test_the_workshop_is_described():
    from_page, to_page = section("The workshop").split("| to the page |")
    handled = set(re.findall(r' on\("(\w+)"', WORKSHOP_EVENTS.replace("@", " ")))
    handled |= set(re.findall(r'socketio\.on\("(\w+)"', WORKSHOP_EVENTS))
    assert first_column(from_page) == handled - {"connect", "disconnect"}
    sent = set(re.findall(r'_send\(\s*\w+,\s*"(\w+)"', WORKSHOP))
    sent |= set(re.findall(r'_tell\(\s*"(\w+)"', WORKSHOP))
    sent |= set(re.findall(r'emit\(\s*"(\w+)"', WORKSHOP_EVENTS))
    assert first_column(to_page) == sent


def test_the_workshop_s_state_is_described():
    fields = re.findall(r'^ {16}"(\w+)":', WORKSHOP, re.MULTILINE)
    assert {"poses", "takes", "versions", "live", "gone", "figures"} <= set(fields)
    for name in (*fields, "broken"):
        assert f"`{name}`" in section("The workshop"), name
