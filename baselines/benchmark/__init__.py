"""Benchmarks: ``python -m baselines benchmark classic`` and ``language``."""
