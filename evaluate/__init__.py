"""How good the answers are: datasets, metrics, runs, reports."""
