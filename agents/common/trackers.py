"""Where the metrics of a run go besides its folder: TensorBoard, trackio, or Weights & Biases.

The packages are extras, and imported when a run asks for one.  A run that is resumed is the same
run for its tracker: what it is called there stands in ``tracker.json``.
"""

from __future__ import annotations

import importlib
import json
import os
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal, Protocol, TypedDict

__all__ = ["Tracker", "TrackerName", "open_tracker"]

TrackerName = Literal["tensorboard", "trackio", "wandb"]

PROJECT = "reasoning-gym-envs"
"""What runs belong to, unless TRACKIO_PROJECT or WANDB_PROJECT says otherwise."""


class Tracker(Protocol):
    """What a run does with its tracker."""

    def log(self, step: int, values: Mapping[str, float]) -> None:
        """Add the metrics of a step; steps only grow."""

    def close(self, *, failed: bool) -> None:
        """Wait until all of it is written; `failed` says that the run ended by an error."""


def open_tracker(name: TrackerName, folder: Path, settings: Mapping[str, Any]) -> Tracker:
    """The tracker of the run in a folder, which goes on with what it has of that run.

    Args:
        name: which one.
        folder: of the run.
        settings: of the run, as JSON.

    Raises:
        ValueError: its package is not installed, or does not start.
    """
    module, kind = _KINDS[name]
    try:
        package = importlib.import_module(module)
    except ImportError as error:
        raise ValueError(
            f"the tracker {name} is not installed: pip install 'reasoning-gym-envs[{name}]'"
        ) from error
    return kind(package, folder, settings)


class _TensorBoard:
    """Event files in ``tensorboard/``."""

    def __init__(self, package: Any, folder: Path, _: Mapping[str, Any]) -> None:
        self._writer = package.SummaryWriter(str(folder / "tensorboard"))

    def log(self, step: int, values: Mapping[str, float]) -> None:
        for name, value in values.items():
            self._writer.add_scalar(name, value, step)
        self._writer.flush()

    def close(self, *, failed: bool) -> None:
        self._writer.close()


class _Trackio:
    """A run in trackio's own folder, which ``trackio show`` opens, or where it is told to send."""

    def __init__(self, package: Any, folder: Path, settings: Mapping[str, Any]) -> None:
        entry = _entry("trackio", folder)
        self._package = package
        self._run = package.init(
            project=entry["project"],
            name=f"{entry['name']}-{entry['id']}",  # trackio knows a run by its name
            config=dict(settings),
            resume="allow",
            embed=False,
        )

    def log(self, step: int, values: Mapping[str, float]) -> None:
        self._run.log(dict(values), step=step)

    def close(self, *, failed: bool) -> None:
        self._package.finish()  # where the run alone is told, it is finished once more at exit


class _WandB:
    """A run of Weights & Biases; its files are in ``wandb/``, and WANDB_MODE=offline sends none."""

    def __init__(self, package: Any, folder: Path, settings: Mapping[str, Any]) -> None:
        entry = _entry("wandb", folder)
        try:
            self._run = package.init(
                project=entry["project"],
                id=entry["id"],
                name=entry["name"],
                dir=str(folder),
                config=dict(settings),
                resume="allow",
                settings=package.Settings(console="off"),  # the bar stays here
            )
        except package.Error as error:  # no key, no network
            raise ValueError(f"the tracker wandb does not start: {error}") from error

    def log(self, step: int, values: Mapping[str, float]) -> None:
        self._run.log(dict(values), step=step)

    def close(self, *, failed: bool) -> None:
        self._run.finish(exit_code=int(failed))


_KINDS: dict[TrackerName, tuple[str, Callable[[Any, Path, Mapping[str, Any]], Tracker]]] = {
    "tensorboard": ("torch.utils.tensorboard", _TensorBoard),
    "trackio": ("trackio", _Trackio),
    "wandb": ("wandb", _WandB),
}


class _Entry(TypedDict):
    """What a run is called where it is tracked."""

    project: str
    name: str
    id: str


def _entry(tracker: str, folder: Path) -> _Entry:
    """That of the run in a folder: what ``tracker.json`` says, or a new one, written there."""
    file = folder / "tracker.json"
    if file.is_file():
        written: _Entry = json.loads(file.read_text(encoding="utf-8"))
        return written
    project = os.environ.get(f"{tracker.upper()}_PROJECT", PROJECT)
    entry = _Entry(project=project, name=folder.resolve().name, id=uuid.uuid4().hex[:8])
    file.write_text(json.dumps(entry, indent=2) + "\n", encoding="utf-8")
    return entry
