"""The front door: the limits of a connection before its request is read."""
