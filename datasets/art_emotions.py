"""Works of art with what people felt before them: four sets in the forms they are published in.

WikiArt Emotions (1,250 works of it as wikiart_emotions_train.csv, or the published
WikiArt-Emotions-All.tsv), FeelingBlue (feelingblue_train.csv, or the published corpus.csv by
image id), ArtEmis (artemis_dataset_release_v0.csv beside WikiArt's folders of styles), and
WikiArt itself, where nobody said what they feel.

The split by artist is the same for all of them: `for_judge` sets two of five artists apart, from
whose works nothing that labels may learn.  They are the judge's.
"""

from __future__ import annotations

import hashlib
import html
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from datasets.about import About
from datasets.folders import WIKIART
from datasets.paths import find, find_any
from datasets.scan import picture_files
from datasets.tables import BrokenTable, rows_of
from datasets.tables import number as number_of

WIKIART_WORDS = (
    "agreeableness", "anger", "anticipation", "arrogance", "disagreeableness", "disgust", "fear",
    "gratitude", "happiness", "humility", "love", "optimism", "pessimism", "regret", "sadness",
    "shame", "shyness", "surprise", "trust", "neutral",
)  # fmt: skip
ARTEMIS_WORDS = (
    "amusement", "anger", "awe", "contentment", "disgust", "excitement", "fear", "sadness",
    "something else",
)  # fmt: skip
FEELINGBLUE_WORDS = ("anger", "disgust", "fear", "happiness", "sadness")

WIKIART_EMOTIONS = About(
    name="wikiart_emotions",
    what="1,250 works of art with the share of annotators who named each of twenty emotions,"
    " seeing the work alone and with its title",
    origin="WikiArt Emotions (Mohammad and Kiritchenko, LREC 2018)",
    licence="research alone, no commercial use",
    terms="cite Mohammad and Kiritchenko 2018; no commercial use; do not redistribute; never to"
    " judge people's faces",
    faults="very uneven: surprise and happiness are named often, anger seldom, neutral almost"
    " never; some works are no paintings",
    files=("art/emotion/wikiart_emotions_train.csv", "art/emotion/WikiArt-Emotions-All.tsv"),
    get="Saif Mohammad's page on WikiArt Emotions has the annotations (WikiArt-Emotions-All.tsv);"
    " the pictures belong into wikiart_emotions/ beside them, as ARTIST_TITLE.jpg.",
    split="by artist: three of five for what labels, two of five for the judge alone",
    checksums={
        "art/emotion/wikiart_emotions_train.csv": "sha256:"
        "459fc072ed3781142bd51550020380374d8a24ce9e813c8d8a0637423dd0e5ac"
    },
    one_is_enough=True,
)
FEELINGBLUE = About(
    name="feelingblue",
    what="560 abstract works with scores from -1 to 1 for anger, disgust, fear, happiness and"
    " sadness, each work for one or two of them",
    origin="FeelingBlue (Ananthram, Winn and Muresan, TACL 2022), works from WikiArt",
    licence="none stated for the scores",
    terms="research; cite Ananthram and others 2022; do not redistribute",
    faults="scores compare works within the subset of one emotion; most of the works are in"
    " WikiArt Emotions, too",
    files=("art/emotion/feelingblue_train.csv",),
    get="The authors' repository on GitHub links to the corpus; its table with the columns"
    " emotion, image_id, filename, score goes here, the pictures into feelingblue/ beside it.",
    split="by artist, as WikiArt Emotions",
    checksums={
        "art/emotion/feelingblue_train.csv": "sha256:"
        "c436e065c93284f4e3ff9a850d0a2cfc02ee9b87ca8c38e949da246d1bf7ad18"
    },
)
ARTEMIS = About(
    name="artemis",
    what="81,446 works of WikiArt, each with five or more annotators' choice of nine emotions"
    " and a sentence that says why",
    origin="ArtEmis (Achlioptas, Ovsjanikov, Haydarov, Elhoseiny and Guibas, CVPR 2021)",
    licence="ArtEmis terms of use: research alone, no commercial use",
    terms="sign the authors' terms; cite Achlioptas and others 2021; do not redistribute",
    faults="amusement, contentment and awe are named before most works; not used for the weights"
    " of this repository",
    files=("art/artemis_dataset_release_v0.csv", "art/wikiart"),
    get="artemisdataset.org sends artemis_dataset_release_v0.csv to those who agree to its terms;"
    " WikiArt's folders of styles belong into wikiart/ beside it.",
    split="by artist, as WikiArt Emotions",
)


@dataclass(frozen=True)
class Work:
    """One work of art."""

    path: Path
    artist: str
    """As in file names: lower case, hyphens."""
    shares: dict[str, float]
    """Emotion -> share of people, 0 to 1, or a score of FeelingBlue; empty: nobody was asked."""
    style: str = ""
    person: bool | None = None
    """Whether it shows a face or a body, as people said; None where nobody was asked."""


def for_judge(artist: str) -> bool:
    """Whether this artist's works are the judge's alone: two of five, by a hash of the name."""
    return hashlib.sha256(artist.encode()).digest()[0] % 5 < 2


def artist_of(file: str) -> str:
    """The artist in ARTIST_TITLE.jpg."""
    return Path(file).name.partition("_")[0]


def slug(name: str) -> str:
    """A name as in WikiArt's file names: "Jean-Honoré Fragonard" -> "jean-honore-fragonard"."""
    plain = unicodedata.normalize("NFKD", html.unescape(name)).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower().replace("'", "")).strip("-")


