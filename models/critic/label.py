"""The critic's soft labels of a large set (C2): `python -m models label paintings`.

The file in build/ holds, for each picture of the set, in the order of their paths:

    files     names relative to the set's folder
    shares    [N, 7] float32: of people, where they were asked, else the critic's
    unusual   [N, 7] float32: the critic's, measured by what is usual (`Critic.unusual`)
    by_people [N] bool: the shares are people's
    judged    [N] bool: by an artist of the judge: leave it out of what the judge is to judge
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from tqdm import tqdm

from datasets import art_emotions, folders
from datasets.art_emotions import WIKIART_WORDS, artist_of, for_judge
from datasets.commands import report_failures
from datasets.paths import data_folder, write_whole
from datasets.pictures import read_rgb
from datasets.scan import look
from datasets.tables import rows_of
from models import registry
from models.core.emotions import EXPRESSIONS, JUDGED_GROUPS, WIKIART_EMOTIONS, grouped, mixtures
from models.critic.critic import NAME, Critic
from models.critic.figures import correlations, report
from models.critic.material import BUILD

AT_ONCE = 32


def label(name: str, weights: Path | None = None, out: Path | None = None) -> int:
    """Labels a published set or a folder, and prints the agreement with people and the file.

    The exit code: 1 when pictures could not be read and have no label.  Raises FileNotFoundError
    without the set, ValueError when none can be read, registry.ModelError without a critic.
    """
    critic = Critic(weights or registry.WEIGHTS / f"{NAME}.safetensors")
    chosen = folders.pictures(name)
    folder = Path(name) if Path(name).is_dir() else data_folder() / chosen.about.files[0]
    readable, bad = look(chosen.files)
    if not readable:
        raise ValueError("; ".join(bad))
    found = labels(critic, tuple(readable), folder, people())
    file = out or BUILD / f"{chosen.about.name.replace(' ', '_')}_labels.npz"
    write_whole(file, lambda new: np.savez(new, **found))
    print(summary(found))
    print(file)
    return report_failures("labelled", len(chosen.files), bad)


def people() -> dict[str, np.ndarray]:
    """Mixture [7] by file name of the works that people were asked about; empty without them."""
    try:
        works = art_emotions.wikiart_emotions()
    except FileNotFoundError:
        return {}
    shares = art_emotions.shares_of(works, WIKIART_WORDS)
    rows = mixtures(shares, WIKIART_WORDS, WIKIART_EMOTIONS)
    return {work.path.name: row for work, row in zip(works, rows, strict=True)}


def labels(
    critic: Critic, files: tuple[Path, ...], folder: Path, asked: Mapping[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """The arrays of the file, and `critic` [N, 7], what the critic says of every picture."""
    names = [str(file.relative_to(folder)) for file in files]
    works = works_of(folder, names)
    scores = []
    for start in tqdm(range(0, len(files), AT_ONCE), desc="labels", unit=f"{AT_ONCE} pictures"):
        scores.append(critic.scores([read_rgb(file) for file in files[start : start + AT_ONCE]]))
    said = np.concatenate(scores)
    known = np.array([work in asked for work in works])
    shares = np.stack([asked.get(work, row) for work, row in zip(works, said, strict=True)])
    return {
        "files": np.array(names),
        "shares": shares,
        "unusual": critic.unusual(said).astype(np.float32),
        "critic": said,
        "by_people": known,
        "judged": np.array([for_judge(artist_of(work)) for work in works]),
    }


def works_of(folder: Path, names: list[str]) -> list[str]:
    """ARTIST_TITLE.jpg of each picture: as `index.csv` says (file, source), else its own name."""
    index = folder / "index.csv"
    source = {}
    if index.is_file():
        source = {row["file"]: row["source"] for _, row in rows_of(index, ("file", "source"))}
    return [Path(source.get(name, name)).name for name in names]


def summary(found: Mapping[str, np.ndarray]) -> str:
    """What the labels say, and how far people agree on works that the critic never saw."""
    top = grouped(found["critic"]).argmax(1)
    rare = found["unusual"].argmax(1)
    count = {"pictures": len(top), "by an artist of the judge": int(found["judged"].sum())}
    count |= {f"most of all {name}": int((top == n).sum()) for n, name in enumerate(JUDGED_GROUPS)}
    count |= {f"unusually {name}": int((rare == n).sum()) for n, name in enumerate(EXPRESSIONS)}
    both = found["by_people"] & found["judged"]
    count["works that people were asked about"] = int(found["by_people"].sum())
    count["of them unseen by the critic"] = int(both.sum())
    if both.sum() >= 10:
        said, named = found["critic"][both], found["shares"][both]
        count["Spearman, unseen"] = correlations(said, named, EXPRESSIONS)
        agree = grouped(said).argmax(1) == grouped(named).argmax(1)
        count["same group of three, unseen"] = round(float(agree.mean()), 3)
    return report(count)
