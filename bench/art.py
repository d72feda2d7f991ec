"""Captures become pictures: generators by themselves, and the whole way back to the client.

Without published weights the times are those of random weights of the same size, which
take as long; the rows then say so and have no goals.  The clients are no browsers.
"""

from __future__ import annotations

import io
import json
import os
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

import numpy as np
import safetensors.torch
import torch
from PIL import Image

from bench import painting as brushwork
from bench import servers
from bench.rows import Goal, Row, at_least, at_most
from bench.visitors import elsewhere, visit
from gan_cut.checkpoints import load_generator
from gan_cut.conditional_networks import STYLES
from gan_cut.inference import Translator
from gan_cut.networks import ResnetGenerator, StudentGenerator, initialise
from gan_cut.stylist import Stylist
from models.core.backends import BACKENDS
from models.core.backends import measure as median_of
from models.core.device import mixed_precision
from models.core.files import half_precision
from models.core.processor import computes_bf16
from models.upscaler.upscaler import Upscaler
from models.upscaler.ways import bicubic
from server.art import emotion_engines as engines
from server.art.emotion_engines import CANDIDATES, PANELS
from server.art.engines import ENGINES
from server.art.hands import Hands, longer_side
from server.art.mixtures import array_of, emphasised
from server.art.picture import fitted
from server.art.task import Task
from server.settings import ROOT
from tests.running import Guest, Mien, wait_until

ENGINE, FELT, PAINTED = "monet", "felt", "painted"
SIDE = 256
PATIENCE = 180.0


class Run:
    """Weights, lengths, and the baselines: measured once, when a section first asks."""

    def __init__(self, quick: bool, folder: Path) -> None:
        self.quick = quick
        self.seconds = 5.0 if quick else 15.0
        self.pictures = 3 if quick else 8
        published = ROOT / "models" / "weights"
        self.is_published = all(
            (published / name).is_file()
            for name in (f"{ENGINE}.safetensors", f"{ENGINE}-live.safetensors")
        )
        self.weights = published if self.is_published else folder
        if not self.is_published:
            torch.manual_seed(0)
            for name, network in (("", ResnetGenerator(32, 9)), ("-live", StudentGenerator())):
                initialise(network, 0.2)
                file = folder / f"{ENGINE}{name}.safetensors"
                safetensors.torch.save_file(half_precision(network), file)
        self.full = self.weights / f"{ENGINE}.safetensors"
        self.live = self.weights / f"{ENGINE}-live.safetensors"
        self.note = "" if self.is_published else ", random weights"

    def goal(self, goal: Goal) -> Goal | None:
        """Only what visitors will see has a goal."""
        return goal if self.is_published else None

    @cached_property
    def times(self) -> dict[str, float]:
        """Milliseconds of the full generator at 256² by each back end of the processor."""
        return {name: translation_time(self.full, name) for name in BACKENDS}


def generators(run: Run) -> Iterator[Row]:
    """Each alone on this machine, all cores, one 256² picture at a time."""
    eager = run.times["eager-fp32"]
    best = min(run.times, key=run.times.get)
    for name, spent in run.times.items():
        yield Row(f"full generator at 256², {name}{run.note}", spent, "ms", eager)
    goal = at_most(0.5 * eager) if computes_bf16() else None
    what = f"full generator at 256², the best back end ({best}){run.note}"
    yield Row(what, run.times[best], "ms", eager, goal and run.goal(goal))
    plain = translation_time(run.live, "eager-fp32")
    spent = min(plain, translation_time(run.live, "openvino"))
    what = f"live student at 256², the best back end{run.note}"
    yield Row(what, spent, "ms", plain, run.goal(at_most(30)))


def style(run: Run) -> Iterator[Row]:
    """The emotional style of a picture, all cores, one at a time; nothing without its weights."""
    weights = run.weights / "style.safetensors"
    if not weights.is_file():
        return
    threads, mixture = os.cpu_count() or 1, np.full(7, 1 / 7, np.float32)
    fast = Stylist(weights, device="cpu")
    plain = Stylist(weights, "eager-fp32", "cpu")
    for side, most in ((256, 90), (1024, 3000)):
        pixels = np.random.default_rng(0).integers(0, 256, (side, side, 3), np.uint8)
        spent, baseline = (
            1000 * median_of(lambda end=end, p=pixels: end(p, mixture, threads))
            for end in (fast, plain)
        )
        what = f"emotional style at {side}², {fast.backend}"
        yield Row(what, spent, "ms", baseline, at_most(most))


