"""Inference-time agents: what they ask, what they choose, and what it costs, to the token."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

import pytest
import torch

from agents.common.language_model import LanguageModel, tiny
from agents.common.players import LanguageModelPlayer
from agents.common.votes import same_answer, vote
from agents.inference import (
    REWRITE,
    BestOfN,
    BudgetForcing,
    EarlyExit,
    Revise,
    SelfConsistency,
    System2Attention,
    wrapped,
)
from reasoning_gym_envs.evaluation import Reply, Turn, evaluate, suite_of
from reasoning_gym_envs.evaluation.players import (
    NO_SYSTEM_PROMPT,
    Constant,
    Message,
    RandomPlayer,
    Reference,
)
from tests.evaluation.players import Dice, InThreads, Together


class Nobody:
    """An environment that must not be looked at."""

    def __getattribute__(self, name: str) -> Any:
        raise AssertionError(f"a wrapper reads turn.env.{name}")


class Info(dict):
    """What tells of rewards must not be looked at."""

    def __getitem__(self, name: str) -> Any:
        assert name == "admissible_commands", f"a wrapper reads info[{name!r}]"
        return super().__getitem__(name)

    def get(self, name: str, default: Any = None) -> Any:
        assert name == "admissible_commands", f"a wrapper reads info[{name!r}]"
        return super().get(name, default)


QUESTION: list[Message] = [{"role": "user", "content": "What is 1/2?"}]
VERDICT = Info(is_success=True, reward_terms={"solved": 1.0}, answer_status="correct")
TURN = Turn(7, VERDICT, Nobody())  # type: ignore[arg-type]
AT_A_CROSSING = Turn(7, Info(VERDICT, admissible_commands=["north", "east"]), Nobody())  # type: ignore[arg-type]


def asked(text: str) -> Message:
    return {"role": "user", "content": text}


def said(text: str) -> Message:
    return {"role": "assistant", "content": text}


class Script:
    """Says one text after another, and remembers what it was asked.

    The n-th prompt has 100 tokens and the n-th reply 10 + n, for a cost of n dollars.
    """

    about = {"agent": "script"}  # noqa: RUF012

    def __init__(self, *texts: str | Reply, counts: bool = True) -> None:
        self.texts = list(texts)
        self.counts = counts
        self.conversations: list[list[Message]] = []
        self.turns: list[Turn] = []

    def reply(self, messages: Sequence[Message], turn: Turn) -> Reply:
        self.conversations.append(list(messages))
        self.turns.append(turn)
        number = len(self.turns)
        text = self.texts.pop(0)
        if isinstance(text, Reply):
            return text
        return Reply(text, 100, 10 + number, cost=number) if self.counts else Reply(text)


# Budgets and seeds. ------------------------------------------------------------------------------


def test_every_call_is_counted():
    player = Script(r"\boxed{3}", r"\boxed{4}", r"\boxed{4}")
    reply = SelfConsistency(player, 3).reply(QUESTION, TURN)
    assert reply == Reply(r"\boxed{4}", 300, 11 + 12 + 13, cost=1 + 2 + 3, discarded_tokens=11 + 13)


def test_what_is_not_known_of_one_call_is_not_known_of_all():
    replies = [Reply("a", 1, None, cost=1), Reply("b", None, 5, cost=None), Reply("b", 3, 4)]
    reply = SelfConsistency(Script(*replies), 3).reply(QUESTION, TURN)
    assert reply == Reply("b", None, None, cost=None, discarded_tokens=None)


@pytest.mark.parametrize(
    ("limit", "calls"), [(1, 1), (221, 1), (222, 2), (334, 2), (335, 3), (10**6, 8)]
)
def test_a_call_begins_where_one_like_the_largest_fits(limit, calls):
    """The calls have 111, 112, 113 … tokens: one more than could be told before."""
    player = Script(*["a"] * 8)
    SelfConsistency(player, 8, tokens=limit).reply(QUESTION, TURN)
    assert len(player.turns) == calls


@pytest.mark.parametrize(
    ("make", "calls"),
    [
        (lambda p: BestOfN(p, 9, lambda messages, text: 0.0, tokens=500), 4),
        (lambda p: BestOfN(p, 9, tokens=500), 4),
        (lambda p: BestOfN(p, 9, tokens=400), 2),
        (lambda p: Revise(p, 9, tokens=500), 4),
        (lambda p: Revise(p, 9, "What is wrong?", tokens=500), 3),
    ],
)
def test_all_wrappers_keep_the_same_budget(make, calls):
    player = Script(*["a"] * 9)
    reply = make(player).reply(QUESTION, TURN)
    assert len(player.turns) == calls
    assert reply.prompt_tokens + reply.completion_tokens <= 500


def test_a_budget_needs_a_player_that_counts():
    with pytest.raises(ValueError, match="needs a player that counts"):
        SelfConsistency(Script("a", "b", counts=False), 2, tokens=100).reply(QUESTION, TURN)


def test_each_call_has_a_seed_of_its_own_also_inside_one_another():
    player = Script(*["a"] * 9)
    SelfConsistency(SelfConsistency(player, 3), 3).reply(QUESTION, TURN)
    seeds = [turn.seed for turn in player.turns]
    assert len({*seeds, TURN.seed}) == 10
    again = Script(*["a"] * 3)
    SelfConsistency(again, 3).reply(QUESTION, TURN)
    first, second = Script("a"), Script("a")
    SelfConsistency(first, 1).reply(QUESTION, TURN)
    SelfConsistency(second, 1).reply(QUESTION, Turn(8, VERDICT, TURN.env))
    assert first.turns[0].seed == again.turns[0].seed != second.turns[0].seed


class Counted(Together):
    """Notes how many conversations it is asked at a time."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def replies(
        self, conversations: Sequence[Sequence[Message]], turns: Sequence[Turn]
    ) -> list[Reply]:
        self.sizes.append(len(turns))
        return super().replies(conversations, turns)


