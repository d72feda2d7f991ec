"""The painter: the same strokes everywhere, replayed exactly, from any picture."""

import hashlib
import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gan_cut.__main__ import main
from gan_cut.commands.painter import HANDS
from gan_cut.painter import compiled as compiling
from gan_cut.painter.brushes import atlas_picture
from gan_cut.painter.fit import PAIRS, bounds, fitted, measures_of, number_of
from gan_cut.painter.hand import Hand, hand_of, read_hands, to_toml
from gan_cut.painter.measure import measured, palette
from gan_cut.painter.paint import paint
from gan_cut.painter.strokes import LENGTHS, MOST, STROKE, Painting, replay
from models.core.emotions import EXPRESSIONS

ROOT = Path(__file__).resolve().parents[2]

BUSY = Hand(
    widths=(0.05, 0.02, 0.009, 0.0045), length=3, finish=1, loose=0, broken=0.5, varied=0.4,
    scatter=0.5, dab=0.3, knife=0.3, wash=0.3, swirl=0.5, bend=0.2, bare=0.1,
    palettes=(((0.2, 0.05, 260, 0.4), (0.6, 0.15, 40, 0.3), (0.9, 0.08, 95, 0.3)),),
)  # fmt: skip


def view(height=120, width=160) -> np.ndarray:
    """Hills under a sky, and a red disc."""
    y, x = np.mgrid[0:height, 0:width] / max(height, width)
    picture = np.stack([120 + 90 * y, 150 + 40 * np.sin(9 * x), 220 - 160 * y], -1)
    picture[y > 0.45 + 0.06 * np.sin(14 * x)] = 60, 110, 50
    picture[(y - 0.3) ** 2 + (x - 0.6) ** 2 < 0.012] = 220, 50, 40
    return picture.clip(0, 255).astype(np.uint8)


def bloom(side=128) -> np.ndarray:
    """A pink thing in a dark room."""
    y, x = np.mgrid[0:side, 0:side] / side
    picture = np.zeros((side, side, 3))
    picture[:] = 8
    near = (y - 0.45) ** 2 + (x - 0.5) ** 2
    picture[near < 0.05] = 230, 120, 150
    picture[near < 0.01] = 250, 220, 200
    return picture.astype(np.uint8)


def test_a_stroke_is_twelve_bytes_and_a_picture_below_one_megabyte():
    assert STROKE.itemsize <= 12
    painting = paint(np.random.default_rng(0).integers(0, 256, (640, 640, 3), np.uint8), BUSY)
    assert 10_000 < len(painting.strokes) <= MOST
    assert len(painting.to_bytes()) <= 1_000_000


def test_a_replay_is_the_picture():
    painting = paint(view(), BUSY, seed=3)
    data = painting.to_bytes()
    for size in (64, 300):
        assert np.array_equal(replay(data, size), painting.render(size))
    again = Painting.from_bytes(data)
    assert np.array_equal(again.strokes, painting.strokes)
    assert (again.ground, again.relief) == (painting.ground, painting.relief)


@pytest.mark.parametrize("data", [b"", b"MPS1", b"x" * 40, None])
def test_what_is_no_painting_is_refused(data):
    data = paint(view(), Hand()).to_bytes()[:-5] if data is None else data
    with pytest.raises(ValueError, match="bytes"):
        replay(data, 64)


def test_the_seed_decides():
    first, same, other = (paint(view(), BUSY, seed=s).strokes for s in (1, 1, 2))
    assert np.array_equal(first, same)
    assert not np.array_equal(first, other)


def test_the_picture_is_the_same_at_any_size():
    painting = paint(view(), Hand(), seed=1)
    small = painting.render(512).astype(float)
    large = painting.render(1024)
    assert large.shape == (768, 1024, 3)
    shrunk = np.asarray(Image.fromarray(large).resize((512, 384), Image.Resampling.BOX))
    assert np.abs(small - shrunk).mean() <= 6


@pytest.mark.parametrize("size", [0, 5000])
def test_sizes_without_sense_are_refused(size):
    with pytest.raises(ValueError, match="4096"):
        paint(view(), Hand()).render(size)


