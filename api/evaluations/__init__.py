"""Evaluation runs in the service: store, worker, live scoring, trends."""
