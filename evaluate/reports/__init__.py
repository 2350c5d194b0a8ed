"""Reports of a run: HTML, Markdown, JSON, JUnit, gates."""
