"""Episodes of commands and of plans, on an environment that is small enough to know all of it."""

import pytest

from reasoning_gym_envs import Problem
from reasoning_gym_envs.command_env import BOXED_INSTRUCTION, CommandEnv
from reasoning_gym_envs.commands import Refused


class Walk(CommandEnv):
    """From 0 to a number in steps of 1; beyond 9 there is a cliff, which is lost."""

    rules = "Walk to the number."

    def _generate(self, stream, level):
        number = stream.randint(2, 8)
        return Problem(f"{number} {stream.random()}", level, "?", str(number), data=number)

    def _start(self, problem):
        return problem.data - int(problem.answer)

    def _commands(self, state):
        if self.level == (9, 9):  # very many
            return [f"jump {n}" for n in range(15)][: 15 - state]
        return ["forward", "back"] if state > 0 else ["forward"]

    def _apply(self, state, command):
        if command == "forward":
            return state + 1
        if command == "back":
            if state == 0:
                raise Refused("There is a wall.", understood=True)
            return state - 1
        raise Refused(f"Unknown: {command}.")

    def _is_goal(self, state):
        return state == self._episode.problem.data

    def _is_lost(self, state):
        return state > 9

    def _describe(self, state):
        return f"You are at {state}."

    def _progress_of(self, state):
        return 1 / (2 + abs(state - self._episode.problem.data))

    def _solve_from(self, state):
        left = self._episode.problem.data - state
        return ["forward"] * left if left > 0 else ["back"] * -left

    def _rules(self, problem):
        return f"{self.rules} It is {problem.data}." if self.level == (8, 8) else self.rules

    def _move_limit(self, problem):
        return 40


def walk(number=3, **arguments):
    env = Walk(**{"max_turns": 20, **arguments})
    env.reset(seed=0, options={"problem": Problem("c", 1, "?", str(number), data=number)})
    return env


# A command a turn.


def test_a_walk():
    env = walk(reward={"mode": "dense", "illegal_cost": 0.25, "format_cost": 0.125})
    observation, info = env.reset(options={"problem": env.snapshot().episode.problem})
    assert observation == "Walk to the number.\n\nYou are at 0."
    assert info["admissible_commands"] == ["forward"]
    assert env.solution() == ["forward"] * 3
    observation, reward, terminated, truncated, info = env.step(" Forward. ")
    assert (observation, terminated, truncated) == ("You are at 1.", False, False)
    assert reward == pytest.approx(1 / 4 - 1 / 5)
    assert info["admissible_commands"] == ["forward", "back"]
    assert env.solution() == ["forward"] * 2
    env.step("back")
    observation, reward, terminated, truncated, info = env.step("back")
    assert observation == "There is a wall. Possible: forward.\n\nYou are at 0."
    assert info["reward_terms"]["illegal"] == -0.25
    assert info["reward_terms"]["format"] == 0
    observation, *_, info = env.step("Dance!")
    assert observation == "Unknown: dance. Possible: forward.\n\nYou are at 0."
    assert info["reward_terms"]["illegal"] == 0
    assert info["reward_terms"]["format"] == -0.125
    assert env.step("")[0] == "No command was found. Possible: forward.\n\nYou are at 0."
    for _ in range(2):
        assert not any(env.step("forward")[2:4])
    observation, _, terminated, _, info = env.step("forward")
    assert (observation, terminated, info["is_success"]) == ("You are at 3.", True, True)
    assert info["admissible_commands"] == []


def test_a_walk_that_is_lost():
    env = walk(number=30)
    for n in range(1, 11):
        _, _, terminated, _, info = env.step("forward")
        assert terminated is (n == 10)
    assert info["is_success"] is False


def test_nothing_is_lost_unless_an_environment_says_so():
    class Plain(Walk):
        _is_lost = CommandEnv._is_lost

    env = Plain(max_turns=20)
    env.reset(options={"problem": Problem("c", 1, "?", "30", data=30)})
    for _ in range(12):
        assert not any(env.step("forward")[2:4])


def test_of_many_commands_twelve_are_named():
    env = walk(level=9)
    twelve = ", ".join(f"jump {n}" for n in range(12))
    assert env.step("?")[0].startswith(f"Unknown: ?. Possible: {twelve} and 3 more.\n\n")
    for state, rest in ((2, " and 1 more."), (3, "."), (4, None)):
        env._episode.state = state
        shown = ", ".join(f"jump {n}" for n in range(11)) + "." if rest is None else twelve + rest
        assert env.step("?")[0].startswith(f"Unknown: ?. Possible: {shown}\n\n")


# A plan in a box.


