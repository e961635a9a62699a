"""TwiML: the vocabulary, and reading documents written in it."""
