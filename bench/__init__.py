"""Figures, each beside its baseline from the same run: `python -m bench`."""
