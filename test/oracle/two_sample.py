#!/usr/bin/python3
"""Reference figures for src/core/two_sample.c: prints two_sample.csv.

A sample is written as value:count, ascending.  What is in a row:
  u, z, p_value       U by comparing every pair of distinct values, z and p from their definitions in fractions and decimals.
                      Where the sample can be written out they are checked here against SciPy's mannwhitneyu and R's wilcox.test.
  shift, lower, upper from the sorted list of all differences with their counts.  R finds shift and limits of tied samples by a
                      root of the approximation, another definition; its shift is compared where there are no ties (exact = TRUE).
  d, d_p_value        D in fractions, p by SciPy's limiting distribution (kolmogorov); checked here against SciPy's ks_2samp and R's
                      ks.test(exact = FALSE), whose series stops early (good to 1e-4).
"""
import csv
import json
import math
import random
import subprocess
import sys
from decimal import Decimal, localcontext
from fractions import Fraction

import numpy
import scipy.special
import scipy.stats

CONFIDENCES = (0.95, 0.8, 0.999)


def counted(values):
    return [(int(v), int(c)) for v, c in zip(*numpy.unique(values, return_counts=True))]


def square_root(fraction):
    with localcontext() as context:
        context.prec = 80
        return (Decimal(fraction.numerator) / Decimal(fraction.denominator)).sqrt()


def mann_whitney(a, b):
    m, n = sum(c for _, c in a), sum(c for _, c in b)
    u = sum(Fraction(c * e) * (1 if v > w else Fraction(1, 2) if v == w else 0) for v, c in a for w, e in b)
    ties = {}
    for v, c in a + b:
        ties[v] = ties.get(v, 0) + c
    total = m + n
    if len(ties) == 1:
        return u, None, 1.0
    variance = Fraction(m * n, 12) * (total + 1 - Fraction(sum(t ** 3 - t for t in ties.values()), total * (total - 1)))
    distance = u - Fraction(m * n, 2)
    if distance != 0:
        distance -= Fraction(1 if distance > 0 else -1, 2)
    with localcontext() as context:
        context.prec = 80
        z = Decimal(distance.numerator) / Decimal(distance.denominator) / square_root(variance)
    return u, float(z), float(2 * scipy.stats.norm.sf(abs(float(z))))


def differences(a, b):
    all_of_them = {}
    for v, c in a:
        for w, e in b:
            all_of_them[v - w] = all_of_them.get(v - w, 0) + c * e
    return sorted(all_of_them.items())


def of_rank(pairs, rank):
    for value, count in pairs:
        rank -= count
        if rank <= 0:
            return value
    raise ValueError


