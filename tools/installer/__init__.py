"""`make install`: the virtual environment and the Pulumi CLI.

Standard library only: it runs before anything is installed.
"""
