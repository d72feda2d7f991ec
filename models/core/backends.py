"""The ways to run a network that makes pictures, and the fastest of them on this machine."""

from __future__ import annotations

import logging
import time
import warnings
from collections.abc import Callable, Mapping

import numpy as np
import torch
from torch import Tensor, nn

from models.core.device import choose_precision, mixed_precision
from models.core.processor import computes_bf16

log = logging.getLogger(__name__)

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
    from models.core.openvino import openvino as ov

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
