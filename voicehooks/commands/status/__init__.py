"""`voicehooks status`: who answers each number now, in one line each."""
