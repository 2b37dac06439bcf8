"""Sampled tokens a second, and time of a whole update, of our GRPO beside TRL's `GRPOTrainer`.

    python -m baselines.speed.grpo [--size small] [--steps 10] [--threads 1] [--model FOLDER]

Both start from the same saved model, see the same questions, sample at temperature 1, are paid
alike, and take one optimizer step an update, in float32, on the same number of threads, one after
the other, each in a process of its own.  The learning rate is 0, so that the model and with it the
length of the replies stay what they are.  Sampling is timed around `Session.reply` and around
`generate`; an update is everything, rewards included.

* small: the demo's model of 0.17 M weights after its warm start, 32 × 8 replies of at most 48
  tokens, paid by the environment.
* medium: 27 M random weights with grouped heads, 2 × 8 replies of 256 tokens, paid by a number that
  is made of the reply.

With one thread, seconds are those of the processor: what else the machine does slows both alike.
The floor is what the matrix products of such an update take on this machine when nothing else is
done.  Memory is the largest that a process had, less what it had before its first update.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("TRL_EXPERIMENTAL_SILENCE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

import argparse
import importlib.util
import logging
import resource
import statistics
import sys
import tempfile
import time
import zlib
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

import torch
from transformers import Qwen2Config, Qwen2ForCausalLM

from agents.common.environment_pool import EnvironmentPool
from agents.common.language_model import LanguageModel, tiny
from agents.common.products import PackedLinear
from agents.common.rollouts import Episode
from agents.common.sampler import Conversations
from agents.grpo import GRPO, GRPOConfig
from agents.imitation import Imitation, ImitationConfig
from baselines.demo import ENV_ID, ENV_KWARGS
from reasoning_gym_envs.seeds import derive_seed

WARM_STEPS = 300
UNTIMED = 2  # updates before the clock is looked at


class Size(NamedTuple):
    """How much an update has."""

    groups: int
    group_size: int
    max_new_tokens: int
    trained: bool
    """Whether the model solves some, so that the environment's rewards differ."""

    @property
    def rows(self) -> int:
        """Replies an update."""
        return self.groups * self.group_size


SIZES = {"small": Size(32, 8, 48, True), "medium": Size(2, 8, 256, False)}


@dataclass
class Timing:
    """What was measured of one trainer; a list has an entry for each update."""

    sampling: list[float] = field(default_factory=list)  # seconds
    step: list[float] = field(default_factory=list)  # seconds
    tokens: list[int] = field(default_factory=list)  # sampled
    kept: list[float] = field(default_factory=list)  # share of the rows that are learned from
    memory: int = 0  # MiB

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
    parser.add_argument("--size", choices=SIZES, default="small", help="of model and update")
    parser.add_argument("--steps", type=int, default=10, help="timed updates of each")
    parser.add_argument("--threads", type=int, default=1, help="threads that torch may use")
    parser.add_argument("--model", help="saved model; by default one is made (small: a minute)")
    arguments = parser.parse_args()
    size, steps = SIZES[arguments.size], arguments.steps + UNTIMED
    has_trl = importlib.util.find_spec("trl") is not None
    with tempfile.TemporaryDirectory() as folder:
        torch.set_num_threads(arguments.threads)
        model = arguments.model or (_warm_start if size.trained else _of_medium_size)(folder)
        settings = (model, size, steps, arguments.threads)
        ours = _alone(time_ours, *settings)
        theirs = _alone(time_trl, *settings) if has_trl else None
        sampling, learning = time_floor(model, size, ours)
    rate, seconds, per_token = ours.summary()
    print(f"{size.rows} replies an update, {arguments.threads} thread(s), float32")
    print(f"{'':24}{'sampled tokens/s':>18}{'an update':>12}{'µs a token':>12}{'MiB':>8}")
    _row("agents/grpo.py", rate, seconds, per_token, ours.memory)
    if theirs is None:
        print("TRL is not installed, so there is nothing to compare with: pip install trl")
    else:
        import trl

        peer_rate, peer_seconds, peer_per_token = theirs.summary()
        _row(f"TRL {trl.__version__}", peer_rate, peer_seconds, peer_per_token, theirs.memory)
    tokens = statistics.mean(ours.tokens[UNTIMED:])
    floor = sampling + learning
    _row("matrix products alone", tokens / sampling, floor, 1e6 * floor / tokens)
    print(f"\nsampling, ours / floor of the products: {tokens / sampling / rate:.2f}")
    print(f"update, ours / floor of the products:   {seconds / floor:.2f}")
    if theirs is not None:
        print(f"sampling rate, ours / TRL's:            {rate / peer_rate:.2f}")
        print(f"update rate per token, ours / TRL's:    {peer_per_token / per_token:.2f}")
        print(f"memory, ours / TRL's:                   {ours.memory / theirs.memory:.2f}")
    return 0


