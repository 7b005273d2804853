#!/usr/bin/env python3
"""Reference figures for the quantiles of src/core/{gamma,beta,student_t}.c and for the two-sided binomial test: prints special_quantile.csv.

Quantiles: Newton's method in arithmetic of 75 digits (mpmath 1.3.0) on the series of the lower tail, DLMF 8.7.1 and 8.17.8, whose terms are
all positive; the upper tail is 1 less it.  It ends when a step changes nothing in 25 digits.
Two-sided binomial probabilities: sums of exact fractions.
The numbers in the file are exact: a reader of them as double precision gets the arguments that were used.

The last column is how far R 4.2.2's figure (qgamma, qbeta, qt, binom.test) is from the figure, relatively: a second source.
"""
import csv
import math
import subprocess
import sys
from fractions import Fraction

from mpmath import mp, mpf

mp.dps = 75
END = mpf(10) ** -70


def positive_series(ratio):
    total = term = mpf(1)
    n = 0
    while True:
        n += 1
        factor = ratio(n)
        term *= factor
        total += term
        if factor < 1 and term < END * total:
            return total


def gamma_lower(a, x):
    """P(a, x) and x times its derivative."""
    front = mp.exp(a * mp.log(x) - x - mp.loggamma(a))
    return front / a * positive_series(lambda n: x / (a + n)), front


def beta_lower(a, b, x):
    """I_x(a, b) and its derivative with respect to ln of the odds."""
    y = 1 - x
    front = mp.exp(a * mp.log(x) + b * mp.log(y) + mp.loggamma(a + b) - mp.loggamma(a) - mp.loggamma(b))
    if x > 0.5:
        # The series in the smaller of x and y is the short one.
        return 1 - front / b * positive_series(lambda n: (a + b + n - 1) / (b + n) * y), front
    return front / a * positive_series(lambda n: (a + b + n - 1) / (a + n) * x), front


def solve(at, target, guess, upper):
    """The logarithm of the point, by Newton's method on the logarithm of the tail, with halved steps should one go astray."""
    point = mp.log(guess)
    for _ in range(200):
        lower, slope = at(point)
        tail = 1 - lower if upper else lower
        move = mp.log(target / tail) * tail / slope * (-1 if upper else 1)
        if abs(move) < mpf(10) ** -25:
            return point + move
        point += move if abs(move) < 2 else move / abs(move) * 2
    raise ArithmeticError


def run_r(program, lines):
    return subprocess.run(['Rscript', '-e', 'x <- read.table(file("stdin"), colClasses="numeric"); cat(sprintf("%.17g", ' + program
                           + '), sep="\\n")'], check=True, capture_output=True, text=True, input='\n'.join(lines) + '\n').stdout.split()


PROBABILITIES = (1e-12, 1e-9, 1e-6, 0.0005, 0.001, 0.005, 0.025, 0.05, 0.3, 0.5, 0.7, 0.9, 0.975, 0.999)
rows = []

cases = [(a, p) for a in (0.5, 1.0, 1.5, 2.0, 3.0, 5.0, 9.0, 10.0, 10.5, 50.0, 199.0, 200.0, 201.0, 1000.0, 31622.0, 1e6, 1e7, 10000001.0)
         for p in PROBABILITIES if a < 1e6 or p in (1e-12, 0.001, 0.025, 0.5, 0.975)]
for name, upper in (('gamma_lower_quantile', False), ('gamma_upper_quantile', True)):
    answers = run_r('qgamma(x[,2], x[,1], lower.tail = %s)' % ('FALSE' if upper else 'TRUE'), ['%r %r' % case for case in cases])
    for (a, p), answer in zip(cases, answers):
        value = mp.exp(solve(lambda u: gamma_lower(mpf(a), mp.exp(u)), mpf(p), mpf(answer), upper))
        rows.append((name, a, p, '', '', value, answer))

