"""The critic as others use it: scores, the best of many, and where it looks."""

import numpy as np
import pytest
import torch

from datasets import art_emotions
from models import registry
from models.core import emotions
from models.core.emotions import EXPRESSIONS
from models.critic.critic import NAME, Critic
from models.critic.network import CriticNetwork
from tests.tiny_critic import publish_tiny_critic


@pytest.fixture(scope="module")
def critic(tmp_path_factory):
    return Critic(publish_tiny_critic(tmp_path_factory.mktemp("weights")))


def picture(seed: int, height: int = 64, width: int = 80) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 255, (height, width, 3), np.uint8)


def test_scores_are_shares_of_pictures_of_any_size(critic):
    scores = critic.scores([picture(0), picture(1, 300, 20), picture(0)], threads=1)
    assert scores.shape == (3, 7) and scores.dtype == np.float32
    assert scores.sum(1) == pytest.approx(1)
    assert scores[0] == pytest.approx(scores[2], abs=1e-3)
    assert np.abs(scores[0] - scores[1]).max() > 1e-3
    assert critic.scores([]).shape == (0, 7)
    with pytest.raises(ValueError, match="uint8"):
        critic.scores([np.zeros((64, 64, 3), np.float32)])


def test_the_best_agree_with_the_mixture_and_are_no_duplicates(critic):
    scores = np.full((5, 7), 0.1, np.float32)
    happy, sad = EXPRESSIONS.index("happy"), EXPRESSIONS.index("sad")
    scores[[0, 1], happy] = 0.4
    scores[2, happy], scores[2, sad] = 0.25, 0.25
    scores[3, sad] = 0.4
    scores /= scores.sum(1, keepdims=True)
    wanted = np.eye(7)[happy]
    assert critic.best(scores, wanted, 2) == [0, 2]
    assert critic.best(scores, np.eye(7)[sad], 2) == [3, 2]
    assert critic.best(scores, (np.eye(7)[sad] + wanted) / 2, 1) == [2]
    assert sorted(critic.best(scores, wanted, 9)) == [0, 1, 2, 3, 4]
    assert critic.best(scores, wanted, 5)[-1] == 1


def test_the_map_lies_where_the_evidence_is(tmp_path):
    """A network that feels sad about blue alone, looking at a picture with a blue corner."""
    network = CriticNetwork()
    torch.nn.init.zeros_(network.expressions.weight)
    fire, sad = network.backbone.features[3], EXPRESSIONS.index("sad")
    with torch.no_grad():
        for weight in network.backbone.features[0].parameters():
            weight.zero_()
        network.backbone.features[0].weight[0, 0, 1, 1] = 1  # blue: channels are BGR inside
        for weight in fire.parameters():
            weight.zero_()
        fire.squeeze.weight[0, 0] = 1
        fire.expand1x1.weight[0, 0] = 1
        network.expressions.weight[sad, 0] = 0.01
    critic = Critic(publish_tiny_critic(tmp_path, network))
    corner = np.zeros((120, 160, 3), np.uint8)
    corner[:40, 120:, 2] = 255
    heat = critic.map(corner, "sad")
    assert heat.shape == (120, 160) and heat.min() == 0 and heat.max() == 1
    assert heat[:30, 130:].mean() > 0.8 and heat[60:, :100].mean() < 0.1
    assert critic.map(corner, "happy")[:30, 130:].mean() < 0.2
    with pytest.raises(ValueError, match="joy.*angry, disgust"):
        critic.map(corner, "joy")


def test_a_file_that_is_no_critic_is_refused(tmp_path):
    path = publish_tiny_critic(tmp_path)
    path.write_bytes(path.read_bytes()[:-4] + b"oops")
    with pytest.raises(registry.ModelError, match="not the file of its card"):
        Critic(path)
    about = dict.fromkeys(registry.CARD_FIELDS, "x") | {"data": []}
    other = registry.save_tensors(NAME, {"weight": np.zeros(3, np.float16)}, about, "", tmp_path)
    with pytest.raises(registry.ModelError, match="no critic"):
        Critic(other)


def test_shares_of_other_vocabularies_become_mixtures():
    names = ("happiness", "fear", "shyness", "sadness")
    found = emotions.mixtures([[0.4, 0.2, 0.9, 0.2], [0, 0, 0.5, 0]], names,
                              emotions.WIKIART_EMOTIONS)  # fmt: skip
    assert found[0] == pytest.approx([0, 0, 0.25, 0.5, 0, 0.25, 0])
    assert found[1].tolist() == np.eye(7)[EXPRESSIONS.index("neutral")].tolist()
    assert emotions.grouped(found)[0] == pytest.approx([0.5, 0, 0.5])
    with pytest.raises(ValueError, match="awe"):
        emotions.mixtures([[1]], ("awe",), emotions.WIKIART_EMOTIONS)


@pytest.mark.parametrize(
    "vocabulary, words",
    [
        (emotions.WIKIART_EMOTIONS, art_emotions.WIKIART_WORDS),
        (emotions.ARTEMIS, art_emotions.ARTEMIS_WORDS),
        (emotions.FEELINGBLUE, art_emotions.FEELINGBLUE_WORDS),
    ],
)
def test_every_emotion_of_a_set_has_an_expression_or_none(vocabulary, words):
    assert tuple(vocabulary) == words
    assert set(vocabulary.values()) <= {*EXPRESSIONS, None}
