"""The first episodes of every id and level, pinned: a generator changes on purpose or not at all.

``python -m tests.golden`` writes the files anew, which is right for a new id or a new version;
``python -m tests.golden ID`` writes the file of that id.
"""

from __future__ import annotations

import json
import sys
from hashlib import blake2b
from pathlib import Path

import gymnasium as gym

from reasoning_gym_envs import ENVIRONMENTS

GOLDEN_FOLDER = Path(__file__).parent / "golden_episodes"
EPISODES = 100


def first_episodes(id: str, level: int) -> dict[str, object]:
    """The first episode to read, and a hash of the first hundred: texts, ids, solutions."""
    env = gym.make(id, level=level)
    digest = blake2b(digest_size=16)
    first: dict[str, object] = {}
    for n in range(EPISODES):
        observation, info = env.reset(seed=0 if n == 0 else None)
        solution = env.unwrapped.solution()  # type: ignore[attr-defined]
        episode = {"observation": observation, "id": info["problem_id"], "solution": solution}
        digest.update(json.dumps(episode).encode())
        first = first or episode
    return {"first": first, "hash of the first hundred": digest.hexdigest()}


if __name__ == "__main__":
    GOLDEN_FOLDER.mkdir(exist_ok=True)
    for id in sys.argv[1:] or ENVIRONMENTS:
        levels = {str(level): first_episodes(id, level) for level in range(1, 11)}
        text = json.dumps(levels, indent=1, ensure_ascii=False) + "\n"
        (GOLDEN_FOLDER / f"{id}.json").write_text(text, encoding="utf-8")
        print(f"wrote {GOLDEN_FOLDER.name}/{id}.json")
