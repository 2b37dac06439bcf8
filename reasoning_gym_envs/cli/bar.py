"""A bar that shows how far a command has come."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def progress_bar(word: str, who: str) -> Iterator[Callable[[int, int, int], None]]:
    """A bar on standard error, with a share: so many are "solved" so far.

    Args:
        word: what the share is of.
        who: who needs the extra, for the message where it is not installed.

    Returns:
        What is told how many are done, how many of them count for the share, and of how many.

    Raises:
        ImportError: the extra is not installed.
    """
    try:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
        )
    except ImportError as error:
        raise ImportError(
            f"{who} the extra: pip install 'reasoning-gym-envs[evaluation]'"
        ) from error
    columns = (
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.description}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=None)

        def shown(done: int, counting: int, total: int) -> None:
            share = f"{counting / done:.1%} {word}" if done else ""
            progress.update(task, completed=done, total=total, description=share)

        yield shown
