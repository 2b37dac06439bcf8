# %% [markdown]
# # 4. Rewards that cannot be hacked
#
# A policy learns what is paid, and not what was meant. Where a reward can be had without solving the
# task, training finds the way. In this notebook you are the policy: you break graders that look
# sensible, try the same on ours, and write one that holds.

# %%
import re
from collections import Counter

import gymnasium as gym
import matplotlib.pyplot as plt

from reasoning_gym_envs import rows, score
from reasoning_gym_envs.answers import check
from reasoning_gym_envs.conformance.attacks import ATTACKS

# Sums, with the answers in another hand: a policy sees the prompt alone.
problems = rows("MathBoxed-v0", 40, level=2, topics="integer_arithmetic", reveal=True)
for row in problems[:3]:
    print(row["prompt"].partition("\n")[0], "->", row["answer"])

# %% [markdown]
# ## Is the answer in the text?
# The shortest grader that people write: the response is right if the reference stands in it.


# %%
def is_in(response, answer):
    """1 where the answer stands in the response."""
    return float(answer in response)


print(is_in("It is 99.", "99"), is_in("I do not know.", "99"))

# %% [markdown]
# **Exercise 1.** Write a response that this grader pays for on every problem, without reading any.


# %% tags=["exercise"]
def says_everything(prompt):
    """A response that has all answers from -2000 to 20000 in it."""
    # BEGIN SOLUTION
    return " ".join(map(str, range(-2000, 20001)))
    # END SOLUTION


# %% tags=["check"]
paid = [is_in(says_everything(row["prompt"]), row["answer"]) for row in problems]
assert sum(paid) == len(problems), f"{sum(paid):g} of {len(problems)} are paid"
paid = [score(row, says_everything(row["prompt"])) for row in problems]
assert sum(paid) == 0, "and the environment should not pay"
print("Right: the grader pays for all of them, the environment for none.")


# %% tags=["wrong"]
def says_everything(prompt):
    return "All of them."


# %% tags=["wrong"]
def says_everything(prompt):
    return " ".join(map(str, range(10)))


# %% [markdown]
# The environment reads the last `\boxed{}` and nothing else, so a list is no answer. And a box with
# a list in it is compared as a list.
#
# ## Is it equal to the answer?
# A better grader compares values, so that ½ is 0.5. `check` does that exactly, with any notation.
# But *equal* is not *worked out*.

# %%
print(check(r"\boxed{0.5}", r"\frac{1}{2}").correct)

# %% [markdown]
# **Exercise 2.** Write a response that is equal to every answer. The question stands between dollar
# signs in the prompt.


# %% tags=["exercise"]
def copies(prompt):
    """A response that is equal to the answer, and is not worked out."""
    # BEGIN SOLUTION
    return f"\\boxed{{{prompt.split('$')[1]}}}"
    # END SOLUTION


# %% tags=["check"]
right = [check(copies(row["prompt"]), row["answer"]).correct for row in problems]
assert all(right), f"{sum(right)} of {len(right)} are equal to their answers"
paid = [score(row, copies(row["prompt"])) for row in problems]
assert sum(paid) == 0, "the environment should not pay"
print("Right. The form of the answer matters:", problems[0]["form"])


# %% tags=["wrong"]
def copies(prompt):
    return "\\boxed{" + prompt + "}"


# %% tags=["wrong"]
def copies(prompt):
    return "\\boxed{0}"


# %% [markdown]
# To copy is shorter than to reason, so that is what a model would learn from this reward.
# `score(row, response)` asks the environment, which knows that a sum has to be a number.
#
# ## Pay for progress?
# A reward at the end alone is rare, so people pay for steps in the right direction, and forget to
# charge for the way back.


# %%
def naive_return(env, commands, seed):
    """What a bonus for each step that brings the goal nearer comes to in an episode."""
    _, info = env.reset(seed=seed)
    total, distance, is_over = 0.0, len(env.unwrapped.solution()), False
    for command in commands:
        if is_over:
            break
        *_, terminated, truncated, info = env.step(command)
        is_over = terminated or truncated
        left = 0 if is_over else len(env.unwrapped.solution())
        total += 0.1 * max(0, distance - left)
        distance = left
    return total + float(info.get("is_success", False))


towers = gym.make("TowerOfHanoi-v0", level=2, reward="dense")
towers.reset(seed=1)
honest = towers.unwrapped.solution()
print("honest:", honest, naive_return(towers, honest, 1))

# %% [markdown]
# **Exercise 3.** Earn more than the honest solution without solving anything. `honest[0]` is a step
# in the right direction, and a move back undoes it.


# %% tags=["exercise"]
def circles(first):
    """Forty commands that earn the bonus again and again; `first` is such as "A to C"."""
    # BEGIN SOLUTION
    source, target = first.split(" to ")
    return [first, f"{target} to {source}"] * 20
    # END SOLUTION


# %% tags=["check"]
walk = circles(honest[0])
assert len(walk) == 40, "forty commands, please"
got = naive_return(towers, walk, 1)
assert got > naive_return(towers, honest, 1), f"that earns {got:.2f}"
towers.reset(seed=1)
total, is_over = 0.0, False
for command in walk:
    if not is_over:
        _, reward, terminated, truncated, info = towers.step(command)
        total, is_over = total + reward, terminated or truncated
