"""Summaries, on records whose every figure can be worked out by hand."""

import json
from random import Random

import pytest

from reasoning_gym_envs.evaluation import evaluate, suite_of, summarise
from reasoning_gym_envs.evaluation.players import Reply
from reasoning_gym_envs.evaluation.record import read_episodes
from reasoning_gym_envs.evaluation.statistics import clustered_mean
from reasoning_gym_envs.evaluation.summary import grouped
from reasoning_gym_envs.evaluation.tables import summary_in_words
from tests.evaluation.players import Dice


class Planted:
    """Says what was planted for each sample of a problem, whatever it is asked."""

    about = {"agent": "planted"}  # noqa: RUF012

    def __init__(self, *replies):
        self._replies = list(replies)

    def reply(self, messages, turn):
        reply = self._replies.pop(0)
        text = turn.env.solution()[0] if reply == "right" else reply
        return Reply(text, 10, len(text))


def played(folder, id, replies, samples, **arguments):
    suite = suite_of([id], levels=(2,), count=len(replies) // samples, **arguments)
    return evaluate(lambda: Planted(*replies), suite, out=folder, samples=samples)


def test_estimates_of_several_samples(tmp_path):
    """Two problems of four samples: two right of four, and none."""
    wrong = ["\\boxed{-1}", "\\boxed{-2}"]
    replies = ["right", *wrong, "right", *wrong, *wrong]
    total = played(tmp_path, "MathBoxed-v0", replies, 4, topics="integer_arithmetic").total
    assert (total.problems, total.episodes) == (2, 8)
    assert total.success.value == 0.25
    assert total.pass_at[1].value == 0.25
    assert total.pass_at[2].value == pytest.approx((1 - 1 / 6) / 2)
    assert total.pass_at[4].value == 0.5
    assert total.pass_hat[2].value == pytest.approx(1 / 6 / 2)
    assert total.pass_hat[4].value == 0.0
    assert total.majority_at[4].value == 0.5  # two votes against one and one; and a tie of wrong
    assert total.majority_at[1].value == 0.25


def test_a_problem_that_was_played_more_often_than_others_adds_no_samples_to_them(tmp_path):
    """What was stopped has all samples of some problems, and one of others."""
    replies = ["right", "\\boxed{-1}"] * 20
    played(tmp_path, "MathBoxed-v0", replies, 4, topics="integer_arithmetic")
    file = tmp_path / "episodes.jsonl"
    lines = file.read_text().splitlines(keepends=True)
    kept = [line for line in lines if json.loads(line)["number"] < 2 or '"sample": 0' in line]
    file.write_text("".join(kept))
    total = summarise(tmp_path).total
    assert (total.problems, total.episodes) == (10, 16)
    assert total.success[1:] == clustered_mean([0.5, 0.5, *[1.0] * 8], 1.6)[1:]


def test_the_order_of_the_lines_and_lines_that_came_twice_change_nothing(tmp_path):
    suite = suite_of(["MathBoxed-v0", "TowerOfHanoi-v0"], levels=(1, 3), count=5)
    summary = evaluate(Dice, suite, out=tmp_path, samples=4)
    file = tmp_path / "episodes.jsonl"
    lines = file.read_text().splitlines(keepends=True)
    Random(1).shuffle(lines)
    file.write_text("".join(lines + lines[:5]))
    assert json.dumps(summarise(tmp_path).record()) == json.dumps(summary.record())


def test_equal_values_vote_together_and_different_plans_do_not(tmp_path):
    halves = ["\\boxed{1/2}", "\\boxed{0.5}", "right"]
    total = played(tmp_path / "values", "MathBoxed-v0", halves, 3, topics="percentages").total
    assert total.majority_at[3].value == 0.0  # two votes for a half
    plans = ["\\boxed{A to B, B to C}", "\\boxed{B to C, A to B}", "right"]
    total = played(tmp_path / "plans", "TowerOfHanoiBoxed-v0", plans, 3).total
    assert total.majority_at[3].value == pytest.approx(1 / 3)  # one vote each
    plans = ["\\boxed{A to B, B to C}", "\\boxed{a to b,b to c}", "right"]
    total = played(tmp_path / "same", "TowerOfHanoiBoxed-v0", plans, 3).total
    assert total.majority_at[3].value == 0.0


def test_right_plans_that_differ_do_not_vote_together(tmp_path):
    """Two are right, each in its own way, and two are wrong in the same: the wrong ones win."""

    class Plans:
        def __init__(self):
            self.texts = iter(["{}", "{first}, {back}, {}", "A to B", "A to B"] * 2)

        def reply(self, messages, turn):
            plan = turn.env.solution()[0].removeprefix("\\boxed{").removesuffix("}")
            first = plan.split(", ")[0]
            back = " ".join(first.split()[::-1])
            return Reply(f"\\boxed{{{next(self.texts).format(plan, first=first, back=back)}}}")

    suite = suite_of(["TowerOfHanoiBoxed-v0"], levels=(2,), count=2)
    total = evaluate(Plans, suite, out=tmp_path, samples=4).total
    assert total.success.value == 0.5
    assert total.majority_at[4].value == 0.0
    assert total.majority_at[1].value == 0.5


def test_what_is_unreadable_and_how_long_it_was(tmp_path):
    replies = ["right", "I do not know.", "\\boxed{-1}", "right"]
    total = played(tmp_path, "MathBoxed-v0", replies, 1, topics="integer_arithmetic").total
    assert total.unreadable == 0.25
    records = [each for (each,) in grouped(read_episodes(tmp_path)).values()]
    tokens = [record["completion_tokens"] for record in records]
    assert total.tokens == sum(tokens) / 4
    assert total.prompt_tokens == 10
    longest = max(tokens[0], tokens[3])
    assert total.within[2 ** (longest - 1).bit_length()] == 0.5
    assert total.area == pytest.approx((2 - (tokens[0] + tokens[3]) / 4096) / 4)


class Wordy:
    """The solution, with five words and signs more; and some thoughts, where it has any."""

    def __init__(self, reasoning=""):
        self.reasoning = reasoning

    def reply(self, messages, turn):
        text = "one two three four. " + turn.env.solution()[0]
        return Reply(text, 10, len(text), reasoning=self.reasoning)


class Counting(Wordy):
    """Its tokens are characters."""

    def tokens_of(self, text):
        return len(text)


def test_how_much_longer_than_the_reference(tmp_path):
    suite = suite_of(["MathBoxed-v0"], levels=(1,), count=3, topics="integer_arithmetic")
    words = evaluate(Wordy, suite, out=tmp_path / "words").total.excess
    assert words["words"].difference.value == pytest.approx(5.0)  # four words and a full stop
    thinking = evaluate(lambda: Wordy("Hm, one."), suite, out=tmp_path / "thoughts").total.excess
    assert thinking["words"].difference.value == pytest.approx(9.0)
    summary = evaluate(Counting, suite, out=tmp_path / "tokens")
    assert [*summary.total.excess] == ["tokens"]
    assert summary.total.excess["tokens"].difference.value == 20.0  # the characters of them
    assert "+20.0 tokens beyond the reference, of a solved problem" in summary_in_words(summary)


def test_commands_are_counted_in_turns(tmp_path):
    """A move and back, and then the solution: two turns too many, whatever was said in them."""

    class Roundabout(Counting):
        def reply(self, messages, turn):
            if turn.info["turn"] == 0:
                return Reply(turn.info["admissible_commands"][0], 10, 500)
            if turn.info["turn"] == 1:
                return Reply(" ".join(messages[1]["content"].split()[::-1]), 10, 500)
            return Reply(turn.env.solution()[0], 10, 500)

    summary = evaluate(
        Roundabout, suite_of(["TowerOfHanoi-v0"], levels=(1,), count=3), out=tmp_path
    )
    assert summary.total.success.value == 1.0
    assert [*summary.total.excess] == ["turns"]
    assert summary.total.excess["turns"].difference == (2.0, 2.0, 2.0)
    turns = [record["reference_turns"] for record in read_episodes(tmp_path)]
    assert summary.total.excess["turns"].ratio.value == pytest.approx(1 + 6 / sum(turns))


def test_a_k_that_cannot_be_is_named(tmp_path):
    played(tmp_path, "MathBoxed-v0", ["right"], 1)
    with pytest.raises(ValueError, match="k must be from 1 to 1"):
        summarise(tmp_path, ks=[2])