def lines(path, player):
    """The lines of a run, sorted, without their seconds; and what came out."""
    summary = evaluate(lambda: player, suite_of(["MathBoxed-v0"], count=30), out=path)
    records = map(json.loads, (path / "episodes.jsonl").read_text().splitlines())
    found = [{k: v for k, v in record.items() if k != "seconds"} for record in records]
    return sorted(found, key=lambda record: record["number"]), summary


def test_an_episode_is_the_same_wherever_it_is_played(tmp_path):
    """One by one, in batches, and in threads; and voting helps who is right in six of ten."""
    counted = Counted()
    alone, summary = lines(tmp_path / "alone", SelfConsistency(Dice(), 5))
    batches, _ = lines(tmp_path / "batches", SelfConsistency(counted, 5))
    threads, _ = lines(tmp_path / "threads", SelfConsistency(InThreads(), 5))
    _, single = lines(tmp_path / "single", Dice())
    assert alone == batches == threads
    assert counted.sizes == [7] * 5 * 4 + [2] * 5
    assert summary.total.success.value > single.total.success.value + 0.2
    assert summary.total.tokens > 3 * single.total.tokens
    (step,) = alone[0]["steps"]
    assert 0 < step["discarded_tokens"] < alone[0]["completion_tokens"]


class Guide:
    """Knows the way in six of ten turns, and says so in a box or without one."""

    about = {"agent": "guide"}  # noqa: RUF012

    def reply(self, messages: Sequence[Message], turn: Turn) -> Reply:
        draw = Random(turn.seed).random()
        known, possible = turn.env.solution()[0], turn.info["admissible_commands"]
        command = known if draw < 0.6 else possible[int(draw * 1000) % len(possible)]
        return Reply(f"\\boxed{{{command}}}" if draw < 0.2 else command)


def test_commands_are_voted_on_from_turn_to_turn(tmp_path):
    """Whether in a box or not; so the way becomes shorter."""
    suite, turns = suite_of(["TowerOfHanoi-v0"], levels=[3], count=20), []
    for player in (Guide(), SelfConsistency(Guide(), 9), Reference()):
        out = tmp_path / str(len(turns))
        evaluate(lambda player=player: player, suite, out=out)
        records = map(json.loads, (out / "episodes.jsonl").read_text().splitlines())
        turns.append(sum(record["turns"] for record in records))
    alone, together, shortest = turns
    assert shortest <= together < 1.2 * shortest < 1.5 * shortest < alone


