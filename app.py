"""Start the installation: `python app.py`; `--help` lists every setting."""

from __future__ import annotations

import sys

from prepare import enter_environment


def main() -> None:
    enter_environment()  # staff type `python app.py` with whatever Python they have

    from server.concurrency import patch
    from server.settings import SettingsError, load

    try:
        settings = load()
    except SettingsError as error:
        sys.exit(f"Mien cannot start:\n{error}")

    patch(settings.async_mode)  # before anything else is imported

    from server import logs, machine
    from server.application import create_app

    logs.set_up(settings.log_level)
    print(machine.summary(settings), flush=True)
    try:
        application = create_app(settings)
        application.serve(settings)
    except (OSError, SettingsError) as error:
        sys.exit(f"Mien cannot start: {error}")


if __name__ == "__main__":
    main()
