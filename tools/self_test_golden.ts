// Writes src/self_test/golden.ts from the JSON files of test/golden: node tools/run.mjs tools/self_test_golden.ts
import { writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { goldenModule } from '../test/golden/self_test.ts';

const text = goldenModule();
writeFileSync('src/self_test/golden.ts', text);
console.log(`src/self_test/golden.ts: ${text.length} bytes, ${gzipSync(text).length} gzipped`);
