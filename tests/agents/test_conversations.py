"""Conversations to imitate: what is learned of them, and files that are none."""

from __future__ import annotations

import json

import pytest
import torch

from agents.common.conversations import as_episode, read_conversations
from agents.common.language_model import tiny
from agents.imitation import Imitation, ImitationConfig
from baselines.commands import main

KWARGS = {"topics": ["integer_arithmetic"], "level": 2, "instruction": ""}


def said(*texts, **reply):
    roles = ("user", "assistant")
    messages = [{"role": roles[i % 2], "content": text} for i, text in enumerate(texts)]
    messages[1] |= reply
    return {"messages": messages}


def written(tmp_path, *rows):
    file = tmp_path / "rows.jsonl"
    file.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    return str(file)


def test_replies_are_learned_and_nothing_else(tmp_path):
    policy = tiny()
    row = said("2+3?", r"\boxed{4}", "Again.", r"\boxed{5}", weight=0)
    [conversation] = read_conversations(written(tmp_path, {**row, "problem_id": "a1"}))
    episode = as_episode(conversation, policy)
    assert episode.problem_id == "a1"
    learned = [t for t, s in zip(episode.tokens, episode.sampled, strict=True) if s]
    assert policy.decode([learned]) == [r"\boxed{5}"]
    assert learned[-1] in policy.end_ids
    # The tokens are those of an episode that went so.
    first, second = policy.reply(r"\boxed{4}"), policy.reply(r"\boxed{5}")
    assert episode.tokens == [
        *policy.prompt("2+3?"),
        *first,
        *policy.follow_up("Again.", first),
        *second,
    ]
    del row["messages"][1]["weight"]
    [both] = read_conversations(written(tmp_path, row))
    assert sum(as_episode(both, policy).sampled) == len(first) + len(second)


def test_a_system_prompt_is_that_of_the_model(tmp_path):
    row = said("2+3?", "5")
    row["messages"].insert(0, {"role": "system", "content": "Be brief."})
    [conversation] = read_conversations(written(tmp_path, row))
    policy = tiny(system_prompt="Be brief.")
    assert as_episode(conversation, policy).tokens[: len(policy.prompt("2+3?"))] == policy.prompt(
        "2+3?"
    )
    with pytest.raises(ValueError, match=r"'Be brief.', and the model None: set system_prompt"):
        as_episode(conversation, tiny())


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("[]", 'a line is {"messages"'),
        ("{", "Expecting property name"),
        ('{"messages": [{"role": "user"}]}', "take turns, and an assistant's is last; got user"),
        ('{"messages": []}', "got none"),
        ('{"messages": ["hello"]}', 'a line is {"messages"'),
        ('{"messages": [{"content": "x"}]}', "no 'role'"),
        (json.dumps(said("a", None)), "is a text"),
        (
            '{"messages": [{"role": "system", "content": 0}, {"role": "user", "content": "a"}, '
            '{"role": "assistant", "content": "b"}]}',
            "is a text",
        ),
        (json.dumps(said("\ud800", "b")), "surrogates not allowed"),
        ("[" * 100_000, "recursion"),
        (b'{"messages": "\xe9"}', "codec can't decode"),
        (json.dumps(said("a", "b", weight=0)), r"one of them is 1; got \[0\]"),
        (json.dumps(said("a", "b", weight=0.5)), r"are 0 or 1"),
    ],
)
def test_what_is_no_conversation_is_refused_with_its_line(tmp_path, row, message):
    file = tmp_path / "rows.jsonl"
    row = row if isinstance(row, bytes) else row.encode()
    file.write_bytes(json.dumps(said("a", "b")).encode() + b"\n" + row + b"\n")
    with pytest.raises(ValueError, match=message) as error:
        list(read_conversations(file))
    assert "line 2" in str(error.value)
    file.write_text("\n")
    with pytest.raises(ValueError, match="is empty"):
        list(read_conversations(file))


def test_empty_lines_are_left_out_and_a_missing_problem_is_no_name(tmp_path):
    file = tmp_path / "rows.jsonl"
    file.write_bytes(b"\xef\xbb\xbf" + json.dumps({**said("a", "b"), "problem_id": None}).encode())
    file.write_bytes(file.read_bytes() + b"\r\n\r\n")  # as some editors write it
    [conversation] = read_conversations(file)
    assert conversation.texts == ["a", "b"]
    assert conversation.problem_id == ""


