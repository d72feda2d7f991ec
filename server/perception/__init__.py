"""Frame -> Reading, in processes of their own."""
