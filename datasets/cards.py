"""What a model's card says, for people to read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def page(entry: Mapping[str, Any], figures: str) -> str:
    """The card of a trained model, `NAME.card.json`, as Markdown; `figures` is a table of text."""
    data = [
        f"- **{source['name']}**: {source['what']}. Origin: {source['origin']}."
        f" Licence: {source['licence']}."
        for source in entry["data"]
    ]
    made_with = ", ".join(f"{name} {version}" for name, version in entry["versions"].items())
    return "\n".join(
        (
            f"# {entry['name']}",
            "",
            f"{entry['what']}.",
            "",
            f"Made by `{entry['command']}` on {entry['date']} with {made_with};"
            f" {entry['bytes']} bytes, sha256 `{entry['sha256']}`.",
            "",
            "## Figures",
            "",
            "```",
            figures,
            "```",
            "",
            "## Data",
            "",
            *data,
            "",
            f"Terms: {entry['terms']}",
            "",
            "## Intended use",
            "",
            f"{entry['intended_use'].rstrip('.')}.",
            "",
            "## Limits",
            "",
            entry["limits"],
            "",
        )
    )
