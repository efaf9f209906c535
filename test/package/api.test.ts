import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { CompilerState, Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';

/** Reports in etc/, and the types they are generated from. */
const REPORTS = [
  { report: 'lstm-webgpu', types: 'dist/index.d.ts' },
  { report: 'lstm-webgpu.data', types: 'dist/data.d.ts' },
  { report: 'lstm-webgpu.worker', types: 'dist/worker/index.d.ts' },
  { report: 'lstm-webgpu.client', types: 'dist/worker/client.d.ts' },
  { report: 'lstm-webgpu.node', types: 'dist/node/index.d.ts' },
];

const folder = mkdtempSync(join(tmpdir(), 'lstm-webgpu-api-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function configure({ report, types }: (typeof REPORTS)[number]): ExtractorConfig {
  const unpacked = inject('unpacked');
  return ExtractorConfig.prepare({
    configObject: {
      projectFolder: unpacked,
      mainEntryPointFilePath: join(unpacked, types),
      compiler: {
        overrideTsconfig: {
          compilerOptions: {
            module: 'ESNext',
            moduleResolution: 'bundler',
            target: 'ES2022',
            lib: ['ES2023', 'DOM'],
            types: [],
          },
          files: [join(unpacked, types), resolve('node_modules/@webgpu/types/dist/index.d.ts')],
        },
      },
      apiReport: { enabled: true, reportFileName: `${report}.api.md`, reportFolder: folder, reportTempFolder: folder },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        extractorMessageReporting: {
          default: { logLevel: ExtractorLogLevel.Warning, addToApiReportFile: true },
          'ae-missing-release-tag': { logLevel: ExtractorLogLevel.None },
          'ae-forgotten-export': { logLevel: ExtractorLogLevel.None }, // reached through the types of options
          'ae-undocumented': { logLevel: ExtractorLogLevel.None }, // checked by typedoc, as all of TSDoc
        },
        tsdocMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
      },
    },
    configObjectFullPath: undefined,
    packageJsonFullPath: join(unpacked, 'package.json'),
  });
}

/** The public API of every entry as written by API Extractor; its warnings are part of the text. */
function writeReports(): void {
  const additionalEntryPoints = REPORTS.map(({ types }) => join(inject('unpacked'), types));
  const compilerState = CompilerState.create(configure(REPORTS[0]!), { additionalEntryPoints });
  for (const report of REPORTS)
    Extractor.invoke(configure(report), {
      compilerState,
      localBuild: true,
      messageCallback: (message) => {
        message.handled = message.logLevel !== ExtractorLogLevel.Error;
      },
    });
}

beforeAll(writeReports);

describe('the public API', () => {
  test.each(REPORTS)('of $types matches its report', async ({ report }) => {
    const text = readFileSync(join(folder, `${report}.api.md`), 'utf8').replaceAll('\r\n', '\n');
    expect(text.match(/^\/\/ (Warning: .*|dist.*)/gm) ?? []).toEqual([]);
    await expect(
      text,
      'The public API has changed: run npm run api, and look at the difference in etc/',
    ).toMatchFileSnapshot(`../../etc/${report}.api.md`);
  });
});
