"""Opens networks that enlarge: ours, and the published files of Real-ESRGAN.

A file holds only named tensors, some of them under "params_ema" (averaged over the training)
or "params".  Everything else follows from their names and shapes:

    where              says
    body.0.weight      SRVGGNetCompact, and its features
    body.N.weight      the last one: its convolutions, (N - 2) / 2, and scale, from the channels
    body.1.weight      one number per channel: PReLU
    conv_first.weight  RRDBNet, its features, and scale: 3 channels 4, 12 channels 2, 48 1
    body.N.rdb1.conv1  its blocks, and the growth of the dense ones
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from pathlib import Path

from torch import Tensor, nn

from models.core.files import UnknownCheckpoint, opened
from models.registry import ModelError
from models.upscaler.networks import RRDBNet, SRVGGNetCompact

Tensors = Mapping[str, Tensor]


def load_network(path: Path | str) -> nn.Module:
    """The network in a `.safetensors` or `.pth` file, in float32 and ready to use.

    Raises ModelError when there is no such file or it is none that enlarges; it says what was
    found.  No code in the file is ever run.
    """
    path = Path(path)
    try:
        return network_from(read_tensors(path))
    except ModelError as problem:
        raise ModelError(f"{path}: {problem}") from None


def read_tensors(path: Path) -> dict[str, Tensor]:
    """The named tensors of a file, out of their wrapper if they have one."""
    if not path.is_file():
        raise ModelError(
            "there is no such file. Train one with 'python -m models train upscaler', or give a"
            " Real-ESRGAN file with --weights"
        )
    try:
        content = opened(path)
    except UnknownCheckpoint as problem:
        raise ModelError(str(problem)) from None
    for wrapper in ("params_ema", "params"):
        if isinstance(content, Mapping) and isinstance(content.get(wrapper), Mapping):
            content = content[wrapper]
            break
    if not isinstance(content, Mapping):
        raise ModelError(f"holds a {type(content).__name__}, not named tensors")
    others = [str(key) for key, value in content.items() if not isinstance(value, Tensor)]
    if others:
        raise ModelError(
            f"holds other things than tensors: {', '.join(sorted(others)[:8])}. Known wrappers"
            " are params_ema and params"
        )
    return dict(content)


def network_from(tensors: Tensors) -> nn.Module:
    """The network whose tensors these are, in float32 and in eval mode; raises ModelError."""
    if "conv_first.weight" in tensors and "conv_body.weight" in tensors:
        network = rrdb_like(tensors)
    elif "body.0.weight" in tensors and "body.1.weight" in tensors:
        network = compact_like(tensors)
    else:
        raise ModelError(
            f"neither SRVGGNetCompact nor RRDBNet with Real-ESRGAN's names: {describe(tensors)}"
        )
    try:
        network.load_state_dict({name: tensor.float() for name, tensor in tensors.items()})
    except RuntimeError as problem:
        reasons = " ".join(str(problem).split())
        raise ModelError(
            f"looks like {type(network).__name__} but does not fit it: {reasons}"
        ) from None
    return network.eval().requires_grad_(False)


def compact_like(tensors: Tensors) -> nn.Module:
    """An empty SRVGGNetCompact of the right shape."""
    places = places_of(tensors)
    first, slope, last = (tensors[f"body.{place}.weight"] for place in (0, 1, max(places)))
    if slope.shape != first.shape[:1] or first.dim() != 4:
        raise ModelError(
            f"a row of convolutions, but without a PReLU for each channel: {describe(tensors)}"
        )
    scale = math.isqrt(last.shape[0] // 3)
    if last.dim() != 4 or last.shape[0] != 3 * scale**2 or max(places) % 2:
        raise ModelError(
            f"SRVGGNetCompact, but its last layer body.{max(places)} {list(last.shape)} gives no"
            " whole scale of three colours"
        )
    return SRVGGNetCompact(first.shape[0], (max(places) - 2) // 2, scale)


def rrdb_like(tensors: Tensors) -> nn.Module:
    """An empty RRDBNet of the right shape."""
    scales = {3: 4, 12: 2, 48: 1}
    first, growing = tensors["conv_first.weight"], tensors.get("body.0.rdb1.conv1.weight")
    if first.dim() != 4 or first.shape[1] not in scales or growing is None:
        raise ModelError(
            f"RRDBNet, but with {list(first.shape)} in conv_first, where 3, 12 or 48 channels"
            f" are known, and dense blocks: {describe(tensors)}"
        )
    blocks = max(places_of(tensors)) + 1
    return RRDBNet(first.shape[0], blocks, growing.shape[0], scales[first.shape[1]])


def places_of(tensors: Tensors) -> list[int]:
    """N of each body.N with weights.  Raises ModelError for far more than there are tensors."""
    found = [re.match(r"body\.(\d+)\.(\S+\.)?weight$", name) for name in tensors]
    places = [int(match[1]) for match in found if match]
    if max(places) > 2 * len(tensors):
        raise ModelError(f"a body.{max(places)}, but far fewer layers: {describe(tensors)}")
    return places


def describe(tensors: Tensors) -> str:
    """What a set of tensors is, as far as its names tell."""
    guesses = {
        "ESRGAN's older names (the project that published it converts them)": any(
            name.startswith(("RRDB_trunk.", "model.1.sub.")) for name in tensors
        ),
        "a generator of gan_cut or of the CUT family": any(
            name.startswith(("model.", "stem.")) for name in tensors
        ),
        "a discriminator": any(name.startswith("conv0.") for name in tensors),
        "a classifier": any(name.startswith(("features.", "classifier.")) for name in tensors),
    }
    guess = next((name for name, true in guesses.items() if true), "nothing known")
    some = [f"{name} {list(tensor.shape)}" for name, tensor in list(tensors.items())[:4]]
    return f"{len(tensors)} tensors ({', '.join(some) or 'none'} …), which look like {guess}"
