"""What a stranger's picture is, by its markers: nothing is decoded or unpacked, so it takes no
time whatever the bytes are.  Both formats are taken as our own pages make them, and no other way.
"""

from __future__ import annotations

import re
import struct

from datasets.pictures import BadPicture

MOST_SCANS = 3
"""Of a JPEG: one, or one for each colour.  Each costs the time of a whole picture."""
MOST_SEGMENTS = 200
MOST_CHUNKS = 5000
"""Of a PNG of 8 MB: encoders fill at least 8 kB before they begin another."""
MOST_PROFILE = 64_000
"""Bytes of what is unpacked besides the pixels."""
BASELINE = (0xC0, 0xC1)
"""SOF markers of sequential Huffman-coded frames (ITU-T T.81, table B.1)."""
FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
ALONE = {0x01, *range(0xD0, 0xD9)}
"""Markers without a length."""
MARKER = re.compile(rb"\xff+[^\x00\xd0-\xd7\xff]")
"""What ends the coded pixels; zero is stuffed behind their own 0xff, 0xd0 to 0xd7 restart them."""
SIGNATURE = b"\x89PNG\r\n\x1a\n"
CHUNKS = {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"pHYs"}
CHUNKS |= {b"bKGD", b"tIME", b"cICP"}
PACKED = {b"iCCP", b"eXIf"}
"""At most one of each, and small; text is refused, and so are animations."""


class CostlyPicture(BadPicture):
    """It would take, or has taken, far longer than any of our pages' pictures."""


def size_of_jpeg(content: bytes) -> tuple[int, int]:
    """Width and height of a baseline JPEG.  Raises BadPicture for what is none, CostlyPicture for
    one with many scans, or coded in another way."""
    if not content.startswith(b"\xff\xd8") or not content.endswith(b"\xff\xd9"):
        raise BadPicture("it is not a whole JPEG picture")
    at, size, scans = 2, None, 0
    for _ in range(MOST_SEGMENTS):
        while content[at : at + 2] == b"\xff\xff":  # may be filled up
            at += 1
        if content[at : at + 1] != b"\xff" or at + 4 > len(content):
            break
        marker = content[at + 1]
        if marker in ALONE:
            at += 2
            continue
        (length,) = struct.unpack_from(">H", content, at + 2)
        if marker in FRAMES:
            if marker not in BASELINE:
                raise CostlyPicture("its JPEG is not a baseline one; send it as canvases make it")
            if size is not None or length < 8 or at + 9 > len(content):
                break
            size = struct.unpack_from(">HH", content, at + 5)[::-1]
        at += 2 + length
        if marker == 0xDA:
            scans += 1
            if scans > MOST_SCANS:
                raise CostlyPicture(f"its JPEG has more than {MOST_SCANS} scans")
            found = MARKER.search(content, at)
            if found is None:
                break
            at = found.end() - 2
            if content[at + 1] == 0xD9 and size and min(size) > 0:
                return size
    raise BadPicture("it is not a whole JPEG picture")


def size_of_png(content: bytes) -> tuple[int, int]:
    """Width and height of a PNG that holds pixels and little else.  Raises BadPicture."""
    if not content.startswith(SIGNATURE + struct.pack(">I4s", 13, b"IHDR")):
        raise BadPicture("it is not a PNG picture")
    at, packed = len(SIGNATURE), set()
    for _ in range(MOST_CHUNKS):
        if at + 12 > len(content):
            raise BadPicture("it is not a whole PNG picture")
        length, kind = struct.unpack_from(">I4s", content, at)
        if kind in PACKED and kind not in packed and length <= MOST_PROFILE:
            packed.add(kind)
        elif kind not in CHUNKS:
            name = kind.decode("ascii", "replace")
            raise BadPicture(f"its PNG has a part {name!r} that our page does not send")
        if kind == b"IEND":
            width, height = struct.unpack_from(">II", content, len(SIGNATURE) + 8)
            if min(width, height) == 0:
                break
            return width, height
        at += 12 + length
    raise BadPicture("its PNG has far too many parts, or no size")
