"""Runs and language models as players of an evaluation, by the names of their folders.

Importing this makes `reasoning_gym_envs.evaluation` know them:

    import baselines.players
    from reasoning_gym_envs.evaluation import evaluate

    evaluate("runs/demo-seed-1", "smoke", out="runs/demo-smoke")
    evaluate("Qwen/Qwen3-0.6B", "smoke", out="runs/qwen-smoke")
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from agents.common.run_folder import RunFolder
from baselines.algorithms import LANGUAGE, agent_class, config_class, name_of_run
from reasoning_gym_envs.evaluation.players import Player, register

__all__ = [
    "Sampling",
    "algorithm_of",
    "command_player",
    "is_model",
    "language_player",
]

_ADAPTERS = "adapter_config.json"
_LIMITS = {
    "max_tokens": "max_new_tokens",
    "max_turns": "max_turns",
    "episode_tokens": "max_tokens",
}


@dataclass(frozen=True)
class Sampling:
    """How a language model plays. What is None is as its run says, or else as it suits the model.

    Attributes:
        temperature: 0 is greedy.
        max_tokens: of a reply.
        max_turns: most replies of an episode.
        episode_tokens: most tokens of an episode.
        batch_size: episodes at a time.
        system_prompt: what stands before the first observation.
        chat_template_kwargs: variables of the chat template.
        sampler: who samples; see `agents.common.engines.engine_of`.
        device: "auto", "cpu", "cuda".
        dtype: number type of a model's weights, or of a run's products.
    """

    temperature: float = 0.0
    max_tokens: int | None = None
    max_turns: int | None = None
    episode_tokens: int | None = None
    batch_size: int = 256
    system_prompt: str | None = None
    chat_template_kwargs: dict[str, Any] = field(default_factory=dict)
    sampler: str | None = None
    device: str | None = None
    dtype: str | None = None


def algorithm_of(name: str) -> str | None:
    """Which agent the run in a folder is of; None where there is no run.

    Raises:
        ValueError: one that is not known here.
    """
    try:
        RunFolder.read_config(name)
    except (OSError, ValueError):
        return None
    return name_of_run(Path(name))


def is_model(name: str) -> bool:
    """Whether this names a folder with a language model, or one of Hugging Face: OWNER/NAME."""
    folder = Path(name)
    if folder.is_dir() and any((folder / f).exists() for f in ("config.json", _ADAPTERS, "model")):
        return True
    return "/" in name and ":" not in name


def _kind(name: str) -> Callable[[], Player] | None:
    algorithm = algorithm_of(name)
    if algorithm is not None and algorithm not in LANGUAGE:
        return partial(command_player, name)
    if algorithm in LANGUAGE or is_model(name):
        return partial(language_player, name)
    return None


register(_kind)


# What they are made of. --------------------------------------------------------------------------


def command_player(run: str) -> Player:
    """The newest checkpoint of a run of a table or a network."""
    from agents.common.players import CommandPlayer

    algorithm, checkpoint = name_of_run(Path(run)), RunFolder.latest(run)
    return CommandPlayer(agent_class(algorithm).load(run), _about_run(run, algorithm, checkpoint))


def language_player(name: str, sampling: Sampling = Sampling()) -> Player:
    """A language model: the newest checkpoint of a run, a checkpoint, a folder, or a name.

    Raises:
        FileNotFoundError, ValueError: there is no such model; settings that make no sense.
        ConnectionError: the server that samples does not answer.
    """
    from agents.common.engines import engine_of
    from agents.common.language_model import LanguageModel
    from agents.common.players import LanguageModelPlayer
    from agents.common.server_sampler import CompletionsServer

    algorithm = algorithm_of(name)
    config: Any = None
    prompts = ("system_prompt", "chat_template_kwargs")
    changes = {key: value for key in prompts if (value := getattr(sampling, key))}
    if algorithm is None:
        folder = str(Path(name) / "model") if (Path(name) / "model").is_dir() else name
        policy = LanguageModel.load(
            folder, device=sampling.device or "auto", dtype=sampling.dtype or "auto", **changes
        )
        about = {"agent": _plain(name), "checkpoint": _hash_of_model(folder, policy)}
    else:
        config = RunFolder.load_config(name, config_class(algorithm))
        changes |= {k: v for k in ("device", "dtype") if (v := getattr(sampling, k))}
        config = dataclasses.replace(config, **changes)
        checkpoint = RunFolder.latest(name)
        policy = agent_class(algorithm).build(config, str(checkpoint / "model"))
        about = _about_run(name, algorithm, checkpoint)
    limits = {}
    for limit, setting in _LIMITS.items():  # a run calls two of them otherwise
        given = getattr(sampling, limit)
        limits[limit] = getattr(config, setting, None) if given is None else given
    dtype = str(policy.autocast or policy.model.dtype).removeprefix("torch.")
    sampler = sampling.sampler or str(getattr(config, "sampler", "own"))
    policy.cache_gib = getattr(config, "cache_gib", None)
    policy.engine = engine = engine_of(
        sampler,
        model=_plain(name) if config is None else config.model,
        dtype=dtype,
        max_tokens=limits["episode_tokens"],
        cache_gib=policy.cache_gib,
    )
    about |= {"dtype": dtype, "sampler": sampler.split("+")[0].split(":")[0]}
    if isinstance(engine, CompletionsServer) and not engine.takes_weights:
        if config is not None:
            raise ValueError(
                f"{engine.name} samples with weights of its own, not with those of the run: name "
                "one that takes them, with --sampler vllm+http://… or sglang+http://…, or sample "
                "with --sampler own"
            )
        about["served"] = engine.served
        if engine.served != _plain(name):
            print(
                f"Note: what is measured is {engine.served!r}, as {engine.name} calls the model "
                f"that it serves; of {name!r} only the tokenizer is used",
                file=sys.stderr,
            )
    return LanguageModelPlayer(
        policy,
        about,
        temperature=sampling.temperature,
        batch_size=sampling.batch_size,
        **limits,
    )


# What stands in the record of them. --------------------------------------------------------------


def _plain(name: str) -> str:
    """The same name for a folder with and without a slash at its end."""
    return str(Path(name))


def _about_run(run: str, algorithm: str, checkpoint: Path) -> dict[str, Any]:
    state = json.loads((checkpoint / "state.json").read_text(encoding="utf-8"))
    model = checkpoint / "model"
    return {
        "agent": _plain(run),
        "algorithm": algorithm,
        "step": state["step"],
        "checkpoint": _hash_of_folder(model if model.is_dir() else checkpoint),
    }


def _hash_of_model(folder: str, policy: Any) -> str | None:
    """Of the files of a folder; of a model of Hugging Face its revision."""
    if Path(folder).is_dir():
        return _hash_of_folder(Path(folder))
    revision: str | None = getattr(policy.model.config, "_commit_hash", None)
    return revision


def _hash_of_folder(folder: Path) -> str:
    """SHA-256 of all files, with their names."""
    hashed = hashlib.sha256()
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        data = hashlib.sha256()
        with file.open("rb") as opened:
            while piece := opened.read(2**20):
                data.update(piece)
        hashed.update(f"{file.relative_to(folder).as_posix()}\0{data.hexdigest()}\n".encode())
    return hashed.hexdigest()