def _row(name: str, rate: float, seconds: float, per_token: float, memory: int = 0) -> None:
    shown = f"{memory:8,}" if memory else ""
    print(f"{name:24}{rate:18,.0f}{seconds:12.3f}{per_token:12.1f}{shown}")


def _alone(measure: Callable[..., Timing], *settings: Any) -> Timing:
    """Measure in a process of its own, which has its own largest memory."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(measure, *settings).result()


def _warm_start(folder: str) -> str:
    """A model whose replies end: one of random weights would always run into the limit."""
    config = ImitationConfig(ENV_ID, ENV_KWARGS, max_steps=WARM_STEPS, device="cpu")
    agent = Imitation(config)
    agent.learn(Path(folder) / "warm_start")
    agent.save(Path(folder) / "model")
    return str(Path(folder) / "model")


def _of_medium_size(folder: str) -> str:
    """27 M random weights, with four query heads to a key head."""
    tokenizer = tiny().tokenizer
    torch.manual_seed(0)
    config = Qwen2Config(
        vocab_size=len(tokenizer),
        hidden_size=512,
        num_hidden_layers=8,
        num_attention_heads=8,
        num_key_value_heads=2,
        intermediate_size=1792,
        max_position_embeddings=4096,
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    LanguageModel(Qwen2ForCausalLM(config), tokenizer).save(Path(folder) / "model")
    return str(Path(folder) / "model")


def _clock(threads: int) -> Callable[[], float]:
    return time.process_time if threads == 1 else time.perf_counter


def _memory() -> int:
    """The largest memory that the process had, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 2**10


def _paid(text: str) -> float:
    """A number from [0, 1) that is made of a reply."""
    return zlib.crc32(text.encode()) / 2**32


def _timed(
    function: Callable[..., Any], log: list[float], clock: Callable[[], float]
) -> Callable[..., Any]:
    def timed(*args: Any, **kwargs: Any) -> Any:
        began = clock()
        result = function(*args, **kwargs)
        log.append(clock() - began)
        return result

    return timed


class _PaidByText(GRPO):
    """Where a model solves nothing, there would be nothing to learn from."""

    def _sample(self, step: int, number: int = 0, **settings: Any) -> list[Episode]:
        episodes = super()._sample(step, number, **settings)
        for episode in episodes:
            episode.repay(_paid(episode.replies[0]))
        return episodes


def time_ours(model: str, size: Size, steps: int, threads: int) -> Timing:
    """Time our updates."""
    torch.set_num_threads(threads)
    clock = _clock(threads)
    config = GRPOConfig(
        ENV_ID,
        ENV_KWARGS,
        model=model,
        updates=steps,
        groups=size.groups,
        group_size=size.group_size,
        max_new_tokens=size.max_new_tokens,
        learning_rate=0.0,
        device="cpu",
    )
    agent, timing = (GRPO if size.trained else _PaidByText)(config), Timing()
    new_session = agent.policy.session

    def timed_session(temperature: float = 1.0) -> Conversations:
        session = new_session(temperature)
        session.reply = _timed(session.reply, timing.sampling, clock)  # type: ignore[method-assign]
        return session

    agent.policy.session = timed_session  # type: ignore[method-assign]
    before = _memory()
    for step in range(steps):
        began = clock()
        metrics = agent.update(step)
        timing.step.append(clock() - began)
        timing.tokens.append(round(metrics["tokens_per_episode"] * size.rows))
        timing.kept.append(metrics["kept"])
    timing.memory = _memory() - before
    return timing


def time_trl(model: str, size: Size, steps: int, threads: int) -> Timing:
    """Time the updates of TRL's trainer on the same questions and rewards."""
    torch.set_num_threads(threads)
    with tempfile.TemporaryDirectory() as folder:
        return _time_trl(model, size, steps, _clock(threads), folder)


