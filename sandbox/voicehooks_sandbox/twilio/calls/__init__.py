"""Calls: the resource and its sub-resources."""
