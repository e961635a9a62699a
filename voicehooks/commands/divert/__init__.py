"""`voicehooks divert`: one number elsewhere at once, and back."""
