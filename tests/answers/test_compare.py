"""How answers are compared: a row for each rule, and its neighbours that are no longer right."""

import pytest

from reasoning_gym_envs.answers import check
from tests.answers.test_check import read_table

# A reference, then answers that are the same (=) and answers that are not (!).
NAMES = r"""
h(t) = 5t
    = 5t | h(t) = 5t | t + 4t
    ! g(t) = 5t | h(s) = 5t | h = 5t | 5h
t(q) = 5q
    = t(q) = 5q
    ! 5q
X(t) = 5t
    = X(t) = 5t
    ! 5t
h(2) = 5
    = 5 | 5 = h(2)
    ! h(3) = 5 | h(x) = 5
k(x) = x
    = x = k(x)
    ! x | h(x) = x
AB = 5
    = 5 | 5 = AB
    ! AC = 5 | BA = 5 | A = 5 | AB
\frac{AB}{CD} = 3
    = 3
    ! \frac{AB}{CE} = 3 | \frac{CD}{AB} = 3
\frac{AB}{2} = 3
    = \frac{AB}{2} = 3
    ! 3 | 6
\frac{2}{AB} = 3
    = \frac{2}{AB} = 3
    ! 3
\frac{dy}{dx} = 2x
    = 2x
    ! \frac{dx}{dy} = 2x | \frac{dz}{dx} = 2x
\frac{dy}{2} = 2x
    = \frac{dy}{2} = 2x
    ! 2x
|AB| = 5
    = 5
    ! |AC| = 5
|\vec{v}| = 5
    = 5
    ! |\vec{u}| = 5
\bar{z} = 1 + i
    = \bar{z} = i + 1
    ! 1 + i
\overline{z} = 1 + i
    = \overline{z} = i + 1
    ! 1 + i
\bar{w} = 1 + i
    = \bar{w} = i + 1
    ! 1 + i
\overline{w} = 1 + i
    = \overline{w} = i + 1
    ! 1 + i
|x| = 5
    = |x| = 5
    ! 5 | x = 5
A : B = 2 : 3
    = 2:3 | 4:6 | A : B = 4 : 6
    ! 3:2 | B : A = 2 : 3
y = 3x + 1
    = f(x) = 3x + 1 | g(x) = 3x + 1 | y - 3x = 1
    ! Y = 3x + 1 | z = 3x + 1
f(x) = 3x + 1
    = y = 3x + 1
    ! Y = 3x + 1
x = \sqrt{2}, y = 1 \text{ or } x = -\sqrt{2}, y = 1
    = (\sqrt2, 1), (-\sqrt2, 1) | y = 1, x = -\sqrt2 \text{ or } y = 1, x = \sqrt2
    ! (1, \sqrt2), (1, -\sqrt2) | \sqrt2, 1, -\sqrt2, 1
1, \sqrt{8} \text{ or } 3, 4
    = 1, 2\sqrt2 \text{ or } 3, 4
    ! (1, 2\sqrt2) \text{ or } (3, 4) | 1, 2\sqrt2
"""

DOTS = r"""
1, \ldots, 5
    = 1, 2, 3, 4, 5 | 1, 2, \ldots, 5 | 1, 2, 3, \ldots, 5
    ! 1, 2, 3, 5 | 1, 2, 3, 4, 5, 6 | 5, \ldots, 1
10, 8, \ldots, 2
    = 10, 8, 6, 4, 2
    ! 10, 8, 6, 2 | 10, 9, \ldots, 2
1, 3, \ldots, 6
    = 1, 3, \ldots, 6
    ! 1, 3, 5, 6 | 1, 3, 5
1, 2, \ldots, 1
    = 1, 2, \ldots, 1
    ! 1, 2, 1 | 1, 2
1, 2, \ldots, 2
    = 1, 2, \ldots, 2
    ! 1, 2, 2 | 1, 2
2, 2, \ldots, 2
    = 2, 2, \ldots, 2
    ! 2, 2, 2 | 2
1, 2, \ldots, 130
    = 1, 2, 3, \ldots, 130 | 1, 2, 3, \ldots, 128, 129, 130
    ! 1, 2, \ldots, 131
\{1, 2, \ldots, 1000\}
    = \{1, 2, \ldots, 1000\}
    ! \{1, 2, 3, \ldots, 999\} | \{2, 1, \ldots, 1000\}
\{1, 2, \ldots\}
    = \{1, 2, \ldots\} | 1, 2, \ldots
    ! \{\ldots, 1, 2\} | \{2, 1, \ldots\} | \ldots, 1, 2 | \{1, 2\}
"""

