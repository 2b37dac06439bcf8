"""Supervised warm start: imitate the environment's own worked solutions.

Reinforcement learning needs some successes to start from.  The tiny model gets them here: it is
trained on `solution()` of training problems, token by token, with cross-entropy (behavioural
cloning).  A share of the demonstrations leaves the reasoning out, so that the model learns both to
answer at once and to think first; which of them pays is for reinforcement learning to find out.

Training stops while the model is middling, at an accuracy measured on problems that are neither
demonstrations nor in the test split.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
import torch

from agents.common import distributed
from agents.common.chat import reasons
from agents.common.conversations import as_episode, read_conversations
from agents.common.environment_pool import EnvironmentPool
from agents.common.environments import at_least
from agents.common.language_agent import LanguageAgent, LanguageConfig
from agents.common.language_model import LanguageModel, tiny_shape
from agents.common.rollouts import Episode, Score, demonstrate, evaluate
from agents.common.run_folder import Interruption, RunFolder
from agents.common.sampler import positions_of
from agents.common.sizes import IMITATION_BY_SIZE, OPEN, BySize
from reasoning_gym_envs.seeds import derive_seed, distinct_seeds

__all__ = ["Imitation", "ImitationConfig"]

_EPISODES_WITH_WORDS = 300


@dataclass
class ImitationConfig(LanguageConfig):
    """Settings of a warm start."""

    words: int = 0
    """Tokens of the tiny model for frequent words of the environment, beside one for each
    character. With some hundreds, long observations have a fraction of the tokens."""
    demonstrations: int = 4000
    """Episodes to imitate."""
    conversations: str | None = None
    """File of conversations to imitate in place of the environment's solutions: JSON lines such as
    {"messages": [{"role": "user", "content": "2 + 3?"}, {"role": "assistant", "content": "5"}]}. A
    reply with "weight": 0 is context. Held-out problems are the environment's all the same; a row
    with a "problem_id" keeps that problem out of them."""
    skip_reasoning: float = 0.5
    """Share of demonstrations whose think part is left empty."""
    batch_size: int = 64
    """Demonstrations a step, or all where there are fewer."""
    learning_rate: BySize[float] = OPEN
    """Peak learning rate of AdamW; by default 4e-3, 1e-4 or 1e-5 for a model of fewer than 5
    million weights, of fewer than 300 million, or of more."""
    betas: tuple[float, float] = (0.9, 0.98)
    """Decay rates of AdamW's moments."""
    weight_decay: float = 0.1
    """Weight decay of AdamW."""
    warmup_steps: int = 50
    """Steps in which the learning rate rises to its peak."""
    target_accuracy: float = 0.35
    """Held-out accuracy at which the learning rate begins to decay: of sampled replies that reason,
    for how many do is up to the demonstrations (and of all replies where no demonstration does)."""
    decay_steps: int = 100
    """Steps from there to learning rate 0, and the end."""
    max_steps: int = 2000
    """Decay begins so that training ends here at the latest."""
    held_out_problems: int = 256
    """Problems for the stopping point: of the training split, but never demonstrated."""
    eval_every: int = 50
    """Steps between looks at the held-out problems; 0 for none before the end."""
    checkpoint_every: int = 250
    """Steps between checkpoints; 0 for none but at the end."""


