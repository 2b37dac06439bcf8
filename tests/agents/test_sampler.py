"""Sessions: what is sampled over many turns has the probabilities of a pass over the whole text."""

import os
import random
import weakref
from pathlib import Path

import pytest
import torch

from agents.common import language_model, row_cache, sampler, shared_prompts
from agents.common.adapters import add_adapters
from agents.common.decoder import Decoder
from agents.common.environment_pool import EnvironmentPool
from agents.common.rollouts import rollout
from agents.common.row_cache import new_cache
from agents.common.sampler import Budget, Session, cache_size, goes_on_in_chunks
from agents.common.shared_prompts import SharedPrompts
from tests.agents.families import FAMILIES, VOCABULARY, model_of


def play(session, turns=5, rows=7, least=1):
    """Turns of random lengths, in which a row waits and one leaves; the rows, and what was sampled.

    Rows begin with three different prompts, as three groups do, each of so many tokens at least.
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

    prompts = [text(12) + [3] * (least - 1) for _ in range(3)]
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
    regroup = sampler.regroup

    def wrong_way_round(caches, groups, most):
        return regroup(caches, [[(n, rows[::-1]) for n, rows in g] for g in groups], most)

    monkeypatch.setattr(sampler, "regroup", wrong_way_round)
    model = model_of(family)
    tokens, logprobs = play(Session(model, end_ids=[1, 5, 9, 13]))
    assert largest_error(model, tokens, logprobs) > 1e-3


def test_rows_that_are_not_put_behind_would_be_noticed(monkeypatch):
    """Their places are changed, and what was computed of them stays where it was."""
    monkeypatch.setattr(sampler, "exchange", lambda *_: None)
    model = model_of("Qwen3")
    tokens, logprobs = play(Session(model, end_ids=[1, 5, 9, 13]))
    assert largest_error(model, tokens, logprobs) > 1e-3


@pytest.mark.parametrize("family", ["Llama", "Qwen2", "Qwen3", "Qwen3, sliding"])
def test_the_short_pass_is_that_of_the_library(family, monkeypatch):
    model = model_of(family)
    generator = torch.Generator().manual_seed(0)
    for parameter in model.parameters():  # norms and biases as well
        parameter.data += 0.1 * torch.randn(parameter.shape, generator=generator)
    session = Session(model, end_ids=[1, 5, 9, 13])
    assert session._decoder is not None
    tokens, logprobs = play(session)
    assert largest_error(model, tokens, logprobs) < 1e-4
    monkeypatch.setattr(Decoder, "fits", lambda _: False)
    session = Session(model, end_ids=[1, 5, 9, 13])
    assert session._decoder is None
    by_library, expected = play(session)
    assert by_library == tokens
    for row, values in expected.items():
        assert [p for p in logprobs[row] if p] == pytest.approx([p for p in values if p], abs=1e-4)


@pytest.mark.parametrize("family", ["Llama", "Qwen2", "Qwen3", "Qwen3, sliding"])
def test_prompts_that_are_read_once_for_a_group(family, monkeypatch):
    """Rows leave, some groups with all of their rows; another turn finds the prompts again."""
    asked, pay = [], SharedPrompts.pay

    def watched(groups, columns):
        asked.append(pay(groups, columns))
        return asked[-1]

    monkeypatch.setattr(shared_prompts, "_LEAST", 100)
    monkeypatch.setattr(SharedPrompts, "pay", watched)
    model = model_of(family)
    session = Session(model, end_ids=[1, 5, 9, 13])
    tokens, logprobs = play(session, rows=11, least=15)
    assert asked == [True] * 5
    assert largest_error(model, tokens, logprobs) < 1e-5


def test_the_prompt_of_another_group_would_be_noticed(monkeypatch):
    """Rows leave, and the others are taken for those that stood in their places."""
    keep = SharedPrompts.keep
    monkeypatch.setattr(shared_prompts, "_LEAST", 100)
    monkeypatch.setattr(SharedPrompts, "keep", lambda self, rows: keep(self, range(len(rows))))
    model = model_of("Qwen3")
    tokens, logprobs = play(Session(model, end_ids=[1, 5, 9, 13]), rows=11, least=15)
    assert largest_error(model, tokens, logprobs) > 1e-3


def test_other_models_have_the_pass_of_the_library(policy):
    assert not Decoder.fits(model_of("Mistral"))
    assert not Decoder.fits(model_of("Qwen3_5"))
    assert Decoder.fits(policy.model)
    add_adapters(policy.model, rank=2, alpha=4.0, targets=["q_proj"], seed=0)
    assert not Decoder.fits(policy.model)


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
    uniform = torch.rand(1, 9, generator=torch.Generator().manual_seed(0))
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


# A cache that does not hold all rows. -------------------------------------------------------------


@pytest.mark.parametrize("family", ["Qwen3", "Qwen3, sliding", "Qwen3_5", "Mamba"])
@pytest.mark.parametrize("rows", [1, 3])
def test_a_small_cache_samples_the_same_a_slice_after_another(family, rows):
    model = model_of(family)
    settings = {"end_ids": [1, 5, 9, 13], "chunks": goes_on_in_chunks(model)}
    whole = Session(model, **settings)
    tokens, logprobs = play(whole)
    size = cache_size(model)
    few = Session(model, **settings, budget=Budget(size.of(rows, 110), size))
    got, of_got = play(few)
    assert got == tokens
    for row, expected in logprobs.items():
        assert [p for p in of_got[row] if p] == pytest.approx([p for p in expected if p], abs=1e-4)
    assert whole.computed < few.computed  # what was dropped is computed again
    assert largest_error(model, got, of_got) < 1e-4


@pytest.fixture
def most_bytes(monkeypatch):
    """The bytes of all keys and values that there are, after each time that some are made."""
    live, counts = {}, []

    def watched(function):
        def watching(*args):
            made = function(*args)
            live[id(made)] = weakref.ref(made)
            here = [tensor for ref in live.values() if (tensor := ref()) is not None]
            storages = {tensor.data_ptr(): tensor.untyped_storage().nbytes() for tensor in here}
            counts.append(sum(storages.values()))
            return made

        return watching

    for name in ("_written", "_joined"):
        monkeypatch.setattr(row_cache, name, watched(getattr(row_cache, name)))
    return counts


def test_a_rollout_stays_in_the_room_that_the_cache_has(policy, most_bytes):
    policy.end_ids = list(range(0, 261, 9))  # replies of many lengths
    envs = EnvironmentPool("TextMaze-v0", 16, {"level": 1, "max_turns": 4})

    def play_all(gib):
        most_bytes.clear()
        policy.cache_gib = gib
        generator = torch.Generator().manual_seed(0)
        seeds = [i // 4 for i in range(16)]
        episodes = rollout(policy, envs, seeds, max_new_tokens=10, generator=generator)
        assert {len(episode.replies) for episode in episodes} == {4}
        return [episode.tokens for episode in episodes], max(most_bytes) / 2**30

    tokens, peak = play_all(1.0)
    for share in (0.5, 0.15):
        got, most = play_all(share * peak)
        assert got == tokens
        assert 0.4 * share * peak < most < share * peak


def test_equal_prompts_are_computed_once_in_a_slice(policy):
    prompt = policy.prompt("What is 2 + 2?")
    uniform = torch.rand(8, 1, generator=torch.Generator().manual_seed(0))
    for rows, slices in ((8, 1), (4, 2), (3, 3)):
        session = policy.session()
        size = session.budget.size
        session.budget = Budget(size.of(rows, len(prompt) + 1), size)
        for row in range(8):
            session.extend(row, prompt)
        session.reply(range(8), max_new_tokens=1, uniform=uniform)
        assert session.computed == slices * len(prompt)


def test_a_row_that_does_not_fit_into_the_cache_says_so(policy):
    policy.cache_gib = 1e-4
    session = policy.session()
    session.extend(0, [5] * 30)
    session.extend(1, [5] * 90)
    with pytest.raises(
        ValueError, match=r"a row of 94 tokens takes .* 0.0001 GiB .* raise cache_gib"
    ):
        session.reply([0, 1], max_new_tokens=4, uniform=torch.rand(2, 4))
    session.reply([0], max_new_tokens=4, uniform=torch.rand(1, 4))


def test_a_cache_has_no_more_columns_than_its_rows_may_need(policy):
    session, columns = policy.session(), []
    one_pass = session._pass

    def watched(ids, places, cache, *rest, **named):
        logits = one_pass(ids, places, cache, *rest, **named)
        columns.append(row_cache.columns_of(cache))
        return logits

    session._pass = watched

    def reply(*rows):
        columns.clear()
        session.reply(rows, max_new_tokens=4, uniform=torch.zeros(len(rows), 4))
        return max(columns)

    session.extend(0, [5] * 10)
    session.extend(1, [5] * 200)
    assert reply(0, 1) == 204
    session.leave(1)
    assert reply(0) == 18  # it was in a cache of 204
    session.close()
    assert session._parts == []
    assert reply(0) == 22  # computed anew
    session.extend(0, [5] * 10)
    assert reply(0) == 36


def test_without_a_limit_the_cache_may_take_half_of_what_is_free(policy, monkeypatch):
    device = torch.device("cpu")
    free = row_cache.free_bytes(device)
    assert 2**20 < free < 2**50
    monkeypatch.setattr(language_model, "free_bytes", lambda device: 1000)
    assert policy.session().budget.most == 500
    policy.cache_gib = 2.0
    assert policy.session().budget.most == 2**31
    # Where Linux's own file is not, pages are counted; and where they are not, nothing is known.
    monkeypatch.setattr(row_cache, "_MEMORY", Path("not/there"))
    assert 2**20 < row_cache.free_bytes(device) < 2**50
    monkeypatch.delattr(os, "sysconf")
    assert row_cache.free_bytes(device) is None
    monkeypatch.setattr(language_model, "free_bytes", row_cache.free_bytes)
    policy.cache_gib = None
    assert policy.session().budget is None


@pytest.mark.parametrize("family", ["Qwen3", "Qwen3, sliding"])
def test_padding_behind_the_last_column_does_no_harm(family):
    """A long row goes on by less than a short one, and the cache ends where the long one may."""
    model = model_of(family)
    draw = random.Random(1)
    session = Session(model, end_ids=[])
    tokens, logprobs = {}, {}
    uniform = torch.rand(2, 1, generator=torch.Generator().manual_seed(0))
    for lengths in ((100, 20), (8, 10), (7, 8)):
        for row, length in enumerate(lengths):
            new = [draw.randrange(3, VOCABULARY) for _ in range(length)]
            session.extend(row, new)
            tokens.setdefault(row, []).extend(new)
            logprobs.setdefault(row, []).extend([None] * length)
        for row, reply in enumerate(session.reply([0, 1], max_new_tokens=1, uniform=uniform)):
            tokens[row] += reply.tokens
            logprobs[row] += reply.logprobs
    with torch.no_grad():
        for row in (0, 1):
            ids = torch.tensor([tokens[row]])
            whole = torch.log_softmax(model(input_ids=ids, use_cache=False).logits[0, :-1], -1)
            for t, logp in enumerate(logprobs[row]):
                if logp is not None:
                    assert logp == pytest.approx(whole[t - 1, tokens[row][t]].item(), abs=1e-5)


@pytest.mark.parametrize("kind", ["longrope", "dynamic"])
def test_positions_end_where_what_is_seen_would_depend_on_the_batch(kind):
    factors = {"short_factor": [1.0] * 4, "long_factor": [4.0] * 4} if kind == "longrope" else {}
    rope = {"rope_type": kind, "rope_theta": 10_000.0, "factor": 8.0, **factors}
    rope["original_max_position_embeddings"] = 64
    family, more = ("Phi3", {"original_max_position_embeddings": 64, "partial_rotary_factor": 1.0})
    if kind == "dynamic":
        family, more = "Llama", {}
    model = model_of(family, rope_parameters=rope, **more)
    session = Session(model, end_ids=[])
    session.extend(0, [5] * 60)
    assert session.room(0) == 4
    assert Session(model_of("Llama"), end_ids=[])._positions == 512
