"""Does the cited text support the sentence? Verifiers and what they compare."""
