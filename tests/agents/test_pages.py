"""The pages of the agents explain every metric that is logged."""

import json
import re
from pathlib import Path

import pytest

from baselines.algorithms import agent_class, config_class

PAGES = Path(__file__).parent.parent.parent / "docs" / "pages" / "agents"


def explained(page):
    """The names in the first cells of a page's tables."""
    rows = re.findall(r"^\| (`[^|]*) \|", (PAGES / page).read_text(encoding="utf-8"), re.MULTILINE)
    return {name for row in rows for name in re.findall(r"`(\w+)`", row)}


@pytest.mark.parametrize("name", ["q_learning", "reinforce", "actor_critic", "ppo"])
def test_every_metric_is_explained(name, tmp_path):
    config = config_class(name)(
        env_kwargs={"level": 1, "max_turns": 20}, steps=600, eval_every=200, eval_episodes=5
    )
    agent_class(name)(config).learn(tmp_path / "run")
    logged = set().union(
        *map(json.loads, (tmp_path / "run" / "metrics.jsonl").read_text().splitlines())
    )
    assert len(logged) > 8
    assert logged <= explained(f"{name}.md") | explained("index.md")