class Imitation(LanguageAgent[ImitationConfig]):
    """Behavioural cloning of reference solutions."""

    config_class = ImitationConfig
    by_size = IMITATION_BY_SIZE

    def __init__(self, config: ImitationConfig, policy: LanguageModel | None = None) -> None:
        """Make the agent; `policy` takes the place of ``config.model``."""
        at_least(1, config, "demonstrations", "batch_size", "tokens_per_pass", "max_new_tokens")
        at_least(1, config, "decay_steps", "max_steps", "held_out_problems")
        at_least(0, config, "seed", "words", "warmup_steps", "eval_every", "checkpoint_every")
        if not 0 <= config.skip_reasoning <= 1:
            raise ValueError(
                f"skip_reasoning is a share, and must be from 0 to 1, got {config.skip_reasoning:g}"
            )
        [env] = EnvironmentPool(config.env_id, 1, config.env_kwargs)
        if config.conversations is None and not hasattr(env.unwrapped, "solution"):
            raise ValueError(
                f"{config.env_id} has no solution() that could be imitated: learn it with grpo, or "
                "give conversations"
            )
        if config.words and policy is None:
            if tiny_shape(config.model) is None:
                raise ValueError(
                    f"words are found for the tiny model alone, and {config.model!r} has a "
                    "tokenizer: set words to 0"
                )
            policy = self.build(config, texts=_texts(config), words=config.words)
        if config.words and config.lora_rank:
            raise ValueError(
                "new words have new embeddings, which adapters leave as they are: set words or "
                "lora_rank to 0"
            )
        super().__init__(config, policy)

    def learn(self, folder: str | Path, *, resume: bool = False) -> bool:
        """Train, writing a run folder; returns False when Ctrl-C ended it early (resumable)."""
        config = self.config
        run = RunFolder(folder, config, resume=resume)
        state = run.restore(self.restore) if resume else {"step": 0}
        read = _digest(config.conversations)
        if resume and not read.items() <= state.items():
            raise ValueError(
                f"{config.conversations} has changed since the run began: put back what it was, or "
                "start a new folder"
            )
        decay_from = state.get("decay_from", config.max_steps - config.decay_steps)
        step = state["step"]
        with (
            Interruption() as interruption,
            run.progress("warm start", config.max_steps, step) as show,
        ):
            self._collect()
            while step < decay_from + config.decay_steps:
                began = time.perf_counter()
                metrics = self._step(step, decay_from)
                step += 1
                metrics = {"step": step, **metrics, "seconds": time.perf_counter() - began}
                ends = step == decay_from + config.decay_steps
                if ends or (config.eval_every and step % config.eval_every == 0):
                    score = self._evaluate(step)
                    accuracy = (score.reasoned if self.reasoning else score).accuracy
                    metrics["held_out_accuracy"] = accuracy
                    metrics["held_out_reasoning"] = score.reasoning
                    run.log_transcripts(step, "held_out", score.episodes[:4])
                    if accuracy >= config.target_accuracy:
                        decay_from = min(decay_from, step)
                run.log(metrics)
                show(step, metrics, decay_from + config.decay_steps)
                is_due = config.checkpoint_every and step % config.checkpoint_every == 0
                stops = distributed.any_of(interruption.requested)
                if is_due or ends or stops:
                    run.save(step, self.write, {"decay_from": decay_from, **read})
                if stops and not ends:
                    return False
        return True

    def _collect(self) -> None:
        """Find the demonstrations, and choose held-out problems that are not among them."""
        config = self.config
        [env] = EnvironmentPool(config.env_id, 1, config.env_kwargs)
        if config.conversations is None:
            self.demonstrations = self._played(env)
        else:
            read = read_conversations(config.conversations)
            self.demonstrations = [as_episode(each, self.policy) for each in read]
        longest = max(len(episode.tokens) for episode in self.demonstrations)
        positions = positions_of(self.policy.model)
        if positions is not None and longest > positions:
            remedy = "lower the environment's level or max_turns"
            if config.conversations is not None:
                remedy = "leave out the longest conversations"
            raise ValueError(
                f"a demonstration has {longest} tokens, and the model {positions} positions: "
                f"{remedy}, or give the tiny model words"
            )
        self.reasoning = any(map(_shows_reasoning, self.demonstrations))
        shown = {episode.problem_id for episode in self.demonstrations}
        self.held_out = distinct_seeds(env, config.held_out_problems, config.seed, 3, exclude=shown)
        self.eval_envs = EnvironmentPool(config.env_id, config.held_out_problems, config.env_kwargs)

    def _played(self, env: gym.Env[str, str]) -> list[Episode]:
        """The environment's solutions, a share of them without the reasoning."""
        config = self.config
        thinks = np.random.default_rng([config.seed, 1]).random(config.demonstrations)
        return [
            demonstrate(
                self.policy,
                env,
                derive_seed(config.seed, 2, i),
                reasoning=bool(share >= config.skip_reasoning),
            )
            for i, share in enumerate(thinks)
        ]

    def _step(self, step: int, decay_from: int) -> dict[str, Any]:
        """One optimizer step on the next batch of a shuffled pass over the demonstrations."""
        config = self.config
        batches = max(1, len(self.demonstrations) // config.batch_size)
        order = np.random.default_rng([config.seed, 4, step // batches]).permutation(
            len(self.demonstrations)
        )
        chosen = order[step % batches * config.batch_size :][: config.batch_size]
        batch = [self.demonstrations[i] for i in chosen]
        count = sum(sum(e.sampled) for e in batch)
        mine = distributed.divided(range(len(batch)), [len(e.tokens) for e in batch])
        rows, sampled = [batch[i].tokens for i in mine], [batch[i].sampled for i in mine]

        total = 0.0
        for part in self.policy.batches(rows, sampled, config.tokens_per_pass):
            logp = self.policy.logprobs([rows[i] for i in part], [sampled[i] for i in part])
            loss = -logp.sum() / count
            loss.backward()  # type: ignore[no-untyped-call]
            total += loss.item()

        rate = config.learning_rate * min(1.0, (step + 1) / max(1, config.warmup_steps))
        rate *= 1.0 - max(0, step - decay_from) / config.decay_steps
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        norm = self._apply_gradients()
        [total] = distributed.summed([total])
        return {"loss": total, "tokens": count, "grad_norm": norm, "learning_rate": rate}

    def _evaluate(self, step: int) -> Score:
        return evaluate(
            self.policy,
            self.eval_envs,
            self.held_out,
            max_new_tokens=self.config.max_new_tokens,
            temperature=1.0,
            generator=torch.Generator().manual_seed(derive_seed(self.config.seed, 5, step)),
        )


def _digest(file: str | None) -> dict[str, str]:
    """What a checkpoint says of the file of conversations, where there is one."""
    if file is None:
        return {}
    return {"conversations": hashlib.sha256(Path(file).read_bytes()).hexdigest()}


def _shows_reasoning(demonstration: Episode) -> bool:
    """Whether a reply that is learned reasons."""
    replies = zip(demonstration.turns, demonstration.replies, strict=True)
    return any(reasons(text) for turn, text in replies if demonstration.sampled[turn.start])


def _texts(config: ImitationConfig) -> Iterator[str]:
    """What is said in what is imitated: where the tokenizer finds its words."""
    if config.conversations is not None:
        for conversation in islice(read_conversations(config.conversations), _EPISODES_WITH_WORDS):
            yield from conversation.texts
        return
    [env] = EnvironmentPool(config.env_id, 1, config.env_kwargs)
    for i in range(_EPISODES_WITH_WORDS):
        observation, _ = env.reset(seed=derive_seed(config.seed, 6, i))
        yield observation
        for action in list(env.unwrapped.solution()):  # type: ignore[attr-defined]
            observation, _, terminated, truncated, _ = env.step(action)
            yield action
            yield observation
            if terminated or truncated:
                break
