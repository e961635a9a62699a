"""The error of this package."""


class ReleaseError(Exception):
    """The release cannot be built; the text is for the person who releases."""
