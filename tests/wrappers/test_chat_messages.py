"""Conversations: what is in them, what is left out, and chat templates."""

import copy
import json

import gymnasium as gym
import pytest
from gymnasium.spaces import Tuple

from reasoning_gym_envs.wrappers import ChatMessages, DiscreteCommands, Messages, NumericObservation

MATH = "MathBoxed-v0"


def words(text):
    return len(text.split())


def make(id=MATH, max_turns=20, **arguments):
    return ChatMessages(gym.make(id, max_turns=max_turns), **arguments)


def talk(env, answers, seed=0):
    """The observations of an episode, the infos, and everything that the environment said."""
    plain = gym.make(env.unwrapped.spec.id, max_turns=20)
    said = [plain.reset(seed=seed)[0]]
    observation, info = env.reset(seed=seed)
    observations, infos = [observation], [info]
    for answer in answers:
        said.append(plain.step(answer)[0])
        observation, *_, info = env.step(answer)
        observations.append(observation)
        infos.append(info)
    return observations, infos, said


def conversation(said, answers, system=None):
    messages = [] if system is None else [{"role": "system", "content": system}]
    messages.append({"role": "user", "content": said[0]})
    for answer, text in zip(answers, said[1:], strict=True):
        messages.append({"role": "assistant", "content": answer})
        messages.append({"role": "user", "content": text})
    return messages


ANSWERS = [f"try {n} \\boxed{{x_{n}}}" for n in range(6)]


@pytest.mark.parametrize("system", [None, "Reason step by step."])
def test_the_whole_conversation(system):
    env = make(system=system)
    observations, infos, said = talk(env, ANSWERS)
    for turn, observation in enumerate(observations):
        assert observation == conversation(said[: turn + 1], ANSWERS[:turn], system)
        assert observation in env.observation_space
        assert infos[turn]["turns_left_out"] == 0
    assert env.reset(seed=0)[0] == observations[0]  # a conversation of its own


def test_observations_are_independent():
    env = make()
    (first, second), *_ = talk(env, ANSWERS[:1])
    before = json.dumps(second)
    first[0]["content"] = "changed"
    first.clear()
    assert json.dumps(second) == before
    second[1]["content"] = "changed"
    assert json.dumps(env.step("again")[0]).startswith(before[:-1])


@pytest.mark.parametrize("turns", [1, 2, 5])
def test_a_history_of_some_turns(turns):
    observations, infos, said = talk(make(history=turns, system="s"), ANSWERS)
    for turn, observation in enumerate(observations):
        out = max(0, turn - turns)
        kept = [said[0], *said[1:][out:turn]]
        assert observation == conversation(kept, ANSWERS[out:turn], "s")
        assert infos[turn]["turns_left_out"] == out


def test_only_the_last():
    observations, infos, said = talk(make(history="last", system="s"), ANSWERS)
    for turn, (observation, text) in enumerate(zip(observations, said, strict=True)):
        assert observation == conversation([text], [], "s")
        assert infos[turn]["turns_left_out"] == max(0, turn - 1)


