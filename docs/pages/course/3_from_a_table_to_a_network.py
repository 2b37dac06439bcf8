# %% [markdown]
# # 3. From a table to a network
#
# A table knows the texts that it has seen, and nothing of any other. Here the agent must find its
# way through mazes that it never trained on: it has to *read*. From hashed words and a softmax to
# REINFORCE, actor-critic and PPO.

# %%
import os
import sys
import zlib
from pathlib import Path

# The agents run from the repository, wherever in it this notebook is.
ROOT = next(folder for folder in [Path.cwd(), *Path.cwd().parents] if (folder / "agents").is_dir())
sys.path.insert(0, str(ROOT))

import gymnasium as gym
import matplotlib.pyplot as plt
import numpy as np
import torch

import reasoning_gym_envs  # noqa: F401  (this registers the environments)
from agents.actor_critic import ActorCritic, ActorCriticConfig, generalized_advantages
from agents.q_learning import QLearning, QLearningConfig
from reasoning_gym_envs.wrappers import DiscreteCommands, SameProblem

torch.set_num_threads(1)
BUDGET = float(os.environ.get("NOTEBOOK_BUDGET", "1"))  # less is faster, and shows less

# %% [markdown]
# ## Training and test
# Every problem belongs to `split="train"` or to `split="test"`, by a hash of its content: no seed
# ever draws a test problem in training. We train a table on mazes of 5 × 5 cells, with the last
# command in the observation, and look at the texts of mazes of the test split.

# %%
TASK = {
    "env_kwargs": {"level": 1, "view": "coordinates", "reward": "dense", "max_turns": 25},
    "remember": 1,  # the last command stands in the observation
    "gamma": 0.95,
    "eval_episodes": 100,
    "steps": int(30_000 * BUDGET),
    "eval_every": int(10_000 * BUDGET),
    "same_problem": False,
}
curves = {"table": [], "network": []}


def note(name):
    """Write down how many of the test mazes are solved."""

    def look(step, metrics):
        if "test_success" in metrics:
            curves[name].append((step, metrics["test_success"]))

    return look


table = QLearning(QLearningConfig(**TASK, epsilon=0.2, epsilon_end=0.2))
table.learn(on_update=note("table"))

one_more = gym.make("TextMaze-v0", level=3, view="coordinates", split="test", instruction="")
text, _ = one_more.reset(seed=0)
print(len(table.table), "texts are in the table, such as")
print(next(iter(table.table)), "\n")
print("A maze of level 3 begins with")
print(text, "\nand that is", "in it." if text in table.table else "not in it.")

# %% [markdown]
# ## Features of a text
# What two texts have in common must be seen before anything learned from one can serve the other.
# **Feature hashing** (Weinberger et al., *Feature hashing for large scale multitask learning*, ICML
# 2009): each word, and each pair of words, is hashed to one of `size` places, with a sign; there
# it is counted. Texts with common words become vectors with a large product.
#
# **Exercise 1.** Write it. For the words of `text.split()` and the pairs of neighbours
# (`f"{one} {other}"`), add the sign at the place; then scale the vector to length 1, unless it is 0.


# %%
def place_and_sign(piece, size):
    """Where a piece of text is counted, and whether as +1 or as −1."""
    number = zlib.crc32(piece.encode())
    return (number >> 1) % size, 1.0 if number & 1 else -1.0


# %% tags=["exercise"]
def hashed(text, size):
    """A text as a NumPy vector of `size` numbers."""
    # BEGIN SOLUTION
    vector = np.zeros(size)
    words = text.split()
    pairs = [f"{one} {other}" for one, other in zip(words, words[1:], strict=False)]
    for piece in words + pairs:
        place, sign = place_and_sign(piece, size)
        vector[place] += sign
    length = np.linalg.norm(vector)
    return vector / length if length else vector
    # END SOLUTION


# %% tags=["check"]
vector = hashed("north is open", 64)
assert vector.shape == (64,), f"a vector of 64 numbers, not {vector.shape}"
assert abs(np.linalg.norm(vector) - 1) < 1e-9, "of length 1"
assert not hashed("", 64).any(), "nothing is in an empty text"
assert np.count_nonzero(hashed("a b c", 4096)) == 5, "three words and two pairs are five pieces"
place, sign = place_and_sign("open", 4096)
assert np.sign(hashed("open", 4096)[place]) == sign, "each piece counts with its sign"
assert hashed("a a b", 4096).max() != hashed("a b", 4096).max(), (
    "a word that comes twice counts twice"
)
near = hashed("north is open", 4096) @ hashed("north is shut", 4096)
far = hashed("north is open", 4096) @ hashed("a key lies there", 4096)
assert near > far + 0.1, f"texts with common words are near: {near:.2f}, {far:.2f}"
print("Right.")


