"""The name under which ``vf-eval`` finds the package: a module at the top, which verifiers imports.

    vf-eval reasoning-gym-envs-verifiers --env.taskset.environment MathBoxed-v0

A name with a dot in it would not be found, and what is exported here needs verifiers, so that
``reasoning_gym_envs`` cannot export it.
"""

from reasoning_gym_envs.integrations.verifiers import (
    ChatHarness,
    ReasoningEnv,
    ReasoningTaskset,
    load_environment,
)

__all__ = ["ChatHarness", "ReasoningEnv", "ReasoningTaskset", "load_environment"]
