"""Every environment on one screen. Importing the package registers them with Gymnasium."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import gymnasium as gym

from reasoning_gym_envs.errors import unknown

MOVES: Mapping[str, Any] = MappingProxyType({})
BOXED: Mapping[str, Any] = MappingProxyType({"form": "boxed"})

POOLS = Path(__file__).with_name("pools.json")
"""The sizes of the pools; ``python -m baselines pools`` counts them."""
LARGE_POOL = 500
"""Where counting ends: so many different problems, or more."""


class Entry(NamedTuple):
    """An environment id: where it lives, what it is, the arguments it is registered with.

    ``needs`` names the extra that it needs, "" for none: "code" for
    ``pip install 'reasoning-gym-envs[code]'``, and with it a Docker engine; "reasoning-gym" for the
    package of that name. An id whose extra is not installed is registered all the same; making it
    raises Gymnasium's ``DependencyNotInstalled``.
    It is answered by "steps", one a turn, by one answer in a "box", or by a "block" of code or
    output.
    ``pools`` says by level how many different problems the test split has; :data:`LARGE_POOL`
    stands for so many or more. The train split has about seven times as many.
    """

    place: str
    summary: str
    kwargs: Mapping[str, Any] = MOVES
    vector: str | None = None
    needs: str = ""
    answered_by: str = "steps"
    pools: Mapping[int, int] = MappingProxyType({})

    @property
    def family(self) -> str:
        """The folder that it lives in: "math", "puzzles", and so on."""
        return self.place.partition(".")[0]


# fmt: off
ENVIRONMENTS: dict[str, Entry] = {
    "MathBoxed-v0": Entry("math.boxed:MathBoxed", "A question from 22 topics or your own corpus, answered in `\\boxed{}`", answered_by="box"),
    "EquationSteps-v0": Entry("algebra.equation_steps:EquationSteps", "Solve an equation by writing the next one"),
    "EquationStepsCommands-v0": Entry("algebra.equation_steps:EquationSteps", "The same by commands such as: subtract 3 from both sides", {"actions": "commands"}),
    "TextMaze-v0": Entry("maze.text_maze:TextMaze", "The way to the exit of a maze: in words, on a map, by coordinates", vector="maze.vector:VectorTextMaze"),
    "TextMazeBoxed-v0": Entry("maze.text_maze:TextMaze", "The same, with the whole way in one answer", BOXED, answered_by="box"),
    # Puzzles of moves.
    "TowerOfHanoi-v0": Entry("puzzles.tower_of_hanoi:TowerOfHanoi", "Disks on three pegs, from any arrangement to any other"),
    "TowerOfHanoiBoxed-v0": Entry("puzzles.tower_of_hanoi:TowerOfHanoi", "The same, with all moves in one answer", BOXED, answered_by="box"),
    "LightsOut-v0": Entry("puzzles.lights_out:LightsOut", "Lamps that toggle together with their neighbours"),
    "LightsOutBoxed-v0": Entry("puzzles.lights_out:LightsOut", "The same, with all presses in one answer", BOXED, answered_by="box"),
    "SlidingTiles-v0": Entry("puzzles.sliding_tiles:SlidingTiles", "Numbered tiles that slide into a gap, such as the 15-puzzle"),
    "SlidingTilesBoxed-v0": Entry("puzzles.sliding_tiles:SlidingTiles", "The same, with all slides in one answer", BOXED, answered_by="box"),
    "Sokoban-v0": Entry("puzzles.sokoban:Sokoban", "Boxes to be pushed onto goals"),
    "SokobanBoxed-v0": Entry("puzzles.sokoban:Sokoban", "The same, with all steps in one answer", BOXED, answered_by="box"),
    "WaterJugs-v0": Entry("puzzles.water_jugs:WaterJugs", "An amount of water, measured out with jugs that have no marks"),
    "WaterJugsBoxed-v0": Entry("puzzles.water_jugs:WaterJugs", "The same, with all commands in one answer", BOXED, answered_by="box"),
    "RiverCrossing-v0": Entry("puzzles.river_crossing:RiverCrossing", "A small boat, and passengers who must not be left together"),
    "RiverCrossingBoxed-v0": Entry("puzzles.river_crossing:RiverCrossing", "The same, with all crossings in one answer", BOXED, answered_by="box"),
    # Puzzles of numbers.
    "Countdown-v0": Entry("puzzles.countdown:Countdown", "Make a target from numbers, two of them at a time"),
    "CountdownBoxed-v0": Entry("puzzles.countdown:Countdown", "The same, with one expression as the answer", BOXED, answered_by="box"),
    "Game24Boxed-v0": Entry("puzzles.game_24:Game24", "Make 24 from four numbers, each used exactly once", answered_by="box"),
    "CryptarithmBoxed-v0": Entry("puzzles.cryptarithm:Cryptarithm", "Digits for letters, such that a sum of words is correct", answered_by="box"),
    # Puzzles of grids and graphs.
    "Sudoku-v0": Entry("puzzles.sudoku:Sudoku", "Every digit once in each row, column and box, up to 9×9"),
    "SudokuBoxed-v0": Entry("puzzles.sudoku:Sudoku", "The same, with the whole grid as the answer", BOXED, answered_by="box"),
    "Nonogram-v0": Entry("puzzles.nonogram:Nonogram", "Cells to fill by the numbers of the rows and columns"),
    "NonogramBoxed-v0": Entry("puzzles.nonogram:Nonogram", "The same, with the whole grid as the answer", BOXED, answered_by="box"),
    "NQueens-v0": Entry("puzzles.n_queens:NQueens", "A board with some queens, to be completed"),
    "NQueensBoxed-v0": Entry("puzzles.n_queens:NQueens", "The same, with all queens in one answer", BOXED, answered_by="box"),
    "GraphColoring-v0": Entry("puzzles.graph_coloring:GraphColoring", "A few colours for a graph, never the same for neighbours"),
    "GraphColoringBoxed-v0": Entry("puzzles.graph_coloring:GraphColoring", "The same, with all colours in one answer", BOXED, answered_by="box"),
    "Minesweeper-v0": Entry("puzzles.minesweeper:Minesweeper", "Hidden mines, found without ever having to guess"),
    # Puzzles of deduction.
    "Mastermind-v0": Entry("puzzles.mastermind:Mastermind", "A hidden code, found from the feedback on each guess"),
    "KnightsAndKnavesBoxed-v0": Entry("puzzles.knights_and_knaves:KnightsAndKnaves", "Who always tells the truth, and who always lies", answered_by="box"),
    "ZebraBoxed-v0": Entry("puzzles.zebra:Zebra", "Who lives in which house, and with what", answered_by="box"),
    "SatisfiabilityBoxed-v0": Entry("puzzles.satisfiability:Satisfiability", "Truth values that make every statement true", answered_by="box"),
    "EntailmentBoxed-v0": Entry("puzzles.entailment:Entailment", "Which statements follow from the premises", answered_by="box"),
    # Programs.
    "CodeFunction-v0": Entry("code.code_function:CodeFunction", "Write a function or a class from its description, judged by hidden tests in a sandbox", needs="code", answered_by="block"),
    "CodeOutput-v0": Entry("code.code_output:CodeOutput", "Predict exactly what a short program prints", answered_by="block"),
    "CodeRepair-v0": Entry("code.code_repair:CodeRepair", "Repair a program with one to three faults in a few turns, judged by hidden tests", needs="code", answered_by="block"),
    # Of several kinds.
    "Mixture-v0": Entry("mixture.mixture:Mixture", "One of several ids each episode, with weights that may follow what is solved", answered_by="box"),
    # Environments of others.
    "ReasoningGym-v0": Entry("integrations.reasoning_gym.environment:ReasoningGym", "The tasks of the package reasoning-gym, such as chain_sum, or all of them", needs="reasoning-gym", answered_by="box"),
}
# fmt: on

for _id, _sizes in json.loads(POOLS.read_text(encoding="utf-8")).items():
    _pools = {int(level): size for level, size in _sizes.items()}
    ENVIRONMENTS[_id] = ENVIRONMENTS[_id]._replace(pools=MappingProxyType(_pools))


def register_environments() -> None:
    """Register every id with Gymnasium, once."""
    for name, entry in ENVIRONMENTS.items():
        if name not in gym.registry:
            gym.register(
                name,
                entry_point=f"reasoning_gym_envs.{entry.place}",
                kwargs=dict(entry.kwargs),
                vector_entry_point=entry.vector and f"reasoning_gym_envs.{entry.vector}",
            )


def unknown_id(id: str) -> str:
    """The message for an id that does not exist: what was probably meant, whatever its case."""
    names = {name.lower(): name for name in ENVIRONMENTS}
    for guess in (id.lower(), f"{id.lower()}-v0"):
        if guess in names:
            return f"unknown environment {id!r}; did you mean {names[guess]!r}?"
    return unknown("environment", id, ENVIRONMENTS)
