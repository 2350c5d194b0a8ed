"""The audit log: reads in batches, queries, verification of the chain, retention."""
