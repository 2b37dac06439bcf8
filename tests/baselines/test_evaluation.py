"""Runs and language models as players of the evaluation, and its command."""

from __future__ import annotations

import json
import pickle
import shutil
from pathlib import Path

import gymnasium as gym
import pytest

pytest.importorskip("torch")

from agents.common.environments import TEST_SEED, make_env
from agents.common.language_model import tiny
from agents.common.players import CommandPlayer, LanguageModelPlayer
from agents.common.run_folder import records_of
from agents.inference import wrapped
from agents.ppo import PPO
from agents.q_learning import QLearning, QLearningConfig
from baselines.commands import main
from baselines.players import Sampling, language_player
from reasoning_gym_envs.evaluation import Turn, evaluate, suite_of
from reasoning_gym_envs.evaluation.play import Episode, play
from reasoning_gym_envs.evaluation.players import maker_of
from reasoning_gym_envs.evaluation.record import read_episodes, read_run
from reasoning_gym_envs.seeds import distinct_seeds
from tests.agents.model_server import serving
from tests.evaluation.server import Server, completion, cut_off, reset, status

SOME = suite_of(["MathBoxed-v0", "TowerOfHanoi-v0", "LightsOut-v0"], levels=(1, 2), count=2)
EPISODES = [Episode(n, sample, p) for n, p in enumerate(SOME.problems) for sample in range(2)]
GRPO = ["train", "grpo", "MathBoxed-v0", "--level", "1", "--updates", "1", "--groups", "2"]
GRPO += ["--group-size", "2", "--max-new-tokens", "4", "--eval-problems", "6", "--device", "cpu"]
MAZE = ["TextMaze-v0", "--level", "1", "--steps", "400", "--eval-every", "0", "--seed", "3"]
MATH = ("--ids", "MathBoxed-v0", "--levels", "1", "--count", "3")


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """A command in an empty folder; gives its status and what it says on both streams."""
    monkeypatch.chdir(tmp_path)

    def run(*words):
        try:
            status = main([str(word) for word in words])
        except SystemExit as ended:
            status = ended.code
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """The folder of a tiny model."""
    folder = tmp_path_factory.mktemp("model") / "tiny"
    tiny(0).save(folder)
    return str(folder)


def player(**settings):
    return LanguageModelPlayer(tiny(0), {"agent": "tiny"}, **settings)


def record_of(player, episodes=EPISODES, **settings):
    """Each episode by its name, without the time that it took."""
    records = [dict(record) for record in play(player, episodes, **settings)]
    for record in records:
        del record["seconds"]
    return {(record["number"], record["sample"]): record for record in records}


def replies(record):
    return [m["content"] for m in record["messages"] if m["role"] == "assistant"]


# Language models. --------------------------------------------------------------------------------


def test_an_episode_is_the_same_whatever_is_played_beside_it():
    settings = {"temperature": 1.0, "max_tokens": 4, "max_turns": 3}
    whole = record_of(player(**settings))
    assert len(whole) == len(EPISODES)
    assert record_of(player(batch_size=5, **settings)) == whole
    assert record_of(player(**settings), EPISODES[::-1]) == whole
    some = record_of(player(**settings), EPISODES[3:5])
    assert some == {name: whole[name] for name in some}
    # Samples of a problem differ, and so does another seed.
    first = {sample: replies(whole[0, sample]) for sample in (0, 1)}
    assert first[0] != first[1]
    other = record_of(player(**settings), seed=1)
    assert all(replies(other[name])[0] != replies(whole[name])[0] for name in whole)


