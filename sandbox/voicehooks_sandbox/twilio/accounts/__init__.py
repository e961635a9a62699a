"""Accounts, their credentials and their balance."""
