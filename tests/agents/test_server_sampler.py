"""Servers that sample: a real one on this machine, with the protocols of vLLM and SGLang."""

from __future__ import annotations

import json
import math
import shutil
import socket
from pathlib import Path

import pytest
import torch

from agents.common.engine import EngineSession
from agents.common.language_model import tiny
from agents.common.run_folder import RunFolder
from agents.common.server_sampler import CompletionsServer, SGLangServer, VLLMServer
from agents.grpo import GRPO, GRPOConfig
from baselines.commands import main
from tests.agents.model_server import serving
from tests.agents.paid import Paid

KINDS = {"": CompletionsServer, "vllm+": VLLMServer, "sglang+": SGLangServer}
ENDS = [1, *range(5, 250, 10)]  # so that some replies end
PROMPTS = [[40, 41, 42], [50, 51], [40, 41, 42]]


def session(server, kind="", temperature=1.0, **settings):
    settings = {"end_ids": ENDS, "vocabulary": 261, "positions": 4096} | settings
    engine = KINDS[kind](server.address, "tiny")
    engine.waits = (0.0, 0.0)
    return EngineSession(engine, temperature=temperature, **settings)


def play(conversations, turns=3, prompts=PROMPTS):
    """Replies of several turns, and the rows at the end."""
    generator = torch.Generator().manual_seed(0)
    replies = []
    for row, prompt in enumerate(prompts):
        conversations.extend(row, prompt)
    for _ in range(turns):
        uniform = torch.rand(len(prompts), 9, generator=generator)
        replies.append(conversations.reply(range(len(prompts)), max_new_tokens=9, uniform=uniform))
        for row in range(len(prompts)):
            conversations.extend(row, [60 + row])
    return replies


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("temperature", [1.0, 0.7])
def test_replies_have_the_probabilities_of_the_model(kind, temperature):
    policy = tiny(0)
    with serving() as server:
        got = play(session(server, kind, temperature))
        again = play(session(server, kind, temperature))
    assert got == again  # by their seeds
    first = [replies[0] for replies in got], [replies[2] for replies in got]
    assert first[0] != first[1]  # equal prompts have different ones
    assert {reply.ended for replies in got for reply in replies} == {True, False}
    for row, prompt in enumerate(PROMPTS):
        tokens, expected = list(prompt), []
        for replies in got:
            reply = replies[row]
            assert reply.ended == (reply.tokens[-1] in ENDS)
            assert not set(reply.tokens[:-1]) & set(ENDS)
            tokens += reply.tokens
            new = len(reply.tokens)
            chosen = [False] * (len(tokens) - new) + [True] * new
            logp = policy.logprobs([tokens], [chosen], temperature=temperature)
            expected += logp.tolist()
            tokens.append(60 + row)
        sampled = [p for replies in got for p in replies[row].logprobs]
        assert sampled == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_greedy_replies_are_those_of_the_own_sampler(kind):
    policy = tiny(0)
    policy.end_ids = ENDS
    own = policy.session(0.0)
    with serving() as server:
        other = session(server, kind, 0.0)
        for conversations in (own, other):
            for row, prompt in enumerate(PROMPTS):
                conversations.extend(row, prompt)
        got, expected = (c.reply(range(3), max_new_tokens=12) for c in (other, own))
    assert [reply.tokens for reply in got] == [reply.tokens for reply in expected]
    assert all("seed" not in json.dumps(body) for _, body in server.asked)


def test_rows_end_where_the_server_or_the_model_ends():
    with serving() as server:
        assert session(server).engine.positions == 4000
        conversations, narrow = session(server), session(server, positions=20)
        for one in (conversations, narrow):
            one.extend(3, [5] * 18)
        assert (conversations.room(3), narrow.room(3), narrow.room(3, 19)) == (3982, 2, 1)
        [reply] = narrow.reply([3], max_new_tokens=9, uniform=torch.zeros(1, 9))
        assert len(reply.tokens) <= 2
        assert narrow.length(3) == 18 + len(reply.tokens)
        narrow.extend(3, [5] * 2)
        with pytest.raises(ValueError, match=r"leaves no room for a reply in the model's 20"):
            narrow.reply([3], max_new_tokens=9)
        conversations.leave(3)
        conversations.extend(3, [])
        with pytest.raises(ValueError, match="row 3 has no token to go on from"):
            conversations.reply([3], max_new_tokens=9)
        assert conversations.reply([], max_new_tokens=9) == []