INEQUALITIES = r"""
-2x < 6
    = x > -3 | 6 > -2x | -3 < x
    ! x < -3 | x \ge -3
\frac{x}{2} < 3
    = x < 6
    ! x > 6 | x \le 6
x > 3 - x
    = x > \frac32
    ! x < \frac32
x > \sqrt2 - x
    = 2x > \sqrt2
    ! 2x < \sqrt2
6 - 2x \ge 0
    = x \le 3 | x \le 3.0
    ! x \ge 3 | x < 3
x + \frac{1}{2} > \frac34
    = x > \frac14 | x > 0.25
    ! x > 0.2 | x < \frac14
2x \ne 6
    = x \ne 3 | 3 \ne x | x < 3 \text{ or } x > 3
    ! x = 3 | x > 3
1 < x < 2
    = 2 > x > 1 | (1, 2) | x \in (1, 2)
    ! 1 < x \le 2 | 1 \le x < 2 | 1 < y < 2 \text{ or } x = 3
3 > x \ge 1
    = [1, 3) | 1 \le x < 3
    ! (1, 3] | [1, 3] | (1, 3)
2 < x > 1
    = 2 < x > 1
    ! x > 2
x > \sqrt2
    = (\sqrt2, \infty) | \sqrt2 < x
    ! x \ge \sqrt2 | x > 1.41421 | x < \sqrt2
2x > \sqrt8
    = 2x > 2\sqrt2
    ! 2x < 2\sqrt2 | 2x \ge 2\sqrt2
x \in (1, 2)
    = (1, 2) | 1 < x < 2
    ! y \in (1, 2) | 1 < y < 2 | x \in [1, 2)
f(2) < f(1) < f(4)
    = f(4) > f(1) > f(2)
    ! f(4) < f(1) < f(2) | f(2) < f(4) < f(1)
a + \sqrt{8} < b < c
    = c > b > a + 2\sqrt2
    ! c < b < a + 2\sqrt2 | c > b \ge a + 2\sqrt2
[a, b] \cup [c, d]
    = [c, d] \cup [a, b]
    ! [a, c] \cup [b, d] | [a, b] \cap [c, d]
[a, b] \cap [c, d]
    = [c, d] \cap [a, b]
    ! [a, b] \cup [c, d]
[a, 2b] \setminus [c, d]
    = [a, b + b] \setminus [c, d]
    ! [c, d] \setminus [a, 2b]
x + y < 1
    = 1 > x + y | 2x + 2y < 2 | -x - y > -1
    ! x + y > 1 | x + y \le 1 | x + y \ne 1 | x + y = 1 | -x - y < -1 | x + 2y < 1
3x + 2y = 5
    = 6x + 4y = 10 | y = \frac{5-3x}{2} | -2y - 3x = -5
    ! y = \frac{5+3x}{2} | 6x + 4y = 5 | 2x + 3y = 5 | x + y = \frac52
    ! \frac13 x + \frac12 y = \frac15
x + y \ge 1
    = 1 \le x + y | -x - y \le -1
    ! x + y \le 1 | x + y > 1
x + y \ne 1
    = 1 \ne x + y | -x - y \ne -1
    ! x + y = 1 | x + y < 1
x > y + 1
    = y + 1 < x
    ! x < y + 1 | x \ge y + 1
x < y < z
    = z > y > x
    ! x < z < y | x < y \le z | x > y > z
x^2 < 4
    = 4 > x^2
    ! x^2 \le 4 | x^2 > 4
[0, \sqrt{2}) \cup (\sqrt{3}, 2)
    = (\sqrt3, 2) \cup [0, \sqrt2)
    ! [0, \sqrt3) \cup (\sqrt2, 2) | [0, \sqrt2) \cup [\sqrt3, 2) | [0, 2)
(1, \sqrt{3}) \cap [\sqrt2, 5]
    = [\sqrt2, \sqrt3)
    ! (\sqrt2, \sqrt3) | (1, 5]
(1, 3) \setminus \{\sqrt3\}
    = (1, \sqrt3) \cup (\sqrt3, 3)
    ! (1, 3) | \{\sqrt3\}
"""

