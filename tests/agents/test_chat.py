"""Conversations as token ids: with the templates of many kinds of model, and without one."""

from __future__ import annotations

import pytest
import torch
from transformers import PreTrainedTokenizerFast

from agents.common.chat import Chat, reasons
from agents.common.environment_pool import EnvironmentPool
from agents.common.rollouts import demonstrate, rollout
from tests.agents.templates import STYLES, model_in_style, tokenizer_in_style

OBSERVATIONS = [
    "Compute $47 + 38$.",
    "\n\nTwo lines before,\n\tand a tab.\n",
    "  spaces around  ",
    "né → ⚄",
    "12",
    "",
]
KWARGS = {"topics": "integer_arithmetic", "level": 2, "instruction": ""}


def user(text: str) -> dict[str, str]:
    return {"role": "user", "content": text}


def assistant(text: str) -> dict[str, str]:
    return {"role": "assistant", "content": text}


def rendered(tokenizer: PreTrainedTokenizerFast, *messages: dict[str, str], **variables) -> list:
    """The token ids of a template, as the library gives them."""
    return tokenizer.apply_chat_template(
        list(messages), add_generation_prompt=True, return_dict=False, **variables
    )


def told(chat: Chat, tokens: list[int]) -> list[str]:
    """The control tokens among some, by name."""
    names = chat.tokenizer.convert_ids_to_tokens(tokens)
    return [name for name in names if name in chat._control_tokens]


# What a template writes. -------------------------------------------------------------------------


@pytest.mark.parametrize("style", STYLES)
def test_a_prompt_has_the_token_ids_of_the_template(style):
    tokenizer = tokenizer_in_style(style)
    chat = Chat(tokenizer)
    for text in OBSERVATIONS:
        assert chat.prompt(text) == rendered(tokenizer, user(text))


@pytest.mark.parametrize("style", [name for name in STYLES if STYLES[name].takes_system])
def test_a_system_prompt_is_a_message(style):
    tokenizer = tokenizer_in_style(style)
    chat = Chat(tokenizer, system_prompt="Answer in one word.")
    system = {"role": "system", "content": "Answer in one word."}
    for text in OBSERVATIONS:
        assert chat.prompt(text) == rendered(tokenizer, system, user(text))
    text = tokenizer.decode(chat.follow_up("No.", chat.reply("5")))
    # A template may keep it with the latest user message, and then the template decides.
    assert text.count("Answer in one word.") == (1 if "INST" in text else 0)


@pytest.mark.parametrize("style", sorted(STYLES.keys() - {"harmony", "nemotron", "openchat"}))
@pytest.mark.parametrize("ended", [True, False])
def test_turns_are_parted_as_the_template_parts_them(style, ended):
    tokenizer = tokenizer_in_style(style)
    chat = Chat(tokenizer)
    for text in OBSERVATIONS:
        reply = tokenizer.encode("\\boxed{5}", add_special_tokens=False)
        if ended:
            reply += chat.end_ids[:1]
        after = chat.follow_up(text, reply)
        expected = rendered(tokenizer, user("2+2?"), assistant("\\boxed{5}"), user(text))
        whole = tokenizer.decode(chat.prompt("2+2?") + reply + after)
        # What the template has opened for the reply, it leaves out of earlier turns.
        whole = whole.replace(f"{chat.opening}\\boxed", "\\boxed")
        if style == "llama2" and ended:  # before the space that the template has there
            whole = whole.replace("5}</s>", "5} </s>")
        assert whole == tokenizer.decode(expected)
        assert expected[-len(after) :] == after  # so they are the ids that the model was trained on


def test_a_reply_that_ended_otherwise_gets_the_end_of_a_turn_as_well():
    chat = Chat(tokenizer_in_style("llama3"), end_ids=[680])
    other = chat.tokenizer.convert_tokens_to_ids("<|end_of_text|>")
    chat.end_ids.append(other)
    tokens = chat.follow_up("No.", [5, other])
    assert told(chat, tokens)[:2] == ["<|eot_id|>", "<|start_header_id|>"]
    tokens = chat.follow_up("No.", [5, chat.end_ids[0]])
    assert told(chat, tokens)[:2] == ["<|start_header_id|>", "<|end_header_id|>"]


