"""What a training run leaves on disk, and how it goes on after an interruption.

    config.json          the configuration, all of it
    metrics.jsonl        one line an update
    transcripts.jsonl    some episodes in full, to read what the agent does
    checkpoints/000100/  model/ (as Hugging Face writes it), optimizer.safetensors, state.json
    learning_curve.png

Weights and optimizer state are safetensors and everything else is JSON, so that opening a run that
somebody else made cannot execute anything.
"""

from __future__ import annotations

import json
import shutil
import signal
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

import torch
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from safetensors.torch import load_file, save_file
from torch import nn

from agents.language_model import LanguageModel
from agents.rollouts import Episode

__all__ = ["Interruption", "RunFolder", "draw_learning_curve"]

Metrics = dict[str, Any]
Config = TypeVar("Config")


class Interruption:
    """Turns the first Ctrl-C into a wish that is granted between two updates.

    Use as a context manager, and look at `requested`.  A second Ctrl-C interrupts at once.
    """

    def __init__(self) -> None:
        self.requested = False

    def __enter__(self) -> Interruption:
        self._installed = threading.current_thread() is threading.main_thread()
        if self._installed:
            self._previous = signal.signal(signal.SIGINT, self._handle)
        return self

    def __exit__(self, *_: object) -> None:
        if self._installed:
            signal.signal(signal.SIGINT, self._previous)

    def _handle(self, *_: object) -> None:
        if self.requested:
            raise KeyboardInterrupt
        self.requested = True
        print(
            "\nfinishing this update, then saving (Ctrl-C again to stop at once)", file=sys.stderr
        )


class RunFolder:
    """The folder of one training run."""

    def __init__(self, path: str | Path, config: Any, *, resume: bool = False) -> None:
        """Open a new folder for a run with this configuration (a dataclass), or an old one.

        Raises `FileExistsError` when a new run would overwrite an old one, `FileNotFoundError` and
        `ValueError` when there is nothing to resume or it was made with another configuration.
        """
        self.path = Path(path)
        self.config = config
        described = {"algorithm": _algorithm(type(config))}
        described |= asdict(config)
        described = json.loads(json.dumps(described))
        file = self.path / "config.json"
        if resume:
            saved = self.read_config(self.path)
            if saved != described:
                changed = sorted(
                    k for k in saved.keys() | described.keys() if saved.get(k) != described.get(k)
                )
                raise ValueError(
                    f"{self.path} was made with other settings ({', '.join(changed)}): resume it "
                    "with its own, which are in its config.json, or start a new folder"
                )
        elif file.exists():
            raise FileExistsError(
                f"{self.path} already holds a run: resume it (--resume), or choose another folder"
            )
        else:
            self.path.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(described, indent=2) + "\n")

    @staticmethod
    def read_config(path: str | Path) -> dict[str, Any]:
        """The configuration of the run in a folder."""
        file = Path(path) / "config.json"
        if not file.is_file():
            raise FileNotFoundError(f"there is no run in {str(path)!r} (no config.json there)")
        config: dict[str, Any] = json.loads(file.read_text())
        return config

    @classmethod
    def load_config(cls, path: str | Path, kind: type[Config]) -> Config:
        """The configuration of the run in a folder, as the dataclass that it was.

        Raises `FileNotFoundError` when there is no run, and `ValueError` when it is one of another
        algorithm.
        """
        saved = cls.read_config(path)
        algorithm, wanted = saved.pop("algorithm"), _algorithm(kind)
        if algorithm != wanted:
            raise ValueError(f"the run in {str(path)!r} is one of {algorithm}, not of {wanted}")
        return kind(**{k: tuple(v) if isinstance(v, list) else v for k, v in saved.items()})

    # Metrics and transcripts: a line each. -------------------------------------------------------

    def log(self, metrics: Metrics) -> None:
        """Append one record to ``metrics.jsonl``."""
        self._append("metrics.jsonl", [metrics])

    def metrics(self) -> list[Metrics]:
        """All records so far."""
        return self._read("metrics.jsonl")

    def log_transcripts(self, step: int, kind: str, episodes: Sequence[Episode]) -> None:
        """Append episodes in full to ``transcripts.jsonl``; `kind` says what they are from."""
        self._append(
            "transcripts.jsonl",
            [{"step": step, "kind": kind, **episode.record()} for episode in episodes],
        )

    def _append(self, name: str, records: Sequence[Metrics]) -> None:
        with (self.path / name).open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(record, ensure_ascii=False) + "\n" for record in records)

    def _read(self, name: str) -> list[Metrics]:
        file = self.path / name
        if not file.exists():
            return []
        return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]

    # Checkpoints. --------------------------------------------------------------------------------

    def save(
        self,
        step: int,
        policy: LanguageModel,
        optimizer: torch.optim.Optimizer,
        state: dict[str, Any] | None = None,
        keep: int = 2,
    ) -> Path:
        """Write a checkpoint after `step` updates, and remove all but the newest `keep`.

        The folder appears under its name only when it is complete, so a crash leaves the last one.
        """
        folder = self.path / "checkpoints" / f"{step:06d}"
        partial = folder.with_name(f".{folder.name}")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        policy.save(partial / "model")
        save_file(_optimizer_tensors(policy.model, optimizer), partial / "optimizer.safetensors")
        (partial / "state.json").write_text(json.dumps({"step": step, **(state or {})}) + "\n")
        shutil.rmtree(folder, ignore_errors=True)
        partial.rename(folder)
        for old in self.checkpoints(self.path)[:-keep]:
            shutil.rmtree(old)
        return folder

    @staticmethod
    def checkpoints(path: str | Path) -> list[Path]:
        """The complete checkpoints of a run, oldest first."""
        return sorted((Path(path) / "checkpoints").glob("[0-9]*"))

    @classmethod
    def latest(cls, path: str | Path) -> Path:
        """The newest checkpoint of a run."""
        cls.read_config(path)
        checkpoints = cls.checkpoints(path)
        if not checkpoints:
            raise FileNotFoundError(f"the run in {str(path)!r} has no checkpoint yet")
        return checkpoints[-1]

    def restore(self, policy: LanguageModel, optimizer: torch.optim.Optimizer) -> dict[str, Any]:
        """Put the newest checkpoint back, and forget what was logged after it; returns its state.

        No random state is saved: agents derive the randomness of an update from (seed, update).
        A run that was stopped before its first checkpoint starts again from 0.
        """
        checkpoints = self.checkpoints(self.path)
        if not checkpoints:
            for name in ("metrics.jsonl", "transcripts.jsonl"):
                (self.path / name).unlink(missing_ok=True)
            return {"step": 0}
        folder = checkpoints[-1]
        policy.load_weights(folder / "model")
        _load_optimizer(policy.model, optimizer, load_file(folder / "optimizer.safetensors"))
        state: dict[str, Any] = json.loads((folder / "state.json").read_text())
        for name in ("metrics.jsonl", "transcripts.jsonl"):
            kept = [record for record in self._read(name) if record["step"] <= state["step"]]
            (self.path / name).unlink(missing_ok=True)
            self._append(name, kept)
        return state

    # Showing how it goes. ------------------------------------------------------------------------

    @contextmanager
    def progress(self, title: str, total: int, done: int = 0) -> Iterator[Any]:
        """A live bar; yields ``show(step, metrics, total)``. Without a terminal: lines."""
        console = Console(stderr=True)
        if not console.is_terminal:
            yield _PlainProgress(title, total)
            return
        with Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TextColumn("{task.completed}/{task.total}"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[text]}"),
            console=console,
            refresh_per_second=4,
        ) as bar:
            task = bar.add_task(title, total=total, completed=done, text="")
            shown: Metrics = {}

            def show(step: int, metrics: Metrics, total: int = total) -> None:
                shown.update(metrics)
                bar.update(task, completed=step, total=total, text=_headline(shown))

            yield show

    def draw(self, title: str) -> Path:
        """Draw ``learning_curve.png`` from the metrics; returns its path."""
        path = self.path / "learning_curve.png"
        draw_learning_curve(self.metrics(), path, title)
        return path


