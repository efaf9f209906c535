import { type SuiteAPI, describe as suite, type TestAPI, test } from 'vitest';

declare module 'vitest' {
  interface TaskMeta {
    /** What a skipped test needs, and how to get it: the summary of `npm test` counts skips by it. */
    needs?: string;
  }
}

type Body = (...args: never[]) => void | Promise<void>;

/** The common part of `describe` and `test`. */
interface Declare {
  (name: string, options: object, body: Body): void;
  each(cases: readonly unknown[]): (name: string, options: object, body: Body) => void;
}

/** Like `api`, but skipped for a reported reason. */
function skipping<Api extends SuiteAPI | TestAPI>(api: Api, needs: string): Api {
  const declare = api as unknown as Declare;
  const options = { skip: true, meta: { needs } };
  const skipped = (name: string, body: Body) => declare(name, options, body);
  const each = (cases: readonly unknown[]) => (name: string, body: Body) => declare.each(cases)(name, options, body);
  return Object.assign(skipped, { each }) as unknown as Api;
}

/** `describe` for tests that need something. @param missing what is missing and how to get it; undefined: nothing. */
export const describeWith = (missing: string | undefined): SuiteAPI =>
  missing === undefined ? suite : skipping(suite, missing);

/** The same for `test`. */
export const testWith = (missing: string | undefined): TestAPI =>
  missing === undefined ? test : skipping(test, missing);
