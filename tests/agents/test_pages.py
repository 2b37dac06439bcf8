"""The pages of the agents explain every metric that is logged."""

import dataclasses
import json
import re
import shlex
from pathlib import Path

import pytest

from agents.common.language_model import tiny
from baselines.algorithms import agent_class, config_class
from baselines.commands import RehearsedTrainOptions

PAGES = Path(__file__).parent.parent.parent / "docs" / "pages" / "agents"


def explained(page):
    """The names in the first cells of a page's tables."""
    rows = re.findall(r"^\| (`[^|]*) \|", (PAGES / page).read_text(encoding="utf-8"), re.MULTILINE)
    return {name for row in rows for name in re.findall(r"`(\w+)`", row)}


@pytest.mark.parametrize("name", ["q_learning", "reinforce", "actor_critic", "ppo", "trpo"])
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


@pytest.mark.parametrize(
    "name", ["ppo_language", "trpo_language", "expert_iteration", "dpo", "distillation"]
)
def test_every_metric_of_a_language_model_is_explained(name, tmp_path):
    """With verdicts that begin with an even token, so that there is something to learn from."""
    kind = agent_class(name)

    class Paid(kind):
        def learn_from(self, episodes, step):
            for episode in episodes:
                episode.success = episode.tokens[episode.sampled.index(True)] % 2 == 0
                episode.repay(float(episode.success))
                episode.cut_off = False  # what is cut off is never imitated
            return super().learn_from(episodes, step)

    needed = {}
    if name == "distillation":
        tiny(1).save(tmp_path / "teacher")
        needed = {"teacher": str(tmp_path / "teacher")}
    config = config_class(name)(
        **needed, groups=4, updates=1, max_new_tokens=4, eval_every=0, eval_problems=4, device="cpu"
    )
    Paid(config).learn(tmp_path / "run")
    *_, last = map(json.loads, (tmp_path / "run" / "metrics.jsonl").read_text().splitlines())
    assert {"grad_norm", "accuracy", "test_accuracy"} <= last.keys()
    pages = (f"{name}.md", "grpo.md", "index.md")
    assert last.keys() <= set().union(*map(explained, pages))


@pytest.mark.parametrize("page", sorted(PAGES.glob("*.md")), ids=lambda page: page.name)
def test_the_settings_in_commands_are_there(page):
    text = page.read_text(encoding="utf-8")
    commands = re.findall(r"^[^`\n]*-m baselines train (\w+) (.*)$", text, re.MULTILINE)
    for name, arguments in commands:
        known = dataclasses.fields(config_class(name)) + dataclasses.fields(RehearsedTrainOptions)
        flags = [word for word in shlex.split(arguments, comments=True) if word.startswith("--")]
        names = {flag[2:].removeprefix("no-").replace("-", "_") for flag in flags}
        assert names <= {field.name for field in known} | {"resume"}, arguments
