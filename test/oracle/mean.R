#!/usr/bin/env Rscript
# Reference figures for mean_interval(), made with R 4.2.2: prints mean.csv, a row a value of a sample, the sample's figures repeated in each.
cat("sample,i,value,confidence,n,mean,standard_deviation,lower,upper\n")
samples <- list(c(3, 9), c(7.1, 12.4, 5.5, 14.9, 9.2, 10.7), c(7, 7, 7, 7), 42, c(1e9 + 1, 1e9 + 2, 1e9 + 4), c(-5, 0, 5, 0.125),
                c(1e-30, 3e-30, 4e-30), c(1e30, 3e30, 5e30), (1:60)^2 / 7, 8 + sin(1:150))
for (s in seq_along(samples)) for (confidence in c(0.5, 0.95, 0.998)) {
  x <- samples[[s]]
  reach <- if (length(x) > 1) qt((1 - confidence) / 2, length(x) - 1, lower.tail = FALSE) * sd(x) / sqrt(length(x)) else NA
  figures <- sub("NA", "", sprintf("%.17g", c(length(x), mean(x), sd(x), mean(x) - reach, mean(x) + reach)))
  cat(sprintf("%d,%d,%.17g,%g,%s\n", s, seq_along(x), x, confidence, paste(figures, collapse = ",")), sep = "")
}
