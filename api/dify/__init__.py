"""Dify's external knowledge: our search in the shape that Dify asks for and expects."""
