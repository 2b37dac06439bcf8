"""Every speed figure, one after the other: ``python -m baselines.speed``."""

from __future__ import annotations

import subprocess
import sys

if __name__ == "__main__":
    for name in (
        "imports",
        "answers",
        "environments",
        "puzzles",
        "mixture",
        "workers",
        "vector",
        "maze",
        "sandbox",
        "soak",
        "q_learning",
        "classic",
        "encoders",
        "grpo",
    ):
        print(f"\n== baselines.speed.{name}", flush=True)
        subprocess.run([sys.executable, "-m", f"baselines.speed.{name}"], check=True)
