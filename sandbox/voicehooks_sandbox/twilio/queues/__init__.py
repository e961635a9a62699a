"""Queues: the resource, and its members."""
