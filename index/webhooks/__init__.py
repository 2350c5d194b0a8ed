"""Events for webhooks, in the transactions that bring them about."""
