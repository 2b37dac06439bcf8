# %% [markdown]
# # 2. Sparse, dense, shaped
#
# Three ways to pay for the same task: for the goal alone, for progress, or for progress in such a
# way that the best policy provably stays the same. What each pays, why, where it helps and where it
# does not.

# %%
import os
import sys
from pathlib import Path
from random import Random

# The agents run from the repository, wherever in it this notebook is.
ROOT = next(folder for folder in [Path.cwd(), *Path.cwd().parents] if (folder / "agents").is_dir())
sys.path.insert(0, str(ROOT))

import gymnasium as gym
import matplotlib.pyplot as plt

import reasoning_gym_envs  # noqa: F401  (this registers the environments)
from agents.q_learning import QLearning, QLearningConfig
from docs.drawing import draw_maze
from reasoning_gym_envs.wrappers import Curriculum

BUDGET = float(os.environ.get("NOTEBOOK_BUDGET", "1"))  # less is faster, and shows less

# %% [markdown]
# ## What a step pays
# With the **progress** $\Phi(s)$ of a state, a number in $[0, 1)$ before the goal, a step from $s$
# to $s'$ pays
#
# | | before the goal | at the goal |
# | --- | --- | --- |
# | sparse | $0$ | $1$ |
# | dense | $\Phi(s') - \Phi(s)$ | $1 + 1 - \Phi(s)$ |
# | shaped | $\gamma\Phi(s') - \Phi(s)$ | $1 + 0 - \Phi(s)$ |
#
# In a maze $\Phi = \gamma^d$, where $d$ is the number of steps that are left. `info["reward_terms"]`
# says what a reward is made of. Here somebody walks three steps of the shortest way, one back, and
# then to the exit.


# %%
def make_maze(reward, level=1, **arguments):
    """A maze with a reward: the same one every time."""
    arguments = {"view": "coordinates", "same_maze": True, "instruction": "", **arguments}
    env = gym.make("TextMaze-v0", level=level, reward=reward, **arguments)
    env.reset(seed=3)
    env.reset()
    return env


OPPOSITE = {"north": "south", "south": "north", "east": "west", "west": "east"}
way = make_maze("sparse").unwrapped.solution()
walk = [*way[:3], OPPOSITE[way[2]], *way[2:]]

REWARDS = {mode: {"mode": mode, "gamma": 0.9} for mode in ("sparse", "dense", "shaped")}
envs = {name: make_maze(reward) for name, reward in REWARDS.items()}
sums = dict.fromkeys(envs, 0.0)
print("command      d   sparse      dense               shaped")
for command in walk:
    texts = []
    for name, env in envs.items():
        *_, terminated, _, info = env.step(command)
        terms = info["reward_terms"]
        sums[name] += sum(terms.values())
        texts.append(" ".join(f"{value:+.3f}" for value in terms.values()))
    left = 0 if terminated else len(envs["sparse"].unwrapped.solution())
    print(f"{command:10} {left:3}   {texts[0]:10}  {texts[1]:18}  {texts[2]}")
print("sums, not discounted:", {name: round(total, 3) for name, total in sums.items()})

# %% [markdown]
# The first number is `success`, the second `progress` or `shaping`. In dense, the step back costs
# what the step forth had paid. In shaped, with $\Phi = \gamma^d$, a step of the shortest way pays
# nothing, and every other one costs.
#
# ## Shaping
# Ng, Harada and Russell, *Policy invariance under reward transformations* (ICML 1999), theorem 1:
# add $F(s, s') = \gamma\Phi(s') - \Phi(s)$ to any reward, with any function $\Phi$ of the state that
# is 0 at terminal states, and the optimal policies are the same.
#
# **Exercise 1.** Write $F$.


# %% tags=["exercise"]
def shaping(before, after, terminated, gamma):
    """F, of Φ(s) and Φ(s′); `terminated` says whether s′ is a terminal state."""
    # BEGIN SOLUTION
    return (0.0 if terminated else gamma * after) - before
    # END SOLUTION


# %% tags=["check"]
env, rng, gamma = make_maze(REWARDS["shaped"]), Random(0), 0.9
distance, info = len(env.unwrapped.solution()), {"admissible_commands": [way[0]]}
terminated = False
while not terminated:
    *_, terminated, _, info = env.step(rng.choice(info["admissible_commands"]))
    before, distance = distance, len(env.unwrapped.solution()) if not terminated else 0
    paid = info["reward_terms"]["shaping"]
    got = shaping(gamma**before, gamma**distance, terminated, gamma)
    where = "at the exit" if terminated else f"from {before} steps before it to {distance}"
    assert abs(got - paid) < 1e-9, f"{where} the environment pays {paid:.4f}, not {got:.4f}"
