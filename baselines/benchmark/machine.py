"""Where a benchmark ran, and for how long."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Iterable
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from baselines.benchmark.runs import Record

__all__ = ["busy", "machine"]

_PACKAGES = ("reasoning-gym-envs", "gymnasium", "numpy", "torch", "transformers")


def machine() -> Record:
    """Versions, processor and commit, as far as they are known."""
    versions = {"Python": platform.python_version()}
    for package in _PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            continue
    return {"versions": versions, "cpu": _cpu(), "cpus": os.cpu_count(), "commit": _commit()}


def _cpu() -> str:
    with suppress(OSError):  # Linux alone has the file
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _commit() -> str:
    git = ["git", "-C", str(Path(__file__).parent), "describe", "--always", "--dirty"]
    try:
        return subprocess.run(git, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def busy(records: Iterable[Record]) -> float:
    """Seconds in which at least one of the runs was in progress."""
    total, until = 0.0, float("-inf")
    for began, ended in sorted((record["began"], record["ended"]) for record in records):
        total += max(0.0, ended - max(began, until))
        until = max(until, ended)
    return total
