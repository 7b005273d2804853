# R's surveillance package on the series of a file (series, week, count): a line "method|seconds|points with a result|the sum of their bounds".
#     Rscript bench/surveillance.R FILE
suppressMessages(library(surveillance))
options(warn = -1)
weeks <- read.csv(commandArgs(trailingOnly = TRUE)[1])
measure <- function(method, run) {
    bounds <- NULL
    elapsed <- system.time(for (s in unique(weeks$series)) bounds <- c(bounds, run(weeks$count[weeks$series == s])))["elapsed"]
    cat(sprintf("%s|%.6f|%d|%s\n", method, elapsed, length(bounds), if (anyNA(bounds)) "" else sprintf("%.17g", sum(bounds))))
}
flexible <- function(y, control) {
    bounds <- upperbound(farringtonFlexible(sts(observed = y, frequency = 52), control = c(list(range = 264:520, glmWarnings = FALSE), control)))
    bounds[!is.na(bounds)]
}
measure("Farrington, flexible", function(y) flexible(y, list()))
measure("Farrington, improved", function(y) flexible(y, list(noPeriods = 10, pastWeeksNotIncluded = 26, pThresholdTrend = 1, thresholdMethod = "nbPlugin")))
measure("EARS C2", function(y) { bounds <- upperbound(earsC(sts(observed = y), control = list(method = "C2"))); bounds[!is.na(bounds)] })
measure("CUSUM", function(y) rep(NA, length(algo.cusum(create.disProg(week = 1:520, observed = y, state = rep(0, 520)), control = list(range = 53:520))$alarm)))