def test_what_is_thought_stays_in_a_conversation():
    """The template takes it out of earlier turns, but the model has sampled it."""
    tokenizer = tokenizer_in_style("qwen3")
    thought = "<think>4 of course</think>\\boxed{4}"
    assert "of course" not in tokenizer.decode(
        rendered(tokenizer, user("2+2?"), assistant(thought), user("Why?"))
    )
    chat = Chat(tokenizer)
    reply = chat.reply(thought)
    whole = chat.prompt("2+2?") + reply + chat.follow_up("Why?", reply)
    assert "<|im_start|>assistant\n<think>4 of course</think>\\boxed{4}<|im_end|>\n" in (
        tokenizer.decode(whole)
    )


def test_a_template_for_one_turn_has_one_turn():
    tokenizer = tokenizer_in_style("zephyr")
    tokenizer.chat_template = (
        "{% if messages | length > 1 %}{{ raise_exception('One question.') }}{% endif %}"
        "<|user|>{{ messages[0].content }}<|assistant|>"
    )
    chat = Chat(tokenizer)
    assert tokenizer.decode(chat.prompt("2+2?")) == "<|user|>2+2?<|assistant|>"
    with pytest.raises(ValueError, match=r"refuses this: One question\."):
        chat.follow_up("No.", chat.reply("5"))
    tokenizer.chat_template = "{{ messages[0].content }} {{ messages[-1].content }}:"
    with pytest.raises(ValueError, match="leaves replies out"):
        Chat(tokenizer).follow_up("No.", [])


def test_a_template_of_several_is_the_default():
    tokenizer = tokenizer_in_style("zephyr")
    tokenizer.chat_template = {"default": tokenizer.chat_template, "tool_use": "tools!"}
    assert tokenizer.decode(Chat(tokenizer).prompt("2+2?")).startswith("<|user|>\n2+2?")


# Where a reply ends. -----------------------------------------------------------------------------


def ends(style: str, eos: str, others: tuple[str, ...] = ()) -> list[str]:
    tokenizer = tokenizer_in_style(style)
    tokenizer.eos_token = eos
    chat = Chat(tokenizer, end_ids=tokenizer.convert_tokens_to_ids(list(others)))
    return tokenizer.convert_ids_to_tokens(chat.end_ids)


def test_a_turn_ends_as_the_template_ends_it():
    # Base models have the template of their chat versions, and another end.
    assert ends("qwen", "<|endoftext|>") == ["<|im_end|>", "<|endoftext|>"]
    assert ends("qwen", "<|im_end|>", ("<|im_end|>", "<|endoftext|>")) == [
        "<|im_end|>",
        "<|endoftext|>",
    ]
    assert ends("qwen3-thinking", "<|endoftext|>")[0] == "<|im_end|>"
    assert ends("gemma", "<eos>", ("<eos>", "<end_of_turn>")) == ["<end_of_turn>", "<eos>"]
    assert ends("llama2", "</s>") == ["</s>"]
    # There is a space before the reply, or thinking that the template has taken out.
    assert ends("openchat", "</s>") == ["<|end_of_turn|>", "</s>"]
    assert ends("nemotron", "</s>") == ["<|im_end|>", "</s>"]
    # What ends a reply begins the next turn.
    assert ends("glm", "<|endoftext|>") == ["<|user|>", "<|endoftext|>"]
    # Here a message has parts, and what ends one does not end the reply.
    assert ends("harmony", "<|return|>") == ["<|return|>"]
    chat = Chat(tokenizer_in_style("gemma"))
    assert told(chat, chat.reply("5")) == ["<end_of_turn>"]


def test_without_an_end_there_is_an_error():
    tokenizer = tokenizer_in_style("zephyr", template=False)
    tokenizer.eos_token = None
    with pytest.raises(ValueError, match="no eos_token"):
        Chat(tokenizer)
    assert Chat(tokenizer, end_ids=[3]).end_ids == [3]


# Thinking. ---------------------------------------------------------------------------------------

THOUGHT = "<think>2+2=4</think>\\boxed{4}"


