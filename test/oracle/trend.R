#!/usr/bin/env Rscript
# Reference figures for src/core/{mann_kendall,poisson_trend,negative_binomial_trend,joinpoint}.c, made with R 4.2.2 and MASS 7.3-58.2:
# writes trend_*.csv to the current directory.
#
# trend_inputs.csv    points by case: time, value, exposure; value and exposure in a file of 17 digits
# trend_expected.csv  a line a figure: case, method, figure, value; empty where there is none
#
# mann_kendall        cor.test(method = "kendall", exact = FALSE, continuity = TRUE) for p and tau-b; S as the sum of all signs, its variance as
#                     the square of what z divides by
# sen_slope           every pair's slope, sorted
# poisson, quasi      glm(poisson), summary with dispersion, confint.default and t
# negative_binomial   MASS::glm.nb
# percent_change      lm(log(rate) ~ time)
# joinpoint           lm() for every candidate; p from every permutation of seven points or fewer, else from 5,000; up to 20 points
# seasonal            sums over seasons of 12
suppressMessages(library(MASS))
stopifnot(packageVersion("MASS") == "7.3.58.2")
set.seed(20240131, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")
options(warn = -1)

cases <- list()
add <- function(id, time, value, exposure = 1)
  cases[[id]] <<- data.frame(case_id = id, time = time, value = value, exposure = exposure)

add("warnings", 2019:2024, c(1901, 1862, 2451, 5411, 5814, 5738))
add("warnings_of_people", 2019:2024, c(1901, 1862, 2451, 5411, 5814, 5738), c(5463300, 5466000, 5479900, 5447700, 5490100, 5546900))
add("possession", 2020:2023, c(6444, 5558, 6610, 6805))
add("one", 2020, 5)
add("two", c(2020, 2021), c(5, 9))
add("two_same_time", c(2020, 2020, 2020), c(5, 9, 7))
add("three", c(2020, 2021, 2023), c(5, 9, 10))
add("constant", 1:9, rep(7, 9))
add("all_zero", 1:6, rep(0, 6))
add("last_only", 1:6, c(0, 0, 0, 0, 0, 4))
add("first_only", 1:6, c(4, 0, 0, 0, 0, 0))
add("middle_only", 1:6, c(0, 0, 0, 4, 0, 0))
add("two_events", 1:6, c(0, 1, 0, 0, 0, 1))
add("one_zero", 1:8, c(3, 0, 4, 6, 5, 9, 8, 12))
add("irregular", c(0, 1, 1.5, 4, 4.25, 7, 11, 11.125), c(12, 15, 11, 22, 19, 28, 41, 39))
add("ties_in_both", c(1, 1, 2, 2, 2, 3, 4, 4, 5, 6), c(3, 4, 4, 4, 5, 5, 5, 7, 7, 9), c(1, 1, 1, 2, 1, 1, 1, 1, 1, 1))
add("falling", 1:12, c(98, 90, 93, 81, 70, 74, 66, 60, 51, 55, 43, 40))
add("steep", 0:9, c(1, 5, 20, 95, 400, 1700, 7000, 30100, 120000, 512000))
add("large", 2000:2019, round(1e9 * exp(0.01 * (0:19)) + 1e6 * rnorm(20)))
add("small_exposures", 1:15, rpois(15, 6), runif(15, 1e-6, 3e-6))
add("bend", 2000:2015, round(c(100 * 1.2^(0:7), 100 * 1.2^7 * 0.9^(1:8)) * exp(rnorm(16, 0, 0.05))))
add("no_bend", 2000:2015, round(100 * 1.05^(0:15) * exp(rnorm(16, 0, 0.05))))
add("five", 1:5, c(10, 13, 19, 17, 12))
add("seven", c(1, 2, 3, 5, 6, 8, 9), c(20, 24, 31, 36, 35, 33, 30))
add("monthly", 24240 + 0:59, rnbinom(60, size = 4, mu = exp(3 + 0.01 * (0:59) + 0.3 * sin((0:59) * pi / 6))), round(runif(60, 900, 1100)))
add("monthly_gaps", sort(sample(24240 + 0:143, 97)), rpois(97, 9))
add("weekly_rare", 0:103, rnbinom(104, size = 0.8, mu = 1.1))
add("daily", (0:364) / 365.25 + 2023, rnbinom(365, size = 12, mu = exp(2 - 0.4 * (0:364) / 365)))
add("little_dispersed", 1:40, pmax(round(20 + 0.2 * (1:40) + rnorm(40, 0, 1)), 0))
add("nearly_poisson", 1:120, rnbinom(120, size = 300, mu = 30))
add("just_enough", 1:24, rnbinom(24, size = 3, mu = 14))
add("not_enough", 1:23, rnbinom(23, size = 3, mu = 14))
add("negative_values", 1:10, round(rnorm(10), 3))

expected <- list()
say <- function(id, method, ...) {
  figures <- list(...)
  expected[[length(expected) + 1]] <<- data.frame(case_id = id, method = method, figure = names(figures), value = unlist(figures))
}
signs <- function(x) { s <- sign(outer(x, x, "-")); s[lower.tri(s)] }
choose2 <- function(t) sum(t * (t - 1))
# Kendall's variance of S, with ties in both.
kendall_variance <- function(x, y) {
  n <- length(x); t <- table(x); u <- table(y)
  if (n < 2) return(0)
  v <- (n * (n - 1) * (2 * n + 5) - sum(t * (t - 1) * (2 * t + 5)) - sum(u * (u - 1) * (2 * u + 5))) / 18 +
    choose2(t) * choose2(u) / (2 * n * (n - 1))
  if (n > 2) v <- v + sum(t * (t - 1) * (t - 2)) * sum(u * (u - 1) * (u - 2)) / (9 * n * (n - 1) * (n - 2))
  if (length(t) == 1 || length(u) == 1) 0 else v
}
pair_slopes <- function(x, y) {
  dx <- outer(x, x, "-"); dy <- outer(y, y, "-")
  sort((dy / dx)[dx > 0])
}
sen_limits <- function(slopes, v) {
  c_alpha <- qnorm(0.975) * sqrt(v); n <- length(slopes)
  l <- floor((n - c_alpha) / 2); u <- ceiling((n + c_alpha) / 2) + 1
  if (v == 0 || l < 1 || u > n) c(NA, NA) else slopes[c(l, u)]
}
has_slope <- function(d) {
  with_events <- unique(d$time[d$value > 0])
  nrow(d) >= 3 && length(with_events) > 0 &&
    (length(with_events) > 1 || (with_events > min(d$time) && with_events < max(d$time)))
}

for (d in cases) {
  id <- d$case_id[1]; x <- d$time; y <- d$value / d$exposure; n <- nrow(d)
  if (n >= 2) {
    v <- kendall_variance(x, y); s <- sum(signs(x) * signs(y))
    z <- if (v > 0) sign(s) * (abs(s) - 1) / sqrt(v) * (s != 0) else NA
    # cor.test has no answer for two points.
    test <- if (v > 0 && n == 2) list(p.value = 2 * pnorm(-abs(z)), estimate = cor(x, y, method = "kendall"), statistic = z) else if (v > 0) cor.test(x, y, method = "kendall", exact = FALSE, continuity = TRUE) else list(p.value = NA, estimate = NA, statistic = NA)
    # Where S is 0 cor.test's p is 1 less nothing.
    if (v > 0 && s != 0) stopifnot(abs(test$statistic - z) < 1e-10 * abs(z) + 1e-12)
    say(id, "mann_kendall", s = s, variance = v, z = z, p_value = if (v > 0 && s == 0) 1 else test$p.value, tau = unname(test$estimate))
  }
  slopes <- pair_slopes(x, y)
  if (length(slopes) > 0) {
    limits <- sen_limits(slopes, kendall_variance(x, y))
    say(id, "sen_slope", slope = median(slopes), lower = limits[1], upper = limits[2], intercept = median(y) - median(slopes) * median(x))
  }
  if (min(y) >= 0 && has_slope(d)) {
    centred <- x - x[1]
    fit <- glm(value ~ centred + offset(log(exposure)), poisson, d, control = glm.control(epsilon = 1e-15, maxit = 200))
    quasi <- sum((d$value - fitted(fit))^2 / fitted(fit)) / (n - 2)
    if (quasi < 1e-20) quasi <- 0
    b <- coef(summary(fit))[2, 1]; e <- coef(summary(fit))[2, 2]; e_quasi <- e * sqrt(quasi)
    say(id, "poisson", rate_ratio = exp(b), wald_lower = exp(b - qnorm(0.975) * e), wald_upper = exp(b + qnorm(0.975) * e),
        wald_p_value = 2 * pnorm(-abs(b / e)), dispersion = quasi)
    if (quasi > 0)
      say(id, "poisson", quasi_lower = exp(b - qt(0.975, n - 2) * e_quasi), quasi_upper = exp(b + qt(0.975, n - 2) * e_quasi),
          quasi_p_value = 2 * pt(-abs(b / e_quasi), n - 2))
    else say(id, "poisson", quasi_lower = NA, quasi_upper = NA, quasi_p_value = NA)
    if (n >= 24) {
      mu <- fitted(fit)
      if (sum((d$value - mu)^2 - d$value) > 0) {
        nb <- glm.nb(value ~ centred + offset(log(exposure)), d, control = glm.control(epsilon = 1e-14, maxit = 500))
        b <- coef(summary(nb))[2, 1]; e <- coef(summary(nb))[2, 2]; theta <- nb$theta
      } else { theta <- NA }
      say(id, "negative_binomial", rate_ratio = exp(b), lower = exp(b - qnorm(0.975) * e), upper = exp(b + qnorm(0.975) * e),
          p_value = 2 * pnorm(-abs(b / e)), theta = theta)
    }
  }
  if (n >= 3 && min(y) > 0 && length(unique(x)) > 1) {
    fit <- lm(log(y) ~ I(x - x[1])); s <- coef(summary(fit))
    exact <- sum(resid(fit)^2) < 1e-25
    b <- s[2, 1]; e <- s[2, 2]; t <- qt(0.975, n - 2)
    if (exact && abs(b) < 1e-14) b <- 0
    say(id, "percent_change", percent_change = 100 * (exp(b) - 1), lower = if (exact) 100 * (exp(b) - 1) else 100 * (exp(b - t * e) - 1),
        upper = if (exact) 100 * (exp(b) - 1) else 100 * (exp(b + t * e) - 1), p_value = if (exact) NA else s[2, 4])
    candidates <- Filter(function(c) sum(x < c) >= 2 && sum(x > c) >= 2, sort(unique(x)))
    if (n >= 5 && n <= 20 && length(candidates) > 0 && exact)
      say(id, "joinpoint", joinpoint = NA, percent_change_before = 100 * (exp(b) - 1), percent_change_after = 100 * (exp(b) - 1), f_statistic = NA, p_value = NA)
    else if (n >= 5 && n <= 20 && length(candidates) > 0) {
      line <- cbind(1, x - x[1])
      bases <- c(list(qr(line)), lapply(candidates, function(c) qr(cbind(line, pmax(x - c, 0)))))
      squares <- function(y) sapply(bases, function(q) sum(qr.resid(q, y)^2))
      f <- function(y) { s <- squares(y); (s[1] - min(s[-1])) / 2 / (min(s[-1]) / (n - 4)) }
      s <- squares(log(y)); best <- candidates[which.min(s[-1])]
      b <- qr.coef(bases[[1 + which.min(s[-1])]], log(y))
      fitted0 <- qr.fitted(bases[[1]], log(y)); r <- log(y) - fitted0; observed <- f(log(y))
      if (n <= 7) {
        permutations <- function(v) if (length(v) == 1) list(v) else
          do.call(c, lapply(seq_along(v), function(i) lapply(permutations(v[-i]), function(p) c(v[i], p))))
        all <- sapply(permutations(r), function(p) f(fitted0 + p))
      } else all <- replicate(5000, f(fitted0 + sample(r)))
      say(id, "joinpoint", joinpoint = best, percent_change_before = 100 * (exp(b[[2]]) - 1), percent_change_after = 100 * (exp(b[[2]] + b[[3]]) - 1),
          f_statistic = observed, p_value = mean(all >= observed * (1 - 1e-9)))
    }
  }
  if (id %in% c("monthly", "monthly_gaps")) {
    season <- x %% 12; s <- v <- comparable <- 0; slopes <- c()
    for (k in unique(season)) {
      i <- season == k; a <- x[i]; b <- y[i]
      s <- s + sum(signs(a) * signs(b)); v <- v + kendall_variance(a, b); slopes <- c(slopes, pair_slopes(a, b))
      comparable <- comparable + sqrt(sum(signs(a) != 0)) * sqrt(sum(signs(b) != 0))
    }
    z <- sign(s) * (abs(s) - 1) / sqrt(v); limits <- sen_limits(sort(slopes), v)
    say(id, "seasonal_mann_kendall", s = s, variance = v, z = z, p_value = 2 * pnorm(-abs(z)), tau = s / comparable)
    say(id, "seasonal_sen_slope", value = 12 * median(slopes), lower = 12 * limits[1], upper = 12 * limits[2])
  }
}

save <- function(parts, name) {
  table <- do.call(rbind, parts)
  for (column in names(table)) if (is.numeric(table[[column]]))
    table[[column]] <- ifelse(is.finite(table[[column]]), sprintf("%.17g", table[[column]]), "")
  write.csv(table, paste0("trend_", name, ".csv"), row.names = FALSE, quote = FALSE)
}
save(cases, "inputs"); save(expected, "expected")
