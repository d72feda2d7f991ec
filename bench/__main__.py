"""`python -m bench NAME`: measure, print a table, exit 1 when a goal is not met."""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from importlib.util import find_spec

from bench import figures, machine
from bench.rows import all_met, table, write_json
from datasets.commands import new_file, real

BENCHES = {
    "stream": "frame → SceneState: speed, fairness, memory, life cycle",
    "page": "the page in a browser: size, start, pace, a saved scene, a moving hand, visitors",
    "art": "capture → picture: generators, the way to the client, the living painting",
    "feelings": "do pictures show what was felt? two judges, beside real works",
    "soak": "a day of visits in half an hour: pictures, what breaks, what is held",
    "perception": "the expression of one face: alignment, network, pipeline",
    "trust": "strangers try to close it; workers, server, disk and date fail while visitors play",
}
"""Each is a module of this folder with `SECTIONS`, the names that --only takes, and
`measure(sections, quick, tell)`, which yields Rows."""


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description="Measure Mien. Each figure stands beside its baseline from the same run; "
        "the exit status is 1 when a goal is not met.",
    )
    commands = parser.add_subparsers(dest="name", metavar="NAME")
    for name, summary in BENCHES.items():
        bench = commands.add_parser(name, help=summary, description=summary)
        bench.add_argument(
            "--json", type=new_file(".json"), metavar="FILE", help="write the rows there too"
        )
        bench.add_argument("--quick", action="store_true", help="shorter, and less certain")
        bench.add_argument(
            "--only", nargs="+", metavar="NAME", help="some sections; a wrong name lists them"
        )
        if name == "soak":
            bench.add_argument(
                "--hours", type=real(0.001, 10_000), help="of the day [12; quick: 1]"
            )
            bench.add_argument(
                "--speed", type=real(0.001, 10_000), help="of the clock of waits [24]"
            )
    commands.add_parser(
        "figures", help="write the tables of docs/figures.md from docs/figures/*.json"
    )
    commands.add_parser("pictures", help="photograph the page for the documents")
    options = parser.parse_args()
    if options.name is None:
        parser.print_help()
        return 0
    if options.name == "figures":
        figures.write()
        return 0
    if options.name == "pictures":
        from bench import pictures  # needs the packages of the tests

        for path in pictures.write():
            tell(f"{path.name}: {path.stat().st_size / 1000:.0f} kB")
        return 0
    return run(options)


def run(options: argparse.Namespace) -> int:
    if find_spec("websocket") is None:
        sys.exit("The benches need the packages of requirements-dev.txt: `make test` installs them")
    bench = import_module(f"bench.{options.name}")
    chosen = options.only or list(bench.SECTIONS)
    if unknown := set(chosen) - set(bench.SECTIONS):
        sys.exit(f"No section {', '.join(unknown)}: there are {', '.join(bench.SECTIONS)}")
    rows = machine.rows()
    for warning in machine.warnings():
        tell(f"warning: {warning}")
    try:
        more = {name: getattr(options, name, None) for name in ("hours", "speed")}
        given = {name: value for name, value in more.items() if value is not None}
        for row in bench.measure(chosen, options.quick, tell, **given):
            rows.append(row)
            tell(table([row]).splitlines()[1])
        for warning in machine.warnings():
            tell(f"warning: {warning}")
    finally:
        print(table(rows))  # also when a section fails: what was measured is not lost
    if options.json:
        write_json(rows, options.json)
    return 0 if all_met(rows) else 1


def tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
