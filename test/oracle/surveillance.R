# Reference figures for src/core/ears.c, cusum.c, farrington.c, glm_poisson.c and negative_binomial.c:
#     Rscript test/oracle/surveillance.R      writes test/oracle/surveillance_*.csv
#
# Made with R 4.2.2 and its package surveillance 1.20.3 (Debian 12: r-cran-surveillance). What that package does not have is computed
# here from its definition: the standard error "quasi_poisson" of the flexible method by glm() without the package, the sum of EARS C3
# as Hutwagner and others (2003) define it, and the CUSUM that begins again after an alarm.
suppressMessages(library(surveillance))
options(digits = 17, warn = -1)
set.seed(20240229)
write <- function(d, name) write.csv(d, paste0("test/oracle/surveillance_", name, ".csv"), row.names = FALSE, quote = FALSE, na = "")

# Series ----------------------------------------------------------------------
counts <- function(mean, dispersion) {
    if (dispersion == 1) rpois(length(mean), mean) else rnbinom(length(mean), mu = mean, size = mean / (dispersion - 1))
}
season <- function(n, freq) 1 + 0.5 * sin(2 * pi * seq_len(n) / freq)
weeks <- seq(as.Date("2014-01-01"), by = "1 week", length.out = 400)      # Wednesdays; 2020 has a week more
months <- seq(as.Date("2010-02-01"), by = "1 month", length.out = 120)
days <- seq(as.Date("2019-01-01"), by = "1 day", length.out = 1170)       # over a 29th of February
make <- function(series, freq, date, count, population = NA) {
    data.frame(series = series, t = seq_along(count), date = date, freq = freq, population = population, count = count)
}
growing <- round(100000 * 1.002 ^ (1:400))
outbreaks <- counts(4 * season(400, 52), 1.5) + ifelse(1:400 %in% c(40:44, 150:152, 251:255, 330:331), 15, 0)
gaps <- counts(6 * season(400, 52), 2)
gaps[c(20:23, 77, 130, 131, 290, 345)] <- NA
inputs <- rbind(
    make("outbreaks", 52, weeks, outbreaks),
    make("falling", 52, weeks, counts(12 * season(400, 52) * exp(-0.003 * 1:400), 1.3)),
    make("large", 52, weeks, counts(2e6 * season(400, 52), 500)),
    make("regular", 52, weeks, round(5 + 2 * sin(2 * pi * 1:400 / 52))),  # less dispersed than Poisson
    make("sparse", 52, weeks, counts(0.25 * season(400, 52), 1)),
    make("gaps", 52, weeks, gaps),
    make("growing", 52, weeks, rpois(400, growing * 5e-5 * season(400, 52)), growing),
    make("months", 12, months, counts(20 * season(120, 12), 2)),
    make("days", 365, days, counts(3 * season(1170, 365), 1.4)))
write(inputs, "inputs")

# Farrington ------------------------------------------------------------------
improved <- list(noPeriods = 10, pastWeeksNotIncluded = 26, pThresholdTrend = 1, thresholdMethod = "nbPlugin")
configurations <- list(
    default = list(), b4_alpha = list(b = 4, alpha = 0.005), b2 = list(b = 2, w = 2), w0 = list(w = 0, b = 6),
    past0 = list(pastWeeksNotIncluded = 0), improved = improved, improved_muan = modifyList(improved, list(thresholdMethod = "muan")),
    seasons3 = list(noPeriods = 3, thresholdMethod = "nbPlugin", reweight = FALSE), no_limit = list(limit54 = c(0, 4), weightsThreshold = 1),
    half = list(powertrans = "1/2", limit54 = c(30, 3)), none = list(powertrans = "none", trend = FALSE))
