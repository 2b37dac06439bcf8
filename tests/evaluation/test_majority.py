"""maj@k: the commonest answer, where answers can be read and compared."""

import pytest

from reasoning_gym_envs.evaluation import Reply, evaluate, suite_of

ONE = suite_of(["MathBoxed-v0"], levels=(1,), count=1, topics="integer_arithmetic")


class Says:
    """Says these texts, a sample each; a number of such a problem is an answer."""

    about = {"agent": "says"}  # noqa: RUF012

    def __init__(self, *texts):
        self.texts = iter(texts)

    def reply(self, messages, turn):
        text = next(self.texts)
        right = int(turn.env.solution()[0].split("boxed{")[1].rstrip("}"))
        return Reply(text if isinstance(text, str) else rf"\boxed{{{text(right)}}}")


def right(answer):
    return answer


def wrong(answer):
    return answer + 1


def other(answer):
    return answer + 2


@pytest.mark.parametrize(
    ("samples", "share"),
    [
        ([right, right, wrong], 1),
        ([right, wrong, wrong], 0),
        ([right, wrong, wrong, right], 0.5),  # a tie
        ([right, wrong, other], 1 / 3),
        ([lambda x: f"{x}.0", right, wrong], 1),  # equal answers vote together
        ([right, right, wrong, lambda x: rf"\frac{{{2 * x + 2}}}{{2}}", other], 0.5),
        ([right, "I do not know.", "Who knows?"], 1),  # what is no answer has no vote
        (["no", "idea"], 0),
        ([right, r"\boxed{1 = }", r"\boxed{1 = }"], 0),  # cannot be read, but was given
    ],
)
def test_the_commonest_answer(samples, share, tmp_path):
    total = evaluate(lambda: Says(*samples), ONE, out=tmp_path, samples=len(samples)).total
    assert total.majority_at[len(samples)].value == pytest.approx(share)


@pytest.mark.parametrize("id", ["CodeOutput-v0", "TowerOfHanoi-v0"])
def test_it_is_left_out_where_answers_cannot_be_compared(id, tmp_path):
    total = evaluate("constant:7", suite_of([id], count=1), out=tmp_path, samples=2).total
    assert total.majority_at == {}
    assert list(total.pass_at) == [1, 2]
