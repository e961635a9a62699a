"""The Region in which a number's incoming calls are processed."""
