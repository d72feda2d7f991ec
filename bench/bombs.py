"""Pictures that are small to send and long to open, made by a few lines each."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
from PIL import Image


def jpeg(size: tuple[int, int] = (640, 480), **options: object) -> bytes:
    """An ordinary JPEG: a gradient."""
    across = np.linspace(0, 255, size[0], dtype=np.uint8)
    picture = np.repeat(np.broadcast_to(across, (size[1], size[0]))[:, :, None], 3, axis=2)
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "JPEG", **options)
    return file.getvalue()


def scans(size: tuple[int, int] = (1280, 720), most_bytes: int = 399_000) -> bytes:
    """A progressive JPEG of 40,000 more scans of one coefficient, 10 bytes each."""
    content = jpeg(size, progressive=True, quality=10)
    scan = b"\xff\xda\x00\x08\x01\x01\x00\x3f\x3f\x00"
    count = (most_bytes - len(content)) // len(scan)
    return content[:-2] + scan * count + content[-2:]


def baseline_scans(most_bytes: int = 399_000) -> bytes:
    """A baseline JPEG whose only scan comes again and again."""
    content = jpeg((1280, 720), quality=10)
    begin = content.index(b"\xff\xda")
    count = (most_bytes - begin) // (len(content) - 2 - begin)
    return content[:begin] + content[begin:-2] * count + content[-2:]


def segments(count: int = 90_000) -> bytes:
    """A JPEG of 90,000 comments."""
    content = jpeg()
    return content[:2] + b"\xff\xfe\x00\x02" * count + content[2:]


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(*parts: bytes, size: tuple[int, int] = (256, 256)) -> bytes:
    """A grey PNG, with `parts` before its pixels."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", *size, 8, 0, 0, 0, 0))
    pixels = zlib.compress(bytes((size[0] + 1) * size[1]), 9)
    return (
        b"\x89PNG\r\n\x1a\n" + head + b"".join(parts) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


def text_bomb(count: int = 60) -> bytes:
    """A PNG with texts that unpack to a megabyte each."""
    return png(*[chunk(b"zTXt", b"Comment\x00\x00" + zlib.compress(bytes(1_000_000), 9))] * count)


def profile_bomb() -> bytes:
    return png(chunk(b"iCCP", b"x\x00\x00" + zlib.compress(bytes(100_000_000), 9)))


def animation() -> bytes:
    return png(chunk(b"acTL", struct.pack(">II", 100_000, 0)))


def chunks(count: int = 300_000) -> bytes:
    """A PNG whose pixels come in 300,000 empty parts first."""
    return png(chunk(b"IDAT", b"") * count)


def pixel_bomb() -> bytes:
    """A PNG of 20,000 × 20,000 pixels in 400 kB."""
    return png(size=(20_000, 20_000))


def animated_webp() -> bytes:
    frames = [Image.new("RGB", (64, 64), (level, 0, 0)) for level in range(200)]
    file = io.BytesIO()
    frames[0].save(file, "WEBP", save_all=True, append_images=frames[1:])
    return file.getvalue()


def wide() -> bytes:
    """An ordinary JPEG that claims 65,000 × 65,000 pixels."""
    content = bytearray(jpeg())
    at = content.index(b"\xff\xc0") + 5
    content[at : at + 4] = (65_000).to_bytes(2, "big") * 2
    return bytes(content)
