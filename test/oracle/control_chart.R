#!/usr/bin/env Rscript
# Reference figures for src/core/control_chart.c, control_chart_rules.c and run_chart.c, made with R 4.2.2 from the formulas: writes
# control_chart_inputs.csv, control_chart.csv and control_chart_runs.csv to the current directory.
#
# Written unlike the C: every window of seven or three points is looked at by itself, means are R's own (extended precision), limits are
# textbook formulas over whole vectors.  The packages that chart this way (qicharts2, NHSRplotthedots) were not used here.
#
# control_chart_inputs.csv  series with what each chart takes; blank: NULL
# control_chart.csv         a row a point, chart and set of parameters; points without a value are left out
# control_chart_runs.csv    run charts likewise
options(warn = 2)
set.seed(20240401, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")

series <- list()
add <- function(id, value, events, trials, exposure, phase = "all", excluded = FALSE) {
  n <- length(value)
  series[[id]] <<- data.frame(case_id = id, i = seq_len(n), value = value, events = rep_len(events, n), trials = rep_len(trials, n),
                              exposure = rep_len(exposure, n), phase = rep_len(phase, n), excluded = rep_len(excluded, n))
}
# What is drawn from R's generator; "holes" are set to NA afterwards.
draw <- function(id, n, rate, shift = 1, phase = "all", holes = NULL, excluded = FALSE, digits = 1) {
  level <- rate * c(rep(1, n - n %/% 2), rep(shift, n %/% 2))
  exposure <- round(runif(n, 0.5, 2), 2)
  trials <- 20 + rpois(n, 6 * rate)
  events <- pmin(rpois(n, level * exposure), trials)
  value <- round(rnorm(n, level, sqrt(rate) / 2), digits)
  value[holes] <- NA; events[holes] <- NA
  add(id, value, events, trials, exposure, phase, excluded)
}
add("one", 3.5, 2, 10, 1.5)
add("two", c(3, 5), c(1, 4), c(9, 9), c(1, 2))
add("none", c(NA, NA, NA), NA, 4, 1)
add("constant", rep(0.1, 12), 3, 30, 0.3)
add("constant_rates", rep(7, 9), 1:9, 10 * 1:9, 0.1 * 1:9)
add("zeros", rep(0, 10), 0, 5, 1)
add("all_events", rep(1, 10), 5, 5, 1)
add("no_exposure", c(4, 6, 5, 7, 3, 8), c(1, 0, 2, 0, 3, 1), c(4, 0, 5, 0, 6, 7), c(1, 0, 2, 0, 1.5, 1))
add("trends", c(5, 1, 2, 3, 4, 5, 6, 7, 6, 5, 4, 3, 2, 1, 1, 2, 3, 4, 5, 6), c(5, 1:7, 6:1, 1:6), 20, 1)
add("trends_hole", c(1, 2, 3, 4, NA, 5, 6, 7, 8, 9, 10, 11, 4, 4, 3, 2, 1), c(1:4, NA, 5:11, 4, 4, 3, 2, 1), 30, 2)
add("runs", c(rep(c(9, 10, 8), 5), 5, rep(c(2, 1, 3), 5)), c(rep(c(9, 10, 8), 5), 5, rep(c(2, 1, 3), 5)), 25, 1)
add("runs_on_centre", c(7, 8, 7, 8, 5, 7, 8, 3, 2, 3, 2, 5, 3, 2), c(7, 8, 7, 8, 5, 7, 8, 3, 2, 3, 2, 5, 3, 2), 15, 1)
add("outlier", c(4, 5, 4, 6, 5, 4, 40, 5, 4, 6, 5, 4), c(4, 5, 4, 6, 5, 4, 40, 5, 4, 6, 5, 4), 60, 1, excluded = c(rep(FALSE, 6), TRUE, rep(FALSE, 5)))
# Two of three near a limit, with and without the third outside it.
add("near", c(10, 11, 10, 9, 10, 12.9, 10.5, 12.8, 10, 9, 11, 14, 12.9, 11, 9, 7.2, 6, 10, 11, 10, 9, 10), 1, 3, 1)
draw("stable", 24, 9); draw("stable_many", 24, 60); draw("rare", 30, 0.6); draw("step", 30, 8, 1.8); draw("step_rare", 30, 1.2, 2.5)
draw("phases", 30, 12, 0.5, phase = c(rep("before", 16), rep("after", 14)))
draw("phases_back", 30, 6, 1.5, phase = c(rep("a", 11), rep("b", 8), rep("a", 11)))
draw("phases_short", 16, 6, phase = c("a", "b", "b", rep("c", 5), rep("d", 8)))
draw("phases_null", 16, 6, phase = c(rep(NA, 8), rep("", 8)))
draw("holes", 30, 10, 1.6, holes = c(1, 7, 8, 20, 30)); draw("holes_phases", 24, 10, 1, phase = rep(c("a", "b"), each = 12), holes = c(12, 13, 18))
draw("excluded", 30, 10, 1.4, excluded = seq_len(30) %in% c(1, 5, 6, 22)); draw("holes_excluded", 30, 5, 1.4, holes = c(4, 9), excluded = seq_len(30) %in% c(3, 5, 10))
draw("ties", 30, 3, digits = 0)
# Overdispersed, where Laney's charts differ.
for (id in c("overdispersed", "overdispersed_many")) {
  n <- 30; trials <- rpois(n, if (id == "overdispersed") 300 else 5e5); exposure <- trials / 1000
  p <- plogis(rnorm(n, -2, 0.3)); events <- rbinom(n, trials, p)
  add(id, round(100 * events / trials, 2), events, trials, exposure)
}
series <- do.call(rbind, series)

# Points of one phase: whether each is one of the first n points with a value and not excluded.
baseline <- function(x, n, excluded) !is.na(x) & !excluded & (is.na(n) | cumsum(!is.na(x)) <= n)
# Moving ranges of the baseline: neighbours once the excluded are taken out; a hole has none.
moving_range <- function(z, x, base, screened) {
  last <- if (any(base)) max(which(base)) else 0
  keep <- seq_along(x) <= last & (base | is.na(x))
  mr <- abs(diff(z[keep])); mr <- mr[!is.na(mr)]
  if (screened) mr <- mr[mr < 3.267 * mean(mr)]
  if (length(mr) == 0) NA else mean(mr)
}

lines_of <- function(chart, d, n, screened) {
  x <- switch(chart, xmr = , mr = d$value, t = abs(d$value), c = , g = d$events, p = , p_prime = d$events / d$trials, u = , u_prime = d$events / d$exposure)
  size <- switch(chart, p = , p_prime = d$trials, u = , u_prime = d$exposure, rep(1, nrow(d)))
  x[size == 0] <- NA
  base <- baseline(x, n, d$excluded & chart != "mr")
  z <- x
  if (chart == "mr") {
    z <- x <- c(NA, abs(diff(x))); base <- base & !is.na(x)
    m <- mean(x[base])
    return(data.frame(value = x, z = z, centre = m, lower = 0 * m, upper = 3.267 * m, lower2 = NA, upper2 = NA, zc = m, zl = 0 * m, zu = 3.267 * m, zl2 = NA, zu2 = NA))
  }
  if (chart == "t") z <- x^(1 / 3.6)
  m <- if (chart %in% c("p", "p_prime", "u", "u_prime")) sum(d$events[base]) / sum(size[base]) else mean(z[base])
  centre <- m
  # Where all of them are the same, so is their mean.
  if (any(base) && all(z[base] == z[base][1])) centre <- m <- z[base][1]
  sd <- switch(chart,
    xmr = 2.66 * moving_range(z, x, base, screened) / 3,
    t = moving_range(z, x, base, screened) / 1.128,
    c = sqrt(m), g = sqrt(m * (m + 1)),
    p = , p_prime = sqrt(m * (1 - m) / size), u = , u_prime = sqrt(m / size))
  if (chart == "g") centre <- if (any(base)) median(x[base]) else NA
  if (chart %in% c("p_prime", "u_prime")) {
    sigma <- moving_range((x - m) / sd, x, base, screened) / 1.128
    if (!is.nan(m) && (m == 0 || (chart == "p_prime" && m == 1))) sigma <- 1
    sd <- sd * sigma
  }
  floor_at <- if (chart == "xmr") -Inf else 0
  top <- if (chart %in% c("p", "p_prime")) 1 else Inf
  line <- function(k) pmin(pmax(m + k * sd, floor_at), top)
  out <- data.frame(value = x, z = z, zc = centre, zl = line(-3), zu = line(3), zl2 = line(-2), zu2 = line(2))
  shown <- if (chart == "t") function(v) v^3.6 else identity
  cbind(out, centre = shown(out$zc), lower = shown(out$zl), upper = shown(out$zu), lower2 = shown(out$zl2), upper2 = shown(out$zu2))
}

is_true <- function(x) !is.na(x) & x
rules_of <- function(chart, d, beyond) {
  n <- nrow(d); rule <- rep("", n)
  side <- ifelse(is.na(d$z) | is.na(d$zc), 0, sign(d$z - d$zc))
  out_hi <- is_true(d$z > d$zu); out_lo <- is_true(d$z < d$zl)
  near <- is_true(d$z > d$zu2 | d$z < d$zl2) & (beyond | !(out_hi | out_lo))
  windows <- function(k) if (n >= k) lapply(seq_len(n - k + 1), function(s) s:(s + k - 1)) else list()
  if (chart != "mr") {
    for (w in windows(7)) if (abs(sum(side[w])) == 7) rule[w] <- if (side[w[1]] > 0) "run above centre" else "run below centre"
    if (chart != "g") for (w in windows(3)) if (abs(sum(side[w])) == 3 && sum(near[w]) >= 2)
      rule[w[near[w]]] <- if (side[w[1]] > 0) "two of three near upper limit" else "two of three near lower limit"
    for (w in windows(7)) {
      s <- sign(diff(d$value[w]))
      if (!anyNA(s) && abs(sum(s)) == 6) rule[w] <- if (s[1] > 0) "increasing trend" else "decreasing trend"
    }
  }
  rule[out_hi] <- "above upper limit"; rule[out_lo] <- "below lower limit"
  rule
}

# The rows of each phase: a phase ends where the next row's name differs.
phases_of <- function(d) { name <- ifelse(is.na(d$phase), "null", paste0("=", d$phase)); split(d, cumsum(c(TRUE, name[-1] != name[-length(name)]))) }
parameters <- list(xmr = list(c(0, 0), c(1, 0), c(0, 1)), mr = list(c(0, 0)), c = list(c(0, 0)), p = list(c(0, 0)), u = list(c(0, 0)), g = list(c(0, 0)),
                   p_prime = list(c(0, 0), c(1, 0)), u_prime = list(c(0, 0), c(1, 0)), t = list(c(0, 0), c(1, 0)))
charts <- runs <- list()
for (d in split(series, factor(series$case_id, unique(series$case_id)))) for (phase in phases_of(d)) {
  # A baseline of eight where that is not all.
  for (n in if (nrow(phase) > 8) c(NA, 8) else NA) {
    for (chart in names(parameters)) for (p in parameters[[chart]]) if (is.na(n) || sum(p) == 0) {
      l <- lines_of(chart, phase, n, p[1] == 1)
      l$rule <- rules_of(chart, l, p[2] == 1)
      charts[[length(charts) + 1]] <- subset(data.frame(case_id = phase$case_id, chart = chart, baseline_points = n, screened = c("f", "t")[1 + p[1]],
        variant = c("between", "beyond")[1 + p[2]], i = phase$i, l[c("value", "centre", "lower", "upper", "lower2", "upper2", "rule")], points = sum(!is.na(l$value))), !is.na(l$value))
    }
    x <- phase$value; base <- baseline(x, n, phase$excluded)
    centre <- if (any(base)) median(x[base]) else NA
    side <- sign(x - centre)[!phase$excluded & !is.na(x)]; side <- side[side != 0 & !is.na(side)]
    useful <- length(side); r <- rle(side)
    runs[[length(runs) + 1]] <- subset(data.frame(case_id = phase$case_id, baseline_points = n, i = phase$i, value = x, centre = centre, useful = useful,
      longest = if (useful) max(r$lengths) else 0, longest_limit = if (useful) round(log2(useful)) + 3 else NA, crossings = max(length(r$lengths) - 1, 0),
      crossings_limit = if (useful) qbinom(.05, useful - 1, .5) else NA, points = sum(!is.na(x))), !is.na(x))
  }
}

digits <- function(d) { for (k in names(d)) if (is.double(d[[k]])) d[[k]] <- ifelse(is.finite(d[[k]]), sprintf(if (is.null(d$rule)) "%.17g" else "%.12g", d[[k]]), NA); d }
save <- function(d, name) { d$excluded <- if (is.null(d$excluded)) NULL else c("f", "t")[1 + d$excluded]; write.csv(digits(d), name, row.names = FALSE, quote = FALSE, na = "") }
series$phase <- ifelse(is.na(series$phase), NA, paste0('"', series$phase, '"'))
save(series, "control_chart_inputs.csv"); save(do.call(rbind, charts), "control_chart.csv"); save(do.call(rbind, runs), "control_chart_runs.csv")
