#!/usr/bin/python3
"""Reference figures for proportion_interval() and rate_interval(), made with SciPy: prints interval.csv.

Wilson: scipy.stats.binomtest(...).proportion_ci(method='wilson').
Exact Poisson (Garwood): quantiles of chi-squared, scipy.stats.chi2.
Byar: Breslow and Day's formula with scipy.stats.norm.
"""
import csv
import math
import sys

from scipy.stats import binomtest, chi2, norm

out = csv.writer(sys.stdout, lineterminator='\n')
out.writerow(['method', 'events', 'trials', 'confidence', 'lower', 'upper'])
for confidence in (0.5, 0.8, 0.9, 0.95, 0.99, 0.998, 0.999999):
    for trials in (1, 2, 3, 7, 10, 36, 100, 999, 12500, 1000000):
        for events in sorted({0, 1, trials // 3, trials // 2, trials - 1, trials} & set(range(trials + 1))):
            interval = binomtest(events, trials).proportion_ci(confidence, method='wilson')
            # SciPy leaves rounding at the certain ends.
            lower = 0.0 if events == 0 else interval.low
            upper = 1.0 if events == trials else interval.high
            out.writerow(['wilson', events, trials, confidence, repr(float(lower)), repr(float(upper))])
    tail = (1 - confidence) / 2
    for events in range(10):
        lower = 0.0 if events == 0 else chi2.ppf(tail, 2 * events) / 2
        out.writerow(['exact', events, '', confidence, repr(float(lower)), repr(float(chi2.isf(tail, 2 * events + 2) / 2))])
    z = norm.isf(tail)
    for events in (10, 11, 25, 100, 931, 5738, 1000000, 10000000):
        x, y = float(events), float(events + 1)
        lower = x * (1 - 1 / (9 * x) - z / (3 * math.sqrt(x))) ** 3
        upper = y * (1 - 1 / (9 * y) + z / (3 * math.sqrt(y))) ** 3
        out.writerow(['byar', events, '', confidence, repr(max(0.0, float(lower))), repr(float(upper))])
