"""Language models: the port, the OpenAI client, the registry, fallbacks and circuit breaker."""