def test_a_conversation_that_others_began_is_gone_on_from():
    policy = tiny(0)
    messages = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "2+2?"},
        {"role": "assistant", "content": "3"},
        {"role": "user", "content": "No."},
    ]
    env = gym.make("MathBoxed-v0", disable_env_checker=True).unwrapped
    own = LanguageModelPlayer(policy, {}, max_tokens=6)
    turn = Turn(0, {"turn": 1}, env)
    tokens = policy.prompt("Be brief.\n\n2+2?")
    said = policy.reply("3")
    tokens += said + policy.follow_up("No.", said)
    [expected] = policy.sample([tokens], max_new_tokens=6, temperature=0)
    reply = own.reply(messages, turn)
    assert (reply.prompt_tokens, reply.text) == (len(tokens), *policy.decode([expected.tokens]))
    assert own.reply(messages, turn) == reply  # asked again, it begins again


def test_samples_of_one_conversation_are_gone_on_from_each():
    messages = [{"role": "user", "content": "2+2?" * 20}]
    env = gym.make("MathBoxed-v0", disable_env_checker=True).unwrapped
    own = player(max_tokens=6, temperature=1.0)
    turns = [Turn(seed, {"turn": 0}, env) for seed in range(4)]
    first = own.replies([messages] * 4, turns)
    assert len({reply.text for reply in first}) == 4
    longer = [
        [*messages, {"role": "assistant", "content": reply.text}, {"role": "user", "content": "No"}]
        for reply in first
    ]
    computed = own._session.computed
    second = own.replies(longer[::-1], turns[::-1])[::-1]
    for reply, before in zip(second, first, strict=True):
        assert reply.prompt_tokens > before.prompt_tokens + before.completion_tokens
    again = own._session.computed - computed
    assert again < sum(reply.prompt_tokens + reply.completion_tokens for reply in second) / 2
    assert [player(max_tokens=6, temperature=1.0).replies([messages] * 4, turns)] == [first]


def test_a_reply_that_has_begun_is_gone_on_with():
    """In parts of any size, a reply is the same as in one go."""
    policy = tiny(0)
    env = gym.make("MathBoxed-v0", disable_env_checker=True).unwrapped
    question = [{"role": "user", "content": "2+2?"}]
    own = LanguageModelPlayer(policy, {}, max_tokens=12)
    whole = own.reply(question, Turn(0, {"turn": 0}, env))
    assert own.continues
    first = own.reply(question, Turn(0, {"turn": 0}, env, max_tokens=5))
    assert (first.completion_tokens, first.cut_off) == (5, True)
    begun = [*question, {"role": "assistant", "content": first.text}]
    computed = own._session.computed
    second = own.reply(begun, Turn(0, {"turn": 0}, env, max_tokens=7))
    assert first.text + second.text == whole.text
    assert second.prompt_tokens == first.prompt_tokens + 5
    assert own._session.computed - computed <= 7 + 5  # what was known is not computed again
    # From a text that somebody else has written.
    begun[-1] = {"role": "assistant", "content": "The answer is"}
    tokens = policy.prompt("2+2?") + policy.reply("The answer is")[:-1]
    [expected] = policy.sample([tokens], max_new_tokens=4, temperature=0)
    reply = own.reply(begun, Turn(0, {"turn": 0}, env, max_tokens=4))
    assert (reply.prompt_tokens, reply.text) == (len(tokens), *policy.decode([expected.tokens]))


@pytest.mark.parametrize(
    "name", ["self_consistency:2", "revise:2", "budget_forcing:2:6", "early_exit:3:2:6"]
)
def test_a_model_inside_an_inference_time_agent(name):
    wrapper = wrapped(name, player(temperature=1.0, max_tokens=6, max_turns=2))
    episodes = [e for e in EPISODES if e.sample == 0][::3]
    wrapper.check(SOME.problems, 1)
    whole = record_of(wrapper, episodes)
    assert (
        record_of(
            wrapped(name, player(temperature=1.0, max_tokens=6, max_turns=2, batch_size=1)),
            episodes,
        )
        == whole
    )
    for record in whole.values():
        assert record["completion_tokens"] > 0


