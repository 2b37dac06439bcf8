"""Gymnasium environments for language reasoning: text in, text out, verifiable rewards.

Importing the package registers its environments::

    import gymnasium as gym
    import reasoning_gym_envs

    env = gym.make("MathBoxed-v0", level=3, reward="dense")
"""

from reasoning_gym_envs.command_env import CommandEnv
from reasoning_gym_envs.commands import Refused
from reasoning_gym_envs.dataset import play_row, rows, score, score_many
from reasoning_gym_envs.problems import Problem, Stream
from reasoning_gym_envs.registry import ENVIRONMENTS, register_environments
from reasoning_gym_envs.rewards import RewardScheme
from reasoning_gym_envs.spaces import UnicodeText
from reasoning_gym_envs.text_env import Snapshot, TextEnv, Turn

__version__ = "0.1.0"
__all__ = [
    "ENVIRONMENTS",
    "CommandEnv",
    "Problem",
    "Refused",
    "RewardScheme",
    "Snapshot",
    "Stream",
    "TextEnv",
    "Turn",
    "UnicodeText",
    "play_row",
    "rows",
    "score",
    "score_many",
]

register_environments()
