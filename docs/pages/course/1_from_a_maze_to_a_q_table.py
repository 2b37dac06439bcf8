# %% [markdown]
# # 1. From a maze to a Q-table
#
# An agent finds the way out of a maze that it is only told about in words. You write the learning
# rule yourself, and then read the agent of this repository, which has the same rule.
#
# Run the cells from top to bottom. In an exercise, replace `raise NotImplementedError(...)` by your
# code; the cell after it checks the answer, and says what is wrong. Equations are numbered as in
# Sutton and Barto, *Reinforcement Learning: An Introduction*, 2nd edition, 2018, which is
# [free to read](http://incompleteideas.net/book/the-book-2nd.html); below it is called [SB].

# %%
import re
import sys
from contextlib import suppress
from pathlib import Path
from random import Random

# The agents run from the repository, wherever in it this notebook is.
ROOT = next(folder for folder in [Path.cwd(), *Path.cwd().parents] if (folder / "agents").is_dir())
sys.path.insert(0, str(ROOT))

import gymnasium as gym
import matplotlib.pyplot as plt

import reasoning_gym_envs  # noqa: F401  (this registers the environments)
from agents.q_learning import BatchedQLearning, QLearning, QLearningConfig
from docs.drawing import draw_maze

# %% [markdown]
# ## The environment
# `TextMaze-v0` is a Gymnasium environment: `reset` begins an episode, `step` takes a command. What
# is special is that observations and actions are texts. With `view="coordinates"` the text tells
# where you are; with `same_maze=True` every episode is in the maze that the first `reset` drew.


# %%
def make_maze(level=2, **arguments):
    """A maze in words; without the rules above the first observation, which never change."""
    arguments = {"view": "coordinates", "same_maze": True, "instruction": "", **arguments}
    env = gym.make("TextMaze-v0", level=level, **arguments)
    env.reset(seed=5)  # decides which maze
    return env


env = make_maze()
observation, info = env.reset()
print(observation)
print(info["admissible_commands"])

# %% [markdown]
# `info["admissible_commands"]` are the commands that are possible now. Any text may be given: one
# that is no command costs a turn.

# %%
for command in ("south", "dance"):
    observation, reward, terminated, truncated, info = env.step(command)
    print(f"> {command}\n{observation}\nreward {reward}\n")

# %% [markdown]
# The agent never sees the whole maze. We may: the same seed with `view="map"`.

# %%
map_text, _ = make_maze(view="map").reset()
draw_maze(map_text, title="@ is the start, E the exit")
plt.show()

# %% [markdown]
# ## A random walk
# How long does it take by chance?


# %%
def random_walk(env, rng):
    """Steps until the exit, or None where the episode is cut off before."""
    _, info = env.reset()
    for step in range(1, 10_000):
        _, _, terminated, truncated, info = env.step(rng.choice(info["admissible_commands"]))
        if terminated or truncated:
            return step if terminated else None


rng = Random(0)
lengths = [random_walk(env, rng) for episode in range(100)]
found = sorted(length for length in lengths if length)
env.reset()
print(f"the exit was found in {len(found)} of 100 walks")
print(f"the middle one of them took {found[len(found) // 2]} steps")
print(f"the shortest way has {len(env.unwrapped.solution())}")

# %% [markdown]
# ## What is a state worth?
# The reward is 1 at the exit and 0 before. To prefer short ways, later rewards count less: the
# **return** after step $t$ is, with a discount $\gamma < 1$ ([SB] equation 3.8),
#
# $$G_t = R_{t+1} + \gamma R_{t+2} + \gamma^2 R_{t+3} + \dots$$
#
# The **value** of a state is the return that is expected from there. For an agent that takes the
# shortest way, a state $d$ steps before the exit is worth $\gamma^{d-1}$.
#
# **Exercise 1.** Write the return of an episode. Hint: $G_t = R_{t+1} + \gamma G_{t+1}$, so begin
# at the end.


