"""Answers as text, Markdown and HTML."""
