"""What an answer may repeat of its question, and that nothing is gained by it."""

import pickle

import pytest

from reasoning_gym_envs.answers import InvalidReference, Reference, check, is_correct

# A question, references, and answers that are right (=) and are not (!).
TABLE = r"""
Tom has 3 apples and buys 2 more. He does not eat any. How many apples does he have now?
  5
    = 5\text{ apples} | 5 apples | 5 \text{ apples now} | 5~\text{apples} | \text{5 apples}
    = \text{Tom has } 5 \text{ apples} | He has 5 apples | 5 (apples) | 5\text{ (apples)} | 5 Apples
    = \text{apples} = 5 | \text{apples: }5 | 5\text{ apples.} | 5\ \text{apples} | 5\,\text{apple}
    ! 5\text{ more apples} | 5\text{ not} | \text{not }5 | 5\text{ apples not } 3 | 5 does not
    ! 5\text{ apples or }3 | 6 apples | 5\text{ pears} | 5 eat any | 5\text{ apples, }3 | 5 3 apples
    ! 3\text{ apples }5 | 3 apples 5 | 3\text{ apples} = 5 | 5 - apples | 5 apples 3 | 5 apples = 3
    ! \text{He does not have } 5 | \text{Tom has }5\text{ or }6 | \text{apples }5
    ! 5! \text{ apples}
    ! 5\text{ apples}\text{ and }3 | 5\text{ apples} \ne 3 | \text{Tom has not } 5
    ! 5^2\text{ apples}
    ! \text{apples} \ne 5 | \text{apples} < 5 | \text{apples} \approx 5 | \text{3 apples: } 5
  5\text{ apples}
    = 5 | 5\text{ apples now}
    ! 5\text{ oranges} | 5\text{ now apples} | 6 apples now
  9 (apples)
    = 9 | 9 apples | 9 (apples) | 9\text{ apples now} | 9\text{ apple}
    ! 9\text{ now} | 9 pears | 8 apples
Tom has 3 apples and 5 oranges. How many oranges does he have?
  5
    = 5 oranges | 5\text{ oranges}
    ! 5 apples | 5\text{ apples} | 5\text{ apples and oranges} | 3\text{ apples, }5\text{ oranges}
Tom has 3 apples and 5 oranges. How many more oranges than apples are there?
  2
    = 2 oranges | 2\text{ oranges} | 2\text{ more oranges} | 2 more oranges
    ! 2\text{ oranges more than apples} | 5 oranges | 3 apples | 2\text{ more apples}
    ! 2\text{ more}
    ! 2\text{ more oranges than apples} | 2\text{ oranges more} | \text{more than } 2
How many more than 3 apples are in the box of a fourth grader who has fewer than 9?
  5
    = 5\text{ apples}
    ! 5\text{ more than} | 5\text{ more} | 5\text{ fewer apples} | 5\text{ fourth} | 5\text{ fewer}
Mrs. Lee has $90. At $2 each, how many scarves will Mr. and Mrs. Lee buy for $8?
  4
    = 4\text{ scarves} | 4 scarves
    ! 4\text{ scarves and 2} | 4\text{ each scarves for} 8
How many fourth graders jump more than 3 times?
  5
    = 5\text{ fourth graders} | 5\text{ graders} | 5\text{ fourth graders jump}
    ! 5\text{ times} | 5\text{ graders more} | 5\text{ fourth times} | 5\text{ graders jump more}
There are 5 apples in a box. How many are in 3 boxes?
  15
    = 15 apples | 15\text{ apples in boxes}
    ! 5 apples | 15\text{ apples in 3 boxes} | 15\text{ apples in 4 boxes} | 15\text{ pears}
If $\sin\theta = \frac35$ and $\theta$ is acute, what is $\cos\theta$?
  \frac45
    = \cos\theta = \frac45 | \cos \theta = 0.8 | \frac45 = \cos\theta | $\cos\theta = \frac{4}{5}$
    = \cos{\theta} = \frac45
    ! \tan\theta = \frac45 | \cos\theta \ne \frac45 | \cos\theta = \frac35 | \cos\theta < \frac45
    ! \cos\theta = \frac35 = \frac45 | \cos\theta \approx \frac45 | \frac35 = \frac45
    ! \cos = \frac45
    ! \cos\theta = \frac45 \text{ or } -\frac45 | \theta, \cos\theta = \frac45
    ! -\cos\theta = \frac45
Given that $2x + 3y = 12$ and the sum $x+y$ is 5 and not 43, compute $6 \cdot 7 + 1$.
  43
    = 6 \cdot 7 + 1 = 43 | 6\cdot7+1 = 43 | x + y = 43
    ! 43 = 43 | 42 = 43 | 12 = 43 | 5 = 43 | 6 \cdot 7 = 43 | 2x + 3y = 12 = 43
    ! 2x + 3y = 12, 43 | 1 = 43
    ! 2x+3y=12 | x+y \neq 43 | x+y, 43 | 5, x+y = 43 | x+y = 5 | x+z = 43
What is the area of triangle $ABC$ in square centimeters, if it is not obtuse?
  12
    = \text{Area} = 12 | \text{The area of the triangle is } 12 | area = 12
    = Area: 12 | The area is 12
    = 12\text{ square centimeters} | \text{Area} = 12\text{ cm}^2 | \text{area of triangle} = 12
    ! \text{The perimeter is } 12 | \text{The area is not } 12 | \text{not obtuse: } 12 | area = 13
    ! \text{area} \ne 12 | \text{area of } 12 | \text{area is } 12 \text{ or } 13
    ! The area is about 12
    ! \text{if area} = 12 | \text{area} = 12 = 13 | \text{area} = 13, 12 | The area is is not 12
  12\text{ cm}^2
    = 12\text{ square centimeters} | \text{Area} = 12\text{ cm}^2 | \text{Area} = 12
    ! 12\text{ triangle} | 12\text{ cm} | \text{area} = 12\text{ cm}
    ! 12\text{ m}^2 | 12\text{ area}
How many dozen eggs are 60 eggs? The farmer has hundreds of eggs and half a dozen hens.
  5
    = 5\text{ dozen} | 5\text{ dozen eggs} | 5 dozen eggs
    ! 5\text{ hundred} | 5\text{ half} | 5\text{ hens} | 5\text{ hundred eggs} | \text{half of }5
    ! \text{half} = 5 | 5\text{ half dozen} | 5\text{ eggs}
  60
    ! 5\text{ dozen} | 5\text{ dozen eggs}
In the bag, 75% of the marbles are red. What percent of the marbles are red?
  75\%
    = 75\text{ percent of the marbles} | 75\% | 75 | 75\%\text{ of the marbles}
    ! 75\text{ marbles} | 75\text{ red} | 0.75\text{ marbles}
Simplify 5 xy + 3 abcd, where abcd and xy are numbers.
  5
    ! 5xy | 5 xy | 5abcd | xy5 | 5\,xy
  5xy
    = 5 xy | xy \cdot 5
    ! 5 | 5\text{ abcd} | 5 numbers
Is it A or B? Choose the option (A) red (B) blue.
  A
    = (A) | \text{(A)}
    ! \text{B } A | \text{blue } A | \text{red: }A | A\text{ blue} | B = A | \text{option B} = A
  \text{red}
    = red
    ! \text{blue red} | red blue | \text{option red} | \text{it is red} | \text{red or blue}
Find the value of $\int_0^1 x^2\,dx$ and of $\gcd(12, 18)$.
  \frac13
    = \int_0^1 x^2\,dx = \frac13 | \int_0^1 x^2 dx=\frac13
    ! \int_0^1 x^3\,dx = \frac13 | \int_0^1 x^2\,dx = \frac12
  6
    = \gcd(12,18) = 6 | \gcd(12, 18) = 6
    ! \gcd(12,18 = 6 | 12, 18 = 6 | 18 = 6 | \gcd(12, 18), 6 | 12 = 6
Find $\sin 30^\circ$, $\overrightarrow{OA} \cdot \overrightarrow{BC}$ and $3^{-1} \pmod{25}$.
  \frac12
    = \sin 30^\circ = \frac12
    ! \sin 30 = \frac12 | \sin = \frac12 | 30^\circ = \frac12
  17
    = 3^{-1} \pmod{25} = 17 | \overrightarrow{OA} \cdot \overrightarrow{BC} = 17
    ! 3 = 17 | 3 \pmod{25} = 17 | 25 = 17 | \overrightarrow{OA} = \overrightarrow{BC} = 17
Find $441_{10}$ in base 7, $12_3 + 1_3$, and $4 * 3$, if $a * b = a^2 + 1$.
  17
    = 4 * 3 = 17
    ! 4 = 17 | 4 * 3 = 12 | 3 = 17 | a * b = 12
  1200_7
    = 441_{10} = 1200_7
    ! 441_{10} = 1201_7 | 441 = 1200_7 | 12_3 = 1200_7
  20_3
    = 12_3 + 1_3 = 20_3
    ! 12_3 = 20_3 | 12_3 + 1_3 = 6
Find $\mathbf{A} \begin{pmatrix} 1 \\ 2 \end{pmatrix}$ if it is not zero.
  \begin{pmatrix} 3 \\ 4 \end{pmatrix}
    = \mathbf{A} \begin{pmatrix} 1 \\ 2 \end{pmatrix} = \begin{pmatrix} 3 \\ 4 \end{pmatrix}
    ! \begin{pmatrix} 1 \\ 2 \end{pmatrix} = \begin{pmatrix} 3 \\ 4 \end{pmatrix}
Solve for $x$: $x+1=6$. The root is $x=5$.
  x=5
    = 5 | \text{The root is } x = 5
    ! x+1 = 5 | y = 5 | x+1 = 6
Find the least common multiple of 4 and 6 by listing no more than two multiples. What is its half?
  12
    = \text{The least common multiple is } 12 | \text{least common multiple} = 12
    ! 12\text{ least} | \text{least} = 12 | \text{the half is } 12 | \text{no more than} = 12
    ! 12\text{ multiples} | \text{The least common multiple is more than } 12 | \text{more} = 12
    ! 12\text{ no more} | \text{two} = 12 | \text{multiple of } 12
    ! \text{the two multiples are } 12
Find the equation of the circle $x^2+y^2=r^2$ and the value of $x^2+y^2$.
  x^2+y^2=4
    = 2x^2+2y^2=8
    ! 4 | r^2 = 4 | x^2+y^2 = 5
Which pair $(x, y)$ of $x + 2y$ and $x - y$ is meant, where $(a, b)$ is not?
  (1, 2)
    = (x, y) = (1, 2)
    ! (y, x) = (1, 2) | \text{pair } (1, 2) | (1, 2) \text{ is not meant} | \text{not } (1, 2)
How many miles does the train travel in 3 hours at 50 miles per hour?
  150
    = 150\text{ miles} | 150 mi | \frac{300}{2}\text{ miles}
    = 241.4016\text{ km} | 150\text{ units} | \text{There are } 150\text{ miles}
    ! 150\text{ miles per hour train} | 150\text{ miles per hour} | 150 mph | 150\text{ hours}
    ! 150\text{ km} | 150\text{ miles}^2 | 150\text{ square miles} | 150\text{ per mile} | \$150
    ! 150\text{ miles train hours} | 150\text{ train} | 150\text{ m} | 150^\circ | 150\%
  150\text{ miles}
    ! 150\text{ miles per hour train}
How many whole minutes does it take?
  90
    = 90\text{ minutes} | 90\text{ whole minutes}
How many minutes does it take to drive 80 miles?
  90
    = 1.5\text{ hours} | 1\text{ hour }30\text{ minutes} | 90 min
    ! 90\text{ hours} | 90\text{ seconds} | 90\text{ miles} | 1\text{ hour }20\text{ minutes}
How many square feet of carpet are that?
  40
    = 40\text{ ft}^2 | 40\text{ square feet of carpet}
    ! 40\text{ feet} | 40\text{ cubic feet} | 40\text{ square inches} | 40\text{ carpet}
How many degrees does the angle have?
  30
    = 30^\circ | 30 degrees | \frac{\pi}{6}\text{ rad}
    ! 30\text{ rad} | 30°C | 30\text{ cm} | 30'
By how many degrees did the temperature rise? How many pounds did it cost?
  30
    = 30^\circ | 30°C
How many pounds did it cost?
  30
    = £30 | 30\text{ pounds}
How many cents are in a dollar?
  100
    = 100¢ | \$1 | 100\text{ cents}
    ! \$100 | 100\text{ dollars}
How many apples, at 2 dollars a pound, does he eat each day for an hour?
  5
    = 5\text{ apples} | 5\text{ apples each day} | 5\text{ units}
    ! 5\text{ apples hour} | 5\text{ hours} | 5\text{ kg} | 5\text{ pounds} | \$5
    ! 5\text{ each day}
    ! 5\text{ apples per hour} | 5\text{ apples dollars}
How many miles did they run in total?
  12
    = 12\text{ miles in total} | 12\text{ total miles} | 12\text{ in total}
    ! 12\text{ in}
  40
    ! 40\text{ hours per week}
What is the cost, in dollars, of 4 pens at 50 cents each?
  2
    = \$2 | 2\text{ dollars} | 200\text{ cents}
    ! 2\text{ cents} | 2\text{ hours} | 2\text{ pounds}
What is the volume of the ball, in terms of $\pi$, in cubic feet?
  3\pi
    = 3\pi\text{ ft}^3 | 3\pi\text{ cubic feet}
    ! 3\pi\text{ ft}^2 | 3\pi\text{ ft}
If the radius in inches is three, what is the area of the circle in the figure?
  9\pi
    = 9\pi | 9\pi\text{ square inches}
How far does it go in 3 hours at 50 miles per hour? Express your answer in kilometers.
  241.4016
    = 150\text{ miles} | 241.4016\text{ km}
    ! 241.4016\text{ miles}
How many more hours did Ann work than Tom, who worked half as many hours per day?
  7
    = 7\text{ hours} | 7\text{ more hours}
    ! 7\text{ hours per} | 7\text{ hours per day} | \text{hours per day} = 7 | \text{day} = 7
There are girls. How many of the 30 students are boys and not girls?
  7
    = 7\text{ boys} | 7\text{ students}
    ! 7\text{ girls} | 7\text{ not girls} | 7\text{ boys and not girls}
How many feet and how many inches is it?
  5
    = 5\text{ ft} | 5\text{ inches}
How many are there, and how many miles is it?
  5
    = 5\text{ miles}
    ! 5\text{ hours}
How many miles is that? Give your answer in kilometers.
  5
    = 5\text{ km}
How many hours per week does he work? How many square inches is his table?
  40
    = 40\text{ sq in} | 40\text{ square inches}
    ! 40\text{ weeks per hour} | 40\text{ days per week}
How many hours per week does he work?
  40
    = 40\text{ hours per week} | 40\text{ hours} | 40 hours per week
    ! 40\text{ weeks} | 40\text{ weeks per hour}
How many boxes of apples are there?
  5
    = 5\text{ boxes} | 5\text{ boxes of apples} | 5\text{ apple boxes} | \text{There are } 5
    ! 5\text{ apples}
There are girls. How many students are in the room if 2 are boys?
  7
    = 7\text{ students}
    ! 7\text{ girls} | 7\text{ room}
    ! 7\text{ boys}
How many people in the room of boys are girls?
  7
    = 7\text{ girls} | 7\text{ people}
    ! 7\text{ boys}
How many people in the room are not girls?
  7
    = 7\text{ people}
    ! 7\text{ girls}
If $2x=10$, $a^2+b^2=c^2$ and $3 \le p+q$, find $x$, and $x^2 y = 7$ of $S = u+v$ and $m - n = $ ?
  5
    = x = 5 | u+v = 5 | m-n = 5
    ! 2x = 5 | c^2 = 5 | a^2+b^2 = 5 | b^2 = 5 | p+q = 5 | y^2 = 5 | x^2 = 5 | x^2 y = 5
Find $x$ and $\frac{x^2-1}{x-1}$.
  x+1
    = \frac{x^2-1}{x-1} = x+1
    ! x = x+1 | x-1 = x+1
Wie viele Hosen hat Tom nicht?
  5
    = 5\text{ Hosen}
    ! 5\text{ nicht} | 5\text{ Hosen nicht}
"""


