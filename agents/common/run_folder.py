"""What a training run leaves on disk, and how it goes on after an interruption.

    config.json          the configuration, all of it
    metrics.jsonl        one line an update
    transcripts.jsonl    some episodes in full, to read what the agent does
    checkpoints/000100/  what the agent wrote (weights, optimizer, table), and state.json
    learning_curve.png
    tensorboard/         the metrics once more, where the configuration has such a tracker
    tracker.json         what the run is called in another tracker

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
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, cast

from filelock import FileLock, Timeout
from rich.columns import Columns
from rich.console import Console, RenderableType
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from agents.common.distributed import is_first
from agents.common.trackers import Tracker, open_tracker

if TYPE_CHECKING:
    from agents.common.rollouts import Episode

__all__ = [
    "Curve",
    "Interruption",
    "RunFolder",
    "RunStopped",
    "draw_learning_curve",
    "records_of",
]

Metrics = dict[str, Any]
Config = TypeVar("Config")


class RunStopped(RuntimeError):
    """A run that cannot go on as it is; the message says why."""


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
        if is_first():
            print(
                "\nfinishing this update, then saving (Ctrl-C again to stop at once)",
                file=sys.stderr,
            )


class RunFolder:
    """The folder of one training run."""

    def __init__(self, path: str | Path | None, config: Any, *, resume: bool = False) -> None:
        """Open a new folder for a run with this configuration (a dataclass), or an old one.

        Without a path nothing is written, and the metrics are in memory alone.  Of several
        processes the first one writes, and shows how it goes.  An old run may have more ``updates``
        than before; all else has to be as it was.

        Raises `FileExistsError` when a new run would overwrite an old one or another process is at
        work in the folder, `FileNotFoundError` and `ValueError` when there is nothing to resume or
        it was made with another configuration.
        """
        self.config = config
        self._is_new = not resume
        self._console = Console(stderr=True)
        self._records: list[Metrics] = []
        self._tracker: Tracker | None = None
        self._tracked = -1  # the last step that the tracker has
        self._path = None if path is None else Path(path)
        self._writes = path is not None and is_first()
        if path is None and resume:
            raise ValueError("to resume a run, name its folder")
        if not self._writes:
            return
        described = _described(config)
        file = self.path / "config.json"
        if resume:
            saved = _described(self.load_config(self.path, type(config)))
            self._take_lock()
            if saved.get("updates", 0) < described.get("updates", 0):
                saved["updates"] = described["updates"]
            if saved != described:
                changed = sorted(name for name in saved if saved[name] != described[name])
                raise ValueError(
                    f"{self.path} was made with other settings ({', '.join(changed)}): resume it "
                    "with its own, which are in its config.json, or start a new folder"
                )
            _write_whole(file, json.dumps(described, indent=2) + "\n")
            self._records = records_of(self.path)
            self._tracked = self._records[-1]["step"] if self._records else -1
        elif file.exists():
            raise FileExistsError(
                f"{self.path} already holds a run: resume it (--resume), or choose another folder"
            )
        else:
            self._made_folder = not self.path.exists()
            self.path.mkdir(parents=True, exist_ok=True)
            self._take_lock()
            _write_whole(file, json.dumps(described, indent=2) + "\n")
        if getattr(config, "tracker", None) is not None:
            try:
                self._tracker = open_tracker(described["tracker"], self.path, described)
            except BaseException:
                self._remove_what_never_began()
                raise

    @property
    def path(self) -> Path:
        """The folder."""
        assert self._path is not None, "this run has no folder"
        return self._path

    def _take_lock(self) -> None:
        """Keep other processes out as long as this one lives, whatever ends it."""
        # Of this process all run folders share it: notebooks resume where they have trained.
        self._lock = FileLock(self.path / ".lock", is_singleton=True)
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            raise FileExistsError(
                f"another process trains in {self.path}: wait for it, or choose another folder"
            ) from None

    def _remove_what_never_began(self) -> None:
        """Remove the traces of a start that failed, so that the next try is not refused."""
        if self._writes and self._is_new and not self._records:
            for name in (
                "config.json",
                ".config.json",
                "transcripts.jsonl",
                "tracker.json",
                ".lock",
            ):
                (self.path / name).unlink(missing_ok=True)
            for name in ("tensorboard", "wandb"):
                shutil.rmtree(self.path / name, ignore_errors=True)
            if self._made_folder:
                with suppress(OSError):  # it stays where somebody else has put something into it
                    self.path.rmdir()

    @staticmethod
    def read_config(path: str | Path) -> dict[str, Any]:
        """The configuration of the run in a folder.

        Raises `FileNotFoundError` when there is none, and `ValueError` when what is there is none
        of a run.
        """
        file = Path(path) / "config.json"
        if not file.is_file():
            raise FileNotFoundError(f"there is no run in {str(path)!r} (no config.json there)")
        try:
            config = json.loads(file.read_text(encoding="utf-8"))
        except ValueError as error:
            raise ValueError(f"{str(file)!r} is not JSON: {error}") from error
        if not isinstance(config, dict) or "algorithm" not in config:
            what = "a model" if isinstance(config, dict) and "model_type" in config else "no run"
            raise ValueError(
                f"{str(path)!r} is the folder of {what}, and one of a run is needed: a model is "
                "named with --model"
            )
        return config

    @classmethod
    def load_config(cls, path: str | Path, kind: type[Config]) -> Config:
        """The configuration of the run in a folder, as the dataclass that it was.

        A setting that is newer than the run has its default.  Raises `FileNotFoundError` when there
        is no run, and `ValueError` when it is one of another algorithm, or has a setting that there
        is no longer.
        """
        saved = cls.read_config(path)
        algorithm, wanted = saved.pop("algorithm"), _algorithm(kind)
        if algorithm != wanted:
            raise ValueError(f"the run in {str(path)!r} is one of {algorithm}, not of {wanted}")
        if saved.pop("tensorboard", False):  # what the setting was before there were others
            saved["tracker"] = "tensorboard"
        gone = sorted(saved.keys() - {field.name for field in fields(cast("Any", kind))})
        if gone:
            raise ValueError(
                f"the run in {str(path)!r} has settings that there are no longer: "
                f"{', '.join(gone)}; take them out of its config.json, or use the version that it "
                "was made with"
            )
        return kind(**{k: tuple(v) if isinstance(v, list) else v for k, v in saved.items()})

    # Metrics and transcripts: a line each. -------------------------------------------------------

    def log(self, metrics: Metrics) -> None:
        """Append one record, with its ``step``, to ``metrics.jsonl``."""
        self._records.append(metrics)
        self._append("metrics.jsonl", [metrics])
        # A run that goes on from a checkpoint says again what it has said after that.
        if self._tracker is not None and metrics["step"] > self._tracked:
            numbers = {
                name: float(value)
                for name, value in metrics.items()
                if name != "step" and isinstance(value, (int, float))
            }
            self._tracker.log(metrics["step"], numbers)

    def metrics(self) -> list[Metrics]:
        """All records so far."""
        return list(self._records)

    def log_transcripts(self, step: int, kind: str, episodes: Sequence[Episode]) -> None:
        """Append episodes in full to ``transcripts.jsonl``; `kind` says what they are from."""
        self._append(
            "transcripts.jsonl",
            [{"step": step, "kind": kind, **episode.record()} for episode in episodes],
        )

    def _append(self, name: str, records: Sequence[Metrics]) -> None:
        if not self._writes:
            return
        with (self.path / name).open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(record, ensure_ascii=False) + "\n" for record in records)

    # Checkpoints. --------------------------------------------------------------------------------

    def save(
        self,
        step: int,
        write: Callable[[Path], None],
        state: Mapping[str, Any] | None = None,
        keep: int = 2,
    ) -> None:
        """Write a checkpoint after `step`, and remove all but the newest `keep`.

        `write` puts what the agent has learned into a folder; `state` is what else it needs to go
        on, as JSON.  The folder appears under its name only when it is complete, so a crash leaves
        the last one.  Each process calls `write`, for each may have a part of what is written; the
        first one has the folder.
        """
        if self._path is None:
            return
        folder = self.path / "checkpoints" / f"{step:06d}"
        partial = folder.with_name(f".{folder.name}")
        if not self._writes:
            write(partial)
            return
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        write(partial)
        (partial / "state.json").write_text(json.dumps({"step": step, **(state or {})}) + "\n")
        shutil.rmtree(folder, ignore_errors=True)
        partial.rename(folder)
        for old in self.checkpoints(self.path)[:-keep]:
            shutil.rmtree(old)

    @staticmethod
    def checkpoints(path: str | Path) -> list[Path]:
        """The complete checkpoints of a run, oldest first."""
        return sorted((Path(path) / "checkpoints").glob("[0-9]*"), key=lambda p: int(p.name))

    @classmethod
    def latest(cls, path: str | Path) -> Path:
        """The newest checkpoint of a run."""
        cls.read_config(path)
        checkpoints = cls.checkpoints(path)
        if not checkpoints:
            raise FileNotFoundError(f"the run in {str(path)!r} has no checkpoint yet")
        return checkpoints[-1]

    def restore(self, read: Callable[[Path, dict[str, Any]], None]) -> dict[str, Any]:
        """Put the newest checkpoint back, and forget what was logged after it; returns its state.

        `read` takes the folder that `write` of :meth:`save` filled, and the state.  A run that was
        stopped before its first checkpoint starts again from 0.
        """
        checkpoints = self.checkpoints(self.path)
        state: dict[str, Any] = {"step": 0}
        if checkpoints:
            state = json.loads((checkpoints[-1] / "state.json").read_text())
            read(checkpoints[-1], state)
        if not self._writes:
            return state
        if not checkpoints:
            for name in ("metrics.jsonl", "transcripts.jsonl"):
                (self.path / name).unlink(missing_ok=True)
            self._records = []
            return state
        for name in ("metrics.jsonl", "transcripts.jsonl"):
            kept = [
                record for record in records_of(self.path, name) if record["step"] <= state["step"]
            ]
            (self.path / name).unlink(missing_ok=True)
            self._append(name, kept)
        self._records = records_of(self.path)
        return state

    # Showing how it goes. ------------------------------------------------------------------------

    @contextmanager
    def progress(self, title: str, total: int, done: int = 0) -> Iterator[Any]:
        """A live bar; yields ``show(step, metrics, total)``. Without a terminal: lines.

        What is raised before anything was logged leaves no folder behind.
        """
        try:
            with self._bar(title, total, done) as show:
                yield show
        except BaseException:
            self._close_tracker(failed=True)
            self._remove_what_never_began()
            raise
        self._close_tracker(failed=False)

    def _close_tracker(self, *, failed: bool) -> None:
        if self._tracker is not None:
            self._tracker.close(failed=failed)

    @contextmanager
    def _bar(self, title: str, total: int, done: int) -> Iterator[Any]:
        console = self._console
        if not is_first():
            yield lambda *_: None
            return
        if not console.is_terminal:
            yield _PlainProgress(title, total)
            return
        with _Bar(
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TextColumn("{task.completed}/{task.total}"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=console,
            refresh_per_second=4,
        ) as bar:
            task = bar.add_task(title, total=total, completed=done)
            shown: Metrics = {}

            def show(step: int, metrics: Metrics, total: int = total) -> None:
                shown.update(metrics)
                bar.headline = _headline(shown)
                bar.update(task, completed=step, total=total)

            yield show

    def say(self, sentence: str) -> None:
        """Tell the reader something, above the bar."""
        if not is_first():
            return
        self._console.print(f"[yellow]Note:[/] {escape(sentence)}", highlight=False, soft_wrap=True)

    def draw(self, title: str, *curves: Curve, xlabel: str = "update") -> None:
        """Draw ``learning_curve.png`` from the metrics."""
        if self._writes:
            path = self.path / "learning_curve.png"
            draw_learning_curve(self.metrics(), path, title, curves, xlabel)


def _algorithm(config: type) -> str:
    return config.__name__.removesuffix("Config").lower()


def _described(config: Any) -> dict[str, Any]:
    """A configuration as config.json has it."""
    described: dict[str, Any] = {"algorithm": _algorithm(type(config)), **asdict(config)}
    return cast("dict[str, Any]", json.loads(json.dumps(described)))


def _write_whole(file: Path, text: str) -> None:
    """Write a file beside, and put it in its place: a kill leaves the old one, or the new one."""
    beside = file.with_name(f".{file.name}")
    beside.write_text(text, encoding="utf-8")
    beside.replace(file)


class _Bar(Progress):
    """A bar, and under it how it goes: a line of 80 columns has no room for both."""

    headline: Sequence[str] = ()

    def get_renderables(self) -> Iterator[RenderableType]:
        yield from super().get_renderables()
        yield Columns(self.headline, padding=(0, 2))


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
            headline = "  ".join(_headline(self.shown))
            print(f"{self.title} {step}/{self.total}  {headline}", file=sys.stderr)


_HEADLINE = {
    "return": ("return", "{:.2f}"),
    "success": ("solved", "{:.0%}"),
    "test_success": ("greedy", "{:.0%}"),
    "steps_per_second": ("steps/s", "{:,.0f}"),
    "accuracy": ("correct", "{:.0%}"),
    "reasoning": ("reasons", "{:.0%}"),
    "held_out_accuracy": ("held out", "{:.0%}"),
    "test_accuracy": ("test", "{:.0%}"),
    "reward": ("reward", "{:.2f}"),
    "contrast": ("contrast", "{:.0%}"),
    "cut_off": ("cut off", "{:.0%}"),
    "entropy": ("entropy", "{:.2f}"),
    "kl_reference": ("KL", "{:.3f}"),
    "tokens_per_episode": ("tokens", "{:.0f}"),
    "loss": ("loss", "{:.3f}"),
    "seconds": ("a step", "{:.2f} s"),
}


def _headline(metrics: Metrics) -> list[str]:
    if "contrast" in metrics:  # of such an agent the loss is around 0, whatever is learned
        metrics = {name: value for name, value in metrics.items() if name != "loss"}
    return [
        f"{name} {form.format(metrics[key])}"
        for key, (name, form) in _HEADLINE.items()
        if key in metrics
    ]


class Curve(NamedTuple):
    """A line of a plot: which metric, what it is called, and matplotlib's style.

    `interval` is the metric that holds its lower and upper bounds, drawn as a band.
    """

    metric: str
    label: str
    style: Mapping[str, Any]
    interval: str | None = None


def draw_learning_curve(
    metrics: Sequence[Metrics],
    path: Path,
    title: str,
    curves: Sequence[Curve],
    xlabel: str = "update",
) -> None:
    """Plot metrics that are shares, from 0 to 1, over ``step``."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure  # not pyplot: it keeps global state

    figure = Figure(figsize=(7, 4), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    for metric, label, style, interval in curves:
        points = [(record["step"], record[metric]) for record in metrics if metric in record]
        if points:
            axes.plot(*zip(*points, strict=True), label=label, ms=4, **style)
        bounds = [
            (record["step"], *record[interval])
            for record in metrics
            if interval is not None and interval in record
        ]
        if bounds:
            steps, low, high = zip(*bounds, strict=True)
            axes.fill_between(steps, low, high, color=style["color"], alpha=0.15, lw=0)
    axes.set(xlabel=xlabel, ylabel="share", ylim=(0, 1.02), title=title)
    axes.grid(alpha=0.3)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(loc="lower right", framealpha=0.9)
    figure.savefig(path, dpi=150)


def records_of(folder: str | Path, name: str = "metrics.jsonl") -> list[Metrics]:
    """The lines of a file of a run folder; none where there is no such file."""
    file = Path(folder) / name
    if not file.exists():
        return []
    data = file.read_bytes()
    whole = data[: data.rfind(b"\n") + 1]  # a crash may have cut the last line off
    return [json.loads(line) for line in whole.decode("utf-8").split("\n")[:-1]]
