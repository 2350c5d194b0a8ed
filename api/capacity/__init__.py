"""Back-of-the-envelope capacity: what a deployment needs, with formulas and their uncertainty."""