print("Right.")


# %% tags=["wrong"]
def shaping(before, after, terminated, gamma):
    return gamma * after - before


# %% tags=["wrong"]
def shaping(before, after, terminated, gamma):
    return (0.0 if terminated else after) - before


# %% [markdown]
# ## Why nothing changes
# Add up what shaping pays in an episode $s_0, s_1, \dots, s_T$, discounted as the return is:
#
# $$\sum_{t=0}^{T-1} \gamma^t\,\bigl[\gamma\Phi(s_{t+1}) - \Phi(s_t)\bigr]$$
#
# **Exercise 2.** Almost all of it cancels. Write the sum with two values of $\Phi$ alone.


# %% tags=["exercise"]
def sum_of_shaping(first, last, length, gamma):
    """The sum, of Φ(s_0), Φ(s_T) and T."""
    # BEGIN SOLUTION
    return gamma**length * last - first
    # END SOLUTION


# %% tags=["check"]
rng = Random(0)
for length in (1, 2, 7):
    phi = [rng.random() for _ in range(length + 1)]
    whole = sum(0.9**t * (0.9 * phi[t + 1] - phi[t]) for t in range(length))
    got = sum_of_shaping(phi[0], phi[-1], length, 0.9)
    assert abs(got - whole) < 1e-9, f"T = {length}: the sum is {whole:.4f}, not {got:.4f}"
print("Right.")


# %% tags=["wrong"]
def sum_of_shaping(first, last, length, gamma):
    return last - first


# %% tags=["wrong"]
def sum_of_shaping(first, last, length, gamma):
    return gamma * last - first


# %% [markdown]
# At the end of an episode $\Phi(s_T) = 0$, and what is left is $-\Phi(s_0)$: the same for every way
# to the end, so that no policy gains on another.
#
# To see it in numbers, we make the maze a table of transitions, read from its map, and compute
# $Q^*$ by value iteration ([SB] equation 4.10; Sutton and Barto 2018).


# %%
def read_maze(level, seed=3):
    """Of a maze: its map, moves[cell][command] = next cell, the start, the exit, the distances."""
    env = gym.make("TextMaze-v0", level=level, view="map", instruction="", generator="depth_first")
    text, _ = env.reset(seed=seed)
    lines = text.splitlines()
    moves, start, goal = {}, None, None
    for y in range(1, len(lines), 2):
        for x in range(1, len(lines), 2):
            cell = (x + 1) // 2, (y + 1) // 2
            start = cell if lines[y][x] == "@" else start
            goal = cell if lines[y][x] == "E" else goal
            moves[cell] = {}
            for command, (dx, dy) in STEPS.items():
                if lines[y + dy][x + dx] != "#":
                    moves[cell][command] = (cell[0] + dx, cell[1] + dy)
    distances, edge = {goal: 0}, [goal]
    for cell in edge:  # breadth first; passages lead both ways
        for after in moves[cell].values():
            if after not in distances:
                distances[after] = distances[cell] + 1
                edge.append(after)
    return text, moves, start, goal, distances


STEPS = {"north": (0, -1), "east": (1, 0), "south": (0, 1), "west": (-1, 0)}
GAMMA = 0.95
text, moves, start, goal, distances = read_maze(level=3)
nearness = {cell: GAMMA**d if d else 0.0 for cell, d in distances.items()}  # Φ, 0 at the end


def optimal_values(phi):
    """Q* of the maze, with F added to the sparse reward."""
    Q = {cell: dict.fromkeys(ways, 0.0) for cell, ways in moves.items() if cell != goal}
    for _ in range(400):
        for cell, commands in Q.items():
            for command in commands:
                after = moves[cell][command]
                future = GAMMA * max(Q[after].values()) if after != goal else 0.0
                reward = (after == goal) + GAMMA * phi[after] - phi[cell]
                commands[command] = reward + future
    return Q


draw_maze(text, nearness, title="Φ: how near the exit is")
plt.show()

