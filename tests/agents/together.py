"""Runs that are the same in one process and in several.

``torchrun --standalone --nproc-per-node 2 -m tests.agents.together FOLDER`` makes all of them, each
in a folder of its name.
"""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path

import gymnasium as gym
import torch
from transformers import GPT2Config, GPT2LMHeadModel

from agents.common import distributed, token_logprobs
from agents.common.language_model import LanguageModel, tiny
from agents.grpo import GRPO, GRPOConfig
from agents.imitation import Imitation, ImitationConfig

MATH = {"topics": "integer_arithmetic", "level": 1, "instruction": ""}

# Several turns, of different numbers; episodes that fail; groups that are sampled again; and an
# update of several steps, with means of several kinds.
EVERYTHING = {
    "env_id": "Fickle-v0",
    "max_turns": 3,
    "max_tokens": 90,
    "updates": 5,
    "epochs": 2,
    "minibatches": 2,
    "scale": "batch",
    "kl_coef": 0.1,
    "entropy_coef": 0.01,
    "max_rounds": 3,
    "average": "sequence",
    "credit": "to_go",
    "reference_every": 2,
}
CORRECTED = {"mismatch": "truncate", "kl_coef": 0.1, "kl_in": "reward", "down_sample": 3}

RUNS = {
    "plain": {"updates": 20},
    "everything": EVERYTHING,
    "corrected": CORRECTED,
    "certain": {"reward_source": "certainty"},
    "one_group": {"groups": 1},  # so that one of two processes has nothing to do
    "imitation": {},
    "adapters": {"lora_rank": 2, "kl_coef": 0.1},
}
SHARDED = {
    "sharded_everything": {**EVERYTHING, "shard": True, "gradient_checkpointing": True},
    "sharded_corrected": {**CORRECTED, "shard": True},
    "sharded_one_group": {"groups": 1, "shard": True},
    "sharded_imitation": {"shard": True},
}
STOPPED = {"straight": {"shard": True}, "stopped": {"shard": True}}


class Fickle(gym.Wrapper):
    """Fails at the second answer to some problems, whoever plays them."""

    def reset(self, **kwargs):
        observation, info = super().reset(**kwargs)
        self.turn, self.fails = 0, int(info["problem_id"][:4], 16) % 4 == 0
        return observation, info

    def step(self, action):
        self.turn += 1
        if self.fails and self.turn == 2:
            raise RuntimeError("not this problem again")
        return super().step(action)


if "Fickle-v0" not in gym.registry:  # the doctests import this file once more
    gym.register(
        "Fickle-v0", lambda **kwargs: Fickle(gym.make("MathBoxed-v0", max_turns=5, **kwargs))
    )


class Paid(GRPO):
    """Replies are paid for what their tokens are, so that each update changes the model."""

    def _sample(self, step, number=0, **settings):
        episodes = super()._sample(step, number, **settings)
        for episode in episodes:
            episode.turns = [
                turn._replace(reward=sum(episode.tokens[turn.start : turn.end]) % 3 / 2)
                for turn in episode.turns
            ]
        return episodes


def exact() -> LanguageModel:
    """A model that computes in float64 all through: the norms of most others do not."""
    tokenizer = tiny(0).tokenizer
    config = GPT2Config(
        vocab_size=len(tokenizer),
        n_positions=256,
        n_embd=24,
        n_layer=2,
        n_head=2,
        bos_token_id=tokenizer.eos_token_id,
        eos_token_id=tokenizer.eos_token_id,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        model = GPT2LMHeadModel(config).double()
    policy = LanguageModel(model, tokenizer)
    policy.end_ids += list(range(5, 250, 10))  # so that some replies end
    return policy


def agent_of(name: str) -> GRPO | Imitation:
    """A new agent for a run."""
    changes = {**RUNS, **SHARDED, **STOPPED}[name]
    common = {"env_kwargs": MATH, "learning_rate": 1e-3, "tokens_per_pass": 100, "device": "cpu"}
    if "imitation" in name:
        settings = {"demonstrations": 40, "batch_size": 8, "max_steps": 8, "decay_steps": 4}
        settings |= {"held_out_problems": 7, "eval_every": 3}
        return Imitation(ImitationConfig(**common | settings | changes), exact())
    settings = {"groups": 3, "group_size": 4, "max_new_tokens": 6, "updates": 4, "eval_every": 3}
    settings |= {"eval_problems": 7, "checkpoint_every": 3, "warmup_updates": 2}
    kind = GRPO if "reward_source" in changes else Paid  # which is paid by itself
    return kind(GRPOConfig(**common | settings | changes), exact())


def run(folder: Path, name: str) -> GRPO | Imitation:
    """Make a run in ``folder/name``; the agent as it was left."""
    agent = agent_of(name)

    def interrupt(step, _):
        if name == "stopped" and step == 2 and distributed.rank() == distributed.count() - 1:
            signal.raise_signal(signal.SIGINT)

    if isinstance(agent, Imitation):
        agent.learn(folder / name)
    elif not agent.learn(folder / name, on_update=interrupt):
        agent = agent_of(name)
        agent.learn(folder / name, resume=True)
    return agent


if __name__ == "__main__":
    token_logprobs._MOST_LOGITS = 2000  # so that there are several parts
    with distributed.connected():
        for name in [*RUNS, *SHARDED, *STOPPED]:
            agent = run(Path(sys.argv[1]), name)
            parts = [p for group in agent.optimizer.param_groups for p in group["params"]]
            held = sum(getattr(p, "to_local", lambda p=p: p)().numel() for p in parts)
            file = Path(sys.argv[1]) / f"{name}-{distributed.rank()}.json"
            file.write_text(json.dumps({"held": held, "all": sum(p.numel() for p in parts)}))
    distributed.leave(0)
