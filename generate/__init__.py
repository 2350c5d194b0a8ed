"""Evidence to answer: prompt, model, citations, verification, guardrails."""
