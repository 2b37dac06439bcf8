"""The commands of ``python -m baselines``."""

from __future__ import annotations

import dataclasses
import difflib
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import gymnasium as gym
import tyro

import reasoning_gym_envs  # noqa: F401  (registers the environments)
from agents.grpo import GRPO, GRPOConfig
from agents.imitation import Imitation, ImitationConfig
from agents.run_folder import RunFolder
from baselines.demo import DemoConfig, demo

__all__ = ["main"]


@dataclass
class TrainGRPO(GRPOConfig):
    """Train a language model with GRPO, on rewards alone."""

    env_id: Annotated[str, tyro.conf.Positional] = "MathBoxed-v0"
    """Environment to learn, such as MathBoxed-v0."""
    out: Path | None = None
    """Run folder; runs/grpo-ENV-seed-N by default."""
    resume: Path | None = None
    """Go on with the run in this folder, with the settings that it began with."""


@dataclass
class TrainImitation(ImitationConfig):
    """Train a language model on an environment's own solutions: the warm start for GRPO."""

    env_id: Annotated[str, tyro.conf.Positional] = "MathBoxed-v0"
    """Environment to imitate the solutions of, such as MathBoxed-v0."""
    out: Path | None = None
    """Run folder; runs/imitation-ENV-seed-N by default."""
    resume: Path | None = None
    """Go on with the run in this folder, with the settings that it began with."""


_KINDS: dict[type, tuple[type[Any], type[GRPO] | type[Imitation]]] = {
    TrainGRPO: (GRPOConfig, GRPO),
    TrainImitation: (ImitationConfig, Imitation),
}


@dataclass
class Train:
    """Train an agent."""

    agent: Annotated[
        Annotated[TrainGRPO, tyro.conf.subcommand("grpo")]
        | Annotated[TrainImitation, tyro.conf.subcommand("imitation")],
        tyro.conf.arg(name=""),
    ]


@dataclass
class Evaluate:
    """Play the test split greedily with the newest checkpoint of a GRPO run."""

    run: Annotated[Path, tyro.conf.Positional]
    """Run folder."""
    problems: int = 512
    """Different problems to play."""


Command = (
    Annotated[DemoConfig, tyro.conf.subcommand("demo")]
    | Annotated[Train, tyro.conf.subcommand("train")]
    | Annotated[Evaluate, tyro.conf.subcommand("evaluate")]
)

# Arguments of gymnasium.make are anything: on the command line they are JSON.
_REGISTRY = tyro.constructors.ConstructorRegistry()


@_REGISTRY.primitive_rule
def _json_dictionary(
    info: tyro.constructors.PrimitiveTypeInfo,
) -> tyro.constructors.PrimitiveConstructorSpec[dict[str, Any]] | None:
    if info.type != dict[str, Any]:
        return None
    return tyro.constructors.PrimitiveConstructorSpec(
        nargs=1,
        metavar="JSON",
        instance_from_str=lambda args: _json_object(args[0]),
        is_instance=lambda value: isinstance(value, dict),
        str_from_instance=lambda value: [json.dumps(value)],
    )


def _json_object(text: str) -> dict[str, Any]:
    value = json.loads(text)
    if not isinstance(value, dict):
        raise ValueError(f'not a JSON object such as {{"level": 2}}: {text}')
    return value


def main(args: list[str] | None = None) -> int:
    """Run a command; returns the exit status."""
    command = tyro.cli(
        Command,
        prog="python -m baselines",
        args=args,
        registry=_REGISTRY,
    )
    try:
        if isinstance(command, DemoConfig):
            return demo(command)
        if isinstance(command, Evaluate):
            return _evaluate(command)
        return _train(command.agent)
    except KeyboardInterrupt:
        print("\nstopped at once; --resume goes on from the last checkpoint", file=sys.stderr)
        return 130
    except (ValueError, FileNotFoundError, FileExistsError, gym.error.Error) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


def _train(command: TrainGRPO | TrainImitation) -> int:
    kind, make = _KINDS[type(command)]
    name = make.__name__.lower()
    if command.resume is not None:
        folder, config = command.resume, RunFolder.load_config(command.resume, kind)
    else:
        config = kind(**{f.name: getattr(command, f.name) for f in dataclasses.fields(kind)})
        label = config.env_id.replace("/", "-").replace(":", "-")
        folder = command.out or Path("runs") / f"{name}-{label}-seed-{config.seed}"
    _check_env_id(config.env_id)
    if make(config).learn(folder, resume=command.resume is not None):
        print(f"finished: {folder}")
        return 0
    print(
        f"\nInterrupted and saved. To go on:\n  python -m baselines train {name} --resume {folder}"
    )
    return 130


def _evaluate(command: Evaluate) -> int:
    agent = GRPO.load(command.run)
    agent.config.eval_problems = command.problems
    score = agent.evaluate()
    low, high = score.interval
    print(
        f"{agent.config.env_id} test split: {score.accuracy:.1%} correct "
        f"({len(score.episodes)} problems, 95% CI {100 * low:.1f}–{high:.1%}), "
        f"{score.reasoning:.0%} of the answers reason"
    )
    return 0


def _check_env_id(env_id: str) -> None:
    """Raise with the nearest match when there is no such environment."""
    if ":" in env_id or env_id in gym.registry:  # "module:Env-v0" registers on gym.make
        return
    near = difflib.get_close_matches(env_id, gym.registry, n=1, cutoff=0.0)
    raise ValueError(f"there is no environment {env_id!r}; the nearest is {near[0]!r}")
