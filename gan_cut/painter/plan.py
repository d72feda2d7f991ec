"""Deciding on strokes: coarse to fine, where the canvas still differs.

After Hertzmann 1998 (layers of curved strokes) and Litwinowicz 1997 (directions along forms).
All is decided on a picture of WORK pixels, whatever size will be asked for.  Chances are drawn
for all places before any is chosen, so that a choice changes no other; the canvas that is
compared is laid with the strokes as they will be kept.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gan_cut.painter.brushes import VARIANTS
from gan_cut.painter.colour import mixed_paints
from gan_cut.painter.compiled import compiled
from gan_cut.painter.field import Forms, blurred, luma, noise
from gan_cut.painter.hand import Hand
from gan_cut.painter.lay import prepared_canvas
from gan_cut.painter.strokes import COSINES, MOST, OPACITIES, SINES, lay, pack

WORK = 512
"""Pixels of the longer side on which strokes are decided."""

SPACING = (0.98, 0.72, 0.55, 0.46)
"""Between places of each layer, in widths."""

PLAIN = (
    "length", "bend", "follow", "scatter", "opacity", "finish", "loose", "broken", "varied",
    "swirl", "bare", "brush", "knife", "dab", "wash",
)  # fmt: skip
"""Numbers of a hand that are mixed place by place as they are."""


class Mixed:
    """Hands mixed by shares [N, H, W] that sum to 1 at each place: any number as a map."""

    def __init__(self, hands: Sequence[Hand], shares: np.ndarray) -> None:
        self.hands, self.shares = hands, shares

    def map(self, values: Sequence[float]) -> np.ndarray:
        total = np.zeros(self.shares.shape[1:])
        for value, share in zip(values, self.shares, strict=True):
            total += value * share
        return total

    def named(self, name: str) -> np.ndarray:
        return self.map([getattr(hand, name) for hand in self.hands])

    def widths(self, layer: int) -> np.ndarray:
        return self.map([hand.widths[layer] for hand in self.hands])

    def pull(self) -> np.ndarray:
        """[H, W, 2]: twice the angle that the hands draw to, as long as they pull."""
        turns = [round(hand.angle / 180 * 256) & 255 for hand in self.hands]
        return np.stack(
            [
                self.map([h.pull * wave[t] for h, t in zip(self.hands, turns, strict=True)])
                for wave in (COSINES, SINES)
            ],
            -1,
        )


def plan(
    picture: np.ndarray,
    detail: np.ndarray,
    mixed: Mixed,
    ground: tuple[int, int, int],
    random: np.random.Generator,
) -> np.ndarray:
    """Strokes (STROKE [N]) that paint a picture [h, w, 3] uint8, longer side WORK.

    detail [h, w] uint8: 255 where the eye shall stay, 0 where a broad brush is enough.
    """
    height, width = picture.shape[:2]
    canvas = prepared_canvas(height, width, ground)
    forms = Forms(luma(picture))
    maps = {name: mixed.named(name) for name in PLAIN}
    turns = (noise(random, (height, width), 5) - 0.5) * 2
    bare = _bare(maps["bare"], detail, random)
    laid, room = [], MOST
    # Long strokes cover more (a fourth root, of square roots: no processor rounds it otherwise).
    reach = float(np.sqrt(np.sqrt(max(maps["length"].mean(), 2.0) / 4)))
    for layer in range(4):
        broad = mixed.widths(layer)
        typical = float(broad.mean()) * max(height, width)
        soft = blurred(picture.astype(np.int64) << 8, max(0.6, typical * 0.30)) >> 8
        along = _directions(forms, typical, maps, mixed.pull(), turns)
        difference = np.abs(soft - (canvas[..., :3].astype(np.int64) >> 8)).sum(-1)
        difference = blurred(difference << 4, max(1.0, typical * 0.4)) / 48
        step = typical * SPACING[layer] * reach
        places = _places(height, width, max(2.0, step), random)
        chosen = _chosen(places, layer, difference, detail, maps, bare)
        places = places[chosen][:room]
        strokes = _strokes(places, layer, picture.shape, soft, detail, along, broad, maps, turns)
        lay(canvas, strokes)
        laid.append(strokes)
        room -= len(strokes)
    return np.concatenate(laid)


def _places(height: int, width: int, step: float, random: np.random.Generator) -> np.ndarray:
    """[N, 14]: x, y and twelve chances for every place, in a random order."""
    rows, columns = max(1, round(height / step)), max(1, round(width / step))
    chances = random.random((rows, columns, 14))
    y, x = np.mgrid[0:rows, 0:columns]
    chances[..., 0] = (x + chances[..., 0] * 1.2 - 0.1) * (width / columns)
    chances[..., 1] = (y + chances[..., 1] * 1.2 - 0.1) * (height / rows)
    np.clip(chances[..., 0], 0, width - 0.01, out=chances[..., 0])
    np.clip(chances[..., 1], 0, height - 0.01, out=chances[..., 1])
    return chances.reshape(-1, 14)


def _at(places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return places[:, 1].astype(np.int64), places[:, 0].astype(np.int64)


def _chosen(places, layer, difference, detail, maps, bare) -> np.ndarray:
    """Numbers of the places that are painted, in their order: the ground before the subject."""
    at = _at(places)
    eye = detail[at] / 255
    wanted = ~bare[at]
    if layer == 0:
        wanted &= (
            difference[at] > 4 + 80 * maps["bare"][at]
        )  # what is as the canvas is stays canvas
    else:
        lost = maps["loose"][at] * (1 - eye)
        most = (5 + 26 * (1 - maps["finish"][at])) * (1 + 1.5 * lost) * (0.6 + 0.8 * places[:, 2])
        wanted &= difference[at] > most
        wanted &= places[:, 3] > lost * (0.0, 0.25, 0.72, 0.97)[layer]
    order = places[:, 4] + 0.9 * (eye > 0.5)
    chosen = np.flatnonzero(wanted)
    return chosen[np.argsort(order[chosen], kind="stable")]


def _bare(share: np.ndarray, detail: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """[h, w] bool: canvas that is left, in patches, most at the edges, none on the subject."""
    height, width = share.shape
    y = np.minimum(np.arange(height), np.arange(height)[::-1])[:, None] / max(height, width)
    x = np.minimum(np.arange(width), np.arange(width)[::-1])[None] / max(height, width)
    edge = np.clip(1 - np.minimum(y, x) / 0.12, 0, 1)
    patches = 0.62 * noise(random, share.shape, 7) + 0.38 * noise(random, share.shape, 30)
    wish = patches + 0.24 * edge - 0.9 * blurred(detail.astype(np.int64) << 8, 6) / 65280
    ordered = np.sort(wish.ravel())[::-1]
    rank = np.minimum((share * ordered.size).astype(np.int64), ordered.size - 1)
    return wish > ordered[rank]


def _directions(forms, typical, maps, pull, turns) -> np.ndarray:
    """[h / 2, w / 2, 2]: twice the angle of strokes; longer where it is surer."""
    along, sure = forms.directions(max(1.5, typical * 0.45))
    strength = maps["follow"][::2, ::2] * (0.25 + 0.75 * sure)
    vector = along * strength[..., None] + pull[::2, ::2] * (1 - 0.6 * strength * sure)[..., None]
    turn = turns[::2, ::2] * maps["swirl"][::2, ::2]
    angle = np.floor(turn * 128 + 0.5).astype(np.int64) & 255
    cosine, sine = COSINES[angle], SINES[angle]
    return np.stack(
        [
            vector[..., 0] * cosine - vector[..., 1] * sine,
            vector[..., 0] * sine + vector[..., 1] * cosine,
        ],
        -1,
    )


def _strokes(places, layer, shape, soft, detail, along, broad, maps, turns) -> np.ndarray:
    """The strokes at chosen places: traced, coloured, and packed."""
    at = _at(places)
    here = {name: values[at] for name, values in maps.items()}
    longer = max(shape[:2])
    scatter = here["scatter"] * (places[:, 5] + places[:, 6] - 1)
    turned = np.floor(scatter * 64 + 0.5).astype(np.int64) & 255
    width = broad[at] * longer * (0.75 + 0.5 * places[:, 7])
    length = here["length"] * (0.7 + 0.6 * places[:, 8])
    kind = _kinds(here, places[:, 9])
    round_touch, veil = kind == 2, kind == 3
    width = np.where(veil, width * 1.3, width)
    length = np.where(round_touch, 1.0, length)
    loyal = 46 + 150 * (1 - here["finish"]) + (60 if layer == 0 else 0)
    traced = _trace(
        places, length * width, width, turned, loyal, soft, detail.astype(np.int64), along,
        COSINES, SINES,
    )  # fmt: skip
    bend = np.clip(traced[:, 4] + here["bend"] * turns[at], -0.45, 0.45)
    angle = np.floor(traced[:, 2] + 0.5).astype(np.int64)
    angle = np.where(places[:, 10] < 0.5, angle, angle + 128)
    bend = np.where(places[:, 10] < 0.5, bend, -bend)
    colour = mixed_paints(soft[at], places[:, 11:14], here["broken"], here["varied"])
    opacity = here["opacity"] * np.where(veil, 0.55, 1) * 256
    if layer == 0:
        opacity = np.maximum(opacity, 200)
    brush = np.stack(
        [
            kind,
            (places[:, 12] * VARIANTS).astype(np.int64),
            np.abs(opacity[:, None] - OPACITIES).argmin(1),
        ],
        -1,
    )
    sizes = np.stack([traced[:, 3], width], -1) / longer
    return pack(traced[:, :2], shape[:2], angle, sizes, bend, colour, brush)


def _kinds(here, chance) -> np.ndarray:
    """Which brush each stroke is laid with: 0 to 3."""
    parts = [here[name] for name in ("brush", "knife", "dab", "wash")]
    chance = chance * (parts[0] + parts[1] + parts[2] + parts[3])
    kind = np.zeros(len(chance), np.int64)
    for number in range(1, 4):
        chance = chance - parts[number - 1]
        kind[chance >= 0] = number
    return kind


@compiled
def turn_of(x, y):
    """Direction of (x, y) in 1/256 turns, to a few thousandths (IEEE arithmetic alone)."""
    ax, ay = abs(x), abs(y)
    low, high = min(ax, ay), max(ax, ay)
    if high <= 0:
        return 0.0
    z = low / high
    q = z * z
    arc = z * (
        0.99997726 + q * (-0.33262347 + q * (0.19354346 + q * (-0.11643287 + q * 0.05265332)))
    )
    arc = arc * 40.74366543152521
    if ay > ax:
        arc = 64 - arc
    if x < 0:
        arc = 128 - arc
    return -arc if y < 0 else arc


@compiled
def _heading(along, x, y, cosine, sine):
    """Unit vector of the direction at a place, turned by a stroke's own angle."""
    c2, s2 = along[y, x, 0], along[y, x, 1]
    size = np.sqrt(c2 * c2 + s2 * s2)
    if size < 1e-9:
        c, s = 1.0, 0.0
    else:
        c = np.sqrt(max((1 + c2 / size) / 2, 0.0))
        s = np.sqrt(max((1 - c2 / size) / 2, 0.0))
        if s2 < 0:
            s = -s
    return c * cosine - s * sine, c * sine + s * cosine


