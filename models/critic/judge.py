"""A judge of pictures that knows nothing of the critic: positive, surprise or negative?

It looks through another backbone (VGG19 distilled, Wang and others 2020, where the critic has
SqueezeNet) and has seen other works, by other artists (`datasets.art_emotions.for_judge`).  So
what a network learnt from the critic's labels, and shows the judge, is there to be seen.

judge = Judge.fit()
judge.groups(pictures)          # [N, 3], rows sum to 1
judge.accuracy                  # on real works, each by an artist left out: {"positive": …}
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from scipy.special import softmax
from sklearn.kernel_ridge import KernelRidge
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from torch import Tensor
from torch.nn import functional

from datasets.paths import find
from models.core.device import choose_device, mixed_precision
from models.core.emotions import EXPRESSIONS, JUDGED_GROUPS, grouped
from models.core.files import read_state
from models.critic.material import Material, load
from models.critic.squares import SIZE, square

BACKBONE = "backbones/vgg19_16x_distilled_e5_5SE.pth"
GET_BACKBONE = "VGG19 with a quarter of its channels, as published with Collaborative Distillation."
SEEN = SIZE
"""Side at which every picture is seen, real ones too, so that sharpness does not tell."""
POOLED_BEFORE = ("conv21", "conv31", "conv41", "conv51")
"""Convolutions of VGG19 that follow a pooling."""
FEWEST = 50
"""A group with fewer real works is left out."""
FOLDS = 5
LEAST = 0.02
"""Share that is added before the logarithm."""

Describe = Callable[[np.ndarray], np.ndarray]
"""Pictures [N, SEEN, SEEN, 3] uint8 -> features [N, D]."""


@dataclass(frozen=True)
class Judge:
    """A fitted judge, and how right it is."""

    names: tuple[str, ...]
    """The groups that it knows, in the order of `models.core.emotions.JUDGED_GROUPS`."""
    left_out: dict[str, int]
    """Groups with too few real works -> how many there were."""
    accuracy: dict[str, float]
    """Group -> share of its real works that it recognises, trained without their artists."""
    works: dict[str, int]
    """Group -> real works by artists that are the judge's alone."""
    describe: Describe
    classifier: Pipeline
    reader: Pipeline
    """Of all seven expressions: the logarithms of their shares."""
    sevens: np.ndarray
    """[7] shares of the real works that stand for an expression most among all which `strongest`
    recognises, trained without their artists."""

    @classmethod
    def fit(cls, works: Material | None = None, describe: Describe | None = None) -> Judge:
        """A judge of the judge's artists alone, by default of the data folder's sets.

        Raises DataMissing without them or the backbone, and ValueError when fewer than two
        groups have FEWEST works.
        """
        everything = load() if works is None else works
        describe = describe or Vgg19(find(BACKBONE, GET_BACKBONE))
        own = everything.part(everything.judged & np.isfinite(everything.mixtures).all(1))
        groups = grouped(own.mixtures).argmax(1)
        counts = {name: int((groups == number).sum()) for number, name in enumerate(JUDGED_GROUPS)}
        names = tuple(name for name in JUDGED_GROUPS if counts[name] >= FEWEST)
        if len(names) < 2:
            raise ValueError(f"too few works to judge by: {counts}, at least {FEWEST} each")
        kept = np.isin(groups, [list(JUDGED_GROUPS).index(name) for name in names])
        own, labels = own.part(kept), np.array(list(JUDGED_GROUPS))[groups[kept]]
        features = described(own.pictures, describe)
        width, guesses = features.shape[1], np.empty_like(labels)
        shares = np.log(own.mixtures + LEAST)
        said = np.empty_like(shares)
        for learn, test in GroupKFold(FOLDS).split(features, labels, own.artists):
            fitted = classifier(width).fit(features[learn], labels[learn])
            guesses[test] = fitted.predict(features[test])
            said[test] = reader(width).fit(features[learn], shares[learn]).predict(features[test])
        right = recognised(said, strongest(shares))
        return cls(
            names,
            {name: count for name, count in counts.items() if name not in names},
            {name: float((guesses == name)[labels == name].mean()) for name in names},
            {name: counts[name] for name in names},
            describe,
            classifier(width).fit(features, labels),
            reader(width).fit(features, shares),
            right,
        )

    def groups(self, pictures: Sequence[np.ndarray] | np.ndarray) -> np.ndarray:
        """[N, 3] float32 for pictures [N, H, W, 3] uint8: shares of positive, surprise and
        negative, 0 for one that is left out."""
        distances = self.classifier.decision_function(described(pictures, self.describe))
        if distances.ndim == 1:  # of two groups scikit-learn gives the second's
            distances = np.stack((-distances, distances), 1)
        shares = softmax(distances, 1)
        found = np.zeros((len(shares), len(JUDGED_GROUPS)), np.float32)
        for column, name in enumerate(self.classifier.classes_):
            found[:, list(JUDGED_GROUPS).index(name)] = shares[:, column]
        return found

    def expressions(self, pictures: Sequence[np.ndarray] | np.ndarray) -> np.ndarray:
        """[N, 7]: how much of each expression, for `strongest` to compare among the pictures."""
        return self.reader.predict(described(pictures, self.describe))

    def summary(self) -> str:
        """One line for each group, for people."""
        lines = [
            f"{name}: {self.accuracy[name]:.3f} of {self.works[name]} real works"
            for name in self.names
        ]
        lines += [
            f"{name}: left out, {count} real works (at least {FEWEST})"
            for name, count in self.left_out.items()
        ]
        mean = float(np.mean(list(self.accuracy.values())))
        return "\n".join((*lines, f"mean of the groups: {mean:.3f}"))


