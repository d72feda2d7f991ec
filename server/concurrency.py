"""Choose the asynchronous mode: the only file that knows eventlet.

Everything else uses the standard library and Flask-SocketIO's own primitives,
so that the server runs the same on green threads and on real ones.
"""

from __future__ import annotations


def patch(async_mode: str) -> None:
    """Make the standard library cooperative when `async_mode` is 'eventlet'.

    Call it before anything that opens a socket or starts a thread is imported.
    """
    if async_mode == "eventlet":
        import warnings

        # Its makers have retired it and say so at every start; the design says why we stay.
        warnings.filterwarnings("ignore", message="(?s).*Eventlet is deprecated")
        import eventlet

        eventlet.monkey_patch()
