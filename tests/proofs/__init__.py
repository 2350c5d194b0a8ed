"""The three promises, as tests."""
