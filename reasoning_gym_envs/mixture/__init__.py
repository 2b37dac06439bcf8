"""Mixtures: one of several environments each episode."""