@pytest.mark.parametrize("count", [len, words])
def test_a_budget_leaves_out_whole_turns_the_oldest_first(count):
    system = "Be brief."
    for seed in range(3):
        _, _, said = talk(make(), ANSWERS, seed)
        task = count(system) + count(said[0])
        turn = max(
            count(answer) + count(text) for answer, text in zip(ANSWERS, said[1:], strict=True)
        )
        for budget in range(task + turn, task + 7 * turn, max(1, turn // 5)):
            env = make(budget=budget, count=count, system=system)
            observations, infos, _ = talk(env, ANSWERS, seed)
            for n, observation in enumerate(observations):
                out = infos[n]["turns_left_out"]
                kept = [said[0], *said[1:][out:n]]
                assert observation == conversation(kept, ANSWERS[out:n], system)
                total = sum(count(message["content"]) for message in observation)
                assert total <= budget
                if out:  # no more than need be
                    assert total + count(ANSWERS[out - 1]) + count(said[out]) > budget


@pytest.mark.parametrize("count", [len, words, lambda text: len(text.encode("utf-8", "replace"))])
@pytest.mark.parametrize("history", ["full", "last", 2])
def test_a_turn_beyond_the_budget_is_cut(count, history):
    """The answer loses its beginning, then the reply its end; nothing raises, whatever the text."""
    task = count(make().reset(seed=0)[0][-1]["content"])
    for room in (0, 1, 5, 40):
        env = make(budget=task + room, count=count, history=history)
        env.reset(seed=0)
        for answer in ("a b c d e " * 5000, "é🍎\x00\ud800 " * 1000, "", "x" * 100_000):
            observation, *_, info = env.step(answer)
            assert sum(count(message["content"]) for message in observation) <= task + room
            assert observation in env.observation_space
            turns = env.unwrapped.snapshot().episode.turn
            if history == "last":
                assert len(observation) == 1
                continue
            first, *_, said, reply = observation
            assert count(first["content"]) == task
            assert answer.endswith(said["content"])
            assert "No answer was found".startswith(reply["content"][:19])
            assert len(observation) == 1 + 2 * (turns - info["turns_left_out"])
            if count(answer) > room:
                assert info["turns_left_out"] == turns - 1
                assert room == 0 or not said["content"] or reply["content"]


@pytest.mark.parametrize("history", ["full", 1, "last"])
def test_what_a_template_adds_to_each_message_is_in_the_budget(history):
    def count(text):
        return len(text) + 7

    task = count(make().reset(seed=0)[0][0]["content"])
    turn = 0 if history == "last" else 2 * count("")
    for budget in range(task + turn, task + turn + 60):
        env = make(budget=budget, count=count, history=history)
        env.reset(seed=0)
        for answer in ("a" * 90, "b", ""):
            observation = env.step(answer)[0]
            assert sum(count(message["content"]) for message in observation) <= budget
    with pytest.raises(ValueError, match="the budget is"):
        make(budget=task + turn - 1, count=count, history=history).reset(seed=0)


def test_what_is_cut_is_as_long_as_the_budget_allows():
    """In the unit of the budget, here words: the end of the answer, the start of the reply."""
    task = words(make().reset(seed=0)[0][-1]["content"])
    reply = words(talk(make(), ["?"])[2][1])
    for room in range(reply + 8):
        env = make(budget=task + room, count=words)
        env.reset(seed=0)
        *_, answered, replied = env.step("a b c d e f g h i j")[0]
        assert words(replied["content"]) == min(room, reply)
        assert words(answered["content"]) == max(0, min(room - reply, 10))
        assert "a b c d e f g h i j".endswith(answered["content"])
    env = make(budget=task, count=words, history="last")
    env.reset(seed=0)
    for budget, expected in ((task, reply), (reply, reply), (3, 3)):
        env.budget = budget
        assert words(env.step("a")[0][0]["content"]) == min(expected, budget)


def test_a_budget_below_the_task_raises_at_once():
    env = make(budget=10)
    with pytest.raises(ValueError, match=r"have \d+ tokens, and the budget is 10"):
        env.reset(seed=0)


def test_each_message_is_counted_once():
    counted = []

    def count(text):
        counted.append(text)
        return len(text)

    env = make(budget=100_000, count=count, system="s")
    talk(env, ANSWERS)
    assert len(counted) == 3 + 2 * len(ANSWERS)  # with that of an empty one


def test_a_failed_step_says_nothing():
    env = make()
    before, _ = env.reset(seed=0)
    with pytest.raises(TypeError, match="str"):
        env.step(5)
    assert env.step("?")[0][:1] == before


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"history": "all"}, ValueError, "'full', 'last', or a number"),
        ({"history": 0}, ValueError, "1 or more"),
        ({"history": 1.5}, TypeError, "whole number"),
        ({"budget": 0}, ValueError, "budget must be 1 or more"),
        ({"budget": "x"}, TypeError, "budget must be a whole number"),
        ({"count": 5}, TypeError, "count must be a function"),
        ({"system": 5}, TypeError, "system must be a text"),
    ],
)
def test_bad_arguments(arguments, error, message):
    with pytest.raises(error, match=message):
        make(**arguments)


def test_the_environment_must_speak_in_text():
    hanoi = gym.make("TowerOfHanoi-v0")
    for env in (
        DiscreteCommands(hanoi),
        NumericObservation(hanoi, "hashed"),
        gym.make("CartPole-v1"),
    ):
        with pytest.raises(ValueError, match="inside of the wrapper"):
            ChatMessages(env)


# The space.


@pytest.mark.parametrize(
    "thing",
    [
        None,
        [],
        "text",
        ({"role": "user", "content": "x"},),
        [{"role": "user"}],
        [{"role": "user", "content": 5}],
        [{"role": "me", "content": "x"}],
        [{"role": ["user"], "content": "x"}],
        [{"role": "user", "content": "x", "name": "y"}],
    ],
)
def test_what_are_no_messages(thing):
    assert thing not in Messages()


