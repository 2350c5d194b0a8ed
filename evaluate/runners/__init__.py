"""One runner for each kind of evaluation."""
