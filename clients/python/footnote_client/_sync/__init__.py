"""The client for event loops; ``make clients`` makes ``_sync`` of it."""
