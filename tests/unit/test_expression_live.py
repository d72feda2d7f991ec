"""The face as the network sees it, and the pipeline of network, mesh and head."""

import cv2
import numpy as np
import pytest

from datasets.faces import CLASSES
from models import registry
from models.expression import live_network
from models.expression.classifier import NAME, ExpressionClassifier
from models.expression.crop import CENTRE, SCALE, SIZE, grey_face
from models.expression.fusion import fuse, rows_of
from models.expression.geometry import MeanFace, align, features
from models.expression.live_network import EMBEDDING, LiveNetwork
from models.expression.material import as_live, places_of
from tests.unit.made_faces import made_faces
from tests.unit.test_expression import in_picture, turned
from tests.unit.test_expression_networks import stirred, tensors_of


@pytest.fixture(scope="module")
def mean() -> MeanFace:
    return MeanFace.load()


def soft(face: np.ndarray, side: int) -> np.ndarray:
    return cv2.resize(face, (side, side), interpolation=cv2.INTER_CUBIC)


def alike(one: np.ndarray, other: np.ndarray) -> float:
    """Correlation of two crops."""
    return float(np.corrcoef(one.ravel(), other.ravel())[0, 1])


def test_a_face_that_lies_as_those_of_fer_stays_as_it_is():
    for face in made_faces(7).pictures:
        assert np.array_equal(grey_face(face, np.array(CENTRE), SCALE, 0.0), face)


@pytest.mark.parametrize("side", [30, 48, 100, 480])
@pytest.mark.parametrize("roll", [0, 25, -40])
def test_a_face_in_a_large_colour_picture_is_cut_like_one_of_48_grey_pixels(side, roll):
    width, height = 1280, 720
    for face in made_faces(7).pictures[::3]:
        picture = np.full((height, width, 3), 90, np.uint8)
        left, top = 500, 120
        picture[top : top + side, left : left + side] = soft(face, side)[..., None]
        middle = np.array((left, top)) + np.array(CENTRE) * side
        turn = cv2.getRotationMatrix2D(middle.tolist(), -roll, 1.0)
        picture = cv2.warpAffine(picture, turn, (width, height), borderValue=(90, 90, 90))
        crop = grey_face(picture, middle / width, SCALE * side / width, roll)
        assert crop.shape == (SIZE, SIZE) and crop.dtype == np.uint8
        inside = slice(6, 42)
        assert alike(crop[inside, inside], face[inside, inside]) > (0.94 if side >= 48 else 0.85)


def test_a_face_at_the_edge_or_outside_of_the_picture_does_not_break_it():
    picture = np.random.default_rng(0).integers(0, 255, (60, 80, 3), np.uint8)
    for centre in ((0.0, 0.0), (1.0, 0.75), (-0.5, 2.0)):
        for scale in (1e-9, 0.001, 0.2, 5.0):
            assert grey_face(picture, np.array(centre), scale, 10.0).shape == (SIZE, SIZE)


def test_the_crop_follows_the_mesh(mean):
    """A mesh that is turned, small and somewhere gives the place where its face lies."""
    face = in_picture(turned(mean.points, yaw=20, roll=15), 0.05, (0.3, 0.4), 4 / 3)
    found = align(face, 4 / 3, mean)
    assert found.centre[:2] == pytest.approx((0.3, 0.3), abs=0.002)
    square = face.copy()
    square[:, 1] *= 3 / 4
    x, y, scale, roll = places_of(square[None], mean)[0]
    assert (x, y) == pytest.approx(found.centre[:2], abs=1e-4)
    assert (scale, roll) == pytest.approx((0.05, 15), abs=0.1)


def test_faces_without_a_mesh_stay_as_published(mean):
    faces = made_faces(7).pictures
    places = np.full((7, 4), np.nan)
    places[2] = (0.4, 0.5, 0.2, 10)
    cut = as_live(faces, places)
    same = [np.array_equal(one, other) for one, other in zip(cut, faces, strict=True)]
    assert same == [True, True, False, True, True, True, True]


class Sample:
    """Meshes that tell happy from sad, and embeddings that tell angry from neutral."""

    def __init__(self, mean: MeanFace, count: int) -> None:
        rng = np.random.default_rng(0)
        self.labels = np.concatenate((np.tile(np.arange(7), 8), rng.integers(0, 7, count - 56)))
        self.points = mean.points + rng.normal(0, 0.01, (count, 468, 3))
        self.points[self.labels == CLASSES.index("happy"), 61:92, 1] -= 0.06
        self.points[self.labels == CLASSES.index("sad"), 61:92, 1] += 0.06
        self.embeddings = rng.normal(0, 0.5, (count, EMBEDDING)).astype(np.float32)
        self.embeddings[self.labels == CLASSES.index("angry"), 0] += 4
        self.embeddings[self.labels == CLASSES.index("neutral"), 1] += 4
        self.turns = rng.normal(0, 10, (count, 3))

    def rows(self) -> np.ndarray:
        return rows_of(self.embeddings, features(self.points), self.turns)


