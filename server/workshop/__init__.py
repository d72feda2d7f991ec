"""The workshop: staff teach poses, train, publish and go back.  It knows no sockets."""
