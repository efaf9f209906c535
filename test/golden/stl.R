# Writes test/golden/stl.json: decompositions by R's stats::stl and forecast::mstl of series that come with R.
# Run: Rscript test/golden/stl.R (R with the package forecast; written with the versions in the file).
# Robust ones have an odd number of rows: with an even number, R's partial sort, called for both middle values in falling order,
# sometimes returns another value for the lower one, so its median absolute deviation is not that of the remainder.
library(forecast)

numbers <- function(x) paste0("[", paste(format(signif(as.numeric(x), 11), digits = 11, trim = TRUE, scientific = FALSE, drop0trailing = TRUE), collapse = ","), "]")
part <- function(name, x) sprintf('"%s":%s', name, numbers(x))

single <- function(name, series, window, robust = FALSE, t.window = NULL) {
  fit <- stl(series, s.window = window, robust = robust, t.window = t.window)
  parts <- fit$time.series
  sprintf('{"name":"%s","season":%d,"seasonalWindow":%s,"robust":%s%s,%s,%s,%s,%s}', name, frequency(series),
    if (is.character(window)) '"periodic"' else window, tolower(robust),
    if (is.null(t.window)) "" else sprintf(',"trendWindow":%d', t.window),
    part("values", series), part("trend", parts[, "trend"]), part("seasonal", parts[, "seasonal"]), part("robustness", fit$weights))
}

several <- function(name, series, seasons) {
  fit <- mstl(msts(as.numeric(series), seasonal.periods = seasons))
  columns <- paste0("Seasonal", seasons)
  sprintf('{"name":"%s","seasons":%s,%s,%s,"seasonals":[%s]}', name, numbers(seasons),
    part("values", series), part("trend", fit[, "Trend"]), paste(sapply(columns, function(c) numbers(fit[, c])), collapse = ","))
}

cases <- c(
  single("nottem", window(nottem, end = c(1929, 12)), 7),
  single("AirPassengers", AirPassengers, 11),
  single("AirPassengers", window(AirPassengers, end = c(1960, 11)), 11, robust = TRUE),
  single("UKgas", UKgas, "periodic"),
  single("UKDriverDeaths", window(UKDriverDeaths, end = c(1975, 11)), "periodic", robust = TRUE),
  single("ldeaths", ldeaths, 20, t.window = 30),
  single("two seasons and a month of AirPassengers", window(AirPassengers, end = c(1951, 1)), 11),
  single("seven rows", ts(c(1, 5, 2, 8, 3, 9, 4), frequency = 2), 5)
)
multiple <- c(
  several("AirPassengers", AirPassengers, c(4, 12)),
  several("LakeHuron", LakeHuron, c(5, 11, 22))
)
cat(sprintf('{"versions":"R %s, forecast %s",\n"single":[\n%s\n],\n"multiple":[\n%s\n]}\n', getRversion(),
  packageVersion("forecast"), paste(cases, collapse = ",\n"), paste(multiple, collapse = ",\n")), file = "test/golden/stl.json")
