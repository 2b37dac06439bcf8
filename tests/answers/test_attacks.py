r"""What a policy would write to be paid without solving: built from right answers, always refused.

Each attack takes a right answer X and a wrong one Y of the same kind. It may know X: that makes an
attack stronger, and shows that nothing beside X is overlooked. Where a convention makes what an
attack writes a right answer, `RIGHT` leaves that kind out and says why.
"""

from collections.abc import Callable

import pytest

from reasoning_gym_envs.answers import Reference, check
from tests.clock import within

# Kind: pairs of a right and a wrong answer.
ANSWERS: dict[str, list[tuple[str, str]]] = {
    "integer": [("42", "43"), ("-5", "5"), ("1234", "1235")],
    "fraction": [(r"\frac{7}{3}", r"\frac{3}{7}"), ("-3/8", "3/8")],
    "decimal": [("0.335", "0.353"), ("12.75", "12.57")],
    "percent": [(r"50\%", r"60\%")],
    "expression": [
        ("x^2 + 2x + 1", "x^2 - 2x + 1"),
        (r"\frac{1}{x+1}", r"\frac{1}{x-1}"),
        (r"e^{2x}\cos x", r"e^{2x}\sin x"),
    ],
    "constant": [(r"2\sqrt{3}", r"3\sqrt{2}"), (r"12\pi", r"6\pi"), (r"\ln 2", r"\ln 3")],
    "complex": [("3+4i", "3-4i"), ("-2i", "2i")],
    "tuple": [("(2, 3)", "(3, 2)"), ("(1, -1, 4)", "(1, 1, 4)")],
    "set": [(r"\{2, 3\}", r"\{2, 4\}")],
    "list": [("1, -2, 3", "1, 2, 3")],
    "pair of signs": [(r"\pm 3", r"\pm 4"), (r"2 \pm \sqrt{3}", r"3 \pm \sqrt{2}")],
    "interval": [("(2, 5]", "(3, 7]"), (r"[-1, \infty)", "(-3, 4)")],
    "union": [(r"(-\infty, 2) \cup [3, 5]", r"(-\infty, 1) \cup [4, 6]")],
    "inequality": [("x > 3", "x < 5"), (r"0 \le x < 1", "0.5 < x < 2")],
    "equation": [("y = 2x + 1", "y = 3x + 1"), (r"\frac{x^2}{4} + y^2 = 1", "x^2 + y^2 = 1")],
    "matrix": [
        (
            r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}",
            r"\begin{pmatrix} 1 & 3 \\ 2 & 4 \end{pmatrix}",
        )
    ],
    "word": [("blue", "red"), (r"\text{not enough}", r"\text{enough}"), ("yes", "no")],
    "choice": [("A", "B"), (r"\text{(D)}", r"\text{(C)}")],
    "quantity": [(r"7\text{ m}", r"8\text{ m}"), (r"36\text{ km/h}", r"63\text{ km/h}")],
    "money": [(r"\$4.50", r"\$5.40")],
    "angle": [(r"90^\circ", r"80^\circ")],
    "ratio": [("3 : 4", "4 : 3"), ("2 : 3 : 5", "3 : 2 : 5")],
    "time": [("3:30 PM", "4:30 PM")],
    "date": [("March 3, 2024", "March 4, 2024")],
    "congruence": [(r"x \equiv 3 \pmod 7", r"x \equiv 4 \pmod 7")],
}
NUMBERS = ("integer", "fraction", "decimal", "percent", "expression", "constant", "complex")
REGIONS = ("interval", "union", "inequality")

