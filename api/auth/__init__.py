"""Who is asking: API keys, OIDC tokens, groups, delegation."""
