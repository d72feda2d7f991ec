"""Opens generators: ours, and those of the original CUT, CycleGAN and pix2pix code.

A checkpoint holds only named tensors.  Architecture, width, number of blocks,
norm and resampling follow from their names and shapes, as do the differences
between the originals:

    where            says
    model.model.…    a U-Net (pix2pix); anything else with `conv_block` is a ResNet
    model.2.weight   batch norm; without it, a bias in model.1 means instance norm
    first block      number 12 after blurred downsampling (CUT), 10 without
    last layers      10 after the last block with smooth upsampling (CUT), else 8
    conv_block.6     dropout inside the blocks; without it, conv_block.5
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

from gan_cut.conditional_networks import CONDITION, ConditionalGenerator
from gan_cut.networks import ResnetGenerator, StudentGenerator, UNet
from gan_cut.plain_networks import ConnectedGenerator, DeconvolutionGenerator
from models.core.files import UnknownCheckpoint, read_tensors

Tensors = Mapping[str, Tensor]


def load_generator(path: Path | str) -> nn.Module:
    """The generator in a `.safetensors` or `.pth` file, in float32, ready to use.

    The pictures of the originals come out the same to 1e-4.  (Their pix2pix
    keeps dropout at work while testing; here it rests.)

    Raises FileNotFoundError, and UnknownCheckpoint for anything else that is
    wrong with the file.
    """
    path = Path(path)
    tensors = read_tensors(path)
    try:
        return generator_from(tensors)
    except UnknownCheckpoint as problem:
        raise UnknownCheckpoint(f"{path}: {problem}") from None
    except Exception as problem:  # names and shapes that no generator has fail in many ways
        raise UnknownCheckpoint(
            f"{path}: not a generator of a known kind ({type(problem).__name__}: {problem});"
            " give the file of a generator"
        ) from problem


def load_translator(path: Path | str) -> nn.Module:
    """As `load_generator`, of those that make pictures of pictures, in RGB or grey."""
    generator = load_generator(path)
    if not hasattr(generator, "multiple"):
        raise UnknownCheckpoint(
            f"{path}: a {type(generator).__name__} makes pictures from nothing and translates none;"
            " see python -m gan_cut generate"
        )
    channels = getattr(generator, "channels", (3, 3))
    if not {*channels} <= {1, 3}:
        raise UnknownCheckpoint(
            f"{path}: it takes {channels[0]} and gives {channels[1]} channels; pictures have 3 or 1"
        )
    return generator


def generator_from(tensors: Tensors) -> nn.Module:
    """The generator whose tensors these are, in float32 and in eval mode."""
    tensors = {re.sub(r"^(module\.|_orig_mod\.)+", "", k): v for k, v in tensors.items()}
    if "embedding.style" not in tensors:
        tensors = without_unused_statistics(tensors)
    if "stem.1.weight" in tensors:
        network = student_like(tensors)
    elif "embedding.style" in tensors and "start.weight" in tensors:
        network = conditional_like(tensors)
    elif "connected.0.weight" in tensors:
        network = connected_like(tensors)
    elif "deconvolution.0.weight" in tensors:
        network = deconvolution_like(tensors)
    elif any(key.startswith("model.model.") for key in tensors):
        network = unet_like(tensors)
    elif any(".conv_block." in key for key in tensors) and "model.1.weight" in tensors:
        network, tensors = resnet_like(tensors)
    else:
        raise UnknownCheckpoint(f"not a generator of a known kind: {describe(tensors)}")
    try:
        network.load_state_dict(
            {k: v.float() if v.is_floating_point() else v for k, v in tensors.items()}
        )
    except RuntimeError as problem:
        reasons = " ".join(str(problem).split())
        raise UnknownCheckpoint(
            f"looks like a {type(network).__name__} but does not fit it: {reasons}"
        ) from None
    return network.eval()


def without_unused_statistics(tensors: Tensors) -> dict[str, Tensor]:
    """Instance norm of 2018 stored running statistics that nothing ever used."""
    kept = {}
    for key, value in tensors.items():
        place, _, name = key.rpartition(".")
        statistic = name in ("running_mean", "running_var", "num_batches_tracked")
        if not statistic or f"{place}.weight" in tensors:
            kept[key] = value
    return kept


def norm_of(tensors: Tensors, conv: str, norm: str) -> str:
    if f"{norm}.running_mean" in tensors:
        return "batch"
    return "instance" if f"{conv}.bias" in tensors else "none"


def resnet_like(tensors: Tensors) -> tuple[ResnetGenerator, Tensors]:
    """An empty network of the right shape, and the tensors without the blur kernels."""
    numbers = {int(key.split(".")[1]) for key in tensors}
    blocks = sorted({int(key.split(".")[1]) for key in tensors if ".conv_block." in key})
    first, last, end = blocks[0], blocks[-1], max(numbers)
    if first not in (10, 12) or end - last not in (8, 10) or f"model.{end}.weight" not in tensors:
        raise UnknownCheckpoint(
            f"a ResNet with blocks at {first} to {last} and its last layer at {end}; known are "
            f"10 or 12 for the first block and 8 or 10 from the last block to the end"
        )
    for key, kernel in tensors.items():
        if key.endswith(".filt"):
            expected = blur_kernel(upsampling=int(key.split(".")[1]) > last)
            if kernel.shape[-2:] != expected.shape or not torch.allclose(
                kernel.float(), expected.expand_as(kernel), atol=1e-3
            ):
                raise UnknownCheckpoint(f"its blur {key} {tuple(kernel.shape)} is not CUT's own")
    network = ResnetGenerator(
        width=tensors["model.1.weight"].shape[0],
        blocks=len(blocks),
        norm=norm_of(tensors, "model.1", "model.2"),
        antialias_down=first == 12,
        antialias_up=end - last == 10,
        dropout=f"model.{first}.conv_block.6.weight" in tensors
        and tensors[f"model.{first}.conv_block.6.weight"].dim() == 4,
        channels_in=tensors["model.1.weight"].shape[1],
        channels_out=tensors[f"model.{end}.weight"].shape[0],
    )
    return network, {k: v for k, v in tensors.items() if not k.endswith(".filt")}


def blur_kernel(upsampling: bool) -> Tensor:
    """CUT's kernels: binomial of 3 going down; of 4, times the area, going up."""
    row = torch.tensor([1.0, 3.0, 3.0, 1.0]) / 4 if upsampling else torch.tensor([1.0, 2, 1]) / 4
    return torch.outer(row, row)