def hodges_lehmann(a, b, confidence):
    m, n = sum(c for _, c in a), sum(c for _, c in b)
    pairs = differences(a, b)
    shift = Fraction(of_rank(pairs, m * n // 2 + 1) + of_rank(pairs, (m * n + 1) // 2), 2)
    with localcontext() as context:
        context.prec = 80
        margin = Decimal(float(-scipy.special.ndtri((1 - confidence) / 2))) * square_root(Fraction(m * n * (m + n + 1), 12))
        rank = math.floor(Decimal(m * n) / 2 - margin)
    if rank < 1:
        return shift, '', ''
    return shift, of_rank(pairs, rank), of_rank(pairs, m * n + 1 - rank)


def kolmogorov_smirnov(a, b):
    m, n = sum(c for _, c in a), sum(c for _, c in b)
    d = max(abs(Fraction(sum(c for v, c in a if v <= x), m) - Fraction(sum(c for v, c in b if v <= x), n)) for x, _ in a + b)
    return float(d), float(scipy.special.kolmogorov(math.sqrt(m * n / (m + n)) * float(d)))


random.seed(1)
cases = [
    ([(5, 1)], [(5, 1)]),
    ([(5, 1)], [(9, 1)]),
    ([(9, 1)], [(5, 1)]),
    ([(7, 30)], [(7, 12)]),
    ([(7, 30)], [(7, 11), (8, 1)]),
    ([(0, 1), (2 ** 31 - 1, 1)], [(0, 2), (2 ** 31 - 1, 1)]),
    ([(0, 40)], [(2 ** 31 - 1, 60)]),
    ([(1, 2), (2, 1)], [(1, 1), (2, 1)]),       # U is half a pair from its mean
    (counted(range(0, 40, 2)), counted(range(1, 41, 2))),
    (counted(range(100, 130)), counted(range(0, 300, 7))),
    (counted(range(1000, 1060)), counted(range(0, 60))),
]
for m, n, width in ((2, 3, 5), (3, 3, 100), (8, 12, 10), (20, 20, 4), (25, 31, 100000), (49, 200, 60), (150, 150, 900), (7, 400, 30),
                    (300, 5, 10 ** 6), (200, 260, 3), (9, 11, 1000), (15, 17, 10 ** 5), (33, 7, 5000), (21, 25, 10 ** 4)):
    for shift in (0, 1, width // 4):
        cases.append((counted([random.randrange(width) + shift for _ in range(m)]), counted([random.randrange(width) for _ in range(n)])))
huge = 2 ** 61
cases += [
    ([(600, 10 ** 12), (900, 3 * 10 ** 12)], [(600, 10 ** 12 + 5), (700, 10 ** 6), (900, 3 * 10 ** 12)]),
    ([(0, 2 ** 63 - 1)], [(1, 2 ** 63 - 1)]),
    ([(0, huge), (5, huge + 1), (9, huge)], [(0, huge), (5, huge), (9, huge)]),
    ([(3, 10 ** 15)], [(3, 10 ** 15 - 1), (4, 1)]),
    ([(3, 1)], [(1, 2 ** 62), (3, 1), (8, 2 ** 62 - 7)]),
    ([(1, 123456789), (20, 987654321)], [(1, 123456799), (20, 987654000), (21, 4)]),
]

# One run of R for all that can be written out.
program = '''
options(digits = 17, warn = -1)
for (line in readLines(file("stdin")))
{
    parts <- strsplit(line, ";")[[1]]
    a <- as.numeric(strsplit(parts[1], " ")[[1]])
    b <- as.numeric(strsplit(parts[2], " ")[[1]])
    w <- wilcox.test(a, b, exact = FALSE, correct = TRUE)
    k <- ks.test(a, b, exact = FALSE)
    shift <- NaN
    if (!anyDuplicated(c(a, b)) && length(a) < 50 && length(b) < 50)
        shift <- wilcox.test(a, b, exact = TRUE, conf.int = TRUE)$estimate
    cat(w$statistic, w$p.value, k$statistic, k$p.value, shift, "\\n")
}'''
writable = [case for case in cases if sum(c for _, c in case[0] + case[1]) < 2000]
lines = ''.join(';'.join(' '.join(str(v) for v, c in sample for _ in range(c)) for sample in case) + '\n' for case in writable)
answers = subprocess.run(['Rscript', '-e', program], check=True, capture_output=True, text=True, input=lines).stdout.splitlines()
by_r = {json.dumps(case): [float(x) for x in answer.split()] for case, answer in zip(writable, answers)}


def same(x, y, tolerance=1e-11):
    if not abs(x - y) <= tolerance * max(abs(x), abs(y), 1e-4):
        raise SystemExit('%r is not %r' % (x, y))


out = csv.writer(sys.stdout, lineterminator='\n')
out.writerow(['a', 'b', 'confidence', 'u', 'z', 'p_value', 'shift', 'lower', 'upper', 'd', 'd_p_value', 'checked_with'])
for number, case in enumerate(cases):
    a, b = case
    confidence = CONFIDENCES[number % 3]
    u, z, p_value = mann_whitney(a, b)
    shift, lower, upper = hodges_lehmann(a, b, confidence)
    d, d_p_value = kolmogorov_smirnov(a, b)
    checked_with = ''
    if case in writable:
        checked_with = 'SciPy and R'
        x, y = ([v for v, c in sample for _ in range(c)] for sample in case)
        statistic, r_p_value, r_d, r_d_p_value, r_shift = by_r[json.dumps(case)]
        same(float(u), statistic)
        same(d, r_d)
        same(d, scipy.stats.ks_2samp(x, y, method='asymp').statistic)
        if abs(d_p_value - r_d_p_value) > 1e-4:
            raise SystemExit('ks.test: %r, %r' % (d_p_value, r_d_p_value))
        if z is not None:
            scipys = scipy.stats.mannwhitneyu(x, y, use_continuity=True, method='asymptotic')
            same(float(u), scipys.statistic)
            same(p_value, scipys.pvalue)
            same(p_value, r_p_value)
        if not math.isnan(r_shift):
            same(float(shift), r_shift)
    out.writerow([' '.join('%d:%d' % pair for pair in sample) for sample in case]
                 + [confidence, repr(float(u)), '' if z is None else repr(z), repr(p_value), float(shift), lower, upper, repr(d),
                    repr(d_p_value), checked_with])
