"""Who may read what: access classes, the explanation of a decision, the audit log."""