@pytest.mark.slow
def test_every_processor_lays_the_same_strokes(tmp_path):
    """Plain machine code, without this processor's vectors and fused arithmetic."""
    code = (
        "import hashlib; from tests.unit.test_painter import *; "
        "print(*[hashlib.sha256(paint(p, BUSY, seed=5).to_bytes()).hexdigest()"
        " for p in (view(), bloom())])"
    )
    plain = {
        "NUMBA_CPU_NAME": "generic",
        "NUMBA_CPU_FEATURES": "",
        "NUMBA_CACHE_DIR": str(tmp_path),
        "NPY_DISABLE_CPU_FEATURES": " ".join(vectors()),
        "OPENBLAS_CORETYPE": "Prescott",
        "OPENCV_CPU_DISABLE": "AVX2,AVX,SSE4.2",
    }
    answer = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env={**os.environ, **plain},
        capture_output=True, text=True,
    )  # fmt: skip
    assert answer.returncode == 0, answer.stderr
    here = [
        hashlib.sha256(paint(p, BUSY, seed=5).to_bytes()).hexdigest() for p in (view(), bloom())
    ]
    assert answer.stdout.split() == here


def vectors() -> list[str]:
    """What numpy would use here beyond the least that it needs."""
    from numpy.core._multiarray_umath import __cpu_dispatch__, __cpu_features__

    return [name for name in __cpu_dispatch__ if __cpu_features__.get(name)]


PICTURES = {
    "grey": lambda: view()[..., 0],
    "one channel": lambda: view()[..., :1],
    "transparent": lambda: np.dstack([view(), view()[..., 0]]),
    "float": lambda: view() / 255,
    "bool": lambda: view()[..., 0] > 128,
    "grey, transparent": lambda: view()[..., :2],
    "16 bits": lambda: view().astype(np.uint16) * 257,
    "one pixel": lambda: view()[:1, :1],
    "a line": lambda: view()[:1],
    "a column": lambda: view()[:, :1],
    "wide": lambda: view(20, 900),
    "black": lambda: np.zeros((50, 50, 3), np.uint8),
    "not contiguous": lambda: view()[::-2, ::3],
}


@pytest.mark.parametrize("name", PICTURES)
def test_any_picture_can_be_painted(name):
    picture = PICTURES[name]()
    height, width = picture.shape[:2]
    out = paint(picture, BUSY).render(200)
    assert out.dtype == np.uint8 and max(out.shape[:2]) == 200
    assert out.shape[0] == max(1, round(200 * height / max(width, height)))


@pytest.mark.parametrize("shape", [(0, 5, 3), (4,), (4, 4, 7), (2, 4, 4, 3)])
def test_what_is_no_picture_is_refused(shape):
    with pytest.raises(ValueError, match="no picture"):
        paint(np.zeros(shape, np.uint8), Hand())


def test_numbers_that_do_not_say_what_is_white_are_refused():
    with pytest.raises(ValueError, match="int64"):
        paint(view().astype(np.int64), Hand())


def test_modes_that_say_the_same_are_painted_alike():
    """In 8 bits, 16 bits and floats; and what is opaque everywhere is no mask."""
    plain = paint(view(), Hand(), seed=2).strokes
    opaque = np.dstack([view(), np.full((120, 160), 255, np.uint8)])
    for same in (view().astype(np.uint16) * 257, view() / 255, opaque):
        assert np.array_equal(paint(same, Hand(), seed=2).strokes, plain)


def test_the_subject_is_fine_and_the_ground_broad():
    picture = np.random.default_rng(0).integers(0, 256, (80, 80, 3), np.uint8)
    mask = np.zeros((40, 40), np.uint8)
    mask[10:30, 10:30] = 255
    strokes = paint(picture, Hand(loose=0.9), mask=mask).strokes
    inside = (abs(strokes["x"] / 65536 - 0.5) < 0.25) & (abs(strokes["y"] / 65536 - 0.5) < 0.25)
    fine = LENGTHS[strokes["width"]] < 0.016
    assert fine[inside].sum() / 0.25 > 4 * fine[~inside].sum() / 0.75


