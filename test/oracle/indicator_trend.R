#!/usr/bin/env Rscript
# Reference figures for indicator_trend of the sample warehouse, made with R 4.2.2 without packages: reads indicator_trend_inputs.csv, the months of three
# indicators (as test/warehouse/indicator_trend.sql counts them in the records), and writes indicator_trend.csv and indicator_trend_flat.csv into the
# directory that the script is run in.
#
# indicator_trend.csv       a line a series: rate ratio a year with its limits and dispersion by glm(quasipoisson), the seasonal Mann-Kendall test and the
#                           seasonal Sen's slope by all pairs
# indicator_trend_flat.csv  how often, of flat series of so many months with so many events expected in all, the limits of the rate ratio leave out 1, in %
options(warn = -1)
inputs <- read.csv("indicator_trend_inputs.csv")
seasonal <- function(month, value) {
  parts <- lapply(split(data.frame(month, value), month %% 12), function(d) {
    pairs <- combn(nrow(d), 2)
    rise <- d$value[pairs[2, ]] - d$value[pairs[1, ]]
    n <- nrow(d)
    ties <- table(d$value)
    list(s = sum(sign(rise)), variance = (n * (n - 1) * (2 * n + 5) - sum(ties * (ties - 1) * (2 * ties + 5))) / 18,
         slopes = 12 * rise / (d$month[pairs[2, ]] - d$month[pairs[1, ]]))
  })
  s <- sum(sapply(parts, `[[`, "s"))
  c(p_value = 2 * pnorm(-abs(s - sign(s)) / sqrt(sum(sapply(parts, `[[`, "variance")))), slope_per_year = median(unlist(lapply(parts, `[[`, "slopes"))))
}
lines <- lapply(split(inputs, paste(inputs$indicator_key, inputs$area_key)), function(d) {
  d <- d[order(d$month), ]
  # Weights and residuals of the last step but one: as many steps again make them exact.
  fit <- glm(events ~ I(month / 12) + offset(log(exposure)), data = d, family = quasipoisson, control = list(epsilon = 1e-15, maxit = 50))
  fit <- glm(events ~ I(month / 12) + offset(log(exposure)), data = d, family = quasipoisson, start = coef(fit), control = list(epsilon = 1e-15, maxit = 50))
  b <- summary(fit)$coefficients[2, 1:2]
  limits <- exp(b[1] + c(-1, 1) * qt(0.975, fit$df.residual) * b[2])
  data.frame(indicator_key = d$indicator_key[1], area_key = d$area_key[1], points = nrow(d), rate_ratio = exp(b[1]), rate_ratio_lower = limits[1], rate_ratio_upper = limits[2],
             dispersion = summary(fit)$dispersion, t(seasonal(d$month, d$per * d$events / d$exposure)))
})
digits <- function(table) { for (n in names(table)) if (is.double(table[[n]])) table[[n]] <- sprintf("%.15g", table[[n]]); table }
write.csv(digits(do.call(rbind, lines)), "indicator_trend.csv", row.names = FALSE, quote = FALSE)

set.seed(20240131, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")
flat <- function(n, events, times = 4000) {
  x <- cbind(1, (seq_len(n) - 1) / 12)
  outside <- replicate(times, {
    y <- rpois(n, events / n)
    if (sum(y) < 1 || sum(y) == y[1] || sum(y) == y[n]) return(NA)
    fit <- glm.fit(x, y, family = poisson())
    mu <- fit$fitted.values
    error <- sqrt(sum((y - mu)^2 / mu) / (n - 2) * solve(t(x) %*% (mu * x))[2, 2])
    abs(fit$coefficients[2]) > qt(0.975, n - 2) * error
  })
  data.frame(months = n, events = events, outside = round(100 * mean(outside, na.rm = TRUE), 1), no_ratio = round(100 * mean(is.na(outside)), 1))
}
write.csv(do.call(rbind, lapply(c(8, 24, 60), function(n) do.call(rbind, lapply(c(5, 10, 20, 50), function(e) flat(n, e))))),
          "indicator_trend_flat.csv", row.names = FALSE, quote = FALSE)
