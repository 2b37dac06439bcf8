r"""Sets with conditions, families over the integers, reversed brackets, and indexed unknowns."""

import pytest

from reasoning_gym_envs.answers import Reference, check

# Each line: a reference, then what is equal to it.
EQUAL = r"""
x>3 @@ \{x\in\mathbb{R}\mid x>3\} @@ \{x\in[0,\infty)\mid x>3\} @@ \{x:x>3\}
x>3 @@ \{x\mid x>3, x\in\mathbb{R}\} @@ x>3, x\in\mathbb{R} @@ \{y\mid y>3\} @@ {x | x > 3}
x>3 @@ {x : x > 3}
(3,10] @@ \{x\in[0,10]\mid x>3\}
\{x\in\mathbb{Z}\mid 0<x<5\} @@ \{1,2,3,4\} @@ 1,2,3,4 @@ \{x\in\mathbb{Z}\mid 1\le x\le 4\}
\{x\in\mathbb{N}\mid x<4\} @@ \{x\in\mathbb{N}\mid x\le 3\}
\{x\in\mathbb{N}\mid 0<x<4\} @@ \{1,2,3\}
\{x\in\mathbb{Z}\mid x>0\} @@ \{x\in\mathbb{N}\mid x\ge 1\}
\{x\in\mathbb{Z}^+\mid x<4\} @@ \{1,2,3\}
\{x\in\mathbb{N}^*\mid x<4\} @@ \{1,2,3\}
\{x \in \mathbb{Z} : x^2 < 10\} @@ \{-3,-2,-1,0,1,2,3\}
\{1,2,3,4\} @@ \{x\in\mathbb{Z}\mid 0<x<5\} @@ 0<x<5, x\in\mathbb{Z}
\{x|x=3k,k\in\mathbb{Z}\} @@ \{3k\mid k\in\mathbb{Z}\} @@ \{x\mid x=3n, n\in\mathbb{Z}\}
\{x|x=3k,k\in\mathbb{Z}\} @@ x=3k,k\in\mathbb{Z} @@ 3k, k\in Z @@ \{3k+3\mid k\in\mathbb{Z}\}
\{x|x=3k,k\in\mathbb{Z}\} @@ \{-3k\mid k\in\mathbb{Z}\} @@ \{6k, 6k+3\mid k\in\mathbb{Z}\}
\frac{\pi}{4}+k\pi, k\in\mathbb{Z} @@ \frac{\pi}{4}+n\pi, n\in\mathbb{Z}
\frac{\pi}{4}+k\pi, k\in\mathbb{Z} @@ x=\frac{\pi}{4}+n\pi, n\in Z
\frac{\pi}{4}+k\pi, k\in\mathbb{Z} @@ x=\frac{\pi}{4}+n\pi\ (n\in\mathbb{Z}) @@ \frac{\pi}{4}+\pi k
\frac{\pi}{4}+k\pi, k\in\mathbb{Z} @@ \frac{5\pi}{4}+k\pi, k\in\mathbb{Z}
x=\frac{\pi}{4}+k\pi, k\in\mathbb{Z} @@ \left\{x \mid x=\frac{\pi}{4}+k\pi, k\in\mathbb{Z}\right\}
x=k\pi, k\in\mathbb{Z} @@ x = \pi n @@ x = \pi n, n \text{ is an integer}
x=k\pi, k\in\mathbb{Z} @@ x = \pi n \text{ for integer } n @@ x = \pi n \text{ for } n\in\mathbb{Z}
x=k\pi \text{ or } x=\frac{\pi}{2}+k\pi, k\in\mathbb{Z} @@ x=\frac{k\pi}{2}, k\in\mathbb{Z}
x = 30^\circ + 360^\circ k, k\in\mathbb{Z} @@ x = \frac{\pi}{6}+2\pi k, k \in\mathbb{Z}
\left[2k\pi, 2k\pi+\pi\right], k\in\mathbb{Z} @@ [2n\pi, (2n+1)\pi], n\in Z
\left[2k\pi, 2k\pi+\pi\right], k\in\mathbb{Z} @@ \bigcup_{k\in\mathbb{Z}}[2k\pi, 2k\pi+\pi]
\left[2k\pi, 2k\pi+\pi\right](k\in\mathbb{Z}) @@ \bigcup_{k}[2k\pi, 2k\pi+\pi]
\left[2k\pi, 2k\pi+\pi\right](k\in\mathbb{Z}) @@ \bigcup_{k=-\infty}^{\infty}[2k\pi, 2k\pi+\pi]
\left[2k\pi, 2k\pi+\pi\right](k\in\mathbb{Z}) @@ [2k\pi-2\pi, 2k\pi-\pi], k \in \mathbb{Z}
\left[2k\pi, 2k\pi+\pi\right](k\in\mathbb{Z}) @@ 2k\pi \le x \le 2k\pi+\pi, k\in\mathbb{Z}
\left[2k\pi, 2k\pi+\pi\right](k\in\mathbb{Z}) @@ \{x\mid 2k\pi \le x \le 2k\pi+\pi, k\in\mathbb{Z}\}
\left(2k\pi, 2k\pi+\pi\right)(k\in\mathbb{Z}) @@ \{x\mid 2k\pi < x < 2k\pi+\pi, k\in\mathbb{Z}\}
\{x\mid x\neq k\pi, k\in\mathbb{Z}\} @@ x\ne k\pi, k\in \mathbb Z @@ x\ne n\pi, n\in \mathbb Z
]0,12.5[ @@ (0,12.5)
(0,12.5) @@ ]0, 12.5[
(0,12.5] @@ ]0, 12.5]
[2,\infty) @@ [2,+\infty[
(-\infty,2) @@ ]-\infty,2[
(-\infty,2)\cup(3,\infty) @@ ]-\infty,2[\cup]3,+\infty[
(-\infty,2)\cup(3,\infty) @@ \left]-\infty;2\right[\cup\left]3;+\infty\right[
[2;5] @@ [2,5]
(1,2) @@ x_2=2, x_1=1 @@ x_1=1, x_2=2 @@ x=1, y=2 @@ y=2, x=1 @@ (x_2,x_1)=(2,1) @@ a=1, c=2
(1,2) @@ \alpha=1, \beta=2 @@ \beta=2, \alpha=1
(1,2,3) @@ x_1=1, x_3=3, x_2=2 @@ a_2=1, a_{10}=3, a_3=2
\{1,2\} @@ x_2=1, x_1=2
1,2 @@ x_2=1, x_1=2
x_1=1, x_2=2 @@ x_2=2, x_1=1 @@ (1,2)
x_2=2, x_1=1 @@ (1,2)
\{x\mid x>3\} @@ x>3
3<x<10 @@ \{x\mid x>3 \text{ and } x<10\} @@ \{x\mid x>3, x<10\}
\{2,3\} @@ \{x\mid x=2 \text{ or } x=3\}
\{x\mid x=2\} @@ \{2\}
\mathbb{R} @@ \{x\mid x\in\mathbb{R}\} @@ (-\infty,\infty)
\mathbb{Z} @@ \{k\mid k\in\mathbb{Z}\}
\mathbb{N} @@ \mathbb{N}
\mathbb{Z}^+ @@ \mathbb{N}^*
\mathbb{C} @@ \mathbb{C}
\mathbb{R}^+ @@ (0,\infty)
x>0 @@ x\in\mathbb{R}^+
\mathbb{R}\setminus\{1\} @@ \{x\in\mathbb{R}\mid x\ne1\}
\mathbb{R}\setminus\mathbb{Z} @@ \{x\mid x\ne k,k\in\mathbb{Z}\} @@ \mathbb{R}\setminus\mathbb{Z}
5 @@ x = 5, x\in\mathbb{R}
x=5 @@ x=5, x \in \mathbb{Z}
(t,2t), t\in\mathbb{R} @@ (t,2t), t\in\mathbb{R} @@ (s,2s), s\in\mathbb{R}
\{(x,y)\mid x^2+y^2=1\} @@ \{(x,y):x^2+y^2=1\}
x=(-1)^k\frac{\pi}{6}+k\pi, k\in Z @@ \frac{\pi}{6}+2k\pi \text{ or } \frac{5\pi}{6}+2k\pi, k\in Z
x=\pm\frac{\pi}{3}+2k\pi, k\in\mathbb{Z} @@ x=2k\pi\pm\frac{\pi}{3}, k\in\mathbb{Z}
x=\pm\frac{\pi}{3}+2k\pi, k\in Z @@ \frac{\pi}{3}+2k\pi, -\frac{\pi}{3}+2k\pi, k\in Z
x=\pm\frac{\pi}{3}+2k\pi, k\in Z @@ \frac{\pi}{3}+2k\pi, \frac{5\pi}{3}+2k\pi, k\in Z
x=\arctan 2+k\pi, k\in\mathbb{Z} @@ x=\arctan 2-n\pi, n\in\mathbb{Z}
x=\arctan 2+k\pi, k\in\mathbb{Z} @@ x=\arctan 2+\pi+n\pi, n\in\mathbb{Z}
x=\arctan 2+k\pi, k\in\mathbb{Z} @@ x=\frac{\pi}{2}-\arctan\frac12+n\pi, n\in\mathbb{Z}
x=\alpha+k\pi, k\in\mathbb{Z} @@ x=\alpha+k\pi, k\in\mathbb{Z}
2n+1 @@ 2n+1, n\in\mathbb{Z}
2n+1, n\in\mathbb{Z} @@ 2n-1
\{x\in\mathbb{Z}\mid x>3\} @@ x\ge4, x\in\mathbb{Z}
\{x\in\mathbb{Z}\mid -2\le x<3\} @@ \{-2,-1,0,1,2\}
\{x\in\mathbb{Z}\mid x^2=4\} @@ \{-2,2\}
\{x\mid -\sqrt{5}<x<\sqrt5,x\in\mathbb{Z}\} @@ \{-2,-1,0,1,2\}
{x | x > 3} @@ x>3
\{x : x>a\} @@ \{x : a<x\}
x\in\mathbb{Z}, x>3 @@ x\ge4, x\in\mathbb{Z} @@ \{4,5,6,\ldots\} @@ x\in\mathbb{Z}, x\ge4
\{2,4,6\} @@ \{2k\mid k\in\{1,2,3\}\} @@ \{2k \mid 1\le k\le3, k\in\mathbb{Z}\}
\{2,4,6\} @@ \{x\in\mathbb{Z} \mid x=2k, k\in\{1,2,3\}\} @@ \{x \mid x=2k, k\in\mathbb{Z}, 0<k<4\}
\{1,4,9\} @@ \{k^2 \mid k\in\{-1,1,2,3\}\} @@ \{n^2 : n\in\mathbb{N}, 1\le n\le3\}
\{3k : k\in\mathbb{Z}, k\ge1\} @@ \{3k : k\in\mathbb{Z}^+\} @@ \{3k+3 : k\in\mathbb{Z}, k>-1\}
\{x\in\mathbb{Z} : |x|<3\} @@ \{-2,-1,0,1,2\} @@ \{x\in\mathbb{Z} : |2x|\le5\} @@ \{0,\pm1,\pm2\}
\{-1,1\} @@ \{x\in\mathbb{Z} : ||x|-1|<1\}
\{1,2,3,4,5\} @@ \{x\in\mathbb{Z} : |x|+|x-5|<6, x>0\}
\{x\in\mathbb{Z} : x^2<5000\} @@ \{x\in\mathbb{Z} : |x|\le70\}
\{x\in\mathbb{Z}\mid x>3\} @@ \{4,5,6,\ldots\} @@ 4,5,6,\ldots @@ \{n+3 \mid n\in\mathbb{Z}^+\}
\{4,5,6,\ldots\} @@ \{x\in\mathbb{N}\mid x>3\} @@ \{4,5,6,7,\ldots\}
\{1,3,5,\ldots\} @@ \{2k-1\mid k\in\mathbb{Z}^+\} @@ \{2k+1\mid k\in\mathbb{Z}_{\ge0}\}
\{\frac12,\frac32,\frac52,\ldots\} @@ \{\frac{2k-1}{2} : k\in\mathbb{Z}^+\}
\{3k : k\in\mathbb{Z}\} @@ \{\ldots,-3,0,3,\ldots\}
\mathbb{Z} @@ \{\ldots,-2,-1,0,1,2,\ldots\} @@ \{2k,2k+1\mid k\in\mathbb{Z}\} @@ k-2, k\in\mathbb{Z}
x=k-2, k\in\mathbb{Z} @@ \{2n-2,2n-1\mid n\in\mathbb{Z}\} @@ \{\ldots,0,1,2,\ldots\}
\mathbb{Z}^- @@ \{\ldots,-3,-2,-1\} @@ \{-1,-2,-3,\ldots\} @@ \mathbb{Z}\setminus\mathbb{Z}_{\ge0}
\{-3,-2,\ldots,3\} @@ \{-3,-2,-1,0,1,2,3\}
\mathbb{Z}\cap(0,5) @@ \{1,2,3,4\} @@ \{x\in\mathbb{Z} : 0<x<5\}
\mathbb{Z}^+\cup\{0\} @@ \mathbb{Z}_{\ge0} @@ \{0,1,2,\ldots\}
\mathbb{Z}\setminus\{0\} @@ \{x\in\mathbb{Z} : x\ne0\} @@ \{n\in\mathbb{Z} : n<0 \text{ or } n>0\}
\mathbb{Q}\cap(0,1) @@ \{x\in\mathbb{Q} : 0<x<1\}
x\ne\frac{\pi}{2}+k\pi, k\in Z @@ \mathbb{R}\setminus\{\frac{\pi}{2}+k\pi\mid k\in\mathbb{Z}\}
"""