def test_a_model_is_found_by_its_name_or_as_the_only_one():
    def two(path, body, answer):
        return {"data": [{"id": "other"}, {"id": "tiny"}]} if path == "/v1/models" else answer

    with serving(reply=two) as server:
        play(session(server))
        unknown = CompletionsServer(server.address + "/v1/", "Qwen/Qwen3-0.6B")
        with pytest.raises(
            ValueError,
            match=r"serves 'other', 'tiny', and not 'Qwen/Qwen3-0.6B': start it with --served-mod",
        ):
            unknown.positions  # noqa: B018
    with serving() as server:
        assert CompletionsServer(server.address + "/v1/", "a folder").positions == 4000


# Servers that are broken, each in its way. --------------------------------------------------------


def changed(**fields):
    """A completion with other fields; a field of None is left out."""

    def change(path, body, answer):
        if path == "/v1/completions":
            choice = answer["choices"][0] | fields
            answer["choices"] = [{k: v for k, v in choice.items() if v is not None}]
        return answer

    return change


def logprobs(*values):
    return {"logprobs": {"token_logprobs": list(values)}}


COMPLETIONS = {
    "no token ids: vLLM does from 0.10.2 on": changed(token_ids=None),
    "no log-probabilities: it has to take logprobs=1": changed(logprobs=None),
    r"other token ids than it was given \(4, where 3 were sent\)": changed(
        prompt_token_ids=[0, 40, 41, 42]
    ),
    "0 tokens, where 1 to 2 were asked for": changed(token_ids=[], **logprobs()),
    "3 tokens, where 1 to 2 were asked for": changed(token_ids=[7] * 3, **logprobs(-1, -1, -1)),
    "2 tokens and 1 log-probabilities": changed(token_ids=[7, 7], **logprobs(-1)),
    "token id 261, which the tokenizer does not": changed(token_ids=[261, 7], **logprobs(-1, -1)),
    "token id 'a', which the tokenizer does not": changed(token_ids=["a", 7], **logprobs(-1, -1)),
    "log-probability 3.5, which is none": changed(token_ids=[7, 7], **logprobs(-1, 3.5)),
    "log-probability nan, which is none": changed(token_ids=[7, 7], **logprobs(math.nan, -1)),
    "log-probability -inf, which is none": changed(token_ids=[7, 7], **logprobs(-math.inf, -1)),
    "log-probability None, which is none": changed(token_ids=[7, 7], **logprobs(None, -1)),
    "went on after token id 1, which ends a reply": changed(token_ids=[1, 7], **logprobs(-1, -1)),
    "ended a reply at token id 7, which is no end": changed(token_ids=[7], **logprobs(-1)),
    "does not answer as a completions server": lambda *_: {"id": 3},
    "answers /v1/completions with '<html>'": lambda *_: (200, "<html>"),
    r"refuses /v1/completions: 400 maximum context length is 7": lambda *_: (
        400,
        "maximum context length is 7",
    ),
}


@pytest.mark.parametrize("message", COMPLETIONS)
def test_what_is_wrong_with_an_answer_is_said(message):
    def change(path, body, answer):
        return answer if path == "/v1/models" else COMPLETIONS[message](path, body, answer)

    with serving(reply=change) as server:
        conversations = session(server)
        conversations.extend(0, [40, 41, 42])
        with pytest.raises(ValueError, match=rf"^the server at {server.address} .*{message}"):
            conversations.reply([0], max_new_tokens=2, uniform=torch.rand(1, 2))
        assert conversations.length(0) == 3  # nothing was appended
    assert len(server.asked) == 2  # and it was not asked again


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"meta_info": {}}, "does not answer /generate as SGLang does"),
        ({"finish_reason": {"type": "abort"}}, "broke off a reply: abort"),
        ({"prompt_tokens": 4}, "went on from 4 tokens, where 3 were sent"),
        ({"output_token_logprobs": [[-1, 7]]}, "ended a reply at token id 7"),
    ],
)
def test_what_is_wrong_with_an_answer_of_sglang_is_said(said, message):
    def change(path, body, answer):
        if path != "/generate":
            return answer
        return said if "meta_info" in said else {"meta_info": answer["meta_info"] | said}

    with serving(reply=change) as server:
        conversations = session(server, "sglang+")
        conversations.extend(0, [40, 41, 42])
        with pytest.raises(ValueError, match=message):
            conversations.reply([0], max_new_tokens=2, uniform=torch.rand(1, 2))