def test_a_plan_is_played_to_its_end_its_fault_or_the_goal():
    env = walk(form="boxed", reward={"illegal_cost": 0.25, "format_cost": 0.125})
    observation, info = env.reset(options={"problem": env.snapshot().episode.problem})
    told = BOXED_INSTRUCTION.replace("<limit>", "40")
    assert observation == f"Walk to the number.\n{told}\n\nYou are at 0."
    assert "admissible_commands" not in info
    assert env.solution() == ["\\boxed{forward, forward, forward}"]
    observation, _, terminated, _, info = env.step("\\boxed{forward, forward}")
    assert observation == "That does not solve it. 19 attempts left. It leads to:\nYou are at 2."
    assert info["reward_terms"] == {"success": 0.0, "illegal": 0.0, "format": 0.0}
    assert env.solution() == ["\\boxed{forward, forward, forward}"]  # from the start again
    observation, *_, info = env.step("\\boxed{forward, back, back, forward}")
    assert observation == "Command 3: There is a wall. 18 attempts left."
    assert info["reward_terms"] == {"success": 0.0, "illegal": -0.25, "format": 0.0}
    observation, *_, info = env.step("\\boxed{dance}")
    assert observation == "Command 1: Unknown: dance. 17 attempts left."
    assert info["reward_terms"] == {"success": 0.0, "illegal": 0.0, "format": -0.125}
    observation, *_, info = env.step("forward, forward, forward")
    assert observation == "No answer was found. Give it in \\boxed{}. 16 attempts left."
    assert info["reward_terms"] == {"success": 0.0, "illegal": 0.0, "format": -0.125}
    observation, _, terminated, _, info = env.step("\\boxed{forward, forward, forward, dance}")
    assert (observation, terminated, info["is_success"]) == ("Correct.", True, True)


def test_a_plan_has_no_more_commands_than_an_episode_of_moves_has_turns():
    env = walk(form="boxed", reward={"format_cost": 0.125})
    there_and_back = ["forward", "back"]
    longest = there_and_back * 18 + ["forward"] * 3 + ["dance"] * 2
    assert env.step(f"\\boxed{{{', '.join(longest)}}}")[0] == "Correct."
    env = walk(form="boxed", reward={"format_cost": 0.125})
    too_long = there_and_back * 19 + ["forward"] * 3
    observation, *_, info = env.step(f"\\boxed{{{', '.join(too_long)}}}")
    assert observation == "Command 41: At most 40 commands are allowed. 19 attempts left."
    assert info["reward_terms"] == {"success": 0.0, "format": -0.125}
    assert walk(form="boxed", max_turns=None).snapshot().episode.turn_limit == 1
    assert walk(max_turns=None).snapshot().episode.turn_limit == 40


def test_a_plan_that_is_lost_on_its_way_is_over():
    env = walk(number=11, form="boxed", max_turns=1)
    *_, info = env.step(f"\\boxed{{{', '.join(['forward'] * 11)}}}")
    assert info["is_success"] is False
    env = walk(number=9, form="boxed", max_turns=1)
    assert env.step(f"\\boxed{{{', '.join(['forward'] * 9)}}}")[4]["is_success"]


def test_the_progress_of_a_plan_is_that_of_the_state_that_it_reaches():
    env = walk(form="boxed", reward="dense")
    paid = [env.step(f"\\boxed{{{plan}}}")[1] for plan in ("forward", "forward, dance", "dance")]
    assert paid == pytest.approx([1 / 4 - 1 / 5, 0, 1 / 5 - 1 / 4])


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({}, "Walk to the number.\n\nYou are at 0."),
        ({"level": 8}, "Walk to the number. It is 3.\n\nYou are at 0."),
        ({"instruction": ""}, "You are at 0."),
        ({"instruction": "Go."}, "Go.\n\nYou are at 0."),
        ({"instruction": "Go.", "form": "boxed"}, "Go.\n\nYou are at 0."),
        ({"instruction": "", "form": "boxed"}, "You are at 0."),
    ],
)
def test_what_stands_above_the_first_state(arguments, expected):
    env = Walk(**arguments)
    problem = Problem("c", 1, "?", "3", data=3)
    assert env.reset(options={"problem": problem})[0] == expected


def test_arguments():
    env = Walk()
    assert (env.form, env.instruction, env.max_turns, env.level) == ("moves", None, None, (1, 1))
    assert (env.split, env.render_mode, env.reward_scheme.mode) == ("train", None, "sparse")
    env.reset(seed=0)
    assert env.snapshot().episode.turn_limit == 40
    env = Walk(
        reward="dense", level=(2, 3), split="test", max_turns=7, render_mode="ansi", form="boxed"
    )
    assert (env.form, env.level, env.split, env.max_turns) == ("boxed", (2, 3), "test", 7)
    assert (env.render_mode, env.reward_scheme.mode) == ("ansi", "dense")
    with pytest.raises(
        ValueError, match=r"^unknown form 'box'; did you mean 'boxed'\? Allowed: 'moves', 'boxed'$"
    ):
        Walk(form="box")
    with pytest.raises(TypeError, match=r"^instruction must be a str, got int$"):
        Walk(instruction=5)
