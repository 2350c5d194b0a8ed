"""Guardrails: one policy, three stages (question, evidence, answer), four actions."""
