"""Changes to documents after ingestion: access changes, retention, deletion, reingestion."""