# Each line: a reference, then what is close to it, and not equal.
DIFFERENT = r"""
x>3 @@ \{x\in\mathbb{N}\mid x>3\} @@ \{x\in\emptyset\mid x>3\} @@ \{x\in\mathbb{Q}\mid x>3\}
x>3 @@ \{x\in[0,10]\mid x>3\} @@ \{x\mid x>3, x\in\mathbb{Z}\} @@ x>3, x\in\mathbb{Z}
x>3 @@ x>3 \text{ and } x \neq 5 @@ \{x\mid x>3 \text{ and } x<10\} @@ {x in Z | x > 3}
x>3 @@ \{x \text{ is an integer} \mid x > 3\} @@ x>3 \text{ for integer } x
\{x\in\mathbb{Z}\mid 0<x<5\} @@ (0,5) @@ \{0,1,2,3,4\}
\{x\in\mathbb{N}\mid x<4\} @@ \{1,2,3\} @@ \{0,1,2,3\} @@ \{x\in\mathbb{Z}\mid 0\le x<4\}
\{x\in\mathbb{N}\mid x<4\} @@ \{x\in\mathbb{Z}^+\mid x<4\}
\{1,2,3,4\} @@ \{x\mid 0<x<5\}
\{x|x=3k,k\in\mathbb{Z}\} @@ \{3k+1\mid k\in\mathbb{Z}\} @@ \{6k\mid k\in\mathbb{Z}\}
\{x|x=3k,k\in\mathbb{Z}\} @@ \{3k\mid k\in\mathbb{N}\}
\frac{\pi}{4}+k\pi, k\in\mathbb{Z} @@ \frac{\pi}{4}+2k\pi, k\in\mathbb{Z}
\frac{\pi}{4}+k\pi, k\in\mathbb{Z} @@ \frac{3\pi}{4}+k\pi, k\in\mathbb{Z}
\left[2k\pi, 2k\pi+\pi\right](k\in\mathbb{Z}) @@ (2k\pi, 2k\pi+\pi), k \in \mathbb{Z}
(0,12.5] @@ ]0, 12.5[
[2,\infty) @@ ]2,+\infty[
(1,2) @@ x_2=1, x_1=2 @@ y=1, x=2 @@ (x_2,x_1)=(1,2) @@ c=1, a=2 @@ c=2, a=1 @@ \beta=1, \alpha=2
(1,2,3) @@ a_{10}=1, a_2=2, a_3=3
x_2=2, x_1=1 @@ (2,1)
\{2,3\} @@ \{2,3 \mid 1=1\}
\mathbb{Z} @@ \mathbb{R}
\mathbb{N} @@ \mathbb{Z} @@ \mathbb{Z}^+
\mathbb{R} @@ \mathbb{C}
5 @@ 5, k\in\mathbb{Z} @@ 5 \text{ for all } x
x=5 @@ x=5, y \in \mathbb{Z}
(t,2t), t\in\mathbb{R} @@ (t,2t), t\in\mathbb{Z}
\{(x,y)\mid x^2+y^2=1\} @@ \{(x,y):x^2+y^2=2\}
x=\pm\frac{\pi}{3}+2k\pi, k\in\mathbb{Z} @@ x=\frac{\pi}{3}+2k\pi, k\in\mathbb{Z}
x=\frac{\pi}{2}+2k\pi, k\in\mathbb{Z} @@ x=\frac{\pi}{2}+2k\pi, k\in\mathbb{N}
x=\frac{\pi}{2}+2k\pi, k\in\mathbb{Z} @@ y=\frac{\pi}{2}+2k\pi, k\in\mathbb{Z} @@ x=\frac{\pi}{2}
x=\frac{\pi}{2} @@ x=\frac{\pi}{2}+2k\pi, k\in\mathbb{Z}
x=\arctan 2+k\pi, k\in\mathbb{Z} @@ x=\arctan 3+n\pi, n\in\mathbb{Z}
2n+1 @@ 2n-1
2n @@ 2k
42 @@ 42 \text{ for } k\in\mathbb{Z} @@ 42 (k\in\mathbb{Z}) @@ \{x\mid x=42\}
n @@ n \text{ is an integer}
x>3 @@ \{x : y>3\} @@ \{y : x>3\} @@ \{(x,y) : x>3\} @@ \{2x : x>3\}
\{x : x>a\} @@ \{a : x>a\}
x\in\mathbb{Z}, x>3 @@ x>3 @@ x\in\mathbb{Z} @@ x\in\mathbb{R}, x>3 @@ x\in\mathbb{Z}, y>3
x>3 @@ x\in\mathbb{Z}, x>3
\{2,4,6\} @@ \{2k\mid k\in\{1,2\}\} @@ \{2k\mid k\in[1,3]\}
\{2,4,6\} @@ \{2k : 1\le k\le3\} @@ \{k\mid k\in\{1,2,3\}\}
\{2,4,6\} @@ \{2k\mid k\in\mathbb{Z}, 0\le k\le3\} @@ \{2k\mid n\in\{1,2,3\}\}
\{2,4,6\} @@ \{2k\mid k\in\mathbb{Z}^+\}
\{3k : k\in\mathbb{Z}, k\ge1\} @@ \{3k : k\in\mathbb{Z}, k\ge0\}
\{3k : k\in\mathbb{Z}, k\ge1\} @@ \{3k : k\in\mathbb{N}\} @@ \{3,6,9\}
\{-2,-1,0,1,2\} @@ \{x : |x|<3\} @@ \{x\in\mathbb{Z} : |x|\le3\} @@ \{x\in\mathbb{N} : |x|<3\}
\{x\in\mathbb{Z}\mid x>3\} @@ \{4,6,8,\ldots\} @@ \{4,5,6\} @@ \{4,5,7,\ldots\} @@ \{\ldots,4,5,6\}
\{x\in\mathbb{Z}\mid x>3\} @@ \{4,5,\ldots\} @@ \{3,4,5,\ldots\}
\{x\in\mathbb{Z}\mid x>3\} @@ \{4,5,6,\ldots,100\} @@ (3,\infty)
\{1,3,5,\ldots\} @@ \{2k+1\mid k\in\mathbb{Z}\} @@ \{1,2,3,\ldots\} @@ \{3,5,7,\ldots\}
\mathbb{Z} @@ \{2k,2k+3\mid k\in\mathbb{N}\} @@ \{3k,3k+1\mid k\in\mathbb{Z}\} @@ k\in\mathbb{Z}^+
1,2,4,8,\ldots @@ 1,2,4,\ldots @@ 1,2,3,\ldots
\{2k : k\in\mathbb{Z}, k\ge1\} @@ \{2k : k\in\mathbb{Z}, 1\le k\le1000\}
\{2k : k\in\mathbb{Z}, 1\le k\le1000\} @@ \{2k : k\in\mathbb{Z}, 1\le k\le999\}
\{3k : k\in\mathbb{Z}\} @@ \{3k : q\in\mathbb{Z}\} @@ 3k, n\in\mathbb{Z}
2k, k\in\mathbb{N} @@ n+k, n\in\mathbb{N}
(2k\pi,2k\pi+\pi), k\in\mathbb{Z} @@ \{y\mid 2k\pi<x<2k\pi+\pi, k\in\mathbb{Z}\}
(2k\pi,2k\pi+\pi), k\in\mathbb{Z} @@ (2k\pi,2k\pi+\pi), n\in\mathbb{Z}
[k,k+1), k\in\mathbb{Z} @@ \bigcup_{k=\infty}^{\infty}[k,k+1)
\mathbb{R}\setminus\mathbb{Z} @@ \{y\mid x\ne k, k\in\mathbb{Z}\}
\{-2,2\} @@ \{x\in\mathbb{Z}\mid x^2\approx4\} @@ \{y\in\mathbb{Z}\mid x^2=4\}
\mathbb{N}\cap(-1,3) @@ \{0,1,2\} @@ \{1,2\}
\mathbb{Z}\cup(0,1) @@ \mathbb{Z} @@ (0,1)
(0,1)\setminus\mathbb{Q} @@ (0,1) @@ \emptyset
\mathbb{Z}\setminus\{0\} @@ \mathbb{R}\setminus\{0\} @@ \mathbb{Z} @@ \mathbb{Z}\setminus\{1\}
"""


