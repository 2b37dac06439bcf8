# %% [markdown]
# # 5. A language model as a policy: GRPO from scratch
#
# The same policy gradient that walked through mazes in [notebook 3](3_from_a_table_to_a_network.ipynb)
# trains language models to reason. Here is all of it, with torch alone: a tiny language model, a warm
# start on worked solutions, sampling, and GRPO with rewards from an environment.

# %%
import copy
import math
import os
import re

import gymnasium as gym
import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn
from torch.nn import functional

import reasoning_gym_envs  # noqa: F401  (this registers the environments)

torch.set_num_threads(1)
BUDGET = float(os.environ.get("NOTEBOOK_BUDGET", "1"))  # less is faster, and shows less

# %% [markdown]
# ## A language model is a policy
# | reinforcement learning | language model |
# | --- | --- |
# | observation | the prompt, and the tokens so far |
# | action | the next token |
# | policy $\pi(a \mid s)$ | the softmax over the vocabulary |
# | episode | a reply, up to its end |
# | reward | 1 if the answer at the end is right, else 0 |
#
# The environment asks for sums and differences. Its `solution()` reasons digit by digit.

# %%
TASK = {"topics": "integer_arithmetic", "level": 2, "instruction": ""}
train = gym.make("MathBoxed-v0", **TASK)
test = gym.make("MathBoxed-v0", split="test", **TASK)  # none of its problems is in the other split

for seed in range(3):
    question, _ = train.reset(seed=seed)
    print(question, "->", train.unwrapped.solution()[0])
_, reward, *_ = train.step(r"I guess \boxed{7}")
print("A guess earns", reward)

# %% [markdown]
# **Tokens.** A word, a mark or a character is a token, 24 in all with padding and the end.
# Padding on the left makes all prompts equally long, so that every reply begins at the same place.

# %%
PROMPT, REPLY = 14, 48  # tokens of a prompt, and at most of a reply
TOKEN = re.compile(r"<think>|</think>|\\boxed\{|[a-zA-Z]+|.")
VOCABULARY = ["<pad>", "<end>", "Compute", "<think>", "</think>", "\\boxed{"]
VOCABULARY += list(" $+-.,=}0123456789")
NUMBER = {token: number for number, token in enumerate(VOCABULARY)}
PAD, END = 0, 1


def encode(text):
    return [NUMBER[token] for token in TOKEN.findall(text)]


def decode(ids):
    return "".join(VOCABULARY[number] for number in ids if number not in (PAD, END))


def encode_prompt(text):
    ids = encode(text)
    return [PAD] * (PROMPT - len(ids)) + ids


print(len(VOCABULARY), "tokens:", " ".join(VOCABULARY))
print(encode_prompt("Compute $2 + 3$."), decode(encode_prompt("Compute $2 + 3$.")))

# %% [markdown]
# **The model** is a transformer of one layer, with random weights. `past` holds the keys and values
# of earlier tokens, so that sampling computes each token once.


# %%
class LanguageModel(nn.Module):
    def __init__(self, width=64, heads=4):
        super().__init__()
        self.heads = heads
        self.token = nn.Embedding(len(VOCABULARY), width)
        self.position = nn.Embedding(PROMPT + REPLY, width)
        for embedding in (self.token, self.position):
            nn.init.normal_(embedding.weight, std=0.1)
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(3))
        self.query_key_value = nn.Linear(width, 3 * width)
        self.attended = nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        self.head = nn.Linear(width, len(VOCABULARY))

    def forward(self, ids, past=None):
        """Logits of what follows each token, ``[n, tokens, vocabulary]``, and keys and values."""
        n, tokens = ids.shape
        begin = past[0].shape[2] if past else 0
        x = self.token(ids) + self.position.weight[begin : begin + tokens]
        parts = self.query_key_value(self.norms[0](x)).view(n, tokens, 3, self.heads, -1)
        query, key, value = parts.permute(2, 0, 3, 1, 4)
        if past:
            key, value = torch.cat([past[0], key], 2), torch.cat([past[1], value], 2)
        mixed = functional.scaled_dot_product_attention(query, key, value, is_causal=tokens > 1)
        x = x + self.attended(mixed.transpose(1, 2).reshape(n, tokens, -1))
        x = x + self.down(functional.gelu(self.up(self.norms[1](x))))
        return self.head(self.norms[2](x)), (key, value)


torch.manual_seed(0)
model = LanguageModel()
print(f"{sum(weight.numel() for weight in model.parameters()):,} weights")

