# Writes test/golden/ets.json: exponential smoothing by R's forecast::ets and forecast::stlf, for series that come with R.
# Run: Rscript test/golden/ets.R (R with the package forecast; written with the versions in the file).
# Forecasts with a multiplicative season are computed from the states, (l + (phi + phi^2 + ...) b) s. Those of forecast 8.20
# are the mean instead, up to 1e-3 away, and with a damped trend lack the damping of the first row, which its own fitted values and
# simulate() have. Variances are left out for A,N,A: forecast 8.20 includes gamma one row too early, unlike its own simulate().
suppressMessages(library(forecast))

digits <- function(x, d) format(signif(as.numeric(x), d), digits = d, trim = TRUE, drop0trailing = TRUE)
numbers <- function(x, d = 15) paste0("[", paste(digits(x, d), collapse = ","), "]")
named <- function(x) paste(sprintf('"%s":%s', names(x), digits(x, 15)), collapse = ",")

nameOf <- function(fit) sub("ETS\\((.*)\\)", "\\1", fit$method)

forecastOf <- function(fit, h) {
  name <- nameOf(fit)
  if (!grepl(",M$", name)) return(forecast(fit, h = h)$mean)
  last <- tail(fit$states, 1)
  hasTrend <- !grepl(",N,", name)
  phi <- if (grepl("Ad", name)) fit$par["phi"] else 1
  seasons <- rev(last[-(1:(1 + hasTrend))])
  unname((last[1] + (if (hasTrend) cumsum(phi^(1:h)) * last[2] else 0)) * rep_len(seasons, h))
}

states <- function(fit) {
  start <- fit$states[1, ]
  hasSlope <- "b" %in% names(start)
  seasons <- rev(start[-(1:(1 + hasSlope))])
  sprintf('"level":%s,"slope":%s,"seasons":%s', digits(start[1], 15), if (hasSlope) digits(start[2], 15) else "0",
    if (length(seasons)) numbers(seasons) else "[]")
}

case <- function(name, series, h, model = "ZZZ", damped = NULL) {
  fit <- if (model == "ZZZ") ets(series) else ets(series, model = model, damped = damped)
  f <- forecast(fit, h = h, level = 50)
  variance <- ((f$upper[, 1] - f$mean) / qnorm(0.75))^2
  hasVariance <- grepl("^A", nameOf(fit)) && nameOf(fit) != "A,N,A"
  sprintf('{"name":"%s","season":%.0f,"chosen":%s,"model":"%s","parameters":{%s},%s,"logLikelihood":%s,"aicc":%s,"forecast":%s,%s"values":%s}',
    name, frequency(series), if (model == "ZZZ") "true" else "false", nameOf(fit),
    named(fit$par[names(fit$par) %in% c("alpha", "beta", "gamma", "phi")]), states(fit), digits(fit$loglik, 12),
    digits(fit$aicc, 12), numbers(forecastOf(fit, h), 10),
    if (hasVariance) sprintf('"variance":%s,', numbers(variance, 10)) else "", numbers(series))
}

withStl <- function(name, series, h) {
  f <- stlf(series, h = h)
  sprintf('{"name":"%s","season":%.0f,"model":"%s","forecast":%s,"fitted":%s,"values":%s}', name, frequency(series),
    nameOf(f$model), numbers(f$mean, 10), numbers(tail(f$fitted, 5), 10), numbers(series))
}

nottem8 <- window(nottem, end = c(1927, 12))
cases <- c(
  case("Nile", Nile, 5), case("LakeHuron", LakeHuron, 5), case("WWWusage", WWWusage, 10), case("nhtemp", nhtemp, 5),
  case("lynx", lynx, 10), case("uspop", ts(as.numeric(uspop)), 4), case("airmiles", airmiles, 5), case("BJsales", BJsales, 10),
  case("discoveries", discoveries, 5), case("austres", austres, 8), case("UKgas", UKgas, 8), case("JohnsonJohnson", JohnsonJohnson, 8),
  case("AirPassengers", AirPassengers, 24), case("USAccDeaths", USAccDeaths, 24), case("ldeaths", ldeaths, 13),
  case("nottem", nottem8, 12), case("two seasons and a half of UKgas", window(UKgas, end = c(1963, 2)), 5),
  case("AirPassengers", AirPassengers, 24, "AAA", TRUE), case("AirPassengers", AirPassengers, 24, "AAA", FALSE),
  case("AirPassengers", AirPassengers, 24, "MNM"), case("UKgas", UKgas, 8, "ANA"), case("UKgas", UKgas, 8, "MNA"),
  case("UKgas", UKgas, 8, "MAA", FALSE), case("UKgas", UKgas, 8, "MAA", TRUE), case("Nile", Nile, 5, "MAN", TRUE),
  case("airmiles", airmiles, 5, "AAN", FALSE), case("airmiles", airmiles, 5, "MAN", FALSE)
)
stl <- c(withStl("AirPassengers", AirPassengers, 15), withStl("a season of 33 rows in lynx", ts(lynx, frequency = 33), 40))
cat(sprintf('{"versions":"R %s, forecast %s",\n"cases":[\n%s\n],\n"stl":[\n%s\n]}\n', getRversion(), packageVersion("forecast"),
  paste(cases, collapse = ",\n"), paste(stl, collapse = ",\n")), file = "test/golden/ets.json")