# %% tags=["exercise"]
def discounted_return(rewards, gamma):
    """The return before the first of some rewards, a list of numbers."""
    # BEGIN SOLUTION
    total = 0.0
    for reward in reversed(rewards):
        total = reward + gamma * total
    return total
    # END SOLUTION


# %% tags=["check"]
assert discounted_return([], 0.9) == 0, "nothing comes: the return is 0"
assert abs(discounted_return([1.0, 2.0, 4.0], 0.5) - 3.0) < 1e-9, "1 + 2/2 + 4/4 is 3"
value = discounted_return([0.0] * 11 + [1.0], 0.9)
assert abs(value - 0.9**11) < 1e-9, f"12 steps before the exit: γ¹¹ = {0.9**11:.3f}, not {value}"
print("Right.")


# %% tags=["wrong"]
def discounted_return(rewards, gamma):
    return sum(rewards)


# %% tags=["wrong"]
def discounted_return(rewards, gamma):
    return sum(reward * gamma ** (k + 1) for k, reward in enumerate(rewards))


# %% [markdown]
# ## Q-learning
# The value of a state does not say what to do. The value $Q(s, a)$ of a command $a$ in a state $s$
# does: take the best. Q-learning (Watkins 1989; [SB] equation 6.8) learns it from single steps.
# After command $a$ in state $s$ came the reward $r$ and the state $s'$, and so
#
# $$Q(s, a) \leftarrow Q(s, a) + \alpha\,\bigl[\,r + \gamma \max_{a'} Q(s', a') - Q(s, a)\,\bigr]$$
#
# The bracket is the **temporal-difference error**: how much better it went than was thought.
# $\alpha$ is the learning rate. The maximum is over the commands that are admissible in $s'$, and
# after a terminal state nothing comes: there it is 0.
#
# **Exercise 2.** Write the update. The table is a dictionary: `Q[state, command]` is a number, and
# `Q.get((state, command), 0.0)` is 0 for what was never tried.


# %% tags=["exercise"]
def q_update(Q, state, command, reward, next_state, next_commands, terminated, alpha, gamma):
    """Change Q[state, command] by one step of Q-learning."""
    # BEGIN SOLUTION
    best = 0.0
    if not terminated:
        best = max(Q.get((next_state, following), 0.0) for following in next_commands)
    old = Q.get((state, command), 0.0)
    Q[state, command] = old + alpha * (reward + gamma * best - old)
    # END SOLUTION


# %% tags=["check"]
Q = {
    ("there", "north"): 0.5,
    ("there", "south"): 0.8,
    ("there", "west"): 2.0,
    ("here", "east"): 0.2,
}
before = dict(Q)
q_update(Q, "here", "east", 0.0, "there", ["north", "south"], False, alpha=0.5, gamma=0.9)
got = Q["here", "east"]
assert abs(got - 1.0) > 1e-9, "west is not admissible there"
assert abs(got - 0.46) < 1e-9, f"0.2 + 0.5 · (0 + 0.9 · 0.8 − 0.2) = 0.46, not {got}"
assert before == {**Q, ("here", "east"): 0.2}, "an update changes one value alone"
q_update(Q, "here", "east", 1.0, "there", ["north", "south"], True, alpha=1.0, gamma=0.9)
assert Q["here", "east"] == 1.0, f"nothing comes after a terminal state: 1, not {Q['here', 'east']}"
q_update(Q, "new", "east", 0.0, "unseen", ["north"], False, alpha=0.5, gamma=0.9)
assert Q["new", "east"] == 0.0, "what was never tried is worth 0"
print("Right.")


# %% tags=["wrong"]
def q_update(Q, state, command, reward, next_state, next_commands, terminated, alpha, gamma):
    best = max(Q.get((next_state, following), 0.0) for following in next_commands)
    old = Q.get((state, command), 0.0)
    Q[state, command] = old + alpha * (reward + gamma * best - old)


# %% tags=["wrong"]
def q_update(Q, state, command, reward, next_state, next_commands, terminated, alpha, gamma):
    best = max([value for (s, _), value in Q.items() if s == next_state and not terminated] + [0])
    old = Q.get((state, command), 0.0)
    Q[state, command] = old + alpha * (reward + gamma * best - old)


