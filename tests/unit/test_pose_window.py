"""The window that looks back: only the past, whatever the rate, nothing of others."""

import numpy as np
import pytest

from datasets import synthetic_films
from datasets.synthetic_films import MOVEMENTS
from datasets.synthetic_poses import POSES
from models.pose.geometry import features_many
from models.pose.window import FEATURES, GAP, LENGTH, Window, features_at


@pytest.fixture
def film() -> synthetic_films.Film:
    return synthetic_films.film("wave", np.random.default_rng(5))


def live(times: np.ndarray, bodies: np.ndarray, aspect: float) -> list[np.ndarray]:
    """What is read after each frame."""
    window, rows = Window(), []
    for time, body in zip(times, bodies, strict=True):
        window.add(time, body, aspect)
        rows.append(window.features())
    return rows


def test_a_film_is_read_as_it_is_read_live(film):
    table = features_many(film.bodies, film.aspect)
    at_once = features_at(film.times, table, np.arange(len(film.times)))
    assert at_once.shape == (len(film.times), len(FEATURES))
    assert np.allclose(at_once, live(film.times, film.bodies, film.aspect), atol=1e-9)


def test_what_comes_later_changes_nothing(film):
    half = len(film.times) // 2
    changed = film.bodies.copy()
    changed[half:] = synthetic_films.film("clap", np.random.default_rng(6)).bodies[0]
    before = features_at(film.times, features_many(film.bodies, film.aspect), np.arange(half))
    after = features_at(film.times, features_many(changed, film.aspect), np.arange(half))
    assert np.array_equal(before, after)
    ends = np.arange(half)
    alone = features_at(film.times[:half], features_many(film.bodies[:half], film.aspect), ends)
    assert np.allclose(before, alone, atol=1e-9)


def test_what_was_long_ago_changes_nothing(film):
    long_ago = np.full_like(film.bodies[:1], 0.3)
    times = np.concatenate(([film.times[0] - 0.1], film.times))
    old = live(times, np.concatenate((long_ago, film.bodies)), film.aspect)[1:]
    new = live(film.times, film.bodies, film.aspect)
    past = film.times - film.times[0] > LENGTH
    assert past.any()
    assert np.allclose(np.array(old)[past], np.array(new)[past], atol=1e-9)
    assert not np.allclose(old[0], new[0])


def test_a_movement_reads_the_same_at_other_rates():
    times = np.arange(0, 3, 1 / 60)
    body = np.zeros((len(times), 33, 4), np.float32)
    body[..., 3] = 1
    body[:, 0, :2], body[:, 11, :2], body[:, 12, :2] = (0.5, 0.3), (0.6, 0.45), (0.4, 0.45)
    body[:, 13, :2], body[:, 14, :2], body[:, 16, :2] = (0.65, 0.6), (0.35, 0.6), (0.35, 0.7)
    body[:, 15, 0], body[:, 15, 1] = 0.65 + 0.05 * np.sin(2 * np.pi * 1.5 * times), 0.3
    read = [live(times[::step], body[::step], 1.0)[-1] for step in (2, 3, 4)]
    # The newest frames lie up to 0.05 s apart.
    assert np.abs(read[0] - read[1]).max() < 0.15
    assert np.abs(read[0] - read[2]).max() < 0.15
    still = live(times, np.repeat(body[:1], len(times), 0), 1.0)[-1]
    assert np.abs(read[0] - still).max() > 0.3


def test_after_a_pause_somebody_is_new(film):
    window = Window()
    for time, body in zip(film.times, film.bodies, strict=True):
        window.add(time, body, film.aspect)
    window.add(film.times[-1] + GAP + 0.01, film.bodies[0], film.aspect)
    fresh = Window()
    fresh.add(0.0, film.bodies[0], film.aspect)
    assert np.allclose(window.features(), fresh.features())


def test_the_same_body_twice_counts_once(film):
    window = Window()
    window.add(1.0, film.bodies[0], film.aspect)
    before = window.features()
    window.add(1.0, film.bodies[1], film.aspect)
    assert np.array_equal(window.features(), before)


def test_nobody_has_no_features():
    with pytest.raises(IndexError):
        Window().features()


@pytest.mark.parametrize("name", [*POSES, *MOVEMENTS])
def test_every_film_shows_what_it_is_called(name):
    rng = np.random.default_rng(7)
    films = [synthetic_films.film(name, rng) for _ in range(8)]
    assert any((film.labels == name).any() for film in films)
    for film in films:
        assert film.bodies.shape == (len(film.times), 33, 4) and np.isfinite(film.bodies).all()
        assert (np.diff(film.times) > 0).all()
        assert set(film.labels) <= {*POSES, name, synthetic_films.BETWEEN}
        if name in MOVEMENTS and (film.labels == name).any():
            first = film.times[np.argmax(film.labels == name)]
            assert first - film.times[0] >= synthetic_films.BEGUN - 1e-9


def test_a_film_is_the_same_for_the_same_seed():
    one, two = (synthetic_films.film("nod", np.random.default_rng(3)) for _ in range(2))
    assert np.array_equal(one.bodies, two.bodies) and np.array_equal(one.labels, two.labels)
