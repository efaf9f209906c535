import { describe, expect, test } from 'vitest';
import { optimizerOf } from '../../src/engine/optimizers.ts';
import { fitSettings, settingsOptimizer } from '../../src/forecast/settings.ts';
import { forecastShape } from '../../src/forecast/shape.ts';
import { GROUPS, PARTS, SETTINGS, type Setting } from '../../src/train/settings.ts';

const rows = Object.entries(SETTINGS as Readonly<Record<string, Setting>>);

describe('the table of settings', () => {
  test.each(rows)(
    '%s is complete, and its default is one of its values',
    (name, { kind, usual, group, label, help, off }) => {
      if (name !== 'target' && name !== 'idColumn') expect(kind.accepts(usual)).toBe(true);
      expect(GROUPS).toContain(group);
      expect([label, help].every((words) => /^[A-Z\w]/.test(words))).toBe(true);
      if (off !== undefined) expect(kind.accepts(off)).toBe(true);
      for (const wrong of [null, {}, Number.NaN]) expect(kind.accepts(wrong)).toBe(false);
    },
  );

  test('has each flag and each label once', () => {
    const flags = rows.flatMap(([, { flag }]) => flag ?? []);
    expect(new Set(flags).size).toBe(flags.length);
    expect(new Set(rows.map(([, { label }]) => label)).size).toBe(rows.length);
  });

  test('has the defaults of the library', () => {
    const shape = forecastShape({});
    const fit = fitSettings({}, shape, 1);
    const { options } = settingsOptimizer(fit, 0);
    const own: Record<string, unknown> = {
      ...{ ...shape.config, ...shape, ...fit, seed: 0, ensemble: 1, lr: options.lr, 'loss.name': fit.loss.name },
      ...{ 'optimizer.name': options.name, 'optimizer.weightDecay': options.weightDecay, 'optimizer.momentum': 0 },
      ...{ 'clip.norm': 0, 'earlyStopping.patience': 0 },
    };
    for (const [name, { usual }] of rows) expect(own[name], name).toEqual(usual);
  });

  test('lists every optimizer, and the defaults that differ between them', () => {
    const names = Object.values(PARTS['optimizer.name'].kind.words!);
    expect(() => optimizerOf({ name: 'no' as 'Adam' })).toThrow(
      `expected '${names.slice(0, -1).join("', '")}' or '${names.at(-1)}'`,
    );
    const optimizers = names.map((name) => optimizerOf({ name }).options);
    const others = (option: 'lr' | 'weightDecay', usual: number) =>
      optimizers
        .filter(({ [option]: own }) => own !== usual)
        .map(({ name, [option]: own }) => `; ${own} with --optimizer ${name.toLowerCase()}`);
    expect(others('lr', 0.001)).toEqual([PARTS.lr.usually]);
    expect(others('weightDecay', 0)).toEqual([PARTS['optimizer.weightDecay'].usually]);
    const stopping = fitSettings({ earlyStopping: true }, forecastShape({}), 1);
    expect(SETTINGS.validation.usually).toBe(`; with --patience ${stopping.validation}`);
  });
});