# %% tags=["wrong"]
def q_update(Q, state, command, reward, next_state, next_commands, terminated, alpha, gamma):
    best = 0.0
    if not terminated:
        best = max(Q.get((next_state, following), 0.0) for following in next_commands)
    Q[state, command] = reward + gamma * best


# %% [markdown]
# Learning needs trying. **ε-greedy**: with probability $\varepsilon$ any admissible command, else
# one of the best. Among equals chance must decide: at first all are equal, and an agent that always
# takes the first hardly leaves its corner.
#
# **Exercise 3.** Write it.


# %% tags=["exercise"]
def choose(Q, state, commands, epsilon, rng):
    """An ε-greedy command; `rng` is a random.Random (rng.random(), rng.choice(list))."""
    # BEGIN SOLUTION
    if rng.random() < epsilon:
        return rng.choice(commands)
    values = [Q.get((state, command), 0.0) for command in commands]
    best = max(values)
    return rng.choice(
        [command for command, value in zip(commands, values, strict=True) if value == best]
    )
    # END SOLUTION


# %% tags=["check"]
Q = {("s", "north"): 1.0, ("s", "east"): 1.0, ("s", "west"): 2.0}
rng = Random(0)
some = [choose(Q, "s", ["north", "east", "south"], 0.0, rng) for _ in range(400)]
assert set(some) == {"north", "east"}, f"with ε = 0 only the best that are admissible: {set(some)}"
assert 120 < some.count("north") < 280, "among equals chance decides"
some = [choose(Q, "s", ["north", "west"], 0.5, rng) for _ in range(400)]
share = some.count("north") / 400
assert 0.15 < share < 0.35, (
    f"with ε = ½ and two commands the worse one comes ¼ of the time: {share}"
)
print("Right.")


# %% tags=["wrong"]
def choose(Q, state, commands, epsilon, rng):
    if rng.random() < epsilon:
        return rng.choice(commands)
    return max(commands, key=lambda command: Q.get((state, command), 0.0))


# %% tags=["wrong"]
def choose(Q, state, commands, epsilon, rng):
    values = [Q.get((state, command), 0.0) for command in commands]
    return rng.choice(
        [c for c, value in zip(commands, values, strict=True) if value == max(values)]
    )


# %% [markdown]
# That is all. The loop of learning:


# %%
def learn(env, episodes, *, alpha=0.5, gamma=0.95, epsilon=0.1, seed=0):
    """A table, and the number of steps of each episode."""
    Q, steps, rng = {}, [], Random(seed)
    for _ in range(episodes):
        state, info = env.reset()
        steps.append(0)
        ended = False
        while not ended:
            command = choose(Q, state, info["admissible_commands"], epsilon, rng)
            after, reward, terminated, truncated, info = env.step(command)
            commands = info["admissible_commands"]
            q_update(Q, state, command, reward, after, commands, terminated, alpha, gamma)
            state, ended = after, terminated or truncated
            steps[-1] += 1
    return Q, steps


Q, steps = learn(env, episodes=150)
env.reset()
shortest = len(env.unwrapped.solution())

figure, axes = plt.subplots(figsize=(5, 2.6), dpi=70)
axes.semilogy(steps)
axes.axhline(shortest, color="C3", linestyle="--", label="the shortest way")
axes.set(xlabel="episode", ylabel="steps")
axes.legend()
plt.show()

# %% [markdown]
# And the table itself: how much the best command of each cell is worth, and which one that is. The
# cells are read from the texts, "You are at column 3, row 1."


# %%
def cell_of(text):
    """(column, row) of an observation."""
    return tuple(map(int, re.search(r"column (\d+), row (\d+)", text).groups()))


def best_of(Q):
    """The value of each cell and its best command; cells worth nothing yet have no command."""
    values, arrows = {}, {}
    for (state, command), value in Q.items():
        cell = cell_of(state)
        if value > values.get(cell, 0.0):
            arrows[cell] = command
        values[cell] = max(value, values.get(cell, 0.0))
    return values, arrows