def test_samples():
    one, other = Messages(seed=1), Messages(seed=1)
    samples = [one.sample() for _ in range(20)]
    assert samples == [other.sample() for _ in range(20)]
    assert all(sample in one for sample in samples)
    assert {len(sample) for sample in samples} == {1, 3}
    for sample in samples:
        roles = [message["role"] for message in sample]
        assert roles == ["user", "assistant", "user"][: len(sample)]
    assert repr(one) == "Messages()"
    assert not Tuple([one, one]).is_np_flattenable  # they are no arrays
    assert one == other
    assert one != Tuple([one])
    assert one.from_jsonable(one.to_jsonable(samples)) == samples
    with pytest.raises(ValueError, match="mask"):
        one.sample(mask=1)


# Vector environments.


def rollout(mode, **vector):
    envs = gym.make_vec(MATH, 2, mode, max_turns=3, wrappers=[ChatMessages], vector_kwargs=vector)
    try:
        assert envs.single_observation_space == Messages()
        observations = [envs.reset(seed=1)[0]]
        for step in range(10):
            observations.append(envs.step([f"é {step}", "\\boxed{中}"])[0])
            assert observations[-1] in envs.observation_space
        return observations
    finally:
        envs.close()


def test_vector_environments_agree():
    sync = rollout("sync")
    assert sync == rollout("async") == rollout("async", shared_memory=False)
    assert {len(messages[0]) for messages in sync} == {1, 3, 5, 7}
    assert sync[0][0] != sync[0][1]


def test_what_shared_memory_gives_is_not_changed_by_later_steps():
    envs = gym.make_vec(MATH, 2, "async", max_turns=3, wrappers=[ChatMessages])
    try:
        first, _ = envs.reset(seed=1)
        kept = copy.deepcopy(first)
        second, *_ = envs.step(["\ud800 é", "no"])
        assert first == kept
        assert [message["role"] for message in second[0]] == ["user", "assistant", "user"]
        assert second[0][1]["content"] == "\ud800 é"
    finally:
        envs.close()


@pytest.mark.filterwarnings("ignore")  # Gymnasium warns of the error of a process, then raises it
def test_a_conversation_that_does_not_fit_into_shared_memory_says_what_to_do():
    long = "é" * 60_000
    wrappers = [lambda env: ChatMessages(env, system="s" * 1_000_000)]
    envs = gym.make_vec(MATH, 1, "async", max_turns=3, wrappers=wrappers)
    try:
        envs.reset(seed=1)
        with pytest.raises(ValueError, match=r"history= or budget=.*shared_memory"):
            envs.step([long])
    finally:
        envs.close(terminate=True)
    vector = {"shared_memory": False}
    envs = gym.make_vec(MATH, 1, "async", max_turns=3, wrappers=wrappers, vector_kwargs=vector)
    try:
        envs.reset(seed=1)
        assert envs.step([long])[0][0][-2]["content"] == long
    finally:
        envs.close()


# Chat templates.


def test_a_chat_template_takes_it_as_it_is():
    transformers = pytest.importorskip("transformers")
    from tokenizers import Tokenizer, models, pre_tokenizers

    letters = {chr(code): code for code in range(256)}
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer(models.WordLevel({**letters, "?": 256}, unk_token="?")),
        unk_token="?",
    )
    tokenizer.backend_tokenizer.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    tokenizer.chat_template = (
        "{% for m in messages %}"
        "{% if m.role == 'system' and not loop.first %}{{ raise_exception('order') }}{% endif %}"
        "{% if loop.previtem and loop.previtem.role == m.role %}"
        "{{ raise_exception('roles must alternate') }}{% endif %}"
        "<{{ m.role }}>{{ m.content }}</>{% endfor %}"
        "{% if add_generation_prompt %}<assistant>{% endif %}"
    )

    def count(text):
        return len(tokenizer(text)["input_ids"])

    for arguments in ({}, {"history": 1}, {"history": "last"}, {"budget": 400, "count": count}):
        observations, _, said = talk(make(system="Be brief.", **arguments), ANSWERS)
        for observation in observations:
            text = tokenizer.apply_chat_template(
                observation, tokenize=False, add_generation_prompt=True
            )
            assert text.startswith("<system>Be brief.</><user>")
            assert text.endswith("</><assistant>")
        if arguments.get("history") != "last":
            assert f"<user>{said[0]}</>" in text
        assert text.count("<") == 2 * len(observation) + 1 + said[0].count("<")
