"""What is equal and what is not, one table a kind of answer."""

import copy
import pickle
from fractions import Fraction

import pytest

from reasoning_gym_envs.answers import (
    InvalidReference,
    Reference,
    check,
    extract_answer,
    is_correct,
    parse_answer,
)
from reasoning_gym_envs.answers.tree import Interval, Matrix, Mixed, Set, Tuple


def boxed(answer: str) -> str:
    return "So it is \\boxed{" + answer + "}."


# A reference, then answers that are the same (=) and answers that are not (!).
TABLE = r"""
42
    = 42 | 42.0 | +42 | 042 | 42. | $42$ | \(42\) | x = 42 | y=42 | 84/2 | 4.2 \cdot 10 | 4200%
    = (42) | \left(42\right) | 6·7 | 6 \times 7 | 40+2 | −(−42) | 42 = x | 42 cm | $42 | \$42.00
    = 4.2e1 | 0.42 \times 10^2 | 42 units | 42^\circ | 101010_2 | \text{42} | \mathbf{42} | {\rm 42}
    = f(x) = 42 | |AB| = 42 | \angle ABC = 42^\circ | \boxed{42} | \frac{7!}{5!}
    = \sum_{k=1}^{3}\sum_{k=1}^{4} k + 12 | \sum_{k=1}^{3}\sum_{j=k}^{3} 7
    = \lfloor 42.9 \rfloor | \binom{9}{2}+6 | \max(41, 42) | \sum_{k=1}^{6} 2k | |-42|
    = -42i^2 | 42\sin^2 x+42\cos^2 x
    ! -42 | 4 | 2 | 420 | 4 2 | 42 43 | 42, 43 | {43} | [42] | 7 = 42 | 42 = 7 | 42 = 42
    ! 42 or 43 | 42 \text{ is wrong} | 42 apples | 42! | [41, 43] | 42 \pm 0 | 0x42 | 1e42
    ! 42 \text{ any text} | \text{answer: } 42 | 42 and 42 | 42 = 6 \cdot 7 | 2x = 84 | x + 1 = 43
    ! 42 \approx 43 | 42 : 1 : 1 | 42.000000000001 | 41.9999999999999999 | 42 \pmod{43} | 42 \ldots
    ! 42 + 10^{-60} | 42 + e^{-5000} | 42 + \sin(10^{-50}) | \sqrt{42^2 + 10^{-90}} | 42 + 0i + i
    ! 4² | ４２ | ٤٢ | x | x = y = 42 | x > 41 | \text{forty-two} | 4_2 | \{42\} | 41.9999999999999
-5
    = -5 | −5 | –5 | - 5 | -5.00 | -10/2 | -\frac{10}{2} | \frac{-10}{2} | (-5)
    ! 5 | +5 | --5 | 5- | -5-5 | -0.5
1234
    = 1234 | 1,234 | 1{,}234 | 1,\!234 | 1,234.0
    ! 1, 234 | (1,234) | 12,34 | 1,2,3,4 | 1.234 | 1 234 | 0,001,234 | 1,2345
0.335
    = 33.5% | 33.5\% | 0.335 | .335 | 67/200 | 0.3350
    ! 33.5 | 0.3351 | 0.33 | 33.5%% | %33.5
85\%
    = 85 | 0.85 | 85% | \frac{17}{20} | 85 percent | 85\text{ percent} | x = 85 | 85.0 | 170/2
    ! 8500\% | 0.85\% | 85 cm | 85^\circ | 8.5 | 85, 0.85 | 85 or 0.85 | 85 = 0.85 | -85 | 8500
p = -0.5\%
    = -0.5 | -0.5\% | -0.005 | p = -0.5 | -\frac12
    ! q = -0.5 | -50\% | -50 | 0.5 | 0.005
20\%, 80\%
    = 20, 80 | 80, 20 | 0.2, 0.8 | 80\% \text{ and } 20\%
    ! 20, 0.8 | 20\%, 80 | 20 | 80\% | 2000\%, 8000\%
[20\%, 30\%)
    = [20, 30) | [0.2, 0.3) | [20\%, 30\%)
    ! [20, 0.3) | [20, 30] | [20\%, 30)
0.56 = 56\%
    = 56\% | 0.56 | 56 | \frac{14}{25}
    ! 5600\% | 0.56 = 57\% | 5.6
\frac{3}{8}
    = P(X=2) = \frac{3}{8} | P(A \cup B) = 0.375 | \Pr(X \ge 2) = 3/8 | E[X] = \frac38
    = P(A) = 37.5%
    ! P(X=2) | P(X=2) < \frac{3}{8} | X = \frac{5}{8} | P(\frac{3}{8}) | P(X = \frac{3}{8}) = 1
\frac{7}{3}
    = 7/3 | \dfrac{7}{3} | \tfrac73 | \frac73 | \frac7{3} | \frac{7}3 | 2\frac{1}{3} | 2 1/3
    = 2\frac13 | 14/6 | \frac{7}{3} | 7÷3 | 7 / 3 | \frac{3.5}{1.5} | 2 + 1/3 | \frac{-7}{-3}
    = -\frac{7}{-3}
    = 2.3333333333333333 | 2.\overline{3} | 2.(3) | 2.333333333333 | 2.333... | 2⅓ | {7 \over 3}
    ! 2.33 | 2.3333333 | 2.3333333334 | 2.33333333333333334444 | 3/7
    ! 21/3 | 2 \cdot \frac{1}{3} | -7/3 | 2\frac{4}{3} | 2 4/3 | 7 3 | 7/0 | 7//3
2\sqrt{3}
    = \sqrt{12} | √12 | 2√3 | 2*sqrt(3) | \sqrt{3} \cdot 2 | \frac{6}{\sqrt{3}} | 12^{1/2}
    = \sqrt3+\sqrt3 | \sqrt{\sqrt{144}} | \sqrt2\sqrt6 | \sqrt[4]{144}
    = 3.4641016151377544 | \sqrt{6+\sqrt{36}} | \frac{6}{\tan 60^\circ} | 3.4641016151
    ! \sqrt{6} | 3\sqrt{2} | 3.46410162 | -2\sqrt3 | 2\sqrt{3 | 2\sqrt[3]{3} | \sqrt{2}3
\frac{1+\sqrt{5}}{2}
    = \frac{\sqrt5+1}{2} | \frac{2}{\sqrt5-1} | 0.5+\frac{\sqrt{5}}{2} | \frac12(1+√5)
    = \frac{-1-\sqrt5}{-2}
    = 2\cos\frac{\pi}{5} | \sqrt{\frac{3+\sqrt5}{2}} | 1.618033988749895 | 2\sin 54°
    ! \frac{1-\sqrt{5}}{2} | 1.618033989749895 | 1+\frac{\sqrt5}{2}
12\pi
    = 12π | 12*pi | \pi \cdot 12 | \frac{24 \pi}{2} | 12 pi
    ! 12 | 37.699 | 12p i | 12+\pi | \pi^{12}
\frac{1}{2}\ln 4
    = \ln 2 | \ln(2) | ln 2 | -\ln\frac12 | \frac{\ln 8}{3} | 0.6931471805599453
    ! \ln 4 | 0.6931471 | \log 2
3
    = \log_2 8 | \log_{2}(8) | \frac{\ln 27}{\ln 3} | e^{\ln 3} | \sqrt[3]{27} | 27^{1/3} | \ln(e^3)
    ! \log_8 2 | e^3
x^2 + 2x + 1
    = (x+1)^2 | 1+2x+x² | x*x + 2*x + 1 | \left(x + 1\right)\left(x+1\right) | y = x^2+2x+1
    = \frac{(x+1)^3}{x+1} | x^{2}+2x+1 | (-x-1)^2 | (x+1)(1+x)
    ! x^2+2x | x^2-2x+1 | x^2+2x+2 | x^2+2y+1 | X^2+2X+1 | x = x^2+2x+1 | x^2+2x+1 = 0 | x^2+2x+1, 5
    ! x^{2+2x+1} | (x+1)^3
\frac{1}{x+1}
    = (x+1)^{-1} | \frac{x-1}{x^2-1} | 1/(1+x) | \frac{-1}{-x-1}
    ! 1/x+1 | x+1 | \frac{1}{x-1}
2xy
    = 2yx | xy \cdot 2 | 2x y | x*2*y | y x + x y
    ! 2x+y | 2xz | 2x^y
e^{2x}
    = e^x e^x | (e^x)^2 | \exp(2x) | \frac{1}{e^{-2x}}
    ! e^{2}x | e^x + e^x | e^{x^2}
3\cos(2x)
    = 3\cos 2x | cos(2x)*3 | 3 \cos(x+x)
    ! 3\cos(2)x | \cos(6x) | 3\cos^2 x | -3\cos(2x)
x^2
    = x² | x*x | \frac{x³}{x} | x^{4/2}
    ! 2x | x2 | x_2 | |x|
x_1 + x_2
    = x_2+x_1 | x_{1} + x_{2}
    ! 2x | x_1+x_3 | x1+x2
{2, 3}
    = {3, 2} | \{2, 3\} | \left\{ 3, 2 \right\} | 2, 3 | 3, 2 | 3,2 | \{\sqrt4, \frac{6}{2}\}
    = x \in \{2, 3\} | x = \{2,3\} | x = 2, x = 3 | x = 2, 3 | 2 or 3 | {2; 3} | 2 \text{ and } 3
    = \{2\} \cup \{3\} | \frac{5 \pm 1}{2} | x = 2 \text{ or } x = 3 | \{2.5 \pm 0.5\}
    = \{1, 2, 3\} \cap \{2, 3, 4\}
    ! (2, 3) | [2, 3] | {2} | {2, 3, 4} | {2, 2, 3} | 2, 2, 3 | {2, 4} | x = 2, y = 3 | 2 \pm 3
    ! 2 3 | {2, 3 | 23 | {{2, 3}} | {(2, 3)} | 2:3 | 2 < x < 3 | 2, 3, \ldots
(2, 3)
    = (2,3) | 2, 3 | 2,3 | \left(2, \frac{6}{2}\right) | (x, y) = (2, 3) | (1+1, 3)
    = x = 2, y = 3 | y = 3, x = 2 | \langle 2, 3 \rangle | (2; 3)
    = \begin{pmatrix} 2 \\ 3 \end{pmatrix}
    ! (3, 2) | 3, 2 | {2, 3} | [2, 3] | [2, 3) | (2, 3, 4) | (2) | (2, 3 | (2, -3) | ((2, 3))
    ! (x, x) = (2, 3) | (2 3) | 2.3 | x = 3, y = 2 | y = 2, x = 3 | [[2, 3]]
1, -2, 3
    = 1, -2, 3 | (1,-2,3) | 1,-2,3 | 1, 3, -2 | {1, -2, 3} | 1, -2 and 3 | 1; -2; 3
    ! [1, -2, 3] | 1, -2 | 1 - 2, 3 | (1, 3, -2) | 1, -2, 3, 3
[1, 2, 3]
    = [1,2,3] | [1, 4/2, 3]
    ! (1, 2, 3) | 1, 2, 3 | {1, 2, 3}
[-1, 4)
    = [-1,4) | \left[-1, 4\right) | x \in [-1, 4) | [-\frac{2}{2}, \sqrt{16})
    ! (-1, 4) | [-1, 4] | (-1, 4] | [4, -1) | [-1, 5) | {-1, 4} | -1, 4 | [-1, 4) U [5, 6)
(-\infty, 2) \cup [3, 5]
    = [3,5] \cup (-\infty,2) | (-∞, 2) ∪ [3, 5] | (-inf, 2) U [3, 5]
    = x \in (-\infty, 2) \cup [3, 5] | (-\infty, 2) \cup [3, 5] \cup [3, 5] | x < 2 or 3 <= x <= 5
    = (-\infty, 5] \setminus [2, 3) | (-\infty, 1] \cup (0, 2) \cup [3, 4) \cup [4, 5]
    ! (-\infty, 2) \cup [3, 5) | (\infty, 2) \cup [3, 5] | (-\infty, 2] | (-\infty, 2), [3, 5]
    ! (-\infty, 5] | x < 2 and 3 <= x <= 5
(0, \infty)
    = (0, +\infty) | (0, ∞) | (0, inf)
    ! [0, \infty) | (0, -\infty) | (0, \infty] | (0, 10) | (-\infty, \infty)
[1, 5]
    = [1, \sqrt2] \cup [\sqrt2, 5] | 1 \le x \le 5 | [1, 3) \cup (2, 5]
    ! [1, \sqrt2] \cup [\sqrt2+10^{-200}, 5] | [1, \sqrt2) \cup (\sqrt2, 5] | x >= 1 or y <= 5
0
    = \sqrt{5+2\sqrt6}-\sqrt2-\sqrt3 | \arctan 1 - \frac{\pi}{4} | \sin \pi | 0.0 | 12/-3*2+8
    ! \sqrt{5+2\sqrt6}+10^{-200}-\sqrt2-\sqrt3 | \arctan 1 + 10^{-300} - \frac{\pi}{4} | -\epsilon
    ! \sqrt{5+2\sqrt6}-\sqrt2-\sqrt{3+10^{-250}} | \log\frac{271828183}{73500001}-1
\emptyset
    = \emptyset | ∅ | \{\} | {} | \varnothing
    ! {0} | 0 | \{\emptyset\}
\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}
    = \begin{bmatrix}1&2\\3&4\end{bmatrix} | [[1, 2], [3, 4]]
    = \begin{pmatrix}1 & 2 \\ 3 & 8/2\end{pmatrix}
    ! \begin{pmatrix}1&3\\2&4\end{pmatrix} | [[1,2,3,4]] | [[1,2],[3,4],[5,6]] | (1,2,3,4)
    ! [[1,2],[3]] | \begin{vmatrix}1&2\\3&4\end{vmatrix} | \begin{pmatrix}1&2\\3&4
y = 2x + 1
    = y = 1 + 2x | 2x + 1 = y | 2x + 1 | y - 2x = 1 | 4x - 2y + 2 = 0 | x = \frac{y-1}{2}
    ! y = 2x - 1 | xy = 2x^2 + x | y^2 = (2x+1)^2 | y < 2x + 1 | x = 2y + 1 | y = 2x + 1 = 3
y + z = f(t) t
    = t f(t) = y + z | z + y = f(t) t | 2y + 2z = 2 f(t) t
    ! y + z = f(t) | y + z = f(t) t + 1 | y - z = f(t) t | y + z = f(2t) t
\angle B A_{1} C = 60^\circ
    = 60 | \angle BA_1C = 60
    ! \angle BAC = 60 | \angle B A_2 C = 60
x > 3
    = 3 < x | x > 6/2 | (3, \infty) | 2x > 6 | -x < -3 | \{x : x > 3\} | x \in (3, \infty)
    ! x >= 3 | x < 3 | 3 > x | x | [3, \infty) | x = 3 | 3 | x > 3 or x > 2 | x^2 > 9
0 <= x < 1
    = 1 > x ≥ 0 | 0 \le x < 1 | [0, 1) | x >= 0 and x < 1
    ! 0 < x < 1 | 0 <= x <= 1 | (0, 1) | x >= 0 or x < 1
7\text{ m}
    = 7 | 7 m | 7m | 700\text{ cm} | 0.007 km | 7 meters | \frac{14}{2} \mathrm{m} | x = 7\text{ m}
    ! 7 cm | 7\text{ s} | 7\text{ m}^2 | 700 | 7x | 7 apples | 6 m | 7 m or 6 m
17\text{ any text}
    = 17 | 17.0\text{ any text} | 17 any text | 34/2 | x = 17
    ! 17\text{ other text} | 17 cm | 17 any | 71\text{ any text} | any text | 17\text{ any text} 18
12 apples
    = 12 | 12\text{ apples} | 12 Apples
    ! 12 pears | 13 apples | 12 apples, 13 apples | 12 apples or pears | 12a
\$4.50
    = \$4.50 | 4.5 | \$ 4.5 | 4.50 dollars | 450 cents | $4.50
    ! \$4.05 | €4.50 | 450 | 4.50%
90^\circ
    = 90° | 90 | 90 degrees | \angle ABC = 90^{\circ} | \frac{\pi}{2} \text{ radians}
    ! 90 cm | 91° | \frac{\pi}{2} | 90°C
36\text{ km/h}
    = 10\text{ m/s} | 36 | 36 km per hour | 10\text{ m s}^{-1}
    ! 10 | 36\text{ km} | 36\text{ km}\cdot\text{h}
3+4i
    = 4i+3 | 3+i4 | (2+i)^2 | 5e^{i\arctan(4/3)} | \frac{25}{3-4i}
    ! 3-4i | 4+3i | 7i | 5 | (3, 4)
\cos(2x)
    = 1-2\sin^2 x | \cos^2 x - \sin^2 x | \frac{1-\tan^2 x}{1+\tan^2 x} | \sin(\frac{\pi}{2}-2x)
    ! \cos(x) | 1-\sin^2 x | \sin 2x | \cos^2 x + \sin^2 x | 2\cos x
|x|
    = \sqrt{x^2} | |-x| | \lvert x \rvert | \max(x, -x)
    ! x | -x | \sqrt{x}^2 | x^2
\sqrt{2}+\sqrt{3}
    = \sqrt{5+2\sqrt6} | \frac{1}{\sqrt3-\sqrt2} | \sqrt{3}+\sqrt[4]{4}
    = \sqrt2+\sqrt3 \approx 3.146
    ! \sqrt{5} | \sqrt{5+2\sqrt5} | \sqrt2+\sqrt3 \approx 3.15 \approx 3 | \sqrt2+\sqrt3 \approx 3.2
101_2
    = 101_{2} | 101_{\text{two}} | (101)_2 | 101₂
    ! 5 | 101 | 101_3 | 12_3 | 111_2
3 : 4
    = 6 : 8 | 3:4 | \frac{3}{4} | 1.5 : 2 | A : B = 3 : 4
    ! 4 : 3 | 3 : 4 : 5 | 3, 4
3:30 PM
    = 3:30 p.m. | 15:30 | 3:30\text{ PM}
    ! 3:30 | 3:30 AM | 3:31 PM | 330
March 3, 2024
    = 2024-03-03 | 3 March 2024 | \text{March 3, 2024} | Mar. 3rd, 2024
    ! March 4, 2024 | March 3 | 3, 2024 | 2018
x \equiv 3 \pmod 7
    = 3 \pmod{7} | 10 (mod 7) | x \equiv -4 \pmod 7
    ! 3 | 4 \pmod 7 | 3 \pmod 8
n!
    = n(n-1)! | \frac{(n+1)!}{n+1}
    ! (n-1)! | n | n^n | n!+1
\mathbb{R}
    = (-\infty, \infty) | ℝ | all real numbers | x \in \mathbb{R} | (-\infty, 0) \cup [0, \infty)
    ! \mathbb{Z} | (-\infty, 0) \cup (0, \infty) | R | \infty
(x-a)^{6000}
    = (a-x)^{6000} | ((x-a)^{2})^{3000} | (x-a)^{5999}(x-a)
    ! (x-a)^{5999} | (x+a)^{6000} | -(x-a)^{6000}
blue
    = blue | Blue | \text{blue} | \mathrm{BLUE} | blue | blue.
    ! blu | blue or red | not blue | blue, red | red | 1 | blue blue | \text{blue} 1
not enough
    = not  enough | \text{Not enough}
    ! enough | notenough
A
    = A | \text{A} | (A) | \text{(A)} | A. | A) | \textbf{(A)} | Option A
    ! a | B | A, B | AB | A or B | A + B
"""