def test_what_is_far_is_broad():
    picture = np.random.default_rng(0).integers(0, 256, (80, 80, 3), np.uint8)
    depth = np.repeat(np.linspace(0, 1, 80)[None], 80, 0)
    strokes = paint(picture, Hand(), mask=np.ones((8, 8)), depth=depth).strokes
    fine = strokes[LENGTHS[strokes["width"]] < 0.016]
    assert (fine["x"] < 32768).sum() > 1.5 * (fine["x"] >= 32768).sum()


def test_what_lies_still_far_from_the_subject_keeps_the_ground_before_it():
    """A dark room is no ground for a picture: there is light and colour around the subject."""
    palette = (((0.4, 0.1, 250, 0.5), (0.85, 0.06, 90, 0.5)),)
    out = paint(bloom(), Hand(palettes=palette, bare=0)).render(256)
    corner = out[8:60, 8:60].reshape(-1, 3).mean(0)
    assert corner.max() > 60


def test_hands_mix_place_by_place():
    """A mixture of two hands is neither the one nor the other, and all of both when alone."""
    red, blue = (
        Hand(palettes=(((0.5, 0.15, hue, 1.0),),), carry=1, broken=0, bare=0) for hue in (30, 260)
    )
    alone = [paint(view(), [red, blue], s, seed=4).strokes for s in ((1, 0), (0, 1))]
    for hand, strokes in zip((red, blue), alone, strict=True):
        assert np.array_equal(paint(view(), hand, seed=4).strokes, strokes)
    mixed = paint(view(), [red, blue], (0.5, 0.5), seed=4).strokes
    warm = mixed["red"] > mixed["blue"]
    assert 0.15 < warm.mean() < 0.85


@pytest.mark.parametrize("shares", [(1,), (0, 0), (1, -1), (1, float("nan"))])
def test_shares_must_fit(shares):
    with pytest.raises(ValueError, match="shares"):
        paint(view(), [Hand(), Hand()], shares)


@pytest.mark.parametrize(
    "values, word",
    [
        ({"length": 99}, "length"),
        ({"length": True}, "length"),
        ({"widths": [0.1, 0.2, 0.01, 0.01]}, "widths"),
        ({"brush": 0}, "nothing to paint with"),
        ({"ground": "moon"}, "ground"),
        ({"paper": [0.5, 0.9, 10]}, "chroma"),
        ({"palettes": [[[0.5, 0.1, 20, 0]]]}, "share"),
        ({"colour": 1}, "colour"),
    ],
)
def test_a_wrong_hand_is_named(values, word):
    with pytest.raises(ValueError, match=word):
        hand_of(values)


def test_hands_are_read_from_a_file(tmp_path):
    file = tmp_path / "hands.toml"
    file.write_text('[other]\nx = 1\n[hands.calm]\nlength = 6\nground = "water"\n')
    assert read_hands(file) == {"calm": Hand(length=6, ground="water")}
    file.write_text("[hands.calm]\nlength = 99\n")
    with pytest.raises(ValueError, match=r"hands\.calm.*length"):
        read_hands(file)
    file.write_text("[other]\n")
    with pytest.raises(ValueError, match="no table"):
        read_hands(file)


def test_compiled_loops_call_none_of_another_file():
    """What numba keeps of one file does not change with another."""
    for file in (ROOT / "gan_cut" / "painter").glob("*.py"):
        module = import_module(f"gan_cut.painter.{file.stem}")
        for name, value in vars(module).items():
            if hasattr(value, "py_func"):
                assert value.py_func.__module__ == module.__name__, f"{file.name}: {name}"


def test_loops_are_compiled_where_nothing_can_be_written(monkeypatch):
    """numba refuses to keep its code in a read-only installation without a home."""

    def refusing(cache=False, **options):
        if cache:
            raise RuntimeError("cannot cache function: no locator available")
        return lambda function: function

    monkeypatch.setattr(compiling, "njit", refusing)
    assert compiling.compiled(abs)(-2) == 2