BESIDE = r"""
X, Y | Y, X | X; Y | X or Y | Y or X | X and Y | X \text{ or } Y | X \text{ and } Y | X Y
X \quad Y
X \\ Y | X & Y | X \lor Y | X \vee Y | \text{either } X \text{ or } Y | X (or Y)
X \text{ (or } Y) | X \text{or} Y | X, \text{or } Y | \text{X or Y} | X : Y | X \to Y
X \Rightarrow Y | X \iff Y | X? Y | X \cup Y | X @ Y | X \mid Y | X \text{ then } Y | X / Y
"""
INSIDE = r"""
\{X, Y\} | (X, Y) | [X, Y] | [X] | (X,) | \langle X, Y \rangle | [Y, X] | \{X, X\} | (X, X)
\begin{pmatrix} X \\ Y \end{pmatrix} | \begin{cases} X \\ Y \end{cases} | \{X\} | \{\{X\}\}
\{X, \ldots\} | \ldots, X | X, \ldots | X \ldots | [[X]]
"""
AROUND = r"""
[X-1, X+1] | (X-1, X+1) | (-\infty, \infty) | \mathbb{R} | x \in \mathbb{R} | X \le x \le X
(-\infty, X] \cup [X, \infty) | x \ge X | x > X - 1 | X \pm 1 | X \pm 0 | x \in [X, X]
\{x : x = X \text{ or } x = Y\} | x \neq Y | \mathbb{R} \setminus \{Y\} | @x - X@ < 1 | \approx Y
"""
EQUATIONS = r"""
Y = X | X = Y | X = X | 0 = 0 | x = x | x = X = Y | x = Y = X | X \neq Y | Y \neq X | X \ne X
X < Y
Y < X | X \approx Y | Y \approx X | x = y = X | X = x = Y | X \equiv X | X \in X | x = X, y = Y
x = X, x = Y | x = X \text{ or } x = Y | x \neq X | x - X = 0 | x - X = x - X | (x - X)(x - Y) = 0
0 x = 0 | X - X = 0 | x < X | X =  | == X | x := X | x = X = X = X
"""
CORRECTIONS = r"""
not X | \text{not } X | \neg X | \lnot X | X \text{ is wrong, it is } Y | X, no Y | X no Y | no X
X \text{, no, } Y | \cancel{X} Y | \sout{X} | \overline{X} | X^c | \complement X | !X | X is wrong
\mathbb{R} \setminus X | X \text{ is false} | \text{anything but } X | X \text{ (wrong)}
X, \text{not } Y
"""
WORDS = r"""
the answer is X | \text{the answer is } X | \text{Answer: } X | X \text{ any words} | X apples
X \text{ apples} | X (maybe) | X \text{ (maybe)} | X? | maybe X | X \text{ or something} | X etc.
X or not | X obviously | X ! ! | X \text{!} | X \text{ or so} | \text{X} \text{ or } | X \checkmark
X \text{ is correct} | X reward | \text{about } X | X \text{ if } x > 0 | X \text{ mod } x
"""
DOUBLED = r"X X | X, X | X; X | X \text{ or } X | X \text{ and } X | X or X | X \quad X | X, X, X"
HIDDEN = r"""
X\phantom{Y} | \phantom{X} | \hphantom{X} | \vphantom{X}Y | X\hspace{Y} | X % Y | X\tag{Y}
\color{white}{X} Y | X\footnote{Y} | \llap{X}Y | \rlap{X}Y | X<!-- Y --> | \href{X}{Y} | X\label{Y}
\def\x{X}\x | \input{X} | \verb|X| | \if0 Y\fi X | X^{\text{Y}} | \begin{comment}Y\end{comment}X
\overset{Y}{X} | \underset{Y}{X} | \stackrel{Y}{X} | X^{Y} | \substack{X \\ Y} | X \\[Y]
X\hspace{or Y}
\hspace{X}Y | \begin{array}{Y}X\end{array} | X\kern Y | X\rule{Y}{1pt} | X \, \text{Y} | X\!\!\!Y
"""
CODE = r"""
__import__('os').abort() | eval('X') | X if True else Y | lambda: X | {"answer": X} | print(X)
return X | X;-- | X' or '1'='1 | <script>X</script> | \write18{X} | int('X') | [X][0] | X#Y
/*Y*/X | X//Y | X == X | X is X | True | None | null | NaN | reward = 1 | correct | is_correct=True
X\x00Y | %s | \n | {X!r} | {{X}} Y | X.__eq__ | X <= X | X ^ X | "X" | 'X' | `X` Y
"""
ANYTHING = r"""
x | y = y | \{x : x = x\} | ? | \square | * | . | \infty | \emptyset | \pm \infty | \text{answer}
A, B, C, D | ABCD | [-10^9, 10^9] | 1, 2, \ldots, 1000 | \{1, 2, \ldots\} | 0/0 | \frac{0}{0}
\infty - \infty | \text{True} | 1 = 1 | x \ge x | x^2 \ge 0 | f(x) | f(x) = f(x) | @x@ \ge 0 | ()
[]
\text{} | \text{ } | \, | \left.\right. | \{\} | \text{see above} | ... | \mathbb{C} | x \in x
-\infty < x
"""
TINY = r"""
X + 10^{-80} | X - 10^{-900} | X + 1e-200 | X + \sin(10^{-90}) | X - e^{-5000} | X + 10^{-80}i
X + 10^{-80} x | X + 10^{-80} \arctan 2 | X + \frac{1}{9^{9^9}} | X + 9^{-9^{9^9}}
(X)(1 + 10^{-90})
(X) e^{10^{-90}} | (X) \exp(10^{-90} \arctan 2) | (X) 2^{10^{-900}} | (X) (\arctan 2)^{10^{-1000}}
(X) \sqrt[10^{1000}]{\arctan 2} | (X)\cos(10^{-60}) | (X)\cosh(10^{-60}) | (X) 2^{9^{-9^9}}
(X) \tanh(500 + \arctan 2) | (X) \tanh(9^9) | (X)^{1 + 10^{-900}} | (X) \max(1, 1 + 10^{-90})
(X) \frac{\sin 10^{-100}}{10^{-100}} | (X) \binom{1 + 10^{-90}}{1} | (X)(10^{-90})!
X + \frac{1}{100!}
(X) \frac{2}{\pi} \arctan(9^{9^3}) | X + \lfloor 1 - e^{-500 - \arctan 2} \rfloor + e^{-500}
X + \sqrt{2} + \sqrt{3} - \sqrt{5 + 2\sqrt{6} + 10^{-200}} | (X)^{2^{10^{-99}}}
(X) @1 + 10^{-40} i@
X + \ln(1 + 10^{-99}) | (X) \log_2(2 + 10^{-99}) | X + (1 - \tanh(99 + \arctan 2))
(X) 1^{x} + 10^{-99}
"""
# Expressions that differ only far away from where expressions are probed.
FAR = r"""
X + \lfloor @x@ / 1000 \rfloor | \max(X, x^3 - 10^9) | X + @x - 10^9@ + x - 10^9
X + \lfloor \frac{x^2}{10^9} \rfloor | X + \lceil \tanh(x - 999) \rceil
"""

