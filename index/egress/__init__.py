"""The one way out to the network: what users name is fetched here, and nowhere else."""
