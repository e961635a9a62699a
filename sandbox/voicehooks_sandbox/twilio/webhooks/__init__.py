"""Webhook requests: their signature, their retries, and what the answers are worth."""
