"""`voicehooks adopt`: imports numbers that were set up in the console as settings and into the stack."""
