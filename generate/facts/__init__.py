"""Facts in a text as values that can be compared: numbers, units, dates, names."""
