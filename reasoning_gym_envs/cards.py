"""An environment's card, which is the docstring of its class: whole, in sections, its arguments."""

from __future__ import annotations

import inspect
import re
from typing import Any

from gymnasium.envs.registration import load_env_creator

from reasoning_gym_envs.registry import ENVIRONMENTS


def card(id: str) -> str:
    """The card of an id as Markdown. The environment is not made: some need Docker."""
    text = inspect.getdoc(_class_of(id)) or ""
    text = re.sub(r":(?:class|meth|func):`~?([^`]*)`", r"`\1`", text)
    return re.sub(r"(?<!`)``(?!`)", "`", text)


def sections(card: str) -> dict[str, str]:
    """The sections of a card by their headings; what stands above the first has the name ""."""
    first, *rest = re.split(r"^## (.*)\n", card, flags=re.MULTILINE)
    return {"": first.strip(), **{rest[n]: rest[n + 1].strip() for n in range(0, len(rest), 2)}}


def arguments(id: str) -> dict[str, Any]:
    """The arguments of an id with their defaults, those that it is registered with among them."""
    # Not of the class: there, Python 3.10 gives the signature of TextEnv.__new__.
    _, *parameters = inspect.signature(_class_of(id).__init__).parameters.values()
    return {each.name: each.default for each in parameters} | dict(ENVIRONMENTS[id].kwargs)


def _class_of(id: str) -> Any:
    return load_env_creator(f"reasoning_gym_envs.{ENVIRONMENTS[id].place}")
