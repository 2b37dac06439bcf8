r"""Distillation: what one language model can do goes to another, usually a smaller one.

The teacher ρ stays as it is.  Who samples, and what is learned there, makes several algorithms:

| sampled_by | loss       | the algorithm                                                          |
| ---------- | ---------- | ---------------------------------------------------------------------- |
| "teacher"  | likelihood | sequence-level distillation: −log π of the teacher's replies           |
| "teacher"  | forward_kl | word-level distillation: all that the teacher might have said there    |
| "student"  | reverse_kl | on-policy distillation: the student is corrected where it goes itself  |
| "student"  | forward_kl | the same, with the mean over the teacher's tokens                      |

At each sampled token o_t, a divergence is that of two whole distributions over the vocabulary:

    forward   L = 1/N Σ_t Σ_v ρ(v | o_<t) log (ρ(v | o_<t) / π(v | o_<t))
    reverse   L = 1/N Σ_t Σ_v π(v | o_<t) log (π(v | o_<t) / ρ(v | o_<t))

The gradient is of the distributions alone: that the student also chooses which o_<t there are is
left out.  The forward divergence asks the student to cover all that the teacher says, the reverse
one to say nothing that the teacher would not: a small student cannot do the former.

* Hinton et al. 2015, "Distilling the knowledge in a neural network" (arXiv 1503.02531).
* Kim and Rush 2016, "Sequence-level knowledge distillation" (arXiv 1606.07947), section 3.
* Agarwal et al. 2024, "On-policy distillation of language models" (arXiv 2306.13649), equations 1
  to 3 and algorithm 1; here the share of the student's own text is 0 or 1.
* Gu et al. 2024, "MiniLLM" (arXiv 2306.08543): the reverse divergence, there with a policy gradient
  through the whole reply.
* Lu et al. 2025, "On-policy distillation" (Thinking Machines Lab): the reverse divergence a token,
  without credit for what comes later, beside reinforcement learning at a fraction of the cost.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import torch

from agents.common.environments import at_least
from agents.common.language_model import LanguageModel
from agents.common.rewarded_agent import RewardedAgent, RewardedConfig, means
from agents.common.rollouts import Episode
from agents.common.run_folder import RunFolder
from agents.common.sampler import positions_of
from agents.common.sizes import DISTILLATION_BY_SIZE, OPEN, BySize
from agents.common.token_logprobs import KL

__all__ = ["Distillation", "DistillationConfig"]

_KINDS: dict[str, KL] = {"forward_kl": "forward", "reverse_kl": "reverse"}


@dataclass
class DistillationConfig(RewardedConfig):
    """Settings of a distillation; `model` is the student."""

    teacher: str = ""
    """Model to learn from: a run folder, for its newest model, a model folder or a Hugging Face
    name. It has the vocabulary of the student."""
    sampled_by: Literal["student", "teacher"] = "student"
    """Who plays the episodes: the student as it is, or the teacher."""
    loss: Literal["likelihood", "forward_kl", "reverse_kl"] | None = None
    """What is learned at each sampled token: to say it, or the teacher's distribution there. None
    for "reverse_kl" where the student plays, and "likelihood" where the teacher does."""
    keep: Literal["all", "solved"] = "all"
    """What is learned from: all episodes, or those that were solved, and not cut off."""
    learning_rate: BySize[float] = OPEN
    """Peak learning rate of AdamW; it falls to 0 in a straight line. By default 1e-3, 5e-5 or 5e-6
    for a model of fewer than 5 million weights, of fewer than 300 million, or of more."""
    groups: int = 256
    """Different episodes an update."""
    group_size: int = 1
    """Times that each of them is played: nothing is compared within a group."""
    minibatches: int = 4
    """Optimizer steps that the episodes of an update are divided over."""
    epochs: int = 1
    """Times that an update goes over its episodes."""


class Distillation(RewardedAgent[DistillationConfig]):
    """A language model that learns from another one, on its own replies or on those of the other.

    Raises:
        FileNotFoundError: there is no such teacher.
        ValueError: teacher and student have different vocabularies; settings that make no sense.
    """

    config_class = DistillationConfig
    by_size = DISTILLATION_BY_SIZE

    def __init__(self, config: DistillationConfig, policy: LanguageModel | None = None) -> None:
        """Make the agent; `policy` is the student, and takes the place of ``config.model``."""
        at_least(1, config, "minibatches", "epochs")
        if not config.teacher:
            raise ValueError(
                "there is no teacher: name a run folder, a model folder or a Hugging Face name "
                "(--teacher)"
            )
        if config.sampled_by == "student" and config.loss == "likelihood":
            raise ValueError(
                "the student would learn to say what it says: with its own text, set loss to "
                '"reverse_kl" or "forward_kl"; to imitate its successes, train expert_iteration'
            )
        if config.sampled_by == "teacher" and config.sampler != "own":
            raise ValueError(
                f"the teacher samples by itself: with sampler={config.sampler!r}, set sampled_by "
                'to "student"'
            )
        super().__init__(config, policy)
        self.config.teacher = _model_in(config.teacher)
        self.teacher = self._load_teacher()
        """Who is learned from; prompted as the student is, and not part of a checkpoint."""

    @property
    def loss(self) -> str:
        """What is learned at each sampled token."""
        on_policy = self.config.sampled_by == "student"
        return self.config.loss or ("reverse_kl" if on_policy else "likelihood")

    def _load_teacher(self) -> LanguageModel:
        config, student = self.config, self.policy
        loaded = LanguageModel.load(config.teacher, device=config.device, dtype=config.dtype)
        mine, theirs = _tokens(student), _tokens(loaded)
        if mine != theirs:
            others = len(set(mine.items()) ^ set(theirs.items()))
            raise ValueError(
                f"the teacher {config.teacher!r} and the student {config.model!r} have different "
                f"vocabularies, of {len(theirs)} and {len(mine)} tokens ({others} are not the same "
                "in both): the student learns probabilities of tokens, so both need one tokenizer. "
                "From a teacher's text alone a student of any tokenizer learns by imitation "
                "(--conversations)"
            )
        teacher = LanguageModel(
            loaded.model.requires_grad_(False),
            student.tokenizer,
            system_prompt=student.system_prompt,
            chat_template_kwargs=student.chat_template_kwargs,
        )
        teacher.end_ids = list(student.end_ids)
        teacher.autocast, teacher.cache_gib = student.autocast, config.cache_gib
        limits = [positions_of(teacher.model), positions_of(student.model), config.max_tokens]
        config.max_tokens = min((limit for limit in limits if limit is not None), default=None)
        return teacher

    def _sample(self, step: int, number: int = 0, **settings: Any) -> list[Episode]:
        by = self.teacher if self.config.sampled_by == "teacher" else self.policy
        return super()._sample(step, number, **{"by": by, **settings})

    def learn_from(self, episodes: Sequence[Episode], step: int) -> dict[str, Any]:
        """The update itself."""
        kept = [
            episode
            for episode in episodes
            if episode.turns
            and not episode.failure
            and (self.config.keep == "all" or (episode.success and not episode.cut_off))
        ]
        records = [self._minibatch(batch) for batch in self._passes(kept, step)]
        return {
            "learning_rate": self._set_learning_rate(step),
            "kept": len(kept) / len(episodes),
            **means(records),
        }

    def _minibatch(self, episodes: Sequence[Episode]) -> dict[str, float]:
        """One optimizer step on some episodes, each sampled token of which counts the same."""
        tokens = sum(sum(episode.sampled) for episode in episodes)
        if self.loss == "likelihood":
            return self._step_by(episodes, [1 / tokens] * len(episodes))

        def divergence(numbers: Sequence[int]) -> torch.Tensor:
            found = self.policy.predictions(
                [episodes[n].tokens for n in numbers],
                [episodes[n].sampled for n in numbers],
                temperature=self.config.temperature,
                entropy=False,
                other=self.teacher,
                kl=_KINDS[self.loss],
            )
            return found.kl.sum() / tokens

        return self._step_on(episodes, divergence)

    # A checkpoint says who the teacher was. ------------------------------------------------------

    def state(self) -> dict[str, Any]:
        """What a checkpoint needs beside its files, as JSON."""
        return {"teacher": _digest(self.teacher)}

    def restore(self, folder: Path, state: dict[str, Any]) -> None:
        """Put back what `write` wrote; raises `ValueError` where the teacher is another."""
        if state["teacher"] != _digest(self.teacher):
            raise ValueError(
                f"the teacher {self.config.teacher!r} has changed since the run began: put back "
                "what it was, or start a new folder"
            )
        super().restore(folder, state)


def _model_in(name: str) -> str:
    """The model of a checkpoint, or of a run's newest one; what else is named, as it is."""
    if (Path(name) / "model").is_dir():
        return str(Path(name) / "model")
    try:
        RunFolder.read_config(name)
    except (FileNotFoundError, ValueError):
        return name
    return str(RunFolder.latest(name) / "model")


def _tokens(policy: LanguageModel) -> dict[str, int]:
    """The tokens that a model can say, and their ids; a tokenizer may know others besides."""
    outputs = policy.model.config.get_text_config().vocab_size
    return {t: number for t, number in policy.tokenizer.get_vocab().items() if number < outputs}


def _digest(policy: LanguageModel) -> str:
    """SHA-256 of the first numbers of each tensor: training changes all of them."""
    found = hashlib.sha256()
    for name, tensor in policy.model.state_dict().items():
        first = tensor.flatten()[:64].detach().cpu().contiguous()
        found.update(name.encode() + first.view(torch.uint8).numpy().tobytes())
    return found.hexdigest()
