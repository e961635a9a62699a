"""`voicehooks doctor --assumptions`: what the project takes for granted, seen on a real account."""
