"""`voicehooks doctor`: rules, troubleshooting and checklist, each a check of the live accounts."""
