"""The command ``python -m baselines evaluate``: the package's, for runs and models as well.

Without --suite and --ids a run plays its own tests: the problems of its environment that training
is tested on.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import gymnasium as gym

from agents.common.run_folder import RunFolder
from agents.inference import wrapped
from baselines.algorithms import LANGUAGE, agent_class, config_class
from baselines.players import (
    Sampling,
    algorithm_of,
    is_model,
    language_player,
)
from reasoning_gym_envs import ENVIRONMENTS
from reasoning_gym_envs.cli.evaluate import add_options, evaluate_as_asked
from reasoning_gym_envs.cli.terminal import accept_any_text
from reasoning_gym_envs.evaluation import Player, Suite, wilson_interval
from reasoning_gym_envs.evaluation.suites import NamedProblem
from reasoning_gym_envs.seeds import distinct_seeds
from reasoning_gym_envs.text_env import TextEnv

__all__ = ["evaluate"]

_PROGRAM = "python -m baselines evaluate"
_DESCRIPTION = """
Plays a suite of problems with an agent, and writes the record into a folder. An agent is the folder
of a run or of a language model, a model of Hugging Face (OWNER/NAME), or one that
`reasoning-gym-envs evaluate` takes. Without --suite and --ids a run plays its own tests. Stopped at
any moment, the same command goes on where it was.
"""
_EXAMPLES = """
examples:
  python -m baselines evaluate runs/demo-seed-1
  python -m baselines evaluate runs/demo-seed-1 --suite smoke -k 8 --out runs/demo-smoke
  python -m baselines evaluate runs/ppo-TextMaze-v0-seed-0 --ids TextMaze-v0 --levels 1 2 3
  python -m baselines evaluate Qwen/Qwen3-0.6B --suite core --dtype bfloat16
  python -m baselines evaluate --model NAME --base-url URL --suite smoke --wrap self_consistency:8
  python -m baselines evaluate reference --suite smoke
