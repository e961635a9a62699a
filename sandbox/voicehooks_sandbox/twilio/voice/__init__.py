"""Voice settings of an account: geographic permissions, and the little else there is."""
