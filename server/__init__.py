"""What runs during an exhibition."""
