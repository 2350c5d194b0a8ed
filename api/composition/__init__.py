"""Composition: builders that turn the settings into what the other packages need.

Only these modules name concrete adapters. A builder returns one adapter or one frozen dataclass;
it imports what it builds when it is called, so that a command pays only for what it uses.
"""
