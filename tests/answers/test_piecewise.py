r"""Functions with kinks and jumps: agreement is shown by cases, never by points alone."""

from fractions import Fraction

import pytest

from reasoning_gym_envs.answers import check, real_roots
from reasoning_gym_envs.answers.normal_form import Budget

# Each line: a reference, then what is equal to it.
EQUAL = r"""
\lceil n/2\rceil @@ \lfloor (n+1)/2\rfloor @@ n - \lfloor n/2\rfloor @@ -\lfloor -n/2\rfloor
\lfloor\log_2 n\rfloor+1 @@ \lceil\log_2 (n+1)\rceil @@ \lfloor\log_2 (2n)\rfloor
\lfloor\log_2 n\rfloor+1 @@ 1+\lfloor\frac{\ln n}{\ln 2}\rfloor
\lfloor\sqrt n\rfloor @@ \lceil\sqrt{n+1}\rceil-1
\lfloor \frac{n^2}{4}\rfloor @@ \lfloor n/2\rfloor\lceil n/2\rceil
\lfloor \frac{n}{2}\rfloor @@ \frac{2n-1+(-1)^n}{4}
\frac{2n-1+(-1)^n}{4} @@ \lfloor \frac{n}{2}\rfloor
\lfloor n/3\rfloor @@ \lceil (n-2)/3\rceil
2^{\lfloor n/2\rfloor} @@ 2^{\lceil (n-1)/2\rceil}
\binom{n}{\lfloor n/2\rfloor} @@ \binom{n}{\lceil n/2\rceil}
\lfloor x\rfloor @@ -\lceil -x\rceil @@ \lfloor x+1\rfloor - 1
\lfloor 2x\rfloor @@ \lfloor x\rfloor+\lfloor x+\frac12\rfloor
\lfloor x/2\rfloor @@ \lfloor\lfloor x\rfloor/2\rfloor
x-\lfloor x\rfloor @@ |x-\lfloor x\rfloor|
(-1)^n @@ \cos(n\pi) @@ (-1)^{n+2} @@ (-1)^{-n} @@ (-1)^{n^2} @@ -(-1)^{n-1}
\frac{2(1-(-1)^n)}{n\pi} @@ \frac{2-2\cos n\pi}{n \pi}
\cos\frac{n\pi}{2} @@ \frac{(1+(-1)^n)}{2}\cos\frac{n\pi}{2}
|x| @@ \sqrt{x^2} @@ |-x| @@ \max(x,-x) @@ (x^4)^{1/4} @@ e^{\frac12\ln x^2} @@ e^{\ln|x|}
|x| @@ \frac{x^2}{|x|} @@ -\min(x,-x) @@ \sqrt[4]{x^4}
\max(0,x) @@ \frac{x+|x|}{2} @@ \frac{x+\sqrt{x^2}}{2}
\max(a,b) @@ \frac{a+b+|a-b|}{2} @@ a+b-\min(a,b) @@ -\min(-a,-b)
\max(a,b,c) @@ \max(a,\max(b,c)) @@ \max(\max(c,a),b)
|x|+|y| @@ \max(|x+y|,|x-y|)
|xy| @@ |x||y|
|x^2-y^2| @@ |x-y||x+y|
|x^2-1| @@ |x-1||x+1| @@ |1-x^2|
|x^2+1| @@ x^2+1
\frac{|x|}{x} @@ \frac{x}{|x|}
\frac{\pi|x|}{2x} @@ \arctan x+\arctan\frac1x
\sqrt{x^2+2x+1} @@ |x+1|
\sqrt{2x^2} @@ \sqrt2|x|
\sqrt{x^2-2xy+y^2} @@ |x-y|
2|\sin\frac{x}{2}| @@ \sqrt{2-2\cos x}
|\sin x| @@ \sqrt{1-\cos^2 x}
|2+\sin x| @@ 2+\sin x
\ln|\sec x+\tan x| @@ \ln|\tan(\frac{x}{2}+\frac{\pi}{4})| @@ -\ln|\sec x-\tan x|
\ln|\sec x+\tan x| @@ \frac12\ln\left|\frac{1+\sin x}{1-\sin x}\right|
-\ln|\cos x|+C @@ \ln|\sec x|+C
\ln|x^2-1| @@ \ln|x-1|+\ln|x+1|
\sqrt{x}|x| @@ x^{3/2}
e^x @@ |e^x| @@ \sqrt{e^{2x}}
|x|\sqrt{1-\frac{1}{x^2}} @@ \sqrt{x^2-1}
y=|x| @@ y=\sqrt{x^2} @@ 2y=2|x|
\sqrt{x^2+y^2} @@ |x+iy|
"""

