# Writes bench/yardstick/r_scores.csv: MASE of R's forecasts of every series at three origins, and the share of rows inside the
# 90% interval of ets. See README.md in this folder.
# Run: Rscript bench/yardstick/r_scores.R (R with the package forecast; written with R 4.2.2, forecast 8.20).
suppressMessages(library(forecast))

FOLDER <- "bench/yardstick"
LONG <- 24 # rows of a season: ets takes no longer one
LEVEL <- 90

ahead <- function(fit, h) forecast(fit, h = h, level = LEVEL)
isLong <- function(y) frequency(y) > LONG

methods <- list(
  naive = function(y, h) naive(y, h = h, level = LEVEL),
  snaive = function(y, h) snaive(y, h = h, level = LEVEL),
  ets = function(y, h) if (isLong(y)) stlf(y, h = h, method = "ets", level = LEVEL) else ahead(ets(y), h),
  arima = function(y, h) if (isLong(y)) stlf(y, h = h, method = "arima", level = LEVEL) else ahead(auto.arima(y), h),
  theta = function(y, h) thetaf(y, h = h, level = LEVEL),
  nnetar = function(y, h) { set.seed(1); ahead(nnetar(y), h) }
)

scores <- function(name, season, horizon, origin) {
  values <- read.csv(file.path(FOLDER, "series", paste0(name, ".csv")))$value
  known <- length(values) - horizon * (origin + 1)
  y <- ts(values[1:known], frequency = season)
  actual <- values[known + 1:horizon]
  scale <- mean(abs(diff(values[1:known], lag = season)))
  forecasts <- lapply(methods, function(method) method(y, horizon))
  mase <- sapply(forecasts, function(f) mean(abs(actual - as.numeric(f$mean))) / scale)
  coverage <- mean(forecasts$ets$lower <= actual & actual <= forecasts$ets$upper)
  message(name, " ", origin, ": ", paste(names(mase), signif(mase, 4), collapse = ", "))
  data.frame(series = name, origin = origin, t(signif(mase, 9)), ets_coverage = signif(coverage, 3))
}

series <- read.csv(file.path(FOLDER, "series.csv"))
cases <- expand.grid(origin = 0:2, k = seq_len(nrow(series)))
rows <- Map(function(origin, k) with(series[k, ], scores(name, season, horizon, origin)), cases$origin, cases$k)
write.csv(do.call(rbind, rows), file.path(FOLDER, "r_scores.csv"), row.names = FALSE, quote = FALSE)
