"""Training data for the small models: recipes, and examples made from examples."""
