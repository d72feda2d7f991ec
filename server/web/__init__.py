"""Pages, HTTP and Socket.IO events: thin, validated, no logic."""
