#!/usr/bin/Rscript
# Reference figures for src/core/funnel_plot.c: writes funnel_plot_inputs.csv and funnel_plot.csv into the directory that the script is
# run in. Made with base R 4.2.2: exact limits as roots, by bisection, of stats::pgamma and stats::pbeta in the number of events;
# dispersion from D. J. Spiegelhalter (2005) with stats::quantile(type = 7).
set.seed(2005)
units <- function(id, kind, events, size) data.frame(case_id = id, kind = kind, i = seq_along(events), events = events, size = size)
ratio <- function(id, n, mean, spread) {
  size <- exp(runif(n, log(mean / 20), log(mean * 20)))
  units(id, 'ratio', rpois(n, size * exp(rnorm(n, 0, spread))), size)
}
proportion <- function(id, n, trials, share, spread) {
  size <- 1 + rpois(n, exp(runif(n, log(trials / 10), log(trials * 10))))
  units(id, 'proportion', rbinom(n, size, plogis(qlogis(share) + rnorm(n, 0, spread))), size)
}
inputs <- rbind(ratio('ratio_calm', 15, 20, 0), ratio('ratio_dispersed', 40, 100, 0.5), ratio('ratio_tiny', 12, 0.8, 0.3), ratio('ratio_two', 2, 30, 1),
                ratio('ratio_large', 25, 1e5, 0.02), ratio('ratio_one', 1, 10, 0.1), ratio('ratio_eleven', 11, 15, 0.4),
                proportion('proportion_calm', 15, 100, 0.3, 0), proportion('proportion_dispersed', 50, 200, 0.5, 0.6),
                proportion('proportion_rare', 20, 300, 0.005, 0.4), proportion('proportion_common', 20, 40, 0.98, 0.5),
                proportion('proportion_large', 20, 1e5, 0.4, 0.05), units('proportion_none', 'proportion', c(0, 0, 0), c(4, 9, 200)),
                units('proportion_all', 'proportion', c(4, 9, 200), c(4, 9, 200)))

# The number of events at which an increasing or decreasing tail is p.
bisect <- function(tail, p, low, high) {
  rising <- tail(high) > tail(low)
  for (i in 1:300) {
    middle <- (low + high) / 2
    if ((tail(middle) < p) == rising) low <- middle else high <- middle
  }
  middle
}
exact <- function(kind, centre, size, p) {
  if (centre == 0) return(c(0, 0))
  if (kind == 'ratio') {
    mean <- centre * size
    below <- function(x) pgamma(mean, x + 1, lower.tail = FALSE)
    above <- function(x) if (x == 0) 1 else pgamma(mean, x)
    high <- mean + 50 * sqrt(mean) + 100
  } else {
    if (centre == 1) return(c(1, 1))
    below <- function(x) if (x == size) 1 else pbeta(centre, x + 1, size - x, lower.tail = FALSE)
    above <- function(x) if (x == 0) 1 else pbeta(centre, x, size - x + 1)
    mean <- centre * size
    high <- size
  }
  c(if (below(0) >= p) 0 else bisect(below, p, 0, mean),
    if (above(high) >= p) high else bisect(above, p, mean, high)) / size
}
expected <- NULL
for (id in unique(inputs$case_id)) {
  d <- inputs[inputs$case_id == id, ]
  kind <- d$kind[1]
  centre <- sum(d$events) / sum(d$size)
  to <- if (kind == 'ratio') sqrt else function(p) asin(sqrt(p))
  back <- if (kind == 'ratio') function(y) pmax(y, 0)^2 else function(y) sin(pmin(pmax(y, 0), pi / 2))^2
  s <- 1 / (2 * sqrt(d$size))
  z <- (to(d$events / d$size) - to(centre)) / s
  ends <- quantile(z, c(0.1, 0.9), type = 7)
  n <- nrow(d)
  phi <- if (n > 1) mean(pmin(pmax(z, ends[1]), ends[2])^2) else NA
  w <- 1 / s^2
  tau2 <- if (n < 2) NA else if (n * phi <= n - 1) 0 else (n * phi - (n - 1)) / (sum(w) - sum(w^2) / sum(w))
  for (i in seq_len(n)) {
    row <- data.frame(case_id = id, i = i, value = d$events[i] / d$size[i], centre = centre, z = z[i], phi = phi, tau2 = tau2)
    for (level in c(0.95, 0.998)) {
      p <- (1 - level) / 2
      limits <- exact(kind, centre, d$size[i], p)
      times <- qnorm(p, lower.tail = FALSE)
      mult <- back(to(centre) + c(-1, 1) * times * s[i] * sqrt(max(1, phi)))
      add <- back(to(centre) + c(-1, 1) * times * sqrt(s[i]^2 + tau2))
      score <- if (kind == 'ratio') c(NA, NA) else pmin(pmax(centre + c(-1, 1) * times * sqrt(centre * (1 - centre) / d$size[i]), 0), 1)
      names <- paste0(c('exact', 'exact', 'multiplicative', 'multiplicative', 'additive', 'additive', 'score', 'score'), '_', c('lower', 'upper'), '_',
                      if (level == 0.95) 'inner' else 'outer')
      row[names] <- c(limits, mult, add, score)
    }
    expected <- rbind(expected, row)
  }
}
write17 <- function(d, file) {
  for (n in names(d)) if (is.numeric(d[[n]])) d[[n]] <- ifelse(is.na(d[[n]]), '', sprintf('%.17g', d[[n]]))
  write.table(d, file, sep = ',', row.names = FALSE, quote = FALSE)
}
write17(inputs, 'funnel_plot_inputs.csv')
write17(expected, 'funnel_plot.csv')
