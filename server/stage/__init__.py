"""The stage: what is seen becomes what is shown.  Pure Python, usable alone."""

from server.stage.mappings import Mappings, MappingsError, Trigger, load_mappings
from server.stage.message import to_json, with_reset
from server.stage.recent_mixture import recent_mixture
from server.stage.step import initial, step, with_triggers
from server.stage.triggers import harmless

__all__ = [
    "Mappings",
    "MappingsError",
    "Trigger",
    "harmless",
    "initial",
    "recent_mixture",
    "load_mappings",
    "step",
    "to_json",
    "with_reset",
    "with_triggers",
]