def read_table(text: str) -> dict[str, dict[str, list[str]]]:
    table: dict[str, dict[str, list[str]]] = {}
    reference = ""
    for line in text.strip().splitlines():
        if line.startswith("    "):
            table[reference][line[4]] += line[6:].split(" | ")
        else:
            reference = line
            table[reference] = {"=": [reference], "!": []}
    return table


CASES = read_table(TABLE)
SAME = [(reference, answer) for reference, rows in CASES.items() for answer in rows["="]]
DIFFERENT = [(reference, answer) for reference, rows in CASES.items() for answer in rows["!"]]


@pytest.mark.parametrize(("reference", "answer"), SAME)
def test_same(reference: str, answer: str) -> None:
    verdict = check(boxed(answer), reference)
    assert verdict[:3] == (True, "correct", answer.strip()), verdict


@pytest.mark.parametrize(("reference", "answer"), DIFFERENT)
def test_different(reference: str, answer: str) -> None:
    verdict = check(boxed(answer), reference)
    assert not verdict.correct
    assert verdict.status != "correct"
    assert verdict.reason
    assert "\n" not in verdict.reason


def test_answers_to_one_problem_do_not_pass_for_another() -> None:
    for reference in CASES:
        for other in CASES:
            assert is_correct(boxed(other), reference) == (other == reference), (reference, other)


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ("", "no_answer"),
        ("41", "wrong"),
        ("(1, 2)", "wrong"),
        ("forty two", "unreadable"),
        ("1/0", "unreadable"),
        ("N01_2", "unreadable"),
        ("__import__('os').system('true')", "unreadable"),
        ("9" * 300, "too_large"),
        ("9^{9^{9}}", "wrong"),
        ("9^{9^{9^{9}}}", "too_large"),
        ("(" * 200 + "42" + ")" * 200, "too_large"),
        ("1+" * 2000 + "1", "too_large"),
        (r"42 + \frac{1}{10^{9^9}}", "undecided"),
        (r"42\sum_{k=1}^{n} a_k", "undecided"),
    ],
)
def test_status(answer: str, status: str) -> None:
    verdict = check(boxed(answer), "42")
    assert verdict.status == status
    assert not verdict.correct
    assert "42" not in verdict.reason


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "1 2",
        "x = = 2",
        "1/0",
        "{1, 1}",
        "2 apples or",
        "\\unknown",
        "9" * 1000,
        "(" * 99,
        ",",
        "$$",
    ],
)
def test_a_reference_that_cannot_be_read_is_an_error(text: str) -> None:
    with pytest.raises(InvalidReference):
        Reference(text)


