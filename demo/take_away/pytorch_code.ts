import { doubleQuoted, hasSide, type RunSettings, type RunSource } from './run.ts';

/** Module of torch.nn, and the argument that makes it this cell. */
const MODULES: Readonly<Record<RunSettings['cell'], { name: string; argument: string }>> = {
  LSTM: { name: 'LSTM', argument: '' },
  GRU: { name: 'GRU', argument: '' },
  RNN_TANH: { name: 'RNN', argument: '' },
  RNN_RELU: { name: 'RNN', argument: 'nonlinearity="relu", ' },
};

const FILL = {
  previous: 'values = values.ffill().bfill()\n',
  interpolate: 'values = values.interpolate(limit_direction="both")  # looks at the value after a hole\n',
};
/** What to do with cells that hold no number, as the library does it. */
const MISSING: Readonly<Record<RunSource['missing'], string>> = {
  error: '',
  drop: 'values = values.dropna()\n',
  ...FILL,
};

/** Of dates that pandas reads otherwise. */
const UNFILLED = `# The page also filled in the rows that are missing by the dates. This script does not, and its numbers differ: add those rows
# to the file for the same ones.
`;

const NO_SIDE = `# A run with other columns is not exported for PyTorch; the code for lstm-webgpu has them.
`;

/** A run as a script for PyTorch (1.13 or newer), NumPy and pandas: the same weights, windows, split, order and scores. */
export function pytorchCode(settings: RunSettings, source: RunSource): string {
  if (hasSide(source)) return NO_SIDE;
  return [
    `# A run of the lstm-webgpu page again, in PyTorch: pip install torch numpy pandas, then start this file with python.\n`,
    'import numpy as np\nimport pandas as pd\nimport torch\nfrom torch import nn\n\n',
    constants(settings, source),
    readingCode(source),
    windowsCode(settings),
    modelCode(settings),
    trainingCode(settings),
    resultCode(settings),
  ].join('');
}

/** A number as Python writes it; the field of a form may be empty. */
const num = (value: number): string => (Number.isFinite(value) ? String(value) : 'float("nan")');

function constants(settings: RunSettings, { fileName, column }: RunSource): string {
  const { windowLength, hiddenSize, numLayers, epochs, batchSize, lr, split, horizon } = settings;
  return `FILE = ${doubleQuoted(fileName)}
COLUMN = ${doubleQuoted(column)}
WINDOW = ${num(windowLength)}  # rows the model reads to forecast the next one
HIDDEN = ${num(hiddenSize)}
LAYERS = ${num(numLayers)}
EPOCHS = ${num(epochs)}
BATCH = ${num(batchSize)}
LR = ${num(lr)}
SPLIT = ${num(split)}  # share of the windows, from the start, to train on
HORIZON = ${num(horizon)}  # rows to forecast beyond the end

`;
}

/** The column as numbers, oldest first. Separator and decimal mark are found by the library's rules. */
function readingCode(source: RunSource): string {
  const { column, among } = source;
  return `with open(FILE, encoding="utf-8-sig", errors="replace") as file:
    header = next(line for line in file if line.strip())
sep = next((mark for mark in ";\\t|" if mark in header), ",")
options = dict(sep=sep, dtype=str, encoding_errors="replace", skipinitialspace=True)
table = pd.read_csv(FILE, **options).dropna(how="all")
table.columns = [" ".join(name.split()) for name in table.columns]
${noHeaderCode(column)}${amongCode(among)}cells = ${columnOf(column)}.str.replace(r"R?\\$|€|£|%|\\s", "", regex=True)

# Cells such as 0.5 and 0,5 vote for their decimal mark; 1.234 could be either. Set decimal = "," or "." where that fails.
unsure = cells.str.fullmatch(r"[+-]?[1-9]\\d{0,2}([.,]\\d{3})+", na=True)
votes = cells[~unsure].str.extract(r"([.,])\\d*$")[0].value_counts()
decimal = votes.idxmax() if len(votes) > 0 else "," if sep == ";" else "."
thousands = "." if decimal == "," else ","
cells = cells.str.replace(thousands, "", regex=False).str.replace(decimal, ".", regex=False)
values = pd.to_numeric(cells, errors="coerce")
${timeCode(source)}if np.isnan(values).any():
    raise SystemExit(f"{FILE}: {np.isnan(values).sum()} cells of {COLUMN} hold no number")

`;
}

/** The values in the order of time, without holes. */
function timeCode({ rows, missing, newestFirst, gaps, dates }: RunSource): string {
  const last = rows === undefined ? '' : `[-${num(rows)}:]`;
  // holes and missing rows are filled at once, or there are no holes left
  const isSimple = missing === 'error' || missing === 'drop' || (missing === gaps && rows === undefined);
  if (gaps && dates && isSimple)
    return `values.index = pd.to_datetime(table[${doubleQuoted(dates.column)}].str.strip(), format=${doubleQuoted(dates.format)})
values = values.sort_index()${missing === 'drop' ? '.dropna()' : ''}${last}.asfreq("${dates.step}")  # with the rows that are missing by the dates
${FILL[gaps]}values = values.to_numpy(dtype=float)
`;
  const order =
    newestFirst === undefined
      ? '# A file that has its newest row first needs values = values[::-1] here.\n'
      : newestFirst
        ? 'values = values[::-1]  # the file has its newest row first\n'
        : '';
  return `${order}${MISSING[missing]}values = values.to_numpy(dtype=float)${last}
${gaps ? UNFILLED : ''}`;
}

