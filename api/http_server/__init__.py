"""The front door: what a connection may cost before a request is read."""
