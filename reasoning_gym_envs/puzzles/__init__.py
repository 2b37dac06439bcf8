"""Puzzles, one a file: solved by moves, by one answer in a box, or by either."""
