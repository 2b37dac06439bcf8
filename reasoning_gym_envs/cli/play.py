r"""A person plays an environment in the terminal: `reasoning-gym-envs play TowerOfHanoi-v0`.

What is typed is the action, as an agent would give it; only the box around an answer may be left
out. A line that begins with a colon is a command to this program (`:help` lists them), and so are
`help`, `?` and `quit` alone. Everything is read from standard input, so that a game can be piped
in::

    printf 'A to B\n:solution\n' | reasoning-gym-envs play TowerOfHanoi-v0 --seed 1
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol

import gymnasium as gym
from gymnasium.spaces import Text

from reasoning_gym_envs.cli.environment import add_options, arguments_of
from reasoning_gym_envs.cli.screen import (
    ARROWS,
    EXTRA,
    Keyboard,
    Kind,
    has_colours,
    has_keys,
    print_painted,
)
from reasoning_gym_envs.cli.terminal import accept_any_text, printable, say_wrong, wrapped
from reasoning_gym_envs.errors import unknown
from reasoning_gym_envs.registry import unknown_id
from reasoning_gym_envs.sandbox.submission import SandboxUnavailable
from reasoning_gym_envs.text_env import Snapshot, TextEnv

_PLAY = """
Plays an environment in the terminal. What you type is the action, as an agent gives it; lines that
begin with a colon, such as :help, :hint, :undo, :new or :quit, are for this program and take no
turn, and so are help, ? and quit alone. An answer may be typed without its box. Ctrl-D leaves. With
pip install 'reasoning-gym-envs[play]' there are colours (not where NO_COLOR is set), and in mazes,
Sokoban and sliding tiles an arrow key is a step.
"""
_PLAY_EXAMPLES = """
examples:
  reasoning-gym-envs play TowerOfHanoi-v0 --level 3 --reward dense
  reasoning-gym-envs play MathBoxed-v0 --level 2-5 --max-turns 3 --arg 'topics="fractions"'