# %% tags=["wrong"]
def hashed(text, size):
    vector = np.zeros(size)
    for word in text.split():
        place, sign = place_and_sign(word, size)
        vector[place] += sign
    length = np.linalg.norm(vector)
    return vector / length if length else vector


# %% tags=["wrong"]
def hashed(text, size):
    vector = np.zeros(size)
    words = text.split()
    for piece in [*words, *(f"{a} {b}" for a, b in zip(words, words[1:], strict=False))]:
        vector[place_and_sign(piece, size)[0]] += 1
    length = np.linalg.norm(vector)
    return vector / length if length else vector


# %% [markdown]
# ## A policy
# A network gives each command a number, its logit $z_a$, and the policy is a softmax over those that
# are admissible:
#
# $$\pi(a \mid s) = \frac{e^{z_a}}{\sum_{b\ \text{admissible}} e^{z_b}}$$
#
# A **mask** says which are. A masked command has probability 0, and no gradient (Huang and Ontañón,
# *A closer look at invalid action masking in policy gradient algorithms*, FLAIRS 2022).
#
# **Exercise 2.** Write $\log \pi$. Beware of large logits: $e^{1000}$ is infinite;
# `torch.log_softmax` knows how. Give masked commands the logit −10⁹.


# %% tags=["exercise"]
def masked_logprobs(logits, mask):
    """log π, of logits ``[n, commands]`` and a mask (booleans) of the same shape."""
    # BEGIN SOLUTION
    return torch.log_softmax(logits.masked_fill(~mask, -1e9), -1)
    # END SOLUTION


# %% tags=["check"]
logits = torch.tensor([[1.0, 2.0, 3.0], [1000.0, 0.0, 1000.0]], requires_grad=True)
mask = torch.tensor([[True, False, True], [True, True, True]])
got = masked_logprobs(logits, mask)
assert got.isfinite().all(), f"large logits are no reason for {got.tolist()}"
chances = got.exp()
assert torch.allclose(chances.sum(1), torch.ones(2)), "the chances of a state add up to 1"
assert chances[0, 1] == 0, f"a masked command has no chance, not {chances[0, 1].item():.3f}"
wanted = torch.tensor([[0.1192, 0.0, 0.8808], [0.5, 0.0, 0.5]])
assert torch.allclose(chances, wanted, atol=1e-4), f"{wanted.tolist()}, not {chances.tolist()}"
got[0, 0].backward()
assert logits.grad[0, 1] == 0, "a masked command has no gradient"
print("Right.")


# %% tags=["wrong"]
def masked_logprobs(logits, mask):
    return torch.log_softmax(logits, -1)


# %% tags=["wrong"]
def masked_logprobs(logits, mask):
    return torch.log_softmax(logits * mask, -1)


# %% [markdown]
# ## REINFORCE
# Make more probable what was done, the more the better it went (Williams 1992; [SB] section 13.4,
# Sutton and Barto 2018). With the return $G_t$ after step $t$ and a **baseline** $b$, a gradient step
# on
#
# $$L = -\frac{1}{T} \sum_t \log \pi(a_t \mid s_t)\,(G_t - b)$$
#
# The baseline does not change what the gradient is on average, and a good one makes it less noisy: with
# $b = 0$ *everything* that was done in a solved episode becomes more probable. Here it is, whole, on
# one maze, without the exercises above (the agent in `agents/reinforce.py` learns $b$ as a value
# $V(s)$).


# %%
def reinforce(has_baseline, seed, episodes):
    """The return of each episode."""
    env = gym.make("TextMaze-v0", level=1, view="coordinates", max_turns=100, instruction="")
    env = DiscreteCommands(SameProblem(env, seed=2))
    torch.manual_seed(seed)
    features = torch.nn.Embedding(4096, 4)  # one row of logits for each text, found by its hash
    torch.nn.init.zeros_(features.weight)
    optimizer = torch.optim.Adam(features.parameters(), lr=0.1)
    totals, baseline = [], 0.0
    for _ in range(episodes):
        observation, info = env.reset()
        logprobs, rewards, ended = [], [], False
        while not ended:
            row = torch.tensor(zlib.crc32(observation.encode()) % 4096)
            mask = torch.from_numpy(info["action_mask"].astype(bool))
            policy = torch.distributions.Categorical(
                logits=features(row).masked_fill(~mask, -1e9), validate_args=False
            )
            action = policy.sample()
            logprobs.append(policy.log_prob(action))
            observation, reward, terminated, truncated, info = env.step(int(action))
            rewards.append(reward)
            ended = terminated or truncated
        returns, total = [], 0.0
        for reward in reversed(rewards):
            total = reward + 0.95 * total
            returns.insert(0, total)
        weights = torch.tensor(returns) - (baseline if has_baseline else 0.0)
        loss = -(torch.stack(logprobs) * weights).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        baseline += 0.1 * (np.mean(returns) - baseline)
        totals.append(total)
    return totals


