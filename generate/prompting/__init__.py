"""What a model is asked: prompts, citation markers, follow-up questions."""
