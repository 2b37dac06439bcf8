"""The menus of the site: which pages there are, in which order, one below another."""

from __future__ import annotations

from typing import NamedTuple

from reasoning_gym_envs import ENVIRONMENTS


class Menu(NamedTuple):
    """Titles and names of pages, under a caption."""

    caption: str
    pages: list[tuple[str, str]]


class Family(NamedTuple):
    """A page of environments: its name, its title, what they are, and families of ids."""

    page: str
    title: str
    summary: str
    families: tuple[str, ...]


FAMILY_PAGES = (
    Family(
        "mathematics",
        "Mathematics",
        "Questions with one answer in a box, and equations to solve step by step.",
        ("math", "algebra"),
    ),
    Family(
        "mazes",
        "Mazes",
        "Find the exit, from words, from a map or from coordinates.",
        ("maze",),
    ),
    Family(
        "puzzles",
        "Puzzles",
        "Planning, arithmetic, constraints and deduction. Any valid solution counts.",
        ("puzzles",),
    ),
    Family(
        "programs",
        "Programs",
        "Write a program, repair one, or predict what one prints. Hidden tests judge programs in "
        "a sandbox.",
        ("code",),
    ),
    Family(
        "mixtures",
        "Mixtures and other packages",
        "Several environments as one, and the tasks of another package.",
        ("mixture", "integrations"),
    ),
)


def kinds(family: Family) -> list[list[str]]:
    """The ids of a family; those of one kind, by moves and in one answer, are together."""
    found: dict[str, list[str]] = {}
    for id, entry in ENVIRONMENTS.items():
        if entry.family in family.families:
            found.setdefault(entry.place.partition(":")[2], []).append(id)
    return list(found.values())


def menus() -> dict[str, list[Menu]]:
    """The menus by the page that they belong to."""
    found = {"index": _TOP, "reference/index": [_REFERENCE]}
    for family in FAMILY_PAGES:
        of_family = kinds(family)
        found[f"environments/{family.page}"] = [Menu("", [_of(ids[0]) for ids in of_family])]
        for first, *others in of_family:
            if others:
                found[f"environments/{first}"] = [Menu("", [_of(id) for id in others])]
    return found


def _of(id: str) -> tuple[str, str]:
    return id, f"/environments/{id}"


_TOP = [
    Menu(
        "Environments",
        [
            ("All environments", "environments/index"),
            *((family.title, f"environments/{family.page}") for family in FAMILY_PAGES),
        ],
    ),
    Menu(
        "Agents",
        [
            ("What they share", "agents/index"),
            ("Q-learning", "agents/q_learning"),
            ("REINFORCE", "agents/reinforce"),
            ("Actor-critic", "agents/actor_critic"),
            ("PPO", "agents/ppo"),
            ("TRPO", "agents/trpo"),
            ("GRPO and imitation", "agents/grpo"),
            ("PPO for language models", "agents/ppo_language"),
            ("TRPO for language models", "agents/trpo_language"),
            ("Expert iteration", "agents/expert_iteration"),
            ("DPO", "agents/dpo"),
            ("Distillation", "agents/distillation"),
            ("Inference-time agents", "agents/inference"),
            ("How they compare", "agents/results"),
        ],
    ),
    Menu(
        "Experiments",
        [
            ("About the experiments", "experiments/index"),
            ("Votes", "experiments/votes"),
            ("Equal tokens", "experiments/budgets"),
            ("Distractors", "experiments/distractors"),
            ("A cost of length", "experiments/length"),
            ("Sharpening or discovery", "experiments/sharpening"),
            ("One training problem", "experiments/one_problem"),
            ("Which replies", "experiments/filters"),
            ("What generalises", "experiments/generalisation"),
            ("A curriculum", "experiments/curriculum"),
            ("Kinds of rewards", "experiments/reward_kinds"),
            ("Algorithms at equal budgets", "experiments/equal_budget"),
            ("Distillation", "experiments/distillation"),
            ("Rewards without verdicts", "experiments/unsupervised"),
        ],
    ),
    Menu(
        "Course",
        [
            ("About the course", "course/index"),
            ("1. From a maze to a Q-table", "course/1_from_a_maze_to_a_q_table"),
            ("2. Sparse, dense, shaped", "course/2_sparse_dense_shaped"),
            ("3. From a table to a network", "course/3_from_a_table_to_a_network"),
            ("4. Rewards that cannot be hacked", "course/4_rewards_that_cannot_be_hacked"),
            ("5. A language model as a policy", "course/5_a_language_model_as_a_policy"),
        ],
    ),
    Menu(
        "Guides",
        [
            ("Rewards, seeds, splits", "guide"),
            ("Benchmark an agent", "benchmark"),
            ("Use it with …", "use_it_with"),
            ("Data sets and scores", "datasets"),
            ("Wrappers", "wrappers"),
            ("Checking answers", "answers"),
            ("Running code in a sandbox", "sandbox"),
            ("Write your own environment", "extending"),
        ],
    ),
    Menu(
        "Reference",
        [
            ("Public API", "reference/index"),
            ("How often chance succeeds", "floors"),
            ("Speed", "speed"),
        ],
    ),
]

_REFERENCE = Menu(
    "",
    [
        ("Environments", "/reference/environments"),
        ("Problems from files", "/reference/problems"),
        ("Answers", "/reference/answers"),
        ("Data sets", "/reference/datasets"),
        ("Wrappers", "/reference/wrappers"),
        ("Pictures", "/reference/pictures"),
        ("Sandbox", "/reference/sandbox"),
        ("Evaluation", "/reference/evaluation"),
    ],
)
