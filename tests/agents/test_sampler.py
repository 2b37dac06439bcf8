"""Sessions: what is sampled over many turns has the probabilities of a pass over the whole text."""

import random

import pytest
import torch

from agents.common import sampler
from agents.common.environment_pool import EnvironmentPool
from agents.common.rollouts import rollout
from agents.common.row_cache import new_cache
from agents.common.sampler import Session, goes_on_in_chunks
from tests.agents.families import FAMILIES, VOCABULARY, model_of


def play(session, turns=5, rows=7):
    """Turns of random lengths, in which a row waits and one leaves; the rows, and what was sampled.

    Rows begin with three different prompts, as three groups do.
    """
    draw = random.Random(0)
    generator = torch.Generator().manual_seed(0)
    tokens = {row: [] for row in range(rows)}
    logprobs = {row: [] for row in range(rows)}  # None where a token was given

    def give(row, new):
        session.extend(row, new)
        tokens[row] += new
        logprobs[row] += [None] * len(new)

    def text(most):
        return [draw.randrange(3, VOCABULARY) for _ in range(draw.randint(1, most))]

    prompts = [text(12) for _ in range(3)]
    for row in range(rows):
        give(row, prompts[row % 3])
    here = list(range(rows))
    for turn in range(turns):
        speaking = here[:-1] if turn == 2 else here
        uniform = torch.rand(len(speaking), 9, generator=generator)
        for row, reply in zip(
            speaking, session.reply(speaking, max_new_tokens=9, uniform=uniform), strict=True
        ):
            tokens[row] += reply.tokens
            logprobs[row] += reply.logprobs
            give(row, text(8))
        if turn == 1:
            session.leave(here.pop(0))
    return tokens, logprobs


@torch.no_grad()
def largest_error(model, tokens, logprobs):
    """Largest difference of a log-probability from that of a pass over the whole row."""
    worst = 0.0
    for row, sampled in logprobs.items():
        ids = torch.tensor([tokens[row]])
        logits = model(input_ids=ids, use_cache=False).logits[0, :-1].float()
        whole = torch.log_softmax(logits, -1).gather(1, ids[0, 1:, None])[:, 0].tolist()
        errors = [abs(a - b) for a, b in zip(sampled[1:], whole, strict=True) if a is not None]
        assert len(errors) >= 4
        worst = max(worst, *errors)
    return worst


@pytest.mark.parametrize("family", FAMILIES)
def test_many_turns_have_the_probabilities_of_one_pass(family):
    model = model_of(family)
    session = Session(model, end_ids=[1, 5, 9, 13], chunks=goes_on_in_chunks(model))
    tokens, logprobs = play(session)
    assert largest_error(model, tokens, logprobs) < 1e-5


def test_a_state_that_forgets_is_found_out():
    """Mamba's first version drops its state where a row goes on by several tokens."""
    model = model_of("Mamba", initializer_range=0.2)
    assert not goes_on_in_chunks(model)
    assert goes_on_in_chunks(model_of("Mamba2"))
    tokens, logprobs = play(Session(model, end_ids=[1], chunks=True))
    assert largest_error(model, tokens, logprobs) > 1e-4


def test_what_cannot_be_sampled_from_says_so():
    with pytest.raises(ValueError, match=r"chunked_attention.*supported are full"):
        new_cache(model_of("Llama4", num_local_experts=2))
    with pytest.raises(ValueError, match=r"RecurrentGemma.*cannot be sampled from here"):
        goes_on_in_chunks(model_of("RecurrentGemma"))


@pytest.mark.parametrize("family", ["Qwen3", "Qwen3_5"])
def test_the_cache_of_another_row_would_be_noticed(family, monkeypatch):
    """The states of rows that are picked out and joined in a wrong order."""
    gather = sampler.gather
    monkeypatch.setattr(
        sampler, "gather", lambda picks: gather([(c, list(rows)[::-1]) for c, rows in picks])
    )
    model = model_of(family)
    tokens, logprobs = play(Session(model, end_ids=[1, 5, 9, 13]))
    assert largest_error(model, tokens, logprobs) > 1e-3


def test_a_token_goes_through_the_model_once(policy):
    """Over 16 turns of 16 episodes: at most 1.2 times the tokens of the transcripts."""
    policy.end_ids = list(range(0, 261, 9))  # replies of many lengths
    seen = []
    policy.session()  # tries the model out
    policy.model.register_forward_pre_hook(
        lambda _, args, kwargs: seen.append(kwargs["input_ids"].numel()), with_kwargs=True
    )
    envs = EnvironmentPool("TextMaze-v0", 16, {"level": 1, "max_turns": 16})
    generator = torch.Generator().manual_seed(0)
    episodes = rollout(
        policy, envs, [i // 4 for i in range(16)], max_new_tokens=12, generator=generator
    )
    assert {len(episode.replies) for episode in episodes} == {16}
    tokens = sum(len(episode.tokens) for episode in episodes)
    assert sum(seen) < 1.2 * tokens


def test_limits_of_a_reply(policy):
    session = policy.session()
    for row, length in enumerate((3, 4090, 4096)):
        session.extend(row, [5] * length)
    replies = session.reply([0, 1], max_new_tokens=[2, 50], uniform=torch.zeros(2, 50))
    assert [len(reply.tokens) for reply in replies] == [2, 6]
    assert [reply.ended for reply in replies] == [False, False]
    assert (session.room(0), session.room(0, 7), session.room(1)) == (4091, 2, 0)
    with pytest.raises(ValueError, match=r"4096 tokens leaves no room for a reply in .* 4096 pos"):
        session.reply([2], max_new_tokens=5)
    session.extend(3, [])
    with pytest.raises(ValueError, match="row 3 has no token to go on from"):
        session.reply([3], max_new_tokens=5)
    assert session.reply([], max_new_tokens=5) == []


def test_a_row_that_left_begins_anew(policy):
    """Its number says nothing of what it was before."""
    uniform = torch.rand(1, 9)
    session, other = policy.session(), policy.session()
    for text in ("What is 2+2?", "Is it?"):
        session.extend(0, policy.prompt(text))
        session.extend(1, policy.prompt("And 3+3?"))
        session.reply([0], max_new_tokens=9, uniform=uniform)
        session.leave(0)
        session.leave(1)
    session.extend(1, policy.prompt("And 3+3?"))
    session.extend(0, policy.prompt("Why?"))
    other.extend(5, policy.prompt("Why?"))
    [got], [expected] = (
        s.reply([row], max_new_tokens=9, uniform=uniform) for s, row in ((session, 0), (other, 5))
    )
    assert got.tokens == expected.tokens