SEVERAL_UNKNOWNS = r"""
x > 3, y < 1
    = y < 1, x > 3 | x > 3 \text{ and } y < 1 | 3 < x, 1 > y | (3, \infty), (-\infty, 1)
    = x \in (3, \infty), y \in (-\infty, 1)
    ! y > 3, x < 1 | x > 3, z < 1 | x > 3 \text{ or } y < 1 | (-\infty, 1), (3, \infty) | x > 3
x > 3 \text{ or } y < 1
    = y < 1 \text{ or } x > 3
    ! y > 3 \text{ or } x < 1 | x > 3 \text{ or } x < 1 | x > 3, y < 1 | x > 3 \text{ and } y < 1
x = 1 \text{ or } y = 2
    = y = 2 \text{ or } x = 1
    ! x = 2 \text{ or } y = 1 | 1 \text{ or } 2 | x = 1, y = 2 | x = 1 \text{ or } z = 2
x \in (1, 2) \text{ or } y \in (3, 4)
    = y \in (3, 4) \text{ or } x \in (1, 2)
    ! y \in (1, 2) \text{ or } x \in (3, 4) | x \in (1, 2), y \in (3, 4)
x \in (1, 2), y \in (3, 4)
    = 1 < x < 2, 3 < y < 4 | (1, 2), (3, 4)
    ! 1 < y < 2, 3 < x < 4 | (3, 4), (1, 2)
y > 3, x = 2
    = x = 2, y > 3
    ! z > 3, x = 2 | y > 3, x = 3 | y = 2, x > 3 | y > 3, z = 2
x > 1, y > 2, z = 3
    = z = 3, y > 2, x > 1
    ! z = 3, x > 2, y > 1
x_1 > 3, x_2 < 1
    = x_2 < 1, x_1 > 3
    ! x_1 < 1, x_2 > 3
f(1) > 2, f(2) < 3
    = f(2) < 3, f(1) > 2
    ! f(1) < 3, f(2) > 2
a < b, c > 2
    = c > 2, b > a
    ! a < b, d > 2 | b < a, c > 2
x > 3, x < 5
    = x < 5, x > 3
    ! y > 3, y < 5 | x > 3, y < 5
x = 5, x > 7
    = x = 5 \text{ or } x > 7 | \{5\} \cup (7, \infty)
    ! x = 5, y > 7 | y = 5, x > 7 | y = 5, y > 7
(x, y) = (1, 2)
    = (1, 2) | x = 1, y = 2 | (y, x) = (2, 1) | y = 2, x = 1
    ! (y, x) = (1, 2) | (a, b) = (1, 2) | a = 1, b = 2
a = 1, b = 2
    = (a, b) = (1, 2) | 1, 2 | b = 2, a = 1
    ! (x, y) = (1, 2) | 2, 1 | (b, a) = (1, 2)
\{1, 3\}
    = x_1 = 3, x_2 = 1 | x_2 = 3, x_1 = 1
    ! x = 1, y = 3 | (1, 3)
m = 2, b = 3
    = (2, 3) | b = 3, m = 2
    ! (3, 2)
x_{10} = 1, x_2 = 3
    = (3, 1)
    ! (1, 3)
1, 2; 3, 4
    = (1, 2), (3, 4) | 3, 4; 1, 2
    ! (2, 1), (3, 4) | 2, 1; 3, 4 | 1, 2, 3, 4
"""

