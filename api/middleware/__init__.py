"""Checks before every route: host check, rate limits, body limits, observation."""
