#!/usr/bin/python3
"""Reference figures for src/core/special.c: prints special.csv.

Every figure is computed in decimal arithmetic of at least 50 digits from series that have only positive terms:
  gamma     the series of the lower tail; the upper tail is 1 less it, with as many more digits as that loses
  beta      the hypergeometric series, DLMF 8.17.8, of the lower tail, or of the upper where x is above a half; the other is 1
            less it, as for gamma
  binomial  up to 1000 trials the sum of the exact probabilities, as fractions; beyond, through the beta function
  quantile  the k whose probabilities of at most k and at most k - 1 lie on either side of the level
The numbers in the file are exact: a reader of them as double precision gets the arguments that were used.

The last column is how far SciPy's figure is from the figure, relatively (of a quantile R's, absolutely): a second, independent
source where it is small.  SciPy 1.10 loses digits in far tails and for large parameters, R 4.2's qbinom in the far lower tail.
Above 1e7 trials the quantile is R's alone.
"""
import csv
import functools
import math
import subprocess
import sys
from decimal import Decimal, localcontext
from fractions import Fraction

import scipy.special
import scipy.stats

SMALLEST = 1e-300


@functools.lru_cache(maxsize=None)
def bernoulli(count):
    """B_0, B_2, B_4, ... as fractions, from the tangent numbers."""
    tangent = [0, 1] + [0] * count
    for k in range(2, count + 1):
        tangent[k] = (k - 1) * tangent[k - 1]
    for k in range(2, count + 1):
        for j in range(k, count + 1):
            tangent[j] = (j - k) * tangent[j - 1] + (j - k + 2) * tangent[j]
    return [Fraction(1)] + [Fraction((-1) ** (n - 1) * 2 * n * tangent[n], 4 ** n * (4 ** n - 1)) for n in range(1, count + 1)]


