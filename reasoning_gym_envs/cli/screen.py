"""A terminal with colours, where an arrow key is a step: what the extra `play` adds to a game.

The extra is prompt_toolkit, which knows keys and colours on every system that Python runs on, has
no dependency but a table of character widths, and is imported when a game begins.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from importlib.util import find_spec
from typing import Literal

from reasoning_gym_envs.cli.terminal import printable, wrapped

EXTRA = "reasoning-gym-envs[play]"

Kind = Literal["program", "observation", "gain", "loss", "even", "wrong"]
"""What a text of a game is: the program's words, the environment's, a reward of more or less than
nothing or of nothing, and what could not be done."""
ARROWS = ("up", "down", "left", "right")

_SHORTEST_MAP = 3  # characters of a line
_STYLES = {
    "gain": "ansigreen",
    "loss": "ansired",
    "even": "ansibrightblack",
    "wrong": "ansired",
    # what stands on a map
    "agent": "bold ansimagenta",
    "agent on a goal": "bold ansimagenta",
    "exit": "bold ansigreen",
    "goal": "bold ansigreen",
    "box": "bold ansiyellow",
    "box on a goal": "bold ansigreen",
    "wall": "ansibrightblack",
    "unseen": "ansibrightblack",
    "one way": "ansicyan",
    "red": "bold ansired",
    "blue": "bold ansiblue",
    "green": "bold ansigreen",
}


def has_keys() -> bool:
    """Whether keys can be read one by one: a terminal that can, and the extra."""
    return sys.stdin.isatty() and sys.stdout.isatty() and _has_extra()


def has_colours() -> bool:
    """Whether to write in colour: a terminal that can, the extra, and no word against it.

    The word is the variable NO_COLOR, if it is not empty (https://no-color.org).
    """
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and _has_extra()


def _has_extra() -> bool:
    return os.environ.get("TERM") not in ("dumb", "unknown") and bool(find_spec("prompt_toolkit"))


def painted(text: str, kind: Kind, map_characters: Mapping[str, str]) -> list[tuple[str, str]]:
    """Parts of a text, each with its style; the parts of an observation are those of its maps.

    A line is one of a map if all of its characters are: three at least.

    >>> painted("The way:\\n#.@#", "observation", {"#": "wall", ".": "floor", "@": "agent"})[:3]
    [('', 'The way:\\n'), ('ansibrightblack', '#'), ('', '.')]
    """
    if kind != "observation":
        return [(_STYLES.get(kind, ""), text)]
    parts: list[tuple[str, str]] = []
    for line in text.splitlines(keepends=True):
        shown = line.rstrip("\n")
        if len(shown) >= _SHORTEST_MAP and set(shown) <= map_characters.keys():
            parts += [(_STYLES.get(map_characters[mark], ""), mark) for mark in shown]
            parts.append(("", line[len(shown) :]))
        else:
            parts.append(("", line))
    return parts


def print_painted(text: str, kind: Kind, map_characters: Mapping[str, str]) -> None:
    """Write a text to the terminal in colour, wrapped to its width."""
    from prompt_toolkit import print_formatted_text
    from prompt_toolkit.formatted_text import FormattedText

    width = shutil.get_terminal_size().columns  # a window may have another by now
    print_formatted_text(FormattedText(painted(wrapped(text, width), kind, map_characters)))


class Keyboard:
    """Reads lines that can be edited, recalled and completed; an arrow may be a line by itself.

    Args:
        completions: all that a line may become, given how it begins.
        steps: the line that each of :data:`ARROWS` stands for while nothing is typed; none where
            arrows recall lines.
    """

    def __init__(
        self,
        completions: Callable[[str], Iterable[str]],
        steps: Callable[[], Mapping[str, str]],
    ) -> None:
        from prompt_toolkit import PromptSession
        from prompt_toolkit.completion import CompleteEvent, Completer, Completion
        from prompt_toolkit.document import Document
        from prompt_toolkit.filters import Condition
        from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
        from prompt_toolkit.shortcuts import CompleteStyle

        class WholeLine(Completer):
            def get_completions(
                self, document: Document, complete_event: CompleteEvent
            ) -> Iterable[Completion]:
                text = document.text_before_cursor
                for line in completions(text):
                    yield Completion(line, start_position=-len(text))

        bindings = KeyBindings()
        is_step = Condition(lambda: bool(steps()) and not self._session.default_buffer.text)

        def step(event: KeyPressEvent) -> None:
            arrow = event.key_sequence[-1].key.value  # type: ignore[union-attr]
            event.current_buffer.text = steps()[arrow]
            event.current_buffer.validate_and_handle()

        for arrow in ARROWS:
            bindings.add(arrow, filter=is_step)(step)
        self._session: PromptSession[str] = PromptSession(
            completer=WholeLine(),
            complete_while_typing=False,
            complete_style=CompleteStyle.READLINE_LIKE,
            reserve_space_for_menu=0,
            key_bindings=bindings,
        )
        self._pasted: deque[str] = deque()

    def read(self, prompt: str) -> str:
        """The next line; of several that were pasted at once, one after the other.

        Raises:
            EOFError, KeyboardInterrupt: Ctrl-D, Ctrl-C.
        """
        if self._pasted:
            line = self._pasted.popleft()
            print(f"{prompt}{printable(line)}")
            return line
        line, *more = self._session.prompt(prompt).split("\n")
        self._pasted.extend(more)
        return line
