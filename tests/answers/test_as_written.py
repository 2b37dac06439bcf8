r"""Answers as people and models write them: money, products, ratios, marks, choices, vectors.

Each table has a reference, then answers that are the same (=) and answers that are not (!).
"""

import pytest

from reasoning_gym_envs.answers import Reference, check, strictest_form
from tests.answers.test_check import boxed, read_table

MONEY_AND_DELIMITERS = r"""
$\$5$
    = \$5 | 5 | $5 | $$5$$ | $$\$5$$ | \(\$5\) | \[\$5\] | \$5.00 | \$ 5 | \$\,5 | \$~5
    = \text{\$}5 | \text{\$5} | \text{\$ }5 | \text{5 dollars} | 5\$ | 5 \$ | \textdollar 5
    = \$5\text{ dollars} | 5\text{ USD} | 5 USD | USD 5 | \text{USD }5 | US\$5 | 500\text{ cents}
    = 500 cents | 500¢ | {\$}5 | \mathrm{\$}5 | x = \$5 | x = $\$5$ | +\$5 | \$\frac{10}{2}
    = \$(5) | \text{US\$}5 | \$5\text{ USD} | \$5 USD | \$ {5} | \$\text{5} | \$\mathbf{5}
    = \text{\$5.00} | $5.00$ | 500\text{¢} | 500\cent
    ! \$6 | 5\text{ cents} | €5 | \$\$5 | \$5\$5 | \$5\$6 | \$5, \$5 | \$5\text{ cents} | -\$5
    ! \$5\% | $5$6$ | \$ | $$ | \$5\text{ euros} | \$5 \$ | \$\$ | 5\$\$ | \$x | \$5\text{ or }\$6
    ! 5¢ | \$5¢ | $\$5$ $\$6$ | \$5\text{ apples}
$\$5{,}000$
    = \$5000 | 5000 | \$5,000 | \$5{,}000 | $5,000 | 5,000 | \$5,\!000 | \$5\,000 | \$5{,}000.00
    = \text{\$}5{,}000 | 5000\text{ dollars} | \$5~000 | \$ 5{,}000
    ! \$5 | \$50{,}000 | \$5{,}00 | (5, 000) | \$500 | \$5, 000 | \$5{,}001
\text{\$}29
    = \$29 | 29 | $29 | \text{\$29} | $\$29$ | 29\text{ dollars}
    ! \$28 | €29 | 29 cents | \text{\$}2 9
-\$5
    = -5 | -$5 | $-\$5$ | \$-5 | -5\text{ dollars} | $-5$
    ! 5 | \$5 | -\$6
50\text{ cents}
    = 50 | 50¢ | \$0.50 | 0.50\text{ dollars} | $\$0.50$ | 50 cents | $0.50
    ! \$50 | 50\text{ dollars} | 0.5 | 0.5¢
\$5, \$10
    = $5, $10 | \$10, \$5 | 5, 10 | $\$5$, $\$10$ | \$5\text{ and }\$10 | $\$5$ and $\$10$
    ! \$5 | \$10 | \$5, \$11 | \$15
\frac12
    = $\frac12$ | \(\frac12\) | \text{$\frac12$} | $\dfrac{1}{2}$ | \text{\(\frac{1}{2}\)}
    = \mbox{$\frac{1}{2}$} | $ \frac{1}{2} $ | \textbf{$\frac12$} | \[ \frac12 \] | $$\frac12$$
    = $\frac12$. | $\frac12.$ | \nicefrac{1}{2} | \nicefrac12 | \sfrac{1}{2} | ${1/2}$ | {1/2}
    = {\frac12} | \large\frac12 | \displaystyle\frac12 | {\displaystyle \frac12}
    = \displaystyle{\frac12} | \ensuremath{\frac12} | \color{blue}\frac12
    = \textcolor{red}{\frac12} | \mathbf{\frac12} | \boldsymbol{\frac{1}{2}} | \pmb{\frac12}
    = \underline{\frac12} | \fbox{$\frac12$}
    ! $\frac13$ | $\frac12$ $\frac13$ | \nicefrac{2}{1} | {\frac12}{\frac12}
    ! \text{$\frac12$ or $\frac13$}
"""
PRODUCTS_WITHOUT_A_SIGN = r"""
n2^{n-1}
    = n \cdot 2^{n-1} | 2^{n-1}n | n\,2^{n-1} | n 2^{n-1} | \frac{n2^n}{2} | (n)2^{n-1}
    = n(2^{n-1}) | n2^n/2 | n*2^(n-1)
    ! n2^{n+1} | n^2{n-1} | 2n^{n-1} | n2^n | (2n)^{n-1} | n2(n-1) | n_2^{n-1}
(n-2)2^n
    = 2^n(n-2) | (n-2)2^{n} | \left(n-2\right)2^n | (n-2)\cdot 2^n | n2^n-2\cdot 2^n
    = n2^n - 2^{n+1} | [n-2]2^n
    ! (n-2)^{2n} | (n-2)2n | (n-2)^2 n | (n+2)2^n | (n-2)^{2^n}
\frac12 3^n
    = \frac{1}{2}3^n | \frac{3^n}{2} | 0.5\cdot 3^n | \frac{1}{2}\cdot 3^{n} | 3^n/2
    = \frac12(3^n)
    ! \frac{1}{23^n} | \frac{1}{2 \cdot 3^n} | \frac12 3n | \left(\frac32\right)^n
    ! \frac12 3^{n+1}
2[x-(y+1)]
    = 2(x-y-1) | 2\left[x-(y+1)\right] | 2x-2y-2 | 2[x-y-1] | [x-(y+1)]\cdot 2
    = [x-(y+1)] + [x-(y+1)] | 2\{x-(y+1)\}
    ! 2[x-(y-1)] | [x-(y+1)] | 2[x, y+1] | 2(x-(y+1) | 2[x-(y+1)) | [2, x-(y+1)]
\left[x+1\right]^2
    = [x+1]^2 | (x+1)^2 | x^2+2x+1 | \big[x+1\big]^2 | [x+1][x+1] | [x+1](x+1) | \{x+1\}^2
    ! [x+1] | [x+1]^3 | x+1 | [x+1, 2] | [x^2+1^2] | [(x+1)^2]
2\sqrt{3}5^n
    = 2\sqrt{3}\cdot 5^n | 5^n\cdot 2\sqrt3 | \sqrt{12}\,5^n | 2 \cdot 5^n \sqrt{3}
    ! 2\sqrt{35^n} | 2\sqrt[5]{3} | 2\sqrt{3}5n | 2\sqrt{3}^{5n}
a3^k b
    = ab3^k | ab \cdot 3^k | a\,3^{k}\,b | 3^k ab
    ! a3^{kb} | a^3 kb | ab3k | 3abk
2^n3^m
    = 2^{n}3^{m} | 2^n \cdot 3^m | 3^m2^n
    ! 6^{n+m} | 2^{n3^m} | 2^m3^n
72
    = 2^3 3^2 | 2^{3}3^{2} | 2^3\cdot 3^2 | (2^3)(3^2) | 72, | 72. | 72; | $72$, | 72\\ | =72
    = = 72 | {72} | {{72}} | {72}. | \mathrm{72} | {\bf 72}
    ! 2^33^2 | 2 36 | 7 2 | 7{2} | {7}{2} | 36{2} | 2{36} | 8{9} | 8[9] | 72,, | ,72 | 72, 73
    ! == 72 | 8 9 | 72,0 | x2^3 | [72] | {72, 72} | \{72\}
4x
    = x \cdot 4 | 2x+2x | x\,2^2
    ! x2^2 | x4 | x^4 | x_4 | 4 x x
x_1^2 + x_2^2
    = x_1^2+x_2^2 | x_2^2 + x_1^2
    ! x1^2 + x2^2 | x^2 | 5x
e^{x}(x+1)
    = e^x[x+1] | e^x(x+1) | (x+1)e^x | e^x\left[x+1\right] | e^x\{x+1\}
    ! e^{x(x+1)} | e^{x}x+1 | e^x[x+1, 2]
\frac{n^2(n+1)^2}{4}
    = \left[\frac{n(n+1)}{2}\right]^2 | \left(\frac{n(n+1)}{2}\right)^2 | \frac{1}{4}n^2(n+1)^2
    = \frac{[n(n+1)]^2}{4}
    ! \left[\frac{n(n+1)}{2}\right] | \left[\frac{n(n+1)}{2}\right]^3
n + 1
    = [n+1] + 0 | [n+3]-2 | (n+1) | {n+1} | {n}+{1} | n{+}1 | {n+1}. | 3-[2-n]
    ! [n+1] | [n/2]+n/2+1 | n + [1] | {n, 1} | [n]+1 | [n] + [1]
\lfloor n/2 \rfloor + 1
    = \lfloor \frac{n}{2}\rfloor + 1
    ! \left[\frac{n}{2}\right]+1 | [n/2]+1 | \frac{n}{2}+1
"""
BRACES_THAT_GROUP = r"""
5
    = {5} | { 5 } | {{5}} | $ {5} $ | x = {5} | {x = 5} | {5}. | \left{5\right}
-5
    = {-}5 | {-5} | -{5} | {-}{5} | -{}5 | \mathord{-}5 | $-$5 | \phantom{}-5 | (-5) | {(}-5{)}
    ! 5 | {5} | x^{-}5 | {-} | --5 | {+}5 | \phantom{-}5 | \cancel{-}5
x^2+1
    = {x^2+1} | {x}^{2}+{1} | {x^{2}}+1 | {x^2}{+}{1} | {{x}^2+1} | x{}^2+1 | {x^2 + 1}
    ! {x^2, 1} | {x^2-1} | x^{2+1} | \{x^2+1\}
\{5\}
    = {5} | \left\{5\right\} | x \in \{5\}
    ! 5 | (5) | [5] | {5, 5} | {6}
{5}
    = 5 | \{5\} | 5.0 | {5.0}
    ! 6 | {6} | \{6\} | {5, 6} | (5, 5)
(2, 3)
    = {(2, 3)} | ({2}, {3}) | {(}2, 3{)} | {\left(2, 3\right)} | ({2},{3})
    ! {2, 3} | {(3, 2)} | {(2, 3), (3, 2)}
blue
    = {blue} | {\text{blue}} | \textcolor{blue}{\text{blue}} | \textbf{blue} | **blue**
    = \emph{blue} | \underline{\text{blue}} | `blue`
    ! {red} | \textcolor{blue}{\text{red}} | \color{blue} | \textcolor{blue}{} | **red**
"""
RATIOS = r"""
2:3
    = 10:15 | 2 : 3 | 2{:}3 | 2\text{ to }3 | 2 to 3 | \frac23 | 20:30 | 4:6 | 2\colon 3
    = 2\mathbin{:}3 | 2\,:\,3 | 2\!:\!3 | (2:3) | \text{2:3} | \text{2 to 3} | 2∶3 | 10 to 15
    = $2:3$ | $2$ to $3$ | $2$:$3$ | 2 \text{:} 3 | x:y = 2:3 | x : y = 10:15
    ! 3:2 | 15:10 | 10:15 PM | 10:15 AM | 2:3:4 | 10:16 | 2, 3 | 2 to 4 | 3 to 2 | 2-3 | 23 | 2to3
1:9
    = 1 \text{ to } 9 | 1{:}9 | 2:18 | \frac19 | 1 to 9 | \text{1 to 9}
    ! 9:1 | 9 to 1 | 1:8 | 1\text{ to }10 | 1 | 9
10:15
    = 10 : 15 | 2:3 | 10{:}15 | 10\!:\!15
    ! 20:30 | 3:2 | 20 : 30 | 4 : 6 | 0.6666 | \frac13
2:15
    = 2 : 15 | \frac{2}{15} | 2/15 | 2 to 15
    ! 4:30 | 4 : 30 | 15:2 | 0.1333
1:2:3
    = 10:20:30 | 2:4:6 | 1\text{ to }2\text{ to }3
    ! 10:20:31 | 1:2 | 3:2:1
\frac23
    = 10:15 | 2:3 | 2\text{ to }3
    ! 10:15 AM | 15:10 | 10:15:20
"""
MARKS = r"""
9500
    = 9~500 | 9\ 500 | 9\;500 | 9\:500 | 9\,500 | 9{,}500 | 9,500 | 9{\,}500 | 9\thinspace500
    = 9\text{,}500 | 9,\,500 | \num{9500} | \num{9,500} | \num{9.5e3} | \mathrm{9500}
    ! 9 500 | 9~50 | 9~5000 | 9, 500 | 9.500 | 9~500~1 | 95~00 | 9\quad 500 | (9~500, 1) | 9~501
42
    = \textcolor{blue}{42} | \color{blue}{42} | \color{blue}42 | {\color{blue}42}
    = \color{blue} 42 | \textcolor{red!60}{42} | \underline{42} | \large 42 | \Large{42}
    = {\huge 42} | \LARGE 42 | \small 42 | \tiny 42 | 42, | 42. | 42\, | \ensuremath{42}
    = \displaystyle 42 | \mathbf{42} | \bm{42} | \boxed{42} | \fbox{42} | \framebox{42}
    = \boxed{\boxed{42}} | \(42\) | `42` | **42** | *42* | __42__ | ***42*** | **$42$**
    = $\mathbf{42}$ | \phantom{-}42 | \phantom{+}42 | 42\phantom{.} | \num{42} | \mathsf{42}
    = \mathtt{42} | \textsf{42} | \emph{42} | \textrm{42} | \textit{42} | \text{\textbf{42}}
    = \textbf{\textit{42}} | \mbox{42} | \hbox{42} | {\bf 42} | {\rm 42} | \bf 42
    = \underline{\underline{42}} | \underline{\textbf{42}} | \mathbf{x = 42} | \textbf{x = 42}
    = \left.42\right. | \mathstrut 42 | 42\strut | {}42 | 42{} | \textbf{42.} | \text{42.}
    = \, 42 \, | \bold{42} | \mathbf 42 | \boldsymbol 42 | \mathrm 42
    ! \phantom{42} | \hphantom{42} | \cancel{42} | \bcancel{42} | \xcancel{42} | \sout{42}
    ! \st{42} | \textcolor{white}{42} | \color{white}{42} | \color{white}42
    ! \color{transparent}{42} | \overline{42} | 4\color{red}2 | 4\textcolor{red}{2}
    ! 4\phantom{-}2 | \underline{4}\underline{2} | \textcolor{red}{4}\textcolor{blue}{2}
    ! \textcolor{42}{} | \textcolor{42} | \color{42} | \large | **42 | 42** | 4**2 | `42 | *42
    ! 42\phantom{43} | \phantom{4}2 | 4\phantom{2} | \boxed{\boxed{}} | \boxed{} | **4****2**
    ! *4* *2* | **42** no | \underline{6}\underline{7} | \textcolor{red}{6}\textcolor{blue}{7}
    ! 6{7} | 6\underline{7} | 6\boxed{7} | \boxed{6}\boxed{7} | 6\mathbf{7} | \num{6}\num{7}
    ! \cancel{1}42 | \not 42 | 42\cancel{3} | \textcolor{blue}{42}3 | \textcolor{blue}{4} 2
    ! 42\color{blue} 3 | \fbox{4}2 | \fbox{42} 3 | \begin{cancel}42\end{cancel}
    ! \enclose{horizontalstrike}{42} | \textcolor{blue}{42}\textcolor{white}{3} | \phantom{}
    ! \phantom{-} | "42" | '42'
30^\circ
    = \ang{30} | 30{}^\circ | 30{}^{\circ} | 30^{\circ} | \textcolor{blue}{30^\circ} | {30}^\circ
    = {30^\circ}
    ! 31^\circ | \ang{31}
2\frac13
    = 2\nicefrac{1}{3} | 2\sfrac13 | 2 \frac{1}{3} | \frac73 | {2}\frac13
    ! 2 \cdot \frac13 | \frac23 | {2}{\frac13}
"""
CHOICES = r"""
ACD
    = A, C, D | A,C,D | A, C and D | A, C, and D | (A), (C), (D) | \text{A, C, D} | \text{ACD}
    = \text{A, C and D} | D, C, A | (A)(C)(D) | \text{A}, \text{C}, \text{D} | A; C; D
    = \{A, C, D\} | \mathrm{ACD} | A C D | \text{A},\text{C},\text{D} | \textbf{(A), (C), (D)}
    = A and C and D | \text{(A)}, \text{(C)}, \text{(D)}
    ! A, C | A, B, D | A, C, D, E | ABCD | A, C or D | A or C or D | AC, D | A, A, C, D | a, c, d
    ! CDA E | A+C+D | ADC | A, C, not D
A, C, D
    = ACD | A,C,D | D, C, A | \text{ACD} | (A), (C), (D) | \{A, C, D\} | A, C and D | A C D
    ! A, C | ABD | A, B or D | ABCD | A, B, C, D
E
    = \text{Option E} | \text{Option (E)} | \textbf{Option E} | Option E | option E | Choice E
    = (E) | E) | E. | \text{E.} | \text{(E)} | \textbf{(E)} | \mathrm{(E)} | \mathbf{E}
    = \text{choice }E | \text{Option }E | (\text{E}) | (\mathrm{E}) | \text{E} | \textbf{E} | {E}
    = \boxed{E} | \textsf{(E)} | \text{Option }\text{E} | \text{option (E)} | Option (E)
    = \textbf{E.} | \textbf{E)} | \mathbf{(E)} | \textbf{Choice E} | \text{Answer E} | **E**
    = **(E)** | (E). | E, | \underline{E} | Option E. | \text{Option E.}
    ! D | e | \text{Option D} | \text{Option E or D} | \text{Option E, D} | E, D | \text{not E}
    ! \text{Option not E} | \text{Option E is wrong} | \text{Options E} | \text{No option E} | (e)
    ! \text{(E) }7 | \text{E or F} | Option
\text{(E) }7
    = E | 7 | (E) | (E) 7 | \textbf{(E)}\ 7 | \text{E} | \text{(E)} | E) 7 | E. 7 | \textbf{(E) }7
    = \mathrm{(E)}\ 7 | \mathrm{(E)~}7 | \text{E. }7 | \text{E) }7 | 7.0 | \frac{14}{2}
    = \text{Option E} | (E)\ 7 | (E) \quad 7 | \textbf{(E)} 7 | \text{(E) 7} | \textbf{(E) 7}
    = \text{Option E: }7 | Option E: 7 | x = 7 | **(E) 7** | \text{Option (E) }7
    ! (D) 7 | (E) 8 | \text{(D) }7 | \text{(E) }8 | D | 8 | 7E | E7 | E, 7 | 7, E | (E)(7)
    ! E \cdot 7 | (7) E | (E) 7 8 | (E) (E) 7 | (D) E | (E) E | E or 7 | (A) (E) 7 | (E) 7 (D) 8
    ! e | (e) 7
\textbf{(A)}\ x+1
    = A | x+1 | (A) x+1 | 1+x | \textbf{(A)}\ 1+x | \text{(A) } x+1
    ! Ax+1 | A(x+1) | B | (B) x+1 | (A) x-1 | x
(B) blue
    = B | blue | \text{(B) blue} | \text{blue} | \text{(B) }\text{blue} | (B)
    ! (A) blue | (B) red | A | red | (A)
\textbf{(C)}\ \frac{1}{2}
    = C | \frac12 | 0.5 | (C) 1/2 | \text{(C) }\frac12
    ! (C) 2 | (B) \frac12 | B | 2 | C/2
"""
TIMES = r"""
3:30 PM
    = 3:30\,\text{PM} | 3:30~\text{p.m.} | 3{:}30\text{ PM} | 3:30\ \mathrm{PM} | 3:30PM
    = 3:30 P.M. | 3:30\text{ p.m.} | 03:30 PM | 3:30\;PM | 3:30:00 PM | \text{3:30 PM}
    = \text{3:30}\text{ PM} | 3\!:\!30\text{ PM} | 3:30\, \text{p.m.} | 15:30 | 15:30:00
    = \textbf{3:30 PM} | $3:30$ PM | $3:30\,\text{PM}$ | \mathbf{3:30\ PM} | 3:30 \mathrm{p.m.}
    = 3:30 p. m. | 3\colon30\text{ PM}
    ! 3:30 AM | 3:31 PM | 3:30:01 PM | 3:30 | 15:30 PM | 3,30 PM | 13:30 | 3:30,PM
3:30:15
    = 03:30:15 | 3{:}30{:}15 | 3:30:15\text{ PM}
    ! 3:30 | 3:30:16 | 3:15:30
3\text{ PM}
    = 3 PM | 3:00 PM | 3 p.m. | 15:00 | 3\text{ p.m.} | \text{3 PM}
    ! 3 | 3 AM | 4 PM | 3:30 PM
"""
PRIMES = r"""
y^{\prime} = 2x
    = y' = 2x | y^\prime = 2x | y^{\prime}=2x | y^{'}=2x | 2x | y′ = 2x
    ! y'' = 2x | y = 2x | y' = 3x | y^{\prime\prime} = 2x
f''(x)
    = f^{\prime\prime}(x) | f^{\prime \prime}(x) | f^{''}(x)
    ! f'(x) | f(x) | f^2(x)
"""
SYSTEMS = r"""
\begin{cases} x = 1 \\ y = 2 \end{cases}
    = \begin{array}{l} x=1 \\ y=2 \end{array} | \left\{\begin{array}{l}x=1\\y=2\end{array}\right.
    = \left\{\begin{matrix}x=1\\y=2\end{matrix}\right. | \begin{aligned} x&=1\\ y&=2 \end{aligned}
    = x = 1, y = 2 | (1, 2) | \begin{array}{ll} x=1, \\ y=2 \end{array}
    = \left\{\begin{aligned}x&=1\\y&=2\end{aligned}\right.
    = \begin{dcases} x = 1 \\ y = 2 \end{dcases} | \begin{cases} y = 2 \\ x = 1 \end{cases}
    = \left\{\begin{array}{rcl}x&=&1\\y&=&2\end{array}\right.
    = \begin{array}{c} x=1, \\ y=2. \end{array} | \begin{gathered} x=1 \\ y=2 \end{gathered}
    = \left\{ \begin{array} { l } { x = 1 } \\ { y = 2 } \end{array} \right.
    ! \begin{array}{l} x=2 \\ y=1 \end{array} | \left\{\begin{array}{l}x=1\\y=3\end{array}\right.
    ! \begin{array}{l} x=1 \end{array} | (2, 1)
\left\{\begin{array}{l}x=1\\y=2\end{array}\right.
    = (1, 2) | x = 1, y = 2 | \begin{cases} x = 1 \\ y = 2 \end{cases}
    ! (2, 1) | x = 1, y = 3 | 1
\begin{cases} x & \text{if } x \ge 0 \\ -x & \text{otherwise} \end{cases}
    = \begin{cases} x & x \ge 0 \\ -x & x < 0 \end{cases}
    = \begin{cases} x, & \text{if } x \ge 0, \\ -x, & \text{otherwise}. \end{cases}
    = \begin{cases} -x & \text{if } x < 0 \\ x & \text{otherwise} \end{cases}
    = \left\{\begin{array}{ll} x & \text{if } x \ge 0 \\ -x & \text{otherwise} \end{array}\right.
    = \begin{cases} x \text{ if } x \ge 0 \\ -x \text{ otherwise} \end{cases}
    = \begin{cases} x & x \ge 0 \\ -x & \text{else} \end{cases}
    ! \begin{cases} x & \text{if } x \ge 0 \\ x & \text{otherwise} \end{cases}
    ! \begin{cases} x & x \in \mathbb{Z} \\ -x & x < 0 \end{cases}
    ! \begin{cases} x & q \ge 0 \\ -x & \text{otherwise} \end{cases}
    ! \begin{cases} x & q \ge 0 \\ -x & q < 0 \end{cases}
    ! \begin{cases} x & x \ge 0 \\ -x & q < 0 \end{cases}
    ! \begin{cases} -x & x \ge 0 \\ x & \text{otherwise} \end{cases}
    ! \begin{cases} x & x \ge 1 \\ -x & \text{otherwise} \end{cases}
    ! \begin{cases} x & \text{otherwise} \\ -x & \text{otherwise} \end{cases}
    ! \begin{cases} x & x \ge 0 \end{cases} | x | -x
"""
VECTORS = r"""
\begin{pmatrix} 2 \\ 4 \end{pmatrix}
    = (2,4)^T | (2, 4)^{T} | (2,4)^\top | (2,4)^{\top} | [2,4]^T | [2, 4]^{\mathrm{T}}
    = [2,4]^{\mathsf{T}} | [2,4]^\intercal | \begin{pmatrix}2&4\end{pmatrix}^T
    = \begin{bmatrix}2&4\end{bmatrix}^{\top} | 2\mathbf{i}+4\mathbf{j} | 2\hat{i}+4\hat{j}
    = 2\hat{\imath}+4\hat{\jmath} | 2\vec{i}+4\vec{j} | 2\,\mathbf i+4\,\mathbf j | 2i+4j
    = 4\mathbf{j}+2\mathbf{i} | 2\hat{\mathbf{i}}+4\hat{\mathbf{j}} | \langle 2, 4\rangle
    = 2\boldsymbol{i}+4\boldsymbol{j} | 2\overrightarrow{i}+4\overrightarrow{j}
    = 2(\mathbf{i}+2\mathbf{j}) | \vec{v} = 2\mathbf{i}+4\mathbf{j} | 2\hat\imath+4\hat\jmath
    = 2\mathbf{\hat{i}}+4\mathbf{\hat{j}}
    ! (4,2)^T | 4\mathbf{i}+2\mathbf{j} | 2\mathbf{i}-4\mathbf{j} | 2\mathbf{i}
    ! 2\mathbf{i}+4\mathbf{k} | 2\mathbf{i}+4\mathbf{j}+\mathbf{k} | (2,4)^2 | (2,4)^{-T} | 2i+4
    ! 2+4i | \begin{pmatrix}2\\4\end{pmatrix}^T | (2,4)^{TT} | 2\mathbf{i}\mathbf{j}+4
    ! 2\mathbf{i}+4\mathbf{j}+1 | 6\mathbf{i} | (2,4)^t x
2\mathbf{i}+4\mathbf{j}
    = (2, 4) | \begin{pmatrix}2\\4\end{pmatrix} | 2\hat{i}+4\hat{j} | 2i + 4j | 2\vec{i}+4\vec{j}
    = \langle 2, 4\rangle | (2,4)^T | 4\mathbf{j}+2\mathbf{i} | 2\hat{\imath}+4\hat{\jmath}
    = [2, 4]^T
    ! (4, 2) | (2, 4, 1) | 2\hat{i}-4\hat{j} | 6 | \begin{pmatrix}2&4\end{pmatrix} | 2+4i
    ! \{2, 4\}
(1, -2, 3)
    = \mathbf{i}-2\mathbf{j}+3\mathbf{k} | \hat{i}-2\hat{j}+3\hat{k} | (1,-2,3)^T | i - 2j + 3k
    ! \mathbf{i}+2\mathbf{j}+3\mathbf{k} | \mathbf{i}-2\mathbf{j}
    ! \mathbf{i}-2\mathbf{k}+3\mathbf{j}
(0, 3)
    = 3\mathbf{j} | 3\hat{j} | 3\vec{j}
    ! 3\mathbf{i} | 3 | 3\mathbf{k} | 3i
\begin{pmatrix} 1 & 3 \\ 2 & 4 \end{pmatrix}
    = \begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}^T
    = \begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}^{\top}
    ! \begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}
    ! \begin{pmatrix} 1 & 3 \\ 2 & 4 \end{pmatrix}^T
    ! \begin{pmatrix} 1 & 3 \\ 2 & 4 \end{pmatrix}^{-1}
"""
BASES = r"""
0.0011_2
    = 0.0011_{2} | (0.0011)_2 | 0.00110_2 | .0011_2 | 0.0011_{\text{two}} | {0.0011}_2
    = 0.0011_{(2)}
    ! 0.0011 | 0.0011_3 | 0.011_2 | \frac{3}{16} | 0.0012_2 | 11_2 | 0.0011_{10}
\frac{3}{16}
    = 0.0011_2 | 0.0011_{2} | 0.3_{16}
    ! 0.011_2 | 0.0011 | 0.4_{16}
1A_{16}
    = (1A)_{16} | \text{1A}_{16} | 1\text{A}_{16} | 1A_{(16)} | \mathrm{1A}_{16}
    = (\text{1A})_{16}
    ! 1B_{16} | 1A | A1_{16} | 1A_{15} | 26
"""
COMBINATIONS = r"""
120
    = {}_{10}C_3 | _{10}C_3 | {}_{10}C_{3} | {}^{10}C_3 | ^{10}C_3 | ^{10}C_{3} | C(10,3)
    = C(10, 3) | C_{10}^3 | C_{10}^{3} | C^3_{10} | 10C3 | {}_6P_3 | P(6,3) | {}_{6}P_{3} | ^6P_3
    = A_6^3 | P_6^3 | \binom{10}{3} | {10 \choose 3} | {}_{10}\mathrm{C}_3 | \mathrm{C}_{10}^{3}
    = {}_{10}C_7 | \,_{10}C_3 | 5! | 2 \cdot {}_{4}P_{3} \cdot \frac52 | {}_{5}P_5
    = \text{C}(10,3) | {}^{6}P_{3} | \dbinom{10}{3} | 12\cdot{}_5C_2
    = {}_5C_2 \cdot {}_4C_1 \cdot 3
    ! {}_{10}C_4 | C(10,2) | C_{10}^2 | {}_{10}P_3 | P(10,3) | C(3,10) | C_3^{10} | (10, 3)
    ! 10, 3 | C_{10} | C(120) | P(120) | C_{120}^1 x | {}_{10}C | C_3
    ! \begin{pmatrix}10\\3\end{pmatrix} | _{10}C
{}_{10}C_3
    = 120 | \binom{10}{3} | C(10,3) | C_{10}^3 | 10C3
    ! 720 | 10 | C_3 | \binom{10}{4}
C_{10}^{3}
    = 120 | \binom{10}{3} | {}_{10}C_3
    ! 720 | C_{10}^4
\frac{n(n-1)}{2}
    = {}_nC_2 | \binom{n}{2} | C(n,2) | C_n^2 | ^nC_2 | {}^{n}C_{2}
    ! {}_nC_3 | {}_nP_2 | C_n | C(n, 3)
\binom{10}{2}
    = 45 | \binom{10}{8}
    ! (10, 2) | \begin{pmatrix} 10 \\ 2 \end{pmatrix}
(4, 2)
    = \binom{4}{2}
    ! 6
\{\begin{pmatrix} \frac12 \\ 3 \end{pmatrix}\}
    = \{\begin{pmatrix} 0.5 \\ 3 \end{pmatrix}\}
    ! \{\begin{pmatrix} \frac22 \\ 3 \end{pmatrix}\}
x
    ! 2\frac{x}12
C_1 e^x + C_2 e^{-x}
    = C_2 e^{-x} + C_1 e^x
    ! C_11 e^x + C_2 e^{-x} | C_1 e^x + C_22 e^{-x}
    ! C_1 e^x | C_1 e^x + C_1 e^{-x} | e^x + e^{-x}
"""
FUNCTIONS_AND_LETTERS = r"""
\arctan 2
    = \operatorname{arccot}\frac12 | \arccot(1/2) | \cot^{-1}\frac{1}{2} | \tan^{-1} 2
    = \operatorname{arcsec}\sqrt5 | \sec^{-1}\sqrt{5} | \operatorname{arccsc}\frac{\sqrt5}{2}
    = \csc^{-1}\frac{\sqrt{5}}{2} | \arcsec\sqrt{5} | arccot(1/2) | \operatorname{arctg} 2
    = \arctg 2 | \operatorname{arcctg}\frac12 | acot(1/2) | \mathrm{arccot}\frac12
    = \frac{\pi}{2}-\operatorname{arccot} 2
    ! \operatorname{arccot} 2 | \arccot(2) | \cot^{-1} 2 | \sec^{-1} 2 | \cot 2^{-1}
    ! \frac{1}{\cot 2} | \csc^{-1} 2
\operatorname{arccot} x
    = \cot^{-1} x | \frac{\pi}{2}-\arctan x | \arccot x | \mathrm{arccot}\, x
    = \operatorname{arccot}(x)
    ! \arctan x | \frac{1}{\cot x} | \operatorname{arccot}(-x) | \arctan\frac1x
\frac{e^x+e^{-x}}{e^x-e^{-x}}
    = \coth x | \frac{1}{\tanh x} | \operatorname{coth} x | \frac{\cosh x}{\sinh x}
    ! \tanh x | \coth 2x | \operatorname{csch} x
\hbar \omega
    = \hbar\omega | \omega\hbar | ħω | ℏ\omega | \hbar \cdot \omega
    ! h\omega | \hbar | \frac{h\omega}{2} | \bar{h}\omega
2 M_\odot
    = 2M_\odot | 2 M_{\odot} | 2\,M_{\odot} | M_\odot \cdot 2 | 2M_☉ | 2M_⊙
    ! 2M | 2M_\oplus | 3M_\odot | 2M_0 | M_\odot^2
v_{\max}
    = v_\max | v_{\text{max}} | v_{\mathrm{max}} | v_{max}
    ! v | v_{\min} | v_m
"""
SERIES = r"""
\sum_{n=0}^{\infty} \frac{x^n}{n!}
    = \sum_{k=0}^{\infty} \frac{x^k}{k!} | \sum_{n=1}^{\infty} \frac{x^{n-1}}{(n-1)!}
    = \sum_{n=0}^\infty \frac{1}{n!}x^n | \sum\limits_{n=0}^{\infty}\frac{x^n}{n!}
    = \sum_{n=0}^{+\infty} \frac{x^n}{n!} | \sum_{n=0}^{\infty} \frac{x^{n}}{n!}
    ! \sum_{n=1}^{\infty} \frac{x^n}{n!} | \sum_{n=0}^{\infty} \frac{x^n}{n}
    ! \sum_{n=0}^{\infty} \frac{x^{n+1}}{n!} | \sum_{n=0}^{\infty} \frac{(-x)^n}{n!}
    ! \sum_{n=0}^{10} \frac{x^n}{n!} | x | \sum_{n=0}^{\infty} \frac{y^n}{n!}
    ! \sum_{x=0}^{\infty} \frac{x^n}{n!}
\sum_{n=0}^{\infty} (-1)^n x^{2n}
    = \sum_{k=0}^\infty (-1)^k x^{2k} | \sum_{n=0}^\infty (-x^2)^n
    = \sum_{n=1}^\infty (-1)^{n-1}x^{2n-2} | \sum_{n=1}^\infty (-1)^{n+1}x^{2(n-1)}
    ! \sum_{n=0}^{\infty} x^{2n} | \sum_{n=0}^{\infty} (-1)^{n+1} x^{2n}
    ! \sum_{n=1}^{\infty} (-1)^n x^{2n} | \sum_{n=0}^{\infty} (-1)^n x^{2n+1}
x\sum_{n=0}^{\infty} (n+1)x^n
    = \sum_{n=0}^{\infty} (n+1)x^{n+1} | \sum_{n=1}^{\infty} n x^{n} | \sum_{n=1}^\infty nx^n
    ! \sum_{n=1}^{\infty} n x^{n-1} | \sum_{n=0}^{\infty} n x^{n+1}
\sum_{n=0}^\infty\sum_{k=0}^\infty x^n y^k
    = \sum_{m=0}^\infty\sum_{k=1}^\infty x^m y^{k-1} | \sum_{n=0}^\infty x^n \sum_{k=0}^\infty y^k
    ! \sum_{n=0}^\infty\sum_{k=0}^\infty x^n y^n | \sum_{n=0}^\infty\sum_{k=0}^\infty x^k y^k
\sum_{n=0}^\infty\sum_{k=0}^\infty \frac{x^n}{k!}
    = \sum_{k=0}^\infty\sum_{n=0}^\infty \frac{x^k}{n!}
    ! \sum_{n=0}^\infty\sum_{k=0}^\infty \frac{x^k}{k!}
    ! \sum_{n=0}^\infty\sum_{k=0}^\infty \frac{x^n}{n!}
"""
NEIGHBOURS = r"""
\sum_{n=0}^{\infty} x^n
    = \sum_{i=0}^{\infty} x^i | \sum_{n=1}^{\infty} x^{n-1} | \sum_{n=0}^\infty x^n
    ! \frac{1}{1-x} | \sum_{n=0}^{\infty} x^{-n} | \sum_{n=0}^{\infty} x^n + 10^{-50}
    ! \sum_{n=0}^{\infty} x^n \cdot (1+10^{-60}) | \sum_{n=0}^{\infty} |x|^n
    ! \sum_{n=0}^{\infty} x^{n(n+1)/2} | \sum_{n=0}^{\infty} x^{n^2}
\frac{1}{1-x}
    ! \sum_{n=0}^{\infty} x^n | \sum_{n=0}^{\infty} x^{n+1}
\frac{\pi^2}{6}
    ! \sum_{n=1}^{\infty} \frac{1}{n^2} | \sum_{n=1}^{\infty} \frac{1}{n^3}
\sum_{n=1}^{\infty} \frac{(-1)^{n+1}}{n} x^n
    = \sum_{n=1}^\infty (-1)^{n-1}\frac{x^n}{n} | -\sum_{n=1}^{\infty} \frac{(-x)^n}{n}
    = \sum_{n=0}^\infty \frac{(-1)^n x^{n+1}}{n+1}
    = x - x + \sum_{n=1}^\infty \frac{(-1)^{n+1}}{n} x^n
    ! \sum_{n=1}^\infty (-1)^{n}\frac{x^n}{n} | \sum_{n=1}^\infty \frac{(-x)^n}{n} | \ln(1+x)
    ! \sum_{n=0}^\infty \frac{(-1)^n x^{n+1}}{n+2}
\sum_{n=0}^{\infty} \frac{(-1)^n x^{2n+1}}{(2n+1)!}
    = \sum_{k=0}^{\infty} (-1)^k \frac{x^{2k+1}}{(2k+1)!}
    = x\sum_{n=0}^{\infty} \frac{(-1)^n x^{2n}}{(2n+1)!}
    = \sum_{n=1}^{\infty} \frac{(-1)^{n-1} x^{2n-1}}{(2n-1)!}
    = \sum_{n=0}^{\infty} \frac{(-1)^n x^{2n+1}}{(2n+1)(2n)!}
    ! \sin x | \sum_{n=0}^{\infty} \frac{(-1)^n x^{2n}}{(2n)!}
    ! \sum_{n=0}^{\infty} \frac{x^{2n+1}}{(2n+1)!}
\sum_{n=0}^{\infty} \frac{x^n}{2^{n+1}}
    = \frac12\sum_{n=0}^\infty \left(\frac{x}{2}\right)^n
    = \sum_{n=0}^\infty \frac{1}{2}\cdot\frac{x^n}{2^n} | \sum_{n=0}^{\infty} 2^{-n-1}x^n
    ! \sum_{n=0}^\infty \left(\frac{x}{2}\right)^n | \frac{1}{2-x}
3i
    ! \sum_{i=1}^{3} i
6
    = \sum_{i=1}^{3} i | \sum_{i=1}^3 i | \prod_{i=1}^{3} i
    ! \sum_{i=1}^{4} i
\$0.75
    = \$.75 | 75\text{ cents} | 75¢ | $\$0.75$ | \$\frac34 | \text{\$0.75}
    ! \$75 | \$7.5 | 0.75¢
\$1,234.56
    = \$1234.56 | 1234.56 | \$1{,}234.56 | $1,234.56 | $\$1,234.56$ | \$1\,234.56
    ! \$1,234 | \$1.23456
€20
    = 20 | \text{€}20 | 20\text{ euros} | €20.00 | 20€ | \euro 20 | 20\text{ EUR}
    ! \$20 | £20
\$5\text{ per hour}
    = 5 | \$5/\text{hour} | \$5/\text{hr} | 5\text{ dollars per hour}
    ! \$5\text{ per day} | \$6\text{ per hour}
x = \$12
    = 12 | \$12 | x = 12 | $x = 12$ | x=\$12.00
    ! 13 | y = \$12
\text{\$}12.50
    = 12.5 | 12.50 | \$12.50 | $12.50 | \$ 12.50
    ! 12
2^{n}(n+1)
    = (n+1)2^n | (n+1)\,2^{n} | n2^n+2^n | 2^n(n+1) | 2^n[n+1] | 2^{n}{(n+1)} | (n + 1) 2^{n}
    ! (n+1)^2 n | 2^{n(n+1)}
\frac{1}{3}(4^n - 1)
    = \frac{4^n-1}{3} | \frac13\left[4^n-1\right] | \frac{1}{3}[4^n-1] | (4^n-1)/3
    ! \frac{1}{3}4^n - 1
\frac{(-1)^n 3^{n+1}}{n!}
    = \frac{(-1)^n3^{n+1}}{n!} | (-1)^n\frac{3^{n+1}}{n!} | \frac{3(-3)^n}{n!}
    ! \frac{3^{n+1}}{n!}
5\cdot 2^{n-1} - 3
    = \frac{5}{2}2^n - 3 | \frac52 2^n-3 | -3 + 5\cdot2^{n-1}
    ! 10^{n-1}-3 | 5 2^{n-1} - 3
k 2^k
    = k2^k | k\cdot2^k | 2^k k | k\,2^k
    ! 2k^k
\frac{n!}{2}
    = n!/2 | \frac12 n! | \frac{1}{2}n!
    ! \frac12!
x^2y
    = x^2 y | yx^2 | x\,x\,y | {x}^2{y} | xy x
    ! x^{2y} | x^2+y
2ab
    = 2a\,b | {2}{a}{b} | 2{a}b
    ! 2a+b
24
    = \mathbf{24} | {2}^3 \cdot {3} | 4! | 4{!} | (2)(12) | (2)(3)(4) | 2(12) | 12(2)
    ! 2{4} | {2}{4} | 2\mathbf{4} | {6}{4} | \mathbf{6}\mathbf{4} | 3\cdot 4 2 | 6\text{4}
    ! \mathrm{6}4 | 2\,12 | 2~12 | 12\text{2}
12 \div 5
    = 2.4 | 12{\div}5 | \frac{12}{5} | {12}/{5} | {12}\div{5}
    ! 12{5}
-\frac{1}{2}
    = {-}\frac12 | -{\frac12} | {-\frac{1}{2}} | -0.5 | \frac{{-1}}{{2}} | {{-1}\over{2}}
    = -{1\over 2} | -\nicefrac12
    ! \frac12
\left\{1, 2\right\}
    = \{{1}, {2}\} | {\{1,2\}} | \lbrace 1,2\rbrace | {1, 2} | \left\lbrace 1,2 \right\rbrace
    = \{1,2\}. | \{1,2\},
    ! {{1, 2}} | (1,2) | {1},{3}
[2, 5)
    = {[2,5)} | {[}2,5{)} | \left[2,5\right) | [{2},{5})
    ! {[2,5]}
x \in [2, 5]
    = {[2,5]} | \mathbf{[2,5]} | **[2, 5]** | \textcolor{red}{[2,5]} | \boxed{[2,5]}
    ! (2,5)
(-1, 3)
    = (\phantom{-}{-1}, \phantom{-}3) | \textbf{(-1, 3)} | **(-1, 3)** | \left({-1}, 3\right)
    = (-1,\,3) | (-1,~3) | \color{red}{(-1,3)} | (\color{red}{-1}, \color{blue}{3}) | (-1,3).
    = (-1, 3),
    ! (1, 3) | (-1, \phantom{3}) | (\phantom{-1}, 3)
\begin{pmatrix} 1 & -2 \\ 3 & 4 \end{pmatrix}
    = \begin{pmatrix} \phantom{-}1 & -2 \\ \phantom{-}3 & \phantom{-}4 \end{pmatrix}
    = \left(\begin{array}{cc} 1 & -2 \\ 3 & 4 \end{array}\right)
    = \begin{bmatrix} 1 & -2 \\ 3 & 4 \end{bmatrix}.
    = \left[\begin{array}{rr} 1 & -2 \\ 3 & 4 \end{array}\right]
    = \left[ \begin{matrix} 1 & -2 \\ 3 & 4 \end{matrix} \right]
    = \begin{array}{cc} 1 & -2 \\ 3 & 4 \end{array}
    = \left(\begin{matrix} 1 & {-2} \\ 3 & 4 \\ \end{matrix}\right)
    ! \begin{pmatrix} 1 & \phantom{-}2 \\ 3 & 4 \end{pmatrix}
    ! \begin{pmatrix} 1 & 3 \\ -2 & 4 \end{pmatrix}
10^{-3}
    = \num{1e-3} | 0.001 | 10^{{-3}} | 10^{-{3}} | {10}^{-3} | \num{0.001} | 1\times10^{-3}
    = 1\cdot10^{-3}
    ! 10^{3} | 10-3
6.02\times 10^{23}
    = \num{6.02e23} | 6.02\cdot10^{23} | 6.02\times{10}^{23} | 6.02{\times}10^{23}
    = 6.02 \times 10^{{23}}
    ! 6.02\times 10^{22} | 6.02
1:2
    = 1 to 2 | 1\text{ to }2 | 30:60 | \frac{1}{2} | 15:30 | \text{1 to 2} | $1:2$ | 1\,{:}\,2
    ! 2:1 | 15:31
1:24
    = 1 : 24 | \frac{1}{24} | 1\text{ to }24 | 1/24
    ! 24:1 | 2:48 | 1:25
3:45
    = 03:45 | 3{:}45 | 3\text{:}45
    ! 3:46 | 1:15 | 15:3 | \frac{1}{15} | 345 | 3.45
12:00
    = 12:00 PM | 12{:}00
    ! 12 | 0
12:30\text{ a.m.}
    = 12:30 AM | 00:30 | 0:30 | 12:30 a.m. | 12:30\text{ A.M.} | 12\!:\!30\text{ am}
    ! 12:30 PM | 12:30 | 24:30
(C)
    = C | \text{(C)} | \mathbf{C} | \text{C.} | \textbf{(C)} | C)
    ! B | c | \text{(C) } 12 | C = 12
B, D
    = BD | B and D | \text{B and D} | (B), (D) | \textbf{B, D} | B,D | \text{(B) and (D)}
    = B \text{ and } D | B, \text{ } D | D, B | B & D | \{B, D\}
    ! B | D | B, C, D | B or C | BC | B or D | \text{B or D} | B \text{ or } D
\text{A and C}
    = AC | A, C | A and C | \text{A, C} | C, A
    ! A | A, B | AB | A or C
\mathrm{(D)}\ 12\pi
    = D | 12\pi | \text{D} | (D) 12\pi | 37.69911184307752 | \textbf{(D) } 12\pi | \text{(D)}
    ! 12 | (D) 12 | (C) 12\pi | D\pi
\text{(A) } \text{Yes}
    = A | Yes | \text{yes} | \text{(A) Yes} | (A) yes
    ! No | B | \text{(B) Yes} | \text{(A) No}
A. 3
    = A | 3 | A) 3
    ! B | 4 | B. 3 | A. 4
\textbf{(B)}\ 3 : 4
    = B | 3:4 | \frac34 | 6:8
    ! 4:3 | A
f'(x) = 2x
    = f^{\prime}(x) = 2x | 2x | f'(x)=2x | f^\prime(x)=2x
    ! f(x) = 2x | f''(x) = 2x
f(x) = x + a
    = f(t) = t + a | f(x) = a + x
    ! f(t) = t + x | f(a) = 2a | f(t) = x + a | g(t) = t + a | f(2) = x + a
y'' + y = 0
    = y^{\prime\prime} + y = 0 | y^{''}+y=0 | y + y'' = 0
    ! y' + y = 0 | y''- y = 0
x^{\prime} + x
    = x' + x | x+x'
    ! 2x
(1, 2, 3)
    = \begin{bmatrix}1\\2\\3\end{bmatrix} | (1,2,3)^T | \langle 1,2,3\rangle
    = \mathbf{i}+2\mathbf{j}+3\mathbf{k} | \vec{i}+2\vec{j}+3\vec{k}
    = \hat{\imath}+2\hat{\jmath}+3\hat{k} | [1, 2, 3]^T | \left(1,2,3\right)^{\top}
    = \begin{bmatrix}1&2&3\end{bmatrix}^T | 1\hat{i} + 2\hat{j} + 3\hat{k}
    ! [1,2,3] | \begin{bmatrix}1&2&3\end{bmatrix} | 6 | \mathbf{i}+2\mathbf{j}+4\mathbf{k}
    ! \mathbf{i}+2\mathbf{j}+3\mathbf{k}+1 | \mathbf{i}+2\mathbf{j}\mathbf{k}
    ! \mathbf{i} + \mathbf{j} + \mathbf{k} | (1, 2, 3)^2
-\hat{j}
    = -\mathbf{j} | (0, -1) | (0,-1,0) | -\vec{j} | \begin{pmatrix}0\\-1\end{pmatrix}
    ! (0, 1) | (-1, 0) | -1 | \hat{j}
3+4i
    = 3 + 4i | 4i+3
    ! (3, 4) | \begin{pmatrix}3\\4\end{pmatrix} | 3i+4
\hat{p}
    ! p | \vec{p}
101.01_2
    = (101.01)_2 | 101.01_{2} | 101.010_2
    ! 5.25 | 101.1_2
-11_2
    = -11_{2} | -(11)_2
    ! -3 | 11_2 | -11 | -3_{10}
5.25
    = 101.01_2
    ! 101.1_2
2_3
    ! 2 | 2_4
x_1^2
    = x^2_1 | {x_1}^2 | x_{1}^{2} | x^{2}_{1}
    ! x^2 | x_2 | x_2^1 | x_{12}
a_{n+1}
    ! a_n+1 | a_n
\cosh x
    = \ch x | \operatorname{ch} x | \frac{e^x+e^{-x}}{2}
    ! \sinh x | c h x
\tan x
    = \tg x | \operatorname{tg} x | \frac{\sin x}{\cos x} | \mathrm{tg}\,x | \tan{x}
    = \operatorname{tan} x
    ! \ctg x | \cot x | t g x
\ln(x+\sqrt{x^2+1})
    = \operatorname{arsinh} x | \operatorname{arcsinh} x | \sinh^{-1} x | \mathrm{arsinh}\, x
    = asinh(x) | \arsinh x
    ! \arcsin x | \frac{1}{\sinh x}
\sec x
    = \frac{1}{\cos x} | \operatorname{sec} x
    ! \sec^{-1} x | \cos^{-1} x
28
    = \binom{8}{2} | {}_8C_2 | C(8,2) | {8\choose2} | 8 \choose 2 | \binom82 | _8C_2 | {}^8C_2
    = C_8^2 | {}_8 C_2 | \mathrm{C}_8^2 | ^8C_2 | C^2_8 | \,_8C_2 | \text{C}(8,2)
    ! {}_8P_2 | \binom{8}{3} | 8C | C_8
\binom{n}{k}
    = {n\choose k} | n \choose k | {}_nC_k | C(n,k) | C_n^k | \binom{n}{n-k} | \frac{n!}{k!(n-k)!}
    = ^nC_k | {}^{n}C_{k}
    ! \binom{k}{n} | {}_nP_k
|x|
    = \lvert x\rvert
    ! x
\begin{cases} 1 & x \ne 0 \\ 0 & x = 0 \end{cases}
    = \begin{cases} 1 & \text{if } x \ne 0 \\ 0 & \text{otherwise} \end{cases}
    = \begin{cases} 0, & x = 0 \\ 1, & \text{otherwise} \end{cases}
    = \begin{cases} 0 & \text{when } x = 0, \\ 1 & \text{else}. \end{cases}
    = f(x) = \begin{cases} 1 & x \ne 0 \\ 0 & x = 0 \end{cases}
    = \begin{cases} 1, \text{ if } x \ne 0 \\ 0, \text{ if } x = 0 \end{cases}
    ! \begin{cases} 0 & x \ne 0 \\ 1 & x = 0 \end{cases}
    ! \begin{cases} 1 & q \ne 0 \\ 0 & q = 0 \end{cases}
    ! \begin{cases} 1 & x \ne 0 \\ 0 & q = 0 \end{cases}
    ! \begin{cases} 0, & q = 0 \\ 1, & \text{otherwise} \end{cases}
    ! \begin{cases} 1 & x \ne 0 \\ 0 & x = 1 \end{cases}
    ! \begin{cases} 1 & x > 0 \\ 0 & \text{otherwise} \end{cases}
    ! \begin{cases} 1 & \text{otherwise} \\ 0 & \text{otherwise} \end{cases}
\text{otherwise}
    ! x
\begin{cases} x + y = 3 \\ x - y = 1 \end{cases}
    = \begin{cases} x - y = 1 \\ x + y = 3 \end{cases}
    = \begin{array}{l} x+y=3 \\ x-y=1 \end{array} | x+y=3, x-y=1
    = \begin{aligned} x+y&=3\\x-y&=1 \end{aligned} | \begin{align*} x+y&=3\\x-y&=1 \end{align*}
    ! \begin{cases} x + y = 3 \\ x - y = 2 \end{cases} | x+y=3
E = \hbar\omega
    = \hbar\omega | E = \hbar \omega | \hbar\,\omega
    ! \hbar | h\omega
T_{\infty}
    = T_\infty
    ! T | T_0
4.2\text{ M}_\odot
    = 4.2 M_\odot | 4.2\,M_{\odot} | 4.2 \mathrm{M}_\odot
    ! 4.2 | 4.3 M_\odot
\mathcal{L}
    = \mathcal L
    ! L | \mathcal{M}
n(a+b)
    = n(b+a) | na+nb | n [a+b] | n[(a)+b]
    ! n[a+b] | [n](a+b) | n_{a+b}
\frac{n}{2}[2a+(n-1)d]
    = \frac{n}{2}\left[2a+(n-1)d\right] | \frac{n(2a+(n-1)d)}{2} | n[2a+(n-1)d]/2
    ! \frac{n}{2}[2a+nd] | \frac{n}{2}2a+(n-1)d
]0, 5[
    = (0,5) | ]0,5[ | 0 < x < 5
    ! [0,5] | [0,5[
[0,1[ \cup ]2,3]
    = [0,1) \cup (2,3]
    ! [0,1] \cup [2,3]
"""
FURTHER_NEIGHBOURS = r"""
\frac{\sqrt{3}}{2}
    = \frac { \sqrt { 3 } } { 2 } | \frac{ \sqrt{ 3 } }{ 2 } | { \frac { \sqrt 3 } 2 }
    = \frac{{\sqrt{3}}}{2} | \frac {\sqrt{3}} 2 | \dfrac {\sqrt 3}{2} | \sqrt 3 / 2
    = \frac{\sqrt{3}}{2}\text{.} | \left.\frac{\sqrt3}{2}\right. | \frac{1}{2}\sqrt{3}
    = {\sqrt{3}\over2} | \sqrt{3}\!/2 | \frac{\sqrt3}2 | \tfrac{1}{2} \sqrt{3}
    = \text{ }\frac{\sqrt{3}}{2} | \ \frac{\sqrt{3}}{2}
    ! \frac{\sqrt{3}}{2}{}_1 | \frac{3}{2}
(1, 2)
    = \left ( 1 , 2 \right ) | \left( 1,2 \right) | \bigl(1,2\bigr) | \Big( 1, 2 \Big) | ( 1 , 2 )
    = \lparen 1, 2\rparen | \left(1, 2\right). | (x,y)=(1,2) | \text{(1, 2)} | \mathrm{(1,2)}
    = \textbf{(1,2)}
    ! (1. 2) | (12)
3\text{ cm}
    = 3\mathrm{~cm} | 3 \mathrm { ~cm } | 3\text { cm } | 3~\mathrm{cm} | 3\ \text{cm} | $3$ cm
    = 3\,\textrm{cm} | 3\mbox{ cm} | $3$ \text{cm} | 3 \textit{ cm} | 3\;\mathrm{cm}
    ! 3\text{ m}
11111111100
    = 11,\! 111,\! 111,\! 100 | 11,111,111,100 | 11{,}111{,}111{,}100 | 11\,111\,111\,100
    = 11~111~111~100
    ! 11,111,111 | 11,111,111,10
1, 2
    = 1\ \text{and}\ 2 | 1\text{ and }2 | 1 \;\text{or}\; 2 | x = 1, 2 | $1$ and $2$ | $1, 2$
    = $1$, $2$ | x_1 = 1, x_2 = 2 | \text{1 and 2} | \{1, 2\} | 1,2. | 1\text{, }2
    = 1~\text{and}~2 | \textcolor{red}{1}, \textcolor{blue}{2} | **1, 2**
    ! 1 to 2 | 1:2 | 12 | 1 2
x^2 - 1
    = {(x - 1)}{(x + 1)} | (x-1)(x+1) | \left(x-1\right)\left(x+1\right) | (x - 1) \cdot (x + 1)
    = [x-1](x+1) | {x}^{2}-1 | x^{2}{-}1 | -[1-x^2] | -1+x^2 | \{x-1\}\{x+1\}
    ! (x-1)^2 | [x-1][x]+1
-2
    = {-2} | -{2} | $-2$ | $-$2 | \text{-2} | (-2) | {-}2 | - 2 | −2 | x=-2. | \mathbf{-2} | -2,
    ! 2 | 1-2
8:00\text{ a.m.}
    = 8:00 AM | 8:00\text{ A.M.} | 8:00\;\text{a.m.} | 8:00\mathrm{~a.m.} | 8:00 \text{ am}
    = 8:00~\text{AM} | 8\text{ a.m.} | \text{8:00 a.m.} | 8 AM | 08:00 | 8:00 \mathrm{AM}
    = 8\!:\!00\text{ a.m.}
    ! 8:00 PM | 8 | 20:00
\text{even}
    = even | \text{Even} | \mathrm{even} | \textit{even} | \textbf{even} | \text{even}.
    = $\text{even}$ | \large\text{even} | {\text{even}} | \boxed{\text{even}} | \text{ even }
    = \emph{even} | \color{red}\text{even} | \textsf{even} | \text{\textbf{even}} | **even**
    ! odd | \text{not even} | \cancel{even} | \phantom{even}
\text{June 20}
    = June 20 | 20 June | \text{June 20th} | June 20th | \text{20 June}
    ! June 21 | June
y = \frac{3}{4}x - 2
    = y = \frac34 x - 2 | \frac{3}{4}x-2 | y={\frac{3}{4}}{x}-2 | y = 0.75x - 2 | 4y = 3x - 8
    = y=\frac{3x}{4}-2 | $y = \frac{3}{4}x - 2$ | y = (3/4)x - 2
    ! y = \frac{3}{4x} - 2
\frac{1}{2}n(n+1)
    = n(n+1)/2 | \frac{n(n+1)}{2} | \frac12n(n+1) | \frac{n^2+n}{2} | {n+1\choose 2}
    = \binom{n+1}{2} | C(n+1, 2) | {}_{n+1}C_2 | C_{n+1}^2
    ! C_n^2 | \frac{n}{2}(n-1)
10!
    = {10}! | 10{!} | 10\,! | 3628800 | {}_{10}P_{10} | P(10,10) | 10\times9!
    ! 10!! | 9!
\frac{10!}{3!\,2!}
    = 302400 | \frac{10!}{3!2!} | \frac{10!}{3! \cdot 2!} | 10!/(3!2!)
    = \binom{10}{3}\cdot\frac{7!}{2!}
    ! \frac{10!}{3!}2!
0.1\overline{6}
    = \frac16 | 0.1\bar{6} | 0.1\dot{6} | \frac{1}{6} | 0.1\overline{66} | .1\overline{6}
    ! 0.16 | 0.\overline{16}
a = 1,\ b = 2
    = a = 1, b = 2 | (a,b) = (1,2) | a=1 \text{ and } b=2 | a = 1,\quad b = 2 | a=1;b=2
    = \begin{cases}a=1\\b=2\end{cases} | $a=1$, $b=2$ | $a=1$ and $b=2$
    ! a = 2, b = 1 | (a,q) = (1,2) | (x,y) = (1,2) | (b,a) = (1,2)
2\pi \text{ radians}
    = 2\pi | 360^\circ | 2\pi\text{ rad} | 2{\pi}
    ! \pi
\vec{v}
    ! v^2
42
    = \mathbf{\underline{42}} | \underline{\mathbf{42}} | \colorbox{yellow}{$42$}
    = \textnormal{42} | \text{\large 42} | {\Large\bf 42} | \bf{42} | \rm{42} | 42\!
    = 42\hspace{1cm} | ~42~ | \ 42 | \mathbf{{42}} | \Huge\boxed{42} | \vphantom{}42
    = \hphantom{-}42 | \,\,42 | \texttt{42} | 42\newline | \mathop{42} | \uline{42} | \textup{42}
    = \mathnormal{42} | \mbox{$42$} | \large{\textbf{42}} | \mathcolor{red}{42}
    = \boxed{\textbf{42}} | ${42}$ | $ \boxed{42} $ | \text{ 42 } | \displaystyle{42}
    = \Large\mathbf{42} | \mathbf{42}\,. | 42\text{.}
    ! \overline{42} | \widehat{42} | \tilde{42} | \hat{42} | \sqrt{42} | \not{42} | \lnot 42
    ! \overset{a}{42} | 42^{\dagger} | 42'
(2, 4)
    = \binom{2}{4} | {2 \choose 4} | \left<2,4\right> | \langle 2, 4 \rangle
    = 2\vec{\imath}+4\vec{\jmath} | \left(\begin{array}{c}2\\4\end{array}\right)
    = 2\,\hat{\textbf{i}}+4\,\hat{\textbf{j}} | 2\textbf{i}+4\textbf{j}
    = 2\mathbf{i} + 4\mathbf{j}. | \overrightarrow{v} = (2,4)
    = \mathbf{v} = 2\mathbf{i}+4\mathbf{j} | \vec{AB} = (2,4)
    = \overrightarrow{AB} = \begin{pmatrix}2\\4\end{pmatrix}
    ! \binom{4}{2} | 2\mathbf{e}_1 | 2\mathbf{j}+4\mathbf{i}
6
    = \binom{4}{2}
    ! (4, 2) | \begin{pmatrix}4\\2\end{pmatrix}
12:00\text{ PM}
    = noon | 12:00 PM | \text{noon} | 12 PM | 12:00 p.m.
    ! midnight | 12:00 AM
\text{noon}
    = 12:00 PM | noon | Noon
    ! 12:00 AM | midnight
101_2
    = (101)_{\text{two}} | 101_{\text{base }2} | 101_{\text{base 2}} | (101)_{2} | 101_{(2)}
    = {101}_{2} | 101_{2}. | \text{101}_2
    ! 110_2
\begin{cases} x & x > 0 \\ 0 & x \le 0 \end{cases}
    = \begin{cases} x & \text{If } x>0 \\ 0 & \text{Otherwise} \end{cases}
    = \begin{cases} x & \text{for } x>0 \\ 0 & \text{elsewhere} \end{cases}
    = \begin{cases} x,& x>0\\ 0,& x\leq 0\end{cases}
    = \begin{cases} x & (x>0) \\ 0 & (x \le 0) \end{cases}
    = \begin{cases} x\quad & \text{if}\ x>0 \\ 0\quad & \text{if}\ x \le 0 \end{cases}
    = \begin{cases} x & \text{if $x>0$} \\ 0 & \text{if $x \le 0$} \end{cases}
    = \begin{cases} x & , x>0 \\ 0 & , x \le 0 \end{cases}
    = \begin{cases} x & \mbox{if } x>0 \\ 0 & \mbox{otherwise} \end{cases}
    = \begin{cases} 0 & \text{if } x \le 0 \\ x & \text{if } x > 0. \end{cases}
    = \begin{cases} x; & x>0 \\ 0; & x \le 0 \end{cases}
    ! \begin{cases} x & x > 0 \\ 0 & x < 0 \end{cases}
    ! \begin{cases} x & (x<0) \\ 0 & \text{elsewhere} \end{cases}
\$1.2\text{ million}
    = \$1{,}200{,}000 | 1200000 | \$1.2 million | 1.2\text{ million} | 1.2\text{ million dollars}
    ! 1.2 | \$1.2 | 1.2\text{ billion}
\$5.50
    = 5\text{ dollars and }50\text{ cents} | 5\text{ dollars }50\text{ cents} | 550¢
    = \textdollar5.50 | \mathdollar5.50 | \textup{\$}5.50 | \$5.5
    ! 5\text{ dollars and }5\text{ cents}
\$2x
    = 2x | 2x\text{ dollars}
    ! \$2
(\$5, \$10)
    = (5, 10)
    ! (10, 5)
5\%
    = {5\%} | \textbf{5\%} | $5\%$ | 5{\%} | \text{5\%} | 5\text{\%} | **5%**
    ! 6\%
"""