@compiled
def _trace(places, length, width, turned, loyal, soft, detail, along, cosines, sines):
    """[N, 5]: x, y, direction, length and bend of strokes grown both ways along the field.

    A stroke stops where the picture's colour leaves its own, or the subject the ground.
    """
    rows, columns = detail.shape
    out = np.empty((places.shape[0], 5))
    ends = np.empty((2, 2))
    for n in range(places.shape[0]):
        x, y = places[n, 0], places[n, 1]
        i, j = int(y), int(x)
        cosine, sine = cosines[turned[n]], sines[turned[n]]
        hx, hy = _heading(along, j >> 1, i >> 1, cosine, sine)
        step = max(1.0, width[n] * 0.4)
        for side in range(2):
            dx, dy = (hx, hy) if side == 0 else (-hx, -hy)
            px, py, gone = x, y, step
            while gone <= (length[n] - width[n] * 0.5) / 2:
                nx, ny = px + dx * step, py + dy * step
                if nx < 0 or ny < 0 or nx >= columns or ny >= rows:
                    break
                k, m = int(ny), int(nx)
                far = (
                    abs(soft[k, m, 0] - soft[i, j, 0])
                    + abs(soft[k, m, 1] - soft[i, j, 1])
                    + abs(soft[k, m, 2] - soft[i, j, 2])
                )
                if far > loyal[n] or abs(detail[k, m] - detail[i, j]) > 110:
                    break
                px, py = nx, ny
                tx, ty = _heading(along, m >> 1, k >> 1, cosine, sine)
                if tx * dx + ty * dy < 0:
                    tx, ty = -tx, -ty
                dx, dy = tx, ty
                gone += step
            ends[side, 0], ends[side, 1] = px, py
        cx, cy = ends[0, 0] - ends[1, 0], ends[0, 1] - ends[1, 1]
        chord = np.sqrt(cx * cx + cy * cy)
        bend = 0.0
        if chord > width[n] * 0.8:
            mx, my = (ends[0, 0] + ends[1, 0]) / 2, (ends[0, 1] + ends[1, 1]) / 2
            ux, uy = cx / chord, cy / chord
            t = ((x - mx) * ux + (y - my) * uy) / chord
            away = (y - my) * ux - (x - mx) * uy  # to the right of the way
            bend = min(max(away / chord / max(1 - 4 * t * t, 0.4), -0.4), 0.4)
            x, y = mx - uy * bend * chord * 2 / 3, my + ux * bend * chord * 2 / 3
            hx, hy = ux, uy
        out[n, 0] = min(max(x, 0.0), columns - 0.01)
        out[n, 1] = min(max(y, 0.0), rows - 0.01)
        out[n, 2] = turn_of(hx, hy)
        out[n, 3] = chord + width[n] * 1.1
        out[n, 4] = bend
    return out
