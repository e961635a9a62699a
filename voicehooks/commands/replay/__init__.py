"""`voicehooks replay`: send a stored callback again, to another stack, signed for it."""
