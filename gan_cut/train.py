"""The training loop of every method.

    crops = Crops(captures, paintings, crop=128, load=256, batch=1, seed=0)
    train(CUT(CUTSettings()), crops, "runs/monet", TrainSettings(), held_out, paintings[:8])

Call it again with the same arguments and it goes on where it was, with the same
result as if nothing had happened.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from tqdm import tqdm

from datasets.paths import write_whole
from gan_cut.batches import Batches
from gan_cut.methods import Method, setting
from models.core.files import opened
from models.core.pictures import write_rgb
from models.core.run import Run
from models.core.sheets import contact_sheet, loss_curves

SAVE_SECONDS = 300
ROWS_PER_EPOCH = 20


@dataclass(frozen=True)
class TrainSettings:
    """What all methods are trained with."""

    crop: int = setting(128, "side of the random crops, in pixels", 32, 4096)
    load: int = setting(256, "shorter side that pictures are brought to before cropping", 8, 8192)
    batch: int = setting(1, "pictures of each domain per step", most=4096)
    epochs: int = setting(200, "epochs in all")
    decay: int = setting(100, "last epochs, over which the learning rate falls to zero", 0)
    epoch_steps: int = setting(0, "steps per epoch; 0: each picture of a once", 0)
    average: float = setting(0.999, "share of the past in the averaged generator, per step", most=1)
    held_out: int = setting(8, "captures kept from training for the contact sheet", 0)
    seed: int = setting(0, "of weights, crops, order and patches", 0, 2**31)


def train(
    method: Method,
    batches: Batches,
    run: Run | Path | str,
    settings: TrainSettings,
    held_out: Sequence[np.ndarray],
    beside: Mapping[str, Sequence[np.ndarray]] | None = None,
    should_stop: Callable[[], bool] = lambda: False,
) -> Run:
    """Train until all epochs are done or `should_stop` says so after some step.

    held_out: captures [H, W, 3] uint8 of one size, translated after every epoch.
    beside: further labelled rows of pictures for the contact sheet.

    Every step's random numbers follow from the seed and the step's number, so
    the state on disk needs weights, optimisers, pools and the average alone.
    Raises FloatingPointError when a loss is no number any more.
    """
    run = run if isinstance(run, Run) else Run(run)
    run.make()
    average = AveragedModel(method.generator, multi_avg_fn=get_ema_multi_avg_fn(settings.average))
    average.eval().requires_grad_(False)
    step, history = 0, []
    if run.state.exists():
        state = opened(run.state)
        method.load_state_dict(state["method"])
        average.load_state_dict(state["average"])
        step, history = state["step"], state["history"]
    else:
        run.save_held_out(held_out)

    def save() -> None:
        state = {
            "method": method.state_dict(),
            "average": average.state_dict(),
            "step": step,
            "history": history,
        }
        write_whole(run.state, lambda new: torch.save(state, new))

    epoch_steps = settings.epoch_steps or max(1, len(batches.a) // batches.batch)
    total = settings.epochs * epoch_steps
    row_steps = max(1, epoch_steps // ROWS_PER_EPOCH)
    saved = row_start = time.monotonic()
    row: list[dict[str, torch.Tensor]] = []
    progress = tqdm(total=total, initial=step, unit="step", mininterval=1, smoothing=0.05)
    with progress:
        for a, b in batches.stream(step, total):
            torch.manual_seed(settings.seed * total + step)
            method.set_rate(method.settings.rate * rate_factor(settings, step, epoch_steps))
            row.append(method.step(a, b))
            average.update_parameters(method.generator)
            step += 1
            progress.update()
            epoch_ends = step % epoch_steps == 0
            if step % row_steps == 0 or epoch_ends:
                losses = means(row, step)
                seconds = (time.monotonic() - row_start) / len(row)
                history.append({"step": step, **losses, "seconds_per_step": seconds})
                progress.set_postfix({k: f"{v:.3f}" for k, v in losses.items()})
                row, row_start = [], time.monotonic()
                if not epoch_ends and time.monotonic() - saved > SAVE_SECONDS:
                    save()
                    saved = time.monotonic()
            if epoch_ends:
                finish_epoch(run, step // epoch_steps, average.module, method, beside, history)
                save()
                saved = row_start = time.monotonic()
            if should_stop():
                save()
                break
    return run


def rate_factor(settings: TrainSettings, step: int, epoch_steps: int) -> float:
    """1, then falling linearly to 0 over the last `decay` epochs (Zhu 2017, section 4)."""
    left = settings.epochs * epoch_steps - step
    return min(1.0, left / max(1, settings.decay * epoch_steps))


def means(row: Sequence[Mapping[str, torch.Tensor]], step: int) -> dict[str, float]:
    losses = {name: float(torch.stack([r[name] for r in row]).mean()) for name in row[0]}
    for name, value in losses.items():
        if not np.isfinite(value):
            raise FloatingPointError(
                f"the loss {name!r} is {value} at step {step}. The last state on disk is sound: "
                "start a new run from one of its epochs with a lower rate, or in fp32."
            )
    return losses


def finish_epoch(
    run: Run,
    epoch: int,
    generator: torch.nn.Module,
    method: Method,
    beside: Mapping[str, Sequence[np.ndarray]] | None,
    history: Sequence[Mapping[str, float]],
) -> None:
    """Weights, contact sheet and curves, before the state says that the epoch is done."""
    method.settle(generator)
    run.save_weights(epoch, generator)
    captures = run.held_out()
    results = method.show(generator, captures, epoch)
    before = {"captures": captures} if captures else {}
    sheet = contact_sheet({**before, **results, **(beside or {})})
    write_whole(run.sheet(epoch), lambda new: write_rgb(new, sheet))
    run.save_history(history)
    write_whole(run.path / "losses.png", lambda new: loss_curves(history, new))