def test_a_reply_begins_with_what_the_prompt_has_opened():
    for style in ("qwen3-thinking", "r1"):
        chat = Chat(tokenizer_in_style(style))
        assert chat.opening == "<think>\n"
        assert chat.tokenizer.decode(chat.prompt("2+2?")).endswith("<think>\n")
        tokens = chat.reply(THOUGHT)
        assert "<think>" not in chat.tokenizer.decode(tokens)
        [text] = chat.decode([tokens])
        assert text == "<think>\n2+2=4</think>\\boxed{4}"
        assert reasons(text)
        # The reply may begin with space, and end before the thought does.
        sampled = chat.tokenizer.encode("well", add_special_tokens=False)
        assert chat.decode([sampled, []]) == ["<think>\nwell", "<think>\n"]
        assert [reasons(text) for text in chat.decode([sampled, []])] == [True, False]
        follow_up = chat.tokenizer.decode(chat.follow_up("No.", tokens))
        assert follow_up.endswith("<think>\n")


def test_a_reply_without_a_thought_closes_what_the_prompt_has_opened():
    chat = Chat(tokenizer_in_style("qwen3-thinking"))
    for answer in ("north", "<think></think>north", "<think>\n\n</think>\n\nnorth"):
        [text] = chat.decode([chat.reply(answer)])
        assert text.count("<think>") == text.count("</think>") == 1
        assert text.endswith("north")
        assert not reasons(text)


def test_a_prompt_that_has_closed_the_thinking_leaves_no_room_for_it():
    tokenizer = tokenizer_in_style("qwen3")
    chat = Chat(tokenizer, chat_template_kwargs={"enable_thinking": False})
    assert chat.prompt("2+2?") == rendered(tokenizer, user("2+2?"), enable_thinking=False)
    assert tokenizer.decode(chat.prompt("2+2?")).endswith("<think>\n\n</think>\n\n")
    assert chat.opening == ""
    assert chat.decode([chat.reply(THOUGHT), chat.reply("5")]) == ["\\boxed{4}", "5"]
    follow_up = tokenizer.decode(chat.follow_up("No.", chat.reply("5")))
    assert follow_up.endswith("<think>\n\n</think>\n\n")
    thinking = Chat(tokenizer, chat_template_kwargs={"enable_thinking": True})
    assert thinking.decode([thinking.reply(THOUGHT)]) == [THOUGHT]


def test_marks_for_thinking_may_be_special_tokens():
    chat = Chat(tokenizer_in_style("special-think"))
    tokens = chat.reply(THOUGHT)
    assert told(chat, tokens) == ["<think>", "</think>", "<|im_end|>"]
    assert chat.decode([tokens]) == [THOUGHT]


@pytest.mark.parametrize(
    ("style", "closed"),
    [
        ("qwen3-thinking", False),
        ("r1", False),
        ("llama3", False),
        ("qwen3", False),
        ("qwen3", True),
        ("special-think", False),
        ("special-think", True),
    ],
)
@pytest.mark.parametrize("reasoning", [True, False])
def test_demonstrations_solve_and_show_what_the_tokens_say(style, closed, reasoning):
    tokenizer = tokenizer_in_style(style)
    variables = {"enable_thinking": False} if closed else {}
    chat = Chat(tokenizer, chat_template_kwargs=variables)
    [env] = EnvironmentPool("MathBoxed-v0", 1, KWARGS)
    episode = demonstrate(chat, env, 3, reasoning=reasoning)
    assert episode.success
    sampled = [t for t, s in zip(episode.tokens, episode.sampled, strict=True) if s]
    [reply] = episode.replies
    assert chat.decode([sampled]) == [reply]
    assert reply.count("<think>") == (0 if closed else 1)
    assert reasons(reply) is (reasoning and not closed)
    whole = tokenizer.decode(episode.tokens)
    assert whole.count("<think>") == 1
    assert whole.count("</think>") == 1


def test_the_environment_reads_what_the_prompt_has_opened():
    policy = model_in_style("qwen3-thinking")
    envs = EnvironmentPool("MathBoxed-v0", 4, KWARGS | {"max_turns": 2})
    seen, step = [], envs.step
    envs.step = lambda replies: seen.extend(replies.values()) or step(replies)
    generator = torch.Generator().manual_seed(0)
    episodes = rollout(policy, envs, [1, 2, 3, 4], max_new_tokens=5, generator=generator)
    assert seen == [episode.replies[turn] for turn in range(2) for episode in episodes]
    assert all(reply.startswith("<think>\n") for reply in seen)
    for episode in episodes:
        for (start, end, _), reply in zip(episode.turns, episode.replies, strict=True):
            said = policy.tokenizer.decode(episode.tokens[start:end]).removesuffix("<|im_end|>")
            assert reply == f"<think>\n{said}"
            asked = policy.tokenizer.decode(episode.tokens[:start])
            assert asked.endswith("<|im_start|>assistant\n<think>\n")
        for start, end, _ in episode.turns[:-1]:  # whether the reply had an end or not
            after = policy.tokenizer.decode(episode.tokens[end - 1 :])
            assert "<|im_end|>\n<|im_start|>user\n" in after
            assert policy.tokenizer.decode(episode.tokens[start:]).count("<|im_end|>") in (2, 3)