VECTORS_AND_NUMBERS = r"""
(1, 2)
    = \mathbf{i} + 2\mathbf{j} | i + 2j | \binom{1}{2} | \begin{pmatrix}1\\2\end{pmatrix}
    ! 2i + j | \binom{2}{1} | i + 2j + 3k | 1 + 2i | \begin{pmatrix}2\\1\end{pmatrix}
(\sqrt{8}, x, 3)
    = 2\sqrt2 i + xj + 3k
    ! 2\sqrt2 i + xj | 2\sqrt2 i + xj + 3k + 1 | 3i + xj + 2\sqrt2 k | ij + 3k
i + 2j
    = (1, 2) | \begin{pmatrix}1\\2\end{pmatrix}
    ! [1, 2] | \begin{pmatrix}1&2\end{pmatrix} | (2, 1)
1 + 2i
    = 2i + 1
    ! (1, 2)
3
    = x = 3
    ! x \in 3 | x \equiv 3 | 3 \pmod 7 | x = 3 \pmod 7
\begin{pmatrix}1\\2\end{pmatrix}
    = (1, 2)
    ! [1, 2] | (2, 1) | \begin{pmatrix}1&2\end{pmatrix}
\begin{pmatrix}1&2&\sqrt8\end{pmatrix}
    = [1, 2, 2\sqrt2]
    ! (1, 2, 2\sqrt2) | [2\sqrt2, 2, 1]
3.14
    = x \approx 3.14
    ! x \approx 3.15 | 3.14 \approx x
\infty
    = +\infty
    ! -\infty
1 \text{ or } \pm 2
    = 1, 2, -2 | -2 \text{ or } 2 \text{ or } 1
    ! (1, 2, -2) | 1, 2
-30^\circ
    = -30 | -(30^\circ) | 15^\circ - 45^\circ
    ! 30^\circ | 330^\circ | -30\text{ m}
45^\circ - 15^\circ
    = 30 | 30^\circ
    ! 60^\circ | -30^\circ
10:15
    = 2:3
    ! 2.5 : 3.75 | 4:6 | 3:2
0:30
    = 12:30 am | 00:30
    ! 12:30 pm | 12:30
\begin{cases}1 & x<\sqrt2\\2 & x>\sqrt3\\3&\text{otherwise}\end{cases}
    = \begin{cases}1 & x<\sqrt2\\3&\sqrt2\le x\le\sqrt3\\2 & x>\sqrt3\end{cases}
    ! \begin{cases}1 & x<\sqrt2\\3&\sqrt2< x\le\sqrt3\\2 & x>\sqrt3\end{cases}
x \equiv 3 \pmod 7
    = x \equiv 10 \pmod 7 | 3 \pmod 7 | x \equiv -4 \pmod 7
    ! x \equiv 3 \pmod 8 | x \equiv 4 \pmod 7 | 3 | x = 3
"""

CASES = [
    (reference, rows)
    for table in (NAMES, DOTS, INEQUALITIES, SEVERAL_UNKNOWNS, VECTORS_AND_NUMBERS)
    for reference, rows in read_table(table).items()
]
SAME = [(reference, answer) for reference, rows in CASES for answer in rows["="]]
DIFFERENT = [(reference, answer) for reference, rows in CASES for answer in rows["!"]]


@pytest.mark.parametrize(("reference", "answer"), SAME)
def test_same(reference: str, answer: str) -> None:
    assert check(f"\\boxed{{{answer}}}", reference).status == "correct"


@pytest.mark.parametrize(("reference", "answer"), DIFFERENT)
def test_different(reference: str, answer: str) -> None:
    assert not check(f"\\boxed{{{answer}}}", reference).correct
