"""`voicehooks init`: a new environment, each credential tried as it is entered."""
