#!/usr/bin/env Rscript
# Reference figures for src/core/survival.c, made with R's survival and cmprsk: writes survival_*.csv to the current directory.
#
# survival_inputs.csv     people by group, time and cause (0: censored); "count" stands for so many rows
# survival_km.csv         survfit: Kaplan-Meier with its limits, Nelson-Aalen
# survival_quantile.csv   quantile.survfit
# survival_mean.csv       summary(survfit, rmean = until)
# survival_incidence.csv  survfit of several causes (infinitesimal jackknife) and cmprsk::cuminc (Aalen's variance)
# survival_log_rank.csv   survdiff; blank where it stops because its matrix is singular
suppressMessages({library(survival); library(cmprsk)})
stopifnot(packageVersion("survival") == "3.5.3", packageVersion("cmprsk") == "2.2.11")
set.seed(20240131, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")

cases <- list()
add <- function(id, time, cause, grp = 1, count = 1)
  cases[[id]] <<- aggregate(count ~ cause + time + grp + case_id,
    data.frame(case_id = id, grp = grp, time = time, cause = cause, count = count), sum)[c(4, 3, 2, 1, 5)]

add("ten_distinct", 1:10, rep(1, 10))
add("eight_distinct", 10 * 1:8, rep(1:2, 4), rep(1:2, each = 4))
add("four_then_censored", c(1, 2, 3, 4, 9, 9, 9, 12), c(1, 1, 1, 1, 0, 0, 0, 0), c(1, 2, 1, 2, 1, 2, 1, 2))
add("censored_first", c(1, 1, 2, 3, 5, 8, 13, 21), c(0, 0, 1, 1, 0, 1, 2, 1), c(1, 2, 1, 2, 1, 2, 1, 2))
add("all_censored", c(1, 2, 2, 5), c(0, 0, 0, 0), c(1, 1, 2, 2))
add("one_event", 7, 1)
add("one_censored", 7, 0)
add("one_event_of_many", c(3, 5, 5, 9, 11, 14), c(0, 0, 1, 0, 0, 0), c(1, 1, 2, 2, 3, 3))
add("all_at_once", c(6, 6, 6, 6, 6, 6), c(1, 1, 2, 2, 2, 3), c(1, 1, 1, 2, 2, 2))
add("all_at_once_one_cause", rep(6, 4), rep(1, 4), c(1, 1, 2, 2))
add("events_at_last_time", c(1, 3, 4, 4, 8, 8, 8, 8, 8), c(1, 0, 2, 1, 1, 1, 2, 2, 3), c(1, 2, 1, 2, 1, 2, 1, 2, 1))
add("last_one_of_cause", c(1, 2, 3, 4, 5), c(2, 2, 0, 2, 1), c(1, 2, 1, 2, 1))
add("event_and_censored_tie", c(2, 2, 4, 4, 4, 6, 6), c(1, 0, 1, 2, 0, 1, 0), c(1, 2, 1, 2, 1, 2, 1))
add("at_zero", c(0, 0, 0, 0, 2, 5, 5, 7), c(1, 2, 0, 0, 1, 0, 2, 1), c(1, 2, 1, 2, 1, 2, 1, 2))
add("censored_at_zero", c(0, 0, 3, 4), c(0, 0, 1, 1), c(1, 1, 2, 2))
add("group_gone_first", c(1, 1, 2, 3, 2, 4, 5, 6), c(0, 0, 1, 1, 1, 1, 0, 1), c(1, 1, 2, 2, 3, 3, 3, 2))
add("ties", sample(1:15, 60, TRUE), sample(0:2, 60, TRUE), sample(1:2, 60, TRUE))
add("heavy_ties", sample(0:4, 400, TRUE), sample(0:4, 400, TRUE, c(.5, .2, .1, .1, .1)), sample(1:3, 400, TRUE))
add("four_causes", sample(0:300, 120, TRUE), sample(0:4, 120, TRUE), sample(1:5, 120, TRUE))
add("no_censoring", sample(1:40, 200, TRUE), sample(1:3, 200, TRUE, c(.6, .3, .1)), sample(1:4, 200, TRUE))
add("one_cause_to_zero", sample(1:90, 250, TRUE), rep(1, 250), sample(1:2, 250, TRUE, c(.9, .1)))
add("rare_cause", sample(1:40, 3000, TRUE), c(rep(2, 3), sample(0:1, 2997, TRUE)), c(rep(1, 20), rep(2, 2980)))
add("mostly_censored", sample(1:100, 300, TRUE), sample(0:2, 300, TRUE, c(.9, .06, .04)), sample(1:3, 300, TRUE))
add("censored_then_events", c(1:50, 60:79), c(rep(0, 50), rep(1:2, 10)), rep(1:2, 35))
add("counts", rep(1:12, 3), rep(0:2, each = 12), rep(1:3, 12), sample(1:1500, 36, TRUE))
# Too many for rows: survfit takes them as weights, and the curves are compared without causes.
add("large_counts", c(1:20, 1:20), rep(0:1, each = 20), 1, floor(1e12 * runif(40)))

scales <- c("log-log", "log", "plain")
fractions <- c(.05, .1, .2, .25, .3, .375, .4, .5, .6, .75, .8, .9, .95, 1)
# The limits of one curve, or one column of several, a pair of columns a scale.
limits <- function(fits, column = 1)
  setNames(do.call(data.frame, unlist(lapply(fits, function(fit)
    list(as.matrix(fit$lower)[, column], as.matrix(fit$upper)[, column])), recursive = FALSE)),
    paste0(c("lower_", "upper_"), rep(c("log_log", "log", "plain"), each = 2)))

km <- quantiles <- means <- incidences <- tests <- list()
for (case in cases) {
  id <- case$case_id[1]
  large <- sum(case$count) > 1e6
  rows <- if (large) case else case[rep(seq_len(nrow(case)), case$count), ]
  weight <- if (large) rows$count else rep(1, nrow(rows))
  any_cause <- as.integer(rows$cause > 0)
  curve <- function(scale, confidence = .95)
    survfit(Surv(rows$time, any_cause) ~ 1, weights = weight, conf.type = scale, conf.int = confidence, robust = FALSE)
  fit <- curve("plain")
  km[[id]] <- data.frame(case_id = id, time = fit$time, num_at_risk = fit$n.risk, num_events = fit$n.event,
    survival = fit$surv, survival_error = fit$surv * fit$std.err, hazard = fit$cumhaz, hazard_error = fit$std.chaz,
    limits(lapply(scales, curve)))
  for (confidence in c(.95, .8)) for (scale in scales) {
    q <- quantile(curve(scale, confidence), fractions)
    quantiles[[length(quantiles) + 1]] <- data.frame(case_id = id, scale = scale, confidence = confidence,
      fraction = fractions, value = unname(q$quantile), lower = unname(q$lower), upper = unname(q$upper))
  }
  for (until in unique(c(min(fit$time), floor(median(fit$time)), max(fit$time) - .5, max(fit$time), max(fit$time) + 3)))
    if (until >= min(fit$time)) {
      s <- summary(fit, rmean = until)$table
      means[[length(means) + 1]] <- data.frame(case_id = id, until = until, mean = s[["rmean"]], error = s[["se(rmean)"]])
    }
  if (large) next
  causes <- setdiff(sort(unique(rows$cause)), 0)
  if (length(causes) > 0) {
    # A variance of 0 may come out of it as just below.
    aalen <- timepoints(cuminc(rows$time, rows$cause), fit$time)
    curve <- function(scale) survfit(Surv(rows$time, factor(rows$cause, c(0, causes))) ~ 1, conf.type = scale)
    fits <- lapply(scales, curve)
    for (i in seq_along(causes))
      incidences[[length(incidences) + 1]] <- data.frame(case_id = id, cause = causes[i], time = fits[[1]]$time,
        incidence = fits[[1]]$pstate[, i + 1], jackknife_error = fits[[1]]$std.err[, i + 1],
        aalen_error = sqrt(pmax(aalen$var[i, ], 0)), limits(fits, i + 1))
  }
  if (length(unique(rows$grp)) > 1) {
    test <- tryCatch(survdiff(Surv(rows$time, any_cause) ~ rows$grp), error = function(e) NULL)
    tests[[length(tests) + 1]] <- data.frame(case_id = id, chi_squared = if (is.null(test)) NA else test$chisq,
      degrees_of_freedom = if (is.null(test)) NA else sum(test$exp > 0) - 1)
  }
}

save <- function(parts, name) {
  table <- do.call(rbind, parts)
  for (column in names(table)) if (is.numeric(table[[column]]))
    table[[column]] <- ifelse(is.finite(table[[column]]), sprintf("%.15g", table[[column]]), "")
  write.csv(table, paste0("survival_", name, ".csv"), row.names = FALSE, quote = FALSE)
}
save(cases, "inputs"); save(km, "km"); save(quantiles, "quantile"); save(means, "mean")
save(incidences, "incidence"); save(tests, "log_rank")
