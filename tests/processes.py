"""Processes that tests start."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent


def is_running(process: int) -> bool:
    """Whether there is such a process, and it has not ended (as one that nobody waits for yet)."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def workers_end_with(program: Path) -> None:
    """Kill a program that has printed the numbers of its two workers, and see both end.

    Each has to write its line at once: what they print may be mixed.
    """
    process = subprocess.Popen(
        [sys.executable, program],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert process.stdout is not None
    workers = [int(process.stdout.readline()) for _ in range(2)]
    process.kill()
    process.communicate()
    while any(map(is_running, workers)):  # a moment later
        time.sleep(0.01)