# %% [markdown]
# **The log-probability of a text is a sum.** For a prompt $q$ and a reply $o_1 \ldots o_n$
#
# $$\log \pi(o \mid q) = \sum_t \log \pi(o_t \mid q, o_{<t})$$
#
# **Exercise 1.** Write the terms of this sum. The logits at a position are about the token *after*
# it. A row of `ids` is a prompt of `PROMPT` tokens, then a reply.


# %% tags=["exercise"]
def reply_logprobs(logits, ids):
    """log π of each token of the replies, ``[n, tokens of a reply]``.

    `ids` is ``[n, PROMPT + tokens of a reply]``, and `logits` has a vocabulary for each of them.
    """
    # BEGIN SOLUTION
    logprobs = torch.log_softmax(logits[:, PROMPT - 1 : -1], -1)
    return logprobs.gather(-1, ids[:, PROMPT:, None])[..., 0]
    # END SOLUTION


# %% tags=["check"]
random = torch.Generator().manual_seed(0)
ids = torch.randint(2, len(VOCABULARY), (3, PROMPT + 5), generator=random)
got = reply_logprobs(torch.zeros(3, PROMPT + 5, len(VOCABULARY)), ids)
assert got.shape == (3, 5), f"one number for each token of a reply: [3, 5], not {list(got.shape)}"
assert torch.allclose(got, torch.tensor(-math.log(len(VOCABULARY)))), "equal logits: −log 24"
sure = 50 * functional.one_hot(ids.roll(-1, 1), len(VOCABULARY)).float()
assert reply_logprobs(sure, ids).min() > -0.01, "a model that knows each next token is sure of it"
sure[1, PROMPT + 1] = 0
changed = (reply_logprobs(sure, ids) < -1).nonzero().tolist()
assert changed == [[1, 2]], "what is said at the second token of a reply is about the third"
print("Right.")


# %% tags=["wrong"]
def reply_logprobs(logits, ids):
    logprobs = torch.log_softmax(logits[:, PROMPT:], -1)
    return logprobs.gather(-1, ids[:, PROMPT:, None])[..., 0]


# %% tags=["wrong"]
def reply_logprobs(logits, ids):
    return logits[:, PROMPT - 1 : -1].gather(-1, ids[:, PROMPT:, None])[..., 0]


# %% [markdown]
# ## Sampling
# A reply is sampled token by token from $\mathrm{softmax}(z / T)$. The temperature $T = 1$ is the
# policy itself. Less makes likely tokens likelier, and $T = 0$ stands for *greedy*: always the
# likeliest token.


# %%
@torch.no_grad()
def sample(model, prompts, temperature=1.0, generator=None):
    """Replies to prompts ``[n, PROMPT]``: ids ``[n, at most REPLY]``, with padding after the end."""
    replies, ids, past = [], prompts, None
    ended = torch.zeros(len(prompts), dtype=torch.bool)
    while len(replies) < REPLY and not ended.all():
        logits, past = model(ids, past)
        if temperature == 0:
            token = logits[:, -1].argmax(-1)
        else:
            chances = torch.softmax(logits[:, -1] / temperature, -1)
            token = torch.multinomial(chances, 1, generator=generator)[:, 0]
        token = token.masked_fill(ended, PAD)
        ended = ended | (token == END)
        replies.append(token)
        ids = token[:, None]
    return torch.stack(replies, 1)


def reward_of(env, seed, text):
    """What a reply earns; an episode is a problem and one reply."""
    env.reset(seed=seed)
    return env.step(text)[1]


def different_problems(env, number, first_seed=0, without=()):
    """Seeds of different problems, by their questions."""
    seeds, seed = {}, first_seed
    while len(seeds) < number:
        question, _ = env.reset(seed=seed)
        if question not in without:
            seeds.setdefault(question, seed)
        seed += 1
    return seeds


def play(model, env, problems, samples, temperature=1.0):
    """Rewards ``[problems, samples]``, and the texts of the replies, in the same order."""
    prompts = torch.tensor([encode_prompt(question) for question in problems])
    generator = torch.Generator().manual_seed(1)
    ids = sample(model, prompts.repeat_interleave(samples, 0), temperature, generator)
    texts = [decode(reply) for reply in ids.tolist()]
    seeds = [seed for seed in problems.values() for _ in range(samples)]
    rewards = [reward_of(env, seed, text) for seed, text in zip(seeds, texts, strict=True)]
    return np.array(rewards).reshape(-1, samples), texts


def with_interval(rewards):
    """The mean with its 95% interval over problems: replies to one problem are not independent."""
    shares = rewards.mean(1)
    return f"{shares.mean():.0%} ± {1.96 * shares.std(ddof=1) / len(shares) ** 0.5:.0%}"


