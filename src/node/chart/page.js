// Draws both charts of the page from the JSON inside it. Runs in the browser; `uPlot` is the script before this one.
{
  const data = JSON.parse(document.getElementById('data').textContent);
  const lastRow = data.actual.length - 1;
  const significant = new Intl.NumberFormat('en', { maximumSignificantDigits: 6 });
  const cents = new Intl.NumberFormat('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  const whole = new Intl.NumberFormat('en');
  const formatValue = (v) => (Math.abs(v) >= 100 && Math.abs(v) < 1e7 ? cents : significant).format(v);
  const formatLoss = (v) => (v !== 0 && Math.abs(v) < 1e-3 ? v.toExponential(2) : v.toPrecision(4));
  const formatTick = (v) => (v !== 0 && Math.abs(v) < 1e-3 ? v.toExponential() : significant.format(v));
  const rowName = (row) => data.dates?.[row] ?? whole.format(row + 1);
  const orDash = (format) => (_, v) => (v == null ? '–' : format(v));

  const overTest = (values) => data.actual.map((_, row) => values[row - data.firstRow] ?? null);
  const percent = (share) => `${significant.format(100 * share)} %`;
  const quantile = ({ level, values }) => ({ label: `${percent(level)} ${data.quantilesOf}`, values, colour: 'band' });
  const bound = (name) => ({
    label: `${percent(data.interval.level)} interval, ${name}`,
    values: data.interval[name],
    colour: 'interval',
  });
  /** What is filled, each from an upper line to a lower one: the outermost quantiles, and the interval. */
  const bands = [
    ...(data.quantiles.length > 1 ? [[data.quantiles.at(-1), data.quantiles[0]].map(quantile)] : []),
    ...(data.interval ? [['high', 'low'].map(bound)] : []),
  ];
  const forecast = [
    data.actual.map((_, row) => row),
    data.actual,
    overTest(data.predicted),
    overTest(data.naive),
    ...bands.flat().map(({ values }) => overTest(values)),
  ];
  const losses = [
    data.epochs.map((_, k) => k + 1),
    data.epochs.map(({ loss }) => loss),
    data.epochs.map(({ lastLoss }) => lastLoss),
  ];

  /** Colours by role, from the style, so light and dark are decided in one place. */
  const palette = () => {
    const style = getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue(`--${name}`).trim();
    return Object.fromEntries(
      ['muted', 'grid', 'actual', 'model', 'guess', 'test-part', 'band', 'interval'].map((name) => [
        name,
        colour(name),
      ]),
    );
  };

  const axis = (colours, options) => ({
    stroke: colours.muted,
    font: '12px system-ui, sans-serif',
    grid: { stroke: colours.grid, width: 1 },
    ticks: { stroke: colours.grid, width: 1, size: 5 },
    ...options,
  });

  const wholeSteps = [1, 2, 5]
    .flatMap((step) => [0, 1, 2, 3, 4, 5, 6].map((k) => step * 10 ** k))
    .sort((a, b) => a - b);

  /** The powers of ten on a logarithmic axis; the lines between them would be more ink than the data. */
  const decades = (_plot, _axis, min, max) => {
    const [low, high] = [Math.ceil(Math.log10(min) - 1e-9), Math.floor(Math.log10(max) + 1e-9)];
    return Array.from({ length: high - low + 1 }, (_, k) => Number(`1e${low + k}`));
  };

  const shadeTestPart = (plot, colours) => {
    const { ctx, bbox } = plot;
    const left = Math.max(bbox.left, plot.valToPos(data.firstRow - 0.5, 'x', true));
    const width = bbox.left + bbox.width - left;
    if (width <= 0) return;
    ctx.save();
    ctx.fillStyle = colours['test-part'];
    ctx.fillRect(left, bbox.top, width, bbox.height);
    ctx.fillStyle = colours.muted;
    ctx.fillRect(left, bbox.top, devicePixelRatio, bbox.height);
    ctx.font = `${12 * devicePixelRatio}px system-ui, sans-serif`;
    ctx.textAlign = 'left';
    ctx.textBaseline = 'top';
    const inset = 8 * devicePixelRatio;
    if (ctx.measureText('test part').width + 2 * inset < width)
      ctx.fillText('test part', left + inset, bbox.top + inset);
    ctx.restore();
  };

  const forecastOptions = (colours) => {
    const value = orDash(formatValue);
    const letters = Math.max(rowName(0).length, rowName(lastRow).length);
    return {
      scales: { x: { time: false } },
      series: [
        { label: data.dates ? data.dateColumn : 'Row', value: orDash(rowName) },
        { label: data.column, stroke: colours.actual, width: 1.5, value, points: { show: false } },
        { label: 'Predicted', stroke: colours.model, width: 1.5, value, points: { show: false } },
        { label: 'Naive', stroke: colours.guess, width: 1, dash: [4, 3], value, show: false },
        ...bands.flat().map(({ label, colour }) => {
          return { label, stroke: colours[colour], width: 1, value, points: { show: false } };
        }),
      ],
      bands: bands.map(([{ colour }], k) => ({ series: [4 + 2 * k, 5 + 2 * k], fill: colours[colour] })),
      axes: [
        axis(colours, {
          size: 32,
          space: Math.max(60, 7 * letters + 24),
          incrs: wholeSteps,
          values: (_, rows) => rows.map(rowName),
        }),
        axis(colours, {
          size: (_, values) => 20 + 7 * Math.max(4, ...(values ?? []).map((text) => text.length)),
          values: (_, ticks) => ticks.map((v) => significant.format(v)),
        }),
      ],
      cursor: { drag: { x: true, y: false, dist: 6 }, points: { size: 7 } },
      padding: [12, 16, 0, 0],
      hooks: { drawClear: [(plot) => shadeTestPart(plot, colours)] },
    };
  };

  const lossOptions = (colours) => {
    const value = orDash(formatLoss);
    const points = (fill) => ({ show: data.epochs.length <= 60, size: 5, fill, stroke: fill });
    const positive = [...losses[1], ...losses[2]].every((v) => v > 0);
    return {
      scales: { x: { time: false, range: (_, min, max) => [min - 0.5, max + 0.5] }, y: { distr: positive ? 3 : 1 } },
      series: [
        { label: 'Epoch', value: orDash(String) },
        { label: 'Mean', stroke: colours.model, width: 2, value, points: points(colours.model) },
        { label: 'Last batch', stroke: colours.guess, width: 1, value, points: points(colours.guess) },
      ],
      axes: [
        axis(colours, { size: 32, incrs: wholeSteps, space: 40 }),
        axis(colours, {
          size: 62,
          values: (_, ticks) => ticks.map((v) => (v == null ? '' : formatTick(v))),
          ...(positive ? { splits: decades } : {}),
        }),
      ],
      cursor: { drag: { x: false, y: false }, points: { size: 7 } },
      padding: [12, 16, 0, 0],
    };
  };

  const plots = [];
  const sizeOf = (host) => ({
    width: host.clientWidth,
    height: Number.parseFloat(getComputedStyle(host).getPropertyValue('--height')),
  });
  const draw = () => {
    for (const { plot } of plots.splice(0)) plot.destroy();
    const colours = palette();
    for (const [id, options, values] of [
      ['forecast', forecastOptions(colours), forecast],
      ['loss', lossOptions(colours), losses],
    ]) {
      const host = document.getElementById(id);
      plots.push({ host, plot: new uPlot({ ...options, ...sizeOf(host) }, values, host) });
    }
  };
  draw();
  addEventListener('resize', () => {
    for (const { host, plot } of plots) plot.setSize(sizeOf(host));
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);

  const buttons = [...document.querySelectorAll('[data-part]')];
  for (const button of buttons)
    button.addEventListener('click', () => {
      const first =
        button.dataset.part === 'test' ? Math.max(0, data.firstRow - Math.ceil(data.predicted.length / 20)) : 0;
      plots[0].plot.setScale('x', { min: first, max: lastRow });
      for (const other of buttons) other.setAttribute('aria-pressed', String(other === button));
    });
}