def test_rounds_go_on_with_the_conversations_that_are_left():
    """Of two conversations one has used up its budget."""

    class ByLength:
        batch_size = 2
        sizes: list[int] = []  # noqa: RUF012

        def replies(
            self, conversations: Sequence[Sequence[Message]], turns: Sequence[Turn]
        ) -> list[Reply]:
            self.sizes.append(len(turns))
            return [Reply(m[0]["content"], 0, len(m[0]["content"])) for m in conversations]

    player = ByLength()
    wrapper = SelfConsistency(player, 4, tokens=20)  # type: ignore[arg-type]
    long, short = wrapper.replies([[asked("x" * 11)], [asked("yy")]], [TURN, TURN])
    assert player.sizes == [2, 1, 1, 1]
    assert (long.text, long.completion_tokens) == ("x" * 11, 11)
    assert (short.text, short.completion_tokens) == ("yy", 8)
    assert wrapper.batch_size == 2


# Votes and scores. -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("texts", "is_command", "winner"),
    [
        ([r"\boxed{3}", r"\boxed{0.5}", r"\boxed{½}"], False, 1),
        ([r"\boxed{3}", r"\boxed{\frac{2}{4}}", r"\boxed{50\%}", r"\boxed{3}"], False, 0),
        ([r"\boxed{3}", r"\boxed{4}"], False, 0),
        (["I do not know.", "I do not know.", r"\boxed{4}"], False, 2),
        (["", "<think>\\boxed{4}"], False, 0),
        ([r"\boxed{2, 4, 1, 3}", r"\boxed{1, 2, 3, 4}", r"\boxed{1,2,3,4}"], False, 1),
        ([r"\boxed{1 + 23}", r"\boxed{(4 - 1) * 8}", r"\boxed{(4-1) * 8}"], False, 1),
        ([r"\boxed{up, left}", r"\boxed{left, up}", r"\boxed{left,  up}"], False, 1),
        (["print(1)", "<think>hm</think>\nprint(2)", "print(2)"], False, 1),
        (["north", "<think>north</think>East.", "go north", "east", "go  east"], True, 1),
        (["a", r"So \boxed{\text{east}}", "East!", "a"], True, 0),
        (["<think>east", "<think>east", "north"], True, 2),
    ],
)
def test_votes(texts, is_command, winner):
    assert vote(texts, is_command=is_command) == winner


@pytest.mark.parametrize(
    ("answer", "other", "same"),
    [
        ("50%", "½", True),
        ("1,000", "1000", True),
        (r"2\sqrt{3}", r"\sqrt{12}", True),
        ("2x + 1", "1+2x", True),
        ("Yes", "yes", True),
        ("2,4,1,3", "2, 4, 1, 3", True),
        ("1, 0.5", "1, 1/2", True),
        ("2, 1", "1, 2", False),
        (r"\{2, 1\}", r"\{1, 2\}", True),
        ("(4-1)*8", "(4 - 1) * 8", True),
        ("(4 - 1) * 8", "1 + 23", False),
        ("(4 - 1) * 8", "24", False),
        ("24", "(4 - 1) * 8", False),
        ("left, up", "up, left", False),
        ("DRU", "URD", False),
        ("2 4", "24", False),
        ("0.333", "1/3", False),
    ],
)
def test_equal_answers(answer, other, same):
    assert same_answer(answer, other) is same


@pytest.mark.parametrize(
    "hostile",
    ["9^{9^{9^9}}", "100000!", "(" * 2000 + "1" + ")" * 2000, r"\sqrt{" * 500, "x" * 10**5, "}{"],
)
def test_hostile_answers_are_compared_as_they_are(hostile):
    assert same_answer(hostile, hostile)
    assert not same_answer(hostile, "1")
    assert not same_answer("1", hostile)


def test_commands_vote_where_they_are_asked_for():
    boxed = [r"\boxed{east}", "north", "Go north.", "north"]
    assert SelfConsistency(Script(*boxed), 4).reply(QUESTION, AT_A_CROSSING).text == "north"
    assert SelfConsistency(Script(*boxed), 4).reply(QUESTION, TURN).text == r"\boxed{east}"


def test_the_highest_score_is_chosen_and_of_equal_ones_the_first():
    seen = []

    def scorer(messages: Sequence[Message], text: str) -> float:
        seen.append((messages, text))
        return len(text)

    reply = BestOfN(Script("a", "bbb", "ccc", "dd"), 4, scorer).reply(QUESTION, TURN)
    assert reply == Reply("bbb", 400, 50, cost=10, discarded_tokens=50 - 12)
    assert seen == [(QUESTION, text) for text in ("a", "bbb", "ccc", "dd")]
    with pytest.raises(ValueError, match="the scorer gives no number for 'a'"):
        BestOfN(Script("a"), 1, lambda messages, text: math.nan).reply(QUESTION, TURN)