def rows(mark: str) -> list[tuple[str, str, str]]:
    found = []
    question = reference = ""
    for line in TABLE.strip().splitlines():
        if not line.startswith(" "):
            question = line
        elif not line.startswith("    "):
            reference = line[2:]
            found += [(question, reference, reference)] if mark == "=" else []
        elif line[4] == mark:
            found += [(question, reference, answer) for answer in line[6:].split(" | ")]
    return found


@pytest.mark.parametrize(("question", "reference", "answer"), rows("="))
def test_what_stands_in_the_question_may_stand_around_the_answer(
    question: str, reference: str, answer: str
) -> None:
    verdict = check("\\boxed{" + answer + "}", reference, question=question)
    assert verdict.correct, verdict
    assert verdict.answer == answer.strip()


@pytest.mark.parametrize(("question", "reference", "answer"), rows("!"))
def test_what_says_more_or_something_else_is_refused(
    question: str, reference: str, answer: str
) -> None:
    verdict = check("\\boxed{" + answer + "}", reference, question=question)
    assert not verdict.correct, verdict


def test_without_a_question_words_stay_refused() -> None:
    for answer in (r"5\text{ apples}", "He has 5 apples", r"\cos\theta = 5"):
        assert not is_correct("\\boxed{" + answer + "}", "5")
        assert not is_correct("\\boxed{" + answer + "}", "5", question="")


