"""TRL: rewards of `GRPOTrainer` are what the environments pay, by a function and by a tool.

The model is tiny and its weights are arranged: attention and the feed-forward layers write zeros,
so that the last token alone decides which tokens may come next. A whole tool call is one token, so
it calls the tool, with a random command each time; gradients pass as in any other model.
"""

from __future__ import annotations

import copy
import doctest
import json
import math

import pytest

pytest.importorskip("trl", reason="needs trl: make integrations")

import gymnasium as gym
import torch
from datasets import Dataset
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM
from trl import GRPOConfig, GRPOTrainer, chat_template_utils

from reasoning_gym_envs import rows, sandbox, score
from reasoning_gym_envs.integrations import trl as plug
from reasoning_gym_envs.integrations.trl import (
    environment_factory,
    environment_reward,
    to_dataset,
)
from reasoning_gym_envs.sandbox import SandboxFailure
from tests.integrations.page import lines, run

END = "<|im_end|>"
ARITHMETIC = {"level": 2, "topics": "integer_arithmetic"}


def call(action):
    arguments = json.dumps({"name": "act", "arguments": {"action": action}})
    return f"<tool_call>\n{arguments}\n</tool_call>"


def tokenizer_of(words):
    """Bytes, the marks of a conversation, and words of a token each."""
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    bytes_alone = Tokenizer(models.BPE({letter: n for n, letter in enumerate(letters)}, []))
    bytes_alone.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bytes_alone.decoder = decoders.ByteLevel()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=bytes_alone, eos_token=END, pad_token="<|endoftext|>", padding_side="left"
    )
    tokenizer.add_special_tokens({"additional_special_tokens": ["<|im_start|>"]})
    tokenizer.add_tokens(list(words))
    tokenizer.chat_template = chat_template_utils.qwen2_5_chat_template
    return tokenizer


