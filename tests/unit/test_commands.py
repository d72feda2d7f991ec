"""Bad input at every command of the five doors: named, with exit 1 or 2, and no traceback."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch

import bench.__main__
import datasets.__main__
import gan_cut.__main__
import models.__main__
import server.captures.__main__
from datasets import commands, scan
from datasets.commands import Fates, never_over
from datasets.pictures import read_rgb
from models.core.pictures import write_rgb

ROOT = Path(__file__).resolve().parents[2]
DOORS = {
    "datasets": datasets.__main__.main,
    "models": models.__main__.main,
    "gan_cut": gan_cut.__main__.main,
    "server.captures": server.captures.__main__.main,
    "bench": bench.__main__.main,
}


class Parsed(Exception):
    """The parser that a door has made."""


def parser_of(door: str) -> argparse.ArgumentParser:
    def parse(self: argparse.ArgumentParser, words: object = None) -> None:
        raise Parsed(self)

    with pytest.MonkeyPatch.context() as patch, pytest.raises(Parsed) as parsed:
        patch.setattr(argparse.ArgumentParser, "parse_args", parse)
        DOORS[door]()
    return parsed.value.args[0]


def leaves(
    parser: argparse.ArgumentParser, words: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], argparse.ArgumentParser]]:
    """Each command with its words."""
    nested = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
    for action in nested:
        for name, below in action.choices.items():
            yield from leaves(below, (*words, name))
    if not nested:
        yield words, parser


def options() -> list[tuple[str, tuple[str, ...], argparse.Action]]:
    """Door, command and option, of all that take a value."""
    return [
        (door, words, action)
        for door in DOORS
        for words, parser in leaves(parser_of(door))
        for action in parser._actions
        if action.option_strings and action.nargs != 0
    ]


def kind_of(action: argparse.Action) -> type | None:
    """int or float, of an option that takes a number."""
    for text in ("1", "64", "256"):
        try:
            return kind if (kind := type(action.type(text))) in (int, float) else None
        except (TypeError, argparse.ArgumentTypeError):
            continue
    return None


def called(door: str, *words: object, capsys) -> tuple[int, str]:
    """Exit code and what was said, of a command in this process: any error would be raised."""
    capsys.readouterr()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", [door, *map(str, words)])
        try:
            code = DOORS[door]() if door == "bench" else DOORS[door]([str(w) for w in words])
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else print(end.code, file=sys.stderr) or 1
    said = capsys.readouterr()
    return code, said.out + said.err


def test_every_number_has_a_range_and_every_path_is_looked_at():
    """Bare types are checked late, or never."""
    late = {
        f"{door} {' '.join(words)} {action.option_strings[0]}"
        for door, words, action in options()
        if action.type in (int, float)
        or (action.type is Path and action.option_strings[0] not in ("--weights", "--critic"))
    }
    assert not late, "types of datasets.commands: " + ", ".join(sorted(late))


@pytest.mark.parametrize("bad", ["-1000", "nan", "inf", "1e999", "many", "", "9" * 30, "9" * 5000])
def test_a_number_out_of_its_range_is_named(bad, capsys):
    tried = 0
    for door, words, action in options():
        kind = kind_of(action)
        if kind is None or action.dest == "seed" and (door, *words) == ("gan_cut", "generate"):
            continue
        tried += 1
        code, said = called(door, *words, f"{action.option_strings[0]}={bad}", capsys=capsys)
        assert code == 2, (door, words, action.dest)
        assert action.option_strings[0] in said
    assert tried > 40


@pytest.mark.parametrize("bad", ["1.5", "0.9999"])
def test_parts_of_whole_numbers_are_none(bad, capsys):
    for door, words, action in options():
        if kind_of(action) is int:
            code, said = called(door, *words, f"{action.option_strings[0]}={bad}", capsys=capsys)
            assert code == 2 and f"'{bad}' is not a whole number" in said


@pytest.mark.parametrize("bad", ["missing", "folder", "", "n" * 300])
def test_a_file_that_cannot_be_one_is_named(bad, tmp_path, capsys):
    (tmp_path / "folder").mkdir()
    path = str(tmp_path / bad) if bad else ""
    tried = 0
    for door, words, action in options():
        if action.type is commands.file:
            tried += 1
            code, said = called(door, *words, action.option_strings[0], path, capsys=capsys)
            assert code == 2 and action.option_strings[0] in said, (door, words, action.dest)
            assert bad[:50] in said.replace("\n", "")
    assert tried > 5


def test_results_cannot_be_written_where_a_file_is(tmp_path, capsys):
    (tmp_path / "file").write_text("hello")
    for door, words, action in options():
        if action.dest in ("out", "save", "animate", "run", "json"):
            for path in (tmp_path / "file" / "x.png", tmp_path / "file" / "more" / "x.png"):
                code, said = called(door, *words, action.option_strings[0], path, capsys=capsys)
                assert code == 2 and action.option_strings[0] in said, (door, words)
            code, said = called(door, *words, action.option_strings[0], tmp_path, capsys=capsys)
            assert code in (1, 2), (door, words)  # a folder for a file, or what is in it


# -- contents ----------------------------------------------------------------------------


@pytest.fixture
def bad(tmp_path, monkeypatch):
    """Files of each kind that is none, by name; and a few good pictures."""
    monkeypatch.setattr(scan, "SEEN", tmp_path / "seen.json")
    monkeypatch.setenv("MIEN_DATA", str(tmp_path / "nowhere"))
    monkeypatch.chdir(tmp_path)
    good = {"key.weight": torch.zeros(64, 64)}
    safetensors.torch.save_file(good, tmp_path / "other.safetensors")
    whole = (tmp_path / "other.safetensors").read_bytes()
    (tmp_path / "cut.safetensors").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "empty.safetensors").touch()
    (tmp_path / "text.safetensors").write_text("hello " * 100)
    (tmp_path / "header.safetensors").write_bytes(b"\xff" * 64)
    (tmp_path / "empty.pth").touch()
    (tmp_path / "text.pth").write_text("hello " * 100)
    torch.save(good, tmp_path / "other.pth")
    torch.save([1, 2], tmp_path / "list.pth")
    torch.save({"model.1.weight": 3, "x": {"y": torch.zeros(1)}}, tmp_path / "nested.pth")
    like = {"model.1.weight": torch.zeros(4), "model.10.conv_block.1.weight": torch.zeros(1)}
    torch.save(like, tmp_path / "like.pth")
    torch.save({"model.x.conv_block": torch.zeros(1), **like}, tmp_path / "words.pth")
    torch.save({"connected.0.weight": torch.zeros(2, 2)}, tmp_path / "connected.pth")
    torch.save({"embedding.style": torch.zeros(2), "start.weight": torch.zeros(2)},
               tmp_path / "start.pth")  # fmt: skip
    torch.save({"stem.1.weight": torch.zeros(0)}, tmp_path / "stem.pth")
    torch.save({"model.model.0.weight": torch.zeros(1)}, tmp_path / "unet.pth")
    whole = (tmp_path / "other.pth").read_bytes()
    (tmp_path / "cut.pth").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "empty.png").touch()
    (tmp_path / "text.png").write_text("hello")
    (tmp_path / "folder").mkdir()
    for number in range(3):
        levels = np.random.default_rng(number).integers(0, 256, (64, 64, 3), np.uint8)
        (tmp_path / "good").mkdir(exist_ok=True)
        write_rgb(tmp_path / "good" / f"{number}.png", levels)
    return tmp_path


WEIGHTS = [
    *("cut.safetensors", "other.safetensors", "empty.safetensors", "text.safetensors"),
    *("header.safetensors", "empty.pth", "text.pth", "other.pth", "list.pth", "nested.pth"),
    *("like.pth", "words.pth", "connected.pth", "start.pth", "stem.pth", "unet.pth", "cut.pth"),
    *("empty.png", "missing.pth", "folder"),
]
PICTURE = "good/0.png"
TAKE_WEIGHTS = [
    "gan_cut translate FILE --a good --out made --device cpu",
    "gan_cut sheet FILE --a good --out made.png --device cpu",
    f"gan_cut stylise FILE {PICTURE} --out made.png --device cpu",
    "gan_cut sheet-style FILE --a good --out made.png",
    "gan_cut generate landscape happy 1 --weights FILE",
    "gan_cut distil FILE --a good --backbone FILE",
    "gan_cut train cut --a good --b good --start-from FILE",
    "gan_cut train style --a good --start-from FILE",
    "gan_cut evaluate FILE --a good --b good --backbone FILE",
    "gan_cut evaluate-style FILE --a good --backbone FILE",
    "gan_cut train dream --labels FILE --backbone FILE",
    "gan_cut train plain --labels FILE --a good",
    f"models enlarge {PICTURE} made.png --weights FILE",
    "models train expression --arch vgg16 --start FILE",
]


@pytest.mark.parametrize("line", TAKE_WEIGHTS)
def test_weights_that_are_none_are_named(line, bad, capsys):
    for name in WEIGHTS:
        words = [name if word == "FILE" else word for word in line.split()]
        code, said = called(*words, capsys=capsys)
        assert code in (1, 2), (line, name, said)
        assert name in said or "MIEN_DATA" in said, (line, name, said)
    assert not (bad / "made.png").exists() and not list(bad.glob("made/*"))


TAKE_PICTURES = [
    "models enlarge FILE made.png",
    "models explain FILE --out made.png",
    "gan_cut stylise weights.safetensors FILE --out made.png",
    "models compare FILE",
    "models label FILE",
    "gan_cut epochs FILE",
    "gan_cut publish FILE --epoch 1 --name x",
]


@pytest.mark.parametrize("line", TAKE_PICTURES)
def test_pictures_and_folders_that_are_none_are_named(line, bad, capsys):
    (bad / "weights.safetensors").write_bytes((bad / "other.safetensors").read_bytes())
    for name in ("empty.png", "text.png", "folder", "missing.png", "empty.pth"):
        words = [name if word == "FILE" else word for word in line.split()]
        code, said = called(*words, capsys=capsys)
        assert code in (1, 2) and name in said, (line, name, said)


@pytest.mark.parametrize("name", sorted(datasets.__main__.SETS))
@pytest.mark.parametrize("command", ["prepare", "show"])
@pytest.mark.parametrize("kind", ["empty", "text", "folder", "missing"])
def test_a_data_folder_of_rubbish_is_named(name, command, kind, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(scan, "SEEN", tmp_path / "seen.json")
    monkeypatch.setattr("datasets.faces.CACHE", tmp_path / "cache")
    monkeypatch.setenv("MIEN_DATA", str(tmp_path / "data"))
    for relative in datasets.__main__.SETS[name][0].files:
        path = tmp_path / "data" / relative.replace("*", "x")
        path.parent.mkdir(parents=True, exist_ok=True)
        if kind == "folder":
            path.mkdir(exist_ok=True)
        elif kind != "missing":
            path.write_text("" if kind == "empty" else "hello\n" * 100)
    code, said = called("datasets", command, name, capsys=capsys)
    assert code in (0, 1)
    if code:
        assert str(tmp_path / "data") in said or any(
            Path(f).name.replace("*", "x") in said for f in datasets.__main__.SETS[name][0].files
        ), said


@pytest.mark.parametrize(
    "line, says",
    [
        ("datasets", "required"),
        ("datasets show nothing", "invalid choice: 'nothing'"),
        ("datasets prepare nothing", "invalid choice"),
        ("server.captures --level best", "--level: invalid choice: 'best'"),
        ("models show nothing", "nothing"),
        ("models show ../../README", "README"),
        ("models train nothing", "invalid choice"),
        ("models visualise sad --out x.txt", "--out: x.txt must end with .png"),
        ("models train expression --epochs 3", "--epochs belongs to a network"),
        ("gan_cut train nothing", "invalid choice"),
        ("gan_cut train cut --a nothing --b nothing", "nothing is neither a folder nor"),
        ("gan_cut train cut --a good --b good --adversarial x", "invalid choice: 'x'"),
        ("gan_cut train cut --a good --b good", "pictures are in both sets"),
        ("gan_cut generate nothing happy 1", "nothing"),
        ("gan_cut generate landscape nothing 1", "nothing"),
        ("gan_cut generate landscape happy 0", "COUNT"),
        ("gan_cut generate landscape happy 1 --seed -1", "--seed"),
        ("gan_cut publish good --epoch 1 --name ../x", "only letters, digits"),
        ("gan_cut epochs good", "good has no finished epoch"),
        ("bench nothing", "invalid choice"),
        ("bench stream --json folder", "--json: folder"),
        ("bench art --only nothing", "nothing"),
    ],
)
def test_what_is_asked_for_in_vain_is_named(line, says, bad, capsys):
    code, said = called(*line.split(), capsys=capsys)
    assert code in (1, 2) and says in said, said


@pytest.mark.parametrize("door", DOORS)
def test_no_traceback_in_a_process_of_its_own(door, tmp_path):
    line = {
        "datasets": ["shapes", "--count", "-3"],
        "models": ["enlarge", tmp_path / "none.png", tmp_path / "x.png"],
        "gan_cut": ["translate", tmp_path / "none.pth", "--a", "x", "--out", tmp_path],
        "server.captures": ["--count", "-3"],
        "bench": ["stream", "--json", tmp_path],
    }[door]
    done = subprocess.run(
        [sys.executable, "-m", door, *map(str, line)], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode in (1, 2) and "Traceback" not in done.stderr
    assert str(line[-1]) in done.stderr or str(tmp_path) in done.stderr


# -- fates and results ---------------------------------------------------------------------


@pytest.fixture
def generator(bad):
    from gan_cut.networks import ResnetGenerator
    from models.core.files import half_precision

    torch.manual_seed(0)
    safetensors.torch.save_file(half_precision(ResnetGenerator(4, 1)), bad / "g.safetensors")
    for number in range(3):
        write_rgb(bad / "good" / f"{number}.png", np.full((256, 256, 3), 80 * number, np.uint8))
    return bad / "g.safetensors"


def translate(*more: object, capsys) -> tuple[int, str]:
    line = ("translate", "g.safetensors", "--a", "good", "--size", 256, "--device", "cpu")
    return called("gan_cut", *line, *more, capsys=capsys)


def test_each_file_has_its_fate(generator, bad, capsys):
    """A panorama, a torn file and one of text: the others are translated all the same."""
    write_rgb(bad / "good" / "panorama.png", np.zeros((40, 800, 3), np.uint8))
    (bad / "good" / "torn.jpg").write_bytes(b"\xff\xd8\xff\xe0" + bytes(100))
    (bad / "good" / "._0.png").write_bytes(bytes(10))
    code, said = translate("--out", "made", capsys=capsys)
    assert code == 1
    assert sorted(path.name for path in (bad / "made").iterdir()) == ["0.png", "1.png", "2.png"]
    assert "3 pictures: made" in said and "2 of 5 were not translated:" in said
    assert "good/panorama.png: a picture of 5120 x 256 is outside 256 to 1024" in said
    assert "good/torn.jpg is " in said


def test_a_sheet_is_laid_of_what_can_be_read(generator, bad, capsys):
    (bad / "good" / "torn.jpg").write_bytes(b"\xff\xd8\xff\xe0" + bytes(100))
    line = ("sheet", generator, "--a", "good", "--device", "cpu", "--out", "sheet.png")
    code, said = called("gan_cut", *line, capsys=capsys)
    assert code == 1 and "1 of 4 were not put on the sheet:" in said and "torn.jpg" in said
    assert read_rgb(bad / "sheet.png").shape[0] > 192
    for path in (bad / "good").glob("*.png"):
        path.unlink()
    code, said = called("gan_cut", *line[:-1], "none.png", capsys=capsys)
    assert code == 2 and "torn.jpg" in said and not (bad / "none.png").exists()


def test_results_never_lie_over_what_they_are_made_from(generator, bad, capsys):
    before = {path: path.read_bytes() for path in (bad / "good").iterdir()}
    (bad / "link").symlink_to(bad / "good")
    for out in ("good", "./good/../good", "link", "good/made", bad / "good"):
        code, said = translate("--out", out, capsys=capsys)
        assert code == 2 and "name another --out" in said, out
    code, said = translate("--out", "good/0.png", capsys=capsys)
    assert code == 2 and "argument --out: good/0.png is a file; give a folder" in said
    line = ("enlarge", PICTURE, PICTURE)
    code, said = called("models", *line, capsys=capsys)
    assert code == 1 and "is what is read" in said
    os.link(bad / PICTURE, bad / "same.png")
    code, said = called("models", "enlarge", PICTURE, "same.png", capsys=capsys)
    assert code == 1 and "is what is read" in said
    code, said = called("gan_cut", "sheet", generator, "--a", "good", "--out", PICTURE,
                        "--device", "cpu", capsys=capsys)  # fmt: skip
    assert code == 2 and "is what is read" in said
    assert {path: path.read_bytes() for path in (bad / "good").iterdir()} == before


def test_shapes_are_not_drawn_over_anything(bad, capsys):
    before = (bad / "good" / "0.png").read_bytes()
    code, said = called("datasets", "shapes", "--count", 1, "--size", 32, "--out", "good",
                        capsys=capsys)  # fmt: skip
    assert code == 1 and "good holds something else" in said
    assert (bad / "good" / "0.png").read_bytes() == before
    for _ in range(2):
        assert called("datasets", "shapes", "--count", 1, "--size", 32, "--out", "shapes",
                      capsys=capsys)[0] == 0  # fmt: skip


def test_generators_of_one_channel_translate(bad, capsys):
    """Grey in, grey out; any other number is named."""
    from gan_cut.networks import ResnetGenerator

    write_rgb(
        bad / "good" / "0.png", np.random.default_rng(0).integers(0, 256, (256, 256, 3), "u1")
    )
    for taken, given in ((1, 3), (3, 1), (1, 1), (4, 3), (3, 2)):
        network = ResnetGenerator(4, 1, norm="instance", channels_in=taken, channels_out=given)
        torch.save(network.state_dict(), bad / "channels.pth")
        line = ("translate", "channels.pth", "--a", "good", "--size", 256, "--out", "made",
                "--device", "cpu")  # fmt: skip
        code, said = called("gan_cut", *line, capsys=capsys)
        if taken == 4 or given == 2:
            assert code == 2 and "channels.pth: it takes" in said and "pictures have 3 or 1" in said
            continue
        assert code == 0, said
        made = read_rgb(bad / "made" / "0.png")
        assert made.shape == (256, 256, 3)
        assert (made == made[..., :1]).all() == (given == 1)


def test_what_makes_pictures_from_nothing_translates_none(bad, capsys):
    from gan_cut.plain_networks import ConnectedGenerator

    torch.save(ConnectedGenerator(64, 8, 4).state_dict(), bad / "nothing.pth")
    code, said = called("gan_cut", "translate", "nothing.pth", "--a", "good", "--out", "made",
                        capsys=capsys)  # fmt: skip
    assert code == 2 and "nothing.pth: a ConnectedGenerator makes pictures from nothing" in said


def test_fates_and_errors_in_words(tmp_path, capsys):
    fates = Fates("read")

    def work(path: Path) -> None:
        raise MemoryError

    fates.over([tmp_path / "a"], work)
    assert fates.report() == 1
    assert f"{tmp_path / 'a'}: this needs more memory than there is" in capsys.readouterr().err
    assert Fates("read").report() == 0

    def stop() -> int:
        raise KeyboardInterrupt

    assert commands.run(stop, "door") == 130
    with pytest.raises(TypeError):  # a fault of ours keeps its traceback
        commands.run(lambda: len(3), "door")
    never_over(tmp_path / "x.png", [tmp_path / "y.png"])
