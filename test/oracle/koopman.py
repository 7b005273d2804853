#!/usr/bin/env python3
"""Reference figures for proportion_ratio_interval() by Koopman's method, in arithmetic of 40 digits (mpmath 1.3.0): prints koopman.csv.

The limits are the ratios at which the score test (first proportion less ratio times the second, over its standard error) has the value
z.  Neither the test's formula nor the restricted proportions are those of the code: the proportions under the ratio are found by
bisection of the derivative of the likelihood, and the limits by bisection of the test.  An empty field is a limit that there is not.
"""
import csv
import sys

from mpmath import erfinv, mp, mpf, sqrt

mp.dps = 40


def restricted(x1, n1, x2, n2, ratio):
    """The first proportion p where x1 ln p + (n1 - x1) ln(1 - p) + x2 ln(p / ratio) + (n2 - x2) ln(1 - p / ratio) is greatest."""
    low, high = mpf(0), min(mpf(1), ratio)
    for _ in range(140):
        p = (low + high) / 2
        slope = mpf(x1 + x2) / p
        # Where nothing failed the greatest may be at the bound, and there is no slope.
        slope -= (n1 - x1) / (1 - p) if x1 < n1 else 0
        slope -= (n2 - x2) / (ratio - p) if x2 < n2 else 0
        low, high = (p, high) if slope > 0 else (low, p)
    return (low + high) / 2


def score(x1, n1, x2, n2, ratio):
    p1 = restricted(x1, n1, x2, n2, ratio)
    p2 = p1 / ratio
    variance = p1 * (1 - p1) / n1 + ratio ** 2 * p2 * (1 - p2) / n2
    return (mpf(x1) / n1 - ratio * mpf(x2) / n2) / sqrt(variance)


def ratio_of_score(case, z):
    low, high = mp.log(mpf(10) ** -12), mp.log(mpf(10) ** 13)
    for _ in range(90):
        middle = (low + high) / 2
        low, high = (middle, high) if score(*case, mp.exp(middle)) > z else (low, middle)
    return mp.exp((low + high) / 2)


out = csv.writer(sys.stdout, lineterminator='\n')
out.writerow(['events1', 'trials1', 'events2', 'trials2', 'confidence', 'lower', 'upper'])
for case in ((36, 40, 16, 80), (15, 148, 81, 263), (0, 40, 16, 80), (36, 40, 0, 80), (40, 40, 80, 80), (40, 40, 16, 80), (0, 3, 3, 3), (3, 3, 0, 3),
             (1, 1, 1, 1), (1, 2, 1, 7), (931, 12500, 1021, 13000), (9999999, 10000000, 9999000, 10000000), (1, 10000000, 3, 5000000),
             (5000000, 10000000, 1, 3)):
    for confidence in (0.5, 0.95, 0.998):
        z = sqrt(2) * erfinv(mpf(confidence))
        lower = '0.0' if case[0] == 0 else repr(float(ratio_of_score(case, z)))
        upper = '' if case[2] == 0 else repr(float(ratio_of_score(case, -z)))
        out.writerow([*case, confidence, lower, upper])
