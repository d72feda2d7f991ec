"""What `python -m bench perception` measures, not how fast it is."""

from bench import perception
from models.expression.classifier import ExpressionClassifier
from models.expression.fusion import fuse
from models.expression.live_network import LiveNetwork
from tests.unit.test_expression_live import Sample, geometry_of, tensors


def measured(monkeypatch, classifier: ExpressionClassifier) -> list[str]:
    monkeypatch.setattr(perception.machine, "pin", lambda pid: None)  # the tests go on after it
    monkeypatch.setattr(perception.ExpressionClassifier, "load", lambda: classifier)
    told = []
    rows = list(perception.measure(perception.SECTIONS, True, told.append))
    assert told and all(row.value > 0 and row.unit == "ms" for row in rows)
    assert str(rows[-1].goal) == "≤ 5" and rows[-1].baseline > 0
    return [row.name for row in rows]


def test_every_step_of_a_reading_is_timed(monkeypatch):
    mean = ExpressionClassifier.load().mean
    sample = Sample(mean, 200)
    geometry = geometry_of(sample)
    mesh_alone = ExpressionClassifier(geometry, mean)
    assert measured(monkeypatch, mesh_alone) == ["align a mesh", "expression of a face"]
    pipeline = fuse(tensors(), geometry, sample.rows(), sample.labels)
    with_network = ExpressionClassifier(pipeline, mean, LiveNetwork(tensors()))
    assert measured(monkeypatch, with_network) == [
        "align a mesh", "cut a face out", "network", "pipeline", "expression of a face",
    ]  # fmt: skip
