"""The stage: what is seen becomes what is shown.  Pure Python, usable alone."""

from server.stage.mappings import Mappings, MappingsError, load_mappings
from server.stage.message import to_json, with_reset
from server.stage.step import initial, step

__all__ = ["Mappings", "MappingsError", "initial", "load_mappings", "step", "to_json", "with_reset"]