def _time_trl(
    model: str, size: Size, steps: int, clock: Callable[[], float], folder: str
) -> Timing:
    from datasets import Dataset
    from transformers import TrainerCallback
    from trl import GRPOConfig as Config
    from trl import GRPOTrainer

    logging.disable(logging.WARNING)
    policy, timing = LanguageModel.load(model, device="cpu"), Timing()
    [env] = EnvironmentPool(ENV_ID, 1, ENV_KWARGS)
    seeds = _seeds(size, steps)
    questions = [env.reset(seed=seed)[0] + "\n" for seed in seeds]

    def reward(completions: list[str], seed: list[int], **_: Any) -> list[float]:
        rewards = []
        for text, episode in zip(completions, seed, strict=True):
            env.reset(seed=episode)
            rewards.append(float(env.step(text)[1]) if size.trained else _paid(text))
        return rewards

    class Clock(TrainerCallback):  # type: ignore[misc]
        def on_step_begin(self, *_: Any, **__: Any) -> None:
            self.began = clock()

        def on_step_end(self, *_: Any, **__: Any) -> None:
            timing.step.append(clock() - self.began)

    trainer = GRPOTrainer(
        model=model,
        processing_class=policy.tokenizer,
        reward_funcs=reward,
        train_dataset=Dataset.from_dict({"prompt": questions, "seed": seeds}),
        callbacks=[Clock()],
        args=Config(
            output_dir=folder,
            per_device_train_batch_size=size.rows,
            num_generations=size.group_size,
            max_completion_length=size.max_new_tokens,
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
    generate = _timed(trainer.model.generate, timing.sampling, clock)

    def counting(*args: Any, **kwargs: Any) -> Any:
        output = generate(*args, **kwargs)
        ids = output if isinstance(output, torch.Tensor) else output.sequences
        prompt = (args[0] if args else kwargs["input_ids"]).shape[1]
        ended = torch.isin(ids[:, prompt:], ends)
        after = ended.int().cumsum(1) - ended.int()
        timing.tokens.append(int((after == 0).sum()))
        return output

    trainer.model.generate = counting
    before = _memory()
    trainer.train()
    timing.memory = _memory() - before
    return timing


def time_floor(model: str, size: Size, timing: Timing) -> tuple[float, float]:
    """Seconds of the matrix products of sampling and of learning in one update.

    Weights times activations, and attention at its average length, at the shapes that occur: all
    rows a token while sampling; while learning, the prompt of a group once and the replies that
    teach something, whose backward pass costs twice its forward pass.
    """
    policy = LanguageModel.load(model, device="cpu")
    config = policy.model.config
    [env] = EnvironmentPool(ENV_ID, 1, ENV_KWARGS)
    prompts = [policy.prompt(env.reset(seed=seed)[0]) for seed in _seeds(size, 1)]
    prompt = round(statistics.mean(map(len, prompts)))
    reply = round(statistics.mean(timing.tokens[UNTIMED:]) / size.rows)
    kept = statistics.mean(timing.kept[UNTIMED:])
    decode = _products(config, size.rows, 1, prompt + reply // 2)
    of_prompts = _products(config, size.groups, prompt, prompt)
    teaching = max(1, round(kept * size.rows))
    learn = 3 * (of_prompts * kept + _products(config, teaching, reply, prompt + reply))
    return of_prompts + decode * reply, learn


@torch.no_grad()
def _products(config: Any, rows: int, new: int, length: int) -> float:
    """Seconds of all products of a forward pass of `new` tokens in each row."""
    hidden, inner = config.hidden_size, config.intermediate_size
    heads, keys = config.num_attention_heads, config.num_key_value_heads
    head, layers = hidden // heads, config.num_hidden_layers
    x, y = torch.randn(rows * new, hidden), torch.randn(rows * new, inner)
    # Each layer has its own weights, which come from memory: they are larger than the caches.
    square, narrow, up = (hidden, hidden), (keys * head, hidden), (inner, hidden)
    shapes = [square, narrow, narrow, square, up, up, (hidden, inner)]
    weights = [[PackedLinear(torch.randn(shape)) for shape in shapes] for _ in range(layers)]
    out = PackedLinear(torch.randn(config.vocab_size, hidden))
    q = torch.randn(rows * keys, heads // keys * new, head)
    k = torch.randn(rows * keys, head, length)
    p = torch.randn(rows * keys, heads // keys * new, length)
    v = torch.randn(rows * keys, length, head)

    def once() -> None:
        for queries, into_keys, values, back, up, gate, down in weights:
            queries(x), into_keys(x), values(x), q @ k, p @ v, back(x)
            up(x), gate(x), down(y)
        out(x)

    once()
    times, clock = [], _clock(torch.get_num_threads())
    for _ in range(20):
        began = clock()
        once()
        times.append(clock() - began)
    return statistics.median(times)


def _seeds(size: Size, steps: int) -> list[int]:
    """The episodes of a run with seed 0, update by update."""
    return [derive_seed(0, 0, step, group) for step in range(steps) for group in range(size.groups)]


if __name__ == "__main__":
    sys.exit(main())