def wikiart_emotions() -> list[Work]:
    """The works whose picture is there, in the order of the table.

    A share is the mean of those of the people who saw the work alone and of those who saw it
    with its title: twice as many people.  Raises DataMissing and BrokenTable.
    """
    file = find_any(WIKIART_EMOTIONS.files, WIKIART_EMOTIONS.get)
    return read_tsv(file) if file.suffix == ".tsv" else read_csv(file)


def read_csv(file: Path) -> list[Work]:
    """Works from a table with the columns file, artist, face_body, image:EMOTION and
    image_title:EMOTION."""
    works = []
    for number, row in rows_of(file, ("file", "face_body", "category")):
        works.append(
            Work(
                file.parent / "wikiart_emotions" / row["file"],
                artist_of(row["file"]),
                both_shares(file, number, row, "image:", "image_title:"),
                row["category"],
                row["face_body"] != "none",
            )
        )
    return works


def read_tsv(file: Path) -> list[Work]:
    """Works from WikiArt-Emotions-All.tsv; those without a picture are left out.

    A picture is looked for under the name that WikiArt gives it at the end of its address.
    """
    folder = file.parent / "wikiart_emotions"
    works = []
    for number, row in rows_of(file, ("Artist", "Title", "Image URL", "Face/body")):
        artist = slug(row["Artist"])
        shown = row["Image URL"].rpartition("/")[2]
        path = folder / f"{artist}_{shown}"
        if path.is_file():
            shares = both_shares(file, number, row, "ImageOnly: ", "Art (image+title): ")
            person = row["Face/body"].strip().lower() not in ("", "none")
            works.append(Work(path, artist, shares, row.get("Category", ""), person))
    return works


def both_shares(file: Path, number: int, row: dict, alone: str, titled: str) -> dict[str, float]:
    """Emotion -> mean of the columns with the two prefixes."""
    return {
        word: (value(file, number, row, alone + word) + value(file, number, row, titled + word)) / 2
        for word in WIKIART_WORDS
    }


def feelingblue() -> list[Work]:
    """One Work for each picture, with its one or two scores; raises DataMissing, BrokenTable."""
    file = find(FEELINGBLUE.files[0], FEELINGBLUE.get)
    scores: dict[str, dict[str, float]] = defaultdict(dict)
    for number, row in rows_of(file, ("emotion", "filename", "score")):
        if row["emotion"] not in FEELINGBLUE_WORDS:
            raise BrokenTable(f"{file}, row {number}: {row['emotion']!r} is no emotion of the set")
        scores[row["filename"]][row["emotion"]] = value(file, number, row, "score")
    folder = file.parent / "feelingblue"
    return [Work(folder / name, artist_of(name), scores[name]) for name in sorted(scores)]


def artemis() -> list[Work]:
    """The works whose picture is there, with the share of annotators who chose each emotion."""
    file = find(ARTEMIS.files[0], ARTEMIS.get)
    counts: dict[tuple[str, str], Counter] = defaultdict(Counter)
    for number, row in rows_of(file, ("art_style", "painting", "emotion")):
        if row["emotion"] not in ARTEMIS_WORDS:
            raise BrokenTable(f"{file}, row {number}: {row['emotion']!r} is no emotion of the set")
        counts[row["art_style"], row["painting"]][row["emotion"]] += 1
    works = []
    for (style, painting), named in counts.items():
        path = file.parent / "wikiart" / style / f"{painting}.jpg"
        if path.is_file():
            shares = {word: named[word] / named.total() for word in ARTEMIS_WORDS}
            works.append(Work(path, artist_of(painting), shares, style))
    return works


def wikiart() -> list[Work]:
    """All works of WikiArt, STYLE/ARTIST_TITLE.jpg, without any share; raises DataMissing."""
    folder = find(WIKIART.files[0], WIKIART.get)
    files = [path for path in picture_files(folder) if path.parent.parent == folder]
    return [Work(path, artist_of(path.name), {}, path.parent.name) for path in files]


def shares_of(works: Sequence[Work], words: Sequence[str]) -> np.ndarray:
    """[N, len(words)] float32, not a number where nobody was asked."""
    return np.array([[work.shares.get(word, np.nan) for word in words] for work in works], "f4")


def value(file: Path, number: int, row: dict[str, str], column: str) -> float:
    """A number of a row, from -1 to 1; raises BrokenTable."""
    text = row.get(column) or ""
    try:
        found = number_of(text)
    except ValueError:
        found = np.nan
    if not -1 <= found <= 1:
        raise BrokenTable(f"{file}, row {number}, column {column!r}: {text!r} is no share")
    return found


def works_of(about: About) -> list[Work]:
    """The works of one of the sets of this module, or of WIKIART."""
    return {
        WIKIART_EMOTIONS.name: wikiart_emotions,
        FEELINGBLUE.name: feelingblue,
        ARTEMIS.name: artemis,
        WIKIART.name: wikiart,
    }[about.name]()


def describe(about: About) -> list[str]:
    """Counts of this copy of a set, for `python -m datasets show`."""
    works = works_of(about)
    artists = Counter(work.artist for work in works)
    judged = sum(for_judge(work.artist) for work in works)
    lines = [f"{len(works)} works of {len(artists)} artists, {judged} of them for the judge"]
    named = sorted({word for work in works for word in work.shares})
    for word in named:
        given = [work.shares[word] for work in works if word in work.shares]
        lines.append(f"  {word:<16}{len(given):>6} works, mean {np.mean(given):.3f}")
    return lines
