"""Random captures of the project's own scenes: what picture-making networks learn to translate.

    python -m server.captures --count 4000 --scene landscape --seed 0 --out my/captures

Each picture is drawn by the page's own code in headless Chromium from a state of
`random_states.draw(seed, number)`, larger than it is kept, and averaged. Beside the pictures
`states.jsonl` says what each of them shows. A run that was interrupted goes on where it was.
"""

from __future__ import annotations

import asyncio
import base64
import json
import mimetypes
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from tqdm import tqdm

from datasets.about import About
from datasets.paths import PROJECT, write_whole
from prepare import find_chromium
from server.captures.random_states import draw
from server.stage import to_json
from server.values import SceneState

DIST = PROJECT / "static" / "dist"
ADDRESS = "http://captures.localhost"
"""Where the page believes to be; every request is answered from DIST."""
LEVELS = ("minimal", "low", "medium", "high")
FINER = 2
"""Pixels that are drawn for each pixel of a picture, in each direction."""
SETTLED = 8.0
"""Seconds after which light, form and what grows have settled."""
PATIENCE = 300_000
"""Milliseconds that one picture may take."""
OPTIONS = (
    "--no-sandbox",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
"""Software WebGL: the same pictures on every machine."""


class CapturesError(ValueError):
    """Captures cannot be made; the message says what to do."""


@dataclass(frozen=True)
class Plan:
    """What a folder of captures holds; another plan needs another folder."""

    scene: str
    seed: int
    size: int
    level: str


def make(plan: Plan, count: int, folder: Path, workers: int) -> tuple[int, list[str]]:
    """Render pictures 0 to `count` - 1 of a plan; those that are there already are left alone.

    Returns how many were made, and of each that could not be drawn its name and why.  Raises
    CapturesError when the scene is unknown, the page is not built, no Chromium starts, or the
    folder holds something else.
    """
    if plan.level not in LEVELS:
        raise CapturesError(f"there is no level {plan.level!r}; there are {', '.join(LEVELS)}")
    entry = _entry(plan.scene)
    known = _begin(folder, plan, count)
    missing = [number for number in range(count) if number not in known]
    failed = []
    if missing:
        failed = asyncio.run(_draw_all(plan, entry, folder, missing, known, workers))
    lines = [known[number] for number in sorted(known)]
    write_whole(_states(folder), lambda path: path.write_text("".join(lines), encoding="utf-8"))
    return len(missing) - len(failed), failed


def _entry(scene: str) -> str:
    """The address of the page's script; it knows the scene."""
    manifest = DIST / ".vite" / "manifest.json"
    try:
        built = json.loads(manifest.read_text(encoding="utf-8"))
        entry = f"/static/dist/{built['src/captures.js']['file']}"
    except (OSError, KeyError, json.JSONDecodeError):
        raise CapturesError("the page is not built; run:  make build") from None
    scenes = sorted(Path(name).stem for name in built if name.startswith("src/scenes/"))
    if scene not in scenes:
        raise CapturesError(f"there is no scene {scene!r}; there are {', '.join(scenes)}")
    return entry


def _states(folder: Path) -> Path:
    return folder / "states.jsonl"


def _picture(folder: Path, number: int) -> Path:
    return folder / f"{number:06d}.png"


def _begin(folder: Path, plan: Plan, count: int) -> dict[int, str]:
    """The line of each picture that is there and whole, by its number."""
    kept = folder / "captures.json"
    try:
        before = json.loads(kept.read_text(encoding="utf-8"))
    except FileNotFoundError:
        if folder.exists() and any(folder.iterdir()):
            raise CapturesError(
                f"{folder} is not empty and holds no captures; name another folder with --out"
            ) from None
        write_whole(kept, lambda path: path.write_text(json.dumps(asdict(plan), indent=2) + "\n"))
        before = asdict(plan)
    except json.JSONDecodeError:
        raise CapturesError(f"{kept} is broken; delete {folder} or name another folder") from None
    if before != asdict(plan):
        differ = ", ".join(
            f"{name} {before.get(name)!r} there, {value!r} asked for"
            for name, value in asdict(plan).items()
            if before.get(name) != value
        )
        raise CapturesError(
            f"{folder} holds other captures ({differ}); ask for the same, delete it, or name"
            " another folder with --out"
        )
    if not (folder / "about.json").is_file():  # else a training that it was told goes on
        about = json.dumps(asdict(_about(plan)), indent=2) + "\n"
        write_whole(folder / "about.json", lambda path: path.write_text(about, encoding="utf-8"))
    known = {}
    for row, line in enumerate(_lines(_states(folder)), 1):
        try:
            number = int(json.loads(line)["number"])
        except (ValueError, TypeError, LookupError):
            raise CapturesError(
                f"{_states(folder)}, line {row}: not what a capture shows; delete the line, and"
                " its picture is drawn anew"
            ) from None
        if _picture(folder, number).is_file():
            known[number] = line
    return known


def _lines(file: Path) -> Iterator[str]:
    """The whole lines; the last one may have been cut off."""
    if file.is_file():
        yield from (
            line for line in file.read_text(encoding="utf-8").splitlines(True) if line[-1] == "\n"
        )


def _about(plan: Plan) -> About:
    return About(
        name=f"captures of {plan.scene}",
        what=f"random captures of the scene {plan.scene}, {plan.size}x{plan.size} pixels",
        origin=f"rendered by `python -m server.captures --scene {plan.scene} --seed {plan.seed}"
        f" --level {plan.level}`",
        licence="Apache-2.0, as the project",
        terms="none",
        faults="made by a program: no photograph of anything",
        files=(),
        get="Run the command.",
    )


async def _draw_all(
    plan: Plan, entry: str, folder: Path, missing: list[int], known: dict[int, str], workers: int
) -> list[str]:
    """Draws the missing pictures with several browsers at once: each draws on its own core.

    Returns what went wrong with those that cannot be drawn.
    """
    try:
        from playwright.async_api import Error, async_playwright
    except ImportError:
        raise CapturesError(
            "Playwright is not installed; run:  .venv/bin/pip install -r requirements-dev.txt"
        ) from None
    todo, failed = iter(missing), []
    progress = tqdm(total=len(known) + len(missing), initial=len(known), unit="capture")

    async def work(browser) -> None:
        page = await _opened(browser, entry)
        for number in todo:
            state = draw(plan.seed, number)
            wish = {
                "scene": plan.scene,
                "level": plan.level,
                "seed": seed_of(plan, number),
                "size": plan.size,
                "finer": FINER,
                "seconds": SETTLED,
                "state": to_json(state),
            }
            try:
                png = base64.b64decode(await page.evaluate("(wish) => captures.draw(wish)", wish))
            except Error as error:
                failed.append(f"{_picture(folder, number).name}: {error.message.splitlines()[0]}")
                await page.close()
                page = await _opened(browser, entry)
                continue
            write_whole(_picture(folder, number), lambda path, png=png: path.write_bytes(png))
            known[number] = json.dumps(describe(plan, number, state)) + "\n"
            with _states(folder).open("a", encoding="utf-8") as lines:
                lines.write(known[number])
            progress.update()

    with progress:
        async with async_playwright() as running:
            browsers = []
            try:
                for _ in range(min(workers, len(missing))):
                    browsers.append(await _launch(running))
                await asyncio.gather(*(work(browser) for browser in browsers))
            except Error as error:
                raise CapturesError(f"Chromium: {error.message}") from None
            finally:
                for browser in browsers:
                    await browser.close()
    return failed


async def _opened(browser, entry: str):
    """A page that can draw."""
    page = await browser.new_page()
    page.set_default_timeout(PATIENCE)
    await page.route("**/*", _answer)
    await page.goto(f"{ADDRESS}/?{entry}")
    await page.wait_for_function("() => window.captures")
    return page


async def _launch(running):
    from playwright.async_api import Error

    try:
        return await running.chromium.launch(executable_path=find_chromium(), args=list(OPTIONS))
    except Error as error:
        raise CapturesError(
            "no Chromium starts; install one (apt-get install chromium), or run:"
            f"  .venv/bin/python -m playwright install chromium\n({error.message.splitlines()[0]})"
        ) from None


async def _answer(route) -> None:
    """The page and its files, without a server."""
    path = route.request.url.removeprefix(ADDRESS).partition("?")
    if path[0] == "/":
        script = f'<!doctype html><script type="module" src="{path[2]}"></script>'
        await route.fulfill(body=script, content_type="text/html")
        return
    file = DIST / path[0].removeprefix("/static/dist/")
    if not file.resolve().is_relative_to(DIST.resolve()) or not file.is_file():
        await route.fulfill(status=404)
        return
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    await route.fulfill(body=file.read_bytes(), content_type=kind)


def seed_of(plan: Plan, number: int) -> int:
    """What the scene draws by lot in the picture of this number follows from it."""
    return (plan.seed * 1_000_003 + number * 7919 + 1) % 2**31


def describe(plan: Plan, number: int, state: SceneState) -> Mapping[str, object]:
    """A picture's line in states.jsonl: `random_states.draw` gives the whole state again."""
    whole = to_json(state)
    return {
        "number": number,
        "picture": _picture(Path(), number).name,
        "seed": seed_of(plan, number),
        "mixture": whole["mixture"],
        "expression": whole["expression"],
        "certainty": whole["certainty"],
        "valence": whole["affect"]["pleasure"],
        "arousal": whole["affect"]["arousal"],
        "dominance": whole["affect"]["dominance"],
        "pose": whole["pose"]["name"],
        "form": whole["form"],
        "motion": whole["motion"],
        "body": whole["body"],
        "objects": len(whole["add"]),
    }
