"""Training and benchmark runs of the baseline agents."""
