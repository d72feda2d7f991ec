"""Start the installation: `python app.py`; `--help` lists every setting."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from prepare import enter_environment

if TYPE_CHECKING:
    from server import clock as clocks


def main(clock: clocks.Clock | None = None) -> None:
    """`clock`: benches hand in one that runs faster."""
    enter_environment()  # staff type `python app.py` with whatever Python they have

    from server.concurrency import patch
    from server.settings import NEW_PASSWORD, SettingsError, load

    try:
        settings = load()
    except SettingsError as error:
        sys.exit(f"Mien cannot start:\n{error}")

    patch(settings.async_mode)  # before anything else is imported

    from models.registry import ModelError
    from server import logs, machine
    from server.application import create_app
    from server.clock import MACHINE
    from server.password import first_password, new_password
    from server.stage import MappingsError
    from server.workshop.poses import WorkshopError

    if NEW_PASSWORD in sys.argv[1:]:
        print(f"The new password for staff is {new_password(settings)}")
        return

    logs.set_up(settings.log_level)
    machine.keep_no_core_dumps()
    print(machine.summary(settings), flush=True)
    clock = clock or MACHINE
    try:
        application = create_app(settings, clock)
        password = first_password(settings)
        if password:
            print(machine.for_staff(settings, password), flush=True)
        application.serve(settings, clock)
    except (OSError, SettingsError, ModelError, MappingsError, WorkshopError) as error:
        sys.exit(f"Mien cannot start: {error}")


if __name__ == "__main__":
    main()
