import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { ofPlaywright, ofVitest, summaryOf, type VitestReport } from '../../tools/test_report.ts';

/** Vitest's report of a fixture that our own test runs do not collect. */
function reportOfFixture(): VitestReport {
  const options = { config: false, watch: false, include: ['test/pure/fixtures/skips.ts'], reporters: ['json'] };
  const code = `import { startVitest } from 'vitest/node'; (await startVitest('test', [], ${JSON.stringify(options)})).close();`;
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(VITEST|TEST$)/.test(name)));
  const text = execFileSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8', env });
  return JSON.parse(text.slice(text.indexOf('{"num'))) as VitestReport;
}

test('skipped tests are counted by what they need, one line each, before the totals', () => {
  expect(summaryOf([ofVitest(reportOfFixture())]).split('\n')).toEqual([
    'skipped without a reason: an unexplained test',
    '4 skipped: they need a teapot',
    '3 skipped: they need a kettle',
    '3 passed, 0 failed',
  ]);
});

test('the counts of both runs are added, and are the only line if nothing was skipped', () => {
  const library = ofVitest({ numPassedTests: 3, numFailedTests: 1, testResults: [] });
  const page = ofPlaywright({ stats: { expected: 4, unexpected: 2, flaky: 1 }, suites: [] });
  expect(summaryOf([library, page])).toBe('8 passed, 3 failed');
});

test('tests skipped on the page are counted by the reason of test.skip', () => {
  const skipped = (title: string, description?: string) => ({
    title,
    tests: [{ status: 'skipped', annotations: [{ type: 'skip', ...(description && { description }) }] }],
  });
  const ran = { title: 'runs', tests: [{ status: 'expected', annotations: [] }] };
  const inner = { specs: [skipped('a', 'a camera'), skipped('b')] };
  const stats = { expected: 1, unexpected: 0, flaky: 0 };
  const counts = ofPlaywright({ stats, suites: [{ specs: [ran], suites: [inner] }] });
  expect(summaryOf([counts]).split('\n')).toEqual([
    'skipped without a reason: b',
    '1 skipped: it needs a camera',
    '1 passed, 0 failed',
  ]);
});
