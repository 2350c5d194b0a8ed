"""RAGAS' metrics over a recorded run: RAGAS in its own process, all that it asks answered here."""
