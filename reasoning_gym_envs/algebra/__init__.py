"""Algebra, step by step."""