def rows(table: str) -> list[tuple[str, str]]:
    found = []
    for line in table.strip().splitlines():
        reference, *answers = line.split(" @@ ")
        found += [(reference, answer) for answer in answers]
    return found


@pytest.mark.parametrize(("reference", "answer"), rows(EQUAL))
def test_what_is_equal_is_right(reference: str, answer: str) -> None:
    assert check(f"\\boxed{{{answer}}}", reference).status == "correct"


@pytest.mark.parametrize(("reference", "answer"), rows(DIFFERENT))
def test_what_is_close_is_refused(reference: str, answer: str) -> None:
    assert not check(f"\\boxed{{{answer}}}", reference).correct


@pytest.mark.parametrize(
    ("reference", "answer"),
    [
        (r"\{x\in\mathbb{N}\mid x<4\}", r"\{0,1,2,3\}"),
        (r"\{x\in\mathbb{N}\mid x<4\}", r"\{1,2,3\}"),
        (r"\mathbb{N}", r"\mathbb{Z}^+"),
        (r"\{x\in\mathbb{Z}\mid |x|>3\}", r"\{4,5,6,\ldots\}"),
        ("(2, 3)", "w = 3, p = 2"),
    ],
)
def test_what_nobody_can_say_is_undecided(reference: str, answer: str) -> None:
    assert check(f"\\boxed{{{answer}}}", reference).status == "undecided"


def test_a_set_with_a_condition_may_be_asked_for_in_a_form() -> None:
    reference = Reference("x > 3", form="value")
    assert reference.check(r"\boxed{\{x \mid x > 3\}}").correct
    assert reference.check(r"\boxed{\{x \mid x > 1+2\}}").status == "wrong_form"
