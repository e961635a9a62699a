"""What GitHub's workflows do besides running our commands: comments, issues, step summaries, reviewed plans.

A person can run each of them as well, with GITHUB_TOKEN (or GH_TOKEN) and GITHUB_REPOSITORY (owner/name).
"""
