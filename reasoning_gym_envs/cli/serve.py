"""The command `reasoning-gym-envs serve`: an environment behind a server of OpenEnv."""

from __future__ import annotations

import argparse
import socket
from pathlib import Path

from reasoning_gym_envs.cli.environment import add_options, arguments_of
from reasoning_gym_envs.cli.play import make
from reasoning_gym_envs.cli.terminal import say_wrong
from reasoning_gym_envs.dataset import unsafe_argument
from reasoning_gym_envs.integrations.openenv_space import PORT, space_files

_SERVE = """
Serves an environment to OpenEnv's clients, over WebSocket and HTTP, until Ctrl-C. Every connection
is a session with an environment and a seed of its own. The server asks nobody who they are: by
default it is reached from this machine alone. Needs pip install 'reasoning-gym-envs[openenv]'.
"""
_SERVE_EXAMPLES = """
examples:
  reasoning-gym-envs serve TowerOfHanoi-v0 --level 2
  reasoning-gym-envs serve MathBoxed-v0 --level 1-3 --arg topics=fractions --port 9000
  reasoning-gym-envs serve TextMaze-v0 --write-space maze     # then: openenv push maze
"""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `serve` to the commands of the program."""
    parser = commands.add_parser(
        "serve",
        help="serve an environment to OpenEnv's clients",
        description=_SERVE,
        epilog=_SERVE_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add_options(parser)
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        help="the address to listen on; 127.0.0.1 by default, which other machines cannot reach. "
        "0.0.0.0 lets in whoever reaches the machine: they play, and where an environment runs "
        "programs, they run theirs in its sandbox",
    )
    parser.add_argument(
        "--port", type=_port, default=PORT, help=f"{PORT} by default; 0 for one that is free"
    )
    parser.add_argument(
        "--sessions", type=_sessions, metavar="N", help="at once, at most; 1000 by default"
    )
    parser.add_argument(
        "--write-space",
        type=Path,
        metavar="FOLDER",
        help="serve nothing: write the folder of a Hugging Face Space that serves it",
    )
    parser.add_argument(
        "--allow-unsafe",
        action="store_true",
        help="serve what runs a client's text as code without a container, too: "
        "--arg sandbox=process-unsafe, and tasks of ReasoningGym-v0 whose scorer evaluates answers",
    )
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    arguments = arguments_of(options)
    try:
        make(options.id, arguments).close()  # what is wrong with them is said as `play` says it
        unsafe = unsafe_argument(options.id, arguments)
        if unsafe is not None and not options.allow_unsafe:
            raise ValueError(
                f"{unsafe}: what clients send would run as code that no container isolates, with "
                "the rights of the server. --allow-unsafe serves it if you trust all who reach it"
            )
        if options.write_space is not None:
            return _write_space(options.write_space, space_files(options.id, arguments))
        from reasoning_gym_envs.integrations.openenv import SESSIONS, make_app, run

        app = make_app(options.id, sessions=options.sessions or SESSIONS, **arguments)
        listening = _listen(options.host, options.port)
    except (ImportError, OSError, TypeError, ValueError) as error:
        return say_wrong(str(error), 2)
    host, port = listening.getsockname()[:2]
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    print(f"{options.id} on http://{address} (Ctrl-C ends it)", flush=True)
    run(app, listening)
    print()
    return 0


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family)
    except OSError as error:
        said = f"cannot serve on {host}, port {port}: {error.strerror}; --port 0 takes a free one"
        raise ValueError(said) from error


def _write_space(folder: Path, files: dict[str, str]) -> int:
    if folder.exists():
        raise ValueError(f"{folder} is there already: name a folder that is not")
    for path, text in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    print(f"{len(files)} files in {folder}. To upload them: openenv push {folder}")
    return 0


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) < 65536):
        raise argparse.ArgumentTypeError(f"a port is a number from 0 to 65535, got {text!r}")
    return int(text)


def _sessions(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise argparse.ArgumentTypeError(f"must be a whole number of 1 or more, got {text!r}")
    return int(text)
