import { readdirSync, readFileSync } from 'node:fs';
import { reflectShader, shaderFiles } from './wgsl.ts';

/** The same as Biome's. */
const LINE_WIDTH = 120;

const HEADER = `// Written by \`npm run dims\` from shaders/, whose headers define the names.

/** Numbers, by their type in the shader. */
type u32 = number;
type f32 = number;
`;

/**
 * The text of src/kernels/dims.ts: for every shader the fields of its uniform and the names of its override constants. A
 * struct of shaders/shared has its own type, since shaders share it.
 */
export function dimsText(): string {
  const shared = sharedStructs();
  const structs = new Map<string, string>();
  const entries: string[] = [];
  for (const file of shaderFiles().values()) {
    const { name, code, bindings, overrides } = reflectShader(file);
    for (const { name: variable, group, fields } of bindings) {
      if (!fields) continue;
      const struct = new RegExp(`var<uniform>${variable}:(\\w+)`).exec(code)![1]!;
      const path = shared.get(struct);
      if (path)
        structs.set(
          struct,
          `\n/** ${path} */\nexport type ${struct}Dims = ${objectType(fields, struct.length + 19)};\n`,
        );
      if (group > 0) continue; // a dispatch takes the dims of group 0
      const dims = path ? `${struct}Dims` : objectType(fields, 9, '  ');
      const constants = Object.keys(overrides).map((constant) => `'${constant}'`);
      entries.push(
        `\nexport type ${pascalCase(name)} = {\n  dims: ${dims};\n  overrides: ${constants.join(' | ') || 'never'};\n};\n`,
      );
    }
  }
  return [HEADER, ...[...structs].sort().map(([, text]) => text), ...entries].join('');
}

/** The files of structs that are declared in shaders/shared. */
function sharedStructs(): Map<string, string> {
  const files = readdirSync('shaders/shared').map((name) => `shaders/shared/${name}`);
  return new Map(
    files.flatMap((file) =>
      Array.from(readFileSync(file, 'utf8').matchAll(/^struct (\w+)/gm), ([, name]) => [name!, file] as const),
    ),
  );
}

/** Formatted as by Biome. @param before characters before it on the line. */
function objectType(fields: Readonly<Record<string, string>>, before: number, indent = ''): string {
  const members = Object.entries(fields).map(([field, type]) => `${field}: ${type}`);
  const line = `{ ${members.join('; ')} }`;
  if (before + line.length < LINE_WIDTH) return line;
  return `{\n${members.map((member) => `${indent}  ${member};\n`).join('')}${indent}}`;
}

const pascalCase = (name: string) =>
  name
    .split('_')
    .map((word) => word[0]!.toUpperCase() + word.slice(1))
    .join('');