figure, axes = plt.subplots(figsize=(5, 2.6), dpi=70)
for has_baseline in (False, True):
    runs = [reinforce(has_baseline, seed, int(80 * BUDGET)) for seed in range(2)]
    axes.plot(np.mean(runs, axis=0), label="with a baseline" if has_baseline else "without")
axes.set(xlabel="episode", ylabel="return from the start")
axes.legend()
plt.show()

# %% [markdown]
# Both learn the way. In a maze as small as this, with returns between 0 and 1, the baseline makes
# little difference.
#
# ## Actor and critic
# A whole return is noisy, and an episode must end before anything is learned. A **critic** $V(s)$,
# learned beside the policy, says how good a state is, and with it the error of one step,
#
# $$\delta_t = r_t + \gamma V(s_{t+1}) - V(s_t).$$
#
# The **generalized advantage estimate** (Schulman et al., ICLR 2016, equation 16) goes between one
# step and all of them:
#
# $$A_t = \delta_t + \gamma\lambda\,A_{t+1}$$
#
# After a **terminated** episode nothing comes: there $V(s_{t+1})$ counts 0. A **truncated** one was
# only stopped, and would have gone on: $V(s_{t+1})$ counts. In neither case does the next
# episode's $A_{t+1}$.
#
# **Exercise 3.** Write it for one environment. `values` has one entry more than the others, that of
# the last observation.


# %% tags=["exercise"]
def advantages_of(rewards, values, terminated, truncated, gamma, lam):
    """A list of advantages; the arguments are lists, ``values`` one longer."""
    # BEGIN SOLUTION
    advantages, advantage = [0.0] * len(rewards), 0.0
    for t in reversed(range(len(rewards))):
        following = 0.0 if terminated[t] else values[t + 1]
        delta = rewards[t] + gamma * following - values[t]
        if terminated[t] or truncated[t]:
            advantage = 0.0
        advantage = delta + gamma * lam * advantage
        advantages[t] = advantage
    return advantages
    # END SOLUTION


# %% tags=["check"]
def reference(rewards, values, terminated, truncated):
    columns = [torch.tensor(column)[:, None] for column in (rewards, values, terminated, truncated)]
    return generalized_advantages(*columns, gamma=0.9, gae_lambda=0.8)[:, 0].tolist()


rng = np.random.default_rng(0)
rewards, values = rng.random(6).tolist(), rng.random(7).tolist()
never, once = [False] * 6, [False, False, True, False, False, False]
for terminated, truncated, when in (
    (never, never, "no episode ends"),
    (once, never, "an episode terminates after the third step"),
    (never, once, "an episode is truncated after the third step"),
):
    got = advantages_of(rewards, values, terminated, truncated, 0.9, 0.8)
    wanted = reference(rewards, values, terminated, truncated)
    assert np.allclose(got, wanted, atol=1e-5), f"where {when}: {np.round(wanted, 3)}, not {got}"
print("Right.")


# %% tags=["wrong"]
def advantages_of(rewards, values, terminated, truncated, gamma, lam):
    advantages, advantage = [0.0] * len(rewards), 0.0
    for t in reversed(range(len(rewards))):
        ends = terminated[t] or truncated[t]
        delta = rewards[t] + (0.0 if ends else gamma * values[t + 1]) - values[t]
        advantage = delta + (0.0 if ends else gamma * lam * advantage)
        advantages[t] = advantage
    return advantages


# %% tags=["wrong"]
def advantages_of(rewards, values, terminated, truncated, gamma, lam):
    advantages, advantage = [0.0] * len(rewards), 0.0
    for t in reversed(range(len(rewards))):
        delta = rewards[t] + gamma * values[t + 1] * (not terminated[t]) - values[t]
        advantage = delta + gamma * lam * advantage * (not terminated[t])
        advantages[t] = advantage
    return advantages