def classifier(width: int) -> Pipeline:
    """For features of this width; every group counts as much, however many works it has."""
    machine = SVC(C=3, gamma=0.3 / width, class_weight="balanced", break_ties=True)
    return make_pipeline(StandardScaler(), machine)


def reader(width: int) -> Pipeline:
    """The same of the seven expressions."""
    return make_pipeline(StandardScaler(), KernelRidge(alpha=1.0, kernel="rbf", gamma=0.3 / width))


def strongest(said: np.ndarray) -> np.ndarray:
    """[N] numbers of expressions, for [N, 7]: which stands out most in each picture, measured by
    how much of it there is in all of them.  (Before most works people name happiness.)"""
    return ((said - said.mean(0)) / np.maximum(said.std(0), 1e-6)).argmax(1)


def recognised(said: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """[7] shares of the pictures meant for an expression [N] in which it stands out; not a number
    where none is."""
    right = strongest(said) == wanted
    every = range(len(EXPRESSIONS))
    return np.array([right[wanted == n].mean() if (wanted == n).any() else np.nan for n in every])


def described(pictures: Sequence[np.ndarray] | np.ndarray, describe: Describe) -> np.ndarray:
    """[N, D]: the mean of what is said of each picture [H, W, 3] uint8 and of its mirror image.

    Raises ValueError for another array.
    """
    small = np.stack([square(one) for one in pictures])
    return (describe(small) + describe(np.ascontiguousarray(small[:, :, ::-1]))) / 2


class Vgg19:
    """Describes pictures by mean and deviation of the channels of five levels of VGG19."""

    def __init__(self, path: Path) -> None:
        """Raises ValueError when the file is not the distilled VGG19."""
        self.device = choose_device()
        state = read_state(path, self.device)
        tensors = state.get("model", state)
        names = [key.removesuffix(".weight") for key in tensors if key.endswith(".weight")]
        self.names = [name for name in names if not name.endswith("_aux")]
        if "conv0" not in self.names or not set(POOLED_BEFORE) <= set(self.names):
            raise ValueError(f"{path} is not VGG19 in its distilled form")
        self.tensors = {
            name: (tensors[f"{name}.weight"].float(), tensors[f"{name}.bias"].float())
            for name in self.names
        }

    def __call__(self, pictures: np.ndarray) -> np.ndarray:
        found = []
        with torch.inference_mode(), mixed_precision(self.device):
            for start in range(0, len(pictures), 16):
                batch = torch.from_numpy(pictures[start : start + 16]).to(self.device)
                levels = self.levels(batch.permute(0, 3, 1, 2).float() / 255)
                said = [part for x in levels for part in (x.mean((2, 3)), x.std((2, 3)))]
                found.append(torch.cat(said, 1).sqrt().cpu().numpy())
        return np.concatenate(found)

    def levels(self, x: Tensor) -> list[Tensor]:
        """relu1_1, relu2_1, … relu5_1 of pictures [N, 3, H, W], RGB from 0 to 1."""
        found = []
        for name in self.names:
            weight, bias = self.tensors[name]
            if name == "conv0":  # RGB to BGR, 0 to 255 less the mean
                x = functional.conv2d(x, weight, bias)
                continue
            x = functional.max_pool2d(x, 2, ceil_mode=True) if name in POOLED_BEFORE else x
            x = functional.pad(x, (1, 1, 1, 1), mode="reflect")
            x = functional.relu(functional.conv2d(x, weight, bias))
            if name.endswith("1"):
                found.append(x.float())
        return found
