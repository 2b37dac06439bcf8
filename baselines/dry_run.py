"""One group of a run, before the run: what the model sees and says, what it is paid, what it costs.

Nothing is written, and what is learned is thrown away.
"""

from __future__ import annotations

import copy
import math
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from rich.console import Console
from rich.text import Text

from agents.common.doctor import complaint
from agents.common.rollouts import Episode
from agents.grpo import GRPO, GRPOConfig, Row
from reasoning_gym_envs.cli.terminal import printable

__all__ = ["dry_run"]

# What stands before each line of a text, and its colour.
_OBSERVED, _LEARNED, _MASKED = ("  ", "bright_black"), ("> ", "green"), ("x ", "red")


def dry_run(config: GRPOConfig) -> None:
    """Play the first group of a run and print it whole, with what it would teach and cost."""
    agent = _OneGroup(config)
    metrics = agent.update(0)
    console = Console(highlight=False, soft_wrap=True, markup=False)
    _print_head(console, agent)
    for number in range(len(agent.group)):
        _print_episode(console, agent, number)
    _print_summary(console, agent, config, metrics)


class _OneGroup(GRPO):
    """GRPO with one group an update, which is looked at before it is learned from."""

    def __init__(self, config: GRPOConfig) -> None:
        super().__init__(replace(config, groups=1, max_rounds=1))
        self.most_groups = config.groups
        self._is_measured = False
        with self.policy.session():  # tries the model out
            pass
        self.peaks = [_peak_memory(self.policy.model.device)]
        """Bytes of memory: with the model loaded, in sampling, in learning."""
        _forget_peak(self.policy.model.device)

    def learn_from(self, episodes: Sequence[Episode], step: int) -> dict[str, Any]:
        """Look at the group; then measure a pass of learning, as if all its rewards differed."""
        device = self.policy.model.device
        self.peaks.append(_peak_memory(device))
        self.group = list(episodes)
        self.paid = self._rewards(episodes)
        self.advantages = self._advantages(episodes, self._counts(episodes))
        self.kept: list[Row] = []
        metrics = super().learn_from(episodes, step)

        self._is_measured = True
        self.practice = self._practice()
        _forget_peak(device)
        began = time.perf_counter()
        measured = super().learn_from(self.practice, step)
        self.learning_seconds = time.perf_counter() - began
        self.peaks.append(_peak_memory(device))
        return {**measured, **metrics}

    def _practice(self) -> list[Episode]:
        """As many episodes as go through the model together, or as an update has; all differ.

        Each copy of the group has a prompt of its own, as the groups of an update have.
        """
        shared = 0
        if self.policy.token_logprobs.packs:  # the prompt goes through the model once
            prompts = [episode.turns[0].start for episode in self.group if episode.turns]
            shared = sum(prompts[1:])
        tokens = sum(len(episode.tokens) for episode in self.group) - shared
        copies = min(self.most_groups, math.ceil(self.config.tokens_per_pass / tokens))
        episodes = [copy.deepcopy(episode) for _ in range(copies) for episode in self.group]
        for number, episode in enumerate(episodes):
            episode.cut_off = False
            if episode.turns:
                episode.repay(float(number % 2))
            if group := number // len(self.group):
                episode.tokens[0] = (episode.tokens[0] + group) % len(self.policy.tokenizer)
                episode.update -= 1  # after other prompts, its tokens were not sampled so
        return episodes

    def _minibatch(self, rows: list[Row], *arguments: Any) -> dict[str, float]:
        if self._is_measured:
            return super()._minibatch(rows, *arguments)
        self.kept += rows
        return {}

    def left_out(self, number: int) -> str | None:
        """Why an episode of the group is not learned from; None where it is."""
        config, episode = self.config, self.group[number]
        if any(row.episode is episode for row in self.kept):
            return None
        if episode.failure is not None:
            return f"its environment failed: {episode.failure.reason}"
        if config.mask_truncated and episode.cut_off:
            return "it is cut off (mask_truncated)"
        if not self._counts(self.group)[number]:
            return "others of the group differ more (down_sample)"
        return "it has no advantage"


# What is printed. --------------------------------------------------------------------------------


def _print_head(console: Console, agent: _OneGroup) -> None:
    """What is played, by what, what the marks mean, and the prompt, which all episodes have."""
    config, model = agent.config, agent.policy.model
    console.print(
        f"{config.env_id}, seed {config.seed}: the first group of the run, {config.group_size} "
        "episodes of one problem",
        style="bold",
    )
    console.print(
        f"{type(model).__name__}: {model.num_parameters() / 1e6:,.2f} M weights in "
        f"{_name(model.dtype)}, products in {_name(agent.policy.autocast or model.dtype)}, on "
        f"{model.device}"
    )
    console.print()
    _print_text(console, _OBSERVED, "observed: by the environment, or between replies")
    _print_text(console, _LEARNED, "sampled, and learned from")
    _print_text(console, _MASKED, "sampled, and masked: not learned from")
    prompt = next((e.tokens[: e.turns[0].start] for e in agent.group if e.turns), [])
    console.print(f"\nPrompt: {len(prompt)} tokens", style="bold")
    _print_tokens(console, agent, _OBSERVED, prompt)


