"""The tasks of ``reasoning-gym`` 0.1.25: what is played, what is refused, the ladder of levels.

A task that a later version of the package adds is unknown here until somebody has looked at what
its scorer does with the text that it is given.
"""

from __future__ import annotations

from collections.abc import Mapping

# fmt: off
TASKS = (
    "ab", "acre", "advanced_geometry", "aiw", "arc_1d", "arc_agi", "base_conversion",
    "basic_arithmetic", "bf", "binary_alternation", "binary_matrix", "bitwise_arithmetic", "boxnet",
    "caesar_cipher", "calendar_arithmetic", "chain_sum", "circuit_logic", "codeio", "coin_flip",
    "color_cube_rotation", "complex_arithmetic", "count_bits", "count_primes", "countdown",
    "course_schedule", "cryptarithm", "decimal_arithmetic", "decimal_chain_sum", "dice",
    "emoji_mystery", "family_relationships", "figlet_font", "fraction_simplification", "futoshiki",
    "game_of_life", "game_of_life_halting", "gcd", "graph_color", "group_anagrams", "gsm_symbolic",
    "intermediate_integration", "isomorphic_strings", "jugs", "kakurasu", "knight_swap",
    "knights_knaves", "largest_island", "lcm", "leg_counting", "letter_counting", "letter_jumble",
    "list_functions", "mahjong_puzzle", "manipulate_matrix", "maze", "mini_sudoku", "modulo_grid",
    "n_queens", "needle_haystack", "number_filtering", "number_format", "number_sequence",
    "number_sorting", "palindrome_generation", "palindrome_partitioning", "path_star",
    "polynomial_equations", "polynomial_multiplication", "pool_matrix", "power_function",
    "prime_factorization", "products", "propositional_logic", "puzzle24", "quantum_lock",
    "ransom_note", "rearc", "rectangle_count", "rotate_matrix", "rotten_oranges", "rubiks_cube",
    "rush_hour", "self_reference", "sentence_reordering", "shortest_path", "simple_equations",
    "simple_geometry", "simple_integration", "sokoban", "spell_backward", "spiral_matrix",
    "string_insertion", "string_manipulation", "string_splitting", "string_synthesis", "sudoku",
    "survo", "syllogism", "time_intervals", "tower_of_hanoi", "tsumego", "word_ladder",
    "word_sequence_reversal", "word_sorting", "zebra_puzzles",
)
"""Every task of the package."""

EVALUATES_TEXT: Mapping[str, str] = {
    "binary_matrix": "eval",
    "countdown": "sympy.parse_expr",
    "intermediate_integration": "sympy.parse_expr",
    "n_queens": "eval",
    "polynomial_multiplication": "sympy.parse_expr",
    "puzzle24": "sympy.parse_expr",
    "simple_integration": "sympy.parse_expr",
    "spiral_matrix": "eval",
    "string_insertion": "eval",
}
"""What the scorer calls on the text of an answer, which runs it as Python."""

SLOW = ("knight_swap", "sokoban")
"""Tasks whose generators work for a second or more on a problem."""

REFUSED: Mapping[str, str] = {
    "boxnet": "it has no reference answer, and its score does not say whether the goal is reached",
    "codeio": "it makes problems by running programs that read the clock and write files",
    "coin_flip": "its scorer gives the full score to the first characters of the answer, such as 0",
    "game_of_life_halting": "its scorer accepts any text",
    "propositional_logic": "its scorer takes a premise that is said again for a conclusion",
    "rush_hour": "it has no reference answer",
}
"""Tasks that cannot be played under our contract, and why."""
# fmt: on

OFFERED = tuple(task for task in TASKS if task not in {*EVALUATES_TEXT, *SLOW, *REFUSED})
"""The tasks that "all" stands for."""

WITHOUT_LEVELS = ("acre", "gsm_symbolic", "list_functions")
"""Tasks without a curriculum: every level is the same."""

# The first and the last rung that are climbed, where others cannot be: the package refuses them,
# does not solve what it makes, works on a problem for seconds, asks a question that is longer than
# an observation may be, or has the same answer to (nearly) all problems.
_RUNGS: Mapping[tuple[str, str], tuple[int, int]] = {
    ("bf", "difficulty"): (0, 1),
    ("caesar_cipher", "rotation"): (0, 1),
    ("circuit_logic", "inputs"): (0, 2),
    ("circuit_logic", "terms"): (0, 2),
    ("countdown", "numbers"): (0, 1),
    ("futoshiki", "board_size"): (0, 2),
    ("futoshiki", "difficulty"): (0, 2),
    ("game_of_life", "grid_size_x"): (0, 0),
    ("game_of_life", "grid_size_y"): (0, 0),
    ("gcd", "num_terms"): (0, 0),
    ("jugs", "difficulty"): (0, 1),
    ("jugs", "num_jugs"): (0, 1),
    ("kakurasu", "cols"): (0, 2),
    ("kakurasu", "rows"): (0, 2),
    ("knight_swap", "nodes"): (2, 2),
    ("knight_swap", "pieces"): (0, 0),
    ("knight_swap", "steps"): (0, 1),
    ("letter_jumble", "word_len"): (0, 1),
    ("letter_jumble", "words"): (0, 2),
    ("modulo_grid", "max_target"): (2, 5),
    ("n_queens", "n"): (0, 3),
    ("n_queens", "num_removed"): (0, 3),
    ("number_sequence", "max_complexity"): (0, 1),
    ("number_sequence", "terms"): (0, 1),
    ("puzzle24", "value"): (0, 1),
    ("rotten_oranges", "n"): (0, 1),
    ("rubiks_cube", "cube_size"): (0, 0),
    ("spell_backward", "word_len"): (0, 3),
    ("syllogism", "allow_no"): (1, 3),
    ("zebra_puzzles", "num_characteristics"): (0, 2),
    ("zebra_puzzles", "num_people"): (0, 2),
}


def rung(task: str, attribute: str, level: int, rungs: int) -> int:
    """Which of its values an attribute of a curriculum has at a level.

    Level 1 is the first, level 10 the last, and those between are spread evenly:

    >>> [rung("chain_sum", "num_terms", level, 4) for level in range(1, 11)]
    [0, 0, 1, 1, 1, 2, 2, 2, 3, 3]
    """
    first, last = _RUNGS.get((task, attribute), (0, rungs - 1))
    return first + (2 * (level - 1) * (last - first) + 9) // 18