def geometry_of(sample: Sample):
    from sklearn.decomposition import PCA
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    pipeline = make_pipeline(StandardScaler(), PCA(20), LogisticRegression(max_iter=500))
    return pipeline.fit(features(sample.points), np.array(CLASSES)[sample.labels])


def tensors() -> dict[str, np.ndarray]:
    import torch

    from models.expression.networks import Compact

    torch.manual_seed(0)
    found = tensors_of(stirred(Compact()))
    found["expression.weight"][:] = 0
    found["expression.weight"][CLASSES.index("angry"), 0] = 1
    found["expression.weight"][CLASSES.index("neutral"), 1] = 1
    return found


def right(shares: np.ndarray, labels: np.ndarray, name: str) -> float:
    here = labels == CLASSES.index(name)
    return (shares[here].argmax(1) == labels[here]).mean()


@pytest.fixture(scope="module")
def fused(mean):
    return fuse(tensors(), geometry_of(Sample(mean, 600)), Sample(mean, 600).rows(),
                Sample(mean, 600).labels)  # fmt: skip


def test_the_pipeline_knows_what_each_of_its_members_knows(mean, fused):
    sample = Sample(mean, 600)
    shares = fused.predict_proba(sample.rows())
    assert np.allclose(shares.sum(1), 1)
    network, geometry, _head = (one.predict_proba(sample.rows()) for one in fused.estimators_)
    assert right(geometry, sample.labels, "angry") < 0.7 < right(network, sample.labels, "angry")
    for name in ("angry", "neutral", "happy", "sad"):
        assert right(shares, sample.labels, name) > 0.9, name


def save(folder, mean, pipeline):
    about = dict.fromkeys(registry.CARD_FIELDS, "said") | {"data": []}
    arrays = {"points": mean.points, "weights": mean.weights, "mirror": mean.mirror}
    registry.save_arrays("mean_face", arrays, about, "", folder)
    registry.save_tensors(live_network.NAME, tensors(), about, "", folder)
    needs = {"needs": ["mean_face", live_network.NAME]}
    return registry.save_pipeline(NAME, pipeline, about | needs, "", folder)


def test_it_is_stored_and_reads_pictures_and_recordings(tmp_path, mean, fused):
    save(tmp_path, mean, fused)
    registry.check(NAME, tmp_path)
    classifier = ExpressionClassifier.load(tmp_path)
    face = in_picture(turned(mean.points, yaw=5), 0.05, (0.5, 0.5), 4 / 3)
    picture = np.random.default_rng(0).integers(0, 255, (480, 640, 3), np.uint8)
    with_picture = classifier.read(face, 4 / 3, picture)
    without = classifier.read(face, 4 / 3)
    for shares in (with_picture, without):
        assert tuple(shares) == CLASSES and sum(shares.values()) == pytest.approx(1)
    assert with_picture != without

    mirrored_face = face[mean.mirror] * (-1, 1, 1) + (1, 0, 0)
    mirrored = classifier.read(mirrored_face, 4 / 3, np.ascontiguousarray(picture[:, ::-1]))
    for name in CLASSES:
        assert mirrored[name] == pytest.approx(with_picture[name], abs=0.1)

    one_point = classifier.read(np.full((468, 3), 0.5, np.float32), 4 / 3, picture)
    assert sum(one_point.values()) == pytest.approx(1)


def test_a_missing_or_tampered_network_is_named(tmp_path, mean, fused):
    save(tmp_path, mean, fused)
    file = tmp_path / f"{live_network.NAME}.safetensors"
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    with pytest.raises(registry.ModelError, match="sha256"):
        registry.check(NAME, tmp_path)
    file.unlink()
    with pytest.raises(registry.ModelError, match="is missing"):
        ExpressionClassifier.load(tmp_path)


def test_a_published_model_is_the_one_that_was_trained(tmp_path):
    about = dict.fromkeys(registry.CARD_FIELDS, "said") | {"data": []}
    small = {"a": np.arange(6, dtype=np.float16).reshape(2, 3).T}  # not as it lies in memory
    registry.save_tensors("small", small, about, "", tmp_path / "run")
    registry.publish("small", tmp_path / "run", tmp_path / "weights")
    there = registry.load_tensors("small", tmp_path / "weights")
    assert np.array_equal(there["a"], small["a"])
    large = {"a": np.frombuffer(np.random.default_rng(0).bytes(registry.LARGEST), np.uint8)}
    registry.save_tensors("large", large, about, "", tmp_path / "run", largest=2**31)
    with pytest.raises(ValueError, match="must stay below"):
        registry.publish("large", tmp_path / "run", tmp_path / "weights")


def test_the_live_network_reads_one_face_at_a_time_or_many(mean):
    network = LiveNetwork(tensors())
    faces = made_faces(5).pictures
    together = network.embed(faces)
    alone = np.concatenate([network.embed(face[None]) for face in faces])
    assert np.array_equal(together, alone)
