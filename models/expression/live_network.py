"""The compact network without torch: its stored tensors as an OpenVINO graph.

The perception process imports this file.  `networks.Compact` is the same in torch, and
trains it; both follow BLOCKS.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from models import registry
from models.core.processor import computes_bf16
from models.expression.crop import SIZE

NAME = "expression_compact"
INSIDE = 44
"""Side of what the network sees: the middle of a crop of 48."""
STEM = 32
BLOCKS = ((48, 2), (48, 1), (96, 2), (96, 1), (192, 2), (192, 1))
"""Channels and stride of each residual block."""
EMBEDDING = BLOCKS[-1][0]
EPSILON = 1e-5
"""Of the batch normalisation."""
BATCH = 2
"""A face and its mirror image."""


class LiveNetwork:
    """Embeddings of faces, on one thread."""

    def __init__(self, tensors: Mapping[str, np.ndarray]) -> None:
        """`tensors` by the names of `networks.Compact`; raises registry.ModelError when they
        are another network's."""
        from models.core.openvino import openvino

        self.tensors = {name: value.astype(np.float32) for name, value in tensors.items()}
        try:
            graph = _graph(self.tensors)
        except (KeyError, RuntimeError) as error:
            raise registry.ModelError(
                f"the tensors are not those of {NAME} ({error}). Train it again with"
                " 'python -m models train expression --arch compact'"
            ) from None
        options = {
            "INFERENCE_NUM_THREADS": 1,
            "INFERENCE_PRECISION_HINT": "bf16" if computes_bf16() else "f32",
            "PERFORMANCE_HINT": "LATENCY",
        }
        self._request = openvino.Core().compile_model(graph, "CPU", options).create_infer_request()

    @classmethod
    def load(cls, folder: Path = registry.WEIGHTS) -> LiveNetwork:
        """The network in `models/weights/`; raises registry.ModelError."""
        return cls(registry.load_tensors(NAME, folder))

    def embed(self, pictures: np.ndarray) -> np.ndarray:
        """[N, 192] float32 for crops [N, 48, 48] uint8: the mean of each face's and its mirror
        image's embedding, so that left and right are the same."""
        found = np.empty((len(pictures), EMBEDDING), np.float32)
        for row, picture in enumerate(pictures):
            both = standardised(np.stack((picture, picture[:, ::-1])))
            self._request.infer({0: both})
            found[row] = self._request.get_output_tensor(0).data.mean(0)
        return found


def standardised(pictures: np.ndarray) -> np.ndarray:
    """[N, 1, 44, 44] float32 for crops [N, 48, 48] uint8: the middle, with mean 0 and
    standard deviation 1, so that exposure and contrast do not count."""
    edge = (SIZE - INSIDE) // 2
    inside = pictures[:, None, edge : edge + INSIDE, edge : edge + INSIDE].astype(np.float32)
    inside -= inside.mean((2, 3), keepdims=True)
    return inside / (inside.std((2, 3), keepdims=True) + 1.0)


def _graph(tensors: Mapping[str, np.ndarray]):
    """The openvino.Model from [2, 1, 44, 44] to [2, 192]."""
    from models.core.openvino import openvino

    ops = openvino.opset13

    def convolution(x, conv: str, norm: str, stride: int):
        # The normalisation is folded into the weights.
        weight = tensors[f"{conv}.weight"]
        factor = tensors[f"{norm}.weight"] / np.sqrt(tensors[f"{norm}.running_var"] + EPSILON)
        shift = tensors[f"{norm}.bias"] - tensors[f"{norm}.running_mean"] * factor
        edge = weight.shape[-1] // 2
        kernel = ops.constant(weight * factor[:, None, None, None])
        x = ops.convolution(x, kernel, [stride] * 2, [edge] * 2, [edge] * 2, [1, 1])
        return ops.add(x, ops.constant(shift.reshape(1, -1, 1, 1)))

    pictures = ops.parameter([BATCH, 1, INSIDE, INSIDE], np.float32)
    x = ops.relu(convolution(pictures, "stem.conv", "stem.norm", 1))
    for number, (_channels, stride) in enumerate(BLOCKS):
        block = f"blocks.{number}"
        inner = ops.relu(convolution(x, f"{block}.conv1", f"{block}.norm1", stride))
        inner = convolution(inner, f"{block}.conv2", f"{block}.norm2", 1)
        if stride != 1:
            x = convolution(x, f"{block}.shortcut", f"{block}.shortcut_norm", stride)
        x = ops.relu(ops.add(inner, x))
    embedding = ops.reduce_mean(x, ops.constant(np.array([2, 3])), keep_dims=False)
    return openvino.Model([embedding], [pictures], NAME)
