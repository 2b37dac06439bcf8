"""Equal is not enough: the question, written into the box, is equal to its answer."""

import pytest

from reasoning_gym_envs.answers import Form, Reference, check

# A form and a reference, then answers that have the form (=) and answers that do not (!).
TABLE = r"""
any: 7
    = 3+4 | \sqrt{49} | 7
value: 7
    = 7 | 7.0 | +7 | (7) | x = 7 | 700%
    ! 3+4 | 10-3 | 1*7 | 7+0 | 7^1 | \sqrt{49} | --7 | -(-7) | \frac{3+4}{1} | e^0 \cdot 7
    ! 14/2 | \frac{-14}{-2} | 7/1 | 7 + x - x | \ln(e^7) | 2 + 10/2 | 14/2/1 | 7%*100
value: 0.75
    = 3/4 | \frac{3}{4} | 0.75 | 75% | 6/8
    ! 0.5+0.25 | \frac{1}{2}+\frac{1}{4} | 3 \cdot 0.25 | \frac{1.5}{2} | 1-1/4
value: -3/4
    = -\frac{3}{4} | \frac{-3}{4} | \frac{3}{-4} | -0.75 | -(3/4)
    ! 0-3/4 | -\frac{1+2}{4} | -3*1/4
value: 7
    = 7^\circ | 7\text{ cm}
    ! 84 : 12 | 3^\circ + 4^\circ | \sqrt{3+2\sqrt{2}} - \sqrt{2} + 6 | 7\sin^2 1 + 7\cos^2 1
    ! \tan(\arctan 7) | \max(6, 7) | 5! - 113 | 111_2 | \binom{7}{1} | |-7| | \lfloor 7.5 \rfloor
    ! 0.7 \cdot 10 | 7i^4 | \sum_{k=3}^{4} k | x = 3+4 | (3+4)\text{ cm}
value: 1/2
    = 1/2 | 1 : 2 | 2 : 4
    ! 0.25 : 0.5 | \frac{1}{4} : \frac{1}{2}
value: 5\pi
    = 5\pi | \pi \cdot 5
    ! 2\pi + 3\pi | \pi + \pi + 3\pi
value: 7+i
    = i+7
    ! 7 + 2i - i | 3 + 4 + i
value: x > 3
    = x > 3 | (3, \infty) | 3 < x
    ! 2x + 3 > 9 | x > 1 + 2 | -x < -3
value: y = 2x+1
    = y = 2x+1 | 2x+1
    ! 2y = 4x + 2 | y - 1 = 2x | y = x + x + 1
value: {2}
    = \{2\}
    ! \{2, 3\} \cap \{2, 4\} | \{2, 3\} \setminus \{3\}
value: 3 \pmod 7
    = 3 \pmod 7
    ! 10 \pmod 7
value: 7/3
    = 2\frac{1}{3} | 2 1/3 | 7/3
    ! 2 + 1/3
value: 3\sqrt{2}+1
    = 1+3\sqrt{2} | 3√2+1 | \sqrt{18}+1
    ! 3\sqrt{2}+2-1 | \frac{6}{2}\sqrt{2}+3-2 | 3 \cdot 1 \sqrt2 + 1 | \sqrt{9}\sqrt{2} + 1
    ! \sqrt{2}+\sqrt{2}+\sqrt{2}+\sqrt{3}-\sqrt{3}+\sqrt{1}
value: \frac{1+\sqrt{5}}{2}
    = \frac{1+\sqrt5}{2} | \frac{1}{2}+\frac{\sqrt{5}}{2}
    ! \frac{1+\sqrt{2+3}}{2} | \frac{1+\sqrt{5}}{1+1}
value: 12\pi
    = 12\pi | 12π
    ! 3 \cdot 4\pi | 2^2 \cdot 3\pi | (3+9)\pi
value: 6x+3
    = 6x+3 | 3+6x | 3(2x+1)
    ! 2 \cdot 3x + 3 | 2(3x)+3 | 6x+1+2 | (6x+1)+2 | x(2+4)+3 | 6x+2^2-1 | 6x^{2-1}+3
value: {2, 3}
    = {3, 2} | 2, 3
    ! {1+1, 3} | {2, \sqrt{9}} | \{2, 6 \cdot 0.5\}
value: (2, 3)
    = (2, 3)
    ! (1+1, 3) | (2, 2+1) | (2, 3^1)
value: [0, 4)
    = [0, 4)
    ! [0, 2^2) | [1-1, 4)
value: [[1, 2], [3, 4]]
    = [[1, 2], [3, 4]]
    ! [[1, 2], [3, 2+2]] | \begin{pmatrix}1&2\\3&2 \cdot 2\end{pmatrix}
reduced: 3/4
    = 3/4 | \frac{3}{4} | 0.75 | 75%
    ! 6/8 | \frac{75}{100} | 3/4+0 | \frac{3}{2+2}
reduced: -3/4
    = -3/4 | \frac{-3}{4}
    ! \frac{3}{-4} | \frac{-6}{8} | -\frac{6}{8}
reduced: 3
    = 3 | 3.0
    ! 3/1 | 6/2 | \frac{12}{4}
reduced: 0
    = 0
    ! 0/5 | \frac{0}{1}
reduced: 5/2
    = 5/2 | 2 1/2 | 2.5
    ! 10/4 | 2 2/4
reduced: \frac{1+\sqrt{5}}{2}
    = \frac{1+\sqrt{5}}{2}
    ! \frac{2+2\sqrt{5}}{4} | \frac{-1-\sqrt{5}}{-2}
reduced: \frac{3}{4}x
    = \frac{3}{4}x | \frac{3x}{4}
    ! \frac{6}{8}x | \frac{6x}{8}
reduced: {1/2, 1/3}
    = {1/3, 1/2}
    ! {2/6, 1/2}
expanded: x^2+2x+1
    = x^2+2x+1 | 1 + x^2 + 2x | 2x+1+x²
    ! (x+1)^2 | (x+1)(x+1) | x(x+2)+1 | x^2+x+x+1 | x*x+2x+1 | x^2+2x+2-1 | x^2+2x+1+0x
    ! \frac{2x^2+4x+2}{2} | \frac{(x+1)^3}{x+1} | -(-x^2-2x-1)
expanded: x^2/2 - x
    = \frac{x^2}{2} - x | \frac{1}{2}x^2 - x | 0.5x^2-x | -x + x^2/2
    ! \frac{1}{2}(x^2-2x) | \frac{x^2-2x}{2} | x(\frac{x}{2}-1)
expanded: x^2-y^2
    = x^2-y^2 | -y^2+x^2
    ! (x-y)(x+y) | x^2+xy-xy-y^2
expanded: 6x^2y
    = 6x^2y | 6yx^2
    ! 6xxy | 2x \cdot 3xy
expanded: 12
    = 12
    ! 3*4 | 12x^0
expanded: x\sqrt{2}+3
    = \sqrt{2}x+3
    ! \sqrt{2}(x) + 3(1) | \sqrt{2}(x+\frac{3}{\sqrt{2}})
"""


def read_table(mark: str) -> list[tuple[str, str, str]]:
    cases = []
    form = reference = ""
    for line in TABLE.strip().splitlines():
        if not line.startswith("    "):
            form, _, reference = line.partition(": ")
        elif line[4] == mark:
            cases += [(form, reference, answer) for answer in line[6:].split(" | ")]
    return cases


@pytest.mark.parametrize(("form", "reference", "answer"), read_table("="))
def test_has_the_form(form: Form, reference: str, answer: str) -> None:
    assert check(f"\\boxed{{{answer}}}", reference, form).status == "correct"


@pytest.mark.parametrize(("form", "reference", "answer"), read_table("!"))
def test_is_equal_but_has_not_the_form(form: Form, reference: str, answer: str) -> None:
    assert check(f"\\boxed{{{answer}}}", reference).status == "correct"
    assert check(f"\\boxed{{{answer}}}", reference, form).status == "wrong_form"


def test_the_references_own_text_must_have_the_form_too() -> None:
    reference = Reference("3 + 4", form="value")
    assert reference.check(r"\boxed{3 + 4}").status == "wrong_form"
    assert reference.check(r"\boxed{7}").correct
