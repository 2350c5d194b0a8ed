"""Making and checking evaluation sets."""
