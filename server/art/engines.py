"""The engines that make pictures of captures, by name.

An engine is made once in each worker process, from a folder of weights:

    engine = make(folder)
    picture = engine(capture, task)

    capture     [H, W, 3] uint8 RGB, 256 to 1024 a side; the picture has its proportions, and is
                painted over (hands.py) where the engine does not say otherwise
    task        what else is known: the visitor's mixture, the seed, threads, progress (task.py)

`make` imports what is heavy itself, because the web process reads this table.
A new engine is a `make` and one line in ENGINES; its title is the page's
message `engine.NAME`.  docs/engines.md shows one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import numpy as np

from models import registry
from server.art.emotion_engines import CRITIC, DREAM, STYLE, UPSCALER, Dreamed, Felt, Styled
from server.art.hands import plain
from server.art.task import Paint, Task
from server.settings import Settings, SettingsError

LIVE_FORM = "/live"
"""What an engine's name ends with where its live form is meant."""
OWN = "own"
"""What stands in the place of a scene's name for a picture of the visitor's own."""


@dataclass(frozen=True, slots=True)
class Engine:
    """One way to make a picture."""

    make: Callable[[Path], Paint]
    """From the folder of weights."""
    weights: tuple[str, ...]
    """The files without which it is not offered."""
    live: Callable[[Path], Paint] | None = None
    """Its fast form for the living canvas."""
    live_weights: str = ""
    target: str | None = None
    """The set of pictures it learned from, by its name in `datasets`: one is shown as a reference
    where the set is on the machine."""
    scenes: tuple[str, ...] | None = None
    """The scenes whose captures it has learned to translate: it is offered there alone.  None where
    any picture will do."""
    own: bool = False
    """It takes pictures of the visitor's own, too."""
    capture: bool = True
    """Something of the capture is in the picture."""
    painted: bool = True
    """Its picture is painted over by the hands of the visitor's mixture."""
    mixture: bool = True
    """The visitor's mixture is in it."""
    reads: bool = False
    """All it does is about the expression that is read: it is not offered with --no-emotion."""


class Translation:
    """A generator trained by gan_cut, in the fastest way this machine has (measured at start)."""

    def __init__(self, path: Path) -> None:
        import torch

        from gan_cut.inference import Translator

        # on one thread: several that compete with visitors for the cores measure only that
        torch.set_num_threads(1)
        self._path = path
        first = Translator(self._path, threads=1)
        self._backend = first.backend
        self._translators = {1: first}

    def __call__(self, picture: np.ndarray, task: Task) -> np.ndarray:
        import torch

        from gan_cut.inference import Translator

        torch.set_num_threads(task.threads)
        if task.threads not in self._translators:
            self._translators[task.threads] = Translator(
                self._path, self._backend, threads=task.threads
            )
        return self._translators[task.threads](picture)


@cache
def translation(file: str, folder: Path) -> Translation:
    """Loaded and measured once in a worker, however many engines use it."""
    return Translation(folder / file)


def trained(name: str, target: str, scenes: tuple[str, ...]) -> Engine:
    """The engine of published weights: NAME.safetensors, and NAME-live.safetensors if there."""
    full, live = f"{name}.safetensors", f"{name}-live.safetensors"
    make, make_live = partial(translation, full), partial(translation, live)
    return Engine(make, (full,), make_live, live, target, scenes)


VIEWS = "landscapes:clouds,shine,sunrise,sun_bamboo_forest,sun_sky"
"""Photographs of what the scene `landscape` knows, without lightning, deserts, streets and fog."""

# Offered is what is better, once painted, than the capture painted: `style` is not on views, whose
# forms it loses.
ENGINES: dict[str, Engine] = {
    "painted": Engine(lambda _folder: plain, (), own=True),
    "monet": trained("monet", target="monet", scenes=("landscape",)),
    "landscape": trained("landscape", target=VIEWS, scenes=("landscape",)),
    "style": Engine(Styled, (STYLE,), scenes=("bloom",), own=True, reads=True),
    "dream": Engine(Dreamed, (DREAM, UPSCALER), own=True, capture=False, painted=False),
    "felt": Engine(
        Felt, (DREAM, CRITIC, UPSCALER), own=True, capture=False, painted=False, reads=True
    ),
}


def offered(settings: Settings) -> tuple[str, ...]:
    """Names of the engines that this installation offers: all that have weights, or those of
    the setting `engines`, in its order.

    Raises SettingsError for a name that cannot be offered, ModelError for weights that are
    not those of their card.
    """
    if not settings.art:
        return ()
    readable = [name for name in ENGINES if settings.emotion or not ENGINES[name].reads]
    there = [name for name in readable if not missing(settings, name)]
    if settings.engines is None:
        names = there
    else:
        names = [name.strip() for name in settings.engines.split(",")]
        for name in names:
            if name not in ENGINES:
                known = ", ".join(ENGINES)
                raise SettingsError(f"engines names {name!r}, which is none of {known}")
            if name not in readable:
                raise SettingsError(
                    f"engines names {name!r}, which paints the expression that is read, but "
                    "none is, with --no-emotion: leave it out"
                )
            if name not in there:
                file = settings.weights / missing(settings, name)[0]
                raise SettingsError(
                    f"engines names {name!r}, but {file} is not there"
                    f"{' with terms that permit it' if settings.permissive else ''}: train and "
                    "publish it (docs/training.md), or leave it out"
                )
    files = [file for name in names for file in ENGINES[name].weights]
    files += [ENGINES[name].live_weights for name in names if has_live(settings, name)]
    for model in dict.fromkeys(Path(file).stem for file in files):
        if has_card(settings, model):  # one's own need none
            registry.check(model, settings.weights)
    return tuple(dict.fromkeys(names))


def described(settings: Settings, name: str) -> dict:
    """What a page is told of an engine: docs/protocol.md, `welcome`."""
    engine = ENGINES[name]
    return {
        "name": name,
        "live": has_live(settings, name),
        "scenes": None if engine.scenes is None else list(engine.scenes),
        "own": engine.own,
        "capture": engine.capture,
        "mixture": engine.mixture,
        "reads": engine.reads,
    }


def has_learned(name: str, scene: str) -> bool:
    """Whether an engine takes captures of this scene, or `own`, a visitor's own picture."""
    engine = ENGINES[name]
    if scene == OWN:
        return engine.own
    return engine.scenes is None or scene in engine.scenes


def has_live(settings: Settings, name: str) -> bool:
    """Whether an engine has its fast form on this machine."""
    engine = ENGINES[name]
    return engine.live is not None and is_usable(settings, engine.live_weights)


def missing(settings: Settings, name: str) -> list[str]:
    """The weights that an engine lacks on this machine."""
    return [file for file in ENGINES[name].weights if not is_usable(settings, file)]


def is_usable(settings: Settings, file: str) -> bool:
    """Whether weights are there, and the setting `permissive` lets them be used."""
    if not (settings.weights / file).is_file():
        return False
    model = Path(file).stem
    return not (
        settings.permissive
        and has_card(settings, model)
        and registry.is_for_research_alone(registry.card(model, settings.weights))
    )


def has_card(settings: Settings, model: str) -> bool:
    return (settings.weights / f"{model}.card.json").is_file()
