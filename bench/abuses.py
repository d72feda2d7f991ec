"""Everything that strangers have tried: each abuse, what is expected, and what is seen.

Each that ever worked is here, so that tests/socket/test_abuses.py tries it again.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from urllib.parse import quote

import websocket
from itsdangerous import URLSafeTimedSerializer

from bench import bombs, floods
from bench.stranger import House, Page

CODES = ("bad-frame", "unknown-event", "bad-text", "too-large", "bad-dream")
WRONG = (None, 7, -1, 1.5, True, "x", "x" * 9000, [], [[[[]]]], {}, {"name": 3}, {"name": ["a"]})
WRONG += (
    {"name": "x" * 999},
    {"id": {}},
    {"token": 1},
    {"on": "yes"},
    {"name": "../../etc/passwd"},
)


@dataclass(frozen=True, slots=True)
class Abuse:
    """`act(house)` tries it and says what is seen, in the words of `expected`."""

    kind: str
    name: str
    expected: str
    act: Callable[[House], str]

    @property
    def title(self) -> str:
        return f"{self.kind}: {self.name}"


# -- events and packets ----------------------------------------------------------


def wrong_types(namespace: str, event: str, house: House) -> str:
    with Page(house, namespace) as page:
        for payload in WRONG:
            page.event(event, payload)
            page.event(event, payload, payload, payload)
        page.event(event)
        page.event(event, 1, {}, picture=b"\x00" * 2000)
        page.event("nonsense")  # answered last
        return page.hears("unknown-event")


def reserved(namespace: str, house: House) -> str:
    with Page(house, namespace) as page:
        for name in ("connect", "disconnect", "connect_error", "*"):
            page.event(name, {})
            if page.hears("unknown-event") != "unknown-event":
                return f"{name} is taken"
    return "refused"


def four_visits_and_a_fifth(house: House) -> str:
    """B1 as it was found: more visits than seats, each overwritten before it ends."""
    for _ in range(5):
        with Page(house) as page:
            page.event("consent")
            page.event("connect", {})
            page.hears("unknown-event")
    with Page(house) as page:
        page.event("consent")
        return "gets in" if page.hears('"state":"ready"') != "closed" else "waits for ever"


def packet(text: str, house: House) -> str:
    with Page(house) as page:
        page.say(text)
        page.event("nonsense")
        heard = page.hears(*CODES)
        return "refused" if heard in (*CODES, "closed") else heard


def joins_nothing(house: House) -> str:
    with Page(house, join=False) as page:
        return page.hears("never said")


def workshop_without_password(house: House) -> str:
    with Page(house, "/workshop") as page:
        page.event("train")
        page.say('42["clock"]')
        return (
            page.hears("welcome", seconds=3)
            .replace("nothing", "refused")
            .replace("closed", "refused")
        )


# -- pictures --------------------------------------------------------------------


def frame(picture: Callable[[], bytes], house: House) -> str:
    content = picture()
    with Page(house) as page:
        page.event("consent")
        if page.hears('"state":"ready"', '"state":"waiting"') == "closed":
            return "closed"
        page.event("frame", 1, {}, picture=content)
        return page.hears("bad-frame", "too-large", "no-consent", '"scene",{"time"')


def frames_again_and_again(house: House) -> str:
    content = bombs.scans()
    with Page(house) as page:
        page.event("consent")
        page.hears('"state":"ready"')
        for number in range(10):
            page.event("frame", number, {}, picture=content)
            if page.hears("bad-frame") == "closed":
                return "sent away"
    return "stays"


def capture(picture: Callable[[], bytes], own: bool, house: House) -> str:
    content = picture()
    with Page(house) as page:
        token = page.visit()
        path = "/art/captures?engine=monet&scene=landscape" + "&own=1" * own
        return house.code("POST", path, content, X_Mien_Visit=token)


def canvas(picture: Callable[[], bytes], house: House) -> str:
    with Page(house) as page:
        page.visit()
        page.event("canvas", 1, {"engine": "monet"}, picture=picture()[:99_000])
        return page.hears('"outcome":"dropped"', "bad-canvas", '"outcome":"painted"')


# -- names, cookies, tokens -------------------------------------------------------


def get(path: str, house: House) -> str:
    return house.code("GET", path)


def raw(request: bytes, house: House) -> str:
    with house.line(request) as line:
        answer = b""
        with contextlib.suppress(OSError):
            answer = line.recv(1000)
    return answer.split(b" ")[1].decode() if answer.startswith(b"HTTP/") else "closed"


def replay(name: str, house: House) -> str:
    with Page(house) as page:
        page.event("replay", {"name": name})
        return page.hears("unknown-replay", '"scene",{')


def engine(name: str, house: House) -> str:
    with Page(house) as page:
        token = page.visit()
        path = f"/art/captures?engine={quote(name)}&scene={quote(name)}"
        return house.code("POST", path, bombs.png(), X_Mien_Visit=token)


def cookie(value: str, house: House) -> str:
    return house.code("GET", "/workshop", Cookie=f"mien={value}")


def foreign_cookie(house: House) -> str:
    """Well-formed, and signed with another key."""
    signer = URLSafeTimedSerializer("x" * 64, salt="cookie-session")
    return cookie(signer.dumps({"staff": "x", "id": "x"}), house)


def copied_cookie(house: House) -> str:
    own = house.staff()
    house.ask("POST", "/staff/leave", Cookie=own)
    return house.code("GET", "/workshop", Cookie=own)


def foreign_form(house: House) -> str:
    return house.code("POST", "/staff", b"password=x", Origin="http://elsewhere.example")


def forged_token(token: str, house: House) -> str:
    path = "/art/captures?engine=monet&scene=landscape"
    return house.code("POST", path, bombs.png(), X_Mien_Visit=token)


def token_of_another(house: House) -> str:
    with Page(house) as one, Page(house) as other:
        mine, foreign = one.visit(), other.visit()
        path = "/art/captures?engine=monet&scene=landscape"
        status, answer = house.ask("POST", path, bombs.png(), X_Mien_Visit=mine)
        if status != 202:
            return answer
        id = json.loads(answer)["id"]
        return house.code("DELETE", f"/art/pictures/{id}", X_Mien_Visit=foreign)


def half_characters(house: House) -> str:
    with Page(house) as page:
        page.say('42["consent",{"token":"\\ud800"}]')
        return page.hears("bad-text")


def guesses(house: House) -> str:
    kind = {"Content_Type": "application/x-www-form-urlencoded"}
    codes = [
        house.code("POST", "/staff", b"password=guess", X_Forwarded_For=f"192.0.2.{n}", **kind)
        for n in range(20)
    ]
    house_waits = codes[-1]
    time.sleep(21)  # the door opens again for those who know it
    return house_waits


# -- who asks, and for whom --------------------------------------------------------


def host(name: str, house: House) -> str:
    return house.code("GET", "/", Host=name, Origin=f"http://{name}")


def socket_of(host: str | None, origin: str, forwarded: bool, house: House) -> str:
    more = {"header": {"X-Forwarded-Host": "rebound.example"}} if forwarded else {}
    try:
        with Page(house, host=host, origin=origin, **more):
            return "101"
    except websocket.WebSocketBadStatusException as error:
        return str(error.status_code)


def forwarded_debug(house: House) -> str:
    headers = {"X_Forwarded_For": "127.0.0.1", "Content_Type": "application/octet-stream"}
    return house.code("POST", "/debug/recordings", b"x", **headers)


def forwarded_page(house: House) -> str:
    _, page = house.ask("GET", "/", X_Forwarded_For="127.0.0.1", X_Forwarded_Host="x.example")
    return "believed" if 'data-debug="on"' in page or "x.example" in page else "not believed"


# -- recordings as CSV -------------------------------------------------------------


def csv(content: Callable[[], bytes], house: House) -> str:
    path = "/workshop/recordings.csv?person=x&name=" + quote("../../x.csv")
    return house.code("POST", path, content(), Cookie=house.staff())


HEAD = b"class," + b",".join(b"x%d,y%d,z%d,v%d" % (n, n, n, n) for n in range(1, 34)) + b"\n"


# -- all of them ---------------------------------------------------------------------

EVENTS = {
    "": ("touch", "consent", "stop", "frame", "command", "art", "canvas", "replay", "record"),
    "/generate": ("dream", "wake"),
}
PACKETS = {
    "attachments without end": '4599999-["frame",{"_placeholder":true,"num":0}]',
    "bytes that are nowhere": '451-["frame",{"_placeholder":true,"num":"x"}]',
    "an answer that nobody asked for": "4377[1]",
    "an error": '44{"message":"x"}',
    "an event without a name": "42[]",
    "an event that is an object": "42{}",
    "a name that is a list": '42[["clock"]]',
    "lists without end": "42" + "[" * 9000,
    "deep lists": '42["touch",' + "[" * 50 + "]" * 50 + "]",
    "a number without end": '42["command",{"name":Infinity}]',
    "text of a megabyte": '42["touch","' + "x" * 50_000 + '"]',
    "an id of a thousand digits": "42" + "9" * 1000 + '["clock"]',
    "an unknown kind": "49",
    "an unknown namespace": "40/nowhere,",
}


def chosen() -> list[Abuse]:
    """Every abuse, in the order in which they are tried."""
    found = [
        Abuse("events", f"{event} of wrong types", "unknown-event", partial(wrong_types, ns, event))
        for ns, events in EVENTS.items()
        for event in events
    ]
    found += [
        Abuse(
            "events", f"Socket.IO's own names in {name or '/'}", "refused", partial(reserved, name)
        )
        for name in EVENTS
    ]
    found += [
        Abuse("packets", name, "refused", partial(packet, text)) for name, text in PACKETS.items()
    ]

    def add(kind: str, expected: str, act: Callable, **named: tuple) -> None:
        for name, arguments in named.items():
            found.append(Abuse(kind, name.replace("_", " "), expected, partial(act, *arguments)))

    add("events", "gets in", four_visits_and_a_fifth, visits_overwritten_before_they_end=())
    add("events", "bad-text", half_characters, half_characters_in_a_token=())
    add("events", "refused", workshop_without_password, the_workshop_without_a_password=())
    add("packets", "closed", joins_nothing, a_connection_that_joins_nothing=())
    add(
        "bombs",
        "bad-frame",
        frame,
        frame_of_40000_scans=(bombs.scans,),
        frame_of_many_baseline_scans=(bombs.baseline_scans,),
        frame_of_90000_comments=(bombs.segments,),
        frame_of_4_billion_pixels=(bombs.wide,),
        progressive_frame=(partial(bombs.jpeg, progressive=True),),
        frame_that_is_a_PNG=(bombs.png,),
        frame_that_is_a_WebP_animation=(bombs.animated_webp,),
        frame_that_is_cut_off=(lambda: bombs.jpeg()[:-200],),
    )
    add("bombs", "sent away", frames_again_and_again, frames_of_40000_scans_again_and_again=())
    for own in (False, True):
        what = "own picture" if own else "capture"
        for name, bomb in CAPTURES.items():
            expected = "422" if own else "400"  # monet takes none of one's own, whatever they are
            found.append(Abuse("bombs", f"{what} {name}", expected, partial(capture, bomb, own)))
    add(
        "bombs",
        '"outcome":"dropped"',
        canvas,
        canvas_of_many_scans=(partial(bombs.scans, (256, 256), 98_000),),
    )
    for path in TRAVERSALS:
        found.append(Abuse("traversal", path[:60], "404", partial(get, path)))
    add("traversal", "unknown-replay", replay, replay_of_a_file=("../../../etc/passwd",))
    add("traversal", "404", engine, engine_of_a_folder=("../../instance",))
    add("traversal", "400", csv, CSV_with_a_path_for_a_name=(lambda: b"x",))
    add(
        "cookies",
        "303",
        cookie,
        made_up=("eyJzdGFmZiI6IiJ9.aaaa.bbbb",),
        empty=("",),
        bytes=("ÿ" * 300,),
    )
    add("cookies", "303", foreign_cookie, signed_with_another_key=())
    add("cookies", "303", copied_cookie, copied_before_leaving=())
    add("cookies", "403", foreign_form, form_of_another_page=())
    add(
        "cookies",
        "401",
        forged_token,
        visit_made_up=("x" * 32,),
        visit_empty=("",),
        visit_of_bytes=("ÿ\x80",),
    )
    add("cookies", "404", token_of_another, visit_of_somebody_else=())
    add(
        "names",
        "421",
        host,
        a_foreign_name=("rebound.example",),
        no_name=("",),
        two_names=("127.0.0.1, x",),
    )
    rebound = "http://rebound.example"
    add("names", "421", socket_of, a_socket_by_a_foreign_name=("rebound.example", rebound, False))
    add("names", "403", socket_of, a_socket_of_a_foreign_page=(None, rebound, False))
    add("names", "403", socket_of, a_socket_with_a_forwarded_name=(None, rebound, True))
    add("names", "403", forwarded_debug, a_recording_passed_on=())
    add("names", "not believed", forwarded_page, the_page_with_forwarded_names=())
    add("CSV", "400", csv, **CSVS)
    add("CSV", "413", csv, larger_than_is_taken=(lambda: bytes(70_000_000),))
    add("slow", "gets in", floods.lines, a_thousand_silent_lines=(b"",))
    add("slow", "gets in", floods.lines, a_thousand_half_heads=(b"GET / HTTP/1.1\r\nHost: 127",))
    add("slow", "gets in", floods.lines, a_thousand_half_bodies=(floods.BODY,))
    add("slow", "gets in", floods.lines, a_thousand_half_upgrades=(floods.UPGRADE,))
    add("slow", "cut", floods.byte_by_byte, a_head_byte_by_byte=())
    add("slow", "cut", floods.pieces, a_message_in_endless_pieces=())
    add("floods", "gets in", floods.control_frames, pings_of_the_websocket=())
    add("floods", "gets in", floods.pipelined, requests_in_a_row=())
    add("floods", "gets in", floods.flood, clock=('42["clock"]', 5000), nonsense=('42["x"]', 5000))
    long = '42["x","' + "x" * 9000 + '"]'
    add("floods", "gets in", floods.flood, text_of_nine_kilobytes=(long, 2000))
    add("floods", "gets in", floods.comings_and_goings, comings_and_goings=())
    add("floods", "gets in", floods.joins_and_leaves, visits_begun_and_left=())
    add("floods", "gets in", floods.large_messages, frames_of_400_kB_before_consent=())
    add("floods", "202", floods.the_art_line, nine_connections_in_the_art_line=())
    add("floods", "401", floods.too_many_pages, more_pages_than_an_address_may_have=())
    add("floods", "429", guesses, passwords_from_forged_addresses=())
    return found


CAPTURES = {
    "with texts that unpack to 60 MB": bombs.text_bomb,
    "that is an animation": bombs.animation,
    "in 300,000 parts": bombs.chunks,
    "of 400 million pixels": bombs.pixel_bomb,
    "that is a JPEG of 40,000 scans": bombs.scans,
    "that is a WebP animation": bombs.animated_webp,
    "that is nothing": lambda: b"nothing",
}
TRAVERSALS = (
    "/static/../instance/secret_key",
    "/static/%2e%2e/%2e%2e/instance/secret_key",
    "/static/..%2f..%2finstance%2fsecret_key",
    "/art/pictures/..%2f..%2fsecret_key.png",
    "/art/references/%00.jpg",
    "/art/looks/" + "a" * 5000 + ".png",
    "/%ff%fe",
)
CSVS = {
    "a million columns": (lambda: b"x," * 1_000_000,),
    "a quote that never ends": (lambda: HEAD + b'"' + b"x" * 5_000_000,),
    "numbers that are none": (lambda: HEAD + b"pose" + b",nan,inf,-inf,1e999" * 33 + b"\n",),
    "null bytes": (lambda: HEAD + bytes(100_000),),
    "UTF-16": (lambda: HEAD.decode().encode("utf-16"),),
    "a formula": (lambda: HEAD + b"=cmd|' /C calc'!A0" + b",0,0,0,0" * 33 + b"\n",),
    "nothing": (lambda: b"",),
}
