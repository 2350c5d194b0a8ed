"""Embedding models: the port, the bundled model, servers, and which one a store uses."""
