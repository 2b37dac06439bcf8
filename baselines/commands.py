"""The commands of ``python -m baselines``."""

from __future__ import annotations

import argparse
import dataclasses
import difflib
import json
import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

import gymnasium as gym
import tyro

from agents.common import distributed
from agents.common.run_folder import RunFolder, RunStopped, records_of
from baselines.algorithms import ALGORITHMS, LANGUAGE, agent_class, config_class, name_of_run
from reasoning_gym_envs import ENVIRONMENTS
from reasoning_gym_envs.evaluation import wilson_interval
from reasoning_gym_envs.sandbox.submission import SandboxUnavailable

__all__ = ["main"]

_PROGRAM = "python -m baselines"


@dataclass
class TrainOptions:
    """What ``train`` takes besides the settings of the agent."""

    level: int | None = None
    """Difficulty of the environment: short for --env-kwargs '{"level": N}'."""
    reward: Literal["sparse", "dense", "shaped"] | None = None
    """What the environment pays: short for --env-kwargs '{"reward": ...}'."""
    tensorboard: bool = False
    """Write the metrics for TensorBoard: short for --tracker tensorboard."""
    out: Path | None = None
    """Run folder; by default one in runs/ that is named for agent, environment and seed."""
    resume: Path | None = None
    """Go on with the run in this folder, with the settings that it began with."""


@dataclass
class RehearsedTrainOptions(TrainOptions):
    """What ``train`` takes for an agent that learns from groups of episodes."""

    dry_run: bool = False
    """Play the first group, and print it whole: what is sampled, paid and learned from, and what an
    update takes of memory and time. Nothing is written."""


@dataclass
class ExportOptions:
    """Write the newest model of a run for Hugging Face, with its adapters in its weights."""

    run: Annotated[Path, tyro.conf.Positional]
    """Run folder of a language model."""
    folder: Annotated[Path, tyro.conf.Positional]
    """Where the model is written."""


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


