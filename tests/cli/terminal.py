"""A pseudo-terminal that a program runs in, as in the window of a person."""

import fcntl
import os
import pty
import select
import struct
import subprocess
import termios

import pyte

ROWS = 600  # so that nothing that was shown scrolls away
PATIENCE = 120  # seconds for the next output, before a test gives up


class Terminal:
    """Runs a program; leaves nothing of it behind.

    Args:
        words: the command.
        columns: width of the window.
        stdin: "terminal" or "pipe".
        variables: of the environment, instead of those of this process; None: not there.
    """

    def __init__(self, words, columns=80, stdin="terminal", **variables):
        self._controller, terminal = pty.openpty()
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, columns, 0, 0))
        environment = {**os.environ, "TERM": "xterm-256color", "PROMPT_TOOLKIT_NO_CPR": "1"}
        for name, value in {"COLUMNS": None, "NO_COLOR": None, **variables}.items():
            environment.pop(name, None)
            if value is not None:
                environment[name] = value
        self.process = subprocess.Popen(
            words,
            stdin=subprocess.PIPE if stdin == "pipe" else terminal,
            stdout=terminal,
            stderr=terminal,
            env=environment,
        )
        os.close(terminal)
        self._screen = pyte.Screen(columns, ROWS)
        self._stream = pyte.ByteStream(self._screen)
        self._position = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        if self.process.stdin:
            self.process.stdin.close()
        os.close(self._controller)

    @property
    def text(self):
        """All that is shown: lines without the spaces at their ends."""
        rows = (self._screen.buffer[y] for y in range(self._screen.cursor.y + 1))
        columns = range(self._screen.columns)
        return "\n".join("".join(row[x].data for x in columns).rstrip() for row in rows)

    @property
    def coloured(self):
        """The parts of lines that have a colour: a list of the colour and the text."""
        parts = []
        for y in range(self._screen.cursor.y + 1):
            last = "default"
            for x in range(self._screen.columns):
                cell = self._screen.buffer[y][x]
                if cell.fg == last != "default":
                    parts[-1] = (last, parts[-1][1] + cell.data)
                elif cell.fg != "default":
                    parts.append((cell.fg, cell.data))
                last = cell.fg
        return parts

    @property
    def bold(self):
        """All that is shown in bold letters."""
        cells = (cell for row in self._screen.buffer.values() for cell in row.values())
        return "".join(cell.data for cell in cells if cell.bold)

    def type(self, keys):
        os.write(self._controller, keys)

    def read_until(self, mark):
        """Wait for a text that has not been waited for; what was shown before it."""
        while mark not in self.text[self._position :]:
            assert self._read(), self.text
        before = self._position
        self._position = self.text.index(mark, before) + len(mark)
        return self.text[before : self._position - len(mark)]

    def read_to_the_end(self):
        """The exit status."""
        while self._read():
            pass
        return self.process.wait(timeout=PATIENCE)

    def _read(self):
        assert select.select([self._controller], [], [], PATIENCE)[0], self.text
        try:
            chunk = os.read(self._controller, 4096)
        except OSError:  # nobody has the other end any more
            chunk = b""
        self._stream.feed(chunk)
        return bool(chunk)
