"""Parsing in a confined child process."""
