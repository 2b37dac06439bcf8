"""A language model on problems of a test split, each played k times: pass@k, maj@k, and how sure.

* Chen et al. 2021, "Evaluating large language models trained on code" (arXiv 2107.03374): pass@k.
* Wang et al. 2022, "Self-consistency improves chain of thought reasoning in language models"
  (arXiv 2203.11171): maj@k, the answer that most samples give.
* Miller 2024, "Adding error bars to evals" (arXiv 2411.00640): samples of a problem are no
  independent ones.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import torch

from agents.common.distributed import is_first
from agents.common.environment_pool import EnvironmentPool
from agents.common.environments import TEST_SEED, at_least
from agents.common.language_model import LanguageModel
from agents.common.rollouts import Episode, Score, rollout, stop_where_most_failed
from agents.common.run_folder import RunFolder
from agents.common.sizes import GRPO_BY_SIZE
from reasoning_gym_envs.answers import InvalidReference, extract_answer, is_correct
from reasoning_gym_envs.evaluation.statistics import (
    Interval,
    clustered_mean,
    majority_at,
    pass_at,
)
from reasoning_gym_envs.seeds import derive_seed, distinct_seeds

__all__ = ["Evaluation", "Samples", "evaluate"]


@dataclass
class Evaluation:
    """What is played, and how: all that the episodes depend on, beside the model."""

    env_id: str
    """Environment to play."""
    env_kwargs: dict[str, Any] = field(default_factory=dict)
    """Arguments of `gymnasium.make`, the split among them."""
    problems: int = 512
    """Different problems; fewer where the environment has no more."""
    k: int = 1
    """Times that each of them is played."""
    temperature: float = 0.0
    """Of the sampling; 0 is greedy."""
    seed: int = 0
    """Seeds what is sampled."""
    max_new_tokens: int | None = None
    """Longest reply in tokens; None for as many as suit the size of the model."""
    max_turns: int | None = None
    """Most replies of an episode."""
    max_tokens: int | None = None
    """Most tokens of an episode."""
    step_seconds: float | None = None
    """How long a step of the environment may take."""

    def __post_init__(self) -> None:
        """Raise `ValueError` for settings that make no sense."""
        at_least(1, self, "k", "problems", "max_new_tokens", "max_turns", "max_tokens")
        at_least(0, self, "seed")
        if self.temperature < 0:
            raise ValueError(f"temperature must be at least 0, got {self.temperature:g}")
        if self.k > 1 and self.temperature == 0:
            raise ValueError(
                f"at temperature 0 all {self.k} samples of a problem are the same: give a "
                "temperature above 0, or k = 1"
            )

    def run(
        self,
        policy: LanguageModel,
        *,
        batch_size: int = 256,
        begun: Callable[[int], None] = lambda _: None,
        played: Callable[[list[Episode]], None] = lambda _: None,
    ) -> Samples:
        """Play all episodes.

        What is sampled in one depends on the seed, its problem and its number alone, so that
        neither the batches nor the other problems make a difference.

        Args:
            policy: who plays.
            batch_size: episodes at a time.
            begun: is told how many different problems there are.
            played: is given the episodes of each batch.

        Raises:
            RunStopped: the environment failed in more than half of the episodes so far.
            ValueError: `batch_size` is less than 1.
        """
        if batch_size < 1:
            raise ValueError(f"batch_size must be at least 1, got {batch_size}")
        size = min(batch_size, self.problems * self.k)
        envs = EnvironmentPool(self.env_id, size, self.env_kwargs, step_seconds=self.step_seconds)
        seeds = distinct_seeds(envs[0], self.problems, TEST_SEED, or_fewer=True)
        begun(len(seeds))
        samples = [(seed, number) for seed in seeds for number in range(self.k)]
        episodes: list[Episode] = []
        for start in range(0, len(samples), size):
            batch = samples[start : start + size]
            episodes += rollout(
                policy,
                envs,
                [seed for seed, _ in batch],
                max_new_tokens=self.max_new_tokens or _longest_reply(policy),
                max_turns=self.max_turns,
                max_tokens=self.max_tokens,
                temperature=self.temperature,
                generator=[
                    torch.Generator().manual_seed(derive_seed(self.seed, seed, number))
                    for seed, number in batch
                ],
            )
            stop_where_most_failed(episodes)
            played(episodes[start:])
        return Samples(self.k, episodes)


class Samples(Score):
    """The episodes of an evaluation: k of each problem, one problem after another."""

    def __init__(self, k: int, episodes: list[Episode]) -> None:
        super().__init__(episodes)
        self.k = k
        groups = [episodes[start : start + k] for start in range(0, len(episodes), k)]
        self.problems = [[e for e in group if e.failure is None] for group in groups]
        """The episodes of each problem that did not fail."""

    def pass_at(self, k: int) -> Interval | None:
        """Share of the problems that k samples solve.

        Problems of which fewer than k samples did not fail say nothing; None where all are such.
        """
        means = [
            pass_at(k, len(group), sum(episode.success for episode in group))
            for group in self.problems
            if len(group) >= k
        ]
        return clustered_mean(means, self.k // k) if means else None

    def majority(self) -> Interval | None:
        """Share of the problems whose commonest answer is right, maj@k.

        Where answers are equally common, one of them is drawn.  None where the environment does not
        say what became of an answer, or reads it otherwise than `reasoning_gym_envs.answers`.
        """
        whole = [group for group in self.problems if len(group) == self.k]
        answers = [[_answer(episode) for episode in group] for group in whole]
        is_read = all(
            episode.answer_status and (answer is None) == (episode.answer_status == "no_answer")
            for group, of_group in zip(whole, answers, strict=True)
            for episode, answer in zip(group, of_group, strict=True)
            if episode.replies
        )
        if not whole or not is_read:
            return None
        shares = [
            majority_at(self.k, _votes(group, of_group))
            for group, of_group in zip(whole, answers, strict=True)
        ]
        return clustered_mean(shares, 1)

    def estimates(self) -> Iterator[tuple[str, Interval]]:
        """pass@1, pass@2, pass@4, … pass@k and maj@k, as far as they can be told."""
        for k in sorted({2**i for i in range(self.k.bit_length())} | {self.k}):
            if (estimate := self.pass_at(k)) is not None:
                yield f"pass@{k}", estimate
        if self.k > 1 and (estimate := self.majority()) is not None:
            yield f"maj@{self.k}", estimate

    @property
    def cut_off(self) -> float:
        """Share of the episodes that ran into a limit of tokens or turns."""
        return sum(episode.cut_off for episode in self.played) / max(1, len(self.played))

    @property
    def tokens(self) -> float:
        """Sampled tokens of an episode, mean."""
        count = sum(sum(episode.sampled) for episode in self.played)
        return count / max(1, len(self.played))

    def record(self) -> dict[str, Any]:
        """All of it as JSON."""
        return {
            "problems": len(self.problems),
            **{
                name: {"value": value, "interval": [low, high]}
                for name, (value, low, high) in self.estimates()
            },
            "cut_off": self.cut_off,
            "failed": self.failed,
            "tokens_per_episode": self.tokens,
            "reasoning": self.reasoning,
        }


def evaluate(
    evaluation: Evaluation,
    policy: LanguageModel,
    *,
    title: str,
    about: Mapping[str, Any],
    batch_size: int = 256,
    json_file: Path | None = None,
    transcripts: Path | None = None,
) -> str:
    """Play all episodes, with a bar; returns the result in words.

    Args:
        evaluation: what is played.
        policy: who plays.
        title: what the result begins with.
        about: what is written into `json_file` beside the settings and the result.
        batch_size: episodes at a time.
        json_file: where the result is written.
        transcripts: where the episodes are written, a line of JSON each.

    Raises:
        OSError: a file cannot be written; nothing is played then.
    """
    if not is_first():  # of several processes
        json_file = transcripts = None
    for file in (json_file, transcripts):
        if file is not None and not file.parent.is_dir():
            raise FileNotFoundError(f"there is no folder {str(file.parent)!r} to write {file.name}")
        if file is not None:
            _check_writable(file)
    run, k = RunFolder(None, None), evaluation.k
    total, episodes = evaluation.problems * k, list[Episode]()

    with ExitStack() as stack:
        show = stack.enter_context(run.progress("evaluate", total))
        lines = transcripts and stack.enter_context(transcripts.open("w", encoding="utf-8"))

        def begun(problems: int) -> None:
            nonlocal total
            total = problems * k
            if problems < evaluation.problems:
                run.say(
                    f"{evaluation.env_id} has {problems} different problems, and all are played"
                )

        def played(batch: list[Episode]) -> None:
            for number, episode in enumerate(batch, len(episodes)):
                record = {"problem": number // k, "sample": number % k, **episode.record()}
                if lines:
                    lines.write(json.dumps(record, ensure_ascii=False) + "\n")
            episodes.extend(batch)
            score = Samples(k, episodes)
            metrics = {"accuracy": score.accuracy, "cut_off": score.cut_off}
            show(len(episodes), {**metrics, "tokens_per_episode": score.tokens}, total)

        samples = evaluation.run(policy, batch_size=batch_size, begun=begun, played=played)
    if json_file is not None:
        longest = evaluation.max_new_tokens or _longest_reply(policy)
        settings = asdict(replace(evaluation, max_new_tokens=longest))
        record = {**about, **settings, **samples.record()}
        json_file.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    return _in_words(title, evaluation, samples)


def _check_writable(file: Path) -> None:
    """Raise `OSError` for what cannot be written; what is there stays as it is."""
    is_new = not file.exists()
    file.open("a").close()
    if is_new:
        file.unlink()


def _longest_reply(policy: LanguageModel) -> int:
    return int(GRPO_BY_SIZE["max_new_tokens"].of(policy.model.num_parameters()))


def _in_words(title: str, evaluation: Evaluation, samples: Samples) -> str:
    estimates = dict(samples.estimates())
    if evaluation.k == 1:
        share, low, high = estimates["pass@1"]
        lines = [
            f"{title}: {share:.1%} correct "
            f"({len(samples.played)} problems, 95% CI {100 * low:.1f}–{high:.1%})"
        ]
    else:
        lines = [
            f"{title}: {evaluation.k} samples of each of {len(samples.problems)} problems, "
            f"temperature {evaluation.temperature:g}"
        ]
        for name, (share, low, high) in estimates.items():
            lines.append(f"  {name:<8}{share:>6.1%}  (95% CI {100 * low:.1f}–{high:.1%})")
    return "\n".join(
        [
            *lines,
            f"{samples.reasoning:.0%} of the answers reason, {samples.cut_off:.0%} of the episodes "
            f"are cut off, {samples.failed} failed; {samples.tokens:.1f} tokens an episode",
        ]
    )


def _answer(episode: Episode) -> str | None:
    """What stands in the last reply as its answer."""
    return extract_answer(episode.replies[-1]) if episode.replies else None


def _votes(
    episodes: Sequence[Episode], answers: Sequence[str | None]
) -> list[tuple[tuple[str, ...] | None, bool]]:
    """The class of each answer, None for no answer, and whether it is right.

    Right answers are all equal to the reference, so they are one class: the empty one. That of a
    wrong answer is the first one that is equal to it.
    """
    votes: list[tuple[tuple[str, ...] | None, bool]] = []
    wrong: list[str] = []
    for episode, answer in zip(episodes, answers, strict=True):
        if answer is None or episode.success:
            votes.append((None if answer is None else (), answer is not None))
            continue
        first = next((other for other in wrong if _are_equal(answer, other)), answer)
        wrong.append(first)
        votes.append(((first,), False))
    return votes


def _are_equal(answer: str, other: str) -> bool:
    try:
        return answer == other or is_correct(f"\\boxed{{{answer}}}", other)
    except InvalidReference:
        return False