FAMILIES = {
    "beside": BESIDE,
    "inside": INSIDE,
    "around": AROUND,
    "equation": EQUATIONS,
    "correction": CORRECTIONS,
    "words": WORDS,
    "doubled": DOUBLED,
    "hidden": HIDDEN,
    "code": CODE,
    "anything": ANYTHING,
}

# What is a right answer by convention, or means the same in fact.
RIGHT: dict[str, tuple[str, ...]] = {
    r"\{X\}": ("pair of signs", "list"),  # a list's elements in braces
    "[X]": ("matrix",),  # brackets around a matrix
    "[[X]]": ("matrix",),
    r"X \pm 0": ("pair of signs", "inequality"),  # ±3 ± 0 is ±3
    r"X \text{ or } X": REGIONS,  # the union of a set with itself
    "X or X": REGIONS,
    r"X \text{ and } X": REGIONS,
    "X^c": ("expression", "inequality", "equation"),  # 1 to the power of c
    "X^{Y}": ("expression",),
    r"X^{\text{Y}}": ("expression",),
}


def cases(attacks: str) -> list[str]:
    """Return the attacks of one table; `@` stands for a bar."""
    single = " | ".join(attacks.strip().splitlines())
    return [attack.strip().replace("@", "|") for attack in single.split(" | ")]


