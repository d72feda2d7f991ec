"""One rule for Host, Origin and proxies: pages, forms and sockets alike."""

import pytest
from flask import Flask, request

from server.web.entrance import Entrance, is_local, is_ours, is_same_origin

KEY = "AAAAAAAAAAAAAAAAAAAAAA=="
HANDSHAKE = {
    "Upgrade": "websocket",
    "Connection": "keep-alive, Upgrade",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": KEY,
}
PROXY = "192.0.2.1"
PROXIED = {
    "X-Forwarded-For": "203.0.113.9, 198.51.100.4",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "mien.museum.example",
}


def house(proxy=None, names=("localhost", "mien.museum.example", "*.kunst.example")):
    app = Flask("house")

    @app.before_request
    def look() -> dict:
        return {
            "local": is_local(),
            "same": is_same_origin(),
            "address": request.remote_addr,
            "url": request.host_url,
            "forwarded": [key for key in request.environ if "FORWARDED" in key],
        }

    app.wsgi_app = Entrance(app.wsgi_app, names, proxy)
    return app.test_client()


def ask(client, path="/", address="127.0.0.1", host="localhost", **headers):
    return client.get(
        path, headers={"Host": host, **headers}, environ_base={"REMOTE_ADDR": address}
    )


@pytest.mark.parametrize("path, more", [("/", {}), ("/socket.io/", HANDSHAKE)])
@pytest.mark.parametrize(
    "host, ours",
    [
        ("localhost", True),
        ("LOCALHOST:5000", True),
        ("127.0.0.1:5000", True),
        ("[::1]:5000", True),
        ("192.0.2.77", True),
        ("mien.museum.example.", True),
        ("a.kunst.example", True),
        ("kunst.example", False),
        ("a.b.kunst.example", False),
        ("rebound.example", False),
        ("127.0.0.1.rebound.example", False),
        ("127.0.0.1:5000@rebound.example", False),
        ("localhost,rebound.example", False),
        ("localhost:80:80", False),
        ("", False),
    ],
)
def test_whom_we_answer_for(path, more, host, ours):
    assert ask(house(), path, host=host, **more).status_code == (200 if ours else 421)


@pytest.mark.parametrize(
    "origin, code",
    [
        (None, 200),
        ("http://localhost", 200),
        ("https://localhost", 403),
        ("http://localhost:81", 403),
        ("http://elsewhere.example", 403),
        ("null", 403),
        ("", 403),
    ],
)
def test_whose_page_opens_a_socket(origin, code):
    more = HANDSHAKE | ({} if origin is None else {"Origin": origin})
    answer = ask(house(), "/socket.io/", **more)
    assert answer.status_code == code
    if origin is not None:
        assert ask(house(), Origin=origin).json["same"] == (code == 200), "forms have the same rule"


@pytest.mark.parametrize(
    "missing",
    [
        {"Upgrade": ""},
        {"Connection": "keep-alive"},
        {"Sec-WebSocket-Version": "8"},
        {"Sec-WebSocket-Key": ""},
        {"Sec-WebSocket-Key": "AAAA"},
        {"Sec-WebSocket-Key": "ü" * 24},
    ],
)
def test_half_a_handshake_takes_no_place(missing):
    assert ask(house(), "/socket.io/", **(HANDSHAKE | missing)).status_code == 400


def test_without_a_proxy_nobody_is_believed():
    answer = ask(house(), **PROXIED).json
    assert answer["address"] == "127.0.0.1" and answer["url"] == "http://localhost/"
    assert not answer["local"] and not answer["forwarded"]
    assert ask(house()).json["local"]
    for header in ("X-Real-IP", "Forwarded", "X-Forwarded-Server"):
        assert not ask(house(), **{header: "127.0.0.1"}).json["local"]


def test_only_the_proxy_is_believed():
    answer = ask(house(PROXY), address="192.0.2.2", **PROXIED).json
    assert answer["address"] == "192.0.2.2" and answer["url"] == "http://localhost/"


def test_the_proxy_says_who_asks_how_and_by_what_name():
    client = house(PROXY)
    answer = ask(client, address=PROXY, Origin="https://mien.museum.example", **PROXIED).json
    assert answer["address"] == "198.51.100.4", "what comes before the last is the client's word"
    assert answer["url"] == "https://mien.museum.example/" and answer["same"]
    assert not answer["local"] and not answer["forwarded"]
    for path, more in (("/", {}), ("/socket.io/", HANDSHAKE)):
        foreign = PROXIED | more | {"X-Forwarded-Host": "rebound.example"}
        assert ask(client, path, address=PROXY, **foreign).status_code == 421
    mapped = ask(client, address=f"::ffff:{PROXY}", **PROXIED).json
    assert mapped["address"] == "198.51.100.4"


@pytest.mark.parametrize("said", [None, "", "nonsense", "127.0.0.1, unknown"])
def test_a_proxy_that_does_not_say_who_asks_is_told_so(said):
    headers = {} if said is None else {"X-Forwarded-For": said}
    answer = ask(house("127.0.0.1"), **headers)
    assert answer.status_code == 400 and "X-Forwarded-For" in answer.text


def test_behind_a_proxy_on_this_machine_nobody_is_local():
    said = PROXIED | {"X-Forwarded-For": "127.0.0.1"}
    assert not ask(house("127.0.0.1"), **said).json["local"]


def test_names_are_matched_whole():
    assert is_ours("a.kunst.example:443", {"*.kunst.example"})
    assert not is_ours("*.kunst.example.evil", {"*.kunst.example"})
