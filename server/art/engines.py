"""The engines that make pictures of captures, by name.

An engine is made once in each worker process, from a folder of weights:

    engine = make(folder)
    picture = engine(capture, threads, progress)

    capture     [H, W, 3] uint8 RGB, 256 to 1024 a side; the picture has the same shape
    threads     processor threads it may use this time
    progress    progress(share), 0 to 1, as often as it likes; an engine that cannot
                tell need not: the worker then goes by the time it took before

`make` imports what is heavy itself, because the web process reads this table.
A new engine is a `make` and one line in ENGINES; its title is the page's
message `engine.NAME`.  docs/engines.md shows one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from models import registry
from server.settings import Settings, SettingsError

Progress = Callable[[float], None]
Paint = Callable[[np.ndarray, int, Progress], np.ndarray]


@dataclass(frozen=True, slots=True)
class Engine:
    """One way to make a picture."""

    make: Callable[[Path], Paint]
    """From the folder of weights."""
    weights: str
    """The file without which it is not offered."""
    live: Callable[[Path], Paint] | None = None
    """Its fast form for the living canvas."""
    live_weights: str = ""
    target: str | None = None
    """The set of pictures it learned from, by its name in `datasets`: one is shown as a reference
    where the set is on the machine."""


class Translation:
    """A generator trained by gan_cut, in the fastest way this machine has (measured at start)."""

    def __init__(self, file: str, folder: Path) -> None:
        import torch

        from gan_cut.inference import Translator

        # on one thread: several that compete with visitors for the cores measure only that
        torch.set_num_threads(1)
        self._path = folder / file
        first = Translator(self._path, threads=1)
        self._backend = first.backend
        self._translators = {1: first}

    def __call__(self, picture: np.ndarray, threads: int, progress: Progress) -> np.ndarray:
        import torch

        from gan_cut.inference import Translator

        torch.set_num_threads(threads)
        if threads not in self._translators:
            self._translators[threads] = Translator(self._path, self._backend, threads=threads)
        return self._translators[threads](picture)


def trained(name: str, target: str) -> Engine:
    """The engine of published weights: NAME.safetensors, and NAME-live.safetensors if there."""
    full, live = f"{name}.safetensors", f"{name}-live.safetensors"
    return Engine(partial(Translation, full), full, partial(Translation, live), live, target)


VIEWS = "landscapes:clouds,shine,sunrise,sun_bamboo_forest,sun_sky"
"""Photographs of what the scene `landscape` knows, without lightning, deserts, streets and fog."""

ENGINES: dict[str, Engine] = {
    "monet": trained("monet", target="monet"),
    "landscape": trained("landscape", target=VIEWS),
}


def offered(settings: Settings) -> tuple[str, ...]:
    """Names of the engines that this installation offers: all that have weights, or those of
    the setting `engines`, in its order.

    Raises SettingsError for a name that cannot be offered, ModelError for weights that are
    not those of their card.
    """
    if not settings.art:
        return ()
    there = [name for name, engine in ENGINES.items() if _is_there(settings, engine.weights)]
    if settings.engines is None:
        names = there
    else:
        names = [name.strip() for name in settings.engines.split(",")]
        for name in names:
            if name not in ENGINES:
                known = ", ".join(ENGINES)
                raise SettingsError(f"engines names {name!r}, which is none of {known}")
            if name not in there:
                missing = settings.weights / ENGINES[name].weights
                raise SettingsError(
                    f"engines names {name!r}, but {missing} is not there: train and publish it "
                    "(docs/training.md), or leave it out"
                )
    for name in names:
        if (settings.weights / f"{name}.card.json").is_file():  # one's own need none
            registry.check(name, settings.weights)
    return tuple(dict.fromkeys(names))


def has_live(settings: Settings, name: str) -> bool:
    """Whether an engine has its fast form on this machine."""
    engine = ENGINES[name]
    return engine.live is not None and _is_there(settings, engine.live_weights)


def _is_there(settings: Settings, file: str) -> bool:
    return (settings.weights / file).is_file()