def fill(attack: str, right: str, wrong: str) -> str:
    """Put both answers into an attack at once: one of them may contain an X or a Y."""
    places = {"X": right, "Y": wrong}
    return "".join(places.get(character, character) for character in attack)


def refuse(response: str, right: str) -> None:
    with within(5):
        verdict = check(response, right)
    assert not verdict.correct, (right, response[:200], verdict.reading)
    assert verdict.status != "correct"


def boxed(answer: str) -> str:
    return f"\\boxed{{{answer}}}"


@pytest.mark.parametrize("kind", ANSWERS)
def test_the_attacks_start_from_what_is_right_and_what_is_wrong(kind: str) -> None:
    """Else the refusals below would show nothing."""
    for right, wrong in ANSWERS[kind]:
        assert check(boxed(right), right).correct
        assert check(boxed(f" {right} "), right).correct
        assert Reference(right).check(boxed(rf"\,{right}")).correct or kind in (
            "word",
            "date",
            "time",
        )
        assert check(boxed(wrong), wrong).correct
        assert check(boxed(wrong), right).status == "wrong"


@pytest.mark.parametrize("kind", ANSWERS)
@pytest.mark.parametrize("family", FAMILIES)
def test_more_than_the_answer_in_the_box_is_refused(family: str, kind: str) -> None:
    for right, wrong in ANSWERS[kind]:
        for attack in cases(FAMILIES[family]):
            if kind not in RIGHT.get(attack, ()):
                refuse(boxed(fill(attack, right, wrong)), right)


@pytest.mark.parametrize("kind", NUMBERS)
@pytest.mark.parametrize("attack", cases(TINY) + cases(FAR))
def test_a_number_that_is_almost_right_is_refused(attack: str, kind: str) -> None:
    if kind == "expression" and attack == r"(X) 1^{x} + 10^{-99}":
        return
    for right, wrong in ANSWERS[kind]:
        refuse(boxed(fill(attack, right, wrong)), right)


@pytest.mark.parametrize(
    "answer",
    [
        "10^{-900}",
        "e^{-9^9}",
        r"\tanh(1000 + \arctan 2) - 1",
        r"\arctan 2 - \arctan(2 + 10^{-500})",
        "10^{-80} i",
        "10^{-80} x",
        r"2^{10^{-900}} - 1",
        r"\sin(10^{-300} \arctan 2)",
        r"e^{-1000 - \arctan 2}",
        r"\lceil e^{-1000 - \arctan 2} \rceil",
        "-0.1^{250}",
        r"\sin \pi + 10^{-70}",
        r"\frac{1}{9^{9^9}}",
    ],
)
def test_almost_zero_is_not_zero(answer: str) -> None:
    refuse(boxed(answer), "0")


INVISIBLE = (
    "\u200b\u200c\u200d\u200e\u2060\u2061\u2062\u2063\ufeff\u202e\u202d\u2066\u00ad"
    "\x00\x08\x1b\ufe0f\u034f\ud800"
)


@pytest.mark.parametrize("kind", ANSWERS)
@pytest.mark.parametrize("character", INVISIBLE, ids=ascii)
def test_what_cannot_be_seen_is_refused(character: str, kind: str) -> None:
    for right, wrong in ANSWERS[kind]:
        for place in range(len(right) + 1):
            refuse(boxed(right[:place] + character + right[place:]), right)
        refuse(boxed(right + character + wrong), right)


