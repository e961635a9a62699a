"""Supabase Auth, emulated: users, sessions and one-time tokens in the schema `auth`, tokens, mails to read.

Requests, answers and errors as supabase/auth and auth-js define them (Supabase docs: reference/javascript,
guides/auth). Not emulated: OAuth and SAML, phones, multi-factor authentication, captchas and hooks.
"""
