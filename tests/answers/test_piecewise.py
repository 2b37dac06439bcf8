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
x @@ \ln(e^x) @@ \sqrt[3]{x^3}
1 @@ \frac{\ln((x-77)^2)}{2\ln|x-77|}
(-1)^n @@ (-1)^n\cos(2\pi n) @@ (-1)^n + \sin(n\pi)
(-1)^n @@ (-1)^n + \lfloor n/2+1/4\rfloor - \lfloor n/2\rfloor @@ e^{i\pi n}
(-1)^{n+1} @@ -\cos(n\pi)
(-1)^{n(n+1)/2} @@ (-1)^{\lfloor (n+1)/2\rfloor} @@ \cos\frac{n\pi}{2}-\sin\frac{n\pi}{2}
(-1)^{\lfloor n/2\rfloor} @@ \cos\frac{n\pi}{2}+\sin\frac{n\pi}{2}
\frac{(-1)^n}{n} @@ \frac{\cos n\pi}{n}
\frac{1-(-1)^n}{n^2} @@ \frac{1-\cos(n\pi)}{n^2}
\sin\frac{n\pi}{2} @@ \frac{1-(-1)^n}{2}(-1)^{\frac{n-1}{2}}
\lfloor \frac{mn}{2} \rfloor @@ \lceil \frac{mn-1}{2} \rceil
\lfloor\frac{n^3-n}{3}\rfloor @@ \frac{n^3-n}{3}
\lfloor\frac{n}{3}\rfloor @@ \lfloor\frac{n}{3}+10^{-9}\rfloor @@ \lfloor\frac{n+0.5}{3}\rfloor
2\left\lfloor \frac{n+1}{2} \right\rfloor @@ n + \frac{1-(-1)^n}{2}
n - 2\lfloor n/2 \rfloor @@ \frac{1-(-1)^n}{2} @@ |\sin\frac{n\pi}{2}|
|\sin\frac{n\pi}{2}| @@ n - 2\lfloor n/2 \rfloor
\max(n,0) @@ \frac{n+|n|}{2}
\min(m,n) @@ \frac{m+n-|m-n|}{2}
|x-1|+|x+1| @@ \max(2,2|x|)
||x|-1| @@ \max(|x|-1, 1-|x|)
\sqrt{(x-1)^2+4x} @@ |x+1|
\sqrt{x^4} @@ x^2
\sqrt{x^6} @@ |x|^3
\sqrt{x^2y^2} @@ |x||y|
\sqrt{x^2y} @@ |x|\sqrt{y}
\ln|x|+C @@ \ln x+C
\frac{1}{2}\ln\left|\frac{x-1}{x+1}\right| @@ \ln\sqrt{\left|\frac{x-1}{x+1}\right|}
\frac{1}{2}\ln\left|\frac{x-1}{x+1}\right| @@ \frac12(\ln|x-1|-\ln|x+1|)
\frac{1}{2}\ln\left|\frac{x-1}{x+1}\right| @@ \frac12\ln\frac{|x-1|}{|x+1|}
\frac{1}{2}\ln\left|\frac{x-1}{x+1}\right| @@ \frac12\ln\left|\frac{1-x}{x+1}\right|
\frac{1}{2}\ln\left|\frac{x-1}{x+1}\right| @@ -\frac12\ln\left|\frac{x+1}{x-1}\right|
\ln(x+\sqrt{x^2+1}) @@ \operatorname{arcsinh} x
\ln|x+\sqrt{x^2-1}| @@ -\ln|x-\sqrt{x^2-1}|
2\sqrt{x}\arcsin\sqrt{x}+2\sqrt{1-x} @@ 2(\sqrt{x}\arcsin\sqrt{x}+\sqrt{1-x})
\frac{1}{|x|\sqrt{x^2-1}} @@ \frac{1}{x^2\sqrt{1-1/x^2}}
\frac{|x|}{x}\sqrt{x^2+1} @@ x\sqrt{1+\frac1{x^2}}
e^{-|x|} @@ \min(e^x,e^{-x})
e^{|x|} @@ \max(e^x,e^{-x})
|e^x-1| @@ |1-e^x|
|\cos x| @@ \sqrt{\frac{1+\cos 2x}{2}}
4|\sin x\cos x| @@ 2|\sin 2x|
|\ln x| @@ |\ln\frac1x|
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
1 @@ 1+\frac{((\frac1{10}-((x-77)^4)^{1/4})^4)^{1/4}+\frac1{10}-((x-77)^4)^{1/4}}{2}
1 @@ 1+\frac{\sqrt{(\frac{1}{10}-\sqrt{x^2-154x+5929})^2}+\frac{1}{10}-\sqrt{x^2-154x+5929}}{2}
1 @@ \frac{\sqrt{(x-77)^2}}{x-77} @@ \frac{(x-77)^{1/3}}{((x-77)^2)^{1/6}}
1 @@ 1 + \lfloor \frac{1}{1+x^2} \rfloor
x @@ \arctan(\tan x) @@ \arctan(\tan(x/40))\cdot 40 @@ 1000\arcsin(\sin(x/1000))
x @@ 10^6\arcsin(\sin(x/10^6)) @@ 10^{30}\arctan(\tan(x/10^{30})) @@ \sqrt[4]{x^4}
x @@ x+\lfloor \cos^{2}(x) \rfloor @@ x + 0^{x^2} @@ x + 0^{|x-1|} @@ x + (x-x)^{x}
0 @@ \lfloor e^{-x^2} \rfloor @@ \lfloor \cos^2 x \rfloor
n @@ n+\sin(\pi n)
(-1)^n @@ n(n) @@ (-1)^n+n(n+1)
n! @@ n!+\sin(\pi n) @@ n!\cos(2\pi n)
(-1)^n @@ (-1)^n + \lfloor n/2+1/2\rfloor - \lfloor n/2\rfloor @@ \cos(k\pi) @@ \cos(n\pi)+10^{-50}
\lfloor \frac{mn}{2} \rfloor @@ \frac{mn}{2}
\lfloor \frac{n}{2} \rfloor \lfloor\frac{m}{2}\rfloor @@ \lfloor \frac{mn}{4} \rfloor
\lfloor\frac{n^2}{3}\rfloor @@ \lfloor\frac{n}{3}\rfloor\lceil\frac{n}{3}\rceil
\lfloor\frac{n^3}{3}\rfloor @@ \lfloor\frac{n^3}{3}\rfloor+1
\lfloor\frac{x}{3}\rfloor @@ \lfloor\frac{x}{3}+10^{-9}\rfloor
\lfloor \log_2 x\rfloor @@ \lceil \log_2 x\rceil-1
\lfloor \frac{n}{\phi} \rfloor @@ \lfloor \frac{n}{\phi} \rfloor+1
|x-1|+|x+1| @@ 2 @@ 2|x|
\max(a,b) @@ \max[a,b) @@ \max(a,b] @@ \max\{a,b) @@ \max(a,b
||x|-1| @@ |x|-1
\sqrt{x^6} @@ x^3
\sqrt{x^2y^2} @@ xy
\sqrt{x^2y} @@ x\sqrt{y}
\ln|x|+C @@ \ln|x|
\arcsin\frac{x}{a} @@ \arctan\frac{x}{\sqrt{a^2-x^2}}
|\cos x| @@ \cos x
|\ln x| @@ \ln x
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
    assert not check(f"\\boxed{{{answer}}}", reference).correct


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
