"""The annotated works as arrays: what everything that judges art learns from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from tqdm import tqdm

from datasets import art_emotions
from datasets.art_emotions import FEELINGBLUE_WORDS, WIKIART_WORDS, Work
from datasets.paths import PROJECT
from datasets.pictures import read_rgb
from datasets.scan import check
from models.core.emotions import WIKIART_EMOTIONS, mixtures
from models.critic.squares import square

BUILD = PROJECT / "build"
RUNS = PROJECT / "runs"


@dataclass(frozen=True)
class Material:
    """Works of WikiArt Emotions and FeelingBlue, each once, by file name."""

    files: np.ndarray
    """[N] names."""
    paths: np.ndarray
    """[N] of Path."""
    pictures: np.ndarray
    """[N, 128, 128, 3] uint8 RGB."""
    shares: np.ndarray
    """[N, 20] float32, WIKIART_WORDS; not a number where only FeelingBlue has the work."""
    mixtures: np.ndarray
    """[N, 7] float32, rows sum to 1; not a number likewise."""
    feelings: np.ndarray
    """[N, 5] float32, -1 to 1, FEELINGBLUE_WORDS; not a number where nobody was asked."""
    artists: np.ndarray
    """[N] names as in files."""
    judged: np.ndarray
    """[N] bool: the judge's alone."""
    person: np.ndarray
    """[N] bool: people see a face or a body in it."""

    def __len__(self) -> int:
        return len(self.files)

    def part(self, rows: np.ndarray) -> Material:
        """The works of a mask or of row numbers."""
        return Material(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})


def load() -> Material:
    """Both sets of the data folder; raises DataMissing."""
    return material(art_emotions.wikiart_emotions(), art_emotions.feelingblue())


def material(annotated: Sequence[Work], felt: Sequence[Work]) -> Material:
    """Works of WikiArt Emotions and of FeelingBlue; a name in both is one work."""
    check([work.path for work in (*annotated, *felt)])
    works = {work.path.name: work for work in annotated}
    scores = {work.path.name: work for work in felt}
    both = list(works.values()) + [w for name, w in scores.items() if name not in works]
    shares = art_emotions.shares_of(both, WIKIART_WORDS)
    shares[len(works) :] = np.nan  # FeelingBlue's scores have names in common with the shares
    found = np.full((len(both), 7), np.nan, np.float32)
    asked = np.isfinite(shares).all(1)
    found[asked] = mixtures(shares[asked], WIKIART_WORDS, WIKIART_EMOTIONS)
    felt_rows = [scores.get(work.path.name, Work(work.path, work.artist, {})) for work in both]
    return Material(
        files=np.array([work.path.name for work in both]),
        paths=np.array([work.path for work in both], object),
        pictures=np.stack([read_square(w.path) for w in tqdm(both, desc="works", unit="picture")]),
        shares=shares,
        mixtures=found,
        feelings=art_emotions.shares_of(felt_rows, FEELINGBLUE_WORDS),
        artists=np.array([work.artist for work in both]),
        judged=np.array([art_emotions.for_judge(work.artist) for work in both]),
        person=np.array([bool(work.person) for work in both]),
    )


def read_square(path: Path) -> np.ndarray:
    """[128, 128, 3] uint8; raises BadPicture."""
    return square(read_rgb(path))
