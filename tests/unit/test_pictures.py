"""The one reader: the right values from every mode and format, one error for everything else."""

from __future__ import annotations

import io
import os
import struct
import zlib
from itertools import product

import numpy as np
import pytest
from PIL import Image, ImageCms

from datasets.pictures import FORMATS, MOST_SCANS, BadPicture, read_grey, read_rgb, size_of

RAMP = np.arange(256, dtype=np.uint8).reshape(16, 16)
RGB = np.random.default_rng(0).integers(0, 256, (16, 16, 3), np.uint8)
SMOOTH = np.uint8([[(8 * x, 4 * y, 90) for x in range(24)] for y in range(16)])


def file_of(image: Image.Image, kind: str, **options) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def shades(rgb: np.ndarray) -> np.ndarray:
    return np.repeat(rgb[..., None], 3, 2)


def of_mode(mode: str) -> Image.Image:
    """A ramp from black to white in a mode of grey."""
    if mode.startswith("I;16"):
        order = ">u2" if mode.endswith("B") else "<u2"
        return Image.frombytes(mode, (16, 16), (RAMP * np.uint16(257)).astype(order).tobytes())
    if mode == "I":
        return Image.fromarray(RAMP.astype(np.int32) * 257)
    if mode == "F":
        return Image.fromarray(RAMP.astype(np.float32) / 255)
    grey = Image.fromarray(RAMP)
    steps = {"PA": ("P", "PA"), "La": ("LA", "La"), "RGBa": ("RGBA", "RGBa"), "HSV": ("RGB", "HSV")}
    for step in steps.get(mode, (mode,)):
        grey = grey.convert(step)
    return grey


MODES = ("1", "L", "LA", "P", "PA", "RGB", "RGBA", "RGBX", "CMYK", "YCbCr")
NUMBERS = ("I", "F", "I;16", "I;16B")


def written() -> list[tuple[str, str, bytes]]:
    """Mode, format and file wherever Pillow writes the one in the other.

    WebP and GIF hold 8 bits alone, to which Pillow clips numbers when it writes them.
    """
    found = []
    for mode, kind in product(MODES + NUMBERS, FORMATS):
        try:
            content = file_of(of_mode(mode), kind)
        except (OSError, ValueError):
            continue
        if kind not in ("WEBP", "GIF") or mode not in NUMBERS:
            found.append((mode, kind, content))
    return found


@pytest.mark.parametrize(
    "mode, kind, content", written(), ids=lambda x: x if isinstance(x, str) else ""
)
def test_a_ramp_is_the_same_in_every_mode_and_format(mode, kind, content):
    expected = np.asarray(of_mode("1").convert("L")) if mode == "1" else RAMP
    wrong = np.abs(read_rgb(content).astype(int) - shades(expected))
    if mode == "1" and kind in ("JPEG", "WEBP"):
        assert wrong.mean() < 30  # edges of black and white ring
    else:
        assert wrong.max() <= {"JPEG": 3, "WEBP": 5, "GIF": 8}.get(kind, 0)


def test_nothing_is_missing_among_the_modes():
    assert {mode for mode, _, _ in written()} == {*MODES, *NUMBERS}


@pytest.mark.parametrize("value, level", [(0, 0), (128, 0), (129, 1), (32_768, 128), (65_535, 255)])
def test_sixteen_bits_are_rounded_and_not_clipped(value, level):
    picture = Image.fromarray(np.full((4, 4), value, np.uint16))
    for content in (file_of(picture, "PNG"), file_of(picture, "TIFF")):
        assert (read_rgb(content) == level).all()


@pytest.mark.parametrize(
    "values, levels",
    [
        (np.float32([[0, 0.5, 1]]), [0, 128, 255]),
        (np.float32([[0, 0.5, 255]]), [0, 1, 255]),
        (np.int32([[0, 100, 255]]), [0, 100, 255]),
        (np.int32([[0, 1, 65_535]]), [0, 0, 255]),
    ],
)
def test_numbers_of_32_bits_are_scaled_by_what_holds_them(values, levels):
    assert read_rgb(file_of(Image.fromarray(values), "TIFF"))[0, :, 0].tolist() == levels


