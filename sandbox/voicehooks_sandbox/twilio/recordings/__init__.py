"""Recordings: the resource, and audio that can be played."""
