"""Everything that judges art really learns, and says how well."""

import numpy as np
import pytest
import torch

from datasets.art_emotions import FEELINGBLUE_WORDS
from models import registry
from models.core.emotions import EXPRESSIONS
from models.critic import evaluate, train
from models.critic.critic import NAME, Critic
from models.critic.explain import imagined, laid_over
from models.critic.figures import correlations
from models.critic.handmade import features
from models.critic.judge import Judge, recognised, strongest
from models.critic.labellers import Block, handmade, linear_probe, ridge, shallow
from models.critic.train import Recipe, learn, to_publish
from tests.made_works import works

SAD, HAPPY, SURPRISE = (EXPRESSIONS.index(name) for name in ("sad", "happy", "surprise"))
BLOCKS = (
    Block("seven expressions", EXPRESSIONS, shares=True),
    Block("FeelingBlue", FEELINGBLUE_WORDS, shares=False),
)


@pytest.fixture(scope="module")
def learnt():
    return works(60), works(24, seed=1)


RECIPE = Recipe(epochs=2, head_rounds=60, head_decay=1.0)


@pytest.fixture(scope="module")
def some(learnt):
    return learnt[0].part(np.arange(30))


@pytest.fixture(scope="module")
def network(some, tmp_path_factory):
    """Taught from a backbone by lot, so that its first levels alone must do."""
    torch.manual_seed(0)
    return learn(some, None, RECIPE, 0, tmp_path_factory.mktemp("whole"))


@pytest.fixture(scope="module")
def critic(network, some, tmp_path_factory):
    about = dict.fromkeys(registry.CARD_FIELDS, "x") | {"data": []}
    tensors, folder = to_publish(network, some), tmp_path_factory.mktemp("weights")
    return Critic(registry.save_tensors(NAME, tensors, about, "", folder))


def said(some) -> np.ndarray:
    return np.concatenate((some.mixtures, some.feelings), 1)


@pytest.mark.parametrize("way", [shallow, handmade])
def test_a_labeller_learns_shares_and_scores(way, learnt):
    inputs = [one.pictures if way is shallow else features(one.pictures) for one in learnt]
    options = {"epochs": 20} if way is shallow else {}
    found = way(inputs[0], said(learnt[0]), inputs[1], BLOCKS, **options)
    assert found.shape == (24, 12)
    assert found[:, :7].sum(1) == pytest.approx(1, abs=1e-5)
    assert (found[:, :7].argmax(1) == learnt[1].mixtures.argmax(1)).mean() > 0.9
    sad = learnt[1].mixtures[:, SAD] > 0.5
    score = found[:, 7 + FEELINGBLUE_WORDS.index("sadness")]
    assert score[sad].mean() > score[~sad].mean() + 0.3


def test_ridge_bends_where_the_probe_is_straight():
    random = np.random.default_rng(0)
    inputs = random.normal(size=(200, 2)).astype(np.float32)
    target = np.stack((inputs[:, 0], np.abs(inputs[:, 1])), 1)
    target[150:, 0] = np.nan
    straight = linear_probe(inputs[:120], target[:120], inputs[120:])
    bent = ridge(inputs[:120], target[:120], inputs[120:])
    wanted = np.stack((inputs[120:, 0], np.abs(inputs[120:, 1])), 1)
    assert correlations(straight, wanted, ("line", "bend"))["line"] > 0.95
    assert correlations(straight, wanted, ("line", "bend"))["bend"] < 0.5
    assert correlations(bent, wanted, ("line", "bend"))["bend"] > 0.9


def test_the_critic_learns(learnt, critic):
    scores = critic.scores(list(learnt[1].pictures))
    found = correlations(scores, learnt[1].mixtures, EXPRESSIONS)
    assert found["sad"] > 0.6 and found["happy"] > 0.6
    chosen = critic.best(scores, np.eye(7)[SAD], 3)
    assert all(learnt[1].mixtures[row].argmax() == SAD for row in chosen)


def test_a_training_goes_on_where_it_was_stopped(network, some, tmp_path, monkeypatch):
    """Stopped after the first of two epochs, then started again."""
    epoch = train.one_epoch

    def stopped(*all_of_it):
        if all_of_it[-1][1] == 1:
            raise KeyboardInterrupt
        return epoch(*all_of_it)

    monkeypatch.setattr(train, "one_epoch", stopped)
    with pytest.raises(KeyboardInterrupt):
        learn(some, None, RECIPE, 0, tmp_path)
    monkeypatch.setattr(train, "one_epoch", epoch)
    again = learn(some, None, RECIPE, 0, tmp_path)
    for one, other in zip(network.parameters(), again.parameters(), strict=True):
        assert torch.allclose(one, other, atol=1e-6)
    with pytest.raises(ValueError, match="another training"):
        learn(some, None, Recipe(epochs=3), 0, tmp_path)