run <- function(series, configuration, range, dated, population = FALSE) {
    d <- inputs[inputs$series == series, ]
    control <- modifyList(list(range = range, glmWarnings = FALSE, populationOffset = population), configurations[[configuration]])
    if (d$freq[1] == 12) control$w <- 1
    if (d$freq[1] == 365) control$b <- 2
    limit <- if (is.null(control$limit54)) 4 else control$limit54[2]
    s <- sts(observed = d$count, frequency = d$freq[1], population = if (population) matrix(d$population) else NULL,
             epoch = if (dated) as.numeric(d$date) else seq_len(nrow(d)), epochAsDate = dated)
    r <- farringtonFlexible(s, control = control)
    f <- data.frame(series = series, configuration = configuration, dated = if (dated) "t" else "f", t = control$range,
               expected = r@control$expected[, 1], upper_bound = upperbound(r)[, 1], score = r@control$score[, 1],
               p_value = r@control$pvalue[, 1], alarm = ifelse(alarms(r)[, 1] == 1, "t", "f"),
               trend = ifelse(r@control$trend[, 1] == 1, "t", "f"), slope = r@control$trendVector[, 1], dispersion = r@control$phiVector[, 1])
    # What the package says where one of the last counts is not known is left out.
    f[sapply(range, function(k) !anyNA(d$count[(k - limit + 1):k])), ]
}
figures <- NULL
# With dates and a count that is not known at the beginning of the baseline the package counts time from another day in the prediction than
# in the fit, so that such series go by index. No trend can be tested where a model of equal counts leaves nothing but rounding ("regular", w 0).
for (series in c("outbreaks", "falling", "large", "regular", "sparse", "gaps"))
    for (configuration in setdiff(names(configurations), if (series == "regular") "w0")) {
        range <- if (configuration %in% c("b2", "b4_alpha")) 225:250 else 325:355
        figures <- rbind(figures, run(series, configuration, range, dated = series != "gaps" && configuration %in% c("default", "improved", "b2")))
    }
figures <- rbind(figures, run("growing", "default", 270:300, FALSE, TRUE), run("growing", "improved", 330:350, TRUE, TRUE),
                 run("months", "default", 75:120, TRUE), run("months", "seasons3", 75:120, TRUE), run("months", "b4_alpha", 60:75, FALSE),
                 run("days", "default", 1140:1170, TRUE), run("days", "improved_muan", 1150:1170, TRUE))
# The classic method is the flexible one with other parameters and another standard error; its alpha is two-sided.
for (series in c("outbreaks", "falling", "large", "regular")) {
    d <- inputs[inputs$series == series, ]
    range <- 270:310
    r <- farrington(sts(observed = d$count, frequency = 52), control = list(range = range, b = 5, w = 3, alpha = 0.05))
    bound <- upperbound(r)[, 1]
    figures <- rbind(figures, data.frame(series = series, configuration = "classic", dated = "f", t = range, expected = NA,
        upper_bound = ifelse(bound == 0, NA, bound), score = NA, p_value = NA, alarm = ifelse(alarms(r)[, 1] == 1, "t", "f"),
        trend = NA, slope = NA, dispersion = NA))
}
# The flexible method by glm() and the Pearson dispersion of its model, without the package; no trend, index, windows of 5 years.
for (series in c("outbreaks", "falling")) {
    y <- inputs$count[inputs$series == series]
    for (k in seq(270, 400, 10)) {
        v <- y[sort(unlist(lapply(1:5, function(i) k - 52 * i + -3:3)))]
        weights <- rep(1, length(v))
        for (round in 1:2) {
            m <- glm(v ~ 1, family = quasipoisson, weights = weights)
            phi <- max(1, summary(m)$dispersion)
            if (round == 1) {
                s <- 1.5 * (v^(2/3) * fitted(m)^(-1/6) - sqrt(fitted(m))) / sqrt(phi * (1 - hatvalues(m)))
                weights <- ifelse(s > 2.58, s^-2, 1)
                weights <- weights * length(v) / sum(weights)
            }
        }
        mean <- fitted(m)[1]
        tau <- phi + phi * summary(m)$cov.unscaled[1, 1] * mean
        bound <- (mean^(2/3) + qnorm(0.95) * sqrt(4/9 * mean^(1/3) * tau))^1.5
        enough <- sum(y[(k - 3):k]) >= 5
        figures <- rbind(figures, data.frame(series = series, configuration = "quasi_poisson", dated = "f", t = k,
            expected = if (enough) mean else NA, upper_bound = if (enough) bound else NA, score = (y[k] - mean) / (bound - mean), p_value = NA,
            alarm = if (enough && y[k] > bound) "t" else "f", trend = "f", slope = NA, dispersion = phi))
    }
}
write(figures, "farrington")

# EARS ------------------------------------------------------------------------
ears <- NULL
for (series in c("outbreaks", "sparse", "large"))
    for (baseline in c(3, 7, 14)) {
        y <- inputs$count[inputs$series == series][1:90]
        for (method in c("C1", "C2", "C3")) {
            r <- earsC(sts(observed = y), control = list(method = method, baseline = baseline, minSigma = 0.5, alpha = if (baseline == 14) 0.02))
            t <- seq(to = 90, length.out = nrow(upperbound(r)))
            ears <- rbind(ears, data.frame(series = series, method = method, baseline = baseline, min_sigma = 0.5,
                alpha = if (baseline == 14) 0.02 else NA, t = t, upper_bound = upperbound(r)[, 1],
                alarm = ifelse(alarms(r)[, 1] == 1, "t", "f"), score = NA))
        }
        # Hutwagner's sum of three days, with z(1 - 0.025).
        c2 <- sapply(seq_along(y), function(t) {
            if (t < baseline + 3) return(NA)
            before <- y[(t - baseline - 2):(t - 3)]
            (y[t] - mean(before)) / max(sd(before), 0.5)
        })
        for (t in (baseline + 5):90) {
            score <- sum(pmax(0, c2[(t - 2):t] - 1))
            ears <- rbind(ears, data.frame(series = series, method = "C3_hutwagner", baseline = baseline, min_sigma = 0.5, alpha = NA, t = t,
                upper_bound = NA, alarm = ifelse(score > qnorm(0.975), "t", "f"), score = score))
        }
    }