"""
_HERE = """
Of a run of a language model, or of a model; --wrap and --continues of one behind a server, too.
What is not given is as the run says, and otherwise: --max-tokens is 48, 256 or 1024 for a model of
fewer than 5 million weights, of fewer than 300 million, or of more; --temperature is 0 for one
sample, and 1 for more or with --wrap.
"""
_PROBLEMS = 512  # of a run's own tests, where its settings do not say


def evaluate(args: Sequence[str]) -> int:
    """Run the command; returns the exit status.

    Raises:
        ValueError, OSError, gymnasium.error.Error: what is asked for cannot be done.
    """
    parser = _parser()
    options = parser.parse_args(args)
    accept_any_text()
    if options.model is not None and Path(options.model).is_dir():
        raise ValueError(
            f"--model is one behind a server, and {options.model!r} is a folder: name it without "
            "--model, as the AGENT"
        )
    algorithm = algorithm_of(options.agent) if options.agent is not None else None
    config = None
    if algorithm is not None:
        config = RunFolder.load_config(options.agent, config_class(algorithm))
        if options.system_prompt is None:
            options.system_prompt = getattr(config, "system_prompt", None)
    agent = _agent(options, algorithm)
    suite = None
    if not (options.suite or options.ids):
        if algorithm is None:
            raise ValueError(
                f"there is no run in {options.agent!r}, so it has no tests of its own: name "
                "problems with --suite or --ids"
                if options.agent is not None
                else "name problems with --suite or --ids"
            )
        suite = _own_tests(config, options.count)
        if suite is None:
            _check_nothing_else(parser, options, config)
            print(_as_in_training(options.agent, algorithm, options.count))
            return 0
    return evaluate_as_asked(
        options,
        program=_PROGRAM,
        agent=agent,
        wrap=None if options.wrap is None else partial(wrapped, options.wrap),
        continues=options.continues,
        suite=suite,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=_PROGRAM,
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add_options(parser, names_problems=False)
    here = parser.add_argument_group("a language model", _HERE)
    here.add_argument(
        "--max-new-tokens",
        type=int,
        dest="max_tokens",
        metavar="N",
        help="the same as --max-tokens",
    )
    here.add_argument(
        "--wrap",
        metavar="NAME",
        help="an inference-time agent around the model, such as self_consistency:8 or revise:2; "
        "the limits are then those of each time that the model is asked",
    )
    here.add_argument(
        "--continues",
        action="store_true",
        help="with --model: the server goes on with a reply that has begun, as vLLM's does",
    )
    here.add_argument("--max-turns", type=int, metavar="N", help="most replies of an episode")
    here.add_argument(
        "--episode-tokens", type=int, metavar="N", help="most tokens of an episode, prompt included"
    )
    here.add_argument(
        "--batch-size",
        type=int,
        metavar="N",
        help="episodes at a time; 256 by default. It changes memory and speed, not the result",
    )
    here.add_argument(
        "--sampler", metavar="NAME", help="who samples, as in `train grpo`; the model itself"
    )
    here.add_argument("--device", metavar="NAME", help="auto (the default), cpu, cuda")
    here.add_argument(
        "--dtype",
        choices=("auto", "float32", "bfloat16", "float16"),
        help="of a model's weights, as they were saved by default; of the products of a run",
    )
    here.add_argument(
        "--chat-template-kwargs",
        type=_json_object,
        metavar="JSON",
        help='variables of the chat template, such as {"enable_thinking": false}',
    )
    return parser


def _json_object(text: str) -> dict[str, Any]:
    value = json.loads(text)
    if not isinstance(value, dict):
        raise argparse.ArgumentTypeError(f"no JSON object: {text}")
    return value


_SETTINGS = (
    *("temperature", "max_tokens", "max_turns", "episode_tokens", "batch_size", "sampler"),
    *("device", "dtype", "chat_template_kwargs", "wrap"),
)
_OF_A_SERVER = ("temperature", "max_tokens", "wrap")
"""Settings that a model behind a server has, too."""


def _agent(options: argparse.Namespace, algorithm: str | None) -> Callable[[], Player] | None:
    """What makes the player of a language model; None for all others, whose name says enough."""
    given = {name: value for name in _SETTINGS if (value := getattr(options, name)) is not None}
    name = options.agent
    if algorithm in LANGUAGE or (algorithm is None and name is not None and is_model(name)):
        is_wrapped = given.pop("wrap", None) is not None
        given.setdefault("temperature", float(options.samples > 1 or is_wrapped))
        return partial(
            language_player, name, Sampling(system_prompt=options.system_prompt, **given)
        )
    if options.model is not None:
        given = {name: value for name, value in given.items() if name not in _OF_A_SERVER}
    elif options.continues:
        given["continues"] = True
    if given:
        named = ", ".join(f"--{name.replace('_', '-')}" for name in given)
        raise ValueError(
            f"{name or options.model} is no language model that is here: leave out {named}"
        )
    return None


# The tests of a run. -----------------------------------------------------------------------------


def _own_tests(config: Any, count: int | None) -> Suite | None:
    """The problems that a run is tested on; None where they are none of a text environment.

    Raises:
        ValueError: `count` is less than 1.
    """
    from agents.common.environments import TEST_SEED, TaskConfig, arguments

    if count is not None and count < 1:
        raise ValueError(f"count must be at least 1, got {count}")
    if isinstance(config, TaskConfig):
        kwargs, most = arguments(config, split="test"), config.eval_episodes
    else:
        kwargs = {**config.env_kwargs, **getattr(config, "test_kwargs", {})}
        most = getattr(config, "eval_problems", _PROBLEMS)
        if config.env_id.rpartition(":")[2] in ENVIRONMENTS:
            kwargs.setdefault("split", "test")
    env = gym.make(config.env_id, disable_env_checker=True, **kwargs)
    if not isinstance(env.unwrapped, TextEnv):
        return None
    assert env.spec is not None
    id, most = env.spec.id, count or most
    if getattr(config, "same_problem", False):
        name, seeds = f"{id}, the problem of seed {config.seed}", [config.seed]
    else:
        name, seeds = f"tests of {id}", distinct_seeds(env, most, TEST_SEED, or_fewer=True)
        if len(seeds) < most:
            print(f"{id} has {len(seeds)} different problems, and all are played", file=sys.stderr)
    problems = []
    for seed in seeds:
        _, info = env.reset(seed=seed)
        problems.append(NamedProblem(id, kwargs, seed, info["problem_id"], info["level"]))
    return Suite(name, 0, tuple(problems))


def _check_nothing_else(
    parser: argparse.ArgumentParser, options: argparse.Namespace, config: Any
) -> None:
    """Raise `ValueError` for options that the tests of training do not have."""
    options.system_prompt = None  # the run's own
    given = [
        f"--{name.replace('_', '-')}"
        for name, value in vars(options).items()
        if name not in ("agent", "count") and value != parser.get_default(name)
    ]
    if given:
        raise ValueError(
            f"{config.env_id} is no text environment of this package, so its tests have no record, "
            f"and are played as in training: leave out {', '.join(given)}"
        )


def _as_in_training(run: str, algorithm: str, count: int | None) -> str:
    """Play the tests of a run as its training does; returns the result in words."""
    agent = agent_class(algorithm).load(run)
    config = agent.config
    setting = "eval_problems" if algorithm in LANGUAGE else "eval_episodes"
    if count is not None:
        setattr(config, setting, count)
    score = agent.evaluate()
    if algorithm in LANGUAGE:
        solved, problems = score.correct, len(score.played)
    else:
        problems = 1 if config.same_problem else getattr(config, setting)
        solved = round(score.success * problems)
    low, high = wilson_interval(solved, problems)
    return (
        f"{config.env_id} from other seeds: {solved / problems:.1%} correct "
        f"({problems} problem{'s' * (problems != 1)}, 95% CI {100 * low:.1f}–{high:.1%})"
    )
