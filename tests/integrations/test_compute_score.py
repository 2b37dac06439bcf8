"""verl and SkyRL: rows of the command line, read from parquet and scored in another process."""

from __future__ import annotations

import doctest
import json
import re
import subprocess
import sys

import pytest

pytest.importorskip("pyarrow", reason="needs pyarrow: make integrations")

import gymnasium as gym
from pyarrow import parquet

from reasoning_gym_envs import rows
from reasoning_gym_envs.cli import main
from reasoning_gym_envs.integrations import compute_score as plug
from reasoning_gym_envs.integrations.compute_score import compute_score, skyrl_row, verl_row
from tests.integrations.page import lines, run

# What a worker of verl does with a row; it knows of this package the function's address alone.
SCORER = """
import importlib, json, sys
from pyarrow import parquet

module, _, name = sys.argv[1].rpartition(".")
compute_score = getattr(importlib.import_module(module), name)
rows = parquet.read_table(sys.argv[2]).to_pylist()
scores = [
    [
        compute_score(
            data_source=row["data_source"],
            solution_str=response,
            ground_truth=row[sys.argv[3]]["ground_truth"],
            extra_info=row["extra_info"] | {"num_turns": None, "rollout_reward_scores": {}},
        )
        for row, response in zip(rows, responses, strict=True)
    ]
    for responses in json.loads(sys.argv[4])
]
print(json.dumps(scores))
"""


def score_elsewhere(file, column, responses, folder):
    """Scores of several lists, each with a response for each row of a file."""
    address = "reasoning_gym_envs.integrations.compute_score.compute_score"
    command = [sys.executable, "-c", SCORER, address, str(file), column, json.dumps(responses)]
    done = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def by_hand(row, response):
    env = gym.make(row["id"], **row["kwargs"])
    env.reset(seed=row["seed"])
    total = 0.0
    for action in response.split("\n") if row["id"] == "TowerOfHanoi-v0" else [response]:
        _, reward, terminated, truncated, _ = env.step(action)
        total += reward
        if terminated or truncated:
            break
    return total


@pytest.mark.parametrize(
    ("id", "words", "kwargs", "trainer"),
    [
        ("MathBoxed-v0", ["--level", "2-4"], {"level": (2, 4)}, "verl"),
        ("KnightsAndKnavesBoxed-v0", ["--level", "3"], {"level": 3}, "skyrl"),
        (
            "TowerOfHanoi-v0",
            ["--level", "2", "--reward", "dense"],
            {"level": 2, "reward": "dense"},
            "verl",
        ),
        (
            "CodeOutput-v0",
            ["--level", "1", "--split", "test"],
            {"level": 1, "split": "test"},
            "skyrl",
        ),
    ],
)
def test_another_process_scores_parquet(id, words, kwargs, trainer, tmp_path):
    column = {"verl": "reward_model", "skyrl": "reward_spec"}[trainer]
    file = tmp_path / "rows.parquet"
    words = [id, *words, "--count", "6", "--seed", "4", "--for", trainer, "--out", str(file)]
    assert main(["export", *words]) == 0
    known = rows(id, 6, seed=4, reveal=True, **kwargs)
    solutions = ["\n".join(row["solution"]) for row in known]
    others = solutions[1:] + solutions[:1]
    answers = [solutions, ["no"] * 6, others]
    scores = score_elsewhere(file, column, answers, tmp_path)
    assert scores == [[by_hand(*pair) for pair in zip(known, a, strict=True)] for a in answers]
    assert min(scores[0]) >= 1.0
    assert scores[1] == [0.0] * 6
    assert min(scores[2]) < 1.0
    read = parquet.read_table(file).to_pylist()
    assert [row["prompt"] for row in read] == [row["messages"] for row in known]
    assert [row["extra_info"]["index"] for row in read] == list(range(6))
    for row in read:  # nothing gives the answer away
        assert set(row["extra_info"]) == {"index", "level", "problem_id"}
        assert set(json.loads(row[column]["ground_truth"])) == {
            "id",
            "kwargs",
            "seed",
            "problem_id",
        }


def test_the_copied_question_is_paid_nothing():
    (row,) = rows("MathBoxed-v0", 1, level=2, topics="integer_arithmetic")
    question = row["prompt"].split("$")[1]
    truth = verl_row(row, 0)["reward_model"]["ground_truth"]
    assert compute_score(row["id"], f"\\boxed{{{question}}}", truth) == 0.0


def test_rows_of_several_ids_go_into_one_table(tmp_path):
    pyarrow = pytest.importorskip("pyarrow")
    made = rows("MathBoxed-v0", 2, level=3, reveal=True)
    made += rows("LightsOutBoxed-v0", 2, split="test", reveal=True)
    for layout, column in ((verl_row, "reward_model"), (skyrl_row, "reward_spec")):
        table = pyarrow.Table.from_pylist(list(map(layout, made, range(4))))
        parquet.write_table(table, tmp_path / "rows.parquet")
        solutions = [row["solution"][0] for row in made]
        scores = score_elsewhere(tmp_path / "rows.parquet", column, [solutions], tmp_path)
        assert scores == [[1.0] * 4]


def test_a_row_cannot_lower_the_isolation_of_programs():
    (row,) = rows("CodeFunction-v0", 1, level=1, sandbox="process-unsafe", reveal=True)
    truth = verl_row(row, 0)["reward_model"]["ground_truth"]
    with pytest.raises(ValueError, match="allow_unsafe=True"):
        compute_score(row["id"], row["solution"][0], truth)
    assert compute_score(row["id"], row["solution"][0], truth, allow_unsafe=True) == 1.0


def test_what_is_no_ground_truth_of_ours_is_named():
    for truth in ("seventeen", "17", "null", '["17"]', 17, None):
        message = f"no problem: {re.escape(repr(truth))}; write the rows with `reasoning-gym-envs"
        with pytest.raises(ValueError, match=message):
            compute_score("openai/gsm8k", "17", truth)
    with pytest.raises(KeyError, match="this one has no id"):
        compute_score("openai/gsm8k", "17", "{}")


def test_examples_in_the_docstrings():
    assert doctest.testmod(plug).attempted > 2
    assert doctest.testmod(plug).failed == 0


def test_the_lines_of_the_page(tmp_path):
    file = tmp_path / "train.parquet"
    main(
        [
            *["export", "MathBoxed-v0", "--level", "2", "--count", "5", "--for", "verl", "--out"],
            str(file),
        ]
    )
    (row,) = parquet.read_table(file).slice(0, 1).to_pylist()
    (known,) = rows("MathBoxed-v0", 1, level=2, reveal=True)
    assert row["extra_info"]["problem_id"] == known["problem_id"]
    title = "verl, SkyRL, prime-rl"
    assert run(lines(title, {}), tmp_path) == "0.0\n"
    right = json.dumps(known["solution"][0])
    assert run(lines(title, {r'"\\boxed{7}"': right}), tmp_path) == "1.0\n"