none = dict.fromkeys(distances, 0.0)
sparse, shaped = optimal_values(none), optimal_values(nearness)
difference = max(
    abs(sparse[cell][command] - shaped[cell][command] - nearness[cell])
    for cell in sparse
    for command in sparse[cell]
)
print(f"Q* sparse − Q* shaped is Φ, up to {difference:.0e}")
best = {cell: max(Q, key=Q.get) for cell, Q in sparse.items()}
same = all(Q[best[cell]] == max(Q.values()) for cell, Q in shaped.items())
print("the best commands of sparse are best in shaped:", same)

# %% [markdown]
# In every state all values are lower by the same number, $\Phi(s)$. What command is best does not
# change.
#
# ## Shaping is a head start
# Wiewiora, *Potential-based shaping and Q-value initialization are equivalent* (JAIR 2003): a
# learner with shaping, and one without whose values begin higher, learn the same from the same
# experience.
#
# **Exercise 3.** The first learner, with shaping, begins with $Q = 0$ everywhere. Where must the
# second begin?


# %% tags=["exercise"]
def first_values(phi, cell):
    """Q(cell, any command) of the learner without shaping, at the start; `phi` is a dict."""
    # BEGIN SOLUTION
    return phi[cell]
    # END SOLUTION


# %%
def td_error(Q, cell, command, phi):
    """The bracket of Q-learning's update, with shaping by phi."""
    after = moves[cell][command]
    future = 0.0 if after == goal else max(Q[after].values())
    reward = (after == goal) + GAMMA * phi[after] - phi[cell]
    return reward + GAMMA * future - Q[cell][command]


def fresh(value_of):
    """A table with a first value for each cell."""
    return {cell: dict.fromkeys(ways, value_of(cell)) for cell, ways in moves.items()}


# %% tags=["check"]
with_shaping, without = fresh(lambda cell: 0.0), fresh(lambda cell: first_values(nearness, cell))
rng, cell = Random(0), start
for _ in range(20_000):
    command = rng.choice(list(moves[cell]))
    for Q, phi in ((with_shaping, nearness), (without, none)):
        Q[cell][command] += 0.5 * td_error(Q, cell, command, phi)
    cell = start if moves[cell][command] == goal else moves[cell][command]
gap = max(
    abs(without[cell][command] - with_shaping[cell][command] - nearness[cell])
    for cell in moves
    if cell != goal
    for command in moves[cell]
)
assert gap < 1e-9, f"after 20,000 updates Q − Q′ is off Φ by {gap:.3f}"
print(f"Right: after 20,000 updates Q − Q′ is Φ, up to {gap:.0e}.")


# %% tags=["wrong"]
def first_values(phi, cell):
    return -phi[cell]


# %% tags=["wrong"]
def first_values(phi, cell):
    return 0.0


# %% [markdown]
# ## Which Φ?
# Any is harmless in the end; on the way there a bad one is not. With the head start in mind the
# best is clear: begin with what you would end with, $\Phi = V^*$ (which Ng, Harada and Russell
# suggest, too). In a maze with the sparse reward $V^* = \gamma^{d-1}$, which is why
# $\Phi = \gamma^d$. The obvious $\Phi = -d$ is a bad one. Its head start is a handicap: values begin
# far below the true ones, so that whatever was tried turns out better than what was not, and the
# agent stays with what it knows. Put the other way, a step to and fro earns
#
# $$F(s, s') + \gamma F(s', s) = (\gamma^2 - 1)\,\Phi(s)$$
#
# which is a gain where $\Phi < 0$, and a loss where $\Phi > 0$.


# %%
def steps_to_solution(maze, phi, seed, limit, epsilon=0.1):
    """Steps of Q-learning until its greedy way is a shortest one; None if that takes too long."""
    _, moves, start, goal, _ = maze
    Q = {cell: dict.fromkeys(ways, 0.0) for cell, ways in moves.items()}
    rng, cell = Random(seed), start
    for step in range(1, limit + 1):
        commands = Q[cell]
        if rng.random() < epsilon:
            command = rng.choice(list(commands))
        else:
            best = max(commands.values())
            command = rng.choice([c for c, value in commands.items() if value == best])
        after = moves[cell][command]
        future = 0.0 if after == goal else max(Q[after].values())
        reward = (after == goal) + GAMMA * phi[after] - phi[cell]
        commands[command] += 0.5 * (reward + GAMMA * future - commands[command])
        cell = start if after == goal else after
        if step % 100 == 0 and is_solved(Q, maze):
            return step
    return None


