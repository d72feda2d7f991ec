"""A published generator, ready to translate pictures as fast as this machine can.

translator = Translator("monet.safetensors")
painting = translator(capture)        # [H, W, 3] uint8 RGB -> the same shape
"""

from __future__ import annotations

import logging
import time
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from gan_cut.checkpoints import load_generator, load_translator
from gan_cut.device import choose_device, choose_precision, mixed_precision
from models.processor import computes_bf16

log = logging.getLogger(__name__)

SMALLEST, LARGEST = 256, 1024
BACKENDS = ("eager-fp32", "eager-bf16", "openvino")

Backend = Callable[[np.ndarray], np.ndarray]
"""[N, H, W, 3] uint8 -> the same; H and W multiples of the generator's."""


class Levels(nn.Module):
    """A generator from uint8 to uint8: [N, H, W, 3] RGB -> the same shape.

    One that takes one channel is given the luma (ITU-R 601); what one gives is grey.
    """

    def __init__(self, generator: nn.Module) -> None:
        super().__init__()
        self.generator = generator
        self.taken, self.given = getattr(generator, "channels", (3, 3))
        self.register_buffer("luma", torch.tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1))

    def forward(self, pictures: Tensor) -> Tensor:
        x = pictures.permute(0, 3, 1, 2).float() / 127.5 - 1
        if self.taken == 1:
            x = (x * self.luma.to(x.device)).sum(1, keepdim=True)
        levels = ((self.generator(x).float() + 1) * 127.5).round().clamp(0, 255)
        if self.given == 1:
            levels = levels.repeat(1, 3, 1, 1)
        return levels.to(torch.uint8).permute(0, 2, 3, 1)


def pad_to_multiple(pictures: np.ndarray, multiple: int) -> np.ndarray:
    """Mirror the right and the lower edge of [N, H, W, 3] until both are multiples."""
    height, width = -pictures.shape[1] % multiple, -pictures.shape[2] % multiple
    return np.pad(pictures, ((0, 0), (0, height), (0, width), (0, 0)), mode="reflect")


def translate(generator: nn.Module, pictures: np.ndarray, precision: str = "fp32") -> np.ndarray:
    """[N, H, W, 3] uint8 of any size -> the same, by a torch module where it is."""
    device = next(generator.parameters()).device
    height, width = pictures.shape[1:3]
    padded = torch.from_numpy(pad_to_multiple(pictures, generator.multiple)).to(device)
    with torch.inference_mode(), mixed_precision(device, precision):
        return Levels(generator)(padded).cpu().numpy()[:, :height, :width]


def eager(generator: nn.Module, precision: str, device: torch.device) -> Backend:
    """PyTorch as it is; on NVIDIA and Apple with channels last."""
    generator = generator.to(device, memory_format=torch.channels_last)
    return lambda pictures: translate(generator, pictures, precision)


def openvino(generator: nn.Module, threads: int | None = None) -> Backend:
    """OpenVINO on the processor, in bfloat16 where it has it, for pictures of any size.

    Raises ImportError where OpenVINO is not installed.
    """
    side = 2 * generator.multiple
    example = torch.zeros(1, side, side, 3, dtype=torch.uint8)
    return compiled(Levels(generator.cpu().float()), [example], [[-1, -1, -1, 3]], threads)


def compiled(
    module: nn.Module, examples: list[Tensor], shapes: list[list[int]], threads: int | None = None
) -> Callable[..., np.ndarray]:
    """A module with one output by OpenVINO on the processor, in bfloat16 where it has it.

    shapes: of each input, -1 where any size may come; the examples are of any such size.
    Raises ImportError where OpenVINO is not installed.
    """
    from models.openvino import openvino as ov

    with warnings.catch_warnings():
        # PyTorch warns of the tracing that OpenVINO does inside; the shapes are set below.
        warnings.simplefilter("ignore")
        model = ov.convert_model(module, example_input=tuple(examples))
    model.reshape(dict(enumerate(shapes)))
    # asked for bf16, OpenVINO emulates it on AVX-512 processors that lack it
    precision = "bf16" if computes_bf16() else "f32"
    options = {"INFERENCE_PRECISION_HINT": precision, "PERFORMANCE_HINT": "LATENCY"}
    if threads is not None:
        options["INFERENCE_NUM_THREADS"] = threads
    request = ov.Core().compile_model(model, "CPU", options).create_infer_request()

    def run(*arrays: np.ndarray) -> np.ndarray:
        request.infer([np.ascontiguousarray(array) for array in arrays])
        return request.get_output_tensor().data.copy()

    return run


