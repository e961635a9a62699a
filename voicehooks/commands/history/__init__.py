"""`voicehooks history`: a stack's updates with who, when, which commit, and what changed in webhook terms."""