def picture(run: Run) -> Iterator[Row]:
    """A capture of 256² to its picture at the client, while another visitor is tracked."""
    with painting(run) as server, elsewhere() as submit:
        alone = submit(visit, server.url, True, 15, run.seconds).result()
        tracked = submit(visit, server.url, True, 15, run.seconds + 3 * run.pictures)
        with Guest(server.url) as guest:
            painter = Client(server, guest)
            painter.picture()  # the first one on so many threads is slower
            spent = [painter.picture() for _ in range(run.pictures)]
        tracked.result()
        beside = submit(visit, server.url, True, 15, run.seconds)
        with Guest(server.url) as guest:
            painter = Client(server, guest)
            while not beside.done():
                painter.picture()
        without, during = (
            float(np.percentile(one.answers[0], 95)) for one in (alone, beside.result())
        )
    bare = min(run.times.values()) / 1000
    what = f"capture → picture at the client by {ENGINE} at 256², painted, one visitor tracked"
    yield Row(f"{what}{run.note}: median", np.median(spent), "s", bare, run.goal(at_most(2)))
    what = f"frame → SceneState p95, one visitor at 15 fps, while pictures are made{run.note}"
    yield Row(what, during, "ms", without, run.goal(at_most(1.6 * without)))


def painted(run: Run) -> Iterator[Row]:
    """A capture of 1024² without any network, while another visitor is tracked; beside what the
    worker does of it alone in this process, on one thread."""
    capture, hands = brushwork.scene(1024), Hands()
    task = Task(array_of(None), 0, 1)
    decided = median_of(lambda: hands.strokes(fitted(capture, 512), fitted(capture, 512), task))
    made = hands.strokes(capture, capture, task)
    laid = median_of(lambda: made.render(longer_side(made)))
    with painting(run, PAINTED) as server, elsewhere() as submit:
        tracked = submit(visit, server.url, True, 15, run.seconds + 3 * run.pictures)
        with Guest(server.url) as guest:
            client = Client(server, guest, Image.fromarray(capture))
            spent = [(client.picture(PAINTED), client.stroked) for _ in range(run.pictures)]
        tracked.result()
    finished, begun = np.median(spent, 0)
    what = "capture of 1024², painted without a network, one visitor tracked: capture →"
    yield Row(f"{what} strokes at the client, median", begun, "s", decided, at_most(0.6))
    whole = decided + laid
    yield Row(f"{what} picture of 1024² at the client, median", finished, "s", whole, at_most(2))


def living(run: Run) -> Iterator[Row]:
    """The living painting by a client that sends the next picture when one has come back."""
    with painting(run) as server, elsewhere() as submit:
        with Guest(server.url) as guest:
            alone = Client(server, guest).living(run.seconds)
        tracked = submit(visit, server.url, True, 15, run.seconds + 2)
        time.sleep(3)
        with Guest(server.url) as guest:
            beside = Client(server, guest).living(run.seconds)
        seen = tracked.result()
    most = 1000 / translation_time(run.live, "openvino")
    what = f"living painting{run.note}"
    yield Row(f"{what}: paintings per second, alone", alone, "/s", most, run.goal(at_least(15)))
    yield Row(
        f"{what}: paintings per second beside a tracked visitor",
        beside,
        "/s",
        alone,
        run.goal(at_least(6)),
    )
    yield Row(
        f"{what}: Readings per second of that visitor, offered 15",
        seen.read / seen.seconds,
        "/s",
        None,
        run.goal(at_least(12)),
    )