def test_a_form_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(ValueError, match="any, value, reduced, expanded"):
        Reference("1", form="simplified")  # type: ignore[arg-type]


def test_attacks_around_the_box_do_not_pay() -> None:
    for response in [
        "42",
        r"\boxed{42} \boxed{41}",
        r"\boxed{41} \boxed{}",
        r"<think>\boxed{42}</think> I give up",
        r"<think>\boxed{42}</think>\boxed{41}",
        r"\boxed{41, 42, 43}",
        r"\boxed{\{40, 41, 42\}}",
        r"\boxed{[0, 100]}",
        r"\boxed{42 = 42}",
        r"\boxed{x = 41 = 42}",
        r"\boxed{42 \neq 41}",
        r"\boxed{42 + x}",
        "\\boxed{42\u200b}",
        r"\boxed{42}<think>",
        r"\boxed{" + " ".join(map(str, range(100))) + "}",
    ]:
        assert not is_correct(response, "42"), response


def test_a_reference_serves_many_responses_in_any_order() -> None:
    reference = Reference(r"\sqrt{2} + 1")
    answers = [r"1+\sqrt2", "2.41", r"\sqrt2", r"1 + 2^{1/2}", "((", "9^{9^9}"]
    first = [reference.check(boxed(answer)) for answer in answers]
    again = [reference.check(boxed(answer)) for answer in reversed(answers)]
    assert first == again[::-1]
    assert [verdict.correct for verdict in first] == [True, False, False, True, False, False]


