"""`voicehooks call`: a test call, followed step by step in the database."""
