#!/usr/bin/env Rscript
# Reference figures for benjamini_hochberg(), made with R 4.2.2: p.adjust(method = "BH"). An empty field is NA.
set.seed(20)
families <- list(0.03, c(0.01, 0.02, 0.03, 0.04, 0.05), c(0.05, 0.01, 0.01, 0.04), c(NA, 0.02, 0.9, NA, 0.02), c(NA_real_, NA), c(0, 0, 1, 1, 0.5),
                 rep(0.2, 7), runif(200)^3, round(runif(500), 2), c(1e-300, 5e-324, 1e-20, 0.7))
cat("family,i,p_value,q_value\n")
f <- function(x) ifelse(is.na(x), "", sprintf("%.17g", x))
for (k in seq_along(families)) {
  p <- families[[k]]
  cat(sprintf("%d,%d,%s,%s\n", k, seq_along(p), f(p), f(p.adjust(p, method = "BH"))), sep = "")
}