def test_changes_keep_colours_and_do_not_blur():
    random = np.random.default_rng(0)
    stripes = np.zeros((128, 128, 3), np.uint8)
    stripes[:, ::8] = 255
    for _ in range(5):
        changed = train.changed(stripes, random)
        assert changed.shape == stripes.shape
        assert changed.max() > 200 and changed.min() == 0


def test_what_stands_out_is_measured_by_what_is_usual():
    said = np.zeros((4, 7))
    said[:, 3] = (5.0, 5.1, 5.0, 5.2)  # all are happy above all
    said[0, 0], said[1, 5] = 0.3, 0.2
    assert strongest(said).tolist()[:2] == [0, 5] and strongest(said)[3] == 3
    right = recognised(said, np.array([0, 0, 3, 3]))
    assert right[0] == 0.5 and np.isnan(right[1])


def test_the_judge_knows_its_artists_alone_and_leaves_rare_groups_out():
    everything = works(420, artists=40)
    seen = []

    def describe(pictures):
        seen.append(len(pictures))
        return pictures.mean((1, 2)).astype(np.float32)

    judge = Judge.fit(everything, describe)
    own = everything.judged.sum()
    assert seen == [own, own]
    assert judge.names == ("positive", "surprise", "negative") and not judge.left_out
    assert sum(judge.works.values()) == own
    assert min(judge.accuracy.values()) > 0.9
    unseen = works(12, seed=5)
    groups = judge.groups(unseen.pictures)
    assert groups.shape == (12, 3) and groups.sum(1) == pytest.approx(1)
    assert groups.argmax(1).tolist() == [0, 2, 1] * 4
    said = judge.expressions(unseen.pictures)
    assert said.shape == (12, 7) and np.isfinite(said).all()
    stands_out = unseen.mixtures.argmax(1)
    right = recognised(said, stands_out)
    assert np.nanmean(right) > 0.8 and np.isnan(right).sum() == 4, "three of seven are there"
    assert judge.sevens[[HAPPY, SURPRISE]].min() > 0.9, "of two that the works are full of"

    rare = everything.mixtures.argmax(1) == SAD
    few = everything.part(~rare | (np.cumsum(rare) <= 20))
    judge = Judge.fit(few, describe)
    assert judge.names == ("positive", "surprise") and judge.left_out["negative"] <= 20
    assert "negative: left out" in judge.summary()
    assert not judge.groups(unseen.pictures)[:, 2].any()
    with pytest.raises(ValueError, match="too few works"):
        Judge.fit(works(30), describe)


def test_no_artist_is_on_both_sides():
    everything = works(60, artists=12)

    def spy(learn, said, test):
        assert not set(everything.artists[learn]) & set(everything.artists[test])
        return np.zeros((len(test), said.shape[1]))

    found = evaluate.crossed(spy, said(everything), everything.artists, "spy")
    assert found.shape == (60, 12)


def test_the_tables_say_what_is_met_and_what_is_missed():
    everything = works(60)
    people = evaluate.what_people_said(everything)
    assert people.shape[1] == sum(len(block.names) for block in evaluate.BLOCKS)
    random = np.random.default_rng(0)
    perfect = np.nan_to_num(people) + random.normal(0, 1e-3, people.shape)
    text = evaluate.tables({"perfect": perfect}, people)
    assert "| perfect |" in text and "lust and envy" in text
    assert "positive 20, surprise 20, negative 20" in text
    anger = evaluate.columns("FeelingBlue").start
    perfect[:, anger] = -perfect[:, anger]
    goals = {name: met for name, _, _, met in evaluate.judged(perfect, people)}
    assert goals["seven words: happiness"] and goals["FeelingBlue: fear"]
    assert not goals["FeelingBlue: anger"]


def test_what_is_imagined_is_a_picture_of_what_was_asked(critic):
    one = imagined(critic, "sad", seed=0, steps=8)
    assert one.shape == (256, 256, 3) and one.std() > 5
    other = imagined(critic, "happy", seed=0, steps=8)
    scores = critic.scores([one, other])
    assert scores[0, SAD] > scores[1, SAD]
    assert (imagined(critic, "sad", seed=0, steps=2) == imagined(critic, "sad", 0, 2)).all()


def test_the_map_darkens_what_it_is_not_about():
    picture = np.full((4, 4, 3), 200, np.uint8)
    heat = np.zeros((4, 4), np.float32)
    heat[0, 0] = 1
    shown = laid_over(picture, heat)
    assert shown[0, 0].tolist() == [200] * 3 and shown[2, 2].max() < 80