# Each line: a reference, then what is close to it, and not equal.
DIFFERENT = r"""
\lceil n/2\rceil @@ \lfloor n/2\rfloor+1 @@ \lfloor n/2\rfloor @@ \lceil (n+1)/2\rceil @@ n/2
\lceil x/2\rceil @@ \lfloor (x+1)/2\rfloor
n @@ \lfloor n/2\rfloor+\lceil n/2\rceil @@ \lfloor n\rfloor
\lfloor\log_2 n\rfloor+1 @@ \lceil\log_2 n\rceil @@ \lfloor\log_2 (n+1)\rfloor+1
\lfloor\log_{10} n\rfloor+1 @@ \lceil\log_{10} n\rceil
\lfloor\sqrt n\rfloor @@ \lceil\sqrt{n}\rceil-1 @@ \lfloor\sqrt{n+1}\rfloor
\lfloor \frac{n^2}{4}\rfloor @@ \lfloor n/2\rfloor^2 @@ \frac{n^2}{4}
\lfloor x\rfloor @@ \lceil x\rceil-1 @@ \lceil x-1\rceil @@ x
\lfloor 2x\rfloor @@ \lfloor x\rfloor+\lfloor x+\frac13\rfloor @@ 2\lfloor x\rfloor
\lfloor x+\frac12\rfloor @@ \lceil x-\frac12\rceil
1 @@ \lceil\sin^2 x\rceil @@ 1+\max(0,\frac1{10}-|x-77|) @@ 1+\max(0,10^{-100}-|x-77|)
1 @@ \frac{|(x-77)^2-\frac1{100}|}{(x-77)^2-\frac1{100}} @@ 1+\max(0,\sin x-1+10^{-9})
1 @@ \frac{2}{\pi}(\arctan((x-77)^2-\frac1{100})+\arctan(\frac{1}{(x-77)^2-\frac1{100}}))
1 @@ \frac{|x|}{x} @@ 1 + 0^{|x|} @@ \lceil\frac{x^2}{1+x^2}\rceil
0 @@ 0^{|x|} @@ \lfloor\sin^2 x\rfloor @@ \lfloor \frac{|x|}{x+|x|+10^{-9}} \rfloor
0 @@ (x - |x|)(y - |y|) @@ \max(0, x)\max(0, -x - 10^{-9}) + \max(0, 1 - 10^9|x|)
x+1 @@ x+1+\max(0,\frac{1}{10}-|x-77|)
x+y @@ x+y+\max(0,\frac{1}{10}-|x-77|-|y-33|)
42 @@ 42 + \sin(n\pi) @@ 42(-1)^{2n} + \lfloor n\rfloor - n
(-1)^n @@ (-1)^{n+1} @@ \cos n @@ 1 @@ (-1)^{2n}
(-1)^x @@ \cos(\pi x)
|x| @@ x @@ -x @@ \sqrt{x}^2 @@ x^2/x @@ \max(x,-x,10^{-9})
\max(a,b,c) @@ \max(a,b) @@ \frac{a+b+|a-b|}{2} @@ \min(a,b,c)
|x|+|y| @@ |x+y| @@ \sqrt{x^2+y^2} @@ \max(|x|,|y|)
|x^2-1| @@ x^2-1 @@ 1-x^2 @@ |x-1|^2
\sqrt{x^2+2x+1} @@ x+1
|\sin x| @@ \sin x
\frac{\pi}{2} @@ \arctan x+\arctan\frac1x
x @@ \arcsin(\sin x) @@ \lfloor x\rfloor
x\sqrt{1-\frac{1}{x^2}} @@ \sqrt{x^2-1}
\sqrt{x - 1} - 1 @@ \sqrt{x - 2\sqrt{x - 1}}
y=|x| @@ y=|x|+\max(0,\frac1{10}-|x-77|) @@ y-|x|+\max(0,\frac1{10}-|x-77|)=0
"""


def rows(table: str) -> list[tuple[str, str]]:
    found = []
    for line in table.strip().splitlines():
        reference, *answers = line.split(" @@ ")
        found += [(reference, answer) for answer in answers]
    return found


@pytest.mark.parametrize(("reference", "answer"), rows(EQUAL))
def test_what_is_equal_is_shown(reference: str, answer: str) -> None:
    assert check(f"\\boxed{{{answer}}}", reference).status == "correct"


@pytest.mark.parametrize(("reference", "answer"), rows(DIFFERENT))
def test_what_differs_somewhere_is_refused(reference: str, answer: str) -> None:
    assert check(f"\\boxed{{{answer}}}", reference).status in ("wrong", "undecided")


def test_what_cannot_be_shown_is_undecided() -> None:
    assert check(r"\boxed{\lceil\frac{1}{1+x^2}\rceil}", "1").status == "undecided"


def test_cells_lie_between_the_roots() -> None:
    roots = [Fraction(77), Fraction(769, 10), Fraction(771, 10), Fraction(0), Fraction(1, 10**100)]
    polynomial = [1]
    for root in (*roots, Fraction(0)):  # one of them twice
        polynomial = real_roots.product(polynomial, [-root.numerator, root.denominator])
    cells = real_roots.cells(polynomial, Budget(40_000))
    assert len(cells) == len(roots) + 1
    for (_, high), root, (low, _) in zip(cells, sorted(roots), cells[1:], strict=False):
        assert high is not None
        assert low is not None
        assert high <= root <= low