HEDGES = r"""
X, Y | X or Y | X \text{ or } Y | \text{not } X | X \text{ not} | \text{not } Y X | X \text{ wrong}
X \text{ is wrong, it is } Y | Y = X | X = Y | Y X | X \text{ about}
\text{about } X | X \text{ or so}
\text{at least } X | X \text{ at least} | \text{less than } X
X \text{ more} | X \text{ instead of } Y
X \text{ but not } Y | \text{either } X | X \text{ if } Y | X \text{ minus } 0 | \text{minus } X
\text{Y or } X | \text{Y apples and } X | X \text{ apples and Y oranges} | X \text{ times}
\text{the answer is } Y, X | \text{the answer is not } X | \text{the answer: not } X
X \text{ maybe}
\text{false: } X | \text{true or } X | X \text{ approximately} | X \text{ than} | X \text{ no}
X \text{ don't} | X \text{ isn't} | \text{isn't } = X | X \text{ hundred} | X \text{ percent}
"""


def test_no_word_of_logic_passes_even_where_the_question_has_it() -> None:
    for right, wrong in (("5", "6"), (r"\frac{3}{4}", r"\frac{1}{4}"), ("-2", "2")):
        hedges = [
            hedge.replace("X", right).replace("Y", wrong)
            for line in HEDGES.strip().splitlines()
            for hedge in line.split(" | ")
        ]
        for hedge in hedges:
            # The question says all of it; it even gives both numbers.
            question = f"How many apples and oranges? The answer is {hedge}. So what is the answer?"
            reference = Reference(right, question=question)
            assert not reference.check("\\boxed{" + hedge + "}").correct, hedge


