#!/usr/bin/Rscript
# Reference figures for src/core/standardisation.c: writes standardisation_inputs.csv and standardisation.csv into the directory that
# the script is run in. Made with base R 4.2.2. What is exact Poisson is stats::poisson.test's; Byar's and Dobson's formulas are
# written out here from Breslow and Day (1987) and Dobson et al. (1991). People with several events are written out one by one, and the
# variance of the rate is the sum over people of the square of what each adds to it: another way than by sums of squares.
set.seed(20130101)
options(digits = 17)
esp <- c(5000, 5500, 5500, 5500, 6000, 6000, 6500, 7000, 7000, 7000, 7000, 6500, 6000, 5500, 5000, 4000, 2500, 1500, 1000)
stopifnot(sum(esp) == 100000)

byar <- function(x, confidence) {
  z <- qnorm(1 - (1 - confidence) / 2)
  c(max(0, x * (1 - 1 / (9 * x) - z / (3 * sqrt(x)))^3), (x + 1) * (1 - 1 / (9 * (x + 1)) + z / (3 * sqrt(x + 1)))^3)
}
case <- function(id, rate, size, bands = 19, repeats = 0.3) {
  population <- round(runif(bands, 0.5, 1.5) * size) + sample(c(0, 0.25, 0.5), bands, replace = TRUE)
  people <- lapply(population, function(n) 1 + rgeom(rpois(1, n * rate), 1 - repeats))
  data.frame(case_id = id, events = sapply(people, sum), squared_events = sapply(people, function(k) sum(k^2)), population = population,
             standard_population = esp[seq_len(bands)], reference_events = rpois(bands, 500) + 1,
             reference_population = round(runif(bands, 2e5, 6e5)), people = I(people))
}
cases <- list(case('large', 0.01, 10000), case('middling', 0.003, 5000), case('small', 0.0005, 2000), case('rare', 0.00005, 4000),
              case('rarer', 0.00001, 1000), case('one_band', 0.02, 3000, 1), case('two_bands', 0.01, 300, 2), case('no_repeats', 0.004, 2500, 19, 0),
              case('many_repeats', 0.004, 2500, 19, 0.8), case('huge', 0.2, 500000, 5))
inputs <- do.call(rbind, lapply(cases, function(d) d[names(d) != 'people']))
expected <- NULL
for (d in cases) for (confidence in c(0.95, 0.998, 0.5)) {
  observed <- sum(d$events)
  weight <- d$standard_population / sum(d$standard_population)
  rate <- 1e5 * sum(weight * d$events / d$population)
  # What each person adds to the rate.
  adds <- unlist(Map(function(w, k, n) 1e5 * w * k / n, weight, d$people, d$population))
  once <- sqrt(sum(weight^2 * d$events / d$population^2)) * 1e5
  stretched <- function(error) if (observed == 0) c(NA, NA) else rate + error / sqrt(observed) * (byar(observed, confidence) - observed)
  wanted <- sum(d$reference_events / d$reference_population * d$population)
  count <- if (observed < 10) as.numeric(poisson.test(observed, conf.level = confidence)$conf.int) else byar(observed, confidence)
  crude <- 1e5 * sum(d$reference_events) / sum(d$reference_population)
  expected <- rbind(expected, data.frame(
    case_id = d$case_id[1], confidence = confidence, events = observed, rate = rate, lower = max(0, stretched(once)[1]), upper = stretched(once)[2],
    repeated_lower = max(0, stretched(sqrt(sum(adds^2)))[1]), repeated_upper = stretched(sqrt(sum(adds^2)))[2],
    expected = wanted, ratio = observed / wanted, ratio_lower = count[1] / wanted, ratio_upper = count[2] / wanted,
    indirect_rate = observed / wanted * crude, indirect_lower = count[1] / wanted * crude, indirect_upper = count[2] / wanted * crude))
}
write17 <- function(d, file) {
  for (n in names(d)) if (is.numeric(d[[n]])) d[[n]] <- ifelse(is.na(d[[n]]), '', sprintf('%.17g', d[[n]]))
  write.table(d, file, sep = ',', row.names = FALSE, quote = FALSE)
}
write17(inputs, 'standardisation_inputs.csv')
write17(expected, 'standardisation.csv')
