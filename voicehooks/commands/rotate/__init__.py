"""`voicehooks rotate`: a new auth token for the account, without a lost call."""
