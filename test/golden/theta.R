# Writes test/golden/theta.json: forecasts by R's forecast::thetaf of series that come with R.
# Run: Rscript test/golden/theta.R (R with the package forecast; written with the versions in the file).
suppressMessages(library(forecast))

digits <- function(x) format(signif(as.numeric(x), 12), digits = 12, trim = TRUE, drop0trailing = TRUE)
numbers <- function(x) paste0("[", paste(digits(x), collapse = ","), "]")

case <- function(name, series, h) {
  fit <- thetaf(series, h = h)
  sprintf('{"name":"%s","season":%.0f,"alpha":%s,"drift":%s,"forecast":%s,"values":%s}', name, frequency(series),
    digits(fit$model$alpha), digits(fit$model$drift), numbers(fit$mean), numbers(series))
}

cases <- c(
  case("Nile", Nile, 5), case("WWWusage", WWWusage, 10), case("lynx", lynx, 4), case("airmiles", airmiles, 5),
  case("UKgas", UKgas, 8), case("austres", austres, 8), case("AirPassengers", AirPassengers, 15),
  case("ldeaths", ldeaths, 12), case("two seasons of ldeaths", window(ldeaths, end = c(1975, 12)), 6)
)
cat(sprintf('{"versions":"R %s, forecast %s",\n"cases":[\n%s\n]}\n', getRversion(), packageVersion("forecast"),
  paste(cases, collapse = ",\n")), file = "test/golden/theta.json")
