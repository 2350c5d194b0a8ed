"""Webhooks: who is told of what, how it is signed, sent, repeated and given up."""
