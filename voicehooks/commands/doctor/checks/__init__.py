"""The checks, one module a subject. The order and dependencies are those of each module's `CHECKS`."""
