"""What happens to documents after they are in: access changes, retention, deletion, reingestion."""