@pytest.mark.parametrize(("weight", "is_reasoning"), [(0, False), (1, True)])
def test_only_what_is_learned_says_whether_replies_reason(tmp_path, weight, is_reasoning):
    """A model that never learns to reason would never reach an accuracy of replies that do."""
    row = said("a", "<think>1</think>b", "c", "d", weight=weight)
    settings = {"conversations": written(tmp_path, row), "held_out_problems": 2, "device": "cpu"}
    agent = Imitation(ImitationConfig("MathBoxed-v0", KWARGS, **settings))
    agent._collect()
    assert agent.reasoning == is_reasoning


def test_imitation_learns_what_a_file_says_and_not_the_solutions(tmp_path, capsys):
    """An answer that no solution gives; of two prompts, so that it has to read."""
    rows = [said("left", "gauche"), said("right", "droite")]
    file = written(tmp_path, *rows)
    run = tmp_path / "run"
    command = ["train", "imitation", "MathBoxed-v0", "--env-kwargs", json.dumps(KWARGS)]
    command += ["--conversations", file, "--max-steps", "60", "--held-out-problems", "4"]
    assert main([*command, "--eval-every", "0", "--device", "cpu", "--out", str(run)]) == 0
    policy = Imitation.load(run).policy
    contexts = [policy.prompt(text) for text in ("left", "right")]
    replies = policy.sample(contexts, max_new_tokens=10, temperature=0.0)
    assert policy.decode([reply.tokens for reply in replies]) == ["gauche", "droite"]


def test_a_file_that_has_changed_is_not_gone_on_with(tmp_path):
    file = written(tmp_path, said("left", "gauche"), said("right", "droite"))
    settings = {"conversations": file, "held_out_problems": 2, "max_steps": 2, "decay_steps": 1}
    config = ImitationConfig("MathBoxed-v0", KWARGS, **settings, device="cpu", eval_every=0)
    assert Imitation(config).learn(tmp_path / "run")
    assert Imitation(config).learn(tmp_path / "run", resume=True)
    written(tmp_path, said("left", "gauche"), said("right", "à droite"))
    with pytest.raises(ValueError, match="has changed since the run began"):
        Imitation(config).learn(tmp_path / "run", resume=True)


def test_words_are_found_in_the_conversations(tmp_path):
    file = written(tmp_path, *[said(f"quux {i}", "corge") for i in range(9)])
    config = ImitationConfig(
        "MathBoxed-v0", KWARGS, conversations=file, words=20, held_out_problems=2, device="cpu"
    )
    vocabulary = Imitation(config).policy.tokenizer.get_vocab()
    assert {"quux", "corge"} <= set(vocabulary)


def test_a_problem_that_a_row_names_is_not_held_out(tmp_path):
    kwargs = {**KWARGS, "level": 1}
    config = ImitationConfig(
        "MathBoxed-v0", kwargs, demonstrations=99, held_out_problems=9, device="cpu"
    )
    agent = Imitation(config)
    agent._collect()
    seen = {agent.eval_envs[0].reset(seed=s)[1]["problem_id"] for s in agent.held_out}
    rows = [{**said("a", "b"), "problem_id": id} for id in sorted(seen)]
    agent.config.conversations = written(tmp_path, *rows)
    agent._collect()
    held_out = {agent.eval_envs[0].reset(seed=s)[1]["problem_id"] for s in agent.held_out}
    assert len(held_out) == 9
    assert not held_out & seen


def test_an_interrupted_run_with_conversations_goes_on(tmp_path):
    file = written(tmp_path, said("left", "gauche"), said("right", "droite"))
    settings = {"conversations": file, "held_out_problems": 2, "eval_every": 0, "device": "cpu"}
    whole = Imitation(ImitationConfig("MathBoxed-v0", KWARGS, max_steps=8, **settings))
    whole.learn(tmp_path / "whole")
    part = Imitation(
        ImitationConfig("MathBoxed-v0", KWARGS, max_steps=8, checkpoint_every=3, **settings)
    )
    step = part._step

    def stopping(number, decay_from):
        if number == 5:
            raise KeyboardInterrupt
        return step(number, decay_from)

    part._step = stopping
    with pytest.raises(KeyboardInterrupt):
        part.learn(tmp_path / "part")
    again = Imitation(part.config)
    again.learn(tmp_path / "part", resume=True)
    for one, other in zip(
        whole.policy.model.parameters(), again.policy.model.parameters(), strict=True
    ):
        assert torch.equal(one, other)
