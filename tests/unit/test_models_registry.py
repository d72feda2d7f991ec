"""The registry keeps what it stored and refuses everything else."""

import hashlib
import json
import pickle

import numpy as np
import pytest
import skops.io
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from models import __main__ as command
from models import registry
from models.registry import ModelError

SOURCE = {"name": "made", "what": "numbers", "origin": "here", "licence": "none"}
ABOUT = dict.fromkeys(registry.CARD_FIELDS, "said") | {
    "command": "python -m models train test",
    "data": [SOURCE],
}


def fitted() -> StandardScaler:
    return StandardScaler().fit(np.arange(12.0).reshape(4, 3))


def foreign(value):
    """A function that no version of Mien puts into a model."""
    return value


def replace_file(folder, name, content):
    """Puts other bytes where the card says the model is, with a card that fits."""
    card = registry.card(name, folder)
    (folder / card["file"]).write_bytes(content)
    card["sha256"] = hashlib.sha256(content).hexdigest()
    (folder / f"{name}.card.json").write_text(json.dumps(card))


def test_a_pipeline_comes_back_as_it_was(tmp_path):
    registry.save_pipeline("test", fitted(), ABOUT, "", tmp_path)
    back = registry.load_pipeline("test", (), tmp_path)
    assert np.array_equal(back.mean_, fitted().mean_)
    card = registry.card("test", tmp_path)
    assert card["versions"]["numpy"] == np.__version__
    assert card["bytes"] == (tmp_path / "test.skops").stat().st_size


def test_arrays_come_back_as_they_were(tmp_path):
    registry.save_arrays("test", {"a": np.eye(3)}, ABOUT, "", tmp_path)
    assert np.array_equal(registry.load_arrays("test", tmp_path)["a"], np.eye(3))


def test_a_missing_model_is_named_with_what_to_do(tmp_path):
    with pytest.raises(ModelError, match=r"no model 'ghost'.*git checkout"):
        registry.load_pipeline("ghost", (), tmp_path)
    path = registry.save_pipeline("test", fitted(), ABOUT, "", tmp_path)
    path.unlink()
    with pytest.raises(ModelError, match=r"is missing.*python -m models train test"):
        registry.load_pipeline("test", (), tmp_path)


def test_a_tampered_file_is_refused(tmp_path):
    path = registry.save_pipeline("test", fitted(), ABOUT, "", tmp_path)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r"sha256.*python -m models train test"):
        registry.load_pipeline("test", (), tmp_path)


def test_a_pickle_is_never_opened(tmp_path):
    class Trap:
        def __reduce__(self):
            return (tmp_path.joinpath("sprung").touch, ())

    registry.save_pipeline("test", fitted(), ABOUT, "", tmp_path)
    replace_file(tmp_path, "test", pickle.dumps(Trap()))
    with pytest.raises(ModelError, match="pickles are never opened"):
        registry.load_pipeline("test", (), tmp_path)
    registry.save_arrays("arrays", {"a": np.eye(3)}, ABOUT, "", tmp_path)
    replace_file(tmp_path, "arrays", pickle.dumps(Trap()))
    with pytest.raises(ModelError, match="no plain arrays"):
        registry.load_arrays("arrays", tmp_path)
    assert not (tmp_path / "sprung").exists()


def test_a_foreign_type_is_refused_and_named(tmp_path):
    registry.save_pipeline("test", fitted(), ABOUT, "", tmp_path)
    replace_file(tmp_path, "test", skops.io.dumps(FunctionTransformer(foreign)))
    with pytest.raises(ModelError, match="foreign"):
        registry.load_pipeline("test", (), tmp_path)


def test_a_card_must_say_everything(tmp_path):
    with pytest.raises(ValueError, match="limits"):
        registry.save_pipeline(
            "test", fitted(), {k: v for k, v in ABOUT.items() if k != "limits"}, "", tmp_path
        )


def test_a_model_that_is_too_large_is_not_written(tmp_path):
    large = {"a": np.random.default_rng(0).bytes(registry.LARGEST)}
    with pytest.raises(ValueError, match="must stay below"):
        registry.save_arrays(
            "test", {"a": np.frombuffer(large["a"], np.uint8)}, ABOUT, "", tmp_path
        )
    assert not list(tmp_path.iterdir())


def test_every_committed_model_is_whole_and_says_what_it_is():
    assert {"expression", "mean_face", "pose"} <= set(registry.names())
    for name in registry.names():
        registry.read(name)
        card = registry.card(name)
        assert card["sha256"] in (registry.WEIGHTS / f"{name}.card.md").read_text()
        assert not [field for field in registry.CARD_FIELDS if field not in card]
        assert card["bytes"] < registry.LARGEST
        assert card["command"].startswith(("python -m models train", "python -m gan_cut "))


def test_list_and_show_say_what_there_is(capsys):
    assert command.main(["list"]) == 0
    assert "pose" in capsys.readouterr().out
    assert command.main(["show", "expression"]) == 0
    assert "calibration error" in capsys.readouterr().out
    assert command.main(["show", "ghost"]) == 1
    assert "ghost" in capsys.readouterr().err


def test_compare_fits_four_pipelines_on_a_csv(tmp_path, capsys):
    rng = np.random.default_rng(0)
    names = ",".join(f"{letter}{n}" for n in range(1, 34) for letter in "xyzv")
    rows = [
        f"{name}," + ",".join(f"{value:.4f}" for value in rng.normal(place, 0.1, 132))
        for name, place in (("Up", 0.2), ("Down", 0.8))
        for _ in range(20)
    ]
    path = tmp_path / "made.csv"
    path.write_text("\n".join([f"class,{names}", *rows]))
    assert command.main(["compare", str(path)]) == 0
    table = capsys.readouterr().out
    for pipeline in ("logistic regression", "ridge classifier", "random forest"):
        assert pipeline in table
    path.write_text("\n".join([f"class,{names}", *rows[:20]]))
    assert command.main(["compare", str(path)]) == 1
    assert "one class" in capsys.readouterr().err


def test_a_classifier_of_other_classes_is_refused(tmp_path):
    from models.expression.classifier import ExpressionClassifier
    from models.expression.geometry import MeanFace

    other = LogisticRegression().fit(np.eye(2), ["up", "down"])
    with pytest.raises(ModelError, match="train expression"):
        ExpressionClassifier(other, MeanFace.load())
