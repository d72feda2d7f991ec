"""Random captures of the scenes, for networks to learn from: `python -m server.captures`."""