"""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `play` to the commands of the program."""
    parser = commands.add_parser(
        "play",
        help="play an environment in the terminal",
        description=_PLAY,
        epilog=_PLAY_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add_options(parser)
    parser.add_argument("--seed", type=int, help="the same seed, the same problems")
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    try:
        if options.seed is not None and options.seed < 0:
            raise ValueError(f"--seed must be 0 or more, got {options.seed}")
        env = make(options.id, arguments_of(options))
    except ValueError as error:
        return say_wrong(str(error), 2)
    play(env, options.seed)
    return 0


COMMANDS = {
    "help": "this list",
    "commands": "the commands that are possible now, where the environment has commands",
    "hint": "the next action of a solution",
    "solution": "all actions of a solution from here",
    "history": "what has been done in this episode, and what it paid",
    "undo": "take the last action back",
    "restart": "the same problem from its beginning",
    "new": "another problem",
    "level": "another problem, of the level that follows: `:level 3`",
    "paste": "an answer of several lines; a line with a single full stop ends it (a block that "
    "begins with ``` ends with ``` by itself)",
    "quit": "leave (so do Ctrl-D and Ctrl-C)",
}
PLAIN_WORDS = {"help": "help", "?": "help", "quit": "quit"}
"""What is a command of this program without a colon, where the environment has no such command."""
WRITTEN_OUT = ("boxed", "answer>", "think>")
"""What shows that an answer is written as an agent writes it, and needs no box put around it."""
SHOWN = 40  # commands of the environment

TERMS = {
    "success": "for solving it",
    "progress": "for progress",
    "shaping": "for progress, shaped",
    "step": "for the step",
    "length": "for the length of the answer",
    "format": "for an answer that could not be read",
    "illegal": "for what is not possible",
    "collision": "for a collision",
    "size": "for the size of the program",
    "runtime": "for its running time",
}


DIRECTIONS = (ARROWS, ("north", "south", "west", "east"))
"""Names of commands that arrow keys stand for: up, down, left and right on a page or a map."""


class Write(Protocol):
    """Shows lines."""

    def __call__(self, text: str, kind: Kind = "program", /) -> None:
        """What is shown, and what kind of text it is."""


class Taken(NamedTuple):
    """An action of the episode: what came of it, and how it was before."""

    action: str
    observation: str
    reward: float
    terms: Mapping[str, float]
    before: Snapshot | None
    seen_before: str
    info_before: Mapping[str, Any]


def make(id: str, arguments: Mapping[str, Any]) -> gym.Env[Any, Any]:
    """Make an environment that a person can play.

    Raises:
        ValueError: there is no such environment, it does not take these arguments, or it is not
            played by text.
    """
    if ":" not in id and id not in gym.registry:
        raise ValueError(unknown_id(id))
    try:
        env = gym.make(id, **arguments)
    except TypeError as error:  # Gymnasium adds the whole call to what the environment says
        raise ValueError(str(error.__cause__ or error)) from error
    except (gym.error.Error, ImportError, ValueError, SandboxUnavailable) as error:
        raise ValueError(str(error)) from error
    if not isinstance(env.action_space, Text):
        raise ValueError(f"{id} is not played by text: its actions are {env.action_space}")
    return env


class Game:
    """A person at a terminal.

    Args:
        env: an environment whose actions are texts.
        read: gives the next line, without its end; raises EOFError when there is none.
        write: shows lines.
        seed: of the first problem.
    """

    def __init__(
        self,
        env: gym.Env[Any, Any],
        read: Callable[[str], str],
        write: Write,
        seed: int | None = None,
    ) -> None:
        self.env = env
        self.inner = env.unwrapped
        self.read = read
        self.reads_arrows = False
        """Whether what reads lines reads arrow keys as steps."""
        self.arrows: Mapping[str, str] = {}
        """What arrow keys stand for, where the commands of the environment are directions."""
        self._write = write
        self._seed = seed
        self._taken: list[Taken] = []
        self._first: Snapshot | None = None
        self._observation = ""
        self._info: Mapping[str, Any] = {}
        self._ended = False

    def play(self) -> None:
        """Play until the person leaves."""
        try:
            self._begin(seed=self._seed)
            while True:
                line = self.read(f"{len(self._taken) + 1}> ")
                word = line.strip().lower()
                if word in PLAIN_WORDS and word not in map(str.lower, self.possible()):
                    line = f":{PLAIN_WORDS[word]}"
                if line.startswith(":") and not line.startswith("::"):
                    name, _, argument = line[1:].strip().lower().partition(" ")
                    if name in ("quit", "q", "exit"):
                        return
                    self._command(name, argument.strip())
                elif line.startswith("```"):
                    self._act("\n".join(self._block(line, end="```")))
                else:
                    self._act(line.removeprefix(":"))
        except (EOFError, KeyboardInterrupt):
            self._write("")
        finally:
            self.env.close()

    def possible(self) -> list[str]:
        """The commands of the environment that are possible now; empty where any text is."""
        return [] if self._ended else list(self._info.get("admissible_commands", ()))

    # The episode.

    def _begin(self, seed: int | None = None, options: dict[str, Any] | None = None) -> None:
        self._observation, self._info = self.env.reset(seed=seed, options=options)
        self._taken.clear()
        self._ended = False
        self._first = self.inner.snapshot() if isinstance(self.inner, TextEnv) else None
        self.arrows = self._arrows()
        self._headline()

    def _arrows(self) -> Mapping[str, str]:
        possible = set(self.possible())
        for names in DIRECTIONS:
            if not possible.isdisjoint(names):
                return dict(zip(ARROWS, names, strict=True))
        return {}

    def _headline(self) -> None:
        spec = self.inner.spec
        parts = [spec.id if spec is not None else type(self.inner).__name__]
        if "level" in self._info:
            parts.append(f"level {self._info['level']}")
        if isinstance(self.inner, TextEnv):
            parts.append(f"{self.inner.reward_scheme.mode} reward")
        self._write(f"── {' · '.join(parts)} ── (:help for help)\n")
        self._show(self._observation)

    def _act(self, action: str) -> None:
        if self._ended:
            self._write("The episode is over. :new, :restart, :undo or :quit", "wrong")
            return
        if self._takes_box() and action.strip() and not any(mark in action for mark in WRITTEN_OUT):
            action = f"\\boxed{{{action.strip()}}}"
            self._show(f"Answered: {action}")
        before = self.inner.snapshot() if isinstance(self.inner, TextEnv) else None
        seen, info = self._observation, self._info
        try:
            observation, reward, terminated, truncated, self._info = self.env.step(action)
        except RuntimeError as error:  # of the sandbox, or of whatever judges
            self._write(f"Nothing was judged, no turn is taken: {error}", "wrong")
            return
        self._observation = observation
        terms = self._info.get("reward_terms", {})
        self._taken.append(Taken(action, observation, float(reward), terms, before, seen, info))
        self._show(observation)
        self._write(f"[{paid(float(reward), terms)}]", kind_of(float(reward)))
        if terminated or truncated:
            self._ended = True
            self._end(terminated)

    def _takes_box(self) -> bool:
        return isinstance(self.inner, TextEnv) and self.inner.answered_by == "box"

    def _end(self, terminated: bool) -> None:
        turns = len(self._taken)
        counted = f"{turns} turn{'s' if turns > 1 else ''}"
        if self._info.get("is_success"):
            how = f"Solved in {counted}."
        elif terminated:
            how = f"The episode has ended after {counted}, not solved."
        else:
            how = f"No turns are left: {counted} taken, not solved."
        total = sum(taken.reward for taken in self._taken)
        self._write(
            f"\n{how} The episode paid {total:.4g}. :new, :restart, :undo or :quit",
            "gain" if self._info.get("is_success") else "loss",
        )

    # The commands of this program.

    def _command(self, name: str, argument: str) -> None:
        if name not in COMMANDS:
            known = [f":{each}" for each in COMMANDS]
            self._write(unknown("command", f":{name}", known), "wrong")
        else:
            try:
                getattr(self, f"_on_{name}")(argument)
            except RuntimeError as error:  # there is no such problem: the one at hand goes on
                self._write(str(error), "wrong")

    def _on_help(self, argument: str) -> None:
        card = (type(self.inner).__doc__ or "").strip().partition("\n")[0]
        self._write(f"{card}\n\nWhat you type is your action, as an agent gives it. Beside that:")
        for name, what in COMMANDS.items():
            self._write(f"  :{name:<10}{what}")
        self._write(
            "help, ? and quit need no colon. An action that begins with one is typed with two."
        )
        if self._takes_box():
            self._write("An answer may be typed without \\boxed{}: it is put into one.")
        if self.arrows and self.reads_arrows:
            self._write("On an empty line, an arrow key is a step.")
        elif self.arrows:
            self._write(f"With pip install '{EXTRA}', an arrow key is a step.")

    def _on_commands(self, argument: str) -> None:
        possible = self.possible()
        if self._ended:
            self._write("The episode is over.", "wrong")
        elif possible:
            more = f"\nand {len(possible) - SHOWN} more" if len(possible) > SHOWN else ""
            self._show("\n".join(possible[:SHOWN]) + more)
        else:
            self._write("Any text may be an answer here.")

    def _on_hint(self, argument: str) -> None:
        if (solution := self._solution()) is not None:
            self._show(solution[0] if solution else "Nothing is left to be done.")

    def _on_solution(self, argument: str) -> None:
        if (solution := self._solution()) is not None:
            self._show("\n".join(solution) or "Nothing is left to be done.")

    def _solution(self) -> list[str] | None:
        if not isinstance(self.inner, TextEnv):
            self._write("This environment does not tell a solution.", "wrong")
        elif self._ended:
            self._write("The episode is over: :restart or :undo it to see a solution.", "wrong")
        else:
            try:
                return self.inner.solution()
            except (gym.error.Error, ValueError) as error:
                self._write(f"There is no solution from here: {error}", "wrong")
        return None

    def _on_history(self, argument: str) -> None:
        if not self._taken:
            self._write("Nothing has been done yet.")
        for number, taken in enumerate(self._taken, 1):
            self._show(f"{number}> {taken.action}")
            self._write(f"   [{paid(taken.reward, taken.terms)}]", kind_of(taken.reward))
        if self._taken:
            self._write(f"In all: {paid(*sums(self._taken))}")

    def _on_undo(self, argument: str) -> None:
        if not self._taken:
            self._write("There is nothing to take back.", "wrong")
            return
        if not self._restore(self._taken[-1].before):
            return
        last = self._taken.pop()
        self._observation, self._info = last.seen_before, last.info_before
        self._show(self._observation)

    def _on_restart(self, argument: str) -> None:
        if not self._restore(self._first):
            return
        if self._taken:
            self._observation = self._taken[0].seen_before
            self._info = self._taken[0].info_before
        self._taken.clear()
        self._headline()

    def _restore(self, snapshot: Snapshot | None) -> bool:
        """Put the environment back, if it can be."""
        if snapshot is None or not isinstance(self.inner, TextEnv):
            self._write("This environment cannot go back.", "wrong")
            return False
        self.inner.restore(snapshot)
        self._ended = False
        return True

    def _on_new(self, argument: str) -> None:
        self._begin()

    def _on_level(self, argument: str) -> None:
        if not (argument.isascii() and argument.isdigit() and len(argument) < 4):
            self._write("Say which level: `:level 3`.", "wrong")
            return
        try:
            self._begin(options={"level": int(argument)})
        except (TypeError, ValueError) as error:
            self._write(str(error), "wrong")

    def _on_paste(self, argument: str) -> None:
        self._act("\n".join(self._block(end=".")[:-1]))

    def _block(self, *lines: str, end: str) -> list[str]:
        """Lines until one that ends them, which is the last."""
        block = list(lines)
        while not block or block[-1] != end or len(block) == len(lines):
            block.append(self.read("… "))
        return block

    def _show(self, text: str) -> None:
        self._write(printable(str(text), lines=True), "observation")


def paid(reward: float, terms: Mapping[str, float]) -> str:
    """What was paid, and for what, in words.

    >>> paid(0.99, {"success": 1.0, "step": -0.01})
    'reward +0.99: +1 for solving it, -0.01 for the step'
    >>> paid(0.0, {"success": 0.0})
    'reward 0'
    """
    parts = [
        f"{value:+.4g} {TERMS.get(name, 'for ' + name)}" for name, value in terms.items() if value
    ]
    total = f"{reward:+.4g}" if reward else "0"
    return f"reward {total}" + (f": {', '.join(parts)}" if parts else "")


def kind_of(reward: float) -> Kind:
    """Whether a reward is a gain or a loss."""
    return "gain" if reward > 0 else "loss" if reward < 0 else "even"


def sums(taken: list[Taken]) -> tuple[float, dict[str, float]]:
    """The return of an episode, and what it is made of."""
    terms: dict[str, float] = {}
    for step in taken:
        for name, value in step.terms.items():
            terms[name] = terms.get(name, 0.0) + value
    return sum(step.reward for step in taken), terms


# The terminal.


def play(env: gym.Env[Any, Any], seed: int | None = None) -> None:
    """Let a person play an environment, until the input ends or they leave.

    With a terminal, lines are wrapped to its width, what is typed can be edited and recalled, and
    the tabulator completes commands; with the extra `play` there are colours, and arrow keys are
    steps where commands are directions. Without a terminal, what is read is shown after the prompt,
    so that the output reads like a game.

    Args:
        env: an environment whose actions are texts, see :func:`make`; closed in the end.
        seed: of the first problem.
    """
    inner = env.unwrapped
    map_characters = inner.map_characters if isinstance(inner, TextEnv) else {}

    def write(text: str, kind: Kind = "program") -> None:
        if has_colours():
            print_painted(text, kind, map_characters)
        elif sys.stdout.isatty():
            print(
                wrapped(text, shutil.get_terminal_size().columns)
            )  # of a window: may have changed
        else:
            print(text)

    game = Game(env, _read_and_show, write, seed)

    def completions(text: str) -> list[str]:
        words = [f":{name}" for name in COMMANDS] if text.startswith(":") else game.possible()
        return [word for word in words if word.lower().startswith(text.lower())]

    accept_any_text()
    if has_keys():
        game.read = Keyboard(completions, lambda: game.arrows).read
        game.reads_arrows = True
    elif sys.stdin.isatty() and sys.stdout.isatty():
        game.read = input
        _complete(completions)
    game.play()


def _read_and_show(prompt: str) -> str:
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    line = line.removesuffix("\n").removesuffix("\r")
    print(f"{prompt}{printable(line)}")
    return line


def _complete(completions: Callable[[str], list[str]]) -> None:
    """Recall and completion, where Python was built with readline."""
    try:
        import readline
    except ImportError:
        return

    def complete(text: str, state: int) -> str | None:
        fitting = completions(text)
        return fitting[state] if state < len(fitting) else None

    readline.set_completer(complete)
    readline.set_completer_delims("")  # a command may have spaces
    readline.parse_and_bind("tab: complete")