def test_the_installation_has_a_hand_for_each_expression():
    hands = read_hands(HANDS)
    assert sorted(hands) == sorted(EXPRESSIONS)
    assert all(hand.palettes and hand.works for hand in hands.values())
    assert len({hand.ground for hand in hands.values()}) >= 6


def test_a_hand_is_written_as_it_is_read(tmp_path):
    file = tmp_path / "hands.toml"
    hands = read_hands(HANDS)
    file.write_text("\n".join(to_toml(name, hand) for name, hand in hands.items()))
    assert read_hands(file) == hands


def test_a_painting_by_command(tmp_path, capsys):
    picture, out, strokes = (tmp_path / name for name in ("in.png", "out.png", "strokes.bin"))
    Image.fromarray(bloom()).save(picture)
    words = ["paint", str(picture), "--out", str(out), "--size", "200"]
    words += ["--emotion", "happy=0.6,sad=0.4", "--strokes", str(strokes)]
    assert main(words) == 0
    painting = np.asarray(Image.open(out))
    assert np.array_equal(replay(strokes.read_bytes(), 200), painting)
    assert str(out) in capsys.readouterr().out
    with pytest.raises(SystemExit, match="2"):
        main([*words[:-2], "--size", "9000"])
    assert "4096" in capsys.readouterr().err


def test_emotions_are_painted_differently():
    """Darker and lighter, longer and shorter, standing and lying: as art-direction has it."""
    hands = read_hands(HANDS)
    pictures = {name: paint(bloom(), hand, seed=1) for name, hand in hands.items()}
    light = {name: p.render(256).mean() for name, p in pictures.items()}
    length = {name: np.median(LENGTHS[p.strokes["length"]]) for name, p in pictures.items()}
    assert min(light["happy"], light["surprise"]) > max(light["sad"], light["angry"])
    assert length["fear"] > 1.5 * length["surprise"]
    stands = {
        name: np.abs(np.sin(p.strokes["angle"] * np.pi / 128)).mean()
        for name, p in pictures.items()
    }
    assert stands["sad"] > stands["neutral"] + 0.2


def test_a_fitted_hand_measures_more_as_the_works_do():
    """Toward works in which all forms lie, in low relief; and no further than a designer allows."""
    hand = Hand(scatter=0.6, relief=0.6, palettes=BUSY.palettes)
    before = measures_of(hand, [view()])
    works = {**before, "coherence": before["coherence"] * 1.3, "relief": before["relief"] * 0.7}
    found = fitted(hand, works, [view()], lambda _: None, rounds=1)
    after = measures_of(found, [view()])
    for name in ("coherence", "relief"):
        assert abs(after[name] - works[name]) < abs(before[name] - works[name]), name
    for pair in PAIRS:
        low, high = bounds(hand, pair)
        assert low - 0.001 <= number_of(found, pair) <= high + 0.001


def test_measures_know_scale_direction_and_palette():
    y, x = np.mgrid[0:320, 0:320]
    fine, coarse = (
        np.repeat((128 + 100 * np.sin(y / step))[..., None], 3, 2).astype(np.uint8)
        for step in (3, 18)
    )
    lying, standing = measured(coarse), measured(np.ascontiguousarray(coarse.transpose(1, 0, 2)))
    assert min(lying.angle % 180, 180 - lying.angle % 180) < 5
    assert abs(standing.angle % 180 - 90) < 5
    assert measured(fine).scale < 0.5 * lying.scale
    halves = np.full((64, 64, 3), (200, 40, 40), np.uint8)
    halves[:, :32] = 30, 60, 160
    colours = palette(halves, 2)
    assert [round(hue / 10) for _, _, hue, _ in colours] == [27, 3]


def test_the_page_has_the_same_brushes():
    with Image.open(ROOT / "static" / "src" / "art" / "brushes.png") as picture:
        page = np.asarray(picture.convert("RGB"))
    assert np.array_equal(page[..., :2], atlas_picture()), "python -m gan_cut.painter.brushes"
