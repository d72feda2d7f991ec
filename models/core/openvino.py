"""OpenVINO, silenced: the only module that imports it.

Importing it, and converting a network, would tell a server of its makers (package
`openvino_telemetry`).  Where that package cannot be imported, OpenVINO does without.
"""

import sys

sys.modules["openvino_telemetry"] = None

import openvino  # noqa: E402

__all__ = ["openvino"]
