"""The one reader of pictures: whatever a file holds becomes 8-bit RGB, or a BadPicture.

Pillow's `convert("RGB")` is not faithful to every mode: 16-bit grey is clipped to white, what is
transparent shows colours that nobody sees, Lab is refused, and neither the camera's orientation
nor a colour profile is applied.  Nor are its errors of one kind.  So nothing else in the house
opens pictures; frames of the camera page alone have a quicker way, in `server/perception`.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PIL import Image, ImageChops, ImageCms, UnidentifiedImageError

FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF")
SUFFIXES = (".bmp", ".gif", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp")
"""How the names of files in these formats end."""
MOST_PIXELS = 89_478_485
"""Where Pillow, too, begins to suspect a bomb; 268 MB as RGB."""
MOST_BYTES = 1 << 30
MOST_SCANS = 100
"""Of a progressive JPEG.  Encoders make about ten; each costs the time of a whole picture."""
WHITE = (255, 255, 255)

WHITES = (1, 255, 65_535)
"""What white may be in numbers of 32 bits, for which no format says it."""
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What brings a picture upright, by EXIF's tag Orientation."""
ORIENTATION, BITS_PER_SAMPLE, PHOTOMETRIC = 274, 258, 262
SPACES = {"L": "GRAY", "RGB": "RGB", "CMYK": "CMYK", "LAB": "Lab"}
"""Of the colour profile that belongs to each mode."""

Source = Path | str | bytes


class BadPicture(ValueError):
    """This is no picture that is taken; the message names the file and says what to do."""


def read_rgb(
    source: Source,
    formats: Sequence[str] = FORMATS,
    most_pixels: int = MOST_PIXELS,
    ground: tuple[int, int, int] = WHITE,
) -> np.ndarray:
    """[height, width, 3] uint8, upright, in sRGB, of a file or of a file's bytes.

    `formats` are Pillow's names of those taken.  What is transparent shows the `ground`.  Of
    an animation the first picture is read.  16-bit grey is scaled by 65,535; grey in numbers of
    32 bits by the smallest of 1 (floats alone), 255 and 65,535 that none of them exceeds.

    Raises BadPicture, and nothing else, for what is not there, no picture, damaged, cut off, or
    larger than `most_pixels`, and for numbers that do not say what is white.
    """
    with _opened(source, formats, most_pixels) as image:
        image.load()
        turn = TURNS.get(_orientation(image))
        image = _on_ground(image, ground)
        return np.asarray(image if turn is None else image.transpose(turn))


def read_grey(source: Source, **options: object) -> np.ndarray:
    """[height, width] uint8: the luma (ITU-R 601) of `read_rgb`, which has the options."""
    return np.asarray(Image.fromarray(read_rgb(source, **options)).convert("L"))


def size_of(
    source: Source, formats: Sequence[str] = FORMATS, most_pixels: int = MOST_PIXELS
) -> tuple[int, int]:
    """Width and height as stored, from the header: no pixel is decoded.  Raises BadPicture."""
    with _opened(source, formats, most_pixels) as image:
        return image.size


@contextmanager
def _opened(source: Source, formats: Sequence[str], most_pixels: int) -> Iterator[Image.Image]:
    """The picture, checked but not decoded; every error, also of the caller's, is a BadPicture."""
    name, again = source, "remove it or copy it again"
    if isinstance(source, bytes):
        name, again = "it", "send it again"
    try:
        content = source if isinstance(source, bytes) else _content(Path(source))
        if not content:
            raise BadPicture(f"{name} is empty; {again}")
        if content.count(b"\xff\xda") > MOST_SCANS and content.startswith(b"\xff\xd8"):
            raise BadPicture(f"{name} has more than {MOST_SCANS} scans; save it as another JPEG")
        with Image.open(io.BytesIO(content), formats=formats) as image:
            width, height = image.size
            if width * height > most_pixels:
                raise BadPicture(_too_large(f"{name} has {width}×{height}", most_pixels))
            yield image
    except BadPicture:
        raise
    except UnidentifiedImageError:
        kinds = f"of a known kind ({', '.join(formats)})"
        raise BadPicture(f"{name} is no picture {kinds}; save it as one") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise BadPicture(_too_large(f"{name} has far more", most_pixels)) from None
    except MemoryError:
        raise BadPicture(f"{name} needs more memory than there is; make it smaller") from None
    except Exception as problem:
        # Decoders raise what they like: OSError, SyntaxError, struct.error, zlib.error, KeyError …
        why = " ".join(str(problem).split()) or type(problem).__name__
        raise BadPicture(f"{name} is damaged ({why}); {again}") from problem