def choose_backend(
    path: Path | str, device: torch.device, threads: int | None = None, size: int = 256
) -> tuple[str, Backend]:
    """The backend that translates one `size` x `size` picture in the shortest time here.

    Every one that runs on this machine is measured; times and choice are logged.
    """
    makers = {
        "eager-fp32": lambda: eager(load_generator(path), "fp32", device),
        "eager-bf16": lambda: eager(load_generator(path), "bf16", device),
        "openvino": lambda: openvino(load_generator(path), threads),
    }
    picture = np.random.default_rng(0).integers(0, 256, (1, size, size, 3), dtype=np.uint8)
    what = f"{Path(path).name} at {size} x {size}"
    return fastest({name: makers[name] for name in usable(device)}, (picture,), what)


def usable(device: torch.device) -> list[str]:
    """The backends that this device may have an advantage from."""
    of_device = {
        "eager-fp32": True,
        "eager-bf16": choose_precision("auto", device) == "bf16",
        "openvino": device.type == "cpu",
    }
    return [name for name in BACKENDS if of_device[name]]


def fastest(
    makers: Mapping[str, Callable[[], Callable[..., np.ndarray]]],
    inputs: tuple[np.ndarray, ...],
    what: str,
) -> tuple[str, Callable[..., np.ndarray]]:
    """The one that is quickest with these inputs; times and choice are logged."""
    times, backends = {}, {}
    for name, make in makers.items():
        try:
            backends[name] = make()
        except ImportError as problem:
            log.info("%s is not to be had: %s", name, problem)
            continue
        times[name] = measure(lambda run=backends[name]: run(*inputs))
    best = min(times, key=times.get)
    report = ", ".join(f"{name} {1000 * t:.1f} ms" for name, t in times.items())
    log.info("%s: %s; chosen: %s", what, report, best)
    return best, backends[best]


def measure(run: Callable[[], object], rounds: int = 5) -> float:
    """Median seconds of a call, after two that do not count."""
    seconds = []
    for _ in range(rounds + 2):
        start = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - start)
    return float(np.median(seconds[2:]))


class Translator:
    """Translates pictures with the generator in a file.

    `backend` is one of BACKENDS, or None for the fastest by measure.  `threads`
    limits OpenVINO; PyTorch's number of threads is the process's own affair.
    """

    def __init__(
        self,
        path: Path | str,
        backend: str | None = None,
        device: str = "auto",
        threads: int | None = None,
    ) -> None:
        generator = load_translator(path)
        where = choose_device(device)
        self.multiple = generator.multiple
        if backend is None:
            self.backend, self._run = choose_backend(path, where, threads)
        elif backend == "openvino":
            self.backend, self._run = backend, openvino(generator, threads)
        elif backend in BACKENDS:
            precision = backend.removeprefix("eager-")
            self.backend, self._run = backend, eager(generator, precision, where)
        else:
            raise ValueError(f"unknown backend {backend!r}; known: {', '.join(BACKENDS)}")

    def __call__(self, pictures: np.ndarray) -> np.ndarray:
        """[H, W, 3] or [N, H, W, 3] uint8 RGB, 256 to 1024 a side -> the same shape.

        Raises ValueError for any other array.
        """
        if pictures.dtype != np.uint8 or pictures.ndim not in (3, 4) or pictures.shape[-1] != 3:
            raise ValueError(
                f"expected uint8 [H, W, 3] or [N, H, W, 3], not {pictures.dtype} "
                f"{list(pictures.shape)}"
            )
        batch = pictures if pictures.ndim == 4 else pictures[None]
        height, width = batch.shape[1:3]
        if min(height, width) < SMALLEST or max(height, width) > LARGEST:
            raise ValueError(
                f"a picture of {width} x {height} is outside {SMALLEST} to {LARGEST} pixels a side"
            )
        result = self._run(pad_to_multiple(batch, self.multiple))[:, :height, :width]
        return result if pictures.ndim == 4 else result[0]
