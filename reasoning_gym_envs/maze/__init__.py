"""Mazes: one maze a problem, walked by commands, alone or in a NumPy batch."""