def test_the_player_scores_itself_and_that_costs_tokens():
    texts = ["a", "no idea", "b", r"\boxed{70}", "c", r"\boxed{9.5\%}", "d", r"\boxed{70}"]
    player = Script(*texts)
    reply = BestOfN(player, 4, "How good is it?").reply(QUESTION, TURN)
    assert reply == Reply("b", 800, sum(range(11, 19)), cost=36, discarded_tokens=116 - 13)
    assert player.conversations[::2] == [QUESTION] * 4
    assert player.conversations[3] == [*QUESTION, said("b"), asked("How good is it?")]


# Revision, and attention. ------------------------------------------------------------------------


def test_revisions_see_the_last_reply_alone():
    player = Script("a", "b", "c")
    reply = Revise(player, 2, prompt="Again.").reply(QUESTION, TURN)
    assert reply == Reply("c", 300, 36, cost=6, discarded_tokens=11 + 12)
    assert player.conversations == [
        QUESTION,
        [*QUESTION, said("a"), asked("Again.")],
        [*QUESTION, said("b"), asked("Again.")],
    ]


def test_feedback_is_asked_for_and_seen():
    player = Script("a", "too short", "aa")
    reply = Revise(player, 1, "What is wrong?", "Again.").reply(QUESTION, TURN)
    assert reply == Reply("aa", 300, 36, cost=6, discarded_tokens=11 + 12)
    opinion = [*QUESTION, said("a"), asked("What is wrong?")]
    assert player.conversations == [
        QUESTION,
        opinion,
        [*opinion, said("too short"), asked("Again.")],
    ]


def test_a_revision_that_is_cut_off_does_not_count():
    player = Script("a", Reply("b and", 100, 9, cut_off=True, cost=0))
    reply = Revise(player, 1).reply(QUESTION, TURN)
    assert reply == Reply("a", 200, 20, cost=1, discarded_tokens=9)


def test_the_prompt_is_rewritten_and_then_answered():
    messages = [*QUESTION, said("1"), asked("No. Tom has a dog. Try again.")]
    rewriter, player = Script("<think>The dog.</think> No. Try again. "), Script("0.5")
    wrapper = System2Attention(player, rewriter, "Leave out dogs.")
    reply = wrapper.reply(messages, TURN)
    assert reply == Reply("0.5", 200, 22, cost=2, discarded_tokens=11)
    assert rewriter.conversations == [
        [NO_SYSTEM_PROMPT, asked("Leave out dogs.\n\nNo. Tom has a dog. Try again.")],
    ]
    assert player.conversations == [[*messages[:2], asked("No. Try again.")]]
    assert wrapper.about["rewriter"] == {"agent": "script"}


@pytest.mark.parametrize(
    "nothing", ["", "<think>Hm.</think>", "<think>Hm", Reply("What", 1, 1, cut_off=True, cost=0)]
)
def test_where_nothing_was_rewritten_the_prompt_stays(nothing):
    player = Script(nothing, "0.5")
    assert System2Attention(player).reply(QUESTION, TURN).text == "0.5"
    assert player.conversations[1] == QUESTION


def test_the_rewriter_is_under_no_system_prompt():
    """It is told how to answer, and would. Who plays next is not under that of another either."""
    policy = tiny(0)
    player = LanguageModelPlayer(policy, {}, max_tokens=1)
    system: Message = {"role": "system", "content": "Think, and answer in a box."}

    def tokens(of: LanguageModelPlayer, *messages: Message) -> int:
        return of.reply(messages, at_the_begin()).prompt_tokens

    alone, under = tokens(player, *QUESTION), tokens(player, system, *QUESTION)
    assert alone < under
    assert tokens(player, *QUESTION) == alone == tokens(player, NO_SYSTEM_PROMPT, *QUESTION)
    policy.use_system_prompt(system["content"])
    own = LanguageModelPlayer(policy, {}, max_tokens=1)
    assert tokens(own, *QUESTION) == under
    assert tokens(own, NO_SYSTEM_PROMPT, *QUESTION) == alone
    assert tokens(own, *QUESTION) == under
    rewriting = [asked(f"{REWRITE}\n\n{QUESTION[0]['content']}")]
    reply = System2Attention(own).reply([system, *QUESTION], at_the_begin())
    answering = tokens(own, system, *QUESTION)  # what was cut off is not answered instead
    assert reply.prompt_tokens == tokens(player, NO_SYSTEM_PROMPT, *rewriting) + answering