def test_the_question_itself_is_no_answer() -> None:
    questions = {question for question, _, _ in rows("=")}
    for question in questions:
        for _, reference, _ in rows("="):
            assert not check("\\boxed{" + question + "}", reference, question=question).correct


def test_the_answer_of_another_part_is_not_right() -> None:
    question = r"(a) Find $\sin\theta$. (b) Find $\cos\theta$. (c) How many apples are 3 apples?"
    for answer in (r"\sin\theta = \frac35", r"\frac35", r"3\text{ apples}", r"\cos\theta = 3"):
        assert not check("\\boxed{" + answer + "}", r"\frac45", question=question).correct


def test_the_form_is_asked_of_what_is_left() -> None:
    question = r"Compute $3 + 4$. How many apples are that?"
    for answer, status in (
        (r"3 + 4 = 7", "correct"),
        (r"3 + 4 = 3 + 4", "wrong_form"),
        (r"3 + 4\text{ apples}", "wrong_form"),
        (r"7\text{ apples}", "correct"),
        (r"3 + 4", "wrong_form"),
    ):
        assert check("\\boxed{" + answer + "}", "7", "value", question).status == status


def test_a_reference_keeps_its_question() -> None:
    reference = Reference("5", question="How many apples?")
    assert reference.question == "How many apples?"
    again = pickle.loads(pickle.dumps(reference))
    for copy in (reference, again):
        assert check(r"\boxed{5\text{ apples}}", copy).correct
        assert check(r"\boxed{5\text{ apples}}", copy, question="How many apples?").correct
    with pytest.raises(ValueError, match="another question"):
        check(r"\boxed{5}", reference, question="How many pears?")
    assert Reference("5").question is None