def main(args: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit status."""
    given = list(sys.argv[1:] if args is None else args)
    try:
        name = _choose(
            _PROGRAM, {k: command.description for k, command in _COMMANDS.items()}, given
        )
        with distributed.connected():
            if distributed.count() > 1 and name != "train":
                raise ValueError(
                    f"{name} runs in one process: start it without a launcher such as torchrun, as "
                    f"{_PROGRAM} {name}"
                )
            return _COMMANDS[name].run(given[1:])
    except KeyboardInterrupt:
        is_saved = name in ("demo", "train")
        how = "; --resume goes on from the last checkpoint" if is_saved else ""
        print(f"\nstopped at once{how}", file=sys.stderr)
        return 130
    except (ValueError, OSError, RunStopped, SandboxUnavailable, gym.error.Error) as error:
        print(f"error: {_reason(error)}", file=sys.stderr)
        return 2


def _reason(error: Exception) -> str:
    """What an error says, without its number where the system speaks."""
    if isinstance(error, OSError) and error.strerror and error.filename is not None:
        return f"{error.filename}: {error.strerror}"
    return str(error)


def _choose(program: str, choices: Mapping[str, str], args: Sequence[str]) -> str:
    """What the first argument names; prints help, or what is wrong, and exits otherwise.

    The arguments after it are read by what was chosen, so that nothing else is imported.
    """
    parser = argparse.ArgumentParser(prog=program)
    commands = parser.add_subparsers(
        dest="name", required=True, metavar="{" + ",".join(choices) + "}"
    )
    for name, description in choices.items():
        commands.add_parser(name, help=description, add_help=False)
    chosen: str = parser.parse_args(args[:1]).name
    return chosen


def _parse(kind: type[Any], program: str, args: Sequence[str], description: str = "") -> Any:
    return tyro.cli(
        kind, prog=program, args=args, description=description or None, registry=_REGISTRY
    )


# The commands. -----------------------------------------------------------------------------------


def _demo(args: Sequence[str]) -> int:
    from baselines.demo import DemoConfig, demo

    return demo(_parse(DemoConfig, f"{_PROGRAM} demo", args))


def _train(args: Sequence[str]) -> int:
    descriptions = {name: algorithm.description for name, algorithm in ALGORITHMS.items()}
    name = _choose(f"{_PROGRAM} train", descriptions, args)
    kind = config_class(name)
    env_id = Annotated[
        str,
        tyro.conf.Positional,
        tyro.conf.arg(help="Environment to learn, such as TextMaze-v0 or MathBoxed-v0."),
    ]
    # The settings of the agent, its environment without a flag, and what every run has.
    options = dataclasses.make_dataclass(
        f"Train{ALGORITHMS[name].agent}",
        [("env_id", env_id, kind.env_id)],
        bases=(RehearsedTrainOptions if name == "grpo" else TrainOptions, kind),
    )
    command = _parse(options, f"{_PROGRAM} train {name}", args[1:], descriptions[name])

    is_dry = getattr(command, "dry_run", False)
    if is_dry and distributed.count() > 1:
        raise ValueError("--dry-run runs in one process: start it without a launcher")
    if is_dry and command.resume is not None:
        raise ValueError("--dry-run looks at the begin of a run: leave out --resume")
    if command.resume is not None:
        folder, config = command.resume, RunFolder.load_config(command.resume, kind)
        _check_nothing_else(command, config)
    else:
        settings = {field.name: getattr(command, field.name) for field in dataclasses.fields(kind)}
        settings["env_kwargs"] = _environment_arguments(command)
        if command.tensorboard:
            if command.tracker not in (None, "tensorboard"):
                raise ValueError(f"a run has one tracker: --tensorboard, or {command.tracker}")
            settings["tracker"] = "tensorboard"
        config = kind(**settings)
        folder = command.out or Path("runs") / _label(name, command)
    _check_environment(config.env_id, config.env_kwargs, is_text=name in LANGUAGE)
    if hasattr(config, "test_kwargs"):
        by_default = config.test_kwargs == {"split": "test"}
        if command.resume is None and by_default and _has_no_split(config.env_id):
            config.test_kwargs = {}
        tests = {**config.env_kwargs, **config.test_kwargs}
        _check_environment(config.env_id, tests, "--test-kwargs")
    if is_dry:
        from baselines.dry_run import dry_run

        dry_run(config)
        return 0
    agent = _agent(name, config, command.resume)
    ended = agent.learn(folder, resume=command.resume is not None)
    if not distributed.is_first():
        return 0 if ended else 130
    where = shlex.quote(str(folder))
    if not ended:
        print(f"\nInterrupted and saved. To go on:\n  {_PROGRAM} train {name} --resume {where}")
        return 130
    print(f"finished: {folder}")
    print(_result(config, folder))
    if (Path(folder) / "learning_curve.png").is_file():
        print(f"learning curve: {Path(folder) / 'learning_curve.png'}")
    return 0


def _evaluate(args: Sequence[str]) -> int:
    from baselines.evaluation import evaluate

    return evaluate(args)


def _export(args: Sequence[str]) -> int:
    command = _parse(ExportOptions, f"{_PROGRAM} export", args)
    name = name_of_run(command.run)
    if name not in LANGUAGE:
        raise ValueError(
            f"the run in {str(command.run)!r} is one of {name}, not of a language model"
        )
    if command.folder.exists() and not command.folder.is_dir():
        raise FileExistsError(f"{str(command.folder)!r} is a file: name a folder")
    agent_class(name).load(command.run).save(command.folder)
    print(f"written: {command.folder}")
    return 0


def _benchmark(args: Sequence[str]) -> int:
    tables = {
        "classic": "Each classic agent on each task, for sparse, dense and shaped rewards.",
        "language": "What a tiny language model learns from rewards alone, task by task.",
    }
    name = _choose(f"{_PROGRAM} benchmark", tables, args)
    program = f"{_PROGRAM} benchmark {name}"
    if name == "classic":
        from baselines.benchmark import classic
        from baselines.benchmark.tasks import ClassicOptions

        return classic.benchmark(_parse(ClassicOptions, program, args[1:]))
    from baselines.benchmark import language

    return language.benchmark(_parse(language.LanguageOptions, program, args[1:]))


def _experiment(args: Sequence[str]) -> int:
    from baselines.experiments.catalogue import EXPERIMENTS
    from baselines.experiments.experiment import Options, perform

    titles = {name: experiment.title for name, experiment in EXPERIMENTS.items()}
    name = _choose(f"{_PROGRAM} experiment", titles, args)
    options = _parse(Options, f"{_PROGRAM} experiment {name}", args[1:], titles[name])
    return perform(EXPERIMENTS[name], options)


def _leaderboard(args: Sequence[str]) -> int:
    from baselines.leaderboard import LeaderboardOptions, leaderboard

    return leaderboard(_parse(LeaderboardOptions, f"{_PROGRAM} leaderboard", args))


def _floors(args: Sequence[str]) -> int:
    from baselines.floors import FloorsOptions, floors

    return floors(_parse(FloorsOptions, f"{_PROGRAM} floors", args))


def _pools(args: Sequence[str]) -> int:
    from baselines.pools import PoolsOptions, pools

    return pools(_parse(PoolsOptions, f"{_PROGRAM} pools", args))


class _Command(NamedTuple):
    run: Callable[[Sequence[str]], int]
    description: str


_COMMANDS = {
    "demo": _Command(_demo, "Watch a tiny language model learn MathBoxed-v0 in a few minutes."),
    "train": _Command(_train, "Train an agent."),
    "evaluate": _Command(_evaluate, "Benchmark a run, a language model, or any other agent."),
    "export": _Command(_export, "Write the model of a run for Hugging Face."),
    "benchmark": _Command(_benchmark, "Compare agents over tasks, rewards and seeds."),
    "experiment": _Command(_experiment, "Answer a question by runs with several seeds."),
    "leaderboard": _Command(_leaderboard, "Train and test the bundled agents for the tables."),
    "floors": _Command(_floors, "Measure how often chance solves each environment."),
    "pools": _Command(_pools, "Count the different test problems of each environment."),
}


# What they share. --------------------------------------------------------------------------------


def _agent(name: str, config: Any, resume: Path | None) -> Any:
    """The agent of a configuration; of a run that goes on, nothing is needed but its folder."""
    kind = agent_class(name)
    if distributed.count() > 1 and not hasattr(config, "shard"):
        raise ValueError(f"{name} trains in one process: start it without a launcher")
    if resume is not None and hasattr(config, "model") and RunFolder.checkpoints(resume):
        return kind(config, kind.build(config, str(RunFolder.latest(resume) / "model")))
    return kind(config)


def _environment_arguments(command: Any) -> dict[str, Any]:
    """``--env-kwargs``, with ``--level`` and ``--reward`` put in."""
    arguments = dict(command.env_kwargs)
    for name in ("level", "reward"):
        value = getattr(command, name)
        if value is None:
            continue
        if arguments.setdefault(name, value) != value:
            raise ValueError(
                f"--{name} says {value} and --env-kwargs says {arguments[name]}: give one of them"
            )
    return arguments


def _check_nothing_else(command: Any, config: Any) -> None:
    """Raise `ValueError` for what is asked of a run that is resumed, and is not what it has."""
    # More updates are no contradiction: the run goes on for longer.
    if hasattr(config, "updates") and command.updates != type(config).updates:
        config.updates = max(config.updates, command.updates)
    has = {**config.env_kwargs, **dataclasses.asdict(config)}
    has["env_kwargs"] = {name: has["env_kwargs"].get(name) for name in command.env_kwargs}
    has["tensorboard"] = has["tracker"] == "tensorboard"
    changed = []
    for setting in dataclasses.fields(command):
        name, value = setting.name, getattr(command, setting.name)
        if name != "resume" and value != _default(setting) and value != has.get(name):
            changed.append(name)
    if changed:
        raise ValueError(
            "a run is resumed with its own settings, and these are others: "
            + ", ".join(sorted(changed))
        )


def _default(setting: dataclasses.Field[Any]) -> Any:
    made = setting.default_factory
    return setting.default if made is dataclasses.MISSING else made()


def _label(name: str, command: Any) -> str:
    parts = [name, command.env_id.replace("/", "-").replace(":", "-")]
    parts += [f"level-{command.level}"] if command.level is not None else []
    parts += [command.reward] if command.reward is not None else []
    return "-".join([*parts, f"seed-{command.seed}"])


def _check_environment(
    env_id: str,
    arguments: Mapping[str, Any],
    options: str = "--level, --reward and --env-kwargs",
    *,
    is_text: bool = False,
) -> None:
    """Raise `ValueError` for an unknown environment or argument; `gymnasium.make` has no words.

    Args:
        env_id: of the environment.
        arguments: of `gymnasium.make`.
        options: what they are given with.
        is_text: whether it has to be read and answered in text.
    """
    if ":" not in env_id and env_id not in gym.registry:  # "module:Env-v0" registers on gym.make
        near = difflib.get_close_matches(env_id, gym.registry, n=1, cutoff=0.0)
        raise ValueError(f"there is no environment {env_id!r}; the nearest is {near[0]!r}")
    try:
        env = gym.make(env_id, disable_env_checker=True, **arguments)
    except TypeError as error:
        reason = str(error).partition(" was raised from the environment creator")[0]
        raise ValueError(
            f"{env_id} does not take these arguments: {reason} (they are given with {options})"
        ) from error
    spaces = [getattr(env, name, None) for name in ("observation_space", "action_space")]
    env.close()
    if is_text and not all(isinstance(space, gym.spaces.Text) for space in spaces):
        raise ValueError(
            f"a language model reads and writes text, and {env_id} has the spaces {spaces[0]} and "
            f"{spaces[1]}: its observations and actions must be gymnasium.spaces.Text"
        )


def _result(config: Any, folder: Path) -> str:
    """The last test that a run has logged."""
    records = records_of(folder)
    for name in ("test_success", "test_accuracy"):
        tests = [record for record in records if name in record]
        if tests:
            return _in_words(config, tests[-1][name], tests[-1].get("test_problems"))
    held_out = [r["held_out_accuracy"] for r in records if "held_out_accuracy" in r]
    return f"{config.env_id} held out: {held_out[-1]:.1%} correct" if held_out else "no test yet"


def _in_words(config: Any, success: float, problems: int | None = None) -> str:
    """The outcome of a greedy test, with Wilson's interval."""
    if getattr(config, "same_problem", False):
        outcome = "solved" if success == 1 else "not solved"
        return f"{config.env_id}, the problem of seed {config.seed}: {outcome} greedily"
    problems = problems or int(getattr(config, _problems_field(config)))
    low, high = wilson_interval(round(success * problems), problems)
    return (
        f"{config.env_id} {_split(config.env_id)}: {success:.1%} correct "
        f"({problems} problems, 95% CI {100 * low:.1f}–{high:.1%})"
    )


def _is_ours(env_id: str) -> bool:
    return env_id.rpartition(":")[2] in ENVIRONMENTS


def _has_no_split(env_id: str) -> bool:
    from agents.common.environments import parameters

    return not _is_ours(env_id) and "split" not in parameters(env_id)


def _split(env_id: str) -> str:
    return "test split" if _is_ours(env_id) else "from other seeds"  # others have no split


def _problems_field(config: Any) -> str:
    return "eval_problems" if hasattr(config, "eval_problems") else "eval_episodes"
