import { readdirSync, readFileSync } from 'node:fs';
import { basename, relative, resolve, sep } from 'node:path';
import type { Plugin } from 'vite';
import { readShader, type Shader, type ShaderFile } from '../src/gpu/shader.ts';

/** Lines of the header that name shared files: `// Uses: shared/activations.wgsl, shared/step.wgsl`. */
const USES = /^\/\/ Uses: (.+)$/gm;

/**
 * `import file from './x.wgsl'` is a {@link ShaderFile}. It imports the shared files it uses, so shared text ships once.
 * @param keepsLines whether the messages of a compiler name the lines of the file.
 */
export function wgsl({ keepsLines = true } = {}): Plugin {
  return {
    name: 'wgsl',
    enforce: 'pre',
    load(id) {
      if (!id.endsWith('.wgsl')) return null;
      const { path, code, usedPaths } = readFile(id);
      const imports = usedPaths.map((used, k) => `import u${k} from ${JSON.stringify(used)};\n`).join('');
      const uses = usedPaths.map((_, k) => `u${k}`).join(', ');
      const [where, text] = [JSON.stringify(path), JSON.stringify(keepsLines ? code : withoutSpaces(code))];
      return { code: `${imports}export default { path: ${where}, code: ${text}, uses: [${uses}] };`, map: null };
    },
  };
}

/** Folders with shaders: for every device, for GPUs, for software adapters. */
const FOLDERS = ['shaders', 'shaders/gpu', 'shaders/software'] as const;

/** The files of all shaders, by name. */
export function shaderFiles(): ReadonlyMap<string, string> {
  const files = FOLDERS.flatMap((folder) => readdirSync(folder).map((file) => `${folder}/${file}`));
  const shaders = files
    .filter((file) => file.endsWith('.wgsl'))
    .map((file) => [basename(file, '.wgsl'), file] as const);
  return new Map(shaders.sort());
}

/** A shader as it is published, read from its file and those it uses. */
export function reflectShader(path: string): Shader {
  return readShader(readShaderFile(path));
}

function readShaderFile(file: string): ShaderFile {
  const { path, code, usedPaths } = readFile(file);
  return { path, code, uses: usedPaths.map(readShaderFile) };
}

function readFile(file: string) {
  const text = readFileSync(file, 'utf8');
  const uses = [...text.matchAll(USES)].flatMap((match) => match[1]!.split(',').map((name) => name.trim()));
  return {
    path: relative(process.cwd(), file).replaceAll(sep, '/'),
    code: tighten(text),
    usedPaths: uses.map((name) => resolve('shaders', name)),
  };
}

/** WGSL without comments and spaces. Line breaks are kept, so that a compiler's line numbers are those of the file. */
function tighten(text: string): string {
  const lines = text.trimEnd().split('\n');
  return `${lines.map((line) => withoutSpaces(line.replace(/\/\/.*/, ''))).join('\n')}\n`;
}

/** Without spaces and line breaks, except between two words or two operators. */
const withoutSpaces = (code: string): string =>
  code
    .trim()
    .replace(/(\S)\s+(?=(\S))/g, (_, left: string, right: string) =>
      (isWord(left) && isWord(right)) || (isOperator(left) && isOperator(right)) ? `${left} ` : left,
    );

const isWord = (character: string) => /[\w.]/.test(character);
const isOperator = (character: string) => /[-+*/%=<>&|!^~]/.test(character);
