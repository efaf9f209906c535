import { readFileSync } from 'node:fs';
import { basename, dirname, relative, resolve } from 'node:path';
import type { Plugin } from 'vite';
import { ResourceType, type StructInfo, type VariableInfo, WgslReflect } from 'wgsl_reflect/wgsl_reflect.module.js';
import type { Shader, ShaderBinding, UniformField } from '../src/gpu/shader.ts';

/** Lines of the header that name shared files: `// Uses: shared/activations.wgsl, shared/step.wgsl`. */
const USES = /^\/\/ Uses: (.+)$/gm;

/** Makes `import shader from './x.wgsl'` give a {@link Shader}: the text and what wgsl_reflect reads from it. */
export function wgsl(): Plugin {
  return {
    name: 'wgsl',
    enforce: 'pre',
    load(id) {
      const path = id.split('?')[0]!;
      if (!path.endsWith('.wgsl') || id.includes('?raw')) return null;
      const { shader, files } = reflectShader(path);
      for (const file of files) this.addWatchFile(file);
      return { code: `export default ${JSON.stringify(shader)};`, map: null };
    },
  };
}

/** Reads a shader file, joins what it uses, and reflects it. @throws Error naming file and rule when it breaks a rule. */
export function reflectShader(path: string): { shader: Shader; files: string[] } {
  const name = basename(path, '.wgsl');
  const own = readFileSync(path, 'utf8');
  const uses = [...own.matchAll(USES)].flatMap((match) => match[1]!.split(',').map((file) => file.trim()));
  const files = [...uses.map((file) => resolve(dirname(path), file)), path];
  const sources: { firstLine: number; path: string }[] = [];
  let code = '';
  for (const file of files) {
    sources.push({ firstLine: code.split('\n').length, path: relative(process.cwd(), file) });
    code += `${readFileSync(file, 'utf8').trimEnd()}\n`;
  }
  const reflected = new WgslReflect(code);
  const entry = reflected.entry.compute[0];
  if (entry?.name !== name || reflected.entry.compute.length !== 1)
    throw new Error(`${path}: got entry point ${entry?.name ?? 'none'}, expected exactly one, named ${name}`);
  const bindings = reflected
    .getBindGroups()
    .flat()
    .filter((variable) => variable !== undefined)
    .map((variable) => describeBinding(path, variable));
  const overrides: Record<string, number> = {};
  for (const override of reflected.overrides) {
    const initial = new RegExp(`override\\s+${override.name}\\b[^=;]*=\\s*([0-9.]+)`).exec(code);
    if (!initial) throw new Error(`${path}: override ${override.name} needs a literal default`);
    overrides[override.name] = Number(initial[1]);
  }
  return { shader: { name, code, bindings, overrides, sources }, files };
}

function describeBinding(path: string, variable: VariableInfo): ShaderBinding {
  const { name, group, binding } = variable;
  if (variable.resourceType === ResourceType.Uniform) {
    const struct = variable.type as StructInfo;
    const fields: Record<string, UniformField> = {};
    for (const member of struct.members) {
      const type = member.type.name;
      if (type !== 'u32' && type !== 'i32' && type !== 'f32')
        throw new Error(`${path}: uniform ${name}.${member.name} is ${type}, expected u32, i32 or f32`);
      fields[member.name] = { offset: member.offset, type };
    }
    return { name, group, binding, type: 'uniform', sizeBytes: struct.size, fields };
  }
  return { name, group, binding, type: variable.access === 'read_write' ? 'storage' : 'read-only-storage' };
}
