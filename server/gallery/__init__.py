"""Artworks kept, shown and forgotten."""
