"""Mutation testing of the core: `make mutants`.

A slip is one small mistake in a module: a condition turned around, a call left out, a lock removed from SQL.
The tests that could notice run against a private copy of the tree with this slip. A slip that no test notices
survives: it marks a rule without a test.

The slips of Python come from the operators of mutmut (https://mutmut.readthedocs.io) and a few of our own. The
rest of mutmut does not fit: it mutates functions inside the process of pytest, but the engine runs the
providers and the program as processes of their own, and most properties are defined in tables outside
functions. The slips of SQL and TypeScript are written in `slips.yaml`.
"""