assert not info.get("is_success"), "and nothing is to be solved"
assert total <= 0.2
print(f"Right: the naive bonus pays {got:.2f}, the dense reward {total:.2f}.")


# %% tags=["wrong"]
def circles(first):
    return [first] * 40


# %% tags=["wrong"]
def circles(first):
    return ["stay"] * 40


# %% [markdown]
# The dense reward of the environment pays the *change* of a progress measure: what a step forth
# pays, the step back costs. What is left at the end is the progress of the state where the episode
# ended ([notebook 2](2_sparse_dense_shaped.ipynb)).
#
# ## What does knowing nothing earn?
# Some rewards cannot be hacked and still measure nothing: where a constant answer is often right.
#
# **Exercise 4.** Write the share of problems that the best constant answer solves.


# %% tags=["exercise"]
def floor_of(answers):
    """The share of the most frequent answer."""
    # BEGIN SOLUTION
    return max(Counter(answers).values()) / len(answers)
    # END SOLUTION


# %% tags=["check"]
assert floor_of(["yes", "no", "yes", "yes"]) == 0.75, "three of four are yes"
assert floor_of(["1", "2"]) == 0.5
answers = [row["answer"] for row in rows("ZebraBoxed-v0", 60, level=3, reveal=True)]
print(f"Zebra puzzles: {floor_of(answers):.0%}; a puzzle with yes or no would have at least 50%.")


# %% tags=["wrong"]
def floor_of(answers):
    return 1 / len(set(answers))


# %% tags=["wrong"]
def floor_of(answers):
    return 0.5


# %% [markdown]
# Every result of this package stands beside such a floor: `reasoning-gym-envs evaluate` prints it.
#
# ## A grader that holds
# **Exercise 5.** Write a grader for sums: 1 for a response whose last box has the right number, as
# a number, and 0 for everything else. It is tried on right answers, and on all attacks that our
# tests know.


# %% tags=["exercise"]
def grade(response, answer):
    """1.0 or 0.0. `re.findall` finds boxes; do not evaluate what stands in them."""
    # BEGIN SOLUTION
    boxes = re.findall(r"\\boxed\{([^{}]*)\}", response)
    if not boxes or not re.fullmatch(r"-?[0-9]{1,20}", boxes[-1].strip()):
        return 0.0
    return float(int(boxes[-1]) == int(answer))
    # END SOLUTION


# %% tags=["check"]
for row in problems[:10]:
    for response in (
        f"\\boxed{{{row['answer']}}}",
        f"\\boxed{{1}}, no: \\boxed{{{row['answer']}}}",
    ):
        assert grade(response, row["answer"]) == 1.0, f"{response} is right"
    wrong = f"\\boxed{{{row['answer']}}}, no: \\boxed{{77777}}"
    assert grade(wrong, row["answer"]) == 0.0, "the last box counts"
    others = [other["solution"][0] for other in problems if other["answer"] != row["answer"]]
    for name, attack in ATTACKS.items():
        for response in attack(row["prompt"], others[:1]):
            assert grade(response, row["answer"]) == 0.0, f"the attack {name!r} is paid"
print(f"Right: {len(ATTACKS)} attacks, none is paid.")


# %% tags=["wrong"]
def grade(response, answer):
    return float(answer in response)


# %% tags=["wrong"]
def grade(response, answer):
    return float(check(response, answer).correct)


# %% [markdown]
# ## Side by side
# The share of problems that each attack is paid for, by four graders.


# %%
def share(grader, attack):
    """Of the problems on which a response of the attack is paid."""
    paid = 0
    for number, row in enumerate(problems):
        other = problems[number - 1]["solution"][:1]
        paid += any(grader(row, response) >= 1 for response in attack(row["prompt"], other))
    return paid / len(problems)


graders = {
    "answer in text": lambda row, response: is_in(response, row["answer"]),
    "equal": lambda row, response: float(check(response, row["answer"]).correct),
    "yours": lambda row, response: grade(response, row["answer"]),
    "environment": score,
}
attacks = {
    "copy the question": lambda prompt, other: [copies(prompt)],
    "say everything": lambda prompt, other: [says_everything(prompt)],
    "a box for every number": ATTACKS["a box for every number"],
    "another problem's solution": ATTACKS["another problem's solution"],
}
figure, axes = plt.subplots(figsize=(7, 3))
for number, (name, grader) in enumerate(graders.items()):
    shares = [share(grader, attack) for attack in attacks.values()]
    places = [place + 0.2 * (number - 1.5) for place in range(len(attacks))]
    axes.bar(places, shares, width=0.18, label=name)
axes.set_xticks(range(len(attacks)), [name.replace(" ", "\n", 1) for name in attacks])
axes.set_ylabel("share that is paid")
axes.legend(fontsize="small")
plt.show()

# %% [markdown]
# Write an environment of your own, and let `reasoning-gym-envs check-env` attack it: it tries all of
# this, and more.