def is_solved(Q, maze):
    """Whether the best commands lead from the start to the exit, all of them nearer."""
    _, moves, cell, goal, distances = maze
    while cell != goal:
        values = sorted(Q[cell].values())
        after = moves[cell][max(Q[cell], key=Q[cell].get)]
        if distances[after] > distances[cell] or (len(values) > 1 and values[-1] == values[-2]):
            return False
        cell = after
    return True


limit = int(100_000 * BUDGET)
print("cells     way   no shaping              Φ = −d                  Φ = γ^d")
for level, side in ((1, 5), (2, 7), (3, 9)):
    maze = read_maze(level)
    goal, distances = maze[3], maze[4]
    row = []
    for phi in (
        dict.fromkeys(distances, 0.0),
        {cell: -float(d) for cell, d in distances.items()},
        {cell: GAMMA**d if d else 0.0 for cell, d in distances.items()},
    ):
        row.append(str([steps_to_solution(maze, phi, seed, limit) for seed in range(3)]))
    way_length = distances[maze[2]]
    print(f"{side} × {side} {way_length:6}   {row[0]:22}  {row[1]:22}  {row[2]}")

# %% [markdown]
# Steps until the greedy way is a shortest one, for three seeds.
#
# ## An attack on a bad bonus
# Why not simply pay for coming nearer? Here is an environment whose maker thought so: 0.1 for each
# step that brings the agent nearer to the exit.


# %%
class PayForComingNearer(gym.Wrapper):
    """Do not do this."""

    def step(self, action):
        before = len(self.env.unwrapped.solution())
        observation, reward, terminated, truncated, info = self.env.step(action)
        after = 0 if terminated else len(self.env.unwrapped.solution())
        return observation, reward + 0.1 * (after < before), terminated, truncated, info


def earned(env, commands):
    """The sum of rewards of a list of commands, until the episode ends."""
    env.reset()
    total = 0.0
    for command in commands:
        _, reward, terminated, truncated, _ = env.step(command)
        total += reward
        if terminated or truncated:
            break
    return total


naive = PayForComingNearer(make_maze("sparse"))
print(f"the shortest way earns {earned(naive, way):.1f}")

# %% [markdown]
# **Exercise 4.** Earn more than that in 60 commands, without ever reaching the exit. `way` is the
# shortest way, and `OPPOSITE["north"]` is "south".


# %% tags=["exercise"]
def attack(way):
    """A list of 60 commands."""
    # BEGIN SOLUTION
    return [way[0], OPPOSITE[way[0]]] * 30
    # END SOLUTION


# %% tags=["check"]
commands = attack(way)
assert len(commands) == 60, f"60 commands, not {len(commands)}"
naive.reset()
assert not any(naive.step(command)[2] for command in commands), "do not reach the exit"
paid, honest = earned(naive, commands), earned(naive, way)
assert paid > honest, f"the attack earns {paid:.1f}, and the shortest way {honest:.1f}"
fair = {name: earned(make_maze(reward), commands) for name, reward in REWARDS.items()}
print(f"Right: {paid:.1f}. Under the rewards of this package the same walk earns")
print({name: round(total, 3) for name, total in fair.items()})


# %% tags=["wrong"]
def attack(way):
    return way


# %% tags=["wrong"]
def attack(way):
    return ["dance"] * 60


# %% [markdown]
# The sum of `dense` over a walk is $\Phi(s_T) - \Phi(s_0)$ without the exit, so that a circle pays
# nothing, and less than 1 in any case. `shaped` pays no more than that.
#
# ## Where dense helps
# The longer the way, the rarer a success by chance. Steps of the agent of `agents/q_learning.py`
# until its greedy policy solves one maze, looked at every 500:

# %%
for level in (2, 5):
    for reward in ("sparse", "dense", "shaped"):
        steps = []

        def note(step, metrics, steps=steps):
            if metrics.get("test_success") == 1:
                steps.append(step)

        arguments = {"level": level, "view": "coordinates", "reward": reward, "max_turns": 400}
        config = QLearningConfig(
            env_kwargs=arguments, same_problem=True, seed=1, epsilon=0.1, epsilon_end=0.1,
            steps=int(10_000 * BUDGET), eval_every=500, log_every=500,
        )  # fmt: skip
        QLearning(config).learn(on_update=note)
        print(f"level {level}  {reward:7}", steps[0] if steps else f"not in {config.steps}")

# %% [markdown]
# ## Where dense does not help
# A dense reward helps to *find* the goal, by what it pays on the way. A task of a single step has no
# way. This one is a sum, and an agent that knows nothing of sums tries one answer after the other.

