"""Search and ask: one question's way through the service."""