write(ears, "ears")

# CUSUM -----------------------------------------------------------------------
cusum <- NULL
for (series in c("outbreaks", "falling", "large"))
    for (transformation in c("standard", "rossi", "anscombe", "none"))
        for (reset in c(FALSE, TRUE)) {
            y <- inputs$count[inputs$series == series][1:120]
            k <- if (transformation == "none") 8 else 1.04
            h <- if (transformation == "none") 20 else 2.26
            value <- bound <- alarm <- numeric(0)
            # After an alarm it is begun again, with the same mean.
            from <- 31
            while (from <= 120) {
                d <- create.disProg(week = 1:120, observed = y, state = rep(0, 120))
                r <- algo.cusum(d, control = list(range = from:120, k = k, h = h, m = mean(y[1:30]), trans = transformation))
                upto <- if (reset && any(r$alarm == 1)) which(r$alarm == 1)[1] else length(r$alarm)
                value <- c(value, r$cusum[1:upto]); bound <- c(bound, r$upperbound[1:upto]); alarm <- c(alarm, r$alarm[1:upto])
                from <- from + upto
            }
            cusum <- rbind(cusum, data.frame(series = series, transformation = transformation, reset = if (reset) "t" else "f", k = k, h = h,
                t = 31:120, score = value, upper_bound = bound, alarm = ifelse(alarm == 1, "t", "f")))
        }
write(cusum, "cusum")

# Log-linear models: counts over columns, R's own stopping rule and one that reaches the maximum ----------------------------------
glms <- NULL
for (model in c("line", "weighted", "offset", "factor", "zeros")) {
    n <- 24
    x <- (1:n - 12.5) / 4
    level <- rep(1:4, each = 6)
    y <- if (model == "zeros") c(rep(0, 6), rpois(18, 5)) else rpois(n, exp(1 + 0.2 * x))
    weights <- if (model == "weighted") round(runif(n, 0.1, 2), 3) else rep(1, n)
    offset <- if (model == "offset") round(log(runif(n, 50, 500)), 3) else rep(0, n)
    columns <- if (model %in% c("factor", "zeros")) cbind(level == 1, level == 2, level == 3, level == 4, x) * 1 else cbind(1, x)
    for (epsilon in c(1e-8, 1e-14)) {
        m <- glm(y ~ columns - 1, family = quasipoisson, weights = weights, offset = offset, control = list(epsilon = epsilon, maxit = 25))
        glms <- rbind(glms, data.frame(model = model, epsilon = epsilon, row = 1:n, x = columns[, ncol(columns)], level = if (ncol(columns) > 2) level else 1,
            y = y, weight = weights, offset = offset, fitted = fitted(m), hat = hatvalues(m), deviance = deviance(m),
            pearson = summary(m)$dispersion * m$df.residual, slope = coef(m)[ncol(columns)], slope_variance = summary(m)$cov.unscaled[ncol(columns), ncol(columns)],
            converged = m$converged * 1))
    }
}
write(glms, "glm")

# Negative binomial; by its mean, since a probability close to 1 has lost digits ------------------
distribution <- NULL
for (mean in c(1e-6, 0.02, 0.7, 3.3, 12, 80.5, 4000, 1e6, 3e9))
    for (dispersion in c(1, 1.0001, 1.3, 4, 60)) for (tail in c(0.05, 0.005, 1e-6, 0.4)) {
        q <- if (dispersion == 1) qpois(tail, mean, lower.tail = FALSE) else
            qnbinom(tail, size = mean / (dispersion - 1), mu = mean, lower.tail = FALSE)
        above <- if (dispersion == 1) ppois(q, mean, lower.tail = FALSE) else
            pnbinom(q, size = mean / (dispersion - 1), mu = mean, lower.tail = FALSE)
        distribution <- rbind(distribution, data.frame(mean = mean, dispersion = dispersion, tail = tail, quantile = q, above = above))
    }
write(distribution, "negative_binomial")
