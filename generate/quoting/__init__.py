"""The quoting answerer: the fewest sentences that answer, word for word."""
