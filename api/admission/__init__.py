"""Who may ask now: a bounded, fair queue before retrieval and the model."""