def _print_episode(console: Console, agent: _OneGroup, number: int) -> None:
    """An episode after its prompt."""
    episode, reason = agent.group[number], agent.left_out(number)
    console.print(
        f"\nEpisode {number + 1}: return {sum(agent.paid[number]):g}, "
        f"{'solved' if episode.success else 'not solved'}{', cut off' * episode.cut_off}, "
        f"{sum(episode.sampled)} of {len(episode.tokens)} tokens sampled",
        style="bold",
    )
    seen = episode.turns[0].start if episode.turns else len(episode.tokens)
    for turn, (start, end, reward) in enumerate(episode.turns):
        advantage, paid = agent.advantages[number][turn], agent.paid[number][turn]
        _print_tokens(console, agent, _OBSERVED, episode.tokens[seen:start])
        is_learned = reason is None and (advantage or agent.pulls)
        kind = _LEARNED if is_learned else _MASKED
        _print_tokens(console, agent, kind, episode.tokens[start:end])
        terms = episode.terms[turn] if turn < len(episode.terms) else {}
        parts = ", ".join(f"{name} {value:g}" for name, value in terms.items())
        less = "" if math.isclose(paid, reward) else f", {paid:g} with what the settings take off"
        console.print(
            f"  turn {turn + 1}: {end - start} tokens, reward {reward:g} ({parts or 'not known'})"
            f"{less}, advantage {advantage:+.3f}"
        )
        seen = end
    _print_tokens(console, agent, _OBSERVED, episode.tokens[seen:])
    if reason is not None:
        console.print(f"  not learned from: {printable(reason)}", style=_MASKED[1])


def _print_summary(
    console: Console, agent: _OneGroup, config: GRPOConfig, metrics: dict[str, Any]
) -> None:
    """What the group would teach, and what an update takes."""
    size, practice = len(agent.group), len(agent.practice)
    console.print(
        f"\n{round(metrics['kept'] * size)} of {size} episodes would be learned from", style="bold"
    )
    console.print(
        f"reward {metrics['reward']:.2f}, {metrics['accuracy']:.0%} solved, "
        f"{metrics['cut_off']:.0%} cut off, {metrics['tokens_per_episode']:.1f} sampled tokens an "
        f"episode, entropy {metrics['entropy']:.2f} nats a token"
    )
    loaded, sampling, learning = map(_mebibytes, agent.peaks)
    console.print(
        f"memory at most: {loaded} before, {sampling} in sampling {size} episodes, {learning} in "
        f"learning from {practice} such as these"
    )
    sample = metrics["sampling_seconds"]
    learn = agent.learning_seconds * config.groups * config.group_size / practice
    console.print(
        f"an update of {config.groups} groups: {sample + learn:,.1f} to "
        f"{sample * config.groups + learn:,.1f} s, {learn:,.1f} s of it to learn if all is kept; "
        "sampled together, an episode takes less time than here"
    )
    sentence = _what_is_wrong(agent, metrics)
    if sentence is not None:
        console.print(f"Note: {printable(sentence)}", style="yellow")


def _what_is_wrong(agent: _OneGroup, metrics: dict[str, Any]) -> str | None:
    """Why nothing would be learned, and what to do."""
    found = complaint([metrics], least=1)
    if found is not None:
        name, sentence = found
        another = f"; other groups may differ (--seed {agent.config.seed + 1})"
        return sentence + another * (name == "no contrast")
    if agent.kept:
        return None
    reasons = sorted({reason for i in range(len(agent.group)) if (reason := agent.left_out(i))})
    return (
        f"nothing would be learned from this group, since of each episode {' or '.join(reasons)}: "
        "raise max_new_tokens, max_turns or max_tokens, or leave mask_truncated, down_sample and "
        "min_advantage as they are by default"
    )


def _print_tokens(
    console: Console, agent: _OneGroup, kind: tuple[str, str], tokens: Sequence[int]
) -> None:
    """Tokens as text, special ones too."""
    if tokens:
        text = agent.policy.tokenizer.decode(
            list(tokens), skip_special_tokens=False, clean_up_tokenization_spaces=False
        )
        assert isinstance(text, str)
        _print_text(console, kind, text)


def _print_text(console: Console, kind: tuple[str, str], text: str) -> None:
    mark, style = kind
    for line in printable(text, lines=True).split("\n"):
        console.print(Text(mark + line, style=style))


def _name(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")


def _mebibytes(count: int | None) -> str:
    return "?" if count is None else f"{count / 2**20:,.0f} MiB"


# Memory. -----------------------------------------------------------------------------------------


def _peak_memory(device: torch.device) -> int | None:
    """Most bytes so far: of tensors on a GPU, else of the process; None where that is not known."""
    if device.type == "cuda":
        return int(torch.cuda.max_memory_allocated(device))
    try:
        import resource
    except ImportError:  # Windows
        return None
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(most) if sys.platform == "darwin" else 1024 * int(most)


def _forget_peak(device: torch.device) -> None:
    """Begin anew with the peak, where the system lets us."""
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
    else:
        with suppress(OSError):
            Path("/proc/self/clear_refs").write_text("5")