cases = [(float(x), float(n - x + 1), p) for n in (1, 2, 7, 39, 400, 1000, 54321, 10 ** 7)
         for x in sorted({1, 2, n // 3, n // 2, n - 1, n} & set(range(1, n + 1))) for p in PROBABILITIES
         if n <= 1000 or p in (1e-12, 0.001, 0.025, 0.5, 0.975)]
cases += [(a, b, p) for a, b in ((0.5, 0.5), (0.5, 3.0), (0.5, 1e6), (2.5, 0.5)) for p in PROBABILITIES]
for name, tail in (('beta_lower_odds', 'TRUE'), ('beta_upper_odds', 'FALSE')):
    answers = run_r('qbeta(x[,3], x[,1], x[,2], lower.tail = %s)' % tail, ['%r %r %r' % case for case in cases])
    for (a, b, p), answer in zip(cases, answers):
        x = mpf(answer)
        guess = x / (1 - x) if 0 < x < 1 else mpf(a) / b
        odds = mp.exp(solve(lambda u: beta_lower(mpf(a), mpf(b), 1 / (1 + mp.exp(-u))), mpf(p), guess, tail == 'FALSE'))
        other = x / (1 - x) if x < 1 else mp.inf
        rows.append((name, a, b, p, '', odds, other))

cases = [(c, df) for df in (1.0, 2.0, 3.0, 4.5, 9.0, 29.0, 100.0, 1000.0, 1e5, 1e7, 1e15)
         for c in (1e-6, 0.1, 0.5, 0.8, 0.9, 0.95, 0.99, 0.998, 0.999999, 1 - 2e-12)]
answers = run_r('qt((1 - x[,1]) / 2, x[,2], lower.tail = FALSE)', ['%r %r' % case for case in cases])
for (c, df), answer in zip(cases, answers):
    x = mpf(answer) ** 2 / df
    odds = mp.exp(solve(lambda u: beta_lower(mpf('0.5'), mpf(df) / 2, 1 / (1 + mp.exp(-u))), mpf(1) - mpf(c), x, True))
    rows.append(('student_t_two_sided_quantile', c, df, '', '', mp.sqrt(df * odds), answer))
cases = [(t, df) for df in (1.0, 2.0, 4.5, 29.0, 1000.0, 1e7) for t in (1e-9, 0.3, 1.0, 1.96, 3.5, 8.0, 30.0)]
answers = run_r('pt(x[,1], x[,2], lower.tail = FALSE)', ['%r %r' % case for case in cases])
for (t, df), answer in zip(cases, answers):
    odds = mpf(t) ** 2 / df
    value = (1 - beta_lower(mpf('0.5'), mpf(df) / 2, odds / (1 + odds))[0]) / 2
    if value > 1e-30:
        rows.append(('student_t_upper_tail', t, df, '', '', value, answer))

cases = [(k, n, p) for n in (1, 2, 9, 20, 50, 200, 731) for p in (0.01, 0.25, 0.5, 0.4878, 0.9)
         for k in sorted({0, 1, n // 10, n // 4, n // 2, round(n * p), n - 1, n})]
answers = run_r('sapply(seq_len(nrow(x)), function(i) binom.test(x[i, 1], x[i, 2], x[i, 3])$p.value)', ['%d %d %r' % case for case in cases])
for (k, n, p), answer in zip(cases, answers):
    p = Fraction(p)
    densities = [math.comb(n, j) * p ** j * (1 - p) ** (n - j) for j in range(n + 1)]
    value = sum(d for d in densities if d <= densities[k] * (1 + Fraction(1, 10 ** 7)))
    rows.append(('binomial_two_sided', k, n, float(p), 1 - float(p), mpf(value.numerator) / value.denominator, answer))

out = csv.writer(sys.stdout, lineterminator='\n')
out.writerow(['function', 'a', 'b', 'x', 'y', 'value', 'other_source_differs_by'])
for *arguments, value, other in rows:
    # Below this double precision has no more than a few digits.
    if value > mpf(10) ** -300:
        out.writerow([x if isinstance(x, (str, int)) else repr(x) for x in arguments] + [repr(float(value)), '%.0e' % float(abs(mpf(other) / value - 1))])
