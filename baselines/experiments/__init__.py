"""Experiments: a question, an expectation written before the runs, several seeds, an answer."""