def test_tokens_are_counted_and_what_has_no_room_is_cut_off():
    policy = tiny(0)
    steps = [e for e in EPISODES if e.problem.id == "TowerOfHanoi-v0"][:1]
    [record] = play(LanguageModelPlayer(policy, {}, max_tokens=5, episode_tokens=600), steps)
    written = [step["completion_tokens"] for step in record["steps"]]
    observations = [m["content"] for m in record["messages"] if m["role"] == "user"]
    length, expected, read = len(policy.prompt(observations[0])), [], 0
    for observation in observations[1:]:
        count = max(0, min(5, 600 - length))
        expected.append(count)
        read += length if count else 0
        length += count + len(policy.follow_up(observation, [40])) if count else 0
    assert expected[1] == 5
    assert expected[-1] == 0
    assert written == expected
    assert record["prompt_tokens"] == read
    assert record["completion_tokens"] == sum(expected)
    assert [bool(reply) for reply in replies(record)] == [count > 0 for count in expected]
    assert record["cut_off"]
    [record] = play(LanguageModelPlayer(policy, {}, max_tokens=5, max_turns=2), steps)
    written = [step["completion_tokens"] for step in record["steps"]]
    assert written == [5, 5] + [0] * (len(written) - 2)
    assert len(written) > 2
    # A prompt without room is no error, either.
    [record] = play(LanguageModelPlayer(policy, {}, episode_tokens=10), steps)
    assert set(replies(record)) == {""}
    assert (record["cut_off"], record["completion_tokens"]) == (True, 0)


@pytest.mark.parametrize("wrapper", [None, "revise:1"])
def test_the_reference_is_counted_in_the_tokens_of_the_model(wrapper):
    alone = player(max_tokens=4, batch_size=4)
    records = record_of(alone if wrapper is None else wrapped(wrapper, alone))
    for record in records.values():
        if record["level"] > 1:
            assert "reference_tokens" not in record
            continue
        problem = SOME.problems[record["number"]]
        env = gym.make(problem.id, **problem.arguments)
        env.reset(seed=problem.seed)
        solution = env.unwrapped.solution()
        tokens = sum(len(tiny(0).reply(text)) for text in solution)
        assert record["reference_tokens"] == tokens > record["reference_turns"] == len(solution)


def test_a_server_that_is_gone_is_no_failure_of_the_model(model, monkeypatch):
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    with serving() as server:
        sampling = Sampling(sampler=f"vllm+{server.address}", max_tokens=3)
        served = language_player(model, sampling)
        served.check(SOME.problems, 1)
        math = [e for e in EPISODES if e.problem.id == "MathBoxed-v0"]
        there = record_of(served, math)
        assert there == record_of(language_player(model, Sampling(max_tokens=3)), math)
    failures = list(play(served, math))
    assert {f.reason.partition(":")[0] for f in failures} == {"Unavailable"}
    again = language_player(model, sampling)
    with pytest.raises(ConnectionError, match="does not answer"):
        again.check(SOME.problems, 1)


def test_workers_need_no_names(model):
    """What a name stands for is found where it is asked; what makes it goes to any process."""
    made = pickle.loads(pickle.dumps(maker_of(model)))
    assert (made.func, made.args) == (language_player, (model,))
    assert made().about == language_player(model).about


def test_names_stand_for_runs_and_models(model, tmp_path):
    """Importing baselines.players makes them known to the package."""
    suite = suite_of(["MathBoxed-v0"], levels=(1,), count=2)
    evaluate(model, suite, out=tmp_path / "a")
    about = read_run(tmp_path / "a")["agent"]
    assert (about["agent"], about["temperature"], about["max_tokens"]) == (model, 0.0, 48)
    copied = tmp_path / "copied"
    shutil.copytree(model, copied)
    assert language_player(str(copied)).about["checkpoint"] == about["checkpoint"]
    tiny(1).save(copied)
    assert language_player(str(copied)).about["checkpoint"] != about["checkpoint"]
    with pytest.raises(ValueError, match="at temperature 0 all 2 samples of a problem are the sam"):
        evaluate(model, suite, out=tmp_path / "b", samples=2)
    assert not (tmp_path / "b").exists()


# Tables and networks. ----------------------------------------------------------------------------


