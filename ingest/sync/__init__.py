"""Keeping a folder and a store in step."""
