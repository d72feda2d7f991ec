"""Tables as Excel and other systems write them, and names as people type them."""

from __future__ import annotations

import unicodedata

import numpy as np
import pytest

from datasets import folders, style_works
from datasets.gestures import BrokenCsv, read_csv
from datasets.tables import BrokenTable, cleaned, encoding_of, number, opened
from models import compare
from models.__main__ import main
from models.critic.label import works_of
from models.pose.take import NONE
from server.workshop import poses
from server.workshop.csv_form import takes_in
from server.workshop.poses import WorkshopError, checked_name, checked_pose

HEADER = ["class", *(f"{letter}{n}" for n in range(1, 34) for letter in "xyzv")]
NFD = unicodedata.normalize("NFD", "fröhlich")


def lines(classes=("wave", "rest"), rows=40):
    """A Body Language Decoder CSV's cells: two classes that are easily told apart."""
    random = np.random.default_rng(0)
    table = [HEADER]
    for place, name in enumerate(classes):
        points = random.normal(place, 0.01, (rows, 132))
        table += [[name, *(f"{value:.5f}" for value in row)] for row in points]
    return table


def text_of(table, delimiter=",", comma=False, end="\n"):
    if comma:
        table = [table[0], *([row[0], *(cell.replace(".", ",") for cell in row[1:])]
                             for row in table[1:])]  # fmt: skip
    return end.join(delimiter.join(row) for row in table) + end


def write(path, text, encoding="utf-8"):
    path.write_bytes(text.encode(encoding))
    return path


