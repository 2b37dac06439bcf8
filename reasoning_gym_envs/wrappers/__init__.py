"""Wrappers that make the environments fit what an agent can do with them.

===========================  ===================================================================
:class:`DiscreteCommands`    commands as numbers, with a mask of those that are possible
:class:`NumericObservation`  observations as vectors: the environment's own, or hashed text
:class:`ChatMessages`        observations as a conversation, for language models
:class:`RememberCommands`    observations end with the latest commands
:class:`SameProblem`         every episode plays the same problem
:class:`InWords`             numbered states and actions (FrozenLake, Taxi) become texts
:class:`Curriculum`          the level goes up and down to hold a success rate
:class:`RewardTerms`         what each reward term paid in an episode
:class:`StepCost`            a price for each step
:class:`TokenBudget`         so many tokens for a whole episode
===========================  ===================================================================

They are plain Gymnasium wrappers: they stack with those of Gymnasium, are found in ``env.spec``,
and go into ``gym.make_vec(..., wrappers=[...])``, where each environment has its own. An id with a
batch of its own, such as TextMaze-v0, takes them with ``vectorization_mode="sync"`` or "async", and
its batch those of :mod:`reasoning_gym_envs.wrappers.vector`.
"""

from reasoning_gym_envs.wrappers.chat_messages import ChatMessages, Messages
from reasoning_gym_envs.wrappers.curriculum import Curriculum
from reasoning_gym_envs.wrappers.discrete_commands import DiscreteCommands
from reasoning_gym_envs.wrappers.in_words import InWords
from reasoning_gym_envs.wrappers.numeric_observation import NumericObservation
from reasoning_gym_envs.wrappers.remember_commands import RememberCommands
from reasoning_gym_envs.wrappers.reward_terms import RewardTerms
from reasoning_gym_envs.wrappers.same_problem import SameProblem
from reasoning_gym_envs.wrappers.step_cost import StepCost
from reasoning_gym_envs.wrappers.token_budget import TokenBudget

__all__ = [
    "ChatMessages",
    "Curriculum",
    "DiscreteCommands",
    "InWords",
    "Messages",
    "NumericObservation",
    "RememberCommands",
    "RewardTerms",
    "SameProblem",
    "StepCost",
    "TokenBudget",
]