def test_references_that_count_things() -> None:
    several = Reference("9 (apples); 4 (red pears)")
    for answer in (
        "9 apples, 4 red pears",
        "9 (apples), 4 (red pears)",
        "9, 4",
        "(9, 4)",
        "9 (apples); 4 (red pears)",
    ):
        assert several.check("\\boxed{" + answer + "}").correct, answer
    for answer in ("4, 9", "9 pears, 4 apples", "9", "13", "9 apples"):
        assert not several.check("\\boxed{" + answer + "}").correct, answer
    speed = Reference("30 (km/hour)")
    assert speed.is_correct(r"\boxed{30\text{ km/h}}")
    assert not speed.is_correct(r"\boxed{30\text{ km}}")
    assert Reference("9 (apples)").check(r"\boxed{9 (Apples)}")[:3] == (
        True,
        "correct",
        "9 (Apples)",
    )
    for reference, answer in (
        ("18 (cm)", "18"),
        ("18 (cm)", "0.18 m"),
        ("18", "18 (cm)"),
        ("23 (tanks)", "23"),
        ("2 (CDs)", "2 CDs"),
        ("3 (cups of juice)", "3 cups of juice"),
        ("2 (x)", "2x"),
        ("2 (ab)", "2ba"),
        ("4 (sin x)", r"4\sin x"),
    ):
        assert is_correct("\\boxed{" + answer + "}", reference), (reference, answer)
    for reference, answer in (
        ("18 (cm)", "18 m"),
        ("18", "18 (apples)"),
        ("2 (x)", "2"),
        ("2 (ab)", "2"),
        ("2(xyz)", "2"),
        ("3 (cups of juice)", "3 cups of tea"),
        ("4 (sin x)", "4"),
    ):
        assert not is_correct("\\boxed{" + answer + "}", reference), (reference, answer)
    for text in ("9 (apples", "(apples)", "9 apples)", "9 () (x)", "x (9 apples) y"):
        with pytest.raises(InvalidReference):
            Reference(text)


def test_long_texts_take_no_time() -> None:
    question = "How many apples? " + "How many $x+y=3$ apples " * 20_000
    reference = Reference("5", question=question)
    for answer in (
        "5" + " apples" * 500,
        "5" + r"\text{ apples}" * 250,
        "{" * 500 + " = 5",
        "x" * 2000 + " = 5",
        " x" * 1000 + " = 5",
        "5 " + "a" * 4000,
        "a " * 2000 + "5",
        r"\text{" * 500 + "5",
        "x+y = 5",
        "(" * 2000 + ") apples",
    ):
        assert not reference.check("\\boxed{" + answer + "}").correct
