"""The commands of `footnote admin`."""