def test_a_solution_can_be_asked_for_several_times_in_a_turn(tmp_path):
    suite = suite_of(["TowerOfHanoi-v0"], levels=(2,), count=2)
    for name in ("self_consistency:3", "revise:2"):
        wrapper = wrapped(name, Reference())
        assert evaluate(lambda w=wrapper: w, suite, out=tmp_path / name).total.success.value == 1


# Replies that are stopped, and go on. ------------------------------------------------------------


class Typist:
    """Writes a token a character, goes on with what has begun, and stops where it is told to."""

    continues = True
    about = {"agent": "typist"}  # noqa: RUF012

    def __init__(self, goes_on: Callable[[str], str]) -> None:
        self.goes_on = goes_on
        self.calls: list[tuple[str, int | None]] = []

    def reply(self, messages: Sequence[Message], turn: Turn) -> Reply:
        *before, last = messages
        begun = last["content"] if last["role"] == "assistant" else ""
        assert (before if begun else messages) == QUESTION
        self.calls.append((begun, turn.max_tokens))
        whole = self.goes_on(begun)
        text = whole[: turn.max_tokens]
        return Reply(text, len(begun), len(text), cut_off=len(text) < len(whole))


def thinks(begun: str) -> str:
    """Twenty signs of thought, ten more for each "Wait"; then an answer, which counts the waits."""
    thought = "<think>" + "." * 13 + "\nWait..........." * 9
    waits = begun.count("Wait")
    end = f"</think>\\boxed{{{waits}}}"
    if "</think>" in begun:
        rest = f"</think>\n\nFinal answer: \\boxed{{{waits}}}"
        return rest[rest.index("</think>") + len(begun.partition("</think>")[2]) + 8 :]
    length = 20 + 16 * waits
    assert begun == thought[: len(begun)]
    return thought[len(begun) : length] + end


def test_a_reply_of_enough_tokens_is_let_alone():
    player = Typist(thinks)
    text = "<think>.............</think>\\boxed{0}"
    reply = BudgetForcing(player, 30, 100).reply(QUESTION, TURN)
    assert reply == Reply(text, 0, len(text), discarded_tokens=0)
    assert player.calls == [("", 100)]
    again = BudgetForcing(Typist(thinks)).reply(QUESTION, TURN)
    assert again == reply


def test_a_short_reply_thinks_on_after_wait():
    """37 tokens, of which 17 are thrown away, and 28 more; then 28 again."""
    player = Typist(thinks)
    reply = BudgetForcing(player, 66, 500).reply(QUESTION, TURN)
    thought = "<think>.............\nWait...........\nWait..........."
    assert reply.text == f"{thought}</think>\\boxed{{2}}"
    assert [call for _, call in player.calls] == [500, 500 - 37, 500 - 37 - 28]
    assert player.calls[1][0] == thought[:25]
    assert player.calls[2][0] == thought[:41]
    assert reply.completion_tokens == 37 + 28 + 28
    assert reply.prompt_tokens == 0 + 25 + 41
    # By characters: 20 of 37 are kept, and 36 of what there is after the second call.
    assert reply.discarded_tokens == 93 - (round((20 + 28) * 36 / 53) + 28)


def test_a_long_thought_is_cut_short_and_answered():
    player = Typist(lambda begun: thinks(begun) if "</think>" in begun else "<think>" + "." * 999)
    reply = BudgetForcing(player, 0, 50).reply(QUESTION, TURN)
    begun = "<think>" + "." * 43 + "\n</think>\n\nFinal answer: \\boxed{"
    assert reply == Reply(begun + "0}", len(begun), 52, discarded_tokens=0)
    assert player.calls == [("", 50), (begun, 64)]


def test_an_answer_that_is_cut_goes_on():
    player = Typist(lambda begun: "<think>ab</think>\n\nFinal answer: \\boxed{12}"[len(begun) :])
    reply = BudgetForcing(player, 0, 30, final="?").reply(QUESTION, TURN)
    assert reply.text == "<think>ab</think>\n\nFinal answer: \\boxed{12}"
    assert player.calls == [("", 30), (reply.text[:30], 64)]
    assert reply.completion_tokens == len(reply.text)