tests = different_problems(test, 60 + int(140 * BUDGET))
rewards, texts = play(model, test, tests, 8)
print(f"random weights: {rewards.sum():g} of {rewards.size} replies are right, such as")
print(next(iter(tests)), "->", texts[0])

# %% [markdown]
# ## A warm start
# Without a right reply there is no reward to learn from. So the model first imitates demonstrations. In
# half of them the reasoning is left out: it learns both ways to answer, and *not* which one is better.

# %%
rng = np.random.default_rng(0)
demonstrations = []
for seed in range(5000):
    question, _ = train.reset(seed=seed)
    answer = train.unwrapped.solution()[0]
    if rng.random() < 0.5:
        answer = re.sub("<think>.*</think>", "<think></think>", answer)
    demonstrations.append((question, answer))
for question, answer in demonstrations[:4]:
    print(question, "->", answer)

rows = torch.full((len(demonstrations), PROMPT + REPLY), PAD)
for row, (question, answer) in zip(rows, demonstrations, strict=True):
    ids = encode_prompt(question) + encode(answer) + [END]
    row[: len(ids)] = torch.tensor(ids)
rows = rows[:, : PROMPT + int((rows[:, PROMPT:] != PAD).sum(1).max())]  # no column of padding alone

# %% [markdown]
# **Exercise 2.** The loss of imitation is the mean of $-\log \pi$ over the tokens of all replies. The
# end is one of them. Padding is not, and neither is the prompt.


# %% tags=["exercise"]
def imitation_loss(logits, ids):
    """A number; `logits` and `ids` as above, with `PAD` after the end of a reply."""
    # BEGIN SOLUTION
    return -reply_logprobs(logits, ids)[ids[:, PROMPT:] != PAD].mean()
    # END SOLUTION


# %% tags=["check"]
two = torch.full((2, PROMPT + 4), PAD)
two[0, PROMPT:] = torch.tensor([5, 9, 9, END])
two[1, PROMPT : PROMPT + 2] = torch.tensor([5, END])
logits = torch.zeros(2, PROMPT + 4, len(VOCABULARY), requires_grad=True)
loss = imitation_loss(logits, two)
assert abs(loss.item() - math.log(len(VOCABULARY))) < 1e-5, "equal logits: log 24"
loss.backward()
learned = logits.grad.abs().sum(-1) > 0
assert not learned[:, : PROMPT - 1].any(), "prompts are not imitated"
assert not learned[1, PROMPT + 1 :].any(), "padding is not imitated"
assert learned[0, PROMPT + 2], "the end must be learned, or a reply never stops"
assert learned.sum() == 6, f"6 tokens are to be learned, not {learned.sum()}"
parts = logits.grad.abs().sum(-1)[learned]
assert torch.allclose(parts, parts[0]), "each token counts the same"
print("Right.")


# %% tags=["wrong"]
def imitation_loss(logits, ids):
    return -reply_logprobs(logits, ids).mean()


# %% tags=["wrong"]
def imitation_loss(logits, ids):
    return -reply_logprobs(logits, ids)[ids[:, PROMPT:] > END].mean()


# %% tags=["wrong"]
def imitation_loss(logits, ids):
    is_reply = ids[:, PROMPT:] != PAD
    return -((reply_logprobs(logits, ids) * is_reply).sum(1) / is_reply.sum(1)).mean()


# %% [markdown]
# The warm start is short, since we want a model that is middling: once a tenth of the replies to
# problems that are not among the demonstrations is right, the learning rate falls to 0. What comes
# later is then not just more of the same.


# %%
def logprob_of(model, question, answer):
    """log π of a whole reply."""
    ids = torch.tensor([encode_prompt(question) + encode(answer) + [END]])
    with torch.no_grad():
        return reply_logprobs(model(ids)[0], ids).sum().item()


held_out = different_problems(train, 128, 50_000, without=dict(demonstrations))
question = next(iter(held_out))
train.reset(seed=held_out[question])
answer = train.unwrapped.solution()[0]
print(question, "->", answer)
print(f"log π of this reply: {logprob_of(model, question, answer):.1f} before")