@pytest.mark.parametrize("value", [-1, 70_000, float("nan"), float("inf")])
def test_numbers_that_do_not_say_what_is_white_are_an_error(value):
    picture = Image.fromarray(np.float32([[0, value]]))
    with pytest.raises(BadPicture, match="do not say what is white: save 16 bits"):
        read_rgb(file_of(picture, "TIFF"))


def test_tiff_whose_white_is_zero():
    grey = Image.fromarray(RAMP * np.uint16(257))
    assert (read_rgb(file_of(grey, "TIFF", tiffinfo={262: 0})) == shades(255 - RAMP)).all()


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_printers_colours(kind):
    ink = Image.merge("CMYK", [Image.new("L", (8, 8), ink) for ink in (0, 255, 255, 0)])
    assert np.abs(read_rgb(file_of(ink, kind)).astype(int) - (255, 0, 0)).max() <= 3


def test_printers_colours_of_a_jpeg_that_is_not_adobes():
    """Without Adobe's marker they are not stored upside down."""
    upside_down = Image.merge("CMYK", [Image.new("L", (8, 8), ink) for ink in (255, 0, 0, 255)])
    content = file_of(upside_down, "JPEG")
    at = content.index(b"\xff\xee")
    bare = content[:at] + content[at + 2 + int.from_bytes(content[at + 2 : at + 4]) :]
    assert np.abs(read_rgb(bare).astype(int) - (255, 0, 0)).max() <= 3


def test_lab_is_the_colour_that_it_names():
    to_lab = ImageCms.buildTransform(
        ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), "RGB", "LAB"
    )
    colours = np.uint8([[(255, 0, 0), (0, 128, 0), (40, 60, 200), (128, 128, 128)]])
    lab = ImageCms.applyTransform(Image.fromarray(colours), to_lab)
    assert np.abs(read_rgb(file_of(lab, "TIFF")).astype(int) - colours).max() <= 8


@pytest.mark.parametrize("ground", [(255, 255, 255), (0, 0, 0), (10, 200, 30)])
@pytest.mark.parametrize("mode, kind", [("LA", "PNG"), ("RGBA", "PNG"), ("RGBA", "TIFF"),
                                        ("RGBA", "WEBP"), ("LA", "TIFF")])  # fmt: skip
def test_what_is_transparent_shows_the_ground(mode, kind, ground):
    image = Image.new("RGBA", (3, 1), (100, 100, 100, 255))
    image.putpixel((1, 0), (100, 100, 100, 0))
    image.putpixel((2, 0), (100, 100, 100, 128))
    content = file_of(image.convert(mode), kind, **({"lossless": True} if kind == "WEBP" else {}))
    half = [100 * 128 / 255 + g * 127 / 255 for g in ground]
    expected = np.array([[(100, 100, 100), ground, half]])
    assert np.abs(read_rgb(content, ground=ground) - expected).max() <= 1


@pytest.mark.parametrize("mode", ["P", "L", "RGB", "1", "I;16"])
def test_one_colour_that_is_transparent(mode):
    """PNG's tRNS, GIF's transparent colour."""
    if mode == "I;16":
        image, clear = Image.fromarray(np.uint16([[0, 65_535]])), 65_535
    else:
        image = Image.fromarray(np.uint8([[0, 255]])).convert(mode)
        clear = {"RGB": (255, 255, 255), "P": image.getpixel((1, 0))}.get(mode, 255)
    seen = read_rgb(file_of(image, "PNG", transparency=clear), ground=(10, 20, 30))
    assert seen.tolist() == [[[0, 0, 0], [10, 20, 30]]]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_picture_is_upright(orientation, kind):
    """EXIF's eight orientations, by where their first row and column are."""
    upright = np.zeros((32, 48, 3), np.uint8)
    upright[:16, :24] = 255, 0, 0
    upright[:16, 24:] = 0, 255, 0
    upright[16:, :24] = 0, 0, 255
    stored = {
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.swapaxes(0, 1),
        6: upright.swapaxes(0, 1)[::-1],
        7: upright.swapaxes(0, 1)[::-1, ::-1],
        8: upright.swapaxes(0, 1)[:, ::-1],
    }[orientation]
    exif = Image.Exif()
    exif[274] = orientation
    read = read_rgb(file_of(Image.fromarray(np.ascontiguousarray(stored)), kind, exif=exif))
    assert read.shape == upright.shape
    assert np.abs(read.astype(int) - upright)[4:12, 4:20].max() < 60