def _algorithm(config: type) -> str:
    return config.__name__.removesuffix("Config").lower()


class _PlainProgress:
    """Lines for log files: every tenth of the way, at most one in five seconds."""

    def __init__(self, title: str, total: int) -> None:
        self.title, self.total, self.last = title, total, time.monotonic()
        self.shown: Metrics = {}

    def __call__(self, step: int, metrics: Metrics, total: int | None = None) -> None:
        self.shown.update(metrics)
        self.total = total or self.total
        if step == self.total or time.monotonic() - self.last > 5:
            self.last = time.monotonic()
            print(f"{self.title} {step}/{self.total}  {_headline(self.shown)}", file=sys.stderr)


_HEADLINE = {
    "accuracy": ("correct", "{:.0%}"),
    "reasoning": ("reasons", "{:.0%}"),
    "held_out_accuracy": ("held out", "{:.0%}"),
    "test_accuracy": ("test", "{:.0%}"),
    "loss": ("loss", "{:.3f}"),
    "seconds": ("a step", "{:.2f} s"),
}


def _headline(metrics: Metrics) -> str:
    return "  ".join(
        f"{name} {form.format(metrics[key])}"
        for key, (name, form) in _HEADLINE.items()
        if key in metrics
    )


def draw_learning_curve(metrics: Sequence[Metrics], path: Path, title: str) -> None:
    """Plot test accuracy and the share of answers that reason, over updates."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure  # not pyplot: it keeps global state

    figure = Figure(figsize=(7, 4), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    lines: list[tuple[str, str, dict[str, Any]]] = [
        ("accuracy", "correct, sampled in training", {"color": "#9ecae1", "lw": 1}),
        ("test_accuracy", "correct, test split", {"color": "#08519c", "lw": 2, "marker": "o"}),
        (
            "test_reasoning",
            "answers that reason, test split",
            {"color": "#e6550d", "lw": 2, "marker": "s"},
        ),
    ]
    for key, label, style in lines:
        points = [(record["step"], record[key]) for record in metrics if key in record]
        if points:
            axes.plot(*zip(*points, strict=True), label=label, ms=4, **style)
    axes.set(xlabel="update", ylabel="share", ylim=(0, 1.02), title=title)
    axes.grid(alpha=0.3)
    axes.legend(loc="lower right", framealpha=0.9)
    figure.savefig(path, dpi=150)


# AdamW's state as named tensors. -----------------------------------------------------------------


def _optimizer_tensors(
    model: nn.Module, optimizer: torch.optim.Optimizer
) -> dict[str, torch.Tensor]:
    return {
        f"{name}:{key}": torch.as_tensor(value).contiguous()
        for name, parameter in model.named_parameters()
        for key, value in optimizer.state.get(parameter, {}).items()
    }


def _load_optimizer(
    model: nn.Module, optimizer: torch.optim.Optimizer, tensors: dict[str, torch.Tensor]
) -> None:
    parameters = dict(model.named_parameters())
    for label, tensor in tensors.items():
        name, _, key = label.rpartition(":")
        parameter = parameters[name]
        # A step counter is one number, and stays on the device that the optimizer put it on.
        value = tensor.clone() if tensor.dim() == 0 else tensor.to(parameter.device)
        optimizer.state[parameter][key] = value