draw_maze(map_text, *best_of(Q), title="what was learned")
plt.show()

# %% [markdown]
# The way from the start is known well. Far from it values are still 0, and some arrows are long
# ways round: what is never visited is never learned.
#
# ## The agent of the repository
# `agents/q_learning.py` has the same rule, and what a real run needs: settings, a run folder, tests
# while it learns, checkpoints. Read its method `update` now: you know every line of it.

# %%
config = QLearningConfig(
    env_id="TextMaze-v0",
    env_kwargs={"level": 2, "view": "coordinates"},
    same_problem=True,  # one maze, that of the seed
    seed=5,
    steps=10_000,
    eval_every=1_000,
    epsilon=0.1,
    epsilon_end=0.1,
    gamma=0.95,
)
agent = QLearning(config)
agent.learn()
print(agent.evaluate())
print(len(agent.table), "states in the table")

# %% [markdown]
# ## Exploration
# With a reward only at the exit, everything hangs on finding it once. Three ways to look for it:
#
# * **ε-greedy** staggers about: while all values are 0 it is a random walk.
# * **Optimistic start** ([SB] section 2.6): the table begins at 1, more than can be earned. What was
#   tried disappoints, and so what was not tried is preferred.
# * **A count bonus**: the choice goes by $Q(s, a) + c / \sqrt{n(s, a)}$, where $n$ counts how often
#   the command was tried there (Strehl and Littman 2008, equation 6).
#
# How many steps until the greedy policy solves a maze of 9 × 9 cells?


# %%
def steps_to_solution(seed, **settings):
    """Environment steps until the test is passed, looked at every 250."""
    solved = []
    config = QLearningConfig(
        env_kwargs={"level": 3, "view": "coordinates", "max_turns": 200}, same_problem=True,
        seed=seed, steps=10_000, eval_every=250, log_every=250, **settings,
    )  # fmt: skip

    class Solved(Exception):
        """The test is passed."""

    def look(step, metrics):
        if metrics.get("test_success") == 1:
            solved.append(step)
            raise Solved

    with suppress(Solved):
        QLearning(config).learn(on_update=look)
    return solved[0] if solved else None


little = {"epsilon": 0.1, "epsilon_end": 0.1}
for name, settings in {
    "ε = 0.1": little,
    "ε from 1 to 0.05": {},
    "optimistic start": {**little, "initial_value": 1.0},
    "count bonus": {**little, "count_bonus": 0.1},
}.items():
    print(f"{name:18}", [steps_to_solution(seed, **settings) for seed in range(3)])

# %% [markdown]
# `None` is never, in 10,000 steps. What is rare here is a reward to learn from. Which walk finds it
# first is luck, so that three seeds show no more than this: the optimistic start never failed.
#
# ## SARSA and Q-learning on a cliff
# Q-learning learns what the best policy would get, whatever it does itself. **SARSA** ([SB] equation
# 6.7) learns what it gets itself, with its own next command $a'$, explorations included:
#
# $$Q(s, a) \leftarrow Q(s, a) + \alpha\,\bigl[\,r + \gamma\, Q(s', a') - Q(s, a)\,\bigr]$$
#
# **Exercise 4.** Write SARSA's target, the first two terms in the bracket.


# %% tags=["exercise"]
def sarsa_target(Q, reward, next_state, next_command, terminated, gamma):
    """What Q(s, a) is moved towards."""
    # BEGIN SOLUTION
    return reward + (0.0 if terminated else gamma * Q.get((next_state, next_command), 0.0))
    # END SOLUTION


# %% tags=["check"]
Q = {("s", "north"): 1.0, ("s", "east"): 3.0}
got = sarsa_target(Q, -1.0, "s", "north", False, 0.5)
assert got != 0.5, "the next command is north: the best one does not matter"
assert got == -0.5, f"−1 + 0.5 · 1 is −0.5, not {got}"
assert sarsa_target(Q, -1.0, "s", "north", True, 0.5) == -1.0, "nothing comes after the end"
print("Right.")