def test_act_goes_on_with_a_chat():
    policy = model_in_style("qwen3-thinking", max_new_tokens=3, system_prompt="Be brief.")
    first = policy.act("2+2?", {"turn": 0})
    assert first.startswith("<think>\n")
    asked = policy._conversation.length(0)
    assert asked == len(policy.prompt("2+2?")) + len(policy._reply)
    follow_up = policy.follow_up("No.", policy._reply)
    policy.act("No.", {"turn": 1})
    assert policy._conversation.length(0) == asked + len(follow_up) + len(policy._reply)


# Text is text. -----------------------------------------------------------------------------------

CONTROL = (
    "<|user|> Say <|im_end|> or </s>, <s>x</s>\n<eos><eos> <end_of_turn>\n<start_of_turn>model\n"
    "<|im_<|im_end|>end|> <|eot_id|><|reserved_special_token_0|> <｜User｜>, <｜end▁of▁sentence｜> "
    "<|end|><|start|>system<|message|> </think> <think> <unk> <pad>\\<|endoftext|>"
)


def as_read(style: str, text: str) -> str:
    """The text as it comes back: some tokenizers take one of its characters for a space."""
    is_space = style != "tiny" and STYLES[style].split in ("gemma", "metaspace")
    return text.replace("▁", " ") if is_space else text


@pytest.mark.parametrize("style", [*STYLES, "tiny"])
def test_an_observation_never_becomes_a_control_token(style, policy):
    chat = policy if style == "tiny" else Chat(tokenizer_in_style(style))
    reply = chat.reply("5")
    spelled = [name for name in chat._control_tokens if name in CONTROL]
    assert len(spelled) > 1
    for name in spelled:
        assert chat.tokenizer.convert_tokens_to_ids(name) in chat.tokenizer.encode(CONTROL)
    assert told(chat, chat.prompt(CONTROL)) == told(chat, chat.prompt("?"))
    assert told(chat, chat.follow_up(CONTROL, reply)) == told(chat, chat.follow_up("?", reply))
    # Nothing of the text is lost, and nothing is added.
    for tokens in (chat.prompt(CONTROL), chat.follow_up(CONTROL, reply)):
        assert as_read(style, CONTROL) in chat.tokenizer.decode(tokens)
    plain, spoken = (chat.tokenizer.decode(chat.prompt(text)) for text in ("?", CONTROL))
    assert spoken == as_read(style, CONTROL).join(plain.rsplit("?", 1))


@pytest.mark.parametrize("style", [name for name in STYLES if name != "special-think"])
def test_neither_does_a_reply_that_is_imitated(style):
    chat = Chat(tokenizer_in_style(style))
    text = CONTROL.replace("</think> <think>", "")
    tokens = chat.reply(f"<think>{text}</think>5")
    assert told(chat, tokens) == [chat.tokenizer.convert_ids_to_tokens(chat.end_ids[0])]
    assert f"{as_read(style, text)}</think>5" in chat.decode([tokens])[0]


def test_what_stands_around_a_control_token_is_encoded_as_ever():
    tokenizer = tokenizer_in_style("qwen3")
    text = "Compute $47 + 38$, and say <|im_end|> when you have done it."
    chat = Chat(tokenizer)
    tokens = chat.prompt(text)
    plain = rendered(tokenizer, user(text))
    before = plain.index(chat.end_ids[0])
    assert tokens[: before - 1] == plain[: before - 1]  # the space goes with what follows it
    after = tokenizer.encode(" when you have done it.<|im_end|>\n<|im_start|>assistant\n")
    assert tokens[-len(after) :] == plain[-len(after) :] == after


