"""Benchmarks: ``python -m baselines benchmark classic``."""
