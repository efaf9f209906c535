import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { inFolder, lstmWebgpu, QUICK, TUTORIAL, waveCsv, write } from './command.ts';

beforeAll(() => {
  write('wave.csv', waveCsv);
  mkdirSync(inFolder('folder'));
});

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };

describe('lstm-webgpu', () => {
  test('--version prints the version of the package', async () => {
    expect(await lstmWebgpu(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  test('--help lists every command, and every command has help with its flags', async () => {
    const { code, stdout, stderr } = await lstmWebgpu(['--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const flags = {
      train: '--model-out',
      predict: '--horizon',
      sweep: '--shard',
      worker: '--queue',
      evaluate: '--test-rows',
      backtest: '--folds',
      devices: '--self-test',
    };
    for (const [command, flag] of Object.entries(flags)) {
      expect(stdout).toMatch(new RegExp(`^  ${command} +\\S`, 'm'));
      const help = await lstmWebgpu([command, '--help']);
      expect(help).toMatchObject({ code: 0, stderr: '' });
      expect(help.stdout).toContain(flag);
      expect(help.stdout).toContain('Examples:');
    }
  });

  test('help names what --interval needs in a training and in a model, and what --resume does not restore', async () => {
    const helps = await Promise.all(
      ['train', 'backtest', 'predict', 'evaluate'].map((of) => lstmWebgpu([of, '--help'])),
    );
    const needs = helps.map(
      ({ stdout }) => /such as 0\.9; needs (.*) \(default: no/.exec(stdout.replace(/\s+/g, ' '))?.[1],
    );
    const ofModel = 'a model trained with --validation';
    expect(needs).toEqual(['--validation', '--validation', ofModel, ofModel]);
    expect(helps[0]!.stdout.replace(/\s+/g, ' ')).toContain('except --interval and --season: give these again');
  });

  test.each(['train', 'backtest'])('help of %s has the defaults of both presets', async (of) => {
    const { stdout } = await lstmWebgpu([of, '-h']);
    for (const [flag, fallback] of Object.entries({
      window: 'default: from the season; tutorial: 10',
      hidden: 'default: 16; tutorial: 32',
      layers: 'default 1',
      epochs: 'default: 60, but 400 to 3600 steps in total; tutorial: 20',
      batch: 'default: 16; 64 for many windows; tutorial: 1',
      shuffle: 'default: on; tutorial: off',
      lr: 'default: 0.01, 0.003 without a season, falling to 0 along half a cosine; tutorial: 0.001',
      seed: 'default 0',
      preset: 'default recipe',
    }))
      expect(stdout.replace(/\s+/g, ' ')).toMatch(new RegExp(`--${flag} [^(]*\\(${fallback}[;)]`));
  });
});

describe('wrong usage exits with 2 and prints nothing on stdout', () => {
  const cases: [args: string[], message: RegExp][] = [
    [[], /A command is missing: forecast, train, predict, /],
    [['trian', 'wave.csv'], /Unknown command trian\. Did you mean train\?/],
    [['--jsn'], /Unknown flag --jsn/],
    [['train'], /<file\.csv> is missing/],
    [['predict', 'model.safetensors'], /<file\.csv> is missing/],
    [['train', 'wave.csv', 'more.csv'], /Unexpected argument: "more\.csv"/],
    [['train', 'wave.csv', '--epoch', '3'], /Unknown flag --epoch\. Did you mean --epochs\?/],
    [['train', 'wave.csv', '--hiden=3'], /Unknown flag --hiden\. Did you mean --hidden\?/],
    [['train', 'wave.csv', '-e', '3'], /Unknown flag -e\./],
    [['train', 'wave.csv', '--constructor', '3'], /Unknown flag --constructor\./],
    [['train', 'wave.csv', '--epochs'], /--epochs: its value is missing/],
    [['train', 'wave.csv', '--model-out', '--shuffle'], /--model-out: its value is missing/],
    [['train', 'wave.csv', '--shuffle=no'], /--shuffle: takes no value/],
    [['train', 'wave.csv', '--preset', 'torch'], /--preset: got "torch", expected recipe or tutorial/],
    [['train', 'wave.csv', '--plan', 'fast'], /--plan: got "fast", expected auto, resident, sequence or timestep/],
    [['train', 'wave.csv', '--scaler-fit', 'test'], /--scaler-fit: got "test", expected train, all or keep/],
    [
      ['train', 'wave.csv', '--missing', 'guess'],
      /--missing: got "guess", expected error, drop, interpolate, previous or skip/,
    ],
    [['train', 'wave.csv', '--model-out', ''], /--model-out: got ""/],
    [['train', 'wave.csv', '--model-out', '-'], /--model-out: got "-", expected the name of a file/],
    [['train', 'wave.csv', ...TUTORIAL, '--split', '0.001'], /split: got 0\.001, which leaves none of the 50 samples/],
    [['train', 'wave.csv', '--chart-out', 'wave.csv'], /--chart-out: wave\.csv is also the input file wave\.csv/],
    [['train', 'wave.csv', '--chart-out', './folder/../wave.csv'], /--chart-out: .* is also the input file wave\.csv/],
    [
      ['train', 'wave.csv', '--model-out', 'a', '--chart-out', './a'],
      /--chart-out: \.\/a is also the file of --model-out/,
    ],
    [['train', 'wave.csv', '--momentum', '0.9'], /--momentum: got 0\.9, but adam has no momentum; leave it out, or/],
    [
      ['backtest', 'wave.csv', '--optimizer', 'adamw', '--momentum', '0.9'],
      /--momentum: got 0\.9, but adamw has no momentum/,
    ],
    [
      ['train', 'wave.csv', '--checkpoint-every', '5'],
      /--checkpoint-every: there is no file to write; add --checkpoint/,
    ],
    [['predict', 'wave.csv', 'x.csv', '--predictions-out', 'wave.csv'], /wave\.csv is also the input file wave\.csv/],
  ];

  test.each(cases)('%j', async (args, message) => {
    const { code, stdout, stderr } = await lstmWebgpu(args);
    expect(stderr).toMatch(/^lstm-webgpu: /);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/^ +at /m);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });

  const NO_COUNTS = ['0', '-3', 'nan', '1.5', '', '0x10', '1e99'];
  const badValues: Record<string, string[]> = {
    window: NO_COUNTS,
    hidden: NO_COUNTS,
    layers: NO_COUNTS,
    epochs: NO_COUNTS,
    batch: NO_COUNTS,
    rows: NO_COUNTS,
    seed: ['-1', '1.5', 'nan', '4294967296'],
    lr: ['-1', 'nan', 'Infinity', '1e999', 'fast'],
    split: ['0', '1.01', '-0.5', 'nan', '80%'],
    'slice-ms': ['0', '-1', 'nan'],
  };
  test.each(Object.entries(badValues))('--%s with each of %j', async (flag, values) => {
    const runs = await Promise.all(values.map((value) => lstmWebgpu(['train', 'wave.csv', `--${flag}`, value])));
    for (const [k, { code, stdout, stderr }] of runs.entries()) {
      const value = values[k]!;
      expect(stderr).toMatch(new RegExp(`^lstm-webgpu: --${flag}: got ${JSON.stringify(value)}, expected a `));
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    }
  });

  test('--horizon 0 of predict', async () => {
    const { code, stderr } = await lstmWebgpu(['predict', 'm', 'wave.csv', '--horizon', '0']);
    expect(stderr).toContain('--horizon: got "0", expected a whole number from 1 to 10000.');
    expect(code).toBe(2);
  });

  test.each([
    ['train', 'wave.csv'],
    ['predict', 'm', 'wave.csv'],
  ])('--horizon 1000000 of %s', async (...args) => {
    const { code, stderr } = await lstmWebgpu([...args, '--horizon', '1000000']);
    expect(stderr).toMatch(/^lstm-webgpu: --horizon: got "1000000", expected a whole number from 1 to 10000\./);
    expect(code).toBe(2);
  });

  test.each([
    [[], 'Run lstm-webgpu help for the list of commands and topics.'],
    [['trian'], 'Run lstm-webgpu help for the list of commands and topics.'],
    [
      ['predict', 'm'],
      'Usage: lstm-webgpu predict <model.safetensors> <file.csv> [flags]\nSee lstm-webgpu predict --help',
    ],
    [
      ['train', 'wave.csv', '--epoch', '3'],
      'Usage: lstm-webgpu train <file.csv> [flags]\nSee lstm-webgpu train --help',
    ],
  ])('%j ends with the usage', async (args, usage) => {
    const { stderr } = await lstmWebgpu(args);
    expect(stderr).toContain(`\n${usage}`);
  });

  test('with --json, one JSON line has it too', async () => {
    const { code, stdout } = await lstmWebgpu(['train', 'wave.csv', '--epochs', '0', '--json']);
    const message = '--epochs: got "0", expected a whole number of at least 1.';
    const details = { argument: '--epochs', got: '"0"', min: 1 };
    expect(JSON.parse(stdout)).toEqual({ type: 'error', message, code: 'not-whole-number', details });
    expect(code).toBe(2);
  });

  test('an output that is a link to the input', async () => {
    symlinkSync('wave.csv', inFolder('link.csv'));
    const { code, stderr } = await lstmWebgpu(['train', 'wave.csv', '--predictions-out', 'link.csv']);
    expect(stderr).toContain('--predictions-out: link.csv is also the input file wave.csv');
    expect(code).toBe(2);
    expect(readFileSync(inFolder('wave.csv'), 'utf8')).toBe(waveCsv);
  });
});

describe('bad input exits with 1, names the file, and touches no output', () => {
  const rows = (values: readonly string[]) => `day,price\n${values.map((value, k) => `${k},${value}\n`).join('')}`;
  const numbers = Array.from({ length: 30 }, (_, k) => String(k % 7));
  const cases: [name: string, content: string | undefined, args: string[], message: RegExp][] = [
    ['missing.csv', undefined, [], /missing\.csv: there is no such file\./],
    ['empty.csv', '', [], /empty\.csv: CSV: the file is empty/],
    ['blank.csv', '\n \n', [], /blank\.csv: CSV: the file is empty/],
    ['header.csv', 'a,b\n', [], /header\.csv: CSV: the file has a header but no rows/],
    ['text.csv', 'name,town\nanna,bonn\nbert,kiel\n', [], /no column holds numbers\. Columns: 0 "name", 1 "town"/],
    ['names.csv', rows(numbers), ['--column', 'Prices'], /got "Prices", but the file has 0 "day", 1 "price"/],
    ['index.csv', rows(numbers), ['--column', '2'], /got "2", but the file has 0 "day", 1 "price"/],
    [
      'words.csv',
      rows(numbers.with(3, 'abc')),
      [],
      /row 5, column "price": got "abc", expected a number.*--missing drop/,
    ],
    ['holes.csv', rows(numbers.with(6, '')), [], /row 8, column "price": got "", expected a number.*--missing drop/],
    ['short.csv', rows(numbers.slice(0, 11)), [], /got 11 rows, but a window of 10 needs at least 12/],
    ['rows.csv', rows(numbers), ['--rows', '11'], /got 11 rows, but a window of 10 needs at least 12/],
    [
      'steps.csv',
      rows(numbers.slice(0, 12)),
      ['--transform', 'difference', '--horizon', '3'],
      /got 12 rows, but a window of 10 and the 3 rows after it need at least 15/,
    ],
  ];

  test.each(cases)('%s', async (name, content, args, message) => {
    if (content !== undefined) write(name, content);
    const run = await lstmWebgpu(['train', name, ...TUTORIAL, ...args, '--model-out', `new-${name}/model.safetensors`]);
    expect(run.stderr).toMatch(/^lstm-webgpu: /);
    expect(run.stderr).toMatch(message);
    expect(run.stderr).not.toMatch(/^ +at /m);
    expect(run).toMatchObject({ code: 1, stdout: '' });
    expect(existsSync(inFolder(`new-${name}`))).toBe(false);
  });

  const noHole = rows(numbers.with(6, ''));
  const twoColumns = `day,kWh,cost\n${numbers.map((value, k) => `${k},${value},${2 + Number(value)}\n`).join('')}`;
  test.each<[content: string, args: string[], next: string]>([
    [noHole, ['train', 'try.csv'], 'train try.csv --missing interpolate'],
    [noHole, ['forecast', 'try.csv', '--missing=error'], 'forecast try.csv --missing interpolate'],
    [twoColumns, ['train', 'try.csv', '--epochs', '3'], 'train try.csv --epochs 3 --column kWh'],
    [twoColumns, ['train', 'try.csv', '--column', 'csot'], 'train try.csv --column cost'],
    [
      twoColumns.replace('cost', 'The cost'),
      ['train', 'try.csv', '--column=kWh', '--past', 'day,the costs'],
      'train try.csv --column=kWh --past "day,The cost"',
    ],
    [
      rows(numbers.slice(0, 11)),
      ['train', 'try.csv', '--window', '10', '--preset', 'tutorial'],
      'train try.csv --window 9 --preset tutorial',
    ],
    [rows(numbers), ['train', 'try.csv', '--interval', '0.9'], 'train try.csv --interval 0.9 --validation 0.2'],
  ])('with the next command to try: %#', async (content, args, next) => {
    write('try.csv', content);
    const { code, stderr } = await lstmWebgpu(args);
    expect(code).toBeGreaterThan(0);
    expect(stderr).toMatch(/^lstm-webgpu: .*\nTry: .*\n$/);
    expect(stderr).toContain(`\nTry: lstm-webgpu ${next}\n`);
    const json = await lstmWebgpu(args.toSpliced(2, 0, '--json'));
    const withJson = next.replace('try.csv', 'try.csv --json');
    expect(JSON.parse(json.stdout)).toMatchObject({ type: 'error', next: `lstm-webgpu ${withJson}` });
  });

  test('with no command to try from a name that a shell would run, or with the address of a queue', async () => {
    write('try.csv', twoColumns.replace('kWh', '$(reboot)').replace('cost', 'a; reboot'));
    const { stderr } = await lstmWebgpu(['train', 'try.csv']);
    expect(stderr).toMatch(/could each be the column to forecast/);
    expect(stderr).not.toContain('Try:');
    write('try.csv', twoColumns);
    write('plan.json', '{}');
    const queue = ['--queue', 'redis://:s3cr3t@127.0.0.1:1'];
    const swept = await lstmWebgpu(['sweep', 'plan.json', 'try.csv', '--id', 'csot', ...queue]);
    expect(swept.stderr).toContain('Did you mean "cost"?');
    expect(swept.stderr).not.toMatch(/Try:|s3cr3t/);
  });

  test('a command to try fixes what was wrong', async () => {
    write('try.csv', twoColumns);
    const { stderr } = await lstmWebgpu(['train', 'try.csv', '--column', 'csot', ...QUICK]);
    const [, words] = /^Try: lstm-webgpu (.*)$/m.exec(stderr)!;
    expect(await lstmWebgpu(words!.split(' '))).toMatchObject({ code: 0 });
  });

  test('a file of another kind, by its name', async () => {
    write('model.safetensors', 'day,x\n1,2\n');
    const swapped = await lstmWebgpu(['predict', 'wave.csv', 'model.safetensors']);
    expect(swapped).toMatchObject({ code: 1, stdout: '' });
    expect(swapped.stderr).toMatch(
      /wave\.csv: expected a model, but this is text, not a model\. Usage: lstm-webgpu predict <model\.safetensors> </,
    );
    write('status.json', '{"status": "ok", "count": 3}');
    expect((await lstmWebgpu(['forecast', 'status.json'])).stderr).toContain(
      'status.json: CSV: got JSON without a table',
    );
  });

  test('a folder instead of a file', async () => {
    expect(await lstmWebgpu(['train', '.'])).toMatchObject({
      code: 1,
      stderr: 'lstm-webgpu: .: this is a folder, expected a file.\n',
    });
  });

  test('DEBUG=lstm-webgpu adds the stack', async () => {
    const { stderr } = await lstmWebgpu(['train', 'missing.csv'], { env: { DEBUG: 'lstm-webgpu' } });
    expect(stderr).toMatch(/^lstm-webgpu: DataError: missing\.csv: there is no such file\.\n +at /);
  });

  test('with --json, one JSON line has it too', async () => {
    const { code, stdout } = await lstmWebgpu(['train', 'missing.csv', '--json']);
    expect(JSON.parse(stdout)).toEqual({
      ...{ type: 'error', message: 'missing.csv: there is no such file.' },
      ...{ code: 'file-unreadable', details: { path: 'missing.csv', reason: 'there is no such file' } },
    });
    expect(code).toBe(1);
  });
});

describe('an output that cannot be written exits with 1, names the path, and trains nothing', () => {
  test.each(['--model-out', '--predictions-out', '--chart-out'])('%s below a regular file', async (flag) => {
    const run = await lstmWebgpu(['train', 'wave.csv', flag, 'wave.csv/out']);
    expect(run.stderr).toMatch(/^lstm-webgpu: wave\.csv\/out: cannot be written: /);
    expect(run).toMatchObject({ code: 1, stdout: '' });
  });

  test.each(['taken', 'taken/', 'not/there/yet/'])('the folder %s', async (path) => {
    mkdirSync(inFolder('taken'), { recursive: true });
    const run = await lstmWebgpu(['train', 'wave.csv', '--model-out', path]);
    expect(run.stderr).toBe(`lstm-webgpu: ${path}: cannot be written: this is a folder, expected a file name.\n`);
    expect(run).toMatchObject({ code: 1, stdout: '' });
  });
});

describe('a password in the address of a queue is never printed', () => {
  const secret = 's3cr3t';
  test.each([
    ['redis//user:s3cr3t@host', 2, 'env:NAME'],
    ['http://user:s3cr3t@host:1', 2, 'env:NAME'],
    ['env:LSTM_TEST_NOT_THERE', 2, 'env:NAME'],
    ['redis://127.0.0.1:1?password=s3cr3t', 1, 'redis://127.0.0.1:1'],
    ['redis://s3cr3t:s3cr3t@127.0.0.1:1/2', 1, 'redis://127.0.0.1:1/2'],
    ['env:LSTM_TEST_QUEUE', 1, 'redis://127.0.0.1:1'],
  ] as const)('%s', async (address, code, message) => {
    const env = { LSTM_TEST_QUEUE: `redis://:${secret}@127.0.0.1:1` };
    const run = await lstmWebgpu(['worker', '--queue', address, '--json'], { env });
    expect(run.code, run.stderr).toBe(code);
    expect(run.stderr).toContain(message);
    expect(run.stderr + run.stdout).not.toContain(secret);
  });
});
