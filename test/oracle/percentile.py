#!/usr/bin/python3
"""Reference figures for percentile() and percentile_interval(), made with NumPy and SciPy: writes percentile_sample.csv and
percentile.csv beside itself.

Types 1 to 9: numpy.quantile(method=...). Harrell-Davis: scipy.stats.mstats.hdquantiles.
Limits: order statistics whose ranks and coverage are scipy.stats.binom's.
"""
import csv
import os
import random
from collections import Counter

import numpy
from scipy.stats import binom
from scipy.stats.mstats import hdquantiles

NUMPY_METHODS = ['inverted_cdf', 'averaged_inverted_cdf', 'closest_observation', 'interpolated_inverted_cdf', 'hazen', 'weibull',
                 'linear', 'median_unbiased', 'normal_unbiased']

random.seed(20261122)
samples = [[7], [3, 11], [5, 5, 5, 9], sorted(random.randrange(60, 2000) for _ in range(11)),
           sorted(random.randrange(40) for _ in range(37)), sorted(random.randrange(100000) for _ in range(64)),
           sorted(int(random.lognormvariate(6, 0.6)) for _ in range(250))]
here = os.path.dirname(os.path.abspath(__file__))
with open(f'{here}/percentile_sample.csv', 'w') as file:
    out = csv.writer(file, lineterminator='\n')
    out.writerow(['sample', 'seconds', 'n'])
    for dist, sample in enumerate(samples, 1):
        out.writerows([dist, value, count] for value, count in sorted(Counter(sample).items()))
out = csv.writer(open(f'{here}/percentile.csv', 'w'), lineterminator='\n')
out.writerow(['sample', 'fraction', 'method', 'confidence', 'value', 'lower', 'upper', 'coverage'])
for dist, sample in enumerate(samples, 1):
    n = len(sample)
    for fraction in (0.0, 0.05, 0.11, 0.25, 0.5, 0.6, 0.75, 0.9, 0.95, 0.99, 1.0):
        # Where a rank would be whole but for rounding, implementations differ: those are tested elsewhere.
        for number, method in enumerate(NUMPY_METHODS, 1):
            ranks = [n * fraction, n * fraction - 0.5]
            if number <= 3 and any(abs(rank - round(rank)) < 1e-9 and fraction not in (0.25, 0.5, 0.75, 0.0, 1.0) for rank in ranks):
                continue
            # NumPy's type 3 takes the nearest even rank counted from 0, Hyndman and Fan's from 1.
            if number == 3 and abs(n * fraction - 0.5 - round(n * fraction - 0.5)) < 1e-9:
                continue
            out.writerow([dist, fraction, f'type {number}', '', repr(float(numpy.quantile(sample, fraction, method=method))), '', '', ''])
        if 0 < fraction < 1 and n > 1:
            out.writerow([dist, fraction, 'harrell-davis', '', repr(float(hdquantiles(numpy.array(sample, float), [fraction])[0])),
                          '', '', ''])
        for confidence in (0.8, 0.95, 0.99):
            if not 0 < fraction < 1:
                continue
            tail = (1 - confidence) / 2
            lower = int(binom.ppf(tail, n, fraction))
            upper = int(binom.ppf(1 - tail, n, fraction)) + 1
            coverage = binom.cdf(upper - 1, n, fraction) - binom.cdf(lower - 1, n, fraction)
            out.writerow([dist, fraction, 'interval', confidence, '', sample[lower - 1] if lower >= 1 else '',
                          sample[upper - 1] if upper <= n else '', repr(float(coverage))])
