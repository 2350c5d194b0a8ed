"""The text that goes to a model: prompts, citation markers, follow-up questions."""
