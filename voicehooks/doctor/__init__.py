"""`voicehooks doctor`: the guide's rules, troubleshooting and checklist, each a check against the live accounts."""
