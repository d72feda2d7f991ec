"""create_app(settings): the only place where the parts are wired together."""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TextIO

from flask import Flask
from flask_socketio import SocketIO

from models import registry
from server import VERSION, lock, machine
from server.agreement import Agreement, Books, sleeping
from server.art import generation_requests
from server.art.engines import described, has_live, offered
from server.art.service import Art
from server.certificate import https_context, keep_current
from server.clock import MACHINE, Clock
from server.concurrency import aside, serve
from server.door import Door, most_lines
from server.gallery.gallery import Gallery
from server.outside import Outside
from server.perception import recording
from server.perception.service import Perception
from server.process import Supervisor
from server.screens import Screens, Wish
from server.settings import Settings, secret_key
from server.stage import load_mappings
from server.studio import Studio
from server.visitors import Visitors
from server.web import events, generate_events, workshop_events
from server.web.art import art_pages
from server.web.debug import debug
from server.web.entrance import Entrance
from server.web.limits import ConnectionLimit, Guard
from server.web.packets import checked
from server.web.pages import ROOT, pages
from server.web.security import secure
from server.web.staff import staff
from server.web.workshop import workshop_pages
from server.workshop.workshop import Workshop

log = logging.getLogger(__name__)

SLACK = 200_000
"""Bytes a message may be larger than a frame before the connection is closed without an answer."""


@dataclass(frozen=True, slots=True)
class Application:
    """What `create_app` has wired together."""

    flask: Flask
    socketio: SocketIO
    supervisor: Supervisor
    gallery: Gallery
    start: Callable[[], None]
    """Starts the workers, and what goes on in the background."""
    lock: TextIO
    """Keeps other servers out of the data folder while it is open."""

    def serve(self, settings: Settings, clock: Clock = MACHINE) -> None:
        """Start the workers and serve until a signal ends the process."""
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, self._end)
        door = Door(settings.proxy, most=most_lines(settings.max_connections))
        tls = https_context(settings, clock) if settings.https else None
        if tls:
            background = self.socketio.start_background_task
            background(keep_current, tls, settings, clock, self.socketio.sleep)
        require_free_port(settings.host, settings.port)
        try:
            self.start()
            serve(self.flask, settings.async_mode, settings.host, settings.port, door, tls)
        finally:
            self.supervisor.stop()

    def _end(self, signum: int, _frame: object) -> None:
        """Children first, then ourselves: nothing is left, and the port is free at once.

        No exception is raised instead: it would surface in whichever green
        thread happens to run.
        """
        self.supervisor.stop()
        self.gallery.end()
        log.info("stopped by %s", signal.Signals(signum).name)
        logging.shutdown()
        os._exit(0)


def require_free_port(host: str, port: int) -> None:
    """Raises OSError when another server listens there: eventlet would share the port with it."""
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            raise OSError(
                f"port {port} of {host} cannot be used ({error.strerror}). Stop the program that "
                "holds it, or choose another one with --port"
            ) from error


