"""What runs during an exhibition."""

VERSION = "0.1.0"
