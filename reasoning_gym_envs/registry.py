"""Every environment on one screen. Importing the package registers them with Gymnasium."""

from __future__ import annotations

from typing import Any, NamedTuple

import gymnasium as gym


class Entry(NamedTuple):
    """An environment id: where it lives, what it is, the arguments it is registered with."""

    entry_point: str
    summary: str
    kwargs: dict[str, Any]
    vector_entry_point: str | None = None


ENVIRONMENTS: dict[str, Entry] = {
    "MathBoxed-v0": Entry(
        "reasoning_gym_envs.math.boxed:MathBoxed",
        "A mathematical question from 22 topics or your own corpus, answered in `\\boxed{}`",
        {},
    ),
    "TowerOfHanoi-v0": Entry(
        "reasoning_gym_envs.puzzles.tower_of_hanoi:TowerOfHanoi",
        "Disks on three pegs, from any arrangement to any other, move by move",
        {},
    ),
    "TowerOfHanoiBoxed-v0": Entry(
        "reasoning_gym_envs.puzzles.tower_of_hanoi:TowerOfHanoi",
        "The same, with all moves in one answer",
        {"form": "boxed"},
    ),
    "Countdown-v0": Entry(
        "reasoning_gym_envs.puzzles.countdown:Countdown",
        "Make a target from numbers, two of them at a time",
        {},
    ),
    "CountdownBoxed-v0": Entry(
        "reasoning_gym_envs.puzzles.countdown:Countdown",
        "The same, with one expression as the answer",
        {"form": "boxed"},
    ),
    "LightsOut-v0": Entry(
        "reasoning_gym_envs.puzzles.lights_out:LightsOut",
        "Lamps that switch with their neighbours, press by press, in as few as can be",
        {},
    ),
    "LightsOutBoxed-v0": Entry(
        "reasoning_gym_envs.puzzles.lights_out:LightsOut",
        "The same, with all presses in one answer",
        {"form": "boxed"},
    ),
    "SlidingTiles-v0": Entry(
        "reasoning_gym_envs.puzzles.sliding_tiles:SlidingTiles",
        "Numbered tiles that slide into a gap, the 8-puzzle and the 15-puzzle among them",
        {},
    ),
    "SlidingTilesBoxed-v0": Entry(
        "reasoning_gym_envs.puzzles.sliding_tiles:SlidingTiles",
        "The same, with all slides in one answer",
        {"form": "boxed"},
    ),
    "Sokoban-v0": Entry(
        "reasoning_gym_envs.puzzles.sokoban:Sokoban",
        "Boxes to be pushed onto goals, step by step, in rooms that can all be solved",
        {},
    ),
    "SokobanBoxed-v0": Entry(
        "reasoning_gym_envs.puzzles.sokoban:Sokoban",
        "The same, with all steps in one answer",
        {"form": "boxed"},
    ),
    "Game24Boxed-v0": Entry(
        "reasoning_gym_envs.puzzles.game_24:Game24",
        "Make 24 from four numbers, each used exactly once",
        {},
    ),
    "SatisfiabilityBoxed-v0": Entry(
        "reasoning_gym_envs.puzzles.satisfiability:Satisfiability",
        "Truth values that make every statement true",
        {},
    ),
    "EntailmentBoxed-v0": Entry(
        "reasoning_gym_envs.puzzles.entailment:Entailment",
        "Which statements follow from the premises",
        {},
    ),
    "KnightsAndKnavesBoxed-v0": Entry(
        "reasoning_gym_envs.puzzles.knights_and_knaves:KnightsAndKnaves",
        "Who always tells the truth, and who always lies",
        {},
    ),
    "ZebraBoxed-v0": Entry(
        "reasoning_gym_envs.puzzles.zebra:Zebra",
        "Who lives in which house and with what: logic grids that need no trial and error",
        {},
    ),
    "Mastermind-v0": Entry(
        "reasoning_gym_envs.puzzles.mastermind:Mastermind",
        "A hidden code, found from what each guess is told",
        {},
    ),
    "WaterJugs-v0": Entry(
        "reasoning_gym_envs.puzzles.water_jugs:WaterJugs",
        "An amount of water, measured out with jugs that have no marks",
        {},
    ),
    "WaterJugsBoxed-v0": Entry(
        "reasoning_gym_envs.puzzles.water_jugs:WaterJugs",
        "The same, with all commands in one answer",
        {"form": "boxed"},
    ),
    "RiverCrossing-v0": Entry(
        "reasoning_gym_envs.puzzles.river_crossing:RiverCrossing",
        "A small boat, and passengers some of whom must not be left alone together",
        {},
    ),
    "RiverCrossingBoxed-v0": Entry(
        "reasoning_gym_envs.puzzles.river_crossing:RiverCrossing",
        "The same, with all crossings in one answer",
        {"form": "boxed"},
    ),
    "TextMaze-v0": Entry(
        "reasoning_gym_envs.maze.text_maze:TextMaze",
        "The way to the exit of a maze, in words, on a map or by coordinates; with a NumPy batch",
        {},
        "reasoning_gym_envs.maze.vector:VectorTextMaze",
    ),
    "TextMazeBoxed-v0": Entry(
        "reasoning_gym_envs.maze.text_maze:TextMaze",
        "The same with the whole map in sight and the whole way in one answer",
        {"form": "boxed"},
    ),
    "EquationSteps-v0": Entry(
        "reasoning_gym_envs.algebra.equation_steps:EquationSteps",
        "Solve an equation by writing the next one: linear, quadratic, systems, rational",
        {},
    ),
    "EquationStepsCommands-v0": Entry(
        "reasoning_gym_envs.algebra.equation_steps:EquationSteps",
        "The same by commands such as: subtract 3 from both sides",
        {"actions": "commands"},
    ),
    "CryptarithmBoxed-v0": Entry(
        "reasoning_gym_envs.puzzles.cryptarithm:Cryptarithm",
        "Letters for digits, such that a sum of words is right",
        {},
    ),
    "Sudoku-v0": Entry(
        "reasoning_gym_envs.puzzles.sudoku:Sudoku",
        "Every digit once in each row, column and box, cell by cell, from 4×4 to 9×9",
        {},
    ),
    "SudokuBoxed-v0": Entry(
        "reasoning_gym_envs.puzzles.sudoku:Sudoku",
        "The same, with the whole grid as the answer",
        {"form": "boxed"},
    ),
    "Nonogram-v0": Entry(
        "reasoning_gym_envs.puzzles.nonogram:Nonogram",
        "Cells to be filled as the numbers of rows and columns say",
        {},
    ),
    "NonogramBoxed-v0": Entry(
        "reasoning_gym_envs.puzzles.nonogram:Nonogram",
        "The same, with the whole grid as the answer",
        {"form": "boxed"},
    ),
    "NQueens-v0": Entry(
        "reasoning_gym_envs.puzzles.n_queens:NQueens",
        "A board with some queens, to be completed so that none attacks another",
        {},
    ),
    "NQueensBoxed-v0": Entry(
        "reasoning_gym_envs.puzzles.n_queens:NQueens",
        "The same, with all queens in one answer",
        {"form": "boxed"},
    ),
    "GraphColoring-v0": Entry(
        "reasoning_gym_envs.puzzles.graph_coloring:GraphColoring",
        "A few colours for the vertices of a graph, never the same for neighbours",
        {},
    ),
    "GraphColoringBoxed-v0": Entry(
        "reasoning_gym_envs.puzzles.graph_coloring:GraphColoring",
        "The same, with all colours in one answer",
        {"form": "boxed"},
    ),
    "Minesweeper-v0": Entry(
        "reasoning_gym_envs.puzzles.minesweeper:Minesweeper",
        "Hidden mines, and numbers from which every safe cell can be deduced",
        {},
    ),
}


def register_environments() -> None:
    """Register every id with Gymnasium, once."""
    for name, entry in ENVIRONMENTS.items():
        if name not in gym.registry:
            gym.register(
                name,
                entry_point=entry.entry_point,
                kwargs=dict(entry.kwargs),
                vector_entry_point=entry.vector_entry_point,
            )