/** The library calls columns without a name by their place. */
function noHeaderCode(column: string): string {
  if (!/^column \d+$/.test(column)) return '';
  return `if COLUMN not in table:  # a file without a header
    table = pd.read_csv(FILE, header=None, **options).dropna(how="all")
    table.columns = [f"column {k + 1}" for k in range(table.shape[1])]
`;
}

/** The rows of one series of several. */
const amongCode = (among: RunSource['among']): string =>
  among
    ? `table = table[table[${doubleQuoted(among.idColumn)}].str.strip() == ${doubleQuoted(among.id)}].reset_index(drop=True)\n`
    : '';

/** Of columns with the same name, the library calls the second one `Close (2)`, pandas `Close.1`. */
function columnOf(column: string): string {
  const [, name, place] = /^(.*) \((\d+)\)$/s.exec(column) ?? [];
  if (name === undefined || !(Number(place) >= 2)) return 'table[COLUMN]';
  return `table[COLUMN if COLUMN in table else ${doubleQuoted(`${name}.${Number(place) - 1}`)}]`;
}

function windowsCode({ scalerFit }: RunSettings): string {
  const seen =
    scalerFit === 'all'
      ? 'seen = values  # the test part too, which leaks the future into the scale'
      : 'seen = values[: num_train + WINDOW]';
  return `num_samples = len(values) - WINDOW
num_train = int(SPLIT * num_samples)
${seen}
scale = 2 / (seen.max() - seen.min())  # to [-1, 1]
shift = -1 - seen.min() * scale
series = torch.tensor(values * scale + shift, dtype=torch.float32)
samples = series.unfold(0, WINDOW + 1, 1)  # [samples, WINDOW + 1]
x, y = samples[:, :-1].unsqueeze(-1), samples[:, -1:]


`;
}

function modelCode({ cell }: RunSettings): string {
  const { name, argument } = MODULES[cell];
  return `class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.${name}(1, HIDDEN, LAYERS, ${argument}batch_first=True)
        self.fc = nn.Linear(HIDDEN, 1)

    def forward(self, x):  # [N, WINDOW, 1] -> [N, 1]
        output, _ = self.rnn(x)
        return self.fc(output[:, -1])


`;
}

function trainingCode({ shuffle, ensemble }: RunSettings): string {
  const order = shuffle
    ? 'torch.randperm(num_train)  # another order than the library draws, so losses are alike, not equal'
    : 'torch.arange(num_train)';
  const perEpoch = ensemble === 1 ? '        print(f"Epoch {epoch}: loss {losses[-1]}", flush=True)\n' : '';
  return `def train(seed):
    """A model trained on the first windows, and the mean loss of every epoch."""
    torch.manual_seed(seed)
    model = Model()
    criterion = nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=LR)
    losses = []
    for epoch in range(1, EPOCHS + 1):
        total = 0.0
        order = ${order}
        for batch in order.split(BATCH):
            optimizer.zero_grad()
            loss = criterion(model(x[batch]), y[batch])
            loss.backward()
            optimizer.step()
            total += loss.item() * len(batch)
        losses.append(total / num_train)
${perEpoch}    return model, losses


@torch.no_grad()
def forecast(model):
    """One row ahead over the test part, then beyond the end, each from the forecasts before it; in units of the series."""
    tested = model(x[num_train:]).squeeze(-1)
    window = series[-WINDOW:]
    for _ in range(HORIZON):
        window = torch.cat([window, model(window[-WINDOW:].view(1, WINDOW, 1)).view(1)])
    return [(part.double().numpy() - shift) / scale for part in (tested, window[WINDOW:])]


`;
}

function resultCode({ seed, ensemble }: RunSettings): string {
  const training =
    ensemble === 1
      ? `model, _ = train(seed=${num(seed)})
predicted, future = forecast(model)
`
      : `runs = []
for seed in range(${num(seed)}, ${num(seed)} + ${num(ensemble)}):
    model, losses = train(seed)
    print(f"Seed {seed}: last loss {losses[-1]}", flush=True)
    runs.append((losses, *forecast(model)))
losses, predicted, future = (np.mean(part, axis=0) for part in zip(*runs))  # means over the models
for epoch, loss in enumerate(losses, start=1):
    print(f"Epoch {epoch}: loss {loss}")
`;
  return `${training}actual = values[num_train + WINDOW :]
naive = values[num_train + WINDOW - 1 : -1]  # tomorrow = today
print(f"RMSE of the model: {np.sqrt(np.mean((predicted - actual) ** 2))}")
print(f"RMSE of tomorrow = today: {np.sqrt(np.mean((naive - actual) ** 2))}")
print("Beyond the end:", ", ".join(str(value) for value in future))
`;
}
