/** A text of `lstm-webgpu help TOPIC`: what a user needs and no flag's help has. */
interface Topic {
  /** One line, for the list of topics. */
  summary: string;
  /** Lines of at most 100 characters. */
  text: string;
  /** Commands that run as they are on the files that they name, without `lstm-webgpu`. */
  examples: readonly string[];
}

/** Topics of the help, by name; no command has one of these names. */
export const TOPICS: Readonly<Record<string, Topic>> = {
  data: {
    summary: 'Which files are read, and which column is forecast',
    text: `
A file is a CSV: a column of dates (optional) and columns of numbers, with a row for each time.
"-" reads the standard input. JSON is read too (a list of objects, an object of lists, or an
object on each line), and Parquet once hyparquet is installed (npm install hyparquet).

Delimiter, decimal comma, thousands separators, encoding, header, titles above the table and
totals below it are detected. --delimiter, --decimal, --header and --skip set them.

The column to forecast is the one named after the file, or Close, Price, Value or y; otherwise
the only numeric column. --column chooses another, by name or by index from 0. Every decision is
printed before the work begins; check that line first.

Numbers such as -999 that mean "no value" are given as --missing-values=-999.`,
    examples: ['forecast sales.csv', 'forecast store.csv --column sales --missing drop'],
  },
  dates: {
    summary: 'Formats, order and frequency of dates',
    text: `
The column of dates is found by its cells. Days, times, weeks, months, quarters and years are read
in most formats, also with names of months in eight languages, and in columns of their own for
year, month, day and hour. Where 03/04/2024 has two readings, the other rows decide; where none
does, a note is printed.

Rows are sorted by date, oldest first. The usual step from row to row (such as one day or one
month) gives the dates of the forecast, the season, and which rows are missing. Times without a
zone are read as UTC.

Without dates, rows stay in the order of the file, oldest first.`,
    examples: ['forecast sales.csv --horizon 14 --predictions-out dated.csv'],
  },
  gaps: {
    summary: 'Missing values and missing rows',
    text: `
A missing value is a row whose cell is empty or not a number. --missing sets what to do:
  error        stop and name the row (default)
  drop         leave the row out
  interpolate  a value on the line between its neighbors
  previous     the value before it
  skip         keep the row, but use no window that touches it (train, evaluate and backtest)

A gap is a row missing according to the dates, such as a day without an entry. --gaps has the same
choices without drop. Without --gaps, missing rows are reported and the others are read as
consecutive, which shifts any season: --gaps interpolate fills them.`,
    examples: ['forecast sales.csv --missing interpolate --gaps interpolate'],
  },
  columns: {
    summary: 'Other columns that the model reads: past, future, calendar, holidays',
    text: `
--past price      a column that is known only up to the last row
--future promo    a column that is known ahead of time: append rows to the file with this column
                  filled in and the forecast column empty, as many as are forecast
--calendar auto   columns made from the dates: hour, weekday, time of year
--holidays US     a column that is 1 on public holidays (npm install date-holidays)

Several columns are separated by commas: --past price,visits. A column of text becomes columns of
0 and 1. A model reads the same columns again in predict and evaluate, by their names. With past
columns, a model can forecast only as many steps as its own --horizon.`,
    examples: [
      'train store.csv --column sales --past price --future promo --horizon 7 --epochs 3 --model-out store.safetensors',
      'predict store.safetensors store.csv',
    ],
  },
  series: {
    summary: 'Several series in one file',
    text: `
Series under one another: --id shop, where the column "shop" has the name of the series of each
row. Series side by side: --columns north,south, where each column is a series.

Every series gets a model of its own; all are trained together. With --global (train), models
learn all series, and can forecast series that they have not seen. Series that cannot be used are
left out with a note. predict and evaluate use the column of the training unless --id or --columns
is given.`,
    examples: [
      'forecast shops.csv --id shop --horizon 7',
      'backtest shops.csv --id shop --epochs 3 --batch 32 --folds 3',
    ],
  },
  recipe: {
    summary: 'What forecast and train choose when no settings are given',
    text: `
forecast finds the seasons from the dates (or the values), removes them (STL, on a log scale where
all values are positive), trains an LSTM on the rest, and scores it with exponential smoothing,
theta, naive and others from three origins before the end. The method with the smallest error
makes the forecast; --model-only keeps the LSTM. --auto tries about nine variants and averages the
best three.

train chooses settings from the training rows (--preset recipe): the window from the season, a
scale for each window, a budget of optimizer steps, and a learning rate that falls along a cosine.
Any flag overrides its choice. --preset tutorial has the settings of PyTorch's tutorial instead.

backtest scores either from several origins in the past: use it before you trust a setting.`,
    examples: ['forecast sales.csv --auto --horizon 7', 'backtest sales.csv --folds 3 --epochs 3'],
  },
  intervals: {
    summary: 'Prediction intervals and quantiles',
    text: `
forecast prints 90% intervals; --interval 0.8 sets another level. Their width comes from the
errors of the method from the origins before the end.

train, evaluate and predict have conformal intervals with --interval 0.9. They are measured on
windows kept from training, so train with --validation 0.2. Beyond the model's horizon, train with
--ahead N to measure the intervals of N steps.

--quantiles 0.1,0.5,0.9 (train) forecasts quantiles directly; they need no validation windows.`,
    examples: [
      'train sales.csv --epochs 3 --validation 0.2 --interval 0.9 --ahead 7 --model-out intervals.safetensors',
      'predict intervals.safetensors sales.csv --horizon 7 --interval 0.9',
    ],
  },
  gpu: {
    summary: 'GPUs, software adapters, and how to choose one',
    text: `
Node.js needs npm install webgpu (Dawn, the WebGPU of Chrome). Deno has WebGPU itself.

lstm-webgpu devices lists the adapters; the first is the default, and --adapter NVIDIA selects one
by part of its name. lstm-webgpu devices --self-test compares its results with PyTorch's.

On Linux x64 without a GPU, npm install @sparticuz/chromium adds a software adapter that runs on
the CPU; every report then has "software adapter". WEBGPU_SOFTWARE=1 uses it even where there is
a GPU.`,
    examples: ['devices'],
  },
  files: {
    summary: 'Models, checkpoints and other files that are written',
    text: `
--model-out        the trained model (safetensors, with PyTorch's parameter names). predict and
                   evaluate read it; train --from continues from its weights on newer rows
--checkpoint       the training itself, written as it runs. train --resume continues it with
                   bit-identical results on the same device
--predictions-out  the forecasts or the scored rows as CSV
--chart-out        a chart as one HTML file that works offline

A model of forecast is read by forecast --model, not by predict. Files are replaced in one step:
an interrupted command leaves the old file or the new one, never a part.`,
    examples: [
      'train sales.csv --epochs 3 --checkpoint run.ckpt --model-out model.safetensors',
      'train newer.csv --from model.safetensors --epochs 2 --model-out newer.safetensors',
    ],
  },
  json: {
    summary: 'Output for programs',
    text: `
--json prints one JSON object a line on stdout and nothing else there; notes and progress go to
stderr. Every object has a "type": device, data, settings, epoch, fold, job, check, result, error.
The last one is the result, or the error with "message", "code" and "details", and "next" where a
command to try is known.

Codes are the same in every version and language; messages are for people and may change.`,
    examples: ['forecast sales.csv --json'],
  },
  'exit-codes': {
    summary: 'What the exit code means',
    text: `
  0    done
  1    failure: a file, the data, the device, or a self-test that did not pass
  2    wrong usage: an unknown command or flag, or a value that is not allowed
  129  stopped by SIGHUP; 130 by Ctrl-C (SIGINT); 143 by SIGTERM
  141  the program that read the output ended, such as head

Ctrl-C stops train after the work under way and writes the model and the checkpoint; a second one
ends it at once.`,
    examples: ['train sales.csv --epochs 3 --model-out model.safetensors'],
  },
};