def test_an_orientation_that_cannot_be_read_is_none():
    content = file_of(Image.fromarray(SMOOTH), "JPEG", exif=b"Exif\0\0rubbish")
    assert read_rgb(content).shape == SMOOTH.shape


def swapped_profile() -> bytes:
    """A profile in which red and green change places: sRGB's tags under each other's names."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    table = profile[132 : 132 + 12 * struct.unpack(">I", profile[128:132])[0]]
    profile[132 : 132 + len(table)] = (
        table.replace(b"rXYZ", b"____").replace(b"gXYZ", b"rXYZ").replace(b"____", b"gXYZ")
    )
    return bytes(profile).replace(b"s\0R\0G\0B", b"o\0w\0n\0 ").replace(b"sRGB", b"own ")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "WEBP"])
def test_a_colour_profile_is_obeyed(kind):
    red = Image.new("RGB", (8, 8), (200, 0, 0))
    seen = read_rgb(file_of(red, kind, icc_profile=swapped_profile())).astype(int)
    assert np.abs(seen - (0, 200, 0)).max() <= 4
    clear = Image.new("RGBA", (8, 8), (200, 0, 0, 255))
    if kind != "JPEG":
        seen = read_rgb(file_of(clear, kind, icc_profile=swapped_profile())).astype(int)
        assert np.abs(seen - (0, 200, 0)).max() <= 4


@pytest.mark.parametrize("profile", [b"rubbish", swapped_profile()[:200]])
def test_a_broken_profile_says_nothing(profile):
    content = file_of(Image.fromarray(RGB), "PNG", icc_profile=profile)
    assert (read_rgb(content) == RGB).all()


def test_a_profile_of_other_colours_says_nothing():
    assert (
        read_rgb(file_of(of_mode("L"), "PNG", icc_profile=swapped_profile())) == shades(RAMP)
    ).all()


def test_grey_is_the_luma():
    assert (read_grey(file_of(of_mode("L"), "PNG")) == RAMP).all()
    assert read_grey(file_of(Image.new("RGB", (2, 2), (0, 255, 0)), "PNG"))[0, 0] == 150


def test_of_an_animation_the_first_picture():
    first, second = Image.new("RGB", (8, 8), (255, 0, 0)), Image.new("RGB", (8, 8), (0, 0, 255))
    for kind in ("GIF", "WEBP", "PNG", "TIFF"):
        content = file_of(first, kind, save_all=True, append_images=[second])
        assert np.abs(read_rgb(content)[0, 0].astype(int) - (255, 0, 0)).max() <= 3


# -- errors ----------------------------------------------------------------------------


WHOLE = {
    "JPEG": file_of(Image.fromarray(SMOOTH), "JPEG"),
    "progressive": file_of(Image.fromarray(SMOOTH), "JPEG", progressive=True),
    "PNG": file_of(Image.fromarray(RGB), "PNG"),
    "WEBP": file_of(Image.fromarray(RGB), "WEBP"),
    "BMP": file_of(Image.fromarray(RGB), "BMP"),
    "GIF": file_of(Image.fromarray(RAMP), "GIF"),
    "TIFF": file_of(Image.fromarray(RGB), "TIFF"),
    "LZW": file_of(Image.fromarray(RGB), "TIFF", compression="tiff_lzw"),
    "JPEG in TIFF": file_of(Image.fromarray(RGB), "TIFF", compression="jpeg"),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", WHOLE)
def test_a_file_that_was_cut_off_is_an_error_or_lacks_nothing(kind):
    content = WHOLE[kind]
    whole, failed = read_rgb(content), 0
    for length in range(len(content)):
        try:
            assert (read_rgb(content[:length]) == whole).all(), length
        except BadPicture:
            failed += 1
    assert failed > 0.97 * len(content)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", WHOLE)
def test_nothing_but_a_bad_picture_comes_of_damage(kind):
    random = np.random.default_rng(0)
    for _ in range(200):
        content = bytearray(WHOLE[kind])
        for place in random.integers(0, len(content), 4):
            content[place] = random.integers(256)
        try:
            assert read_rgb(bytes(content)).dtype == np.uint8
        except BadPicture as problem:
            assert str(problem).startswith("it ")


def bomb(width: int, height: int) -> bytes:
    """A PNG that says it is so large."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        whole = kind + data
        return struct.pack(">I", len(data)) + whole + struct.pack(">I", zlib.crc32(whole))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("side", [10_000, 20_000, 2**31 - 1])