def test_a_server_that_lists_no_models_says_so():
    for answer in ({"object": "list"}, [], None):
        with (
            serving(reply=lambda *_, answer=answer: answer) as server,
            pytest.raises(ValueError, match="does not list its models at /v1/models"),
        ):
            session(server)


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_server_that_cannot_now_is_asked_again(status):
    failures = [status] * 2

    def fail_twice(path, body, answer):
        return (failures.pop(), "busy") if path != "/v1/models" and failures else answer

    with serving(reply=fail_twice) as server:
        conversations = session(server)
        conversations.extend(0, [40])
        conversations.reply([0], max_new_tokens=2, uniform=torch.rand(1, 2))
        assert [path for path, _ in server.asked] == ["/v1/models"] + ["/v1/completions"] * 3
        failures += [status] * 3
        with pytest.raises(ConnectionError, match=rf"does not answer .*: {status} busy.*--resume"):
            conversations.reply([0], max_new_tokens=2, uniform=torch.rand(1, 2))


def test_waiting_grows_and_a_server_that_is_not_there_is_named(monkeypatch):
    waited = []
    monkeypatch.setattr("time.sleep", waited.append)
    with socket.socket() as listener:  # a port that is nobody's afterwards
        listener.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with pytest.raises(ConnectionError, match=rf"server at {address} does not answer /v1/mod"):
        CompletionsServer(address, "tiny").positions  # noqa: B018
    assert waited == [0.0, 0.5, 1.0, 2.0, 4.0, 8.0]


# Training. ----------------------------------------------------------------------------------------


def config(server, kind="", **changes):
    small = {
        "env_kwargs": {"topics": "integer_arithmetic", "level": 1, "instruction": ""},
        "groups": 2,
        "group_size": 4,
        "max_new_tokens": 6,
        "updates": 2,
        "warmup_updates": 0,
        "learning_rate": 5e-3,
        "eval_every": 0,
        "eval_problems": 2,
        "checkpoint_every": 1,
        "device": "cpu",
    }
    return GRPOConfig(**small | {"sampler": kind + server.address if server else "own"} | changes)


def paid(*args, **changes):
    agent = Paid(config(*args, **changes))
    agent.policy.end_ids = ENDS
    if agent.policy.engine is not None:
        agent.policy.engine.waits = (0.0,)
    return agent


def weights(agent):
    return torch.cat([p.detach().flatten() for p in agent.policy.model.parameters()])


def records(folder):
    lines = (folder / "metrics.jsonl").read_text().splitlines()
    return [
        {k: v for k, v in json.loads(line).items() if not k.startswith("test_reasoned")}
        for line in lines
    ]


@pytest.fixture(scope="module")
def own_records(tmp_path_factory):
    """The metrics of a run that samples for itself."""
    folder = tmp_path_factory.mktemp("own") / "run"
    paid(None).learn(folder)
    return records(folder)


