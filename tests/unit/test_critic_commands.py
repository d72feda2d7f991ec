"""What is typed: label, explain, visualise, train and evaluate; and the published critic."""

import cv2
import numpy as np
import pytest

from datasets.paths import data_folder
from models import __main__ as command
from models import registry
from models.core.emotions import EXPRESSIONS
from models.critic import explain, label
from models.critic.critic import NAME, Critic
from models.critic.persons import FILE, PersonFilter
from tests.made_works import picture
from tests.tiny_critic import publish_tiny_critic


@pytest.fixture
def weights(tmp_path, monkeypatch):
    folder = tmp_path / "weights"
    publish_tiny_critic(folder)
    monkeypatch.setattr(registry, "WEIGHTS", folder)
    return folder


@pytest.fixture
def paintings(tmp_path):
    """A large set of four, two of them by artists that are named in an index."""
    folder = tmp_path / "some"
    folder.mkdir()
    for number, kind in enumerate(("happy", "sad", "surprise", "sad")):
        made = picture(kind, np.random.default_rng(number), 64)
        cv2.imwrite(str(folder / f"{number}.jpg"), made[..., ::-1])
    (folder / "index.csv").write_text(
        "file,source\n0.jpg,Cubism/artist-0_a.jpg\n1.jpg,Cubism/artist-1_b.jpg\n"
    )
    return folder


def test_label_takes_people_at_their_word_and_marks_the_judge(
    weights, paintings, tmp_path, monkeypatch, capsys
):
    asked = {"artist-1_b.jpg": np.eye(7, dtype=np.float32)[2]}
    monkeypatch.setattr(label, "people", lambda: asked)
    monkeypatch.setattr(label, "for_judge", lambda artist: artist == "artist-0")
    monkeypatch.setattr(label, "BUILD", tmp_path / "build")
    assert command.main(["label", str(paintings)]) == 0
    with np.load(tmp_path / "build" / "some_labels.npz") as found:
        assert found["files"].tolist() == ["0.jpg", "1.jpg", "2.jpg", "3.jpg"]
        assert found["by_people"].tolist() == [False, True, False, False]
        assert found["judged"].tolist() == [True, False, False, False]
        assert found["shares"][1].tolist() == asked["artist-1_b.jpg"].tolist()
        assert (found["shares"][[0, 2, 3]] == found["critic"][[0, 2, 3]]).all()
        for name in ("shares", "unusual", "critic"):
            assert found[name].shape == (4, 7)
            assert found[name].sum(1) == pytest.approx(1, abs=1e-5)
    assert "pictures: 4" in capsys.readouterr().out


def test_people_and_critic_are_compared_on_unseen_works_alone():
    random = np.random.default_rng(0)
    said = random.dirichlet(np.ones(7), 40).astype(np.float32)
    found = {
        "shares": said, "critic": said, "unusual": said,
        "by_people": np.ones(40, bool), "judged": np.arange(40) < 15,
    }  # fmt: skip
    told = label.summary(found)
    assert "of them unseen by the critic: 15" in told
    assert "same group of three, unseen: 1.0" in told
    assert "Spearman" not in label.summary(found | {"judged": np.zeros(40, bool)})


def test_explain_writes_a_picture_and_names_the_numbers(weights, paintings, capsys):
    out = paintings / "why.png"
    seen = str(paintings / "1.jpg")
    assert command.main(["explain", seen, "--expression", "sad", "--out", str(out)]) == 0
    assert cv2.imread(str(out)).shape == (64, 64, 3)
    assert "sad" in capsys.readouterr().out
    assert command.main(["explain", seen]) == 0
    assert any(paintings.glob("1-*.png"))


def test_visualise_writes_a_picture(weights, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(explain, "STEPS", 2)
    out = tmp_path / "fear.png"
    assert command.main(["visualise", "fear", "--out", str(out), "--seed", "3"]) == 0
    assert cv2.imread(str(out)).shape == (256, 256, 3)
    with pytest.raises(SystemExit, match="2"):
        command.main(["visualise", "fear", "--out", str(tmp_path / "fear.gif")])
    assert "must end with .png" in capsys.readouterr().err


@pytest.mark.parametrize(
    "typed, said",
    [
        (["explain", "nowhere.jpg"], "nowhere.jpg is not there"),
        (["label", "nothing"], "nothing is neither a folder nor one of the sets"),
    ],
)
def test_errors_say_what_is_wrong(weights, typed, said, capsys):
    assert command.main(typed) == 1
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    "typed, said",
    [
        (["explain", "a.jpg", "--expression", "joy"], "surprise"),
        (["visualise", "joy", "--out", "a.png"], "angry"),
        (["visualise", "sad"], "--out"),
        (["train", "critic", "--arch", "vgg16"], "--arch is for expression"),
    ],
)
def test_choices_are_named(typed, said, capsys):
    with pytest.raises(SystemExit):
        command.main(typed)
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("typed", [["train", "critic"], ["evaluate", "critic"]])
def test_without_data_the_command_says_where_to_get_it(typed, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("MIEN_DATA", str(tmp_path))
    assert command.main(typed) == 1
    assert "MIEN_DATA" in capsys.readouterr().err


def test_without_a_critic_the_command_says_how_to_train_it(
    tmp_path, monkeypatch, paintings, capsys
):
    monkeypatch.setattr(registry, "WEIGHTS", tmp_path)
    assert command.main(["label", str(paintings)]) == 1
    assert "no model 'critic'" in capsys.readouterr().err


def test_the_person_filter_sees_people_and_no_paintings_without():
    """The shared portraits of `paintings`, and abstract works."""
    file = data_folder() / FILE
    works = data_folder() / "art" / "paintings_128"
    if not (file.exists() and works.exists()):
        pytest.skip(f"the shared data (MIEN_DATA) with {FILE} and paintings_128 is not here")
    see = PersonFilter()
    shares = {}
    for kind in ("portrait", "abstract"):
        some = sorted((works / kind).glob("*.jpg"))[:10]
        shares[kind] = np.mean([see(cv2.imread(str(one))[..., ::-1]) for one in some])
    assert shares["portrait"] >= 0.6 > 0.3 >= shares["abstract"]


def test_a_person_filter_that_is_none_is_refused(tmp_path):
    (tmp_path / "x.onnx").write_bytes(b"nothing")
    with pytest.raises(ValueError, match=r"x\.onnx is no ONNX network"):
        PersonFilter(tmp_path / "x.onnx")


def published() -> Critic:
    if NAME not in registry.names():
        pytest.skip("there is no critic in models/weights: python -m models train critic")
    return Critic(registry.WEIGHTS / f"{NAME}.safetensors")


def test_the_published_critic_is_whole_small_and_tells_pictures_apart():
    critic = published()
    assert critic.card["bytes"] < 4_000_000
    assert critic.card["permissive"] is False and "commercial" in critic.card["terms"]
    assert "SqueezeNet" in critic.card["backbone"]
    random = np.random.default_rng(0)
    some = [picture(kind, random) for kind in ("happy", "sad", "surprise")]
    scores = critic.scores(some)
    assert np.isfinite(scores).all() and np.ptp(scores, 0).max() > 0.05
    for expression in EXPRESSIONS:
        heat = critic.map(some[2], expression)
        assert heat.shape == (128, 128) and heat.min() == 0 and heat.max() == 1
        assert heat.std() > 0.02
