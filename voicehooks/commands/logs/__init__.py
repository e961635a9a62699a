"""`voicehooks logs`: what the deployed functions have said."""