optimizer = torch.optim.AdamW(model.parameters(), betas=(0.9, 0.98), weight_decay=0.1)
random = torch.Generator().manual_seed(0)
losses, DECAY = [], 75
left = None  # steps to the end, once it is in sight
while left != 0 and len(losses) < 1000:
    share = min(1, (len(losses) + 1) / 30) if left is None else left / DECAY
    optimizer.param_groups[0]["lr"] = 5e-3 * share
    batch = rows[torch.randint(len(rows), (64,), generator=random)]
    loss = imitation_loss(model(batch)[0], batch)
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    losses.append(loss.item())
    if left is not None:
        left -= 1
    elif len(losses) % 25 == 0 and play(model, train, held_out, 1)[0].mean() >= 0.1:
        left = DECAY
print(f"                     {logprob_of(model, question, answer):.1f} after {len(losses)} steps")
assert np.mean(losses[-20:]) < 0.3 * losses[0], "the loss should fall"

figure, axes = plt.subplots(figsize=(5, 2.6), dpi=70)
axes.plot(losses)
axes.set(xlabel="step", ylabel="−log π of a token", yscale="log")
plt.show()

# %% [markdown]
# What has it learned, and how does it depend on the temperature?


# %%
def reasons(text):
    return "<think></think>" not in text


for temperature, samples in ((0, 1), (0.5, 8), (1.0, 8), (1.5, 8)):
    rewards, texts = play(model, test, tests, samples, temperature)
    share = np.mean([reasons(text) for text in texts])
    print(f"T = {temperature}: {with_interval(rewards)} right; {share:.0%} of the replies reason")

# %% [markdown]
# At $T = 1$ about half of the replies reason, like the demonstrations. Do they do better?

# %%
warm_rewards, warm_texts = play(model, test, tests, 32)
is_reasoned = np.array([reasons(text) for text in warm_texts]).reshape(warm_rewards.shape)
print(f"right, with reasoning: {warm_rewards[is_reasoned].mean():.0%}")
print(f"right, without:        {warm_rewards[~is_reasoned].mean():.0%}")
for text in warm_texts[:4]:
    print(next(iter(tests)), "->", text)

# %% [markdown]
# ## What pass@k says
# pass@k is the probability that at least one of $k$ samples is right. A problem with $c$ right ones
# among $n \ge k$ samples has the unbiased estimate (Chen et al., arXiv 2107.03374)
#
# $$1 - \binom{n - c}{k} \Big/ \binom{n}{k}$$
#
# the share of the choices of $k$ out of $n$ that have a right one among them.
#
# **Exercise 3.** Write it. `math.comb` is 0 where there is nothing to choose.


# %% tags=["exercise"]
def pass_at_k(n, c, k):
    """An estimate of pass@k from `n` samples, of which `c` are right."""
    # BEGIN SOLUTION
    return 1 - math.comb(n - c, k) / math.comb(n, k)
    # END SOLUTION


# %% tags=["check"]
assert pass_at_k(4, 0, 2) == 0
assert pass_at_k(4, 4, 2) == 1
assert pass_at_k(4, 3, 2) == 1, "of four with one wrong, two are never both wrong"
p, n, k = 0.3, 6, 3  # the mean over all that may come out, if a sample is right with probability p
mean = sum(math.comb(n, c) * p**c * (1 - p) ** (n - c) * pass_at_k(n, c, k) for c in range(n + 1))
assert abs(mean - (1 - (1 - p) ** k)) < 1e-9, f"on average {1 - (1 - p) ** k:.3f}, not {mean:.3f}"
print("Right: on average it is 1 − (1 − p)ᵏ.")


# %% tags=["wrong"]
def pass_at_k(n, c, k):
    return 1 - (1 - c / n) ** k


# %% tags=["wrong"]
def pass_at_k(n, c, k):
    return min(1.0, k * c / n)


# %%
def pass_curve(rewards, most=32):
    """pass@k for k = 1, 2, 4, … as a mean over problems."""
    counts, n = rewards.sum(1).astype(int), rewards.shape[1]
    ks = [2**power for power in range(int(math.log2(most)) + 1)]
    return {k: float(np.mean([pass_at_k(n, int(c), k) for c in counts])) for k in ks}


before = pass_curve(warm_rewards)
print({k: f"{share:.0%}" for k, share in before.items()})

# %% [markdown]
# The model *can* solve nearly all problems; it seldom does. That gap is what reinforcement learning
# can close: the reward of a rare success makes it frequent. Without any success it has nothing to
# work with.
#
# ## Policy gradient on text
# REINFORCE (notebook 3) makes each token of a reply more probable, by as much as the whole reply
# earned above a baseline $b$:
#
# $$\nabla J = \mathbb{E}\Bigl[(R - b)\sum_t \nabla \log \pi(o_t \mid q, o_{<t})\Bigr]$$
#
# A baseline must not depend on the reply. Then it does not change the mean of the gradient, since
# $\mathbb{E}[\nabla \log \pi] = 0$, but it can lower the variance. Notebook 3 learned a
# critic for this. GRPO (Shao et al., *DeepSeekMath*, arXiv 2402.03300) needs none: it samples a
# **group** of replies to the same prompt, and the mean of their rewards is the baseline. One
# "problem" with ten replies, seven of them right, shows it:

# %%
rng = np.random.default_rng(0)
chances, pays = np.full(10, 0.1), np.arange(10) < 7
true = chances * (pays - 0.7)  # the exact gradient of the mean reward by the logits
actions = rng.choice(10, (20_000, 8))  # many groups of eight
directions = np.eye(10)[actions] - chances  # ∇ log π of each
rewards = pays[actions].astype(float)
mean = rewards.mean(1, keepdims=True)
for name, baseline in {
    "none": 0.0,
    "mean of the group": mean,
    "mean of the others": (8 * mean - rewards) / 7,
}.items():
    gradients = ((rewards - baseline)[..., None] * directions).mean(1)
    scale = gradients.mean(0) @ true / (true @ true)
    noise = gradients.var(0).sum() / scale**2 / (true @ true)
    print(f"{name:18}: {scale:.2f} of the true gradient, and {noise:.1f} times its square as noise")

# %% [markdown]
# A reply is a part of its own group's mean, so the mean of the group makes the gradient smaller by
# $(G-1)/G$: a change of the learning rate, not of the direction. The mean of the *others* has no
# such factor (Kool et al., *Buy 4 REINFORCE samples, get a baseline for free!*, 2019; for language
# models RLOO, Ahmadian et al., arXiv 2402.14740).
#
# GRPO also divides by the standard deviation of the group:
#
# $$A_i = \frac{R_i - \mathrm{mean}(R_1 \ldots R_G)}{\mathrm{std}(R_1 \ldots R_G)}$$
#
# **Exercise 4.** Write it. Use the deviation with `correction=0`. Where all rewards of a group are the
# same, all its advantages are 0.


# %% tags=["exercise"]
def group_advantages(rewards):
    """Advantages of rewards ``[groups, size]``, in the same shape."""
    # BEGIN SOLUTION
    centred = rewards - rewards.mean(1, keepdim=True)
    return centred / (rewards.std(1, correction=0, keepdim=True) + 1e-6)
    # END SOLUTION


# %% tags=["check"]
rewards = torch.tensor([[1.0, 0, 0, 0, 0, 0, 0, 0], [1, 1, 1, 1, 0, 0, 0, 0], [0.0] * 8, [1.0] * 8])
got = group_advantages(rewards)
assert got.isfinite().all(), "a group whose rewards are all the same has the deviation 0"
assert not got[2:].any(), "and nothing to learn from, whatever the other groups earned"
assert torch.allclose(got.sum(1), torch.zeros(4), atol=1e-4), "in a group they add up to 0"
assert abs(got[0, 0].item() - 7**0.5) < 1e-3, f"the one right reply: √7, not {got[0, 0]:.3f}"
assert torch.allclose(got[1].abs(), torch.ones(8), atol=1e-3), "half of them right: 1 and −1"
print("Right.")


# %% tags=["wrong"]
def group_advantages(rewards):
    return (rewards - rewards.mean()) / (rewards.std(correction=0) + 1e-6)


# %% tags=["wrong"]
def group_advantages(rewards):
    centred = rewards - rewards.mean(1, keepdim=True)
    return centred / rewards.std(1, correction=0, keepdim=True)


# %% tags=["wrong"]
def group_advantages(rewards):
    return rewards - rewards.mean(1, keepdim=True)


# %% [markdown]
# The division is disputed. It favours problems that are solved seldom or nearly always; Dr. GRPO (Liu
# et al., arXiv 2503.20783) leaves it out. What a group pushes with in all, $\sum_i |A_i|$:

# %%
for right in (1, 4, 7):
    rewards = (torch.arange(8) < right).float()[None]
    with_deviation = group_advantages(rewards).abs().sum()
    without = (rewards - rewards.mean()).abs().sum()
    print(f"{right} of 8 right: {with_deviation:.1f} divided, {without:.1f} not divided")