TABLES = (
    MONEY_AND_DELIMITERS,
    PRODUCTS_WITHOUT_A_SIGN,
    BRACES_THAT_GROUP,
    RATIOS,
    MARKS,
    CHOICES,
    TIMES,
    PRIMES,
    SYSTEMS,
    VECTORS,
    BASES,
    COMBINATIONS,
    FUNCTIONS_AND_LETTERS,
    SERIES,
    NEIGHBOURS,
    FURTHER_NEIGHBOURS,
)
CASES = [(reference, rows) for table in TABLES for reference, rows in read_table(table).items()]
SAME = [(reference, answer) for reference, rows in CASES for answer in rows["="]]
DIFFERENT = [(reference, answer) for reference, rows in CASES for answer in rows["!"]]


@pytest.mark.parametrize(("reference", "answer"), SAME)
def test_same(reference: str, answer: str) -> None:
    verdict = check(boxed(answer), reference)
    assert verdict[:3] == (True, "correct", answer.strip()), verdict


@pytest.mark.parametrize(("reference", "answer"), DIFFERENT)
def test_different(reference: str, answer: str) -> None:
    verdict = check(boxed(answer), reference)
    assert not verdict.correct, verdict.reading
    assert "\n" not in verdict.reason


def test_a_form_is_asked_of_what_stands_beside_the_letter() -> None:
    reference = Reference(r"\text{(E) }7", form="value")
    answers = ("E", "7", "(E) 7", "3+4", "(E) 3+4", "(D) 7")
    statuses = [reference.check(boxed(answer)).status for answer in answers]
    assert statuses == ["correct"] * 3 + ["wrong_form"] * 2 + ["wrong"]
    assert strictest_form(r"\text{(E) }7") == "value"
    assert strictest_form(r"\text{(E) }3+4") == "any"