def create_app(settings: Settings, clock: Clock = MACHINE) -> Application:
    """Wire everything together.

    Raises OSError when another server has the data folder, and what the parts raise.
    """
    held = lock.hold(settings.data_folder)  # before anything in it is looked at, or forgotten
    for name in ("pose", "expression", "mean_face") if settings.emotion else ("pose",):
        registry.check(name)  # the workers load it; what is wrong with it is better said now
    engines = offered(settings)
    live = [name for name in engines if has_live(settings, name)]
    dreaming = generation_requests.offered(settings)
    app = Flask("mien", root_path=str(ROOT), static_folder="static", template_folder="templates")
    app.secret_key = secret_key(settings)
    socketio = SocketIO(
        app,
        async_mode=settings.async_mode,
        # events of one browser are done in turn: a flood slows only itself down
        async_handlers=False,
        transports=["websocket"],
        max_http_buffer_size=settings.max_frame_bytes + SLACK,
        # a page whose machine or network died is noticed within eight seconds
        ping_interval=3,
        ping_timeout=5,
        manage_session=False,
        cors_allowed_origins=[],  # the entrance has looked already
        serializer=checked(lambda namespace: socketio.server.handlers.get(namespace, ())),
    )
    limit = ConnectionLimit(settings.max_connections, settings.max_connections_per_address)
    guard = Guard(socketio, limit)
    supervisor = Supervisor(socketio.start_background_task, socketio.sleep)
    perception = Perception(settings, supervisor)
    recordings = recording.load_all()
    sending = threading.Lock()

    def send(visitor: str, event: str, *payload: object) -> None:
        with sending:  # text and bytes of one message stay together, on real threads too
            socketio.emit(event, payload, to=visitor)

    def send_dream(page: str, event: str, about: dict, file: bytes | None) -> None:
        payload = (about,) if file is None else (about, file)
        with sending:
            socketio.emit(event, payload, to=page, namespace=generate_events.NAMESPACE)

    art = Art(
        settings,
        engines,
        socketio.start_background_task,
        socketio.sleep,
        supervisor,
        perception.delay,
        dreaming,
    )
    gallery = Gallery(settings.data_folder / "gallery", clock)
    studio = Studio(
        settings,
        art,
        gallery,
        send=send,
        start_task=socketio.start_background_task,
        sleep=socketio.sleep,
        clock=clock,
    )

    visitors = Visitors(
        settings,
        perception,
        recordings,
        send=send,
        start_task=socketio.start_background_task,
        sleep=socketio.sleep,
        on_visit=studio.on_visit,
        send_away=guard.send_away,
        clock=clock,
    )
    frame = {
        "width": settings.frame_width,
        "height": settings.frame_height,
        "quality": 0.7,
        "rate": 30,
    }
    wish = Wish(settings.camera or "", settings.camera_turn, settings.mirror)
    welcome = {
        "version": VERSION,
        "emotion": settings.emotion,
        "frame": frame,
        "replays": list(recordings),
        "absence": settings.absence,
        "camera": wish._asdict(),
        "saving": settings.saving,
        "art": {
            "engines": [described(settings, name) for name in engines],
            "sound": settings.sound,
            "own": settings.own_pictures,
        },
    }

    seen_by_staff = {"frame": frame, "camera": wish._asdict()}

    def want(wish: Wish) -> None:
        welcome["camera"] = seen_by_staff["camera"] = wish._asdict()
        socketio.emit("camera", welcome["camera"])

    screens = Screens(wish, on_wish=want)

    def send_staff(page: str, event: str, *payload: object) -> None:
        with sending:
            socketio.emit(event, payload, to=page, namespace=workshop_events.NAMESPACE)

    def tell_staff(event: str, *payload: object) -> None:
        with sending:
            socketio.emit(event, payload, namespace=workshop_events.NAMESPACE)

    workshop = Workshop(
        settings.data_folder / "workshop",
        load_mappings().triggers,
        perception,
        supervisor,
        on_published=visitors.teach,
        on_place_free=visitors.advance_line,
        send=send_staff,
        tell=tell_staff,
        start_task=socketio.start_background_task,
        sleep=socketio.sleep,
    )

    def books() -> Books:
        connections, counted = guard.connections()
        seats, line = visitors.seats()
        seated = {name for name, seat in seats.items() if seat == "camera"} | workshop.seated()
        waiting = {name for name, seat in seats.items() if seat == "waiting"}
        pages, lent = guard.pages(), perception.lent()
        return Books(connections, counted, pages, seats, seated, lent, waiting, line)

    agreement = Agreement(books)
    outside = Outside()

    def health() -> dict:
        trackers, painters = perception.health(), art.health()
        problems = sleeping(trackers, "perception worker") + agreement.problems()
        return {
            "problems": problems + sleeping(painters["workers"], "painter"),
            "visitors": visitors.health(),
            "perception": trackers,
            "art": painters,
            "outside": outside.health(),
        }

    secure(app)
    app.wsgi_app = Entrance(app.wsgi_app, machine.names(settings), settings.proxy)
    app.register_blueprint(pages(settings, bool(engines), dreaming, health))
    app.register_blueprint(staff(settings, health, screens, aside(settings.async_mode)))
    app.register_blueprint(debug(settings, visitors))
    app.register_blueprint(workshop_pages(settings, workshop))
    app.register_blueprint(art_pages(studio, visitors, engines, settings.own_pictures))
    events.register(socketio, settings, visitors, welcome, studio, live, screens)
    workshop_events.register(socketio, settings, workshop, seen_by_staff)
    generate_events.register(socketio, art, dreaming)

    def start() -> None:
        perception.start(visitors, workshop)
        art.start(studio, send_dream)
        studio.start()
        visitors.start()
        guard.start(socketio.start_background_task)
        socketio.start_background_task(agreement.watch, socketio.sleep)
        socketio.start_background_task(outside.watch, socketio.sleep)

    return Application(app, socketio, supervisor, gallery, start, held)
