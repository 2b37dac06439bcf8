"""What the agents share: environments to train on, models, rollouts, the loop and its folder."""