@pytest.mark.parametrize(
    ("kind", "loads", "samples", "resets"),
    [
        ("vllm+", "/collective_rpc", "/v1/completions", 3),
        ("sglang+", "/update_weights_from_disk", "/generate", 0),
    ],
)
def test_a_run_samples_from_the_server_with_the_weights_as_they_are(
    kind, loads, samples, resets, own_records, tmp_path
):
    with serving(tiny(7)) as server:  # it has other weights, and takes ours at the start
        assert paid(server, kind).learn(tmp_path / "run")
    got = records(tmp_path / "run")
    assert [record.keys() for record in got] == [record.keys() for record in own_records]
    assert [record["mismatch"] < 1e-4 for record in got[1:]] == [True, True]
    assert got[0]["test_accuracy"] == own_records[0]["test_accuracy"]  # greedy
    paths = [path for path, _ in server.asked]
    assert paths.count(loads) == 3  # at the start, and after each update
    assert paths.count("/reset_prefix_cache") == resets
    assert paths.count(samples) == 2 * 8 + 2 * 2 * 2
    folders = {json.dumps(body) for path, body in server.asked if path == loads}
    assert len(folders) == 3  # each has a name of its own


@pytest.mark.slow
def test_it_learns_as_with_the_own_sampler():
    shares = []
    with serving() as server:
        for of in (server, None):
            changes = {"max_new_tokens": 1, "groups": 4, "group_size": 16, "updates": 40}
            agent = paid(of, "vllm+" if of else "", **changes)
            agent.policy.end_ids = [1]
            shares.append([])
            learn_from = agent.learn_from

            def looking(episodes, step, learn_from=learn_from):
                metrics = learn_from(episodes, step)
                shares[-1].append(sum(e.reward for e in episodes) / len(episodes))
                return metrics

            agent.learn_from = looking
            for step in range(20):
                agent.update(step)
    for share in shares:
        assert sum(share[:2]) / 2 < 0.7
        assert sum(share[-2:]) / 2 > 0.9


@pytest.mark.parametrize(
    ("kind", "advice"),
    [
        ("", r"the server keeps the weights that it has: name one .* with vllm\+http"),
        ("vllm+", "--logprobs-mode processed_logprobs"),
        ("sglang+", "unless SGLANG_RETURN_ORIGINAL_LOGPROB is set"),
    ],
)
def test_a_server_that_keeps_its_weights_stops_the_run(kind, advice):
    with serving() as server:
        agent = paid(server, kind)
        server.policy.load_weights = lambda folder: None  # it only says that it takes them
        assert agent.update(0)["mismatch"] < 1e-4
        with pytest.raises(RuntimeError, match=f"before any learning.*{advice}"):
            agent.update(1)


def test_a_server_that_takes_no_weights_says_what_to_do():
    def refuse(path, body, answer):
        refuses = path in ("/collective_rpc", "/update_weights_from_disk")
        return (404 if path == "/collective_rpc" else 400, "no") if refuses else answer

    with serving(reply=refuse) as server:
        with pytest.raises(ValueError, match=r"/collective_rpc: 404 no; .*VLLM_SERVER_DEV_MODE=1"):
            paid(server, "vllm+").update(0)
        with pytest.raises(ValueError, match=r"from_disk: 400 no; it reads weights from /.*TMPDIR"):
            paid(server, "sglang+").update(0)


def test_a_run_whose_server_fails_goes_on_where_it_was(tmp_path):
    with serving() as server:
        whole = paid(server, "vllm+")
        assert whole.learn(tmp_path / "whole")
    with serving() as server:
        agent, port = paid(server, "vllm+"), server.server_port

        def fail(path, body, answer):
            return (
                (500, "out of memory") if len(RunFolder.checkpoints(tmp_path / "run")) else answer
            )

        server.change = fail
        with pytest.raises(ConnectionError, match=r"500 out of memory.*--resume goes on"):
            agent.learn(tmp_path / "run")
    assert [path.name for path in RunFolder.checkpoints(tmp_path / "run")] == ["000001"]
    with serving(port=port) as server:
        again = paid(server, "vllm+")
        assert again.learn(tmp_path / "run", resume=True)
    assert torch.equal(weights(again), weights(whole))
    assert not torch.equal(weights(again), weights(agent))


def test_weights_that_are_put_back_are_given_to_the_server(tmp_path):
    with serving() as server:
        agent = GRPO(config(server, "vllm+"))
        agent.save(tmp_path / "first")
        agent.policy.session()
        agent.policy.session()
        assert [path for path, _ in server.asked].count("/collective_rpc") == 1
        agent.policy.load_weights(tmp_path / "first")
        agent.policy.session()
        assert [path for path, _ in server.asked].count("/collective_rpc") == 2


