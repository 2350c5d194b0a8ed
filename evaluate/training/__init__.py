"""Training data for the small models that ship: recipes, and examples made from examples."""