def test_silence_after_wait_comes_to_an_end():
    player = Typist(lambda begun: "")
    reply = BudgetForcing(player, 5).reply(QUESTION, TURN)
    assert len(player.calls) == 5
    assert reply.completion_tokens == 0


def guesses(*answers: str) -> Callable[[str], str]:
    """Ten signs for each thought; after so many of them, this is the answer."""

    def goes_on(begun: str) -> str:
        thought, mark, _ = begun.partition("\n</think>")
        if mark:
            return answers[len(thought) // 10 - 1] + "} and so on, and on"
        return "0123456789" * len(answers) + "</think>"

    return goes_on


@pytest.mark.parametrize(
    ("answers", "stable", "pieces"),
    [
        (["1", "2", "0.5", "½", "9"], 2, 4),
        (["1", "1", "1", "9", "9"], 3, 3),
        (["1", "{", "1", "1", "9"], 2, 4),
        (["7", "8", "9", "9", "9"], 1, 1),
        (["1", "2", "3", "4", "5"], 2, 5),
    ],
)
def test_thinking_ends_where_the_answer_is_stable(answers, stable, pieces):
    player = Typist(guesses(*answers))
    wrapper = EarlyExit(player, 10, stable, 50, answer_tokens=9)
    reply = wrapper.reply(QUESTION, TURN)
    probe = "\n</think>\n\nFinal answer: \\boxed{"
    thought = ("0123456789" * 5)[: 10 * pieces]
    answer = (answers[pieces - 1] + "} and so on")[:9]
    assert reply.text == thought + probe + answer
    assert [most for _, most in player.calls] == [10, 9] * pieces
    assert reply.completion_tokens == (10 + 9) * pieces
    assert reply.discarded_tokens == 9 * (pieces - 1)
    assert reply.prompt_tokens == sum(len(begun) for begun, _ in player.calls)


def test_who_ends_by_itself_is_let_alone():
    text = "12345</think>\\boxed{7}"
    player = Typist(lambda begun: "7}." if "Final" in begun else text[len(begun) :])
    reply = EarlyExit(player, 4, 9).reply(QUESTION, TURN)
    assert reply.text == text
    assert [most for _, most in player.calls] == [4, 64] * 3 + [4] * 3  # it has begun to answer
    assert reply.discarded_tokens == 3 * len("7}.")


def test_commands_are_probed_too():
    def goes_on(begun: str) -> str:
        return "Go east." if "</think>" in begun else "x" * 99

    wrapper = EarlyExit(Typist(goes_on), 4, 2, probe="\n</think>\n")
    assert wrapper.reply(QUESTION, AT_A_CROSSING).text == "x" * 8 + "\n</think>\nGo east."


# By name, and what is refused. -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "kind", "settings"),
    [
        ("self_consistency:8", SelfConsistency, {"n": 8}),
        ("best_of_n:4", BestOfN, {"n": 4}),
        ("revise:2", Revise, {"turns": 2, "feedback": None}),
        ("budget_forcing:0:400", BudgetForcing, {"minimum": 0, "maximum": 400}),
        ("early_exit:32:3:400", EarlyExit, {"every": 32, "stable": 3, "maximum": 400}),
        ("system_2_attention", System2Attention, {"rewriter": None}),
        ("revise_with_feedback:2", Revise, {"turns": 2}),
    ],
)
def test_names(name, kind, settings):
    player = Typist(thinks)
    assert wrapped(name, player).about["agent"] == f"{name} of typist"
    wrapper = wrapped(f"{name}@1000", player)
    assert type(wrapper) is kind
    about = json.loads(json.dumps(wrapper.about))
    assert about["agent"] == f"{name}@1000 of typist"
    assert about["player"] == {"agent": "typist"}
    assert {**about, **settings, "tokens": 1000} == about
    assert bool(about.get("feedback")) == ("feedback" in name)