def felt(run: Run) -> Iterator[Row]:
    """Paint what I show, beside its parts on all cores; nothing where one of its weights lacks."""
    weights = [run.weights / file for file in ENGINES[FELT].weights]
    if not all(file.is_file() for file in weights):
        return
    threads = os.cpu_count() or 1
    dreamer, critic, upscaler = (
        load(run.weights) for load in (engines.dreamer, engines.critic, engines.upscaler)
    )
    mixture = emphasised(array_of({"happy": 0.7, "surprise": 0.3}))
    works = dreamer(STYLES[0], mixture, CANDIDATES, 1, threads)
    parts = {
        f"{CANDIDATES} works": lambda: dreamer(STYLES[0], mixture, CANDIDATES, 1, threads),
        f"the critic on {CANDIDATES}": lambda: critic.scores(works, threads),
        f"{PANELS} enlarged to {4 * dreamer.size}²": lambda: [
            upscaler(work, threads) for work in works[:PANELS]
        ],
    }
    times = {name: median_of(part) for name, part in parts.items()}
    for name, spent in times.items():
        yield Row(f"paint what I show: {name}", 1000 * spent, "ms")
    with painting(run, FELT) as server, Guest(server.url) as guest:
        painter = Client(server, guest)
        painter.picture(FELT)  # the first one on so many threads is slower
        spent = [painter.picture(FELT) for _ in range(run.pictures)]
    what = "paint what I show: gesture → triptych at the client: median"
    yield Row(what, np.median(spent), "s", sum(times.values()), at_most(4))


def gpu(run: Run) -> Iterator[Row]:
    """Frames per second on an NVIDIA GPU, one at a time, with and without CUDA graphs; nothing
    where there is none."""
    if not torch.cuda.is_available():
        return
    device = torch.device("cuda")
    peak = matrix_peak(device)
    yield Row(f"{torch.cuda.get_device_name()}: measured bf16 matrix peak", peak / 1e12, "TFLOP/s")
    for kind, path in (("full generator", run.full), ("live student", run.live)):
        for side in (256, 512):
            network = load_generator(path).to(device, memory_format=torch.channels_last).eval()
            x = torch.rand(1, 3, side, side, device=device).to(memory_format=torch.channels_last)
            flop = floating_point_operations(network, x)
            with torch.inference_mode(), mixed_precision(device, "bf16"):
                plain = rate_on(device, lambda n=network, x=x: n(x))
                graphed = rate_on(device, graph_of(network, x).replay)
            what = f"{kind} at {side}²{run.note}"
            yield Row(f"{what}: pictures per second, eager", plain, "/s")
            yield Row(f"{what}: pictures per second, CUDA graph", graphed, "/s", plain)
            yield Row(f"{what}: share of the matrix peak", 100 * graphed * flop / peak, "%")


def enlarging(run: Run) -> Iterator[Row]:
    """256² to 1024² beside bicubic interpolation, on two threads; nothing without the weights."""
    weights = run.weights / "upscaler.safetensors"
    if not weights.is_file():
        return
    pixels = np.random.default_rng(0).integers(0, 256, (SIDE, SIDE, 3), np.uint8)
    upscaler = Upscaler(weights)
    spent = median_of(lambda: upscaler(pixels, threads=2))
    what = f"enlarging 256² to 1024² on two threads ({upscaler.backend}), beside bicubic"
    yield Row(what, spent, "s", median_of(lambda: bicubic(pixels)), at_most(1))


def painter(run: Run) -> Iterator[Row]:
    """Brush strokes over a picture, one thread."""
    yield from brushwork.rows(run.quick)


SECTIONS: dict[str, Callable[[Run], Iterator[Row]]] = {
    "generators": generators,
    "style": style,
    "picture": picture,
    "painted": painted,
    "living": living,
    "felt": felt,
    "enlarging": enlarging,
    "painter": painter,
    "gpu": gpu,
}


def measure(sections: Sequence[str], quick: bool, tell: Callable[[str], None]) -> Iterator[Row]:
    """The rows of the chosen sections, each as soon as it is known."""
    with tempfile.TemporaryDirectory(prefix="mien-bench-") as folder:
        run = Run(quick, Path(folder))
        for name in sections:
            tell(f"-- {name}")
            yield from SECTIONS[name](run)


# ------------------------------------------------------------------------------