def test_a_bomb_is_an_error_before_it_is_decoded(side):
    with pytest.raises(BadPicture, match="pixels, 89478485 are the most; make it smaller"):
        read_rgb(bomb(side, side))


def test_the_limit_is_the_callers():
    content = file_of(Image.fromarray(RGB), "PNG")
    assert read_rgb(content, most_pixels=256).shape == RGB.shape
    with pytest.raises(BadPicture, match="it has 16×16 pixels, 255 are the most"):
        read_rgb(content, most_pixels=255)
    with pytest.raises(BadPicture, match="255 are the most"):
        size_of(content, most_pixels=255)


def test_a_jpeg_of_endless_scans_is_refused_undecoded():
    content = WHOLE["progressive"]
    scan = content.rindex(b"\xff\xda")
    with pytest.raises(BadPicture, match="scans; save it as another JPEG"):
        read_rgb(content[:-2] + content[scan:-2] * MOST_SCANS + content[-2:])


@pytest.mark.parametrize("kind", ["EPS", "PPM", "TGA", "ICO", "PCX", "PDF"])
def test_formats_that_nobody_asked_for_are_not_opened(kind):
    with pytest.raises(BadPicture, match=r"no picture of a known kind \(JPEG, PNG, .*save it as"):
        read_rgb(file_of(Image.fromarray(RGB), kind))


def test_a_format_that_this_caller_does_not_take():
    with pytest.raises(BadPicture, match=r"no picture of a known kind \(PNG\)"):
        read_rgb(WHOLE["JPEG"], ("PNG",))


def test_every_bad_file_is_named(tmp_path):
    (tmp_path / "empty.png").touch()
    (tmp_path / "text.jpg").write_text("hello")
    (tmp_path / "torn.png").write_bytes(WHOLE["PNG"][:-100])
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "lost.png").symlink_to(tmp_path / "nowhere.png")
    (tmp_path / "round.png").symlink_to(tmp_path / "round.png")
    os.mkfifo(tmp_path / "pipe.png")
    said = {
        "empty.png": "is empty; remove it",
        "text.jpg": "is no picture of a known kind",
        "torn.png": "is damaged .*; remove it or copy it again",
        "folder.png": "is no file; give the file of a picture",
        "lost.png": "is not there",
        "round.png": "symbolic links|is not there",
        "pipe.png": "is no file",
        "missing.png": "is not there",
        "n" * 300 + ".png": "name too long",
        "null\0.png": "is not there|null",
    }
    for name, words in said.items():
        for read in (read_rgb, read_grey, size_of):
            if read is size_of and name == "torn.png":
                continue  # its header is whole
            with pytest.raises(BadPicture, match=f"(?i){words}") as raised:
                read(tmp_path / name)
            assert str(raised.value).startswith(str(tmp_path / name))
