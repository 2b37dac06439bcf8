"""What language model agents share that learn from rewards: sampling, tests, checkpoints."""

from __future__ import annotations

import time
from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import gymnasium as gym
import numpy as np
import torch

from agents.common import distributed
from agents.common.chat import reasons
from agents.common.doctor import complaint
from agents.common.engines import engine_of
from agents.common.environment_pool import EnvironmentPool
from agents.common.environments import TEST_SEED, at_least
from agents.common.language_agent import LanguageAgent, LanguageConfig
from agents.common.language_model import LanguageModel
from agents.common.rollouts import Episode, Score, evaluate, rollout, stop_where_most_failed
from agents.common.run_folder import Curve, Interruption, RunFolder
from agents.common.sizes import OPEN, BySize
from reasoning_gym_envs.seeds import derive_seed, distinct_seeds

__all__ = ["RewardedAgent", "RewardedConfig", "means"]

CURVES = (
    Curve("accuracy", "correct, sampled in training", {"color": "#9ecae1", "lw": 1}),
    Curve(
        "test_accuracy",
        "correct, test split, greedy",
        {"color": "#08519c", "lw": 2, "marker": "o"},
        interval="test_interval",
    ),
    Curve(
        "test_reasoned_accuracy",
        "correct among those that reason, test split, sampled",
        {"color": "#31a354", "lw": 2, "marker": "^"},
        interval="test_reasoned_interval",
    ),
    Curve(
        "test_sampled_reasoning",
        "share that reasons, test split, sampled",
        {"color": "#e6550d", "lw": 1.5, "ls": "--", "marker": "s"},
    ),
)


@dataclass
class RewardedConfig(LanguageConfig):
    """Settings of the agents that learn from rewards."""

    test_kwargs: dict[str, Any] = field(default_factory=lambda: {"split": "test"})
    """What is different about the environments for evaluation. ``train`` leaves the split out where
    an environment of others does not have it."""
    updates: int = 300
    """Rounds of sampling and learning."""
    groups: int = 32
    """Different episodes an update."""
    group_size: int = 8
    """Times that each of them is played."""
    problem_ids: tuple[str, ...] = ()
    """Problems to train on, by the `problem_id` that ``info`` says; none for new ones all the time.
    They are looked for in the first 100,000 episodes."""
    max_turns: int | None = None
    """Most replies of an episode; None for as many as the environment takes."""
    max_tokens: int | None = None
    """Most tokens of an episode, its prompt and what the environment says included; None for as
    many as the model has positions."""
    sampler: str = "own"
    """Who samples, in training and in tests: "own", the model itself; "vllm", in this process; or a
    server, by its kind and its address: vllm+http://localhost:8000, sglang+http://localhost:30000,
    or http://localhost:8000 for one with OpenAI's completions whose weights stay what they are."""
    cache_gib: float | None = None
    """Most GiB that the cache takes while replies are sampled (own, vllm); replies that do not fit
    in it together are sampled one slice of them after another. None for half of the memory that is
    free then, with vllm for two fifths of the GPU. Slices change what is sampled by rounding: name
    a number where memory is short and a run has to be repeated exactly."""
    step_seconds: float | None = None
    """How long a step of the environment may take; an episode in which one takes longer has failed.
    None for as long as it likes."""
    temperature: float = 1.0
    """Sampling temperature; learning uses the same distribution."""
    learning_rate: BySize[float] = OPEN
    """Peak learning rate of AdamW; it falls to 0 in a straight line. By default 2e-4, 1e-5 or 1e-6
    for a model of fewer than 5 million weights, of fewer than 300 million, or of more."""
    warmup_updates: int = 10
    """Updates in which the learning rate rises to its peak."""
    eval_every: int = 25
    """Updates between evaluations, beside the first and the last; 0 for none between."""
    eval_problems: int = 512
    """Different problems of the test split that are played in an evaluation, once greedily and once
    at the sampling temperature."""


_EPISODES_SEARCHED = 100_000

Config = TypeVar("Config", bound=RewardedConfig)
Item = TypeVar("Item")