@pytest.mark.parametrize(
    ("reference", "answer"),
    [
        (r"\frac{1}{1-x}", r"\sum_{n=0}^{\infty} x^n"),
        (r"\sum_{n=0}^{\infty} \frac{x^n}{n!}", "e^x"),
        (r"\frac{\pi^2}{6}", r"\sum_{n=1}^{\infty} \frac{1}{n^2}"),
        (r"\sum_{n=0}^{\infty} x^n", r"\sum_{n=0}^{\infty} x^{n^2}"),
    ],
)
def test_what_a_series_adds_up_to_is_not_decided(reference: str, answer: str) -> None:
    assert check(boxed(answer), reference).status == "undecided"


@pytest.mark.parametrize(
    "answer", ["^(1A)_{16}", "5.C_0", "x^2_1_2", "_", "{}_", "_{5}C", "^C", "[", r"\{", "5["]
)
def test_what_ends_too_early_is_unreadable(answer: str) -> None:
    assert check(boxed(answer), "5").status in ("unreadable", "no_answer")


@pytest.mark.parametrize("answer", ["**5**", "`5`", "$5$", r"\fbox{5}", "x = 5", "5."])
def test_marks_in_an_answer_tag(answer: str) -> None:
    assert check(f"I think so. <answer>{answer}</answer>", "5").correct
    assert not check(f"I think so. <answer>{answer}</answer>", "6").correct
