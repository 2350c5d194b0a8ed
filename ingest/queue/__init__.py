"""The durable job queue: leases with fences, fair turns, heartbeats."""
