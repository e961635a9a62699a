"""What a release of the providers consists of: wheels, plugin archives and their checksums."""
