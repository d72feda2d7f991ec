"""`python -m server.captures`: renders random captures of a scene."""

from __future__ import annotations

import argparse
import sys

from datasets.commands import new_folder, report_failures, run, seed, whole
from datasets.paths import PROJECT
from server.captures.render import LEVELS, Plan, make


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m server.captures", description=__doc__)
    parser.add_argument("--scene", default="landscape", help="any scene of the page (landscape)")
    parser.add_argument("--count", type=whole(), default=4000, help="how many pictures (4000)")
    parser.add_argument("--seed", type=seed, default=0, help="other states and views (0)")
    parser.add_argument("--size", type=whole(16, 4096), default=256, help="edge in pixels (256)")
    parser.add_argument("--level", choices=LEVELS, default="medium", help="quality (medium)")
    parser.add_argument("--out", type=new_folder, help="folder (build/captures-SCENE)")
    parser.add_argument("--workers", type=whole(1, 64), default=2, help="browsers at once (2)")
    options = parser.parse_args(arguments)
    return run(lambda: _capture(options), "error")


def _capture(options: argparse.Namespace) -> int:
    plan = Plan(options.scene, options.seed, options.size, options.level)
    folder = options.out or PROJECT / "build" / f"captures-{options.scene}"
    made, failed = make(plan, options.count, folder, options.workers)
    print(f"{options.count - len(failed)} captures in {folder}, {made} of them new")
    return report_failures("drawn", options.count, failed)


if __name__ == "__main__":
    sys.exit(main())
