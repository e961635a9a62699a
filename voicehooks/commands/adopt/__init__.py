"""`voicehooks adopt`: what was clicked together becomes settings, and the numbers the stack's."""