def unet_like(tensors: Tensors) -> UNet:
    """An empty U-Net of the right shape."""
    downs, place, below = 1, "model.model", 1
    while any(key.startswith(f"{place}.{below}.model.") for key in tensors):
        place, below, downs = f"{place}.{below}.model", 3, downs + 1
    outside, outside_up = tensors.get("model.model.0.weight"), tensors.get("model.model.3.weight")
    if downs < 5 or outside is None or outside_up is None or outside.dim() != 4:
        raise UnknownCheckpoint(f"a U-Net, but not pix2pix's: {downs} levels, {describe(tensors)}")
    return UNet(
        downs=downs,
        width=outside.shape[0],
        norm=norm_of(tensors, "model.model.0", "model.model.1.model.2"),
        channels_in=outside.shape[1],
        channels_out=outside_up.shape[1],
    )


def student_like(tensors: Tensors) -> StudentGenerator:
    blocks = {key.split(".")[1] for key in tensors if key.startswith("blocks.")}
    return StudentGenerator(width=tensors["stem.1.weight"].shape[0], blocks=len(blocks))


def conditional_like(tensors: Tensors) -> ConditionalGenerator:
    ups = sum(1 for key in tensors if re.fullmatch(r"ups\.\d+\.weight", key))
    return ConditionalGenerator(
        size=4 * 2**ups,
        width=tensors["picture.weight"].shape[1],
        code=tensors["start.weight"].shape[1],
        embedding=tensors["embedding.style"].shape[1],
    )


def connected_like(tensors: Tensors) -> ConnectedGenerator:
    hidden, into = tensors["connected.0.weight"].shape
    size = math.isqrt(tensors["connected.6.weight"].shape[0] // 3)
    return ConnectedGenerator(size, hidden, into - CONDITION)


def deconvolution_like(tensors: Tensors) -> DeconvolutionGenerator:
    convolutions = [v for k, v in tensors.items() if k.endswith(".weight") and v.dim() == 4]
    return DeconvolutionGenerator(
        size=2 * 2 ** len(convolutions),
        width=tensors[f"deconvolution.{3 * (len(convolutions) - 1)}.weight"].shape[0],
        code=tensors["deconvolution.0.weight"].shape[0] - CONDITION,
    )


def describe(tensors: Tensors) -> str:
    """What a set of tensors is, as far as its names tell."""
    guesses = {
        "a PatchGAN discriminator": "model.0.weight" in tensors,
        "CUT's patch sampler": any(key.startswith("mlp_") for key in tensors),
        "a StyleGAN2 network": any("modulation" in key or "to_rgb" in key for key in tensors),
        "a classifier": any(key.startswith(("features.", "classifier.")) for key in tensors),
    }
    guess = next((name for name, true in guesses.items() if true), "nothing known")
    some = [f"{key} {list(value.shape)}" for key, value in list(tensors.items())[:4]]
    return f"{len(tensors)} tensors ({', '.join(some) or 'none'} …), which look like {guess}"
