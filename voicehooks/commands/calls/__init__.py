"""`voicehooks calls`: the calls of a stack as they happen, from its database, with what went wrong."""