def model_of(tokenizer, words):
    """Says one of the words, all as likely, and then ends its message."""
    torch.manual_seed(0)
    config = Qwen2Config(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_key_value_heads=2,
        max_position_embeddings=8192,
        tie_word_embeddings=False,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    model = Qwen2ForCausalLM(config)
    with torch.no_grad():
        model.model.layers[0].self_attn.o_proj.weight.zero_()
        model.model.layers[0].mlp.down_proj.weight.zero_()
        said = tokenizer.convert_tokens_to_ids(list(words))
        model.model.embed_tokens.weight.normal_(0.0, 0.01)
        model.model.embed_tokens.weight[:, 0] = 1.0  # after most tokens: a word
        model.model.embed_tokens.weight[said, 0] = 0.0
        model.model.embed_tokens.weight[said, 1] = 1.0  # after a word: the end
        model.lm_head.weight.zero_()
        model.lm_head.weight[said, 0] = 5.0
        model.lm_head.weight[tokenizer.eos_token_id, 1] = 5.0
    return model


class Watch:
    """A reward function that pays nothing and keeps what it is given."""

    __name__ = "watch"

    def __init__(self):
        self.seen = []

    def __call__(self, prompts, completions, **columns):
        columns.pop("trainer_state")
        environments = columns.pop("environments", [None] * len(prompts))
        for place, (prompt, completion) in enumerate(zip(prompts, completions, strict=True)):
            environment = environments[place]
            self.seen.append(
                {
                    **{k: v[place] for k, v in columns.items() if isinstance(v, list)},
                    "prompt": copy.deepcopy(prompt),
                    "completion": copy.deepcopy(completion),
                    "paid": environment and environment.get_reward(),
                }
            )
        return [0.0] * len(prompts)


def train(tmp_path, words, dataset, *reward_funcs, steps=3, **options):
    tokenizer = tokenizer_of(words)
    factory = options.pop("environment_factory", None)
    arguments = {
        "output_dir": str(tmp_path / "run"),
        "max_steps": steps,
        "per_device_train_batch_size": 8,
        "num_generations": 4,
        "max_completion_length": 3000,
        "max_tool_calling_iterations": 5,
        "learning_rate": 0.01,
        "lr_scheduler_type": "constant",
        "logging_steps": 1,
        "report_to": "none",
        "save_strategy": "no",
        "use_cpu": True,
        "bf16": False,
        "seed": 1,
        **options,
    }
    trainer = GRPOTrainer(
        model_of(tokenizer, words),
        list(reward_funcs) or None,
        args=GRPOConfig(**arguments),
        train_dataset=dataset,
        processing_class=tokenizer,
        environment_factory=factory,
    )
    before = {name: w.detach().clone() for name, w in trainer.model.named_parameters()}
    trainer.train()
    moved = any(not torch.equal(before[name], w) for name, w in trainer.model.named_parameters())
    return trainer, [log for log in trainer.state.log_history if "reward" in log], moved


def by_hand(row, actions):
    """What an environment that knows nothing of TRL says to actions, pays, and whether it ends."""
    env = gym.make(row["id"], **json.loads(row["kwargs"]))
    first, _ = env.reset(seed=row["seed"])
    said, total, is_over = [], 0.0, False
    for action in actions:
        if not is_over:
            observation, reward, terminated, truncated, _ = env.step(action)
            said.append(observation)
            total += reward
            is_over = terminated or truncated
    return first, said, total, is_over


def actions_of(completion):
    calls = [c for message in completion for c in message.get("tool_calls") or ()]
    assert all(c["function"]["name"] == "act" for c in calls)
    return [c["function"]["arguments"]["action"] for c in calls]


# Episodes, through a tool.

HANOI = [call(f"{a} to {b}") for a in "ABC" for b in "ABC" if a != b]


@pytest.mark.parametrize("id", [None, "TowerOfHanoi-v0"])
def test_a_model_that_calls_the_tool_is_paid_as_played_by_hand(id, tmp_path):
    level = {"level": 1, "reward": "dense"}
    problems = to_dataset(rows("TowerOfHanoi-v0", 4, **level))
    watch = Watch()
    _, logs, moved = train(
        tmp_path,
        HANOI,
        problems,
        watch,
        environment_factory=environment_factory(id, **(level if id else {})),
    )
    assert moved
    assert len(logs) == 3
    assert len(watch.seen) == 3 * 8
    ended = 0
    for seen in watch.seen:
        told = [m["content"] for m in seen["completion"] if m["role"] == "tool"]
        assert told, "the tool was not called"
        # A call more than is allowed is not carried out.
        actions = actions_of(seen["completion"])[: len(told)]
        first, said, total, is_over = by_hand(seen, actions)
        assert seen["prompt"][-1]["content"] == first  # and not twice
        if is_over:
            ended += 1
            said[-1] += "\nThe episode is over."
            said += ["The episode is over: nothing more counts."] * (len(told) - len(said))
        assert told == said
        assert seen["paid"] == total
    paid = [seen["paid"] for seen in watch.seen]
    assert len(set(paid)) > 2
    assert 0 < ended < len(paid)
    name = id or "ToolEnvironment"
    for step, log in enumerate(logs):
        mean = sum(paid[8 * step : 8 * step + 8]) / 8
        assert log[f"rewards/{name}/mean"] == pytest.approx(mean)
        assert log["tools/failure_frequency"] == 0
        assert log["tools/call_frequency"] >= 1


def test_a_group_shares_its_problem_and_another_has_another(tmp_path):
    watch = Watch()
    problems = to_dataset(rows("TowerOfHanoi-v0", 6, level=2) + rows("TextMaze-v0", 6, level=1))
    factory = environment_factory()
    words = [*HANOI, call("up"), call("left")]
    options = {"environment_factory": factory, "max_tool_calling_iterations": 1}
    train(tmp_path, words, problems, watch, **options)
    groups = [watch.seen[start : start + 4] for start in range(0, len(watch.seen), 4)]
    for group in groups:
        assert len({json.dumps(seen["prompt"]) for seen in group}) == 1
        first = [next(m["content"] for m in s["completion"] if m["role"] == "tool") for s in group]
        assert first == [by_hand(s, actions_of(s["completion"])[:1])[1][0] for s in group]
    assert len({group[0]["problem_id"] for group in groups}) == len(groups)
    assert {group[0]["id"] for group in groups} == {"TowerOfHanoi-v0", "TextMaze-v0"}


def test_a_data_set_of_seeds_alone(tmp_path):
    """Where the prompt does not have the problem, TRL adds it from the environment."""
    watch = Watch()
    prompt = [{"role": "user", "content": "Play this:\n"}]
    seeds = Dataset.from_list([{"prompt": prompt, "seed": seed} for seed in range(4)])
    factory = environment_factory("TowerOfHanoi-v0", level=2)
    train(
        tmp_path,
        HANOI,
        seeds,
        watch,
        environment_factory=factory,
        steps=1,
        max_tool_calling_iterations=1,
    )
    for seen in watch.seen:
        row = {"id": "TowerOfHanoi-v0", "kwargs": '{"level": 2}', **seen}
        first, said, _, _ = by_hand(row, actions_of(seen["completion"])[:1])
        assert seen["prompt"][-1]["content"] == f"Play this:\n{first}"
        assert next(m["content"] for m in seen["completion"] if m["role"] == "tool") == said[0]


def test_without_a_data_set_groups_would_not_share_a_problem(tmp_path):
    factory = environment_factory("TowerOfHanoi-v0", level=1)
    with pytest.raises(KeyError, match=r"no column seed.*to_dataset"):
        train(tmp_path, HANOI, None, environment_factory=factory)


@pytest.mark.parametrize(
    ("factory", "change", "error", "message"),
    [
        ({"id": "TextMaze-v0"}, {}, ValueError, "given 'TextMaze-v0', and a row has id 'TowerOf"),
        ({"id": "TowerOfHanoi-v0", "level": 3}, {}, ValueError, "leave the factory's arguments"),
        ({}, {"prompt": "text"}, TypeError, r"plain text: make the data set with to_dataset"),
        ({}, {"kwargs": {"level": None}}, ValueError, r"nothing cannot be seen.*to_dataset"),
        ({}, {"problem_id": "0" * 16}, ValueError, "another version of the package"),
    ],
)
def test_rows_that_fit_no_environment_are_named(factory, change, error, message):
    (row,) = to_dataset(rows("TowerOfHanoi-v0", 1, level=2))
    with pytest.raises(error, match=message):
        environment_factory(**factory)().reset(**{**row, **change})


def test_a_range_of_levels_is_the_same_in_a_row():
    (row,) = to_dataset(rows("TowerOfHanoi-v0", 1, level=(1, 3)))
    assert environment_factory("TowerOfHanoi-v0", level=(1, 3))().reset(**row) is None


def test_arguments_of_no_environment():
    with pytest.raises(TypeError, match="level: of which environment"):
        environment_factory(level=3)


def test_an_instance_plays_episode_after_episode():
    environment = environment_factory()()
    for row in to_dataset(rows("TowerOfHanoi-v0", 3, level=2, reveal=True)):
        assert environment.reset(**row) is None
        assert environment.get_reward() == 0.0
        for action in row["solution"]:
            said = environment.act(action)
        assert said.endswith("The episode is over.")
        assert environment.act("A to B") == "The episode is over: nothing more counts."
        assert environment.get_reward() == 1.0
    environment.reset(**row)
    with pytest.raises(TypeError, match="action must be a text, got 3"):
        environment.act(3)
    assert environment.get_reward() == 0.0  # a bad call is no way out of a bad reward


# Answers, by a function.


def boxed(row, reference):
    question = row["prompt"].split("$")[1]
    return f"\\boxed{{{question}}}", f"\\boxed{{{reference}}}"


@pytest.mark.parametrize("chat", [True, False])
def test_the_reward_function_trains_and_a_copied_question_is_paid_nothing(chat, tmp_path):
    (row,) = rows("MathBoxed-v0", 1, reveal=True, seed=3, **ARITHMETIC)
    copied, right = boxed(row, row["answer"])
    assert (score(row, copied), score(row, right)) == (0.0, 1.0)
    (told,) = rows("MathBoxed-v0", 1, seed=3, **ARITHMETIC)
    watch = Watch()
    problems = to_dataset([told] * 8, chat=chat)
    trainer, logs, moved = train(
        tmp_path, [copied, right], problems, environment_reward, watch, max_completion_length=16
    )
    assert moved
    said = [s["completion"][0]["content"] if chat else s["completion"] for s in watch.seen]
    assert {copied, right} == set(said)
    for step, log in enumerate(logs):
        batch = said[8 * step : 8 * step + 8]
        assert log["rewards/environment_reward/mean"] == batch.count(right) / len(batch)
    # What was paid is said more often.
    tokenizer = trainer.processing_class
    ids = torch.tensor([tokenizer("\n")["input_ids"]])
    logits = trainer.model(ids).logits[0, -1]
    paid, unpaid = (logits[tokenizer.convert_tokens_to_ids(word)] for word in (right, copied))
    assert paid > unpaid


def test_completions_in_every_shape():
    (row,) = to_dataset(rows("MathBoxed-v0", 1, reveal=True, **ARITHMETIC))
    right = f"\\boxed{{{row['answer']}}}"
    shapes = [
        right,
        [{"role": "assistant", "content": right}],
        [{"role": "assistant", "content": [{"type": "text", "text": right}]}],
        [{"role": "assistant", "content": "?"}, {"role": "assistant", "content": right}],
        [{"role": "assistant", "content": None, "reasoning_content": right}],
        [{"role": "assistant", "content": right}, {"role": "assistant", "tool_calls": []}],
        [{"role": "tool", "content": right}],
        [],
    ]
    columns = {name: [value] * len(shapes) for name, value in row.items()}
    assert environment_reward(shapes, **columns) == [1.0] * 4 + [0.0] * 4


def test_rows_of_several_ids_come_back_as_they_were():
    made = rows("MathBoxed-v0", 3, reveal=True, **ARITHMETIC)
    made += rows("KnightsAndKnavesBoxed-v0", 3, level=(2, 4), reveal=True)
    made += rows("LightsOutBoxed-v0", 3, max_turns=None, reveal=True)
    mixed = to_dataset(made)
    assert [json.loads(row["kwargs"]) for row in mixed] == [row["kwargs"] for row in made]
    assert [row["prompt"] for row in mixed] == [row["messages"] for row in made]
    columns = {name: mixed[name] for name in mixed.column_names}
    assert environment_reward([row["solution"][0] for row in made], **columns) == [1.0] * 9
    assert environment_reward(["no"] * 9, **columns) == [0.0] * 9


@pytest.mark.parametrize(
    "ids", [("TowerOfHanoi-v0", "ZebraBoxed-v0"), ("ZebraBoxed-v0", "TowerOfHanoi-v0")]
)
def test_rows_of_which_only_some_have_an_answer(ids):
    made = [row for id in ids for row in rows(id, 2, reveal=True)]
    mixed = to_dataset(made)
    for name in ("answer", "form", "solution"):
        assert list(mixed[name]) == [row.get(name) for row in made]
    assert {row.get("form") for row in made} == {None, "boxed"}


def test_a_table_that_filled_arguments_up_is_refused():
    made = rows("MathBoxed-v0", 1, **ARITHMETIC) + rows("ZebraBoxed-v0", 1, split="test")
    table = Dataset.from_list(made)
    columns = {name: table[name] for name in table.column_names if name != "prompt"}
    with pytest.raises(ValueError, match=r"kwargs says .*None.*to_dataset\(rows\)"):
        environment_reward(["1", "2"], **columns)
    with pytest.raises(KeyError, match=r"no column id, kwargs, .*to_dataset\(rows"):
        environment_reward(["1", "2"], answer=["1", "2"])


def test_a_column_cannot_lower_the_isolation_of_programs(tmp_path):
    """TRL gives each column of a data set to the function, as the argument of its name."""
    (row,) = rows("CodeFunction-v0", 1, level=1, sandbox="process-unsafe")
    problems = to_dataset([{**row, "allow_unsafe": True}] * 8)
    with pytest.raises(TypeError, match="a column allow_unsafe, and rows cannot decide that"):
        train(tmp_path, ["no", "yes"], problems, environment_reward, max_completion_length=16)


# What a sandbox failed to judge.


class Flaky:
    """A sandbox that fails for programs with a mark, and runs the others."""

    def __init__(self):
        self.inner = sandbox._shared["process-unsafe"]
        self.image = self.inner.image

    def run(self, submission):
        if "# lost" in submission.source:
            raise SandboxFailure("the engine does not answer")
        return self.inner.run(submission)


@pytest.fixture
def programs(monkeypatch):
    """Rows with programs, and a right one for each."""
    made = rows("CodeFunction-v0", 2, level=1, sandbox="process-unsafe", reveal=True)
    for row in made:
        assert score(row, row["solution"][0], allow_unsafe=True) == 1.0
    monkeypatch.setitem(sandbox._shared, "process-unsafe", Flaky())
    return made


def lost(program):
    return program.replace("```python\n", "```python\n# lost\n")


def unsafe_reward(completions, **columns):
    return environment_reward(completions, allow_unsafe=True, **columns)


def test_a_failure_of_the_sandbox_does_not_count(programs, tmp_path):
    right = programs[0]["solution"][0]
    wrong, unjudged = "```python\npass\n```", lost(right)
    answers = [right, wrong, unjudged]
    problems = to_dataset([programs[0]] * 8)
    columns = {name: problems[name][:3] for name in problems.column_names}
    with pytest.raises(ValueError, match="allow_unsafe=True"):
        environment_reward(answers, **columns)
    assert unsafe_reward(answers, **columns) == [1.0, 0.0, None]

    watch = Watch()
    trainer, logs, _ = train(tmp_path, answers, problems, unsafe_reward, steps=1)
    said = list(trainer._logs["completion"])
    advantages = list(trainer._logs["advantages"])
    said = [messages[0]["content"] for messages in said]
    judged = [text for text in said if text != unjudged]
    assert set(said) == set(answers)
    assert logs[0]["rewards/unsafe_reward/mean"] == pytest.approx(judged.count(right) / len(judged))
    assert all(a == 0.0 for a, text in zip(advantages, said, strict=True) if text == unjudged)
    assert not math.isnan(sum(advantages))
    assert watch.seen == []


def test_a_tool_call_that_was_not_judged_does_not_count_and_may_be_made_again(programs):
    row = to_dataset(programs)[0]
    environment = environment_factory(allow_unsafe=True)()
    environment.reset(**row)
    with pytest.raises(SandboxFailure):
        environment.act(lost(row["solution"][0]))
    assert environment.get_reward() is None
    environment.act(row["solution"][0])
    assert environment.get_reward() == 1.0
    environment.reset(**row)
    assert environment.get_reward() == 0.0
    with pytest.raises(ValueError, match="allow_unsafe=True"):
        environment_factory()().reset(**row)


def test_what_an_environment_fails_with_ends_the_training(monkeypatch):
    """TRL tells the model what a tool raised, and would go on with a reward of nothing."""
    row = to_dataset(rows("TowerOfHanoi-v0", 1, level=1))[0]
    environment = environment_factory()()
    environment.reset(**row)

    def fails(action):
        raise OSError("no such engine")

    monkeypatch.setattr(environment._env, "step", fails)
    with pytest.raises(OSError, match="no such engine"):
        environment.act("A to B")
    with pytest.raises(OSError, match="no such engine"):
        environment.get_reward()


def test_examples_in_the_docstrings():
    assert doctest.testmod(plug).attempted > 3
    assert doctest.testmod(plug).failed == 0


def test_the_lines_of_the_page(tmp_path):
    """A model of one's own, a few steps, and all of it as it stands there."""
    tokenizer = tokenizer_of(HANOI)
    tokenizer.save_pretrained(tmp_path / "model")
    model_of(tokenizer, HANOI).save_pretrained(tmp_path / "model")
    few = (
        'GRPOConfig(output_dir="run", max_steps=1, per_device_train_batch_size=4,'
        " num_generations=4, max_completion_length=600, max_tool_calling_iterations=2,"
        ' report_to="none", save_strategy="no", logging_steps=1, use_cpu=True, bf16=False)'
    )
    changes = {"Qwen/Qwen3-0.6B": "model", "GRPOConfig(max_steps=200)": few}
    said = run(lines("TRL", changes), tmp_path)
    assert "rewards/environment_reward/mean" in said
    assert "rewards/ToolEnvironment/mean" in said
