"""Conferences: the resource, and its participants."""
