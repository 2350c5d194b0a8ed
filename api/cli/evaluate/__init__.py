"""The commands of `footnote evaluate`."""