class RewardedAgent(LanguageAgent[Config]):
    """A language model that learns from rewards, update by update, and is tested as it goes."""

    def __init__(self, config: Config, policy: LanguageModel | None = None) -> None:
        at_least(1, config, "groups", "group_size", "updates", "tokens_per_pass", "eval_problems")
        at_least(1, config, "max_new_tokens", "max_turns", "max_tokens")
        at_least(0, config, "seed", "eval_every", "checkpoint_every")
        if config.temperature <= 0:
            raise ValueError("temperature must be above 0: equal replies have no advantage")
        if config.cache_gib is not None and config.cache_gib <= 0:
            raise ValueError(f"cache_gib must be above 0, got {config.cache_gib}")
        super().__init__(config, policy)
        self.policy.cache_gib = config.cache_gib
        self.policy.engine = engine = engine_of(
            config.sampler,
            model=config.model,
            dtype=self.config.dtype,
            max_tokens=config.max_tokens,
            cache_gib=config.cache_gib,
        )
        if engine is not None:

            def outdate(*_: Any) -> None:
                engine.is_current = False

            self.optimizer.register_step_post_hook(outdate)
        self.envs = EnvironmentPool(
            config.env_id,
            self._batch_size,
            config.env_kwargs,
            step_seconds=config.step_seconds,
        )
        self._problem_seeds = _seeds_of(config.problem_ids, self.envs[0], config.seed)
        self.failed: list[Episode] = []
        """Episodes of the latest update whose environment failed."""
        self.reference: LanguageModel | None = None
        """A model that learning is held close to, or compared with; part of a checkpoint."""
        self._test_seeds: list[int] = []  # filled by the first evaluation

    @abstractmethod
    def learn_from(self, episodes: Sequence[Episode], step: int) -> dict[str, Any]:
        """The update itself: `episodes` hold groups of ``group_size``, one by one."""

    def update(self, step: int) -> dict[str, Any]:
        """Sample a batch of groups and learn from it; returns the metrics of the update."""
        began = time.perf_counter()
        episodes = self._sample(step)
        self._note_failed(episodes)
        sampled = time.perf_counter()
        metrics = self.learn_from(episodes, step)
        return {
            **self._described(episodes),
            **metrics,
            "seconds": time.perf_counter() - began,
            "sampling_seconds": sampled - began,
        }

    def state(self) -> dict[str, Any]:
        """What a checkpoint needs beside its files, as JSON."""
        return {}

    def learn(
        self,
        folder: str | Path,
        *,
        resume: bool = False,
        on_update: Callable[[int, dict[str, Any]], None] | None = None,
    ) -> bool:
        """Train for ``config.updates`` updates, writing a run folder.

        Returns True at the end, and False when Ctrl-C ended it early; a resumed run gives the same
        weights and metrics as one that was never stopped.  `on_update` sees each record.
        """
        config, name = self.config, type(self).__name__
        run = RunFolder(folder, config, resume=resume)
        start = done = run.restore(self.restore)["step"] if resume else 0
        said: set[str] = set()
        with Interruption() as interruption, run.progress(name, config.updates, start) as show:
            if start == 0:
                run.log({"step": 0, **self._test(run, 0)})
            for step in range(start, config.updates):
                metrics = {"step": step + 1, **self.update(step)}
                done = step + 1
                run.log_transcripts(done, "failed", self.failed[:8])
                last = done == config.updates
                if last or (config.eval_every and done % config.eval_every == 0):
                    metrics |= self._test(run, done)
                run.log(metrics)
                show(done, metrics)
                if found := complaint(run.metrics(), said):
                    said.add(found[0])
                    run.say(found[1])
                if on_update:
                    on_update(done, metrics)
                is_due = config.checkpoint_every and done % config.checkpoint_every == 0
                stops = distributed.any_of(interruption.requested)
                if is_due or last or stops:
                    run.save(done, self.write, self.state())
                if stops:
                    break
        run.draw(f"{name} on {config.env_id}", *CURVES)
        return bool(done == config.updates)

    def evaluate(self, temperature: float = 0.0) -> Score:
        """Play different problems of the test split, the same each time; greedily by default."""
        config = self.config
        if not self._test_seeds:
            count = min(config.eval_problems, 256)
            self._test_envs = EnvironmentPool(
                config.env_id,
                count,
                {**config.env_kwargs, **config.test_kwargs},
                step_seconds=config.step_seconds,
            )
            self._test_seeds = distinct_seeds(
                self._test_envs[0], config.eval_problems, TEST_SEED, or_fewer=True
            )
        score = evaluate(
            self.policy,
            self._test_envs,
            self._test_seeds,
            max_new_tokens=config.max_new_tokens,
            max_turns=config.max_turns,
            max_tokens=config.max_tokens,
            temperature=temperature,
            generator=torch.Generator().manual_seed(TEST_SEED),
        )
        stop_where_most_failed(score.episodes)
        return score

    def _test(self, run: RunFolder, step: int) -> dict[str, Any]:
        """The metrics of an evaluation: greedy, and sampled as in training.

        A greedy policy may hardly ever reason while a third of its samples do, so how good it is
        when it reasons is measured on the samples.
        """
        greedy, sampled = self.evaluate(), self.evaluate(self.config.temperature)
        run.log_transcripts(step, "test", greedy.episodes[:8])
        if step == 0 and len(self._test_seeds) < self.config.eval_problems:
            run.say(
                f"the test split has {len(self._test_seeds)} different problems, and each test "
                f"plays these, where eval_problems is {self.config.eval_problems}"
            )
        metrics: dict[str, Any] = {
            "test_problems": len(greedy.played),
            "test_accuracy": greedy.accuracy,
            "test_interval": list(greedy.interval),
            "test_reasoning": greedy.reasoning,
            "test_sampled_accuracy": sampled.accuracy,
            "test_sampled_reasoning": sampled.reasoning,
        }
        reasoned = sampled.reasoned
        if reasoned.episodes:
            metrics["test_reasoned_accuracy"] = reasoned.accuracy
            metrics["test_reasoned_interval"] = list(reasoned.interval)
        return metrics

    # Sampling. -----------------------------------------------------------------------------------

    @property
    def _batch_size(self) -> int:
        return self.config.groups * self.config.group_size

    def _sample(
        self, step: int, number: int = 0, *, by: LanguageModel | None = None
    ) -> list[Episode]:
        """Groups of episodes, one group after another.

        `number` is that of the round; they are played `by` another model than the policy.
        """
        config = self.config
        path = (step, number) if number else (step,)
        groups = range(config.groups)
        if config.problem_ids:
            begun = (step + number) * config.groups
            seeds = [self._problem_seeds[(begun + n) % len(self._problem_seeds)] for n in groups]
        else:
            seeds = [derive_seed(config.seed, 0, *path, group) for group in groups]
        levels = self._levels_of(path)
        episodes = rollout(
            by or self.policy,
            self.envs,
            [seed for seed in seeds for _ in range(config.group_size)],
            max_new_tokens=config.max_new_tokens,
            max_turns=config.max_turns,
            max_tokens=config.max_tokens,
            temperature=config.temperature,
            generator=torch.Generator().manual_seed(derive_seed(config.seed, 1, *path)),
            levels=None
            if levels is None
            else [n for n in levels for _ in range(config.group_size)],
        )
        for episode in episodes:
            episode.update = step
        return episodes

    def _levels_of(self, path: tuple[int, ...]) -> list[int] | None:
        """The level of each group of a round; None for what the environment draws."""
        return None

    def _note_failed(self, episodes: Sequence[Episode]) -> None:
        """Remember the episodes whose environment failed.

        Raises `RunStopped` where most did, and `ValueError` where nothing could be said.
        """
        self.failed = [episode for episode in episodes if episode.failure]
        stop_where_most_failed(episodes)
        if not any(episode.turns for episode in episodes if not episode.failure):
            raise ValueError(
                "no prompt leaves room for a reply: raise max_tokens, or take a model with more "
                "positions"
            )

    def _described(self, episodes: Sequence[Episode]) -> dict[str, float]:
        """The metrics of what was sampled."""
        played = [episode for episode in episodes if not episode.failure]
        tokens = sum(sum(episode.sampled) for episode in played)
        return {
            "reward": float(np.mean([episode.reward for episode in played])),
            "accuracy": float(np.mean([episode.success for episode in played])),
            "reasoning": float(np.mean([reasons(r) for e in played for r in e.replies])),
            "turns": float(np.mean([len(episode.turns) for episode in played])),
            "tokens_per_episode": tokens / len(played),
            "cut_off": float(np.mean([episode.cut_off for episode in played])),
            "entropy": -sum(sum(episode.logprobs) for episode in played) / tokens,
            "failed": len(self.failed) / len(episodes),
        }

    def _set_learning_rate(self, step: float) -> float:
        """Set it as it is after so many updates, or a part of one; returns it."""
        config = self.config
        share = min(1.0, (step + 1) / max(1, config.warmup_updates)) * (1 - step / config.updates)
        for group in self.optimizer.param_groups:
            group["lr"] = config.learning_rate * share
        return config.learning_rate * share

    # What the model says of episodes. ------------------------------------------------------------

    def _mine(self, episodes: Sequence[Episode]) -> list[int]:
        """Numbers of the episodes that this process looks at; without others, all of them."""
        groups = [(episode.update, episode.seed) for episode in episodes]
        return distributed.divided(groups, [len(episode.tokens) for episode in episodes])

    def _batches(self, episodes: Sequence[Episode]) -> Iterator[list[int]]:
        """Numbers of the episodes that go through the model together."""
        tokens = [episode.tokens for episode in episodes]
        sampled = [episode.sampled for episode in episodes]
        return self.policy.batches(tokens, sampled, self.config.tokens_per_pass)

    def _predict(
        self,
        episodes: Sequence[Episode],
        policy: LanguageModel | None = None,
        entropy: bool = False,
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """log π of the sampled tokens of some episodes, one after another, and the entropy there.

        Observations between replies are in the context, and are not predicted.
        """
        return (policy or self.policy).logprobs_and_entropy(
            [episode.tokens for episode in episodes],
            [episode.sampled for episode in episodes],
            temperature=self.config.temperature,
            entropy=entropy,
        )

    @torch.no_grad()
    def _logprobs_of(
        self, episodes: Sequence[Episode], policy: LanguageModel | None = None
    ) -> list[list[float]]:
        """log π of the sampled tokens of each episode."""
        found: list[tuple[int, list[float]]] = []
        for numbers in self._parts(episodes):
            logp, _ = self._predict([episodes[i] for i in numbers], policy)
            values = iter(logp.tolist())
            found += [(i, list(islice(values, sum(episodes[i].sampled)))) for i in numbers]
        return [values for _, values in sorted(distributed.gathered(found))]

    def _passes(self, items: Sequence[Item], step: int) -> Iterator[list[Item]]:
        """`minibatches` parts of some items, `epochs` times in another order; the rate falls."""
        config: Any = self.config
        parts, done = min(config.minibatches, len(items)), 0
        for epoch in range(config.epochs if items else 0):
            order = np.random.default_rng([config.seed, 2, step, epoch]).permutation(len(items))
            for chunk in np.array_split(order, parts):
                self._set_learning_rate(step + done / (config.epochs * parts))
                yield [items[i] for i in chunk]
                done += 1

    def _step_by(self, episodes: Sequence[Episode], weights: Sequence[float]) -> dict[str, float]:
        """One optimizer step on −Σ_i w_i log π(o_i), with a weight for each episode."""

        def loss(numbers: Sequence[int]) -> torch.Tensor:
            batch = [episodes[n] for n in numbers]
            logp, _ = self._predict(batch)
            counts = [sum(episode.sampled) for episode in batch]
            each = logp.new_tensor([weights[n] for n in numbers])
            each = each.repeat_interleave(torch.tensor(counts, device=logp.device))
            return -(each * logp).sum()

        return self._step_on(episodes, loss)

    def _step_on(
        self, episodes: Sequence[Episode], loss: Callable[[Sequence[int]], torch.Tensor]
    ) -> dict[str, float]:
        """One optimizer step on a loss that is a sum over the episodes.

        `loss` gives that of some of them, whose numbers it is told: those of one pass.
        """
        total = 0.0
        for numbers in self._parts(episodes):
            part = loss(numbers)
            part.backward()  # type: ignore[no-untyped-call]
            total += float(part.detach())
        [total] = distributed.summed([total])
        return {"loss": total, "grad_norm": self._apply_gradients()}

    def _parts(self, episodes: Sequence[Episode]) -> Iterator[list[int]]:
        """Numbers of the episodes for one pass of the model each, of those of this process."""
        mine = self._mine(episodes)
        for batch in self._batches([episodes[i] for i in mine]):
            yield [mine[n] for n in batch]

    def _copy_reference(self) -> None:
        """The reference becomes the model as it is."""
        self.reference = self.policy.frozen()

    def write(self, folder: Path) -> None:
        """Write the files of a checkpoint."""
        super().write(folder)
        if self.reference is not None:
            self.reference.save_weights(folder / "reference")

    def restore(self, folder: Path, state: dict[str, Any]) -> None:
        """Put back what `write` wrote and `state` said."""
        super().restore(folder, state)
        if self.reference is not None:
            self.reference.load_weights(folder / "reference")


def means(records: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The mean of each metric, over the records that have it."""
    names = {name for record in records for name in record}
    return {n: float(np.mean([r[n] for r in records if n in r])) for n in sorted(names)}


def _seeds_of(ids: Sequence[str], env: gym.Env[str, str], seed: int) -> list[int]:
    """A seed for each of some problems, in their order.

    Raises `ValueError` for those that do not come up.
    """
    found: dict[str, int] = {}
    for n in range(_EPISODES_SEARCHED):
        if len(found) == len(set(ids)):
            break
        candidate = derive_seed(seed, 7, n)
        problem_id = env.reset(seed=candidate)[1].get("problem_id", "")
        if problem_id in ids:
            found.setdefault(problem_id, candidate)
    missing = [id for id in ids if id not in found]
    if missing:
        raise ValueError(
            f"{', '.join(missing)}: no such problem among {_EPISODES_SEARCHED:,} episodes of the "
            "environment, as env_kwargs describe it: are level, topics and split those of the "
            "problem?"
        )
    return [found[id] for id in ids]