LOOK_ALIKES = {
    "full width": str.maketrans(
        {chr(code): chr(code + 0xFEE0) for code in range(0x30, 0x7B) if chr(code).isalnum()}
    ),
    "Arabic digits": str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"),
    "Devanagari digits": str.maketrans("0123456789", "०१२३४५६७८९"),
    "bold digits": str.maketrans("0123456789", "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗"),
    "superscript digits": str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"),
    "circled digits": str.maketrans("123456789", "①②③④⑤⑥⑦⑧⑨"),
    "Cyrillic letters": str.maketrans("aceopxyABCDM", "асеорхуАВСDМ"),
    "Greek letters": str.maketrans("oABDMvx", "οΑΒDΜνχ"),
    "letters that fold": str.maketrans("sk", "ſK"),
    "a dot in the middle": str.maketrans(".", "·"),
    "one for l": str.maketrans("l1", "1l"),
}


@pytest.mark.parametrize("kind", ANSWERS)
@pytest.mark.parametrize("alphabet", LOOK_ALIKES)
def test_what_looks_alike_is_refused(alphabet: str, kind: str) -> None:
    for right, _ in ANSWERS[kind]:
        changed = right.translate(LOOK_ALIKES[alphabet])
        if changed not in (right,):
            refuse(boxed(changed), right)


# An <answer> that is closed is the answer, wherever it stands and whatever stands after it.
RESPONSES = r"""
X @@ $X$ @@ **X** @@ Answer: X @@ \fbox X @@ \fbox{X} \boxed{Y} @@ \boxed{X @@ \boxed{X\}
\boxed{Y} \fbox{X @@ \boxed{X} \fbox{} @@ \boxed{Y} \boxed X @@ \boxed X or Y @@ \boxed X X
\Boxed{X} @@ boxed{X} @@ \boxed[X] @@ \boxed(X) @@ \boxed{{X} @@ \boxed{X} \boxed{Y}
\boxed{X} \boxed{} @@ \boxed{X} \boxed{ } @@ \boxed{X} \boxed{Y @@ \boxed{X} and I used \boxed
\boxed{X} or \boxed{Y} @@ \boxed{X}\boxed{X, Y} @@ \boxed{\boxed{X} \boxed{Y}}
\boxed{Y \boxed{X}} @@ \boxed{\boxed{Y}, \boxed{X}} @@ \boxed{\boxed{X} \text{ or } \boxed{Y}}
<think>\boxed{X}</think> @@ <think>\boxed{X} @@ \boxed{X}<think> @@ \boxed{X}</think>
<think>\boxed{X}</think> \boxed{Y} @@ <think>\boxed{X}</think> \boxed{} @@ <think>X</think> Y
<think>a</think>\boxed{X}<think> @@ <answer>\boxed{Y}</answer> @@ \boxed{X}<answer>Y</answer>
\boxed{X}<answer></answer> @@ <answer>X @@ <answer>\boxed{X} @@ \boxed{X}<answer>
<answer>\boxed{X}</answer><answer>Y</answer> @@ <answer>X or Y</answer> @@ <answer>X Y</answer>
<answer>The answer is X.</answer> @@ <answer>\boxed{X}</answer><answer>\boxed{Y}</answer>
<answer>X</answer></think> @@ <answer>\boxed{X</answer>} @@ \boxed{X</answer>} @@ \boxed{X<think>}
\boxed{X</think>} @@ \boxed%{X} @@ \boxed{Y} X
\boxed{X} \boxed {Y} @@ \boxed{X} \boxed
{Y} @@ \boxed{Y} % \boxed X
"""


@pytest.mark.parametrize("kind", ANSWERS)
def test_the_right_answer_elsewhere_is_refused(kind: str) -> None:
    for right, wrong in ANSWERS[kind]:
        for response in " @@ ".join(RESPONSES.strip().splitlines()).split(" @@ "):
            refuse(fill(response, right, wrong), right)
        refuse("".join(boxed(number) for number in range(2000)) + boxed(wrong), right)
        refuse(boxed(", ".join(map(str, range(2000)))), right)
        refuse(boxed(" or ".join(map(str, range(200)))), right)