def test_samplers_that_are_none_are_refused():
    for sampler in ("vlm", "http", "localhost:8000", "openai+http://localhost:8000", "ftp://x", ""):
        with pytest.raises(ValueError, match=r"unknown sampler '.*': it is own, vllm, or a serve"):
            GRPO(config(None, sampler=sampler))
    with pytest.raises(ValueError, match="cache_gib must be above 0, got 0"):
        GRPO(config(None, cache_gib=0))
    assert GRPO(config(None, cache_gib=0.5)).policy.session().budget.most == 2**29
    with pytest.raises(ValueError, match=r"pip install 'reasoning-gym-envs\[vllm\]'"):
        GRPO(config(None, sampler="vllm"))


def test_the_command_line_trains_and_evaluates_with_a_server(tmp_path, monkeypatch, capsys):
    folder = tmp_path / "run"
    small = (
        "--updates 1 --groups 2 --group-size 2 --max-new-tokens 4 --eval-problems 2 --device cpu"
    )
    train = ["train", "grpo", "MathBoxed-v0", "--level", "1", *small.split(), "--out", str(folder)]
    with serving() as server:
        assert main([*train, "--sampler", f"vllm+{server.address}"]) == 0
        trained = len(server.asked)
        evaluate = ["evaluate", str(folder), "--out", str(tmp_path / "record")]
        assert main(evaluate) == 0
        assert [path for path, _ in server.asked[trained:]] == [
            "/v1/models",
            "/collective_rpc",
            "/reset_prefix_cache",
            *["/v1/completions"] * 2,
        ]
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    capsys.readouterr()
    evaluate[-1] = str(tmp_path / "again")
    assert main(evaluate) == 2  # it is gone
    assert f"error: the server at {server.address} does not answer /v1/models: [Err" in (
        capsys.readouterr().err
    )
    assert not (tmp_path / "again").exists()
    folder = tmp_path / "other"
    train[-1] = str(folder)
    assert main([*train, "--sampler", server.address]) == 2
    assert "does not answer /v1/models" in capsys.readouterr().err
    assert not folder.exists()  # the next try is not refused


def test_a_run_is_not_evaluated_by_the_weights_of_a_server(tmp_path, capsys):
    folder = tmp_path / "run"
    small = (
        "--updates 1 --groups 2 --group-size 2 --max-new-tokens 4 --eval-problems 2 --device cpu"
    )
    train = ["train", "grpo", "MathBoxed-v0", "--level", "1", *small.split(), "--out", str(folder)]
    with serving() as server:
        assert main([*train, "--sampler", server.address]) == 0
        trained = len(server.asked)
        for sampler in ([], ["--sampler", server.address]):
            capsys.readouterr()
            assert main(["evaluate", str(folder), *sampler, "--out", str(tmp_path / "a")]) == 2
            assert "not with those of the run: name one that takes" in capsys.readouterr().err
        own = ["--sampler", "own", "--out", str(tmp_path / "b")]
        assert main(["evaluate", str(folder), *own]) == 0
        assert len(server.asked) == trained


def test_it_is_said_which_model_a_server_plays_with(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    tiny(0).save("tiny")
    tiny(1).save("other")
    small = ["--ids", "MathBoxed-v0", "--count", "2", "--max-tokens", "2", "--device", "cpu"]

    def about(sampler):
        assert main(["evaluate", model, *small, "--sampler", sampler, "--out", "record"]) == 0
        about = json.loads(Path("record/run.json").read_text())["agent"]
        shutil.rmtree("record")
        return about

    with serving() as server:
        for model, differs in (("tiny", False), ("other", True)):
            record = about(server.address)
            said = capsys.readouterr().err
            assert ("Note: what is measured is 'tiny', as the server" in said) is differs
            assert (record["agent"], record["served"]) == (model, "tiny")
            record = about(f"vllm+{server.address}")  # it has it now
            assert "Note:" not in capsys.readouterr().err
            assert "served" not in record