@functools.lru_cache(maxsize=None)
def pi(digits):
    """Machin's formula."""
    unit = 10 ** (digits + 10)

    def arctan_of_reciprocal(n):
        total, term, k = 0, unit // n, 0
        while term:
            total += (-1) ** k * (term // (2 * k + 1))
            term //= n * n
            k += 1
        return total
    return Decimal(4 * (4 * arctan_of_reciprocal(5) - arctan_of_reciprocal(239))) / unit


@functools.lru_cache(maxsize=None)
def log_gamma(z, digits):
    """Stirling's series from where it has this many digits."""
    with localcontext() as context:
        context.prec = digits + 20
        shift, z = Decimal(1), Decimal(z)
        while z < digits:
            shift *= z
            z += 1
        value = (z - Decimal('0.5')) * z.ln() - z + (2 * pi(digits + 20)).ln() / 2 - shift.ln()
        power, k = z, 1
        numbers = bernoulli(digits)
        while True:
            term = Decimal(numbers[k].numerator) / numbers[k].denominator / (2 * k * (2 * k - 1)) / power
            if abs(term) < Decimal(10) ** -(digits + 5):
                return value
            value += term
            power *= z * z
            k += 1


def positive_series(ratio, digits):
    """1 + ratio(1) (1 + ratio(2) (1 + ...)), the ratios falling below 1 in the end."""
    total = term = Decimal(1)
    n = 0
    end = Decimal(10) ** -digits
    while True:
        n += 1
        factor = ratio(n)
        term *= factor
        total += term
        if factor < 1 and term < end * total:
            return total


def gamma_tails(a, x):
    guess = scipy.special.gammaincc(float(a), float(x))
    lost = 310 if guess <= SMALLEST else max(0, -math.log10(guess))
    digits = 50 + int(lost)
    with localcontext() as context:
        context.prec = digits
        a, x = Decimal(a), Decimal(x)
        context.prec = digits + 30      # for what the powers lose
        front = (a * x.ln() - x - log_gamma(a, digits + 30)).exp() / a
        context.prec = digits
        lower = front * positive_series(lambda n: x / (a + n), digits)
        return lower, 1 - lower


def beta_tails(a, b, x, y):
    """x and y add up to 1; the smaller is exact, and the series in it is short."""
    if x > y:
        return beta_tails(b, a, y, x)[::-1]
    guess = scipy.special.betainc(b, a, 1 - x)
    lost = 310 if guess <= SMALLEST else max(0, -math.log10(guess))
    digits = 50 + int(lost)
    with localcontext() as context:
        context.prec = digits + 30
        a, b, x = Decimal(a), Decimal(b), Decimal(x)
        y = 1 - x
        front = (a * x.ln() + b * y.ln() + log_gamma(a + b, digits + 30)
                 - log_gamma(a, digits + 30) - log_gamma(b, digits + 30)).exp() / a
        context.prec = digits
        lower = front * positive_series(lambda n: (a + b + n - 1) / (a + n) * x, digits)
        return lower, 1 - lower


@functools.lru_cache(maxsize=None)
def exact_cumulative(trials, probability):
    """Of every k up to "trials", times the denominator to this power, which is the second value."""
    p = Fraction(probability)
    success, failure = p.numerator, p.denominator - p.numerator
    successes, failures = [1], [1]
    for _ in range(trials):
        successes.append(successes[-1] * success)
        failures.append(failures[-1] * failure)
    total, sums = 0, []
    for k in range(trials + 1):
        total += math.comb(trials, k) * successes[k] * failures[trials - k]
        sums.append(total)
    return sums, p.denominator ** trials


def binomial_tails(k, trials, probability):
    if trials <= 1000:
        sums, whole = exact_cumulative(trials, probability)
        return Fraction(sums[k], whole), Fraction(whole - sums[k], whole)
    above, at_most = beta_tails(k + 1, trials - k, probability, 1 - probability)
    return at_most, above


def kolmogorov(x):
    with localcontext() as context:
        context.prec = 400
        x = Decimal(x)
        if x < Decimal('0.2'):
            # The alternating series would need hundreds of terms; this is the other one.
            rate = pi(400) ** 2 / (8 * x * x)
            return 1 - (2 * pi(400)).sqrt() / x * sum((-n * n * rate).exp() for n in range(1, 40, 2))
        return 2 * sum((-1) ** (n - 1) * (-2 * n * n * x * x).exp() for n in range(1, 150))


def normal_upper_tail(x):
    """Through the gamma function: the square of a normal variable is chi-squared with one degree of freedom."""
    with localcontext() as context:
        context.prec = 120
        half_square = Decimal(x) ** 2 / 2
        lower, upper = gamma_tails(Decimal('0.5'), half_square)
        return upper / 2 if x >= 0 else (1 + lower) / 2


out = csv.writer(sys.stdout, lineterminator='\n')
out.writerow(['function', 'a', 'b', 'x', 'y', 'value', 'other_source_differs_by'])


def write(function, arguments, value, other):
    value = float(value)
    if value != 0 and abs(value) < SMALLEST:
        return
    difference = abs(float(other) - value)
    if value != 0:
        difference /= abs(value)
    arguments = [repr(x) for x in arguments]
    out.writerow([function] + arguments + [''] * (4 - len(arguments)) + [repr(value), '%.0e' % difference])


DEVIATIONS = (-36, -20, -8, -3, -1, -0.1, 1e-4, 0.1, 1, 3, 8, 20, 36)

# Gamma: at the mean, some standard deviations from it, and at a fixed factor of it.
for a in (1e-3, 0.01, 0.3, 0.5, 0.999, 1.0, 1.5, 2.0, 4.5, 7.25, 10.0, 31.5, 100.0, 199.5, 200.0, 201.0, 523.5, 1e3, 1e4, 123456.5,
          1e6, 1e7):
    points = {a}
    for deviations in DEVIATIONS if a < 1e6 else (-8, -1, 1e-4, 1, 20):
        points.add(a + deviations * math.sqrt(a))
    if a <= 1e3:
        points |= {a * factor for factor in (1e-20, 1e-5, 0.01, 0.25, 0.3, 0.34, 0.9, 1.1, 2.3, 2.5, 3, 7)}
        points |= {0.1, 0.56, 0.99, 1.0, 1.01, 30.0, 300.0}
    if a < 1:
        points |= {1e-100, 1e-300, 1e-310, 680.0}
    for x in sorted(points):
        if x > 0:
            lower, upper = gamma_tails(a, x)
            write('gamma_lower', (a, x), lower, scipy.special.gammainc(a, x))
            write('gamma_upper', (a, x), upper, scipy.special.gammaincc(a, x))
for degrees in (1.0, 2.0, 5.0, 30.0, 100.0):
    for x in (0.001, 0.5, 3.841458820694124, 18.307, 140.0, 1200.0):
        write('chi_squared_upper_tail', (degrees, x), gamma_tails(degrees / 2, x / 2)[1], scipy.special.chdtrc(degrees, x))

# Beta, the same way.
for a, b in ((1e-3, 1e-3), (1e-3, 1.0), (1e-3, 1e9), (0.01, 0.3), (0.01, 50.0), (0.1, 1e5), (0.5, 0.5), (0.5, 5.0), (0.5, 1e6),
             (1.0, 1.0), (1.0, 1e9), (2.0, 3.5), (10.0, 10.0), (30.0, 1e3), (100.0, 100.5), (399.0, 401.0), (400.0, 400.0),
             (401.0, 401.0), (199.0, 1e9), (201.0, 1e9), (1e3, 1e5), (12345.5, 54321.5), (1e5, 1e5), (1e5, 1e9), (1e9, 1e9), (1e9, 3.0), (5e8, 150.0)):
    mean = Fraction(a) / (Fraction(a) + Fraction(b))
    deviation = math.sqrt(mean * (1 - mean) / (Fraction(a) + Fraction(b) + 1))
    points = set()
    for deviations in DEVIATIONS if min(a, b) < 1e9 else (-3, 1):
        x = mean + Fraction(deviations * deviation)
        points.add((float(x), float(1 - x)))
    if min(a, b) < 1:
        for x in (1e-300, 1e-100, 1e-12, 0.01 / b, 0.9 / b, 2 / b, 30 / b):
            if x < 0.5:
                points.add((x, 1 - x))
    if a + b <= 2000:
        for x in (Fraction(1, 10 ** 20), Fraction(1, 10 ** 5), Fraction(3, 100), Fraction(3, 10), Fraction(1, 2), Fraction(7, 10),
                  Fraction(98, 100), 1 - Fraction(1, 10 ** 9)):
            points.add((float(x), float(1 - x)))
    for x, y in sorted(points):
        if 0 < x < 1 and y > 0:
            write('beta_regularised', (a, b, x, y), beta_tails(a, b, x, y)[0], scipy.special.betainc(a, b, x))

# Binomial.
for trials in (1, 2, 7, 20, 100, 731, 1000, 12345, 1000000, 2000000000):
    for probability in (1e-12, 0.001, 0.1, 0.3, 0.5, 0.75, 0.999, 1 - 1e-12):
        mean = trials * probability
        deviation = math.sqrt(mean * (1 - probability))
        points = {0, trials - 1} | {round(mean + deviations * deviation) for deviations in (-20, -5, -1, 0, 2, 6, 25)}
        if trials == 2000000000:
            if probability != 0.3:
                continue
            points = {round(mean - 3 * deviation)}
        for k in sorted(points):
            if 0 <= k < trials:
                at_most, above = binomial_tails(k, trials, probability)
                write('binomial_at_most', (k, trials, probability), at_most, scipy.special.bdtr(k, trials, probability))
                write('binomial_above', (k, trials, probability), above, scipy.special.bdtrc(k, trials, probability))

# Quantiles.  All by R as well, in one go.
cases = [(level, trials, probability)
         for trials in (1, 2, 10, 39, 200, 1000, 54321, 10 ** 7, 10 ** 12)
         for probability in (1e-9, 0.01, 0.25, 0.5, 0.9, 0.9999)
         for level in (1e-12, 0.005, 0.025, 0.5, 0.9, 0.975, 0.9995, 1 - 1e-9)
         # With more trials successive probabilities are so close that what counts as rounding decides.
         if trials <= 10 ** 7 or 1e-3 < level < 0.999]
# Levels that the distribution reaches exactly, or with no more than rounding.
cases += [(sum(math.comb(n, j) for j in range(k + 1)) / 2 ** n, n, 0.5) for n in (1, 2, 9, 30, 50) for k in range(0, n, 1 + n // 5)]
cases += [(float(binomial_tails(k, n, p)[0]), n, p) for n, p in ((20, 0.3), (100, 0.1), (1000, 0.25))
          for k in range(1, n // 3, 1 + n // 50)]
program = 'x <- read.table(file("stdin"), colClasses="numeric"); cat(sprintf("%.0f", qbinom(x[,1], x[,2], x[,3])), sep="\\n")'
answers = subprocess.run(['Rscript', '-e', program], check=True, capture_output=True, text=True,
                         input=''.join('%r %d %r\n' % case for case in cases)).stdout.split()
for (level, trials, probability), answer in zip(cases, map(int, answers)):
    if trials <= 10 ** 7:
        k = int(scipy.stats.binom.ppf(level, trials, probability))
        level_less = Fraction(level) * (1 - Fraction(64, 2 ** 52))
        while k > 0 and binomial_tails(k - 1, trials, probability)[0] >= level_less:
            k -= 1
        while k < trials and binomial_tails(k, trials, probability)[0] < level_less:
            k += 1
    else:
        k = answer
    out.writerow(['binomial_quantile', repr(level), trials, repr(probability), '', k, abs(answer - k)])

for x in (0.02, 0.1, 0.3, 0.5, 0.6, 0.75, 0.79, 0.8, 0.81, 0.9, 1.0, 1.22385, 1.35810, 1.62762, 2.0, 3.0, 5.0, 10.0, 18.0):
    write('kolmogorov_upper_tail', (x,), kolmogorov(x), scipy.special.kolmogorov(x))
for x in (-8.0, -3.0, -1.0, -1e-3, 1e-10, 0.5, 1.0, 1.6448536269514722, 2.5, 4.0, 7.0, 12.0, 20.0, 30.0, 37.0):
    write('normal_upper_tail', (x,), normal_upper_tail(x), scipy.special.ndtr(-x))
