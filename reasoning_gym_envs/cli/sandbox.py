"""The commands `reasoning-gym-envs sandbox …`, for people who set a sandbox up or look into it."""

from __future__ import annotations

import argparse
import math
import sys
import time
from pathlib import Path

from reasoning_gym_envs.cli.terminal import printable, say_wrong
from reasoning_gym_envs.sandbox.engine import connect, examine, remove_orphans
from reasoning_gym_envs.sandbox.images import Way, build, default_image
from reasoning_gym_envs.sandbox.packages import Contents
from reasoning_gym_envs.sandbox.submission import (
    MEGABYTE,
    Limits,
    Outcome,
    SandboxFailure,
    SandboxUnavailable,
    Submission,
)
from reasoning_gym_envs.sandbox.values import show

_SANDBOX = """
Containers in which untrusted Python code runs: sets them up, tries them, clears them away. Exit
status: 0 if all is well, 1 if not, 2 for wrong usage or where there is no sandbox to run code in.
"""
_SANDBOX_EXAMPLES = """
examples:
  reasoning-gym-envs sandbox check
  reasoning-gym-envs sandbox build-image
  reasoning-gym-envs sandbox build-image --from-host
  echo '3 4' | reasoning-gym-envs sandbox run add.py --stdin -
  reasoning-gym-envs sandbox run median.py --call 'median([3, 1, 2])' --call 'median([])'
  reasoning-gym-envs sandbox clean
"""
_CHECK = """
Tells, line by line, whether the Docker engine can hold a sandbox, and what fixes what is missing;
then runs a tiny program in a real one, and tells which Python and packages it has.
"""
_BUILD = """
Builds the image of the sandbox, a Python interpreter and nothing else, and tries it. By default
the interpreter is that of the public image python:3.12-slim; where no registry can be reached, take
that of this machine or of Debian's packages.
"""
_RUN = """
Runs a Python file in a sandbox: as a program, or, with --call, expressions where it was loaded.
What it prints or returns is shown with control characters spelled out.
"""
_CLEAN = """
Removes the containers of sandboxes whose process has ended. Sandboxes clear up after themselves;
this is for what was left when a machine or an engine was stopped the hard way.
"""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `sandbox` and its commands to the commands of the program."""
    sandbox = commands.add_parser(
        "sandbox",
        help="set up, try and clear the containers that run untrusted code",
        description=_SANDBOX,
        epilog=_SANDBOX_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    actions = sandbox.add_subparsers(title="commands", metavar="COMMAND", required=True)
    engine = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    engine.add_argument(
        "--docker-host", metavar="URL", help="address of the engine; default: $DOCKER_HOST, or here"
    )
    image = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    image.add_argument("--image", metavar="NAME", help=f"image; default: {default_image()}")
    runtime = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    runtime.add_argument("--runtime", metavar="NAME", help="runtime of the engine, such as runsc")

    check = actions.add_parser(
        "check",
        help="tell whether there is a sandbox, and what fixes what is missing",
        description=_CHECK,
        parents=[engine, image, runtime],
        allow_abbrev=False,
    )
    check.set_defaults(run=_check)

    build_image = actions.add_parser(
        "build-image",
        help="build the image of the sandbox",
        description=_BUILD,
        parents=[engine, image],
        allow_abbrev=False,
    )
    ways = build_image.add_mutually_exclusive_group()
    ways.add_argument(
        "--from-host",
        dest="how",
        action="store_const",
        const="host",
        help="take the interpreter that runs this command; needs Linux, and no network",
    )
    ways.add_argument(
        "--mmdebstrap",
        dest="how",
        action="store_const",
        const="mmdebstrap",
        help="take Debian's interpreter; needs the command mmdebstrap and a mirror",
    )
    build_image.add_argument(
        "--packages",
        nargs="+",
        default=(),
        metavar="PACKAGE",
        help="what programs can import besides the standard library, as pip takes it: numpy, "
        "numpy==2.1.3, the path of a wheel; the image has their names in its own",
    )
    build_image.add_argument("--quiet", action="store_true", help="print the digest alone")
    build_image.set_defaults(run=_build_image, how="registry")

    run = actions.add_parser(
        "run",
        help="run a Python file in a sandbox",
        description=_RUN,
        parents=[engine, image, runtime],
        allow_abbrev=False,
    )
    limits = Limits()
    run.add_argument("file", metavar="FILE", help="Python source; - reads standard input")
    what = run.add_mutually_exclusive_group()
    what.add_argument("--stdin", metavar="FILE", help="the program's standard input; - for this")
    what.add_argument("--input", metavar="TEXT", help="the program's standard input, as a text")
    what.add_argument(
        "--call", action="append", metavar="EXPRESSION", help="evaluate this; may be repeated"
    )
    run.add_argument(
        "--seconds",
        type=_positive,
        default=limits.seconds,
        help=f"processor time of each run; default: {limits.seconds:g}",
    )
    run.add_argument(
        "--memory",
        type=_positive,
        default=limits.memory / MEGABYTE,
        metavar="MB",
        help=f"memory in megabytes; default: {limits.memory // MEGABYTE}",
    )
    run.set_defaults(run=_run)

    clean = actions.add_parser(
        "clean",
        help="remove containers whose process has ended",
        description=_CLEAN,
        parents=[engine],
        allow_abbrev=False,
    )
    clean.add_argument(
        "--all",
        action="store_true",
        help="remove the containers of running processes and other hosts, too",
    )
    clean.set_defaults(run=_clean)


def _positive(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is not a positive number")
    return number


def _check(options: argparse.Namespace) -> int:
    image = options.image or default_image()
    try:
        api = connect(options.docker_host)
    except SandboxUnavailable as error:
        return say_wrong(str(error), 1)
    wrong = 0
    try:
        for point in examine(api, image, options.runtime):
            print(f"{'ok   ' if point.fix is None else 'wrong'} {point.name:10} {point.found}")
            if point.fix is not None:
                wrong += 1
                print(f"      {'to fix it':10} {point.fix}")
    finally:
        api.close()
    if wrong:
        return 1
    try:
        contents, seconds = _try_out(image, options)
    except (SandboxUnavailable, SandboxFailure) as error:
        print(f"wrong {'trial':10} {printable(str(error), lines=True)}")
        return 1
    packages = [f"{name} {version}" for name, version in contents.packages.items()]
    print(f"ok    {'python':10} {printable(contents.python)}")
    print(f"ok    {'packages':10} {printable(', '.join(packages) or 'none')}")
    first, second = (f"{1000 * part:.1f} ms" for part in seconds)
    print(f"ok    {'trial':10} a program ran: {first} with its container, {second} in a warm one")
    return 0


def _try_out(image: str, options: argparse.Namespace) -> tuple[Contents, list[float]]:
    """Run a tiny program twice; returns what it could use, and how long each run took."""
    from reasoning_gym_envs.sandbox.docker_sandbox import DockerSandbox

    submission = Submission("print(int(input()) * 2)", ("21\n",), "programs")
    times = []
    start = time.perf_counter()
    sandbox = DockerSandbox(
        boxes=1, image=image, runtime=options.runtime, docker_host=options.docker_host
    )
    try:
        for _ in range(2):
            (outcome,) = sandbox.run(submission)
            times.append(time.perf_counter() - start)
            start = time.perf_counter()
            if (outcome.status, outcome.value) != ("returned", "42\n"):
                raise SandboxFailure(
                    f"the program that doubles 21 ended with {outcome.status!r}, printed "
                    f"{outcome.value!r:.100}; {outcome.message}"
                )
    finally:
        sandbox.close()
    return sandbox.contents, times


def _build_image(options: argparse.Namespace) -> int:
    how: Way = options.how

    def say(line: str) -> None:
        if not options.quiet:
            print(line, flush=True)

    try:
        api = connect(options.docker_host, timeout=600)
    except SandboxUnavailable as error:
        return say_wrong(str(error), 2)
    try:
        digest = build(api, how, options.image, say=say, requirements=options.packages)
    except SandboxUnavailable as error:
        return say_wrong(str(error), 1)
    finally:
        api.close()
    if options.quiet:
        print(digest)
    return 0


def _run(options: argparse.Namespace) -> int:
    from reasoning_gym_envs.sandbox.docker_sandbox import RUNNER_MEMORY, DockerSandbox

    if options.file == "-" and options.stdin == "-":
        return say_wrong("standard input cannot be both the source and the program's input", 2)
    try:
        source = _read(options.file)
        given = _read(options.stdin) if options.stdin is not None else options.input or ""
    except OSError as error:
        return say_wrong(str(error), 2)
    limits = Limits(
        seconds=options.seconds,
        total_seconds=max(Limits().total_seconds, 5 * options.seconds + 1),
        memory=round(options.memory * MEGABYTE),
    )
    if options.call:
        submission = Submission(source, tuple(options.call), "calls", limits=limits)
    else:
        submission = Submission(source, (given,), "programs", limits=limits)
    try:
        sandbox = DockerSandbox(
            boxes=1,
            image=options.image or default_image(),
            runtime=options.runtime,
            docker_host=options.docker_host,
            memory=max(256 * MEGABYTE, limits.memory + RUNNER_MEMORY),
        )
        try:
            outcomes = sandbox.run(submission)
        finally:
            sandbox.close()
    except (SandboxUnavailable, SandboxFailure) as error:
        return say_wrong(str(error), 2)
    for test, outcome in zip(submission.tests, outcomes, strict=True):
        _print(test, outcome, submission.kind == "calls")
    return 0 if all(outcome.status == "returned" for outcome in outcomes) else 1


def _read(name: str) -> str:
    data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    return data.decode("utf-8", errors="surrogateescape")


def _print(test: str, outcome: Outcome, is_call: bool) -> None:
    if is_call:
        print(printable(test))
    fields: list[tuple[str, str]] = [("status", outcome.status)]
    if outcome.status == "returned" and is_call:
        fields.append(("value", show(outcome.value, 2000)))
    if outcome.message:
        fields.append(("message", outcome.message))
    fields.append(("time", f"{1000 * outcome.seconds:.1f} ms of processor time"))
    for name, text in fields:
        print(f"  {name:8} {printable(text)}")
    prints = [("printed", outcome.printed)]
    if not is_call:
        output = outcome.value if isinstance(outcome.value, str) else ""
        prints = [("standard output", output), ("standard error", outcome.printed)]
    for name, printed in prints:
        if printed:
            print(f"  {name}")
            for line in printable(printed, lines=True).removesuffix("\n").split("\n"):
                print(f"    {line}")


def _clean(options: argparse.Namespace) -> int:
    try:
        api = connect(options.docker_host)
    except SandboxUnavailable as error:
        return say_wrong(str(error), 2)
    try:
        removed = remove_orphans(api, options.all)
    finally:
        api.close()
    for line in removed:
        print(f"removed {line}")
    print(f"{len(removed)} containers removed" if removed else "nothing to remove")
    return 0
