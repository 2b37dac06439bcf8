import pytest

from reasoning_gym_envs.answers import extract_answer
from tests.clock import within

FOUND = [
    (r"\boxed{42}", "42"),
    (r"\boxed{ 42 }", "42"),
    (r"\boxed{1} then \boxed{2}", "2"),
    (r"\boxed{\frac{1}{2}}", r"\frac{1}{2}"),
    (r"\boxed{\{2, 3\}}", r"\{2, 3\}"),
    (r"\boxed{\left\{2\right\}} and then } more }", r"\left\{2\right\}"),
    (r"\boxed{\boxed{5}}", r"\boxed{5}"),
    (r"\boxed{7 + \boxed{42}}", r"7 + \boxed{42}"),
    (r"\boxed{\boxed{1} + \boxed{2}}.", r"\boxed{1} + \boxed{2}"),
    (r"\boxed{1}, {\boxed{2}} and }", "2"),
    (r"\boxed{ \boxed{2}", "2"),
    (r"\boxed {42}", "42"),
    ("<answer>\n42 </answer>", "42"),
    (r"\boxed{41}<answer>42</answer>", "42"),
    (r"\boxed{42}. I boxed it.", "42"),
    (r"\boxed{a\\b}", r"a\\b"),
    (r"<think>\boxed{1}</think>\boxed{2}", "2"),
    (r"</think>\boxed{2}", "2"),
    (r"<think>a</think><think>b</think>\boxed{2}", "2"),
    (r"\boxed{1}<answer>\boxed{2}</answer>\boxed{3}", "2"),
    (r"<answer>\boxed{1}</answer><answer>\boxed{2}</answer>", "2"),
    (r"<think><answer>\boxed{1}</answer></think>\boxed{2}", "2"),
    (r"$$\boxed{x = 5}$$", "x = 5"),
    # Without braces, at the end of a formula or a sentence.
    (r"So $\boxed 5$", "5"),
    (r"\boxed5", "5"),
    (r"$\boxed 42$ is it", "42"),
    (r"$\boxed -5$", "-5"),
    (r"\boxed 1,234$", "1,234"),
    (r"\boxed 2.5, so", "2.5"),
    (r"$x=\boxed 5.$", "5"),
    ("\\boxed 5\nI am sure", "5"),
    (r"$\boxed\frac34$.", r"\frac34"),
    (r"$\boxed \frac{3}{4}$", r"\frac{3}{4}"),
    (r"\(\boxed\frac{\sqrt{3}}{2}\)", r"\frac{\sqrt{3}}{2}"),
    (r"\[\boxed\sqrt2\]", r"\sqrt2"),
    (r"\boxed\text{A}", r"\text{A}"),
    (r"\boxed A", "A"),
    ("\\boxed 3\nso \\boxed 5", "5"),
    # Other boxes.
    (r"\fbox{42}", "42"),
    (r"\framebox{42}", "42"),
    (r"\boxed{1} \fbox{2}", "2"),
    (r"\fbox{1} \boxed{2}", "2"),
    (r"\fbox{\boxed{2}}", r"\boxed{2}"),
    (r"\boxed{\fbox{2}}", r"\fbox{2}"),
    (r"<answer>\fbox{5}</answer>", "5"),
    ("<answer>**5**</answer>", "**5**"),
]

NOTHING = [
    "",
    "42",
    r"\fbox{}",
    r"\fbox{42",
    r"\fbox 42",
    r"\boxed{41} \fbox{}",
    r"\boxed{41} \fbox{42",
    r"\boxed",
    r"\boxed 42x",
    r"\boxed 42 + 1",
    r"\boxed 42 apples",
    r"\boxed 42 or 43",
    r"\boxed 42^2",
    r"\boxed 42\%",
    r"\boxed 42{,}000",
    r"\boxed 4{2}",
    r"\boxed 3/4",
    r"\boxed (1, 2)",
    r"\boxed x^2",
    r"\boxed -x",
    r"\boxed blue",
    r"\boxedA",
    r"\boxed A or B",
    r"\boxed\frac3",
    r"\boxed\frac34x",
    r"\boxed\cancel{42}",
    r"\boxed\phantom{42}",
    r"\boxed{41} \boxed 42",
    r"\boxed 41 \boxed{",
    r"\boxed{}",
    r"\boxed{  }",
    r"\boxed{42",
    r"\boxed{{42}",
    r"\boxed{42\}",
    r"\boxed{42} but \boxed{}",
    r"\boxed{42} but \boxed{41",
    r"<think>\boxed{42}</think>",
    r"<think>\boxed{42}",
    r"\boxed{42}<think>",
    r"\boxed{42}</think>",
    r"\boxed{42}<answer></answer>",
    r"<answer> </answer>",
    r"<answer>\boxed{42</answer>",
    r"<answer>\boxed{42}",
    r"<answer>\boxed{42}</answer><answer>",
    r"<answer>\boxed{4</answer>2}",
]


@pytest.mark.parametrize(("response", "answer"), FOUND)
def test_the_last_box_is_found(response: str, answer: str) -> None:
    assert extract_answer(response) == answer


@pytest.mark.parametrize("response", NOTHING)
def test_there_is_no_answer(response: str) -> None:
    assert extract_answer(response) is None


@pytest.mark.parametrize(
    "response",
    [
        "\\boxed{" * 150_000,
        "\\boxed{" + "{}" * 500_000,
        "\\boxed{" + "{" * 10**6,
        "\\boxed{" + "\\" * 10**6 + "}",
        "<think>" * 150_000,
        "</think>" * 150_000 + "\\boxed{",
        "<answer>" * 100_000 + "</answer>" * 50_000,
        "a" * 10**6 + "\\boxed{7}",
        "\\boxed{1}{" * 100_000 + "\\boxed{7}",
        "\\boxed{" * 500 + "7" + "}" * 10**6,
    ],
    ids=lambda text: text[:12],
)
def test_a_megabyte_takes_linear_time(response: str) -> None:
    with within(5):
        extract_answer(response)