MILLION = 10**6
PADDINGS: dict[str, Callable[[str, str], str]] = {
    "spaces": lambda right, wrong: right + " " * MILLION + wrong,
    "zeros": lambda right, wrong: right + "+0" * (MILLION // 2),
    "braces": lambda right, wrong: "{" * 9**5 + right + "}" * 9**5,
    "brackets": lambda right, wrong: "(" * 200 + right + ")" * 200,
    "left and right": lambda right, wrong: r"\left(" * 99 + right + r"\right)" * 99,
    "signs": lambda right, wrong: "-" * 2000 + right,
    "equations": lambda right, wrong: "x = " * 300 + right,
    "words": lambda right, wrong: right + r"\text{ or so}" * 200,
    "digits": lambda right, wrong: right + "0" * MILLION,
    "letters": lambda right, wrong: right + "x" * 60_000,
    "bars": lambda right, wrong: "|" * 500 + right + "|" * 500,
    "powers": lambda right, wrong: right + "^9" * 500,
    "factorials": lambda right, wrong: right + "!" * 500,
    "a tower": lambda right, wrong: right + "+9^{9^{9^{9^9}}}",
    "a large number": lambda right, wrong: right + "+" + "9" * 250 + "^" + "9" * 250,
    "commands": lambda right, wrong: right + r"\foo" * 15_000,
    "boxes": lambda right, wrong: r"\boxed{" * 9999 + right + "}" * 9998 + wrong,
    "fractions": lambda right, wrong: r"\frac{" * 99 + right + "}{2}" * 99,
    "roots": lambda right, wrong: r"\sqrt{" * 31 + right + "}" * 31 + "+1",
    "maxima": lambda right, wrong: rf"{right}\max(" + ",".join(map(str, range(99))) + ")",
    "maxima of functions": lambda right, wrong: (
        r"\max(" + ",".join(rf"\arctan {number}" for number in range(9)) + f", {right}) + 99"
    ),
    "sums": lambda right, wrong: right + r"+\sum_{k=1}^{64} \sum_{j=1}^{64} \sum_{l=1}^{64} jkl",
    "a list": lambda right, wrong: ", ".join([right] * 900),
    "a set of functions": lambda right, wrong: (
        r"\{" + ",".join(rf"\arctan({number}x)" for number in range(99)) + rf", {right}\}}"
    ),
    "a union": lambda right, wrong: r" \cup ".join(f"({n}.1, {n}.2)" for n in range(99)) + right,
    "a matrix": lambda right, wrong: (
        r"\begin{pmatrix}" + r"\\".join([right + "&1" * 9] * 20) + r"\end{pmatrix}"
    ),
}


@pytest.mark.parametrize("kind", ANSWERS)
@pytest.mark.parametrize("padding", PADDINGS)
def test_padding_takes_little_time_and_is_refused(padding: str, kind: str) -> None:
    for right, wrong in ANSWERS[kind]:
        refuse(boxed(PADDINGS[padding](right, wrong)), right)


# What only makes sense for one answer: the answer, then what is close to it and wrong.
PARTICULAR = r"""
x > 3
    @x@ > 3 | f(x) > 3 | AB > 3 | @AB@ > 3 | x > 3, x \neq 4 | x > 3 or x = 3 | x \ge 3 | x > 3 > 2
    \{x : @x@ > 3\} | x > 3 and x \neq 5 | x^3 > 27x | 0x > 3 | x > 3 or x > 2 | -x > -3 | A : B > 3
x < 3
    @x@ < 3 | x^2 < 9 | -x < 3 | x < 3 < 4
1 < x < 2
    1 < @x@ < 2 | 1 < x < 2 < 3 | 0 < 1 < x < 2 | 1 < x < 2 or 3 < x < 4 | 2 < x < 1 | 1 < f(x) < 2
(1, 2)
    x = 1, x = 2 | y = 1, x = 2 | x = 1 or x = 2 | 1 : 2 | x = y = 1, 2 | (x, x) = (1, 2) | (1, 2)^1
    (y, x) = (1, 2) | (1, 2) = (1, 2) | 1, 2, | (1 2) | (1; 2; ) | x = 2, y = 1 | \{1, 2\} | [1, 2]
\{2, 3\}
    \{2, 3, 3\} | \{2, 2 + 0, 3\} | x = 2, y = 3 | \{2\}, \{3\} | 2 < x < 3 | \{2, 3\} \cup \{4\}
    \{2, 3, x\} | \{2\} | (2, 3) | x \notin \{2, 3\} | \{x : 2 \le x \le 3\}
    \{2, 3\} \setminus \{3\}
3:30
    6 : 60 | 1 : 10 | 7 : 60 | 3.5 | 3:30:01 | \frac{1}{7} | 0:30 | 210
3 : 4
    4 : 3 | b : a = 4 : 3 | 3 : 4 : 0 | 0 : 0 | 3 : 4 : 1 | 03:40
1, 2
    1, 2, 2 | 1, 1, 2 | 12 | 1.2 | 1 2 | 1, 2, \ldots
no
    on | yes | o \cdot n | no, yes | no yes | n + o | not
red
    der | d r e | \text{re d} | reed
yes
    \text{ye}s | yes no | y \cdot e \cdot s + 0 | yesyes | YES! | ye s
A
    B = A | \text{B} = A | A) 5 | 2A | A, B | AB | A = B | \text{(A) or (B)} | a | Option A or B
y = 2x + 1
    0(y - 2x - 1) = 0 | y(y - 2x - 1) = 0 | (y - 2x - 1)^2 + z = 0 | y^2 = (2x+1)^2 | 1 = 1 | y = y
    (y - 2x - 1)(\cos^2 1 + \sin^2 1 - 1) = 0 | \frac{y}{y} = 1 | 2x + 1 = 2x + 1 | y \approx 2x + 1
    (y - 2x - 1)(@x@ - \sqrt{x^2}) = 0 | @y@ = 2x + 1 | y \neq 2x + 1 | y = 2x + 1 + 10^{-90}
7\text{ m}
    7 m m | 7 mm | 7\text{ m}^2 | 7 + m | 7\text{ m} or 7\text{ km} | 7\text{ km} | 7\text{ min}
    7 m/s
\$5
    €5 | 5 cents | \$-5 | \$5\$5 | \$5/h | \$5k | 5\text{ pounds} | \$5 \text{ million} | 5\%
3+4i
    @3+4i@ | 5 | 3i + 4 | (3, 4i) | 3 + 4 | z^2 = 3+4i | 3 \pm 4i | 3 + 4j + i | (3+4i)i | 3 + 4 i 2
5
    5y | \max(5, y) | 5^y | 5 \cdot \frac{x}{y} | \lfloor 5 - 10^{-90} \rfloor | 5 \bmod 6
    \log_2 31
    \lfloor 5.5 + e^{-99} + \frac12 \rfloor | \lceil 5 + 10^{-900} \arctan 2 \rceil | 0.5e0 | 5e-1
    5..
    \sum_{k=1}^{3} \sum_{k=1}^{2} k | \sum_{k=1}^{5} \prod_{k=1}^{k} k | 5th | 5_ | @x@ = 5
    5 = @x@
\frac13
    0.333 | 0.3333333334 | 0.33333333333333333334 | 1.3 | \frac{1}{3.0000000001} | 0.3\overline{4}
"""


def particular() -> list[tuple[str, str]]:
    found = []
    right = ""
    for line in PARTICULAR.strip().splitlines():
        if line.startswith("    "):
            found += [(right, attack) for attack in cases(line)]
        else:
            right = line
    return found


@pytest.mark.parametrize(("right", "answer"), particular())
def test_what_is_close_to_one_answer_is_refused(right: str, answer: str) -> None:
    assert check(boxed(right), right).correct
    refuse(boxed(answer), right)
