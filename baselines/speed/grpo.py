"""Sampled tokens a second, and time of a whole update, of our GRPO beside TRL's `GRPOTrainer`.

    python -m baselines.speed.grpo [--steps 10] [--threads 1] [--model FOLDER]

Both start from the same saved model, see the same questions, sample 32 × 8 replies of at most 48
tokens at temperature 1, are paid by the same environment, and take one optimizer step an update, in
float32, on the same number of threads, one after the other.  The learning rate is 0, so that the
model and with it the length of the replies stay what they are.  Sampling is timed around
`Session.reply` and around `generate`; an update is everything, rewards included.

The floor is what the matrix products of such an update take on this machine when nothing else is
done.  Results mean something only on a machine that is otherwise idle.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("TRL_EXPERIMENTAL_SILENCE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

import argparse
import logging
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from agents.common.environment_pool import EnvironmentPool
from agents.common.environments import derive_seed
from agents.common.language_model import LanguageModel
from agents.common.sampler import Conversations
from agents.grpo import GRPO, GRPOConfig
from agents.imitation import Imitation, ImitationConfig
from baselines.demo import ENV_ID, ENV_KWARGS

GROUPS, GROUP_SIZE, MAX_NEW_TOKENS = 32, 8, 48
WARM_STEPS = 300
UNTIMED = 2  # updates before the clock is looked at


@dataclass
class Timing:
    """What was measured of one trainer; a list has an entry for each update."""

    sampling: list[float] = field(default_factory=list)  # seconds
    step: list[float] = field(default_factory=list)  # seconds
    tokens: list[int] = field(default_factory=list)  # sampled

    def summary(self) -> tuple[float, float, float]:
        """Sampled tokens a second, seconds an update, and microseconds an update and token."""
        sampling, step, tokens = (
            values[UNTIMED:] for values in (self.sampling, self.step, self.tokens)
        )
        seconds = statistics.median(step)
        per_token = statistics.median(s / n for s, n in zip(step, tokens, strict=True))
        rate = statistics.median(n / s for s, n in zip(sampling, tokens, strict=True))
        return rate, seconds, 1e6 * per_token


def main() -> int:
    """Measure, print a table; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m baselines.speed.grpo", description=__doc__.split("\n\n")[0]
    )
    parser.add_argument("--steps", type=int, default=10, help="timed updates of each")
    parser.add_argument("--threads", type=int, default=1, help="threads that torch may use")
    parser.add_argument("--model", help="saved model; by default one is warm-started (a minute)")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    steps = arguments.steps + UNTIMED
    with tempfile.TemporaryDirectory() as folder:
        model = arguments.model or _warm_start(folder)
        ours, metrics = time_ours(model, steps)
        floor = time_floor(model, metrics)
        try:
            import trl
        except ImportError:
            print("TRL is not installed, so there is nothing to compare with: pip install trl")
            trl = None
        theirs = time_trl(model, steps, folder) if trl else None

    rate, seconds, per_token = ours.summary()
    print(f"{GROUPS} × {GROUP_SIZE} replies an update, {arguments.threads} thread(s), float32")
    print(f"{'':26}{'sampled tokens/s':>18}{'s an update':>14}{'µs a token':>12}")
    _row("agents/grpo.py", rate, seconds, per_token)
    if theirs and trl:
        peer_rate, peer_seconds, peer_per_token = theirs.summary()
        _row(f"TRL {trl.__version__}", peer_rate, peer_seconds, peer_per_token)
    tokens = statistics.mean(ours.tokens[UNTIMED:])
    _row("matrix products alone", tokens / floor[0], sum(floor), 1e6 * sum(floor) / tokens)
    if theirs and trl:
        print(f"\nsampling rate, ours / TRL's:         {rate / peer_rate:.2f}")
        print(f"update rate per token, ours / TRL's: {peer_per_token / per_token:.2f}")
    return 0


def _row(name: str, rate: float, seconds: float, per_token: float) -> None:
    print(f"{name:26}{rate:18,.0f}{seconds:14.3f}{per_token:12.1f}")


def _warm_start(folder: str) -> str:
    """A model whose replies end: one of random weights would always run into the limit."""
    config = ImitationConfig(ENV_ID, ENV_KWARGS, max_steps=WARM_STEPS, device="cpu")
    agent = Imitation(config)
    agent.learn(Path(folder) / "warm_start")
    agent.save(Path(folder) / "model")
    return str(Path(folder) / "model")


def _timed(function: Callable[..., Any], log: list[float]) -> Callable[..., Any]:
    def timed(*args: Any, **kwargs: Any) -> Any:
        began = time.perf_counter()
        result = function(*args, **kwargs)
        log.append(time.perf_counter() - began)
        return result

    return timed


def time_ours(model: str, steps: int) -> tuple[Timing, dict[str, float]]:
    """Time our updates; also returns what their size was, for the floor."""
    config = GRPOConfig(
        ENV_ID,
        ENV_KWARGS,
        model=model,
        updates=steps,
        groups=GROUPS,
        group_size=GROUP_SIZE,
        max_new_tokens=MAX_NEW_TOKENS,
        learning_rate=0.0,
        device="cpu",
    )
    agent, timing = GRPO(config), Timing()
    new_session = agent.policy.session

    def timed_session(temperature: float = 1.0) -> Conversations:
        session = new_session(temperature)
        session.reply = _timed(session.reply, timing.sampling)  # type: ignore[method-assign]
        return session

    agent.policy.session = timed_session  # type: ignore[method-assign]
    kept = []
    for step in range(steps):
        metrics = agent.update(step)
        timing.step.append(metrics["seconds"])
        timing.tokens.append(round(metrics["tokens_per_episode"] * GROUPS * GROUP_SIZE))
        kept.append(metrics["kept"])
    prompts = [len(prompt) for prompt in _prompt_tokens(agent.policy, 1)]
    return timing, {
        "kept": statistics.mean(kept[UNTIMED:]),
        "prompt": statistics.mean(prompts),
        "reply": statistics.mean(timing.tokens[UNTIMED:]) / (GROUPS * GROUP_SIZE),
    }