class Looking:
    """Notes what an agent is asked."""

    def __init__(self, agent):
        self.agent, self.config, self.vocabulary = agent, agent.config, agent.vocabulary
        self.asked = []

    def act(self, observation, info):
        self.asked.append((observation, tuple(info["admissible_commands"])))
        return self.agent.act(observation, info)


@pytest.mark.parametrize("remember", [0, 2])
def test_a_network_sees_what_it_was_trained_with(remember):
    config = PPO.settings(env_kwargs={"level": 2, "max_turns": 12}, steps=10, remember=remember)
    agent = PPO(config)
    suite = suite_of(["TextMaze-v0"], levels=(2,), count=4, max_turns=12)  # with an instruction
    looking = Looking(agent)
    command = CommandPlayer(looking, {})
    command.check(suite.problems, 1)
    records = list(play(command, [Episode(n, 0, p) for n, p in enumerate(suite.problems)]))
    env, expected = make_env(config, split="test"), []
    for record, problem in zip(records, suite.problems, strict=True):
        assert len(record["messages"][0]["content"].split("\n\n")) > 1
        observation, info = env.reset(seed=problem.seed)
        is_over = False
        while not is_over:
            expected.append((observation, tuple(info["admissible_commands"])))
            number = agent.vocabulary.index(agent.act(observation, info))
            observation, _, terminated, truncated, info = env.step(number)
            is_over = terminated or truncated
        assert record["is_success"] == info["is_success"]
    assert looking.asked == expected


def test_a_table_draws_among_equals_by_the_turn():
    agent = QLearning(QLearningConfig(steps=1))
    episodes = [
        Episode(n, sample, p)
        for n, p in enumerate(suite_of(["TextMaze-v0"], levels=(1,), count=3).problems)
        for sample in range(3)
    ]
    whole = record_of(CommandPlayer(agent, {}), episodes)
    assert record_of(CommandPlayer(agent, {}), episodes[::-1]) == whole
    assert replies(whole[0, 0]) != replies(whole[0, 1])


@pytest.mark.parametrize("name", ["reinforce", "q_learning"])
def test_a_run_plays_its_own_tests(name, run):
    options = ["--no-same-problem", "--eval-episodes", "6", "--reward", "shaped", "--remember", "1"]
    assert run("train", name, *MAZE, *options, "--out", "runs/maze")[0] == 0
    status, out, err = run("evaluate", "runs/maze")
    assert status == 0, err
    assert "tests of TextMaze-v0: 6 problems" in out
    records = list(read_episodes(Path("runs/maze-tests")))
    metrics = records_of("runs/maze")
    if name == "reinforce":  # a table chooses among equals at random
        share = sum(record["is_success"] for record in records) / 6
        assert share == pytest.approx(metrics[-1]["test_success"])
    env = gym.make("TextMaze-v0", level=1, split="test", disable_env_checker=True)
    assert [record["seed"] for record in records] == distinct_seeds(env, 6, TEST_SEED)
    about = read_run(Path("runs/maze-tests"))["agent"]
    assert (about["agent"], about["algorithm"], about["step"]) == (
        *("runs/maze", name),
        metrics[-1]["step"],
    )
    assert len(about["checkpoint"]) == 64
    assert run("evaluate", "runs/maze", "--count", "9", "--out", "nine")[0] == 0
    assert len(list(read_episodes(Path("nine")))) == 9


def test_ids_that_a_network_cannot_play_are_named_before_anything_is_played(run, tmp_path):
    assert run("train", "ppo", *MAZE, "--out", "runs/maze")[0] == 0
    status, _, err = run("evaluate", "runs/maze", "--suite", "navigation", "--out", "played")
    assert status == 2
    assert "it cannot play Sokoban-v0, SokobanBoxed-v0, TextMazeBoxed-v0: choose what it" in err
    assert not (tmp_path / "played").exists()
    some = ("--ids", "TextMaze-v0", "--levels", "1", "2", "--count", "3", "--arg", "view=map")
    assert run("evaluate", "runs/maze", *some, "--out", "played")[0] == 0
    assert len(list(read_episodes(Path("played")))) == 6
    status, _, err = run("evaluate", "runs/maze", *some, "--max-turns", "3", "--temperature", "1")
    assert status == 2
    assert "no language model that is here: leave out --temperature, --max-turns" in err


