"""Socket.IO packets as strangers may send them: checked before any handler hears of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager

from socketio import packet

RESERVED = ("connect", "disconnect", "connect_error", "*")
"""Socket.IO's own names: what the library says to our handlers, never what a page says."""
LONGEST = 10_000
"""Characters of a packet; what our pages send has a few hundred, and pictures travel as bytes."""
DEEPEST = 8
"""Lists and objects within one another."""
TAKEN = (packet.CONNECT, packet.DISCONNECT, packet.EVENT, packet.BINARY_EVENT)
"""The server asks for no acknowledgement: nobody has one to send."""


class NoPacket(ValueError):
    """What no page of ours would send; its connection is closed."""


class Refused(ValueError):
    """An event that no handler will hear of; `code` is one of docs/protocol.md."""

    def __init__(self, code: str, message: str, namespace: str | None) -> None:
        super().__init__(message)
        self.code, self.namespace = code, namespace or "/"


def checked(events: Callable[[str], Collection[str]]) -> type[packet.Packet]:
    """A class of packets, for Socket.IO's option `serializer`; `events(namespace)` names the
    handlers of a namespace.

    What is decoded is a connection to a namespace, its end, or one of our own events, in plain
    text, with at most one attachment.  Raises Refused for an event that is none, NoPacket for what
    is no packet at all.
    """

    class Checked(packet.Packet):
        def decode(self, encoded_packet: str) -> int:
            if not isinstance(encoded_packet, str):
                raise NoPacket("bytes that belong to no packet")
            if len(encoded_packet) > LONGEST:
                raise Refused("too-large", f"Text has at most {LONGEST} characters.", None)
            with understanding():
                attachments = super().decode(encoded_packet)
            if self.packet_type not in TAKEN:
                raise NoPacket("a packet of a kind that no page sends")
            if attachments != (self.packet_type == packet.BINARY_EVENT):
                raise NoPacket("a packet has one attachment, if any")
            if not is_plain(self.data):
                raise Refused("bad-text", "Send plain text and finite numbers.", self.namespace)
            if self.packet_type in (packet.EVENT, packet.BINARY_EVENT):
                known = events(self.namespace or "/")
                name = self.data[0] if isinstance(self.data, list) and self.data else None
                if not isinstance(name, str) or name in RESERVED or name not in known:
                    message = "Mien knows no such event here; docs/protocol.md lists them."
                    raise Refused("unknown-event", message, self.namespace)
            return attachments

        def add_attachment(self, attachment: bytes) -> bool:
            if not isinstance(attachment, bytes):
                raise NoPacket("text where an attachment belongs")
            with understanding():
                return super().add_attachment(attachment)

    return Checked


@contextmanager
def understanding() -> Iterator[None]:
    """Whatever the library stumbles over is no packet."""
    try:
        yield
    except (ValueError, TypeError, LookupError, RecursionError) as error:
        raise NoPacket(f"{type(error).__name__} in what is no packet") from error


def is_plain(value: object, depth: int = 0) -> bool:
    """Whether JSON is what files, hashes and logs can take: no half characters (surrogates), no
    numbers without end, and not nested beyond reason."""
    if isinstance(value, str):
        return value.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in value)
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, list | dict):
        parts = [*value, *value.values()] if isinstance(value, dict) else value
        return depth < DEEPEST and all(is_plain(part, depth + 1) for part in parts)
    return True
