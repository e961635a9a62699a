"""IncomingPhoneNumbers: the numbers an account owns, and what they do with a call."""
