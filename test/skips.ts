import { type SuiteAPI, describe as suite, type TestAPI, test } from 'vitest';

declare module 'vitest' {
  interface TaskMeta {
    /** What a skipped test needs, and how to get it: the last lines of `npm test` count skips by it. */
    needs?: string;
  }
}

type Body = (...args: never[]) => void | Promise<void>;

/** What `describe` and `test` have in common. */
interface Declare {
  (name: string, options: object, body: Body): void;
  each(cases: readonly unknown[]): (name: string, options: object, body: Body) => void;
}

/** As `api`, with all of it skipped for a reason that is reported. */
function skipping<Api extends SuiteAPI | TestAPI>(api: Api, needs: string): Api {
  const declare = api as unknown as Declare;
  const options = { skip: true, meta: { needs } };
  const skipped = (name: string, body: Body) => declare(name, options, body);
  const each = (cases: readonly unknown[]) => (name: string, body: Body) => declare.each(cases)(name, options, body);
  return Object.assign(skipped, { each }) as unknown as Api;
}

/** `describe` for tests that need something. @param missing what is not there, and how to get it; undefined: nothing is. */
export const describeWith = (missing: string | undefined): SuiteAPI =>
  missing === undefined ? suite : skipping(suite, missing);

/** `test`, the same. */
export const testWith = (missing: string | undefined): TestAPI =>
  missing === undefined ? test : skipping(test, missing);
