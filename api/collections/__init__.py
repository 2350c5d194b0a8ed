"""Collections over HTTP: the bodies of their routes."""