# The command. ------------------------------------------------------------------------------------


def test_a_run_and_its_checkpoint_say_the_same(run):
    assert run(*GRPO, "--out", "runs/math")[0] == 0
    sampling = ("-k", "3", "--seed", "5")
    assert run("evaluate", "runs/math", *sampling, *MATH, "--out", "a")[0] == 0
    folder = "runs/math/checkpoints/000001"
    status, out, err = run(
        *("evaluate", folder, *sampling, *MATH, "--max-new-tokens", "4", "--out", "b")
    )
    assert status == 0, err
    assert "maj@3" in out
    a, b = (
        {(r["number"], r["sample"]): r["messages"] for r in read_episodes(Path(f))}
        for f in ("a", "b")
    )
    assert a == b
    abouts = [read_run(Path(folder))["agent"] for folder in ("a", "b")]
    assert abouts[0]["checkpoint"] == abouts[1]["checkpoint"]
    assert abouts[0]["temperature"] == 1.0
    status, out, err = run("evaluate", "runs/math")
    assert status == 0, err
    seeds = [record["seed"] for record in read_episodes(Path("runs/math-tests"))]
    env = gym.make("MathBoxed-v0", level=1, split="test", disable_env_checker=True)
    assert seeds == distinct_seeds(env, 6, TEST_SEED)


def test_a_run_says_what_it_said_in_the_test_of_its_training(run):
    maze = ["train", "grpo", "TextMaze-v0", *GRPO[3:], "--max-turns", "5", "--max-tokens", "1000"]
    assert run(*maze, "--out", "runs/maze")[0] == 0
    status, _, err = run("evaluate", "runs/maze")
    assert status == 0, err
    played = {record["seed"]: record for record in read_episodes(Path("runs/maze-tests"))}
    transcripts = [
        line
        for line in records_of("runs/maze", "transcripts.jsonl")
        if (line["kind"], line["step"]) == ("test", 1)
    ]
    assert len(played) == len(transcripts) == 6
    for line in transcripts:
        said = [turn["text"] for turn in line["transcript"] if turn["role"] == "agent"]
        again = replies(played[line["seed"]])
        assert len(said) == 5
        assert again == said + [""] * (len(again) - 5)
        assert played[line["seed"]]["cut_off"] == line["cut_off"]


def test_a_run_is_prompted_and_cut_off_as_it_says_or_the_command(run, model):
    small = ["--demonstrations", "8", "--batch-size", "4", "--max-steps", "2", "--decay-steps", "1"]
    small += ["--held-out-problems", "4", "--max-new-tokens", "5", "--device", "cpu"]
    small += ["--system-prompt", "Be brief.", "--out", "runs/run"]
    assert run("train", "imitation", "MathBoxed-v0", *small)[0] == 0
    assert run("evaluate", "runs/run", "--count", "3", "--out", "a")[0] == 0
    changes = ("--system-prompt", "Be long.", "--max-tokens", "6")
    assert run("evaluate", "runs/run", *changes, *MATH, "--out", "b")[0] == 0
    assert run("evaluate", model, *changes, *MATH, "--device", "cpu", "--out", "c")[0] == 0
    assert run("evaluate", model, *MATH, "--out", "d")[0] == 0
    said = {"a": (5, "Be brief."), "b": (6, "Be long."), "c": (6, "Be long."), "d": (48, None)}
    for folder, (tokens, prompt) in said.items():
        asked = read_run(Path(folder))
        assert (asked["agent"]["max_tokens"], asked["system"]) == (tokens, prompt)
        for record in read_episodes(Path(folder)):
            system = [m["content"] for m in record["messages"] if m["role"] == "system"]
            assert system == ([prompt] if prompt else [])
            assert record["completion_tokens"] <= tokens
    status, _, err = run("evaluate", model, *MATH, "--chat-template-kwargs", '{"thinking": 1}')
    assert status == 2
    assert "this tokenizer has none" in err