def time_trl(model: str, steps: int, folder: str) -> Timing:
    """Time the updates of TRL's trainer on the same questions and rewards."""
    from datasets import Dataset
    from transformers import TrainerCallback
    from trl import GRPOConfig as Config
    from trl import GRPOTrainer

    logging.disable(logging.WARNING)
    policy, timing = LanguageModel.load(model, device="cpu"), Timing()
    [env] = EnvironmentPool(ENV_ID, 1, ENV_KWARGS)
    seeds = _seeds(steps)
    questions = [env.reset(seed=seed)[0] + "\n" for seed in seeds]

    def reward(completions: list[str], seed: list[int], **_: Any) -> list[float]:
        rewards = []
        for text, episode in zip(completions, seed, strict=True):
            env.reset(seed=episode)
            rewards.append(float(env.step(text)[1]))
        return rewards

    class Clock(TrainerCallback):  # type: ignore[misc]
        def on_step_begin(self, *_: Any, **__: Any) -> None:
            self.began = time.perf_counter()

        def on_step_end(self, *_: Any, **__: Any) -> None:
            timing.step.append(time.perf_counter() - self.began)

    trainer = GRPOTrainer(
        model=model,
        processing_class=policy.tokenizer,
        reward_funcs=reward,
        train_dataset=Dataset.from_dict({"prompt": questions, "seed": seeds}),
        callbacks=[Clock()],
        args=Config(
            output_dir=folder,
            per_device_train_batch_size=GROUPS * GROUP_SIZE,
            num_generations=GROUP_SIZE,
            max_completion_length=MAX_NEW_TOKENS,
            max_steps=steps,
            learning_rate=0.0,
            temperature=1.0,
            beta=0.0,
            epsilon=0.2,
            epsilon_high=0.28,
            scale_rewards="none",
            loss_type="dapo",
            max_grad_norm=1.0,
            shuffle_dataset=False,
            use_cpu=True,
            bf16=False,
            gradient_checkpointing=False,
            model_init_kwargs={"dtype": "float32"},
            save_strategy="no",
            logging_strategy="no",
            report_to="none",
            disable_tqdm=True,
        ),
    )
    ends = torch.tensor(policy.end_ids)
    generate = _timed(trainer.model.generate, timing.sampling)

    def counting(*args: Any, **kwargs: Any) -> Any:
        output = generate(*args, **kwargs)
        ids = output if isinstance(output, torch.Tensor) else output.sequences
        prompt = (args[0] if args else kwargs["input_ids"]).shape[1]
        ended = torch.isin(ids[:, prompt:], ends)
        after = ended.int().cumsum(1) - ended.int()
        timing.tokens.append(int((after == 0).sum()))
        return output

    trainer.model.generate = counting
    trainer.train()
    return timing


def time_floor(model: str, size: dict[str, float]) -> tuple[float, float]:
    """Seconds of the matrix products of sampling and of learning in one update.

    Weights times activations, and attention at its average length, at the shapes that occur: 256
    rows a token while sampling, whole rows while learning, whose backward pass costs twice its
    forward pass.
    """
    config = LanguageModel.load(model, device="cpu").model.config
    rows = GROUPS * GROUP_SIZE
    reply, whole = round(size["reply"]), round(size["prompt"] + size["reply"])
    middle = round(size["prompt"] + size["reply"] / 2)
    decode = _products(config, rows, 1, middle)
    prefill = _products(config, GROUPS, round(size["prompt"]), round(size["prompt"]))
    chunk = 32
    learn = 3 * _products(config, chunk, whole, whole) * size["kept"] * rows / chunk
    return prefill + decode * reply, learn


@torch.no_grad()
def _products(config: Any, rows: int, new: int, length: int) -> float:
    """Seconds of all products of a forward pass of `new` tokens in each row."""
    hidden, inner, heads = config.hidden_size, config.intermediate_size, config.num_attention_heads
    head, layers = hidden // heads, config.num_hidden_layers
    x, y = torch.randn(rows * new, hidden), torch.randn(rows * new, inner)
    square, up = torch.randn(hidden, hidden), torch.randn(hidden, inner)
    down, out = torch.randn(inner, hidden), torch.randn(hidden, config.vocab_size)
    q = torch.randn(rows * heads, new, head)
    k = torch.randn(rows * heads, head, length)
    p, v = torch.randn(rows * heads, new, length), torch.randn(rows * heads, length, head)

    def once() -> None:
        for _ in range(layers):
            for _ in range(4):
                x @ square
            x @ up, x @ up, y @ down, q @ k, p @ v
        x @ out

    once()
    times = []
    for _ in range(20):
        began = time.perf_counter()
        once()
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def _seeds(steps: int) -> list[int]:
    """The episodes of a run with seed 0, update by update."""
    return [derive_seed(0, 0, step, group) for step in range(steps) for group in range(GROUPS)]


def _prompt_tokens(policy: LanguageModel, steps: int) -> list[list[int]]:
    [env] = EnvironmentPool(ENV_ID, 1, ENV_KWARGS)
    return [policy.prompt(env.reset(seed=seed)[0]) for seed in _seeds(steps)]


if __name__ == "__main__":
    sys.exit(main())
