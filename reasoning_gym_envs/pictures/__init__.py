"""Pictures of environments: a page of text for all of them, and drawings of boards.

What is drawn here needs NumPy alone, and has the same bytes on every machine. Films and windows
need ``pip install 'reasoning-gym-envs[render]'``.
"""

from reasoning_gym_envs.pictures.films import save_gif

__all__ = ["save_gif"]
