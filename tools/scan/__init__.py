"""The scans of `make check`: secrets in files, unpinned dependencies, unusual words, unsafe workflows."""