def test_few_problems_are_all_played(run):
    options = ("--level", "1", "--steps", "20", "--no-same-problem", "--eval-episodes", "5")
    assert run("train", "reinforce", "TowerOfHanoi-v0", *options, "--out", "runs/run")[0] == 0
    status, out, err = run("evaluate", "runs/run", "--count", "500")
    assert status == 0, err
    count = int(out.split(": ")[1].split(" problems")[0])
    assert 5 <= count < 500
    assert f"TowerOfHanoi-v0 has {count} different problems, and all are played" in err


def test_errors_name_the_way_out(run, model, tmp_path):
    def error(*words):
        status, _, err = run("evaluate", *words)
        assert status == 2
        return err

    def of_model(*words):
        return error(model, *MATH, *words)

    assert "samples must be 1 or more" in of_model("-k", "0")
    assert "all 2 samples of a problem are the same" in of_model("-k", "2", "--temperature", "0")
    assert "temperature must be at least 0" in of_model("--temperature", "-1")
    assert "max_tokens must be at least 1, got 0" in of_model("--max-tokens", "0")
    assert "max_turns must be at least 1" in of_model("--max-turns", "0")
    assert "episode_tokens must be at least 1" in of_model("--episode-tokens", "0")
    assert "batch_size must be at least 1" in of_model("--batch-size", "0")
    assert "unknown device 'gpu'" in of_model("--device", "gpu")
    assert "unknown sampler 'fast'" in of_model("--sampler", "fast")
    assert "no JSON object" in of_model("--chat-template-kwargs", "[]")
    assert "there is no run in" in error(model)
    assert "name problems with --suite or --ids" in error(model)
    assert "name problems with --suite or --ids" in error()
    assert "no model folder at './none'" in error("./none", *MATH)
    assert "'nobody' is no agent: give random" in error("nobody", *MATH)
    assert "is a folder: name it without --model" in error("--model", model, *MATH)
    assert "leave out --device" in error("random", *MATH, "--device", "cpu")
    assert "choose problems of --ids" in error("random", "--suite", "smoke", "--count", "3")
    assert "count must be at least 1" in error(_trained(run), "--count", "0")
    assert "choose problems of --ids" in error("runs/trained", "--levels", "2")
    assert not [path for path in tmp_path.iterdir() if path.name != "runs"]
    assert [path.name for path in (tmp_path / "runs").iterdir()] == ["trained"]


def _trained(run):
    assert run("train", "q_learning", *MAZE[:5], "--out", "runs/trained")[0] == 0
    return "runs/trained"


def test_an_inference_time_agent_around_a_model(run, model):
    wrap = ("--wrap", "self_consistency:3", "--max-tokens", "4")
    status, out, err = run("evaluate", model, *MATH, *wrap, "--out", "a")
    assert status == 0, err
    assert f"self_consistency:3 of {model} on MathBoxed-v0" in out
    for record in read_episodes(Path("a")):
        assert 4 < record["completion_tokens"] <= 12
    about = read_run(Path("a"))["agent"]["player"]
    assert (about["agent"], about["temperature"]) == (model, 1.0)
    status, _, err = run("evaluate", model, *MATH, *wrap, "--temperature", "0", "--out", "b")
    assert status == 2
    assert "all 3 samples of a problem are the same" in err
    status, _, err = run("evaluate", model, *MATH, "--wrap", "vote:3", "--out", "b")
    assert status == 2
    assert "unknown wrapper 'vote'" in err
    for option in (("--wrap", "self_consistency:3"), ("--continues",)):
        status, _, err = run("evaluate", "random", *MATH, *option)
        assert status == 2
        assert f"leave out {option[0]}" in err