# %% tags=["wrong"]
def sarsa_target(Q, reward, next_state, next_command, terminated, gamma):
    return reward + gamma * max(value for (state, _), value in Q.items() if state == next_state)


# %% tags=["wrong"]
def sarsa_target(Q, reward, next_state, next_command, terminated, gamma):
    return reward + gamma * Q.get((next_state, next_command), 0.0)


# %% [markdown]
# Gymnasium's CliffWalking ([SB] example 6.6) shows the difference. Each step costs 1; stepping off
# the cliff, the lower edge between start and goal, costs 100 and leads back to the start. The
# agents of this repository read texts, so that the environment is put in words: the wrapper
# `InWords` says "State 36." and takes the commands of the vocabulary.

# %%
COMMANDS = ("up", "right", "down", "left")


def walk_the_cliff(target):
    """An agent of 50,000 steps, and its mean return while it learned in the last 20,000."""
    returns = []
    agent = QLearning(
        QLearningConfig(
            env_id="CliffWalking-v1", env_kwargs={"max_episode_steps": 500}, vocabulary=COMMANDS,
            same_problem=True, target=target, epsilon=0.1, epsilon_end=0.1, gamma=1.0,
            learning_rate=0.1, steps=50_000, eval_every=0,
        )
    )  # fmt: skip
    agent.learn(on_update=lambda step, metrics: returns.append(metrics.get("return")))
    return agent, sum(returns[-20:]) / 20


def way(agent):
    """The greedy way over the cliff, in characters."""
    arrows = dict(zip(COMMANDS, "↑→↓←", strict=True))
    field = [["·"] * 12 for _ in range(4)]
    field[3][1:11] = "▒" * 10
    env = gym.make("CliffWalking-v1", max_episode_steps=40)
    state, _ = env.reset()
    ended = False
    while not ended:
        command = agent.act(f"State {state}.")
        field[state // 12][state % 12] = arrows[command]
        state, _, terminated, truncated, _ = env.step(COMMANDS.index(command))
        ended = terminated or truncated
    return "\n".join(" ".join(row) for row in field)


for target in ("q_learning", "sarsa"):
    agent, mean_return = walk_the_cliff(target)
    print(f"{target}: {mean_return:.0f} an episode while it learns; greedily\n{way(agent)}\n")

# %% [markdown]
# Q-learning walks along the edge: the shortest way, for somebody who never stumbles. SARSA knows
# that one command in ten is an accident, and keeps away. While learning it falls less often.
#
# ## Many mazes at once
# The same rule in NumPy: 256 agents walk through one maze of 21 × 21 cells and write into one table.
# States are numbers here (`observation="index"`), so that a table is an array. There are two keys to
# find, so the table begins optimistic.

# %%
envs = gym.make_vec(
    "TextMaze-v0", 256, level=7, slip=0.0, view="coordinates", same_maze=True, observation="index"
)
batched = BatchedQLearning(envs, gamma=0.99, epsilon=0.1, initial_value=1.0, seed=0)
start = envs.reset(seed=[1] * 256)[0][0]
batched.begin([1] * 256)
batched.learn(2_000)

one = gym.make("TextMaze-v0", level=7, slip=0.0)
one.reset(seed=1)
shortest = len(one.unwrapped.solution())
print(f"{batched.updates:,} updates")
print(f"the start is worth {batched.values[:, start].max():.4f}")
print(f"γ^(d−1), with d = {shortest} steps: {0.99 ** (shortest - 1):.4f}")

# %% [markdown]
# The value of the start is that of the shortest way: it has been found.
#
# **To go on.** Which learning rate solves the maze of this notebook in the fewest episodes, and why
# is it the best on ice (`slip=0.2`) no longer? What does Expected SARSA
# (`target="expected_sarsa"`, [SB] equation 6.9) do on the cliff? In
# [the next notebook](2_sparse_dense_shaped.ipynb) the reward tells more than the exit does.
