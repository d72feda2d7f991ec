"""Every setting of Mien, once: its name, default, type and meaning.

A setting comes from, highest first: the command line, a MIEN_* variable,
mien.toml in Mien's folder, its default.  `load()` reads them all; help and
documentation are made from the same fields (`python -m server.settings`).
"""

from __future__ import annotations

import argparse
import difflib
import ipaddress
import os
import secrets
import tempfile
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import Field, dataclass, field, fields, replace
from pathlib import Path
from typing import NamedTuple

from server import VERSION

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "mien.toml"

OTHER_VARIABLES = ("MIEN_DATA", "MIEN_ADDRESS")
"""MIEN_* variables that are no settings of app.py: the folder of data for training and tests
(datasets/paths.py), and where `npm run dev` finds app.py (static/vite.config.js)."""


NEW_PASSWORD = "--new-staff-password"
"""What app.py does instead of starting; no setting."""


PERMISSIVE = "permissive"
"""`--weights permissive`, as `--permissive`."""


class SettingsError(ValueError):
    """A setting cannot be used; the message names its source, the value and what is allowed."""


def setting(
    default: object,
    kind: type,
    group: str,
    meaning: str,
    *,
    least: float | None = None,
    most: float | None = None,
    choices: tuple[str | int, ...] = (),
):
    """One field of Settings; `least` and `most` are inclusive."""
    metadata = {
        "kind": kind,
        "group": group,
        "meaning": meaning,
        "least": least,
        "most": most,
        "choices": choices,
    }
    return field(default=default, metadata=metadata)


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one run.  Raises SettingsError where two of them contradict each other."""

    host: str = setting(
        "127.0.0.1",
        str,
        "Where",
        "Address to listen on. 127.0.0.1 is this machine alone, 0.0.0.0 the whole network.",
    )
    port: int = setting(
        5000, int, "Where", "Port to listen on; 0 takes a free one.", least=0, most=65535
    )
    data_folder: Path = setting(
        Path("instance"),
        Path,
        "Where",
        "What Mien keeps: secrets and the gallery. A folder, relative to Mien's own.",
    )
    https: bool = setting(
        False,
        bool,
        "Where",
        "Speak https, which phones need to lend their camera: with a certificate that Mien makes "
        "for this machine's addresses, or with your own.",
    )
    certificate: Path | None = setting(
        None,
        Path,
        "Where",
        "Your own certificate for https: a PEM file, the chain included. "
        "Relative to Mien's folder.",
    )
    certificate_key: Path | None = setting(
        None, Path, "Where", "The key of your own certificate: a PEM file without a password."
    )
    names: str | None = setting(
        None,
        str,
        "Where",
        "Names by which browsers may ask for this machine besides its own and those of its "
        "certificate, such as mien.museum.example or *.museum.example. Its addresses always work.",
    )
    proxy: str | None = setting(
        None,
        str,
        "Where",
        "Address of the one proxy through which browsers come, as Mien sees it, such as 127.0.0.1. "
        "It alone is believed who asks, and by what name (X-Forwarded-For, -Proto, -Host).",
    )
    emotion: bool = setting(
        True,
        bool,
        "What",
        "Read expressions. Schools and workplaces must switch this off; "
        "then no expression model is loaded at all.",
    )
    frame_width: int = setting(
        640, int, "What", "Width of the camera picture, in pixels.", least=160, most=1920
    )
    frame_height: int = setting(
        480, int, "What", "Height of the camera picture, in pixels.", least=120, most=1080
    )
    camera: str | None = setting(
        None,
        str,
        "What",
        "The camera that pages use: a part of its name, or its number (1 is the first). "
        "Whichever faces the visitor without it.",
    )
    camera_turn: int = setting(
        0,
        int,
        "What",
        "Degrees by which the camera's picture is turned clockwise, for one that is mounted "
        "on its side or upside down.",
        choices=(0, 90, 180, 270),
    )
    mirror: bool = setting(
        True,
        bool,
        "What",
        "What visitors see moves as in a mirror. Switch it off for a camera that mirrors its "
        "picture itself, or where it stands behind them.",
    )
    seed: int | None = setting(
        None,
        int,
        "What",
        "Makes everything that is drawn by lot repeat itself. Different at each start without it.",
        least=0,
        most=2**32 - 1,
    )
    absence: int = setting(
        20,
        int,
        "A visit",
        "Seconds without anybody in view after which a visit ends and the notice is back.",
        least=1,
        most=600,
    )
    attract_after: int = setting(
        45,
        int,
        "A visit",
        "Seconds for which the notice stands untouched before a recorded session plays.",
        least=1,
        most=86_400,
    )
    capture_time: int = setting(
        6, int, "A visit", "Seconds for which a capture is looked at.", least=1, most=60
    )
    goodbye_time: int = setting(
        8,
        int,
        "A visit",
        "Seconds of goodbye before the notice is there for the next visitor.",
        least=1,
        most=600,
    )
    art: bool = setting(
        True,
        bool,
        "Pictures",
        "Let captures become pictures, by the engines whose weights are on this machine.",
    )
    engines: str | None = setting(
        None,
        str,
        "Pictures",
        "The engines that visitors may choose from, such as monet,landscape. "
        "All whose weights are there without it.",
    )
    weights: Path = setting(
        Path("models/weights"),
        Path,
        "Pictures",
        "Where the engines' weights lie (NAME.safetensors). Relative to Mien's folder.",
    )
    permissive: bool = setting(
        False,
        bool,
        "Pictures",
        "Use no weights whose card says that their data are for research alone; "
        "--weights permissive says the same.",
    )
    own_pictures: bool = setting(
        True,
        bool,
        "Pictures",
        "Let visitors choose a picture of their own, on their phone or this machine, to be made "
        "into something. Switch it off on a kiosk: its files are nobody's business.",
    )
    saving: bool = setting(
        True,
        bool,
        "Pictures",
        "Offer visitors to save pictures as downloads. Switch it off where the browser's policy "
        "forbids them, as on most kiosks: nobody is told that something was saved then.",
    )
    picture_size: int = setting(
        512,
        int,
        "Pictures",
        "Shorter side, in pixels, of what engines are given: four times the pixels take a network "
        "four times as long. What is painted over then is finished at 1024 × 1024 pixels.",
        least=256,
        most=1024,
    )
    keep_pictures: int = setting(
        0,
        int,
        "Pictures",
        "Minutes for which pictures stay in the data folder after their visit; "
        "with 0 they go with the visitor.",
        least=0,
        most=10_080,
    )
    sound: bool = setting(
        True, bool, "Pictures", "A soft sound when a picture is ready, where the browser allows it."
    )
    max_visitors: int = setting(
        4, int, "How much", "Visitors seen at the same time; the others wait.", least=1, most=64
    )
    perception_workers: int = setting(
        1,
        int,
        "How much",
        "Processes that read frames; each uses one core, two when it is full.",
        least=1,
        most=64,
    )
    max_frame_bytes: int = setting(
        400_000,
        int,
        "How much",
        "Largest camera picture taken, in bytes.",
        least=10_000,
        most=10**7,
    )
    max_frame_pixels: int = setting(
        1280 * 720,
        int,
        "How much",
        "Largest camera picture taken, in pixels (width × height).",
        least=160 * 120,
        most=1920 * 1080,
    )
    max_frame_rate: int = setting(
        40, int, "How much", "Frames per second taken from one visitor.", least=1, most=120
    )
    max_connections: int = setting(
        64, int, "How much", "Pages connected at the same time.", least=1, most=10_000
    )
    max_connections_per_address: int = setting(
        16,
        int,
        "How much",
        "Pages connected at the same time from one network address.",
        least=1,
        most=10_000,
    )
    async_mode: str = setting(
        "eventlet",
        str,
        "How",
        "Server behind Flask-SocketIO. threading is for development, on this machine alone.",
        choices=("eventlet", "threading"),
    )
    debug: bool = setting(
        True,
        bool,
        "How",
        "Give pages that are opened on this very machine with ?debug the developers' panel: "
        "parameters, state, frame times, recording of landmarks. Switch it off where visitors "
        "can type an address.",
    )
    log_level: str = setting(
        "info",
        str,
        "How",
        "How much is logged.",
        choices=("debug", "info", "warning", "error"),
    )

    def __post_init__(self) -> None:
        if self.async_mode == "threading" and not is_loopback(self.host):
            raise SettingsError(
                f"async_mode threading serves this machine alone, but host is {self.host!r}: "
                "take --async-mode eventlet, or --host 127.0.0.1"
            )
        if self.https and self.async_mode == "threading":
            raise SettingsError(
                "https needs async_mode eventlet: one silent connection would stall threading"
            )
        if (self.certificate is None) != (self.certificate_key is None):
            raise SettingsError("certificate and certificate_key belong together: set both")
        if self.proxy:
            try:
                ipaddress.ip_address(self.proxy)
            except ValueError:
                raise SettingsError(
                    f"proxy is {self.proxy!r}, but must be an IP address, such as 127.0.0.1"
                ) from None
        if self.certificate and not self.https:
            raise SettingsError("certificate is set, but https is not: add --https")
        if self.frame_width * self.frame_height > self.max_frame_pixels:
            raise SettingsError(
                f"frame_width × frame_height is {self.frame_width} × {self.frame_height} = "
                f"{self.frame_width * self.frame_height} pixels, above max_frame_pixels "
                f"({self.max_frame_pixels}): every frame would be refused"
            )


def load(
    arguments: Sequence[str] | None = None,
    variables: Mapping[str, str] | None = None,
    file: Path = FILE,
) -> Settings:
    """The settings of this run; `--help` and `--version` print and exit.

    `arguments` and `variables` are those of this process unless given.  Raises
    SettingsError with every problem found, one a line.
    """
    known = {one.name: one for one in fields(Settings)}
    values: dict[str, object] = {}
    problems: list[str] = []
    for given in (  # lowest first: what comes later wins
        *_from_file(file),
        *_from_variables(os.environ if variables is None else variables),
        *_from_arguments(arguments),
    ):
        if given.name not in known:
            problems.append(f"{given.shown} is unknown{_meant(given, known)}")
            continue
        try:
            values[given.name] = converted(known[given.name], given.value)
        except ValueError:
            problems.append(
                f"{given.shown} is {str(given.value)!r}, but must be {allowed(known[given.name])}"
            )
    if problems:
        raise SettingsError("\n".join(problems))
    settings = Settings(**values)
    paths = {one.name: getattr(settings, one.name) for one in fields(settings)}
    return replace(
        settings,
        **{name: ROOT / p.expanduser() for name, p in paths.items() if isinstance(p, Path)},
    )


def secret_key(settings: Settings) -> str:
    """The key that signs cookies: made at the first start, readable by its owner alone.

    Raises SettingsError when the stored key cannot be used.
    """
    file = settings.data_folder / "secret_key"
    settings.data_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not file.exists():
        handle, unfinished = tempfile.mkstemp(dir=settings.data_folder)  # mode 0600
        with os.fdopen(handle, "w") as output:
            output.write(secrets.token_hex(32))
            output.flush()
            os.fsync(output.fileno())
        os.replace(unfinished, file)
    try:
        file.chmod(0o600)
        key = file.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"{file} cannot be read as a key ({error}): delete it, the next start makes a new one"
        ) from error
    if len(key) < 32 or not key.isalnum():
        raise SettingsError(
            f"{file} holds no usable key: delete it, the next start makes a new one"
        )
    return key


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach `host`."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def converted(one: Field, value: object) -> object:
    """`value` in the setting's type.  Raises ValueError when it is not allowed.

    Words come from the command line and from variables; mien.toml has types of its own.
    """
    kind, least, most = (one.metadata[name] for name in ("kind", "least", "most"))
    if isinstance(value, str):
        if kind is bool:
            value = {
                "true": True,
                "yes": True,
                "1": True,
                "false": False,
                "no": False,
                "0": False,
            }.get(value.lower())
        else:
            value = kind(value) if value.strip() else None
    if type(value) is not (type(Path()) if kind is Path else kind):
        raise ValueError
    if one.metadata["choices"]:
        if value not in one.metadata["choices"]:
            raise ValueError
        return value
    if kind is int and not least <= value <= most:
        raise ValueError
    return value


def allowed(one: Field) -> str:
    """What a setting accepts, in words."""
    if one.metadata["choices"]:
        return " or ".join(map(str, one.metadata["choices"]))
    return {
        bool: "true or false",
        int: "a whole number from {least} to {most}".format(**one.metadata),
        str: "a text that is not empty",
        Path: "a path",
    }[one.metadata["kind"]]


def option(name: str) -> str:
    return "--" + name.replace("_", "-")


def variable(name: str) -> str:
    return "MIEN_" + name.upper()


def documentation() -> str:
    """docs/settings.md: a table for each group, in Markdown."""
    lines = [
        "# Settings",
        "",
        "Made by `python -m server.settings > docs/settings.md`; a test keeps it current.",
        "",
        "A setting comes from, highest first: the command line, a variable, `mien.toml` in Mien's",
        "folder (one line a setting, such as `port = 5001`), its default.",
    ]
    for group, members in _groups().items():
        lines += ["", f"## {group}", "", "| setting | default | allowed | meaning |"]
        lines += ["|---|---|---|---|"]
        for one in members:
            switch = f"`{option('no_' + one.name)}`<br>" if one.metadata["kind"] is bool else ""
            names = f"`{one.name}`<br>`{option(one.name)}`<br>{switch}`{variable(one.name)}`"
            cells = (names, f"`{_default(one)}`", allowed(one), one.metadata["meaning"])
            lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


class _Given(NamedTuple):
    """A value as one source gives it."""

    shown: str
    """Names the source for a message."""
    name: str
    """Of the setting."""
    value: object
    spelled: Callable[[str], str]
    """How this source spells the name of a setting."""


def _from_file(file: Path) -> Iterator[_Given]:
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{file} cannot be read: {error}") from error
    for key, value in content.items():
        yield _Given(f"{key} in {file}", key, value, str)


def _from_variables(variables: Mapping[str, str]) -> Iterator[_Given]:
    for key in sorted(variables):
        if key.startswith("MIEN_") and key not in OTHER_VARIABLES:
            name = key.removeprefix("MIEN_").lower()
            yield _Given(f"the variable {key}", name, variables[key], variable)


def _from_arguments(arguments: Sequence[str] | None) -> Iterator[_Given]:
    given, unknown = _parser().parse_known_args(arguments)
    for word in unknown:
        if word.startswith("-"):
            name = word.partition("=")[0].strip("-").replace("-", "_")
            yield _Given(f"the option {word}", name, None, option)
    if unknown and not unknown[0].startswith("-"):
        raise SettingsError(f"unexpected argument {unknown[0]!r}: see python app.py --help")
    settings = vars(given)
    settings.pop("new_staff_password", None)  # app.py does it
    if settings.get("weights") == PERMISSIVE:  # which of them, not where they are
        del settings["weights"]
        settings["permissive"] = True
    for name, value in settings.items():
        yield _Given(f"the option {option(name)}", name, value, option)


def _meant(given: _Given, known: Mapping[str, Field]) -> str:
    close = difflib.get_close_matches(given.name, known, n=1)
    if close:
        return f": did you mean {given.spelled(close[0])}?"
    return f"; known: {', '.join(map(given.spelled, known))}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python app.py",
        usage="python app.py [options]",
        description="Mien: a face and a body become a living sculpture, and then a picture.",
        epilog="Each setting can also be a variable (MIEN_PORT=5001) or a line of mien.toml "
        "(port = 5001). The command line wins over variables, variables over mien.toml.",
        allow_abbrev=False,
        argument_default=argparse.SUPPRESS,
        formatter_class=lambda prog: argparse.HelpFormatter(prog, max_help_position=32, width=96),
    )
    parser.add_argument("--version", action="version", version=f"Mien {VERSION}")
    parser.add_argument(
        NEW_PASSWORD,
        action="store_true",
        help="print a new password for staff, in place of the old one, and exit",
    )
    placeholders = {int: "NUMBER", str: "TEXT", Path: "PATH"}
    for group, members in _groups().items():
        section = parser.add_argument_group(group)
        for one in members:
            kind = one.metadata["kind"]
            meaning = f"{one.metadata['meaning']} [{_default(one)}]"
            if kind is bool:
                section.add_argument(
                    option(one.name), action=argparse.BooleanOptionalAction, help=meaning
                )
            else:
                metavar = "|".join(map(str, one.metadata["choices"])) or placeholders[kind]
                section.add_argument(option(one.name), metavar=metavar, help=meaning)
    return parser


def _groups() -> dict[str, list[Field]]:
    groups: dict[str, list[Field]] = {}
    for one in fields(Settings):
        groups.setdefault(one.metadata["group"], []).append(one)
    return groups


def _default(one: Field) -> str:
    if isinstance(one.default, bool):
        return "true" if one.default else "false"
    return "none" if one.default is None else str(one.default)


if __name__ == "__main__":
    print(documentation(), end="")
