"""Benchmarks: `python -m bench`, or `make bench`. What each figure means stands in docs/benchmarks.md."""