def test_about_names_the_scorer_and_goes_inside():
    wrapper = SelfConsistency(BestOfN(Constant("7"), 2, same_answer), 3)  # type: ignore[arg-type]
    assert wrapper.about["agent"] == "self_consistency:3 of best_of_n:2 of constant:7"
    assert wrapper.about["player"]["scorer"] == "agents.common.votes:same_answer"
    assert wrapper.about["player"]["player"] == {"agent": "constant:7"}


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: wrapped("self_consistancy:8", Dice()), "did you mean 'self_consistency'"),
        (lambda: wrapped("self_consistency", Dice()), "'self_consistency' is not of the form self"),
        (lambda: wrapped("system_2_attention:1", Dice()), "not of the form system_2_attention or"),
        (lambda: wrapped("revise:two", Dice()), "not of the form revise:TURNS"),
        (lambda: wrapped("budget_forcing:9", Typist(thinks)), "of the form budget_forcing:MINI"),
        (
            lambda: wrapped("revise:2@", Dice()),
            "the form revise:TURNS or revise:TURNS@TOKENS",
        ),
        (lambda: wrapped("revise:2@0", Dice()), "tokens must be at least 1, got 0"),
        (lambda: wrapped("self_consistency:0", Dice()), "n must be at least 1, got 0"),
        (lambda: Revise(Dice(), 1, tokens=0), "tokens must be at least 1, got 0"),
        (lambda: wrapped("budget_forcing:9:3", Typist(thinks)), "from 9 to 3 tokens"),
        (lambda: wrapped("budget_forcing:0:3", Dice()), "dice does not say that it `continues`"),
        (lambda: EarlyExit(RandomPlayer(), 4), "random does not say that it `continues`"),
    ],
)
def test_what_makes_no_sense_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_the_player_inside_is_asked_whether_it_can():
    class Greedy(Dice):
        def check(self, problems: Sequence[Any], samples: int) -> None:
            if samples > 1:
                raise ValueError(f"all {samples} are the same")

    Revise(Greedy(), 3).check([], 1)
    with pytest.raises(ValueError, match="all 10 are the same"):
        SelfConsistency(Greedy(), 5).check([], 2)
    SelfConsistency(Dice(), 5).check([], 2)


# With a language model. --------------------------------------------------------------------------

LESSON = "<think>Two and three are five.</think>\\boxed{5}"


@pytest.fixture
def taught(policy: LanguageModel) -> LanguageModel:
    """It knows one answer by heart."""
    prompt, reply = policy.prompt(QUESTION[0]["content"]), policy.reply(LESSON)
    chosen = [[False] * len(prompt) + [True] * len(reply)]
    optimizer = torch.optim.Adam(policy.model.parameters(), lr=3e-3)
    for _ in range(60):
        loss = -policy.logprobs([prompt + reply], chosen).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return policy


def at_the_begin(seed: int = 7) -> Turn:
    return Turn(seed, {"turn": 0}, Nobody())  # type: ignore[arg-type]


def test_a_language_model_that_is_stopped_and_probed_says_the_same(taught):
    player = LanguageModelPlayer(taught, {}, max_tokens=60)
    plain = player.reply(QUESTION, at_the_begin())
    assert plain.text == LESSON
    wrapper = EarlyExit(player, 5, stable=99, answer_tokens=3)
    pieces = wrapper.reply(QUESTION, at_the_begin())
    assert pieces.text == LESSON
    assert pieces.discarded_tokens > 0
    assert pieces.completion_tokens - pieces.discarded_tokens == plain.completion_tokens
    short = BudgetForcing(player, 0, 10, answer_tokens=4).reply(QUESTION, at_the_begin())
    assert short.text.startswith("<think>Two and t\n</think>\n\nFinal answer: \\boxed{")
    assert 10 < short.completion_tokens <= 14


def test_a_language_model_votes_in_batches_as_alone(taught):
    player = LanguageModelPlayer(taught, {}, temperature=1.5, max_tokens=60, batch_size=3)
    wrapper = SelfConsistency(player, 5)
    turns = [at_the_begin(seed) for seed in range(3)]
    together = wrapper.replies([QUESTION] * 3, turns)
    assert together == [wrapper.reply(QUESTION, turn) for turn in turns]
    assert together[0].prompt_tokens == 5 * len(taught.prompt(QUESTION[0]["content"]))
    seen = [player.reply(QUESTION, turn).text for turn in turns]
    assert len(set(seen)) > 1  # it samples


def test_a_language_model_revises_where_it_has_one_turn(taught):
    """A revision is no turn of the episode."""
    player = LanguageModelPlayer(taught, {}, max_tokens=60, max_turns=1)
    reply = Revise(player, 1).reply(QUESTION, at_the_begin())
    once = player.reply(QUESTION, at_the_begin())
    assert reply.completion_tokens > once.completion_tokens