def test_the_tree_has_types() -> None:
    assert isinstance(parse_answer("[1, 2)"), Interval)
    assert isinstance(parse_answer("(1, 2)"), Tuple)
    assert isinstance(parse_answer("(1, \\infty)"), Interval)
    assert isinstance(parse_answer(r"\{1\}"), Set)
    assert isinstance(parse_answer("[[1], [2]]"), Matrix)
    mixed = parse_answer("2 1/3")
    assert isinstance(mixed, Mixed)
    assert mixed.denominator.value == Fraction(3)


@pytest.mark.parametrize("text", ["3/4", r"\sqrt{2}x + 1", "{2, 3}", "[1, 2)", "[[1, 2], [3, 4]]"])
def test_references_and_trees_can_be_copied(text: str) -> None:
    tree = parse_answer(text)
    assert pickle.loads(pickle.dumps(tree)) == tree == copy.deepcopy(tree)
    assert hash(tree) == hash(parse_answer(text))
    reference = pickle.loads(pickle.dumps(Reference(text)))
    assert reference.check(boxed(f" {text} ")).correct
    assert not reference.check(boxed("(5, 7, 9)")).correct
    with pytest.raises(AttributeError):
        tree.value = 1  # type: ignore[attr-defined]


def test_verdict_gives_the_answer_as_written() -> None:
    assert check(r"\boxed{ 0.50 }", "1/2").answer == "0.50" == extract_answer(r"\boxed{ 0.50 }")
