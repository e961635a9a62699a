"""The workflows' own commands: comments, issues, step summaries and reviewed plans.

A person can also run each of them, with GITHUB_TOKEN (or GH_TOKEN) and GITHUB_REPOSITORY (owner/name).
"""