# %% [markdown]
# ## PPO
# An actor-critic throws a rollout away after one step of gradient. **PPO** (Schulman et al., arXiv
# 1707.06347, equation 7) takes several, and stops paying for a command once its probability has
# changed by more than a share $\varepsilon$. With the ratio $r_t = \pi(a_t|s_t) / \pi_{old}(a_t|s_t)$
#
# $$L = -\frac{1}{T}\sum_t \min\bigl(r_t A_t,\ \mathrm{clip}(r_t, 1-\varepsilon, 1+\varepsilon)\,A_t\bigr)$$
#
# The minimum matters: what became worse by mistake can always be taken back.
#
# **Exercise 4.** Write it.


# %% tags=["exercise"]
def clipped_loss(logprobs, old_logprobs, advantages, epsilon):
    """L, of tensors with an entry for each step."""
    # BEGIN SOLUTION
    ratio = (logprobs - old_logprobs).exp()
    clipped = ratio.clamp(1 - epsilon, 1 + epsilon)
    return -torch.minimum(ratio * advantages, clipped * advantages).mean()
    # END SOLUTION


# %% tags=["check"]
for ratio, advantage, wanted, moves in (
    (1.0, 2.0, -2.0, True),
    (1.5, 1.0, -1.2, False),
    (0.5, 1.0, -0.5, True),
    (1.5, -1.0, 1.5, True),
    (0.5, -1.0, 0.8, False),
):
    logprob = torch.tensor([np.log(ratio)], requires_grad=True)
    loss = clipped_loss(logprob, torch.zeros(1), torch.tensor([advantage]), 0.2)
    case = f"ratio {ratio}, advantage {advantage}"
    assert abs(loss.item() - wanted) < 1e-6, f"{case}: the loss is {wanted}, not {loss.item():.3f}"
    loss.backward()
    assert bool(logprob.grad.any()) == moves, f"{case}: there is {'a' if moves else 'no'} gradient"
print("Right.")


# %% tags=["wrong"]
def clipped_loss(logprobs, old_logprobs, advantages, epsilon):
    ratio = (logprobs - old_logprobs).exp()
    return -(ratio.clamp(1 - epsilon, 1 + epsilon) * advantages).mean()


# %% tags=["wrong"]
def clipped_loss(logprobs, old_logprobs, advantages, epsilon):
    ratio = (logprobs - old_logprobs).exp()
    clipped = ratio.clamp(1 - epsilon, 1 + epsilon)
    return torch.minimum(ratio * advantages, clipped * advantages).mean()


# %% [markdown]
# ## Reading mazes
# All of that together is `agents/actor_critic.py` (and `agents/ppo.py`): hashed features into a
# network, a masked softmax, a critic, 16 mazes at a time. It trains as long as the table did, on
# mazes of the train split, and both play the same 100 mazes of the test split, greedily, with 25
# steps each.

# %%
network = ActorCritic(
    ActorCriticConfig(
        **TASK, encoder_size=256, environments=16, rollout=16, learning_rate=5e-3,
        entropy_coef=0.01, normalize_advantages=True,
    )
)  # fmt: skip
network.learn(on_update=note("network"))

figure, axes = plt.subplots(figsize=(5, 2.6), dpi=70)
for name, curve in curves.items():
    axes.plot(*zip(*curve, strict=True), marker="o", label=name)
    print(f"{name}: {curve[-1][1]:.0%} of the test mazes after {curve[-1][0]:,} steps")
axes.set(xlabel="environment steps", ylabel="test mazes solved", ylim=(0, 1))
axes.legend()
plt.show()

# %% [markdown]
# In texts that it has not seen the table draws a command at random; the network reads. Here are its
# chances in the first states of a test maze, and what it thinks them worth.

# %%
maze = gym.make("TextMaze-v0", level=1, view="coordinates", split="test", instruction="")
text, info = maze.reset(seed=1)
last = "none yet"
for _ in range(3):
    observation = f"{text}\nYour last command: {last}."
    mask = torch.tensor([[c in info["admissible_commands"] for c in network.vocabulary]])
    with torch.no_grad():
        inputs = network.network.encoder.prepare([observation])
        logprobs, value = network.network(inputs, mask)
    chances = logprobs.exp()[0].tolist()
    shown = {c: round(p, 2) for c, p in zip(network.vocabulary, chances, strict=True) if p > 0}
    print(f"{observation}\n  worth {value.item():.2f}  {shown}\n")
    last = max(shown, key=shown.get)
    text, _, _, _, info = maze.step(last)

# %% [markdown]
# **To go on.** Train longer (`steps`), without the last command (`remember=0`), with
# `view="local"`, with `reward="sparse"`; and PPO (`agents.ppo.PPO`) on the same task. Which of the
# exercises' wrong answers would still learn something, and which not?
