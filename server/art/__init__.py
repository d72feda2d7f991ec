"""Capture → picture: jobs, worker processes, engines by name.  Knows no sockets."""
