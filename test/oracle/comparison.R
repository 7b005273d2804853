#!/usr/bin/env Rscript
# Reference figures for intervals of one and of two samples, made with R 4.2.2: prints comparison.csv.
#
# clopper_pearson  binom.test, multiplied         a events of b trials
# exact            poisson.test                   a events
# difference       Newcombe's method 10 from prop.test(correct = FALSE), whose limits are Wilson's
#                                                 a of b less c of d
# katz             exp(log ratio -/+ z error)     a of b over c of d
# rate_ratio       poisson.test of two samples    a over b, c over d
# dispersed        exp(log ratio -/+ q error), q of qt or qnorm; a over b, c over d, dispersion e, degrees of freedom f
# An empty field is what R does not give a finite figure for.
options(warn = 1, width = 10000)
f <- function(x) ifelse(is.finite(x), sprintf("%.17g", x), "")
put <- function(method, a, b, c, d, e, df, confidence, value, limits, p = NA)
  cat(method, f(a), f(b), f(c), f(d), f(e), ifelse(is.na(df), "", sprintf("%.17g", df)), f(confidence), f(value), f(limits[1]), f(limits[2]),
      f(p), sep = ",", fill = TRUE)
cat("method,a,b,c,d,e,f,confidence,value,lower,upper,p_value\n")
confidences <- c(0.5, 0.9, 0.95, 0.998)
for (confidence in confidences) {
  for (n in c(1, 2, 7, 36, 999, 12500, 1e6, 1e7))
    for (x in unique(c(0, 1, n %/% 3, n - 1, n)))
      put("clopper_pearson", x, n, NA, NA, NA, NA, confidence, x / n, binom.test(x, n, conf.level = confidence)$conf.int)
  for (x in c(0:12, 25, 100, 931, 5738, 1e6, 1e7))
    put("exact", x, NA, NA, NA, NA, NA, confidence, x, poisson.test(x, conf.level = confidence)$conf.int)
  for (case in list(c(56, 70, 48, 80), c(9, 10, 3, 10), c(0, 10, 0, 20), c(10, 10, 0, 20), c(1, 1, 0, 1), c(15, 148, 81, 263),
                    c(0, 1, 3, 7), c(931, 12500, 1021, 13000), c(1e6, 1e7, 1001000, 1e7), c(1, 1e7, 9999999, 1e7))) {
    one <- suppressWarnings(prop.test(case[1], case[2], conf.level = confidence, correct = FALSE)$conf.int)
    two <- suppressWarnings(prop.test(case[3], case[4], conf.level = confidence, correct = FALSE)$conf.int)
    # prop.test leaves rounding at the certain ends.
    if (case[1] == 0) one[1] <- 0
    if (case[1] == case[2]) one[2] <- 1
    if (case[3] == 0) two[1] <- 0
    if (case[3] == case[4]) two[2] <- 1
    p1 <- case[1] / case[2]; p2 <- case[3] / case[4]
    put("difference", case[1], case[2], case[3], case[4], NA, NA, confidence, p1 - p2,
        c(p1 - p2 - sqrt((p1 - one[1])^2 + (two[2] - p2)^2), p1 - p2 + sqrt((one[2] - p1)^2 + (p2 - two[1])^2)))
    if (case[1] > 0 && case[3] > 0) {
      error <- sqrt(1 / case[1] - 1 / case[2] + 1 / case[3] - 1 / case[4])
      put("katz", case[1], case[2], case[3], case[4], NA, NA, confidence, p1 / p2, p1 / p2 * exp(c(-1, 1) * qnorm((1 - confidence) / 2, lower.tail = FALSE) * error))
    }
  }
  for (case in list(c(5, 100, 5, 50), c(11, 800, 3, 1011.5), c(0, 10, 4, 20), c(7, 3.25, 0, 4), c(1, 1, 1, 1), c(40, 1000, 22, 900), c(3, 10, 9, 20),
                    c(931, 546700, 1021, 546900), c(5411, 1, 5738, 1), c(50000, 3, 50400, 3), c(2, 1e-3, 90, 1e5), c(12, 365.25, 12, 365.25))) {
    test <- poisson.test(case[c(1, 3)], case[c(2, 4)], conf.level = confidence)
    put("rate_ratio", case[1], case[2], case[3], case[4], NA, NA, confidence, test$estimate, test$conf.int, test$p.value)
    for (dispersion in c(0.7, 1, 241)) for (df in c(2, 4, 33, Inf))
      put("dispersed", case[1], case[2], case[3], case[4], dispersion, df, confidence, test$estimate,
          test$estimate * exp(c(-1, 1) * qt((1 - confidence) / 2, df, lower.tail = FALSE) * sqrt(dispersion * (1 / case[1] + 1 / case[3]))))
  }
}