FORMS = {
    "plain": {},
    "Excel's semicolons and decimal commas": {"delimiter": ";", "comma": True},
    "tabs and decimal commas": {"delimiter": "\t", "comma": True},
    "semicolons": {"delimiter": ";"},
    "tabs": {"delimiter": "\t"},
    "Windows": {"end": "\r\n"},
    "old Macintosh": {"end": "\r"},
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_a_table_says_the_same(form, encoding, tmp_path):
    table = lines(("fröhlich", "Ruhe"))
    plain = read_csv(write(tmp_path / "plain.csv", text_of(table)))
    path = write(tmp_path / "form.csv", text_of(table, **FORMS[form]), encoding)
    found = read_csv(path)
    assert found.classes == plain.classes and found.rows == plain.rows
    assert np.array_equal(found.bodies, plain.bodies) and set(found.classes) == {"fröhlich", "Ruhe"}


def test_excels_word_on_what_parts_the_cells(tmp_path):
    text = "sep=;\r\n" + text_of(lines(), ";", comma=True, end="\r\n")
    found = read_csv(write(tmp_path / "a.csv", text, "utf-16"))
    assert len(found.classes) == 80 and found.rows[0] == 3


def test_cells_in_quotes_keep_their_commas(tmp_path):
    table = [[cell if cell == "class" else f'"{cell}"' for cell in row] for row in lines()]
    comma = [table[0], *([c.replace(".", ",") for c in row] for row in table[1:])]
    plain = read_csv(write(tmp_path / "a.csv", text_of(lines())))
    assert np.array_equal(read_csv(write(tmp_path / "b.csv", text_of(comma))).bodies, plain.bodies)


@pytest.mark.parametrize(
    "content, says",
    [
        (b"", "row 1"),
        (b"\xff\xfe", "row 1"),
        (bytes(range(256)) * 20, "row 1"),
        (text_of(lines(("fröhlich",))).encode("latin-1"), "save it as CSV UTF-8"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "row 1"),
        (text_of([HEADER, ["wave", *["1,2,3"] * 132]], ";").encode(), "is no number"),
        (text_of([HEADER, ["wave", *["1.234,5"] * 132]], ";").encode(), "is no number"),
    ],
)
def test_what_is_no_such_table_is_named(content, says, tmp_path, capsys):
    (tmp_path / "bad.csv").write_bytes(content)
    with pytest.raises(BrokenCsv, match="bad.csv") as raised:
        read_csv(tmp_path / "bad.csv")
    assert says in str(raised.value)
    assert main(["compare", str(tmp_path / "bad.csv")]) == 1
    assert "bad.csv" in capsys.readouterr().err


def test_a_space_at_the_end_of_a_name_is_no_other_class(tmp_path, capsys, monkeypatch):
    """A trailing space, two inside, macOS's two characters for ö, what is not seen."""
    monkeypatch.setattr(compare, "PIPELINES", dict(list(compare.PIPELINES.items())[:2]))
    table = lines(("fröhlich sein", "Ruhe"), 42)
    looks = ["fröhlich sein", "fröhlich sein ", " fröhlich  sein", f"{NFD} sein",
             "fröhlich\u00a0sein", "fröhlich sein\u200b", "\ufefffröhlich sein"]  # fmt: skip
    for turn, row in enumerate(table[1:]):
        if row[0] != "Ruhe":
            row[0] = looks[turn % len(looks)]
    path = write(tmp_path / "named.csv", text_of(table))
    found = read_csv(path)
    assert set(found.classes) == {"fröhlich sein", "Ruhe"}
    assert set(found.merged) == {"fröhlich sein"} and len(found.merged["fröhlich sein"]) == 7
    assert main(["compare", str(path)]) == 0
    said = capsys.readouterr()
    assert "'fröhlich sein ' and " in said.err and "are one class: 'fröhlich sein'" in said.err
    accuracies = [float(line.split()[-2]) for line in said.out.splitlines()[1:]]
    assert len(accuracies) == 4 and accuracies[:2] == [1.0] * 2  # on the raw coordinates


def test_nothing_is_said_where_nothing_is_merged(tmp_path, capsys):
    assert read_csv(write(tmp_path / "a.csv", text_of(lines(("Wave", "wave"))))).merged == {}


@pytest.mark.parametrize("typed", ["fröhlich", NFD, f"  {NFD} ", "fröhlich\u200b"])
def test_the_workshop_takes_a_name_as_macos_writes_it(typed):
    assert checked_name(typed) == "fröhlich"
    pose = checked_pose({"name": typed, "action": "clear", "hold": 1})
    assert pose.name == "fröhlich"
    assert poses.same([pose], cleaned(typed)) is pose


@pytest.mark.parametrize("typed", ["", " ", "\u200b", "\u0308", "_x", "a/b", "x" * 33, None, 3])
def test_what_is_no_name_is_refused_still(typed):
    with pytest.raises(WorkshopError, match="letters, digits"):
        checked_name(typed)


def test_an_imported_table_of_excel_gives_the_same_poses(tmp_path):
    table = lines((f"{NFD}", "ordinary "))
    text = text_of(table, ";", comma=True, end="\r\n")
    found, spelt = takes_in(write(tmp_path / "a.csv", text, "utf-16"), "a.csv", f" {NFD} ")
    assert not spelt
    assert {take.pose for take in found} == {"fröhlich", NONE}
    assert {take.person for take in found} == {"fröhlich"}


def test_folders_and_partners_are_found_as_they_look(tmp_path, monkeypatch):
    from models.core.pictures import write_rgb

    style = tmp_path / "art" / "wikiart" / unicodedata.normalize("NFD", "Rokoko ä")
    for folder in (style, tmp_path / "b"):
        folder.mkdir(parents=True)
    artist = unicodedata.normalize("NFD", "andré-derain_boats")
    write_rgb(style / f"{artist}.png", np.zeros((8, 8, 3), np.uint8))
    write_rgb(tmp_path / "b" / "andré-derain_boats.png", np.zeros((8, 8, 3), np.uint8))
    monkeypatch.setenv("MIEN_DATA", str(tmp_path))
    assert len(folders.pictures("wikiart:andré-derain").files) == 1
    assert len(folders.pictures("wikiart:Rokoko ä").files) == 1
    pairs = folders.pairs(folders.pictures(style), folders.pictures(tmp_path / "b"))
    assert len(pairs[0]) == 1


def test_numbers_and_encodings(tmp_path):
    assert number("1,5") == number("1.5") == number(" 1.5 ") == 1.5
    with pytest.raises(ValueError):
        number("1.234,5")
    assert encoding_of(write(tmp_path / "a", "a;b", "utf-16-le")) == "utf-16-le"
    with opened(write(tmp_path / "b", "a;b\r\n1,5;2\r\n")) as table:
        assert list(table.rows) == [["a", "b"], ["1,5", "2"]]


def test_a_list_of_works_in_another_form_is_named_with_its_row(tmp_path, monkeypatch):
    monkeypatch.setenv("MIEN_DATA", str(tmp_path))
    for name in ("styles", "styles_large"):
        (tmp_path / "art" / name).mkdir(parents=True)
        file = tmp_path / "art" / name / f"{name}.csv"
        file.write_text(
            "file;artist;title;year;emotion\r\nscream.jpg;Munch;The Scream;1893;fear\r\n"
        )
    assert [work.name for work in style_works.by_expression()["fear"]] == [
        "Munch, The Scream, 1893"
    ] * 2
    with pytest.raises(BrokenTable, match=r"styles_large\.csv does not list boccioni_city_rises"):
        style_works.chosen()
    file.write_text("file,artist,title,year,emotion\nscream.jpg,Munch,The Scream,1893,dread\n")
    with pytest.raises(BrokenTable, match=r"styles_large\.csv, row 2: 'dread' is none of angry"):
        style_works.by_expression()
    file.write_text("name,artist\nscream.jpg,Munch\n")
    with pytest.raises(BrokenTable, match=r"styles_large\.csv lacks the columns file, title, year"):
        style_works.chosen()


def test_an_index_of_pictures_in_another_form_is_named(tmp_path):
    index = tmp_path / "index.csv"
    index.write_bytes("file;source\r\na.jpg;munch_the-scream.jpg\r\n".encode("utf-16"))
    assert works_of(tmp_path, ["a.jpg", "b.jpg"]) == ["munch_the-scream.jpg", "b.jpg"]
    index.write_text("picture,source\na.jpg,munch_the-scream.jpg\n")
    with pytest.raises(BrokenTable, match=r"index\.csv lacks the column file"):
        works_of(tmp_path, ["a.jpg"])