class Client:
    """The page's part, without a page."""

    def __init__(self, server: Mien, guest: Guest, capture: Image.Image | None = None) -> None:
        self._server, self._guest = server, guest
        self.stroked = 0.0
        """Seconds of the last picture's capture until its strokes were here."""
        guest.send("consent")
        self._token = guest.wait_for("visit")[0]["token"]
        pixels = np.random.default_rng(0).integers(0, 256, (32, 32, 3), np.uint8)
        self._capture = capture or Image.fromarray(pixels).resize((SIDE, SIDE))

    def picture(self, engine: str = ENGINE) -> float:
        """Seconds from a capture's being asked for, as by a gesture, until its picture is here."""
        time.sleep(2)  # what a visit is allowed
        png = self._file("PNG")
        heard = len(self._guest.heard)
        began = time.perf_counter()
        self._guest.send("command", {"name": "capture", "argument": None})
        self._guest.wait_for("scene", lambda scene, *_: scene["actions"], heard)
        path = f"/art/captures?engine={engine}&scene=landscape"
        id = json.loads(self._ask(path, png))["id"]
        end = began + PATIENCE
        self.stroked = 0.0
        while time.perf_counter() < end:
            for (art,) in self._guest.all("art"):
                if art["id"] == id and art["strokes"] and not self.stroked:
                    self._ask(art["strokes"])
                    self.stroked = time.perf_counter() - began
                if art["id"] == id and art["state"] == "done":
                    self._ask(art["urls"]["picture"])
                    spent = time.perf_counter() - began
                    self._guest.send("art", {"name": "delete", "id": id})
                    return spent
                if art["id"] == id and art["state"] in ("failed", "expired"):
                    raise RuntimeError(f"a picture failed: {art['message']}")
            time.sleep(0.005)
        raise TimeoutError(f"no picture came within {PATIENCE:.0f} s")

    def living(self, seconds: float) -> float:
        """Paintings per second."""
        jpeg = self._file("JPEG")
        painted, number = 0, 0
        began = time.perf_counter()
        while (now := time.perf_counter()) < began + seconds:
            number += 1
            heard = len(self._guest.heard)
            self._guest.send("canvas", number, jpeg, {"engine": ENGINE})
            while time.perf_counter() < now + 2.0:
                answers = [p for e, *p in self._guest.heard[heard:] if e == "painted"]
                if any(about["number"] == number for about, *_ in answers):
                    painted += answers[-1][0]["outcome"] == "painted"
                    break
                time.sleep(0.002)
        return painted / (time.perf_counter() - began)

    def _file(self, kind: str) -> bytes:
        file = io.BytesIO()
        self._capture.save(file, kind)
        return file.getvalue()

    def _ask(self, path: str, body: bytes | None = None) -> bytes:
        headers = {"X-Mien-Visit": self._token, "Origin": self._server.url}
        request = urllib.request.Request(self._server.url + path, body, headers)
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return answer.read()


@contextmanager
def painting(run: Run, engine: str = ENGINE) -> Iterator[Mien]:
    """A running Mien whose painter is ready."""
    options = ("--weights", str(run.weights), "--engines", engine, "--absence", "600")
    with servers.mien(*options, "--max-visitors", "2") as server:

        def ready() -> bool:
            time.sleep(0.5)
            return server.health()["art"]["workers"][0]["ready"]

        wait_until(ready, "the painter's start", PATIENCE)
        yield server


def translation_time(path: Path, backend: str) -> float:
    """Milliseconds for one 256² picture, on all cores: the median of several."""
    translator = Translator(path, backend, "cpu")
    pixels = np.random.default_rng(0).integers(0, 256, (SIDE, SIDE, 3), np.uint8)
    return 1000 * median_of(lambda: translator(pixels))


def matrix_peak(device: torch.device, side: int = 8192) -> float:
    """Floating-point operations per second of a large bfloat16 matrix product."""
    a, b = (torch.rand(side, side, device=device, dtype=torch.bfloat16) for _ in range(2))
    return 2 * side**3 * rate_on(device, lambda: a @ b)


def rate_on(device: torch.device, run: Callable[[], object], rounds: int = 50) -> float:
    """Calls per second."""
    for _ in range(10):
        run()
    torch.cuda.synchronize(device)
    began = time.perf_counter()
    for _ in range(rounds):
        run()
    torch.cuda.synchronize(device)
    return rounds / (time.perf_counter() - began)


def graph_of(network: torch.nn.Module, x: torch.Tensor) -> torch.cuda.CUDAGraph:
    """One call of the network, recorded."""
    for _ in range(3):
        network(x)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        network(x)
    return graph


def floating_point_operations(network: torch.nn.Module, x: torch.Tensor) -> int:
    """Of one call."""
    from torch.utils.flop_counter import FlopCounterMode

    with torch.inference_mode(), FlopCounterMode(display=False) as counter:
        network(x)
    return counter.get_total_flops()