# %% [markdown]
# ## The clipped ratio
# Samples are costly, so each batch gives more than one step of gradient. After the first step the
# policy is no longer the one that sampled. PPO's clip (Schulman et al., arXiv 1707.06347) limits how
# far it goes. Each token has a ratio of its own, and all tokens of a reply share its advantage:
#
# $$r_{it} = \frac{\pi(o_{it} \mid \ldots)}{\pi_{old}(o_{it} \mid \ldots)} \qquad
# L_{it} = -\min\bigl(r_{it} A_i,\ \mathrm{clip}(r_{it}, 1-\varepsilon, 1+\varepsilon)\,A_i\bigr)$$
#
# **Exercise 5.** Write it.


# %% tags=["exercise"]
def token_losses(logprobs, old_logprobs, advantages, epsilon):
    """L of each token, ``[n, tokens]``; `advantages` are ``[n]``."""
    # BEGIN SOLUTION
    ratio = (logprobs - old_logprobs).exp()
    pushes = advantages[:, None]
    return -torch.minimum(ratio * pushes, ratio.clamp(1 - epsilon, 1 + epsilon) * pushes)
    # END SOLUTION


# %% tags=["check"]
ratios = torch.tensor([[1.0, 1.5, 0.5], [1.0, 1.5, 0.5]])
logprobs = ratios.log().requires_grad_()
got = token_losses(logprobs, torch.zeros(2, 3), torch.tensor([1.0, -1.0]), 0.2)
wanted = torch.tensor([[-1.0, -1.2, -0.5], [1.0, 1.5, 0.8]])
assert got.shape == (2, 3), "a number for each token"
for reply, token in np.ndindex(2, 3):
    case = f"ratio {ratios[reply, token]:.1f}, advantage {1 - 2 * reply}"
    found, right = got[reply, token].item(), wanted[reply, token].item()
    assert abs(found - right) < 1e-5, f"{case}: {right:.1f}, not {found:.2f}"
got.sum().backward()
moves = (logprobs.grad != 0).tolist()
assert moves == [[True, False, True], [True, True, False]], "only what went too far has no gradient"
print("Right.")


# %% tags=["wrong"]
def token_losses(logprobs, old_logprobs, advantages, epsilon):
    ratio = (logprobs - old_logprobs).sum(1, keepdim=True).exp().expand_as(logprobs)
    pushes = advantages[:, None]
    return -torch.minimum(ratio * pushes, ratio.clamp(1 - epsilon, 1 + epsilon) * pushes)


# %% tags=["wrong"]
def token_losses(logprobs, old_logprobs, advantages, epsilon):
    ratio = (logprobs - old_logprobs).exp()
    return -ratio.clamp(max=1 + epsilon) * advantages[:, None]


# %% tags=["wrong"]
def token_losses(logprobs, old_logprobs, advantages, epsilon):
    ratio = (logprobs - old_logprobs).exp()
    return -ratio.clamp(1 - epsilon, 1 + epsilon) * advantages[:, None]


# %% [markdown]
# ## Long and short replies
# The loss is a weighted sum over all tokens, and the weights are a choice. Take two wrong replies, both
# with $A = -1$, of 10 and of 40 tokens. How hard is each *token* pushed?

# %%
lengths = torch.tensor([10.0, 40.0])
for name, weights in {
    "mean of each reply, then of replies (GRPO)": 1 / (2 * lengths),
    "mean over all tokens (DAPO)": torch.ones(2) / lengths.sum(),
    "a constant (Dr. GRPO)": torch.ones(2) / (2 * REPLY),
}.items():
    print(f"{name:43}: {weights[0]:.4f} in the short one, {weights[1]:.4f} in the long one")

# %% [markdown]
# With GRPO's own mean a long mistake costs no more than a short one: a token of it is pushed a
# quarter as hard. So wrong replies may grow (Dr. GRPO). The other two push all tokens alike; DAPO's weight
# (Yu et al., arXiv 2503.14476) depends on what else is in the batch, the constant does not. We take
# the constant.
#
# ## The loop
# Rollouts, rewards, advantages, update. That is GRPO.

# %%
GROUPS, SIZE = 32, 8  # problems an update, and replies to each
UPDATES = 20 + int(80 * BUDGET)


