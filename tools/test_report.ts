/** A skipped test: its full title and what it needs; undefined if no reason is given. */
interface Skip {
  title: string;
  needs: string | undefined;
}

/** The results of a run. */
export interface TestCounts {
  passed: number;
  failed: number;
  skips: readonly Skip[];
}

/** The parts of Vitest's JSON report that are used here. */
export interface VitestReport {
  numPassedTests: number;
  numFailedTests: number;
  testResults: readonly {
    assertionResults: readonly { fullName: string; status: string; meta: { needs?: string } }[];
  }[];
}

/** The same for Playwright's. */
export interface PlaywrightReport {
  stats: { expected: number; unexpected: number; flaky: number };
  suites: readonly PlaywrightSuite[];
}

interface PlaywrightSuite {
  suites?: readonly PlaywrightSuite[];
  specs: readonly {
    title: string;
    tests: readonly { status: string; annotations: readonly { type: string; description?: string }[] }[];
  }[];
}

export const ofVitest = ({ numPassedTests, numFailedTests, testResults }: VitestReport): TestCounts => ({
  passed: numPassedTests,
  failed: numFailedTests,
  skips: testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => status !== 'passed' && status !== 'failed')
    .map(({ fullName, meta }) => ({ title: fullName, needs: meta.needs })),
});

export const ofPlaywright = ({ stats, suites }: PlaywrightReport): TestCounts => ({
  passed: stats.expected + stats.flaky,
  failed: stats.unexpected,
  skips: suites.flatMap(skipsOf),
});

const skipsOf = ({ suites = [], specs }: PlaywrightSuite): Skip[] => [
  ...specs.flatMap(({ title, tests }) =>
    tests
      .filter(({ status }) => status === 'skipped')
      .map(({ annotations }) => ({ title, needs: annotations.find(({ type }) => type === 'skip')?.description })),
  ),
  ...suites.flatMap(skipsOf),
];

/** The last lines of a test run: how many tests were skipped for each reason, then `N passed, N failed`. */
export function summaryOf(all: readonly TestCounts[]): string {
  const sum = (count: (counts: TestCounts) => number) => all.reduce((total, counts) => total + count(counts), 0);
  const byNeed = new Map<string, number>();
  const lines: string[] = [];
  for (const { title, needs } of all.flatMap(({ skips }) => skips))
    if (needs === undefined) lines.push(`skipped without a reason: ${title}`);
    else byNeed.set(needs, (byNeed.get(needs) ?? 0) + 1);
  for (const [needs, count] of byNeed)
    lines.push(`${count} skipped: ${count === 1 ? 'it needs' : 'they need'} ${needs}`);
  return [...lines, `${sum(({ passed }) => passed)} passed, ${sum(({ failed }) => failed)} failed`].join('\n');
}