def test_an_inference_time_agent_around_a_model_behind_a_server(run):
    """What the server does wrong is tried again; each call has its seed, and all are counted."""
    answers = [status(429), cut_off, completion("\\boxed{1}"), reset, completion("\\boxed{2}")]
    with Server(*answers) as server:
        of_server = ("evaluate", "--model", "m", "--base-url", server.url, *MATH)
        votes = ("--wrap", "self_consistency:3", "--concurrency", "1", "--out", "a")
        code, _, err = run(*of_server, *votes, "--max-requests", "7")
        assert code == 1
        assert "7 requests are sent, the limit" in err
        assert len(list(read_episodes(Path("a")))) == 1  # a vote that is not whole is none
        code, out, err = run(*of_server, *votes)
        assert code == 0, err
        assert "self_consistency:3 of m on MathBoxed-v0" in out
        records = list(read_episodes(Path("a")))
        assert [record["completion_tokens"] for record in records] == [15, 15, 15]
        assert [record["steps"][0]["discarded_tokens"] for record in records] == [10, 10, 10]
        assert records[0]["messages"][1]["content"] == "\\boxed{2}"  # two of three votes
        spent = json.loads(Path("a", "spent.json").read_text())
        assert spent["requests"] == len(server.requests) == 3 + 3 * 3 + 1  # 1: not counted whole
        assert spent["completion_tokens"] == 5 * (spent["requests"] - 3)
        answered = {json.dumps(request["body"], sort_keys=True) for request in server.requests}
        assert len({json.loads(body)["seed"] for body in answered}) == len(answered)
        about = read_run(Path("a"))["agent"]
        assert (about["agent"], about["player"]["agent"]) == ("self_consistency:3 of m", "m")
        # Of other servers it has to be said that they can go on with what has begun.
        forced = (*of_server, "--wrap", "budget_forcing:20:40", "--out", "b")
        code, _, err = run(*forced)
        assert code == 2
        assert "--continues says so" in err
        code, _, err = run(*forced, "--continues")
        assert code == 0, err
        assert any("continue_final_message" in request["body"] for request in server.requests)
        for words, message in (
            (("--wrap", "vote:3"), "unknown wrapper 'vote'"),
            (("--wrap", "self_consistency:3", "--temperature", "0"), "all 3 samples of a problem"),
            (("--wrap", "self_consistency:3", "--dry-run"), "try --dry-run without it"),
        ):
            code, _, err = run(*of_server, *words, "--out", "c")
            assert code == 2
            assert message in err
    assert not Path("c").exists()


def test_the_packages_own_agents_play_here_too(run):
    status, out, err = run("evaluate", "reference", *MATH)
    assert status == 0, err
    assert "100.0" in out
    assert "reference sends no requests" in run("evaluate", "reference", *MATH, "--dry-run")[1]


def test_a_model_that_grew_is_another_one_for_the_record(run, tmp_path):
    tiny(0).save(tmp_path / "model")
    assert run("evaluate", "./model", *MATH, "--out", "a")[0] == 0
    before = (tmp_path / "a" / "episodes.jsonl").read_bytes()
    assert run("evaluate", "model/", *MATH, "--out", "a")[0] == 0  # nothing is left to play
    assert (tmp_path / "a" / "episodes.jsonl").read_bytes() == before
    tiny(1).save(tmp_path / "model")
    status, _, err = run("evaluate", "./model", *MATH, "--out", "a")
    assert status == 2
    assert "a has another run: agent is" in err


def test_the_cache_of_a_run_is_that_of_its_training(run, tmp_path):
    assert run(*GRPO, "--cache-gib", "0.5", "--out", "run")[0] == 0
    config = json.loads((tmp_path / "run" / "config.json").read_text())
    (tmp_path / "run" / "config.json").write_text(json.dumps({**config, "cache_gib": 1e-6}))
    status, _, err = run("evaluate", "run")
    assert status == 2
    assert "raise cache_gib" in err