def grpo(model, updates, coin_flips=False):
    """Train a model in place; what was measured on the way, a dictionary for each update."""
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-4, betas=(0.9, 0.99))
    generator = torch.Generator().manual_seed(2)
    history = []
    for update in range(updates):
        # Rollouts: a group of replies to each of some problems.
        seeds = [100_000 + update * GROUPS + group for group in range(GROUPS)]
        prompts = torch.tensor([encode_prompt(train.reset(seed=seed)[0]) for seed in seeds])
        prompts = prompts.repeat_interleave(SIZE, 0)
        replies = sample(model, prompts, generator=generator)
        texts = [decode(ids) for ids in replies.tolist()]

        # Rewards, and advantages in each group.
        solved = torch.tensor(
            [reward_of(train, seeds[i // SIZE], text) for i, text in enumerate(texts)]
        )
        flips = torch.randint(2, solved.shape, generator=generator)
        rewards = (flips if coin_flips else solved).float().view(GROUPS, SIZE)
        advantages = group_advantages(rewards).flatten()

        # Two steps of gradient.
        ids, is_reply = torch.cat([prompts, replies], 1), replies != PAD
        for epoch in range(2):
            logprobs = reply_logprobs(model(ids)[0], ids)
            if epoch == 0:
                old = logprobs.detach()
            losses = token_losses(logprobs, old, advantages, 0.2) * is_reply
            loss = losses.sum() / (len(ids) * REPLY)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

        ratios = (logprobs.detach() - old).exp()[is_reply]
        history.append(
            {
                "solved": solved.float().mean().item(),
                "reasons": np.mean([reasons(text) for text in texts]),
                "tokens of a reply": is_reply.sum(1).float().mean().item(),
                "−log π of a token": -old[is_reply].mean().item(),  # its mean is the entropy
                "all right": (rewards.mean(1) == 1).float().mean().item(),
                "all wrong": (rewards.mean(1) == 0).float().mean().item(),
                "clipped": ((ratios - 1).abs() > 0.2).float().mean().item(),
            }
        )
    return history


trained, control = copy.deepcopy(model), copy.deepcopy(model)
history = grpo(trained, UPDATES)
coin_history = grpo(control, UPDATES, coin_flips=True)

# %% [markdown]
# Did it learn? The question is about problems that it never trained on, and the answer needs an
# interval. The **control** learned from coin flips instead of rewards: whatever rises there too was not
# taught by the rewards.

# %%
rewards, texts = play(trained, test, tests, 32)
coin_rewards, coin_texts = play(control, test, tests, 32)
for name, solved, replies in (
    ("warm start", warm_rewards, warm_texts),
    ("GRPO", rewards, texts),
    ("coin flips", coin_rewards, coin_texts),
):
    share = np.mean([reasons(text) for text in replies])
    print(f"{name:10}: {with_interval(solved)} right on the test split, {share:.0%} reason")
assert np.mean([reasons(text) for text in texts]) > 0.8, "reasoning pays"
assert rewards.mean() > warm_rewards.mean() + 0.1, "test problems are solved more often"
assert coin_rewards.mean() < warm_rewards.mean() + 0.1, "coin flips teach nothing"

figure, all_axes = plt.subplots(1, 4, figsize=(14, 2.8), dpi=70)
for axes, name in zip(all_axes, list(history[0])[:4], strict=True):
    axes.plot([record[name] for record in history], label="rewards")
    axes.plot([record[name] for record in coin_history], label="coin flips", linestyle="dashed")
    axes.set(xlabel="update", title=name)
    axes.set_ylim(bottom=0)
all_axes[0].legend()
figure.tight_layout()
plt.show()

# %% [markdown]
# Two things are learned, at two speeds. First, within some 20 updates, *to reason*: no demonstration said
# that it is better, but replies that reason are right far more often. Then, more slowly, to reason
# *well*: more of the replies that reason are right than after the warm start. Replies become
# longer because reasoning pays, and not because of the loss, which weighs all tokens alike. Coin flips
# teach nothing, and what the warm start had taught is lost.
#
# ## What did it change?

# %%
after = pass_curve(rewards)
figure, axes = plt.subplots(figsize=(5, 2.6), dpi=70)
for name, curve in (("warm start", before), ("GRPO", after)):
    axes.plot(list(curve), list(curve.values()), marker="o", label=name)
axes.set(xlabel="k", ylabel="pass@k on the test split", ylim=(0, 1.05), xscale="log")
axes.set_xticks(list(before), list(before))
axes.minorticks_off()
axes.legend()
plt.show()
print("pass@1: ", f"{before[1]:.0%} -> {after[1]:.0%}")
print("pass@32:", f"{before[32]:.0%} -> {after[32]:.0%}")

# %% [markdown]
# pass@1 rises by far, pass@32 does not: what is solved after training was solved now and then before.
# The distribution became **sharper**. Whether reinforcement learning does more than that for large
# models is disputed: Yue et al. (arXiv 2504.13837) find that at large $k$ the models from before it
# catch up.
#
# ## What goes wrong
# **No contrast.** A group whose replies are all right, or all wrong, has no advantage and gives no gradient.
# The better the model, the more groups are all right.

# %%
figure, axes = plt.subplots(figsize=(5, 2.6), dpi=70)
right, wrong = ([record[name] for record in history] for name in ("all right", "all wrong"))
axes.stackplot(range(len(history)), right, wrong, labels=["all right", "all wrong"], alpha=0.7)
axes.set(xlabel="update", ylabel="share of groups", ylim=(0, 1))
axes.legend()
plt.show()
for name, part in (("first", slice(10)), ("last", slice(-10, None))):
    print(
        f"{name} 10 updates: {np.mean(right[part]):.0%} all right, {np.mean(wrong[part]):.0%} all wrong"
    )

# %% [markdown]
# What is sampled for such groups is lost. DAPO samples until enough groups have contrast; a curriculum
# chooses problems of the right difficulty.
#
# **Entropy collapses.** What is rewarded becomes likelier, and everything else less likely: the fourth plot
# above. Where all replies of a group are the same, there is no contrast, and learning ends. DAPO's answer is a
# wider clip above, $1 + 0.28$, so that rare tokens can grow.

# %%
first, last = (
    [record["−log π of a token"] for record in part] for part in (history[:5], history[-5:])
)
print(
    f"entropy of a token: {np.mean(first):.3f} in the first 5 updates, {np.mean(last):.3f} in the last"
)
print(f"clipped tokens: {np.mean([record['clipped'] for record in history]):.1%}")

# %% [markdown]
# **It drifts.** GRPO as published holds the policy near a reference $\pi_{ref}$, here the warm start, by
# a penalty on the KL divergence. It is estimated from sampled tokens with $r = \pi_{ref} / \pi$
# (Schulman, *Approximating KL divergence*, 2020): k1 is $-\log r$, and k3 is $r - 1 - \log r$, which is never
# negative. Many later recipes, such as DAPO, leave the penalty out; so does this notebook. How far did it go?

# %%
prompts = torch.tensor([encode_prompt(question) for question in tests])
replies = sample(trained, prompts, generator=torch.Generator().manual_seed(3))
ids, is_reply = torch.cat([prompts, replies], 1), replies != PAD
with torch.no_grad():
    logprobs, reference = (reply_logprobs(m(ids)[0], ids)[is_reply] for m in (trained, model))
log_ratio = reference - logprobs
for name, estimates in (("k1", -log_ratio), ("k3", log_ratio.exp() - 1 - log_ratio)):
    least = round(estimates.min().item(), 3) + 0.0
    print(f"{name}: {estimates.mean():.3f} for a token, least {least:.3f}")

# %% [markdown]
# **The reward is wrong.** A policy learns what is paid. [Notebook 4](4_rewards_that_cannot_be_hacked.ipynb)
# is about that.
#
# ## The same with the project's agent
# `agents/grpo.py` is this loop for any environment of the suite, over several turns, with any causal
# language model of Hugging Face. `demo` does what this notebook did, on sums and equations:
#
# ```text
# python -m baselines demo --seed 1
# python -m baselines train imitation MathBoxed-v0 --env-kwargs '{"topics": ["integer_arithmetic"], "level": 1}'
# python -m baselines train grpo MathBoxed-v0 --model runs/imitation-MathBoxed-v0-seed-0/checkpoints/000600/model
# python -m baselines train grpo MathBoxed-v0 --level 3 --reward dense --dry-run
# ```
#
# `--dry-run` trains nothing, but prints the first group: every token, what each reply earned, and its
# advantage. Look at one before each run. `--recipe grpo`, `dr_grpo`, `dapo` and others choose the baseline,
# the ratio, the clip and the weights that this notebook was about.
#
# ## To read on
# * Schulman et al. 2017, *Proximal policy optimization algorithms*, arXiv 1707.06347: the clip.
# * Kool, van Hoof and Welling 2019, *Buy 4 REINFORCE samples, get a baseline for free!*, ICLR workshop.
# * Shao et al. 2024, *DeepSeekMath*, arXiv 2402.03300: GRPO.
# * Ahmadian et al. 2024, *Back to basics*, arXiv 2402.14740: REINFORCE is enough for language models.
# * Liu et al. 2025, *Understanding R1-Zero-like training*, arXiv 2503.20783: Dr. GRPO.
# * Yu et al. 2025, *DAPO*, arXiv 2503.14476: what a large run needs.
#
# **To go on.** Drop the warm start. Divide by the length of each reply, or not by the deviation. Use one step
# of gradient, or eight: what is clipped? Warm up without any demonstration that reasons: can GRPO invent
# reasoning?