def _content(path: Path) -> bytes:
    """Of a file, which may be too large but not endless.  Raises BadPicture."""
    try:
        if not path.is_file():
            why = "is no file" if path.exists() else "is not there"
            raise BadPicture(f"{path} {why}; give the file of a picture")
        if path.stat().st_size > MOST_BYTES:
            raise BadPicture(f"{path} has more than {MOST_BYTES >> 20} MiB; make it smaller")
        return path.read_bytes()
    except OSError as problem:
        raise BadPicture(f"{path} cannot be read ({problem.strerror}); see to it") from None


def _too_large(what: str, most_pixels: int) -> str:
    return f"{what} pixels, {most_pixels} are the most; make it smaller"


def _orientation(image: Image.Image) -> int:
    """EXIF's, of a picture that is loaded; 1 where it says none, or nothing that can be read."""
    try:
        return image.getexif().get(ORIENTATION, 1)
    except Exception:  # As above; viewers show such a picture as it is, too.
        return 1


def _on_ground(image: Image.Image, ground: tuple[int, int, int]) -> Image.Image:
    """In mode RGB, from any mode."""
    profile, alpha = image.info.get("icc_profile"), None
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        image, alpha = _from_numbers(image)
    elif image.mode == "CMYK" and image.format in ("JPEG", "MPO") and "adobe" not in image.info:
        image = ImageChops.invert(image)  # Pillow takes every CMYK JPEG for Adobe's, inverted
    elif image.mode == "La":
        image = image.convert("LA")
    elif image.mode in ("P", "PA", "RGBa") or "transparency" in image.info:
        image = image.convert("RGBA")
    if image.mode in ("LA", "RGBA"):
        alpha = image.getchannel("A")
        image = image.convert(image.mode[:-1])
    image = _in_srgb(image, profile)
    if alpha is None:
        return image
    below = Image.new("RGB", image.size, ground)
    below.paste(image, mask=alpha)
    return below


def _from_numbers(image: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    """Modes with more than 8 bits a pixel -> L, and what is opaque where one is transparent."""
    values = np.asarray(image)
    tags = getattr(image, "tag_v2", {})  # TIFF's
    if image.mode in ("I", "F"):
        white = _white(values)
    else:
        white = 4095 if tags.get(BITS_PER_SAMPLE) == (12,) else 65_535
    levels = values.astype(np.float64) * (255 / white)
    if tags.get(PHOTOMETRIC) == 0:  # white is zero
        levels = 255 - levels
    grey = Image.fromarray(np.floor(levels + 0.5).astype(np.uint8))
    clear = image.info.get("transparency")
    opaque = None if clear is None else Image.fromarray(np.uint8(255) * (values != clear))
    return grey, opaque


def _white(values: np.ndarray) -> int:
    """Of numbers whose format does not say it; raises ValueError where they do not, either."""
    low, high = values.min(), values.max()
    whites = WHITES[1:] if values.dtype.kind == "i" else WHITES
    found = next((white for white in whites if low >= 0 and high <= white), None)
    if found is None:  # also with a value that is not a number
        raise ValueError(f"values from {low} to {high} do not say what is white: save 16 bits")
    return found


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """A picture without alpha by its colour profile, if that fits it, in mode RGB."""
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            fits = source.profile.xcolor_space.strip() == SPACES.get(image.mode)
            if fits and "sRGB" not in ImageCms.getProfileDescription(source):
                return _transformed(image, source)
        except (ImageCms.PyCMSError, OSError):
            pass  # A broken profile says nothing; viewers show the picture without it.
    if image.mode == "LAB":
        return _transformed(image, ImageCms.createProfile("LAB"))
    return image.convert("RGB")


def _transformed(image: Image.Image, source: ImageCms.ImageCmsProfile) -> Image.Image:
    transform = ImageCms.buildTransform(
        source,
        ImageCms.createProfile("sRGB"),
        image.mode,
        "RGB",
        ImageCms.Intent.RELATIVE_COLORIMETRIC,
        ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )
    return ImageCms.applyTransform(image, transform)
