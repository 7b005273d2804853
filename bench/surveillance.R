# Needs Debian's package r-cran-surveillance, which make bench does not install.
# R's surveillance package on the series that surveillance.sql wrote: milliseconds a series, of the first SERIES of them (5).
#     SERIES=5 Rscript bench/surveillance.R weeks.csv
suppressMessages(library(surveillance))
options(warn = -1)
weeks <- read.csv(commandArgs(trailingOnly = TRUE)[1])
series <- unique(weeks$series)[seq_len(as.integer(Sys.getenv("SERIES", "5")))]
time <- function(what, run) {
    points <- 0
    elapsed <- system.time(for (s in series) points <- points + run(weeks$count[weeks$series == s]))["elapsed"]
    cat(sprintf("%s: %.3f ms a series, %d points with a result\n", what, 1000 * elapsed / length(series), points))
}
flexible <- function(y, control) {
    sum(!is.na(upperbound(farringtonFlexible(sts(observed = y, frequency = 52), control = c(list(range = 264:520, glmWarnings = FALSE), control)))))
}
time("Farrington, flexible", function(y) flexible(y, list()))
time("Farrington, improved", function(y) flexible(y, list(noPeriods = 10, pastWeeksNotIncluded = 26, pThresholdTrend = 1, thresholdMethod = "nbPlugin")))
time("EARS C2", function(y) sum(!is.na(upperbound(earsC(sts(observed = y), control = list(method = "C2"))))))
time("CUSUM", function(y) length(algo.cusum(create.disProg(week = 1:520, observed = y, state = rep(0, 520)), control = list(range = 53:520))$alarm))
