"""Strangers' pictures by their markers: what our pages send is taken, and no bomb is opened."""

import io
import time
from contextlib import suppress

import numpy as np
import pytest
from PIL import Image, ImageCms

from bench import bombs
from datasets.pictures import BadPicture
from server.art import picture as art
from server.markers import CostlyPicture, size_of_jpeg, size_of_png
from server.perception.picture import decode, decode_png

MOST = 1280 * 720
QUICK = 0.2
"""Seconds of processor time, where the bombs take many of them when they are opened."""


@pytest.mark.parametrize("options", [{}, {"subsampling": 0}, {"optimize": True}])
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_ordinary_pictures_are_taken(options, mode):
    file = io.BytesIO()
    noise = np.random.default_rng(0).integers(0, 256, (48, 64, 3), np.uint8)
    Image.fromarray(noise).convert(mode).save(file, "JPEG", **options)
    assert size_of_jpeg(file.getvalue()) == (64, 48)
    assert decode(file.getvalue(), MOST).shape == (48, 64, 3)


def test_a_jpeg_with_restarts_and_fill_bytes_is_taken():
    file = io.BytesIO()
    Image.new("RGB", (64, 48), "red").save(file, "JPEG", restart_marker_blocks=1)
    content = file.getvalue()
    begin = content.index(b"\xff\xda")
    assert size_of_jpeg(content[:begin] + b"\xff\xff" + content[begin:]) == (64, 48)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "P", "1", "LA", "I;16"])
def test_ordinary_pngs_are_taken(mode):
    file = io.BytesIO()
    image = Image.new("L", (300, 260), 99)
    image = image.convert("I").convert(mode) if mode == "I;16" else image.convert(mode)
    image.save(file, "PNG")
    assert size_of_png(file.getvalue()) == (300, 260)
    assert art.check(file.getvalue(), "PNG", MOST) == (300, 260)
    assert decode_png(file.getvalue(), MOST).shape == (260, 300, 3)


def test_a_colour_profile_is_taken():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    file = io.BytesIO()
    Image.new("RGB", (300, 260)).save(file, "PNG", icc_profile=profile)
    assert art.check(file.getvalue(), "PNG", MOST) == (300, 260)


@pytest.mark.parametrize(
    "bomb", [bombs.scans, bombs.baseline_scans, lambda: bombs.jpeg(progressive=True)]
)
def test_a_jpeg_that_takes_long_is_refused_before_it_is_decoded(bomb):
    content, began = bomb(), time.thread_time()
    with pytest.raises(CostlyPicture):
        decode(content, MOST)
    with pytest.raises(CostlyPicture):
        art.decode(content, "JPEG", MOST)
    assert time.thread_time() - began < QUICK


def test_a_frame_has_a_budget():
    with pytest.raises(CostlyPicture, match="too long"):
        decode(bombs.jpeg(), MOST, most_time=0.0)


@pytest.mark.parametrize(
    "bomb",
    [
        bombs.text_bomb,
        lambda: bombs.png(bombs.chunk(b"iCCP", bytes(100_000))),
        lambda: bombs.png(*[bombs.chunk(b"iCCP", bytes(100))] * 2),
        bombs.animation,
        bombs.chunks,
        bombs.pixel_bomb,
        bombs.segments,
        bombs.animated_webp,
        lambda: b"",
        lambda: b"\x89PNG\r\n\x1a\n",
        lambda: bombs.png()[:-5],
        lambda: bombs.png(size=(0, 5)),
        lambda: bombs.jpeg()[:-2],
        lambda: b"\xff\xd8\xff\xd9",
        lambda: b"\xff\xd8\xff\xc0\x00\x04\xff\xd9",
        lambda: b"\xff\xd8" + b"\xff" * 300_000 + b"\xd9",
    ],
)
@pytest.mark.parametrize("read", [decode, decode_png, lambda c, m: art.check(c, "PNG", m)])
def test_a_bomb_is_refused_before_it_is_opened(bomb, read):
    content, began = bomb(), time.thread_time()
    with pytest.raises(BadPicture):
        read(content, MOST)
    assert time.thread_time() - began < QUICK


def test_an_unpacked_profile_is_bounded():
    """Its packed bytes are few: what unpacks it has a limit of its own."""
    began = time.thread_time()
    with suppress(BadPicture):
        decode_png(bombs.profile_bomb(), MOST)
    assert time.thread_time() - began < 2
