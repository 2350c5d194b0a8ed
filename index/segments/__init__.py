"""Immutable segments, the snapshot that names them, and the mutable tail."""
