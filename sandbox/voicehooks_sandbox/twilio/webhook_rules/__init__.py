"""Webhook rules: which URLs are delivered with which setting, and what signs the requests (public beta)."""
