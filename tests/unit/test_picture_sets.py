"""What picture-making networks learn from: several sets evenly, and flat shapes."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from datasets import __main__ as command
from datasets import flat_shapes, folders
from gan_cut.commands.training import set_apart


def names(prefix: str, count: int) -> list[Path]:
    return [Path(f"{prefix}/{number}.png") for number in range(count)]


def test_every_set_is_drawn_about_as_often_and_twice_when_named_twice():
    few, many = names("few", 30), names("many", 100)
    drawn = Counter(file.parent.name for file in folders.evenly([few, many]))
    assert drawn == {"few": 90, "many": 100}
    drawn = Counter(file.parent.name for file in folders.evenly([few, few, many]))
    assert drawn == {"few": 180, "many": 100}


def test_what_is_kept_for_the_sheet_comes_from_all_sets_and_is_not_learned():
    sets = [names("one", 10), names("other", 50), names("one", 10)]
    kept, rest = set_apart(sets, 4, seed=0)
    assert {file.parent.name for file in kept} == {"one", "other"}
    assert not set(kept) & {file for files in rest for file in files}
    assert len({*kept, *(file for files in rest for file in files)}) == 60
    assert set_apart(sets, 4, seed=0) == (kept, rest)
    with pytest.raises(ValueError, match="too few"):
        set_apart([names("one", 2), names("other", 50)], 4, seed=0)


def test_flat_shapes_are_pure_colours_on_black_few_and_many():
    pictures = [flat_shapes.draw(3, number, 96) for number in range(60)]
    assert (flat_shapes.draw(3, 5, 96) == pictures[5]).all()
    covered = np.array([(picture.max(2) > 0).mean() for picture in pictures])
    assert all(0 < share < 0.95 for share in covered), "black stays, and something is on it"
    assert covered.min() < 0.03 and covered.max() > 0.25, "few and small, many and large"
    colours = [len(np.unique(p[p.max(2) > 40] // 32, axis=0)) for p in pictures]
    assert min(colours) < 12 < max(colours)
    # flat: inside a shape neighbours are equal, nearly everywhere
    steps = [np.abs(np.diff(p.astype(int), axis=1)).max(2) for p in pictures]
    assert np.mean([(step > 0).mean() for step in steps]) < 0.3


def test_shapes_from_the_command_line(tmp_path):
    assert command.main(["shapes", "--count", "3", "--size", "64", "--out", str(tmp_path)]) == 0
    found = folders.pictures(tmp_path)
    assert len(found.files) == 3 and found.about.name == "flat shapes"


def test_a_third_is_apart_and_copies_stay_together(tmp_path):
    for number in range(90):
        (tmp_path / f"painter_work-{number}.jpg").touch()
    (tmp_path / "painter_work-3(1).jpg").touch()
    everything = tuple(sorted(tmp_path.iterdir()))
    learn = folders.part_of(everything, tmp_path, "learn")
    apart = folders.part_of(everything, tmp_path, "apart")
    assert not set(learn) & set(apart) and {*learn, *apart} == set(everything)
    assert 18 < len(apart) < 45
    copies = [file in apart for file in everything if file.stem.startswith("painter_work-3(")]
    assert copies == [tmp_path / "painter_work-3.jpg" in apart]
