"""`voicehooks console`: the sandbox's page over a live environment, for looking only."""
