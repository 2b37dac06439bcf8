"""The commands that benchmark an agent, from `suites` to `leaderboard`."""

from __future__ import annotations

import argparse
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gymnasium as gym
from gymnasium.error import DependencyNotInstalled

from reasoning_gym_envs.cli.bar import progress_bar
from reasoning_gym_envs.cli.environment import add_argument
from reasoning_gym_envs.cli.terminal import PROGRAM, say_wrong
from reasoning_gym_envs.registry import ENVIRONMENTS
from reasoning_gym_envs.sandbox.submission import SandboxUnavailable
from reasoning_gym_envs.seeds import PoolTooSmall
from reasoning_gym_envs.text_env import TextEnv

if TYPE_CHECKING:
    from reasoning_gym_envs.evaluation.costs import Spent
    from reasoning_gym_envs.evaluation.players import Player
    from reasoning_gym_envs.evaluation.run import Shown
    from reasoning_gym_envs.evaluation.suites import Suite

REPLY_TOKENS = 4096
"""Most tokens of a reply that is asked of a server, unless given."""

_EVALUATE = """
Plays a suite of problems with an agent, and writes the record into a folder. An agent is `random`,
`constant` (the answer that solves most), `constant:TEXT`, `reference` (the environments' own
solutions), a function from text to text, named as `module:function`, or with --model a language
model behind a server that speaks OpenAI's chat completions. Stopped at any moment, the same command
goes on where it was.
"""
_EVALUATE_EXAMPLES = """
examples:
  reasoning-gym-envs evaluate random --suite smoke --out runs/random
  reasoning-gym-envs evaluate my_agent:answer --suite core --workers 2
  reasoning-gym-envs evaluate my_agent:answer --ids MathBoxed-v0 --levels 1 5 --count 200
  reasoning-gym-envs evaluate --model NAME --base-url http://localhost:8000/v1 --suite core -k 4
  reasoning-gym-envs evaluate --model NAME --prices 0.5 2 --max-cost 20 --suite core --dry-run
"""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands to those of the program."""
    _add_evaluate(commands)
    suites = commands.add_parser(
        "suites",
        help="list the suites of problems",
        description="Lists the suites: what is in them, their hashes, and what chance solves.",
        allow_abbrev=False,
    )
    suites.add_argument("--json", action="store_true", help="print a list of JSON objects")
    suites.set_defaults(run=_run_suites)
    summarise = commands.add_parser(
        "summarise",
        help="sum up the record of an evaluation, or of several seeds",
        description="Computes summary.json of a run folder anew, and prints it as a table. Several "
        "folders are taken for one agent that differs by its seed: it prints means and "
        "interquartile means over them, with their intervals, and writes nothing.",
        allow_abbrev=False,
    )
    summarise.add_argument(
        "run_folders",
        nargs="+",
        type=Path,
        metavar="RUN",
        help="folder of an evaluation; or several, of one agent with different seeds",
    )
    _add_printing(summarise)
    summarise.set_defaults(run=_run_summarise)
    compare = commands.add_parser(
        "compare",
        help="tell whether one of two runs is better",
        description="Compares two runs of the same suite, problem by problem: the difference with "
        "its interval, and McNemar's exact test.",
        allow_abbrev=False,
    )
    compare.add_argument("first", type=Path, metavar="RUN", help="folder of an evaluation")
    compare.add_argument("second", type=Path, metavar="RUN", help="folder of another")
    compare.set_defaults(run=_run_compare)
    board = commands.add_parser(
        "leaderboard",
        help="put the results of several agents into a table",
        description="Prints a table in Markdown of the results in some files or run folders, for "
        "each suite; the best stands at the top.",
        allow_abbrev=False,
    )
    board.add_argument(
        "results", nargs="+", type=Path, metavar="RESULT", help="summary.json, or a run folder"
    )
    board.set_defaults(run=_run_leaderboard)


def _add_evaluate(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "evaluate",
        help="benchmark an agent",
        description=_EVALUATE,
        epilog=_EVALUATE_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add_options(parser)
    parser.set_defaults(run=evaluate_as_asked)


def add_options(parser: argparse.ArgumentParser, *, names_problems: bool = True) -> None:
    """Add what `evaluate` takes.

    Args:
        parser: of a command.
        names_problems: whether --suite or --ids must be given.
    """
    parser.add_argument("agent", nargs="?", metavar="AGENT", help="who plays; or give --model")
    what = parser.add_mutually_exclusive_group(required=names_problems)
    what.add_argument("--suite", metavar="NAME", help="problems; `suites` lists the names")
    what.add_argument("--ids", nargs="+", metavar="ID", help="environments of your own choice")
    parser.add_argument(
        "--levels", nargs="+", type=int, metavar="N", help="with --ids; 3 by default"
    )
    parser.add_argument(
        "--count", type=int, metavar="N", help="with --ids: problems of each level; 100 by default"
    )
    add_argument(parser, "with --ids: an argument of the environments")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="by default runs/AGENT-SUITE")
    parser.add_argument(
        "-k", "--samples", type=int, default=1, metavar="N", help="of each problem; 1 by default"
    )
    parser.add_argument("--seed", type=int, default=0, help="of what is sampled; 0 by default")
    parser.add_argument("--system-prompt", metavar="TEXT", help="what stands before each problem")
    parser.add_argument(
        "--workers", type=int, default=1, metavar="N", help="processes that play; 1 by default"
    )
    parser.add_argument(
        "--backend", choices=("processes", "ray"), default="processes", help="of the workers"
    )
    parser.add_argument(
        "--skip-unavailable",
        action="store_true",
        help="leave out ids that cannot run here; then there is no total",
    )
    parser.add_argument(
        "--dry-run",
        action="store_true",
        help="play nothing: print how many requests, tokens and dollars it would take at most",
    )
    _add_printing(parser)
    parser.add_argument(
        "--max-tokens",
        type=int,
        metavar="N",
        help=f"of a reply of a language model; {REPLY_TOKENS} by default behind a server",
    )
    parser.add_argument(
        "--temperature",
        type=float,
        help="of a language model; behind a server the server's own by default",
    )
    _add_endpoint(parser)


def _add_endpoint(parser: argparse.ArgumentParser) -> None:
    server = parser.add_argument_group(
        "a model behind a server", "The key is read from the environment, and written nowhere."
    )
    server.add_argument("--model", metavar="NAME", help="as the server calls it")
    server.add_argument("--base-url", default="https://api.openai.com/v1", metavar="URL")
    server.add_argument(
        "--key-variable",
        default="OPENAI_API_KEY",
        metavar="NAME",
        help="environment variable that has the key; OPENAI_API_KEY by default",
    )
    server.add_argument(
        "--concurrency", type=int, default=8, metavar="N", help="requests at a time; 8 by default"
    )
    server.add_argument(
        "--limit-field",
        default="max_tokens",
        metavar="NAME",
        help="what the server calls that limit; some want max_completion_tokens",
    )
    server.add_argument("--max-requests", type=int, metavar="N", help="then it stops")
    server.add_argument("--max-cost", type=float, metavar="DOLLARS", help="then it stops")
    server.add_argument(
        "--prices",
        nargs=2,
        type=float,
        metavar=("PROMPT", "COMPLETION"),
        help="dollars for a million tokens",
    )


def _add_printing(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--by", choices=("family", "id", "level"), default="family", help="rows of the table"
    )


def evaluate_as_asked(
    options: argparse.Namespace,
    *,
    program: str = PROGRAM,
    agent: str | Callable[[], Player] | None = None,
    wrap: Callable[[Player], Player] | None = None,
    continues: bool = False,
    suite: Suite | None = None,
) -> int:
    """Run `evaluate`; returns the exit status.

    Args:
        options: of :func:`add_options`.
        program: what messages call the command.
        agent: takes the place of the one that is named.
        wrap: puts another player around the agent, or around the model behind a server.
        continues: the server goes on with replies that have begun.
        suite: what is played where the options name no problems.
    """
    from reasoning_gym_envs.evaluation.costs import LimitReached
    from reasoning_gym_envs.evaluation.endpoint import Refused
    from reasoning_gym_envs.evaluation.players import maker_of
    from reasoning_gym_envs.evaluation.pool import WorkersDie
    from reasoning_gym_envs.evaluation.run import EvaluationStopped, evaluate
    from reasoning_gym_envs.evaluation.tables import summary_in_words

    try:
        if "LOCAL_RANK" in os.environ and os.environ.get("WORLD_SIZE") != "1":
            raise ValueError(
                "evaluate runs in one process: start it without a launcher such as torchrun; it "
                "begins as many workers as --workers says"
            )
        if (options.agent is None) == (options.model is None):
            raise ValueError("give an AGENT, such as random, or a --model behind a server")
        suite, left_out = _suite(options, suite)
        count = len(suite.problems)
        print(f"{suite.title}: {count:,} problem{'s' * (count != 1)}, hash {suite.hash}")
        if left_out:
            print(f"left out: {', '.join(left_out)}")
        if options.dry_run:
            if options.model is not None and wrap is not None:
                raise ValueError(
                    "how often an inference-time agent asks is not known before: try --dry-run "
                    "without it, and limit the run with --max-requests or --max-cost"
                )
            print(_estimate(options, suite, agent))
            return 0
        out = options.out or Path("runs") / _name(options)
        print(f"record: {out}")
        with (
            progress_bar("solved", "evaluations need") as bar,
            _player(options, agent, out, bar, continues) as (player, shown),
        ):
            if wrap is not None:
                made = maker_of(player) if isinstance(player, str) else player
                player = partial(_wrapped, wrap, made)
            summary = evaluate(
                player,
                suite,
                out=out,
                samples=options.samples,
                seed=options.seed,
                system=options.system_prompt,
                workers=options.workers,
                backend=options.backend,
                shown=shown,
            )
    except KeyboardInterrupt:
        print("\nstopped; the same command goes on")
        return 130
    except (EvaluationStopped, LimitReached) as error:
        return say_wrong(str(error), 1, program)
    except (*_WRONG, Refused, WorkersDie) as error:
        return say_wrong(str(error), 2, program)
    print(summary_in_words(summary, options.by))
    return 0


_WRONG = (
    *(ImportError, OSError, PoolTooSmall, SandboxUnavailable, TypeError, ValueError),
    gym.error.Error,
)


def _name(options: argparse.Namespace) -> str:
    """Of the run, as a folder may be called."""
    agent = (options.agent or options.model).removeprefix("runs/")
    name = f"{agent}-{options.suite or '-'.join(options.ids or ['tests'])}"
    return re.sub(r"[^\w.-]+", "-", name).strip("-")[:100]


def _suite(options: argparse.Namespace, suite: Suite | None) -> tuple[Suite, list[str]]:
    """What is played, and ids of it that are left out."""
    from reasoning_gym_envs.evaluation.suites import load_suite, suite_of

    if options.ids:
        arguments = dict(options.arg)
        left_out = _unavailable(
            options, ", ".join(options.ids), dict.fromkeys(options.ids, arguments)
        )
        ids = [id for id in options.ids if id not in left_out]
        chosen = {"levels": options.levels, "count": options.count}
        given = {name: value for name, value in chosen.items() if value is not None}
        return suite_of(ids, **given, **arguments), left_out
    if options.levels or options.arg or (options.suite and options.count is not None):
        raise ValueError("--levels, --count and --arg choose problems of --ids")
    if options.suite:
        suite = load_suite(options.suite)
    assert suite is not None
    left_out = _unavailable(options, suite.title, {p.id: p.arguments for p in suite.problems})
    return suite.without(left_out) if left_out else suite, left_out


def _unavailable(
    options: argparse.Namespace, title: str, arguments: Mapping[str, Mapping[str, Any]]
) -> list[str]:
    """Ids that cannot be made here, and are left out.

    Args:
        options: of the command.
        title: of what is to be played.
        arguments: of each id.

    Raises:
        ValueError: they are not to be left out, or nothing would be left.
    """
    missing: dict[str, list[str]] = {}
    for id, given in arguments.items():
        if id not in ENVIRONMENTS or not ENVIRONMENTS[id].needs:
            continue
        try:
            gym.make(id, disable_env_checker=True, **given).close()
        except (DependencyNotInstalled, SandboxUnavailable) as error:
            missing.setdefault(str(error), []).append(id)
    left_out = [id for ids in missing.values() for id in ids]
    reasons = "\n".join(f"{', '.join(ids)}: {why}" for why, ids in missing.items())
    if left_out and len(left_out) == len(arguments):
        raise ValueError(f"nothing of {title} can be played here.\n{reasons}")
    if left_out and not options.skip_unavailable:
        raise ValueError(
            f"{title} cannot be played whole here.\n{reasons}\nOr leave them out with "
            "--skip-unavailable; then there is no total"
        )
    return left_out


def _wrapped(wrap: Callable[[Player], Player], make: Callable[[], Player]) -> Player:
    return wrap(make())


@contextmanager
def _player(
    options: argparse.Namespace,
    agent: str | Callable[[], Player] | None,
    out: Path,
    shown: Shown,
    continues: bool,
) -> Iterator[tuple[str | Callable[[], Player], Shown]]:
    """The agent, and who is told of the progress.

    Of a server it is what makes a client, whose limits go on in a folder: what it has spent is
    written with each episode, so that a process which is killed has not spent it for nothing.
    """
    if options.model is None:
        yield options.agent if agent is None else agent, shown
        return
    from reasoning_gym_envs.evaluation.endpoint import Endpoint
    from reasoning_gym_envs.evaluation.record import write_whole

    if options.workers > 1 or options.backend != "processes":
        raise ValueError("a server is asked by one process: give --concurrency, not --workers")
    file = out / "spent.json"
    with Endpoint(
        options.model,
        options.base_url,
        key_variable=options.key_variable,
        concurrency=options.concurrency,
        max_tokens=_reply_tokens(options),
        limit_field=options.limit_field,
        temperature=options.temperature,
        continues=continues,
        max_requests=options.max_requests,
        max_cost=options.max_cost,
        prices=options.prices and tuple(options.prices),
        spent=_spent(file),
    ) as endpoint:
        has_begun = False

        def write() -> None:
            write_whole(file, json.dumps(asdict(endpoint.spent)) + "\n")

        def told(done: int, solved: int, total: int) -> None:
            nonlocal has_begun
            has_begun = True  # the folder is this run's
            write()
            shown(done, solved, total)

        try:
            yield lambda: endpoint, told
        finally:
            if has_begun:
                write()


def _spent(file: Path) -> Spent | None:
    """What earlier calls have spent of the limits."""
    from reasoning_gym_envs.evaluation.costs import Spent

    if not file.exists():
        return None
    try:
        return Spent(**json.loads(file.read_bytes()))
    except (ValueError, TypeError):
        raise ValueError(
            f"{file}, which says what was spent so far, is damaged: write it anew, as "
            f"{json.dumps(asdict(Spent()))}"
        ) from None


def _reply_tokens(options: argparse.Namespace) -> int:
    return REPLY_TOKENS if options.max_tokens is None else int(options.max_tokens)


def _estimate(
    options: argparse.Namespace, suite: Suite, agent: str | Callable[[], Player] | None
) -> str:
    """What the whole takes at most, in words."""
    from reasoning_gym_envs.dataset import begun
    from reasoning_gym_envs.evaluation.costs import estimate
    from reasoning_gym_envs.evaluation.players import maker_of

    if options.model is None:
        if agent is None:
            maker_of(options.agent)
        return f"{options.agent} sends no requests that are known of here"
    episodes = []
    for problem in suite.problems:
        with begun(problem.row, allow_unsafe=True) as (env, observation, _):
            inner = env.unwrapped
            assert isinstance(inner, TextEnv)
            messages = [{"role": "user", "content": observation}]
            if options.system_prompt:
                messages.insert(0, {"role": "system", "content": options.system_prompt})
            episodes.append((messages, inner.snapshot().episode.turn_limit))
    reply_tokens = _reply_tokens(options)
    few = estimate(
        [(messages, 1) for messages, _ in episodes] * options.samples,
        reply_tokens=reply_tokens,
        prices=options.prices,
    )
    most = estimate(episodes * options.samples, reply_tokens=reply_tokens, prices=options.prices)
    lines = [
        f"{name}: {each.requests:,} requests, {each.prompt_tokens:,} tokens of prompts, "
        f"{each.completion_tokens:,} of replies"
        + ("" if each.cost is None else f", {each.cost:,.2f} dollars")
        for name, each in (("one turn for each episode", few), ("all turns that they have", most))
    ]
    return "\n".join(
        [
            *lines,
            f"Replies count with the {reply_tokens:,} tokens of --max-tokens. A token is "
            "taken for 3 bytes, and all observations for as long as the first.",
        ]
    )


def _run_suites(options: argparse.Namespace) -> int:
    from statistics import fmean

    from reasoning_gym_envs.evaluation.floors import floor_of
    from reasoning_gym_envs.evaluation.suites import PLANS, load_suite

    facts: list[dict[str, Any]] = []
    for name in PLANS:
        suite = load_suite(name)
        floors = [floor_of(p.id, p.level, p.arguments) for p in suite.problems]
        known = [floor for floor in floors if floor is not None]
        facts.append(
            {
                "name": name,
                "version": suite.version,
                "hash": suite.hash,
                "problems": len(suite.problems),
                "ids": len({problem.id for problem in suite.problems}),
                "floor": fmean(known) if len(known) == len(floors) else None,
                "needs": sorted(suite.needs),
                "about": suite.about,
            }
        )
    if options.json:
        print(json.dumps(facts, indent=1))
        return 0
    for fact in facts:
        chance = "was not measured" if fact["floor"] is None else f"solves {fact['floor']:.1%}"
        needs = f"; needs {', '.join(fact['needs'])}" if fact["needs"] else ""
        print(
            f"{fact['name']} v{fact['version']} ({fact['hash']}): {fact['problems']:,} problems of "
            f"{fact['ids']} ids; chance {chance}{needs}\n  {fact['about']}"
        )
    return 0


def _run_summarise(options: argparse.Namespace) -> int:
    from reasoning_gym_envs.evaluation.over_seeds import summarise_seeds
    from reasoning_gym_envs.evaluation.record import write_summary
    from reasoning_gym_envs.evaluation.summary import summarise
    from reasoning_gym_envs.evaluation.tables import summary_in_words

    folder, *others = options.run_folders
    try:
        if others:
            print(summarise_seeds(options.run_folders).in_words(options.by))
            return 0
        summary = summarise(folder)
        write_summary(folder, summary.record())
    except (OSError, ValueError) as error:
        return say_wrong(str(error), 2)
    print(summary_in_words(summary, options.by))
    return 0


def _run_compare(options: argparse.Namespace) -> int:
    from reasoning_gym_envs.evaluation.comparison import compare

    try:
        print(compare(options.first, options.second))
    except (OSError, ValueError) as error:
        return say_wrong(str(error), 2)
    return 0


def _run_leaderboard(options: argparse.Namespace) -> int:
    from reasoning_gym_envs.evaluation.leaderboard import leaderboard, read_results

    try:
        print(leaderboard(read_results(options.results)))
    except (OSError, ValueError) as error:
        return say_wrong(str(error), 2)
    return 0