# %%
question = gym.make("MathBoxed-v0", level=1, topics=["integer_arithmetic"], reward="dense")
text, _ = question.reset(seed=0)
print(text.splitlines()[0])
for answer in (r"\boxed{3}", r"\boxed{4}"):
    question.reset(seed=0)
    _, reward, _, _, info = question.step(answer)
    print(answer, info["reward_terms"])

# %% [markdown]
# A wrong answer pays nothing in either: progress is what *reasoning* derives on the way, and an
# answer without any has none. Dense can tell more only where there is more to tell.
#
# ## A curriculum
# The other help against a reward that is never found: begin with what is easy. The wrapper
# `Curriculum` moves an environment's level up while episodes succeed (here at 80% of 20) and down
# while they fail. What a level is, is the environment's affair. Here it is how far from the exit
# the episode begins, in tenths of the way: a *reverse curriculum* (Florensa et al., CoRL 2017).


# %%
class BeginNearTheExit(gym.Wrapper):
    """Level k begins k tenths of the way before the exit: the rest is walked for the agent."""

    def reset(self, *, seed=None, options=None):
        observation, info = self.env.reset(seed=seed)
        way = self.env.unwrapped.solution()
        left = max(1, len(way) * (options or {}).get("level", 10) // 10)
        for command in way[: len(way) - left]:
            observation, *_, info = self.env.step(command)
        return observation, info


def success_by_steps(is_taught, seed, limit, every=2_000):
    """Success of the greedy policy on the whole way, after so many steps each; Q-learning."""
    arguments = {"view": "coordinates", "same_maze": True, "instruction": ""}
    env = BeginNearTheExit(gym.make("TextMaze-v0", level=(1, 10), max_turns=400, **arguments))
    env.unwrapped.reset(seed=seed, options={"level": 4})
    whole = gym.make("TextMaze-v0", level=4, max_turns=400, **arguments)
    whole.reset(seed=seed)
    if is_taught:
        env = Curriculum(env, window=20, low=0.2)
    rng, Q, steps, curve = Random(seed), {}, 0, []

    def choose(state, commands, epsilon):
        if rng.random() < epsilon:
            return rng.choice(commands)
        values = [Q.get((state, command), 0.0) for command in commands]
        best = max(values)
        return rng.choice([c for c, v in zip(commands, values, strict=True) if v == best])

    def greedy_success():
        state, info = whole.reset()
        ended = False
        while not ended:
            state, _, ended, truncated, info = whole.step(
                choose(state, info["admissible_commands"], 0.0)
            )
            if truncated:
                return 0
        return 1

    while steps < limit:
        state, info = env.reset()
        ended = False
        while not ended:
            command = choose(state, info["admissible_commands"], 0.1)
            after, reward, terminated, truncated, info = env.step(command)
            future = 0.0
            if not terminated:
                future = max(Q.get((after, c), 0.0) for c in info["admissible_commands"])
            old = Q.get((state, command), 0.0)
            Q[state, command] = old + 0.5 * (reward + 0.99 * future - old)
            state, ended = after, terminated or truncated
            steps += 1
            if steps % every == 0:
                curve.append(greedy_success())
    return curve


SEEDS, EVERY, limit = range(5), 1_000, int(20_000 * BUDGET)
figure, axes = plt.subplots(figsize=(5, 2.6), dpi=70)
for is_taught, name in ((False, "the whole way from the start"), (True, "with the curriculum")):
    curves = [success_by_steps(is_taught, seed, limit, EVERY)[: limit // EVERY] for seed in SEEDS]
    means = [sum(column) / len(column) for column in zip(*curves, strict=True)]
    reached = next((EVERY * (k + 1) for k, mean in enumerate(means) if mean >= 0.8), None)
    print(f"{name}: 80% of the seeds solve the whole maze after {reached} steps")
    axes.plot([EVERY * (k + 1) for k in range(len(means))], means, label=name)
axes.set(xlabel="steps", ylabel="seeds that solve it", ylim=(-0.05, 1.05))
axes.legend()
plt.show()

# %% [markdown]
# The same sparse reward, the same agent, the same maze of 11 × 11 cells with a key and a door.
#
# **To go on.** Which $\Phi$ would you write for another puzzle, say sliding tiles? Train
# `QLearning` on it under all three rewards. In
# [the next notebook](3_from_a_table_to_a_network.ipynb) the agent meets mazes that it has never
# seen.