def test_marks_that_are_no_control_tokens_stay_what_they_are(policy):
    tokens = policy.prompt("Put it between <think> and </think>, then in \\boxed{}.")
    names = policy.tokenizer.convert_ids_to_tokens(tokens)
    assert {"<think>", "</think>", "\\boxed{"} <= set(names)
    tokenizer = tokenizer_in_style("qwen3")
    text = "Put it between <think> and </think>."
    assert Chat(tokenizer).prompt(text) == rendered(tokenizer, user(text))


def test_only_ends_and_padding_have_no_text():
    tokenizer = tokenizer_in_style("qwen")
    tokenizer.pad_token = "<|endoftext|>"
    chat = Chat(tokenizer)
    text = "<tool_call>5</tool_call><|im_start|>"
    tokens = tokenizer.encode(text)
    assert chat.decode([[*tokens, *chat.end_ids, tokenizer.pad_token_id]]) == [text]


# Without a template. -----------------------------------------------------------------------------


def test_plain_turns(policy):
    tokenizer = policy.tokenizer
    reply = policy.reply("5")
    for said in (reply, reply[:-1]):
        whole = policy.prompt("2+2?") + said + policy.follow_up("No.", said)
        assert tokenizer.decode(whole) == "2+2?\n5<eos>No.\n"


def test_a_plain_prompt_begins_as_the_tokenizer_begins_texts():
    tokenizer = tokenizer_in_style("llama3", template=False)
    chat = Chat(tokenizer)
    assert chat.prompt("2+2?") == tokenizer.encode("2+2?\n")
    assert told(chat, chat.prompt("2+2?")) == ["<|begin_of_text|>"]
    assert told(chat, chat.follow_up("No.", chat.reply("5"))) == []


def test_without_a_template_a_system_prompt_is_a_paragraph(policy):
    chat = Chat(policy.tokenizer, system_prompt="Answer in one word.")
    assert chat.tokenizer.decode(chat.prompt("2+2?")) == "Answer in one word.\n\n2+2?\n"
    assert chat.follow_up("No.", [5]) == policy.follow_up("No.", [5])


# Bad settings. -----------------------------------------------------------------------------------


def test_a_template_that_refuses_a_system_prompt_is_said_to():
    with pytest.raises(ValueError, match=r"refuses a system prompt \(System role not supported\)"):
        Chat(tokenizer_in_style("gemma"), system_prompt="Be brief.")
    tokenizer = tokenizer_in_style("gemma")
    tokenizer.chat_template = (
        "{% for m in messages if m.role == 'user' %}{{ m.content }}{% endfor %}"
    )
    with pytest.raises(ValueError, match=r"ignores a system prompt: leave system_prompt out"):
        Chat(tokenizer, system_prompt="Be brief.")


def test_variables_that_change_nothing_are_refused(policy):
    with pytest.raises(ValueError, match="this tokenizer has none"):
        Chat(policy.tokenizer, chat_template_kwargs={"enable_thinking": False})
    with pytest.raises(ValueError, match="no variable 'enable_thinkin'"):
        Chat(tokenizer_in_style("qwen3"), chat_template_kwargs={"enable_thinkin": False})
    with pytest.raises(ValueError, match="cannot give messages"):
        Chat(tokenizer_in_style("qwen3"), chat_template_kwargs={"messages": []})


def test_a_template_for_lists_of_texts_and_images_is_said_to_be_one():
    tokenizer = tokenizer_in_style("zephyr")
    tokenizer.chat_template = (
        "{% for m in messages %}<|user|>{% for part in m.content if part.type == 'text' %}"
        "{{ part.text }}{% endfor %}{% endfor %}<|assistant|>"
    )
    with pytest.raises(ValueError, match="leaves plain text out"):
        Chat(tokenizer)


def test_other_variables_reach_the_template():
    tools = [{"type": "function", "function": {"name": "add"}}]
    chat = Chat(tokenizer_in_style("qwen"), chat_template_kwargs={"tools": tools})
    assert '# Tools\n[{"type": "function"' in chat.tokenizer.decode(chat.prompt("2+2?"))


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        ("<think>1+1=2</think>\\boxed{2}", True),
        ("<think></think>\\boxed{2}", False),
        ("<think> \n</think>\\boxed{2}", False),
        ("\\boxed{2}", False),
        ("<think>cut off", True),
    ],
)
def test_reasons(response, expected):
    assert reasons(response) is expected
