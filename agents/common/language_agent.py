"""What language model agents share; and what those share that learn from rewards."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import torch

from agents.common import distributed
from agents.common.adapters import has_adapters
from agents.common.doctor import complaint
from agents.common.engines import engine_of
from agents.common.environment_pool import EnvironmentPool
from agents.common.environments import TEST_SEED
from agents.common.language_model import LanguageModel
from agents.common.rollouts import Episode, Score, evaluate, stop_where_most_failed
from agents.common.run_folder import Curve, Interruption, RunFolder, RunStopped
from agents.common.sharding import sum_gradients, whole
from agents.common.sizes import Sizes, settled
from reasoning_gym_envs.seeds import distinct_seeds

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["LanguageAgent", "RewardedAgent"]

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


Config = TypeVar("Config", bound=Any)


class LanguageAgent(ABC, Generic[Config]):
    """A language model with the optimizer that trains it.

    Args:
        config: the settings, a dataclass that says which model, where, and how AdamW is set.
        policy: takes the place of ``config.model``.

    Raises:
        ValueError: the policy is not prompted as the settings say.
    """

    config_class: type[Config]
    by_size: Mapping[str, Sizes]
    """Settings that may be left open."""

    def __init__(self, config: Config, policy: LanguageModel | None = None) -> None:
        self.policy = policy or self.build(config)
        self.config = config = settled(config, self.by_size, self.policy)
        self._choose_what_learns()
        self.policy.token_logprobs.checkpointing = config.gradient_checkpointing
        learned = self.policy.token_logprobs.model.parameters()
        self.optimizer = torch.optim.AdamW(
            [parameter for parameter in learned if parameter.requires_grad],
            lr=config.learning_rate,
            betas=config.betas,
            weight_decay=config.weight_decay,
            fused=True,
        )

    def _choose_what_learns(self) -> None:
        """All weights, each process's part of them, or adapters."""
        config = self.config
        if config.lora_rank:
            if config.shard:
                raise ValueError(
                    "shard divides the weights that learn, and adapters are too few for that: "
                    "leave it off with lora_rank"
                )
            self.policy.add_adapters(config)
        elif has_adapters(self.policy.model):
            raise ValueError(
                "the model has low-rank adapters: set lora_rank and lora_alpha to what they have, "
                "or start from the model that save() writes, in which they are merged"
            )
        if config.shard:
            self.policy.shard()

    @abstractmethod
    def learn(self, folder: str | Path, *, resume: bool = False) -> bool:
        """Train, writing a run folder; returns False when Ctrl-C ended it early (resumable)."""

    def act(self, observation: str, info: dict[str, Any] | None = None) -> str:
        """Answer an observation."""
        return self.policy.act(observation, info)

    def _apply_gradients(self) -> float:
        """A step of the optimizer by the gradients of all processes; the norm of their sum.

        All of them have to come here at the same time, also those that have no gradient.
        """
        learned = [p for group in self.optimizer.param_groups for p in group["params"]]
        sum_gradients(learned)
        norm = float(whole(torch.nn.utils.clip_grad_norm_(learned, self.config.max_grad_norm)))
        if not math.isfinite(norm):
            raise RunStopped(
                f"the norm of the gradient is {norm:g}, so a step would ruin each weight: "
                "go on from the last checkpoint (--resume), or begin anew with a lower "
                "learning_rate"
            )
        self.optimizer.step()
        self.optimizer.zero_grad()
        return norm

    def write(self, folder: Path) -> None:
        """Write the files of a checkpoint: weights (or adapters), and the optimizer's state."""
        self.policy.save_training(self.optimizer, folder)

    def restore(self, folder: Path, state: dict[str, Any]) -> None:
        """Put back what `write` wrote; `state` is what else the checkpoint says."""
        self.policy.load_training(self.optimizer, folder, state)

    def save(self, folder: str | Path) -> None:
        """Write the model for `load` of `LanguageModel`, or Hugging Face."""
        self.policy.save(folder)

    @staticmethod
    def build(config: Config, model: str | None = None, **kwargs: Any) -> LanguageModel:
        """The policy that the settings describe; `model` takes the place of theirs.

        Where that is a folder of adapters, they are put on the model of the settings.  `kwargs` are
        more arguments of `LanguageModel.build`.
        """
        adapters = model if config.lora_rank else None
        policy = LanguageModel.build(
            config.model if adapters else model or config.model,
            seed=config.seed,
            device=config.device,
            dtype=config.dtype,
            system_prompt=config.system_prompt,
            chat_template_kwargs=config.chat_template_kwargs,
            **kwargs,
        )
        if adapters:
            policy.add_adapters(config)
            policy.load_weights(adapters)
        return policy

    @classmethod
    def load(cls, folder: str | Path) -> Self:
        """The agent of a run folder, as its newest checkpoint left it."""
        config = RunFolder.load_config(folder, cls.config_class)
        return cls(config, cls.build(config, str(RunFolder.latest(folder) / "model")))


class RewardedAgent(LanguageAgent[Config]):
    """A language model that learns from rewards, update by update, and is tested as it goes."""

    def __init__(self, config: Config, policy: LanguageModel | None = None) -> None:
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
        self.failed: list[Episode] = []
        """Episodes of the latest update whose environment failed."""
        self._test_seeds: list[int] = []  # filled by the first evaluation

    @abstractmethod
    def update(self, step: int) -> dict[str, Any]:
        """Sample and learn once; returns the metrics of the update."""

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
