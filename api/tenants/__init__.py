"""The life of tenants: made, suspended, exported, deleted; for operators."""
