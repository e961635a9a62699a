"""`voicehooks compare`: two stacks side by side, their settings and what is live."""
