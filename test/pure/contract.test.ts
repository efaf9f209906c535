import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ResourceType, type StructInfo, WgslReflect, WgslScanner } from 'wgsl_reflect/wgsl_reflect.module.js';
import { placeOfLine } from '../../src/gpu/shader.ts';
import * as kernels from '../../src/kernels/index.ts';
import { reflectShader, shaderFiles } from '../../tools/wgsl.ts';
import { freeIdentifiers } from './free_identifiers.ts';

/** WebGPU's default limits, which every device supports. */
const MAX_STORAGE_BUFFERS = 8;
const MAX_INVOCATIONS = 256;
const MAX_WORKGROUP_SIZE = [256, 256, 64] as const;

const namesIn = (folder: string, ending: string) =>
  readdirSync(folder)
    .filter((file) => file.endsWith(ending) && !file.endsWith(`.d${ending}`))
    .map((file) => file.slice(0, -ending.length));

const files = shaderFiles();
const shaders = [...files.keys()];
const readShader = (name: string) => readFileSync(files.get(name)!, 'utf8');
const reflect = (name: string) => reflectShader(files.get(name)!);
const headerOf = (name: string) => /^(\/\/.*\n)+/.exec(readShader(name))?.[0] ?? '';

/** `@workgroup_size(WG)` as numbers: a literal, an override's default, or a constant. */
function workgroupSize(name: string): number[] {
  const shader = reflect(name);
  const [, list] = /@workgroup_size\(([^)]+)\)/.exec(shader.code)!;
  return list!.split(',').map((word) => {
    const constant = new RegExp(`const ${word.trim()}:u32=(\\d+)`).exec(shader.code)?.[1];
    return Number(constant ?? shader.overrides[word.trim()] ?? word);
  });
}

/** The tokens of a WGSL text, with their line numbers from 1. */
const wordsOf = (code: string) =>
  new WgslScanner(code).scanTokens().flatMap(({ lexeme, line }) => (lexeme ? [{ word: lexeme, line }] : []));

const declaredIn = (code: string) => [...code.matchAll(/^(?:fn|struct) (\w+)/gm)].map(([, word]) => word!);

describe('shaders', () => {
  test('every shader has a kernel of the same name in src/kernels/index.ts, with the types of its uniform', () => {
    expect(shaders.length).toBeGreaterThan(10);
    expect(
      Object.values(kernels)
        .map(({ name }) => name)
        .sort(),
    ).toEqual(shaders.filter((name) => !['quad_lanes', 'rounds'].includes(name)).sort()); // src/gpu itself runs these
    for (const [camelCase, { name }] of Object.entries(kernels)) {
      expect(camelCase).toBe(name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()));
      const type = camelCase[0]!.toUpperCase() + camelCase.slice(1);
      expect(readFileSync('src/kernels/index.ts', 'utf8')).toMatch(
        new RegExp(`const ${camelCase} = defineKernel<reads\\.${type}>\\(\\s*${camelCase}Shader,`),
      );
    }
  });

  test('every shared file is used by a shader and starts with its purpose', () => {
    for (const name of namesIn('shaders/shared', '.wgsl')) {
      expect(
        shaders.filter((shader) => headerOf(shader).includes(`shared/${name}.wgsl`)),
        name,
      ).not.toEqual([]);
      expect(readFileSync(`shaders/shared/${name}.wgsl`, 'utf8'), name).toMatch(/^\/\/ [A-Z]/);
    }
  });

  test.each(shaders)('%s has one entry point, named like its file', (name) => {
    const { compute } = new WgslReflect(reflect(name).code).entry;
    expect(compute.map((entry) => entry.name)).toEqual([name]);
  });

  test.each(shaders)('%s ships the tokens of its files, on unchanged lines', (name) => {
    const shader = reflect(name);
    const shipped = wordsOf(shader.code).map(({ word, line }) => `${placeOfLine(shader, line)} ${word}`);
    const written = shader.files.flatMap(({ path }) =>
      wordsOf(readFileSync(path, 'utf8')).map(({ word, line }) => `${path}:${line} ${word}`),
    );
    expect(written.length).toBeGreaterThan(100);
    expect(shipped).toEqual(written);
    expect(shader.code).not.toMatch(/\/\/|^ /m);
  });

  test.each(shaders)('%s is parsed as wgsl_reflect parses it', (name) => {
    const { code, bindings, overrides } = reflect(name);
    const reflected = new WgslReflect(code);
    const variables = reflected.getBindGroups().flat();
    expect(bindings).toEqual(
      variables.map(({ name, group, binding, resourceType, access, type }) => {
        if (resourceType !== ResourceType.Uniform)
          return { name, group, binding, type: access === 'read_write' ? 'storage' : 'read-only-storage' };
        const { members, size } = type as StructInfo;
        expect(members.map(({ offset }) => offset)).toEqual(members.map((_, k) => 4 * k));
        for (const member of members) expect(['u32', 'i32', 'f32']).toContain(member.type.name);
        const fields = Object.fromEntries(members.map((member) => [member.name, member.type.name]));
        return { name, group, binding, type: 'uniform', sizeBytes: size, fields };
      }),
    );
    expect(Object.keys(overrides)).toEqual(reflected.overrides.map((override) => override.name));
    for (const value of Object.values(overrides)) expect(value).not.toBeNaN();
  });

  test.each(shaders)('%s numbers its bindings from 0 in every group, inputs before outputs', (name) => {
    const { bindings } = reflect(name);
    for (const group of new Set(bindings.map((binding) => binding.group))) {
      const own = bindings.filter((binding) => binding.group === group);
      expect(own.map((binding) => binding.binding)).toEqual(own.map((_, k) => k));
      const kinds = own.map(({ type }) => ['uniform', 'read-only-storage', 'storage'].indexOf(type));
      expect(kinds, `${name}: uniform, read, read_write`).toEqual([...kinds].sort());
    }
    expect(Math.max(...bindings.map((binding) => binding.group))).toBeLessThanOrEqual(1);
  });

  test.each(shaders)('%s stays within the limits of every device', (name) => {
    const { bindings } = reflect(name);
    const numStorage = bindings.filter((binding) => binding.type !== 'uniform').length;
    expect(numStorage).toBeLessThanOrEqual(MAX_STORAGE_BUFFERS);
    const size = workgroupSize(name);
    expect(
      size.every((count) => Number.isInteger(count) && count > 0),
      `${name}: ${size}`,
    ).toBe(true);
    expect(size.reduce((product, count) => product * count)).toBeLessThanOrEqual(MAX_INVOCATIONS);
    for (const [axis, count] of size.entries()) expect(count).toBeLessThanOrEqual(MAX_WORKGROUP_SIZE[axis]!);
  });

  test.each(shaders)('%s has a header with its purpose, equation, shapes and grid', (name) => {
    const header = headerOf(name);
    expect(header).toMatch(new RegExp(`^// ${name}: \\S`));
    expect(header, 'an equation').toMatch(/^\/\/ {3}\S.* \+?= /m);
    expect(header).toMatch(/^\/\/ Shapes: /m);
    expect(header).toMatch(/^\/\/ Grid: /m);
    // the gathers only move values and have no formula
    if (!name.endsWith('_gather')) expect(header).toMatch(/^\/\/ Source: /m);
  });

  test.each(shaders)('%s names the shared files whose functions it calls, and no others', (name) => {
    const readShared = (file: string) => readFileSync(`shaders/shared/${file}.wgsl`, 'utf8');
    const files = namesIn('shaders/shared', '.wgsl');
    const named = files.filter((file) => headerOf(name).includes(`shared/${file}.wgsl`));
    for (const file of files) {
      const own = declaredIn(readShader(name)); // one kernel may declare what a shared file declares for another
      const others = named.filter((f) => f !== file).flatMap((f) => declaredIn(readShared(f))); // quads has a variant
      const declared = declaredIn(readShared(file)).filter((word) => !own.includes(word) && !others.includes(word));
      const callers = [
        readShader(name).replace(headerOf(name), ''),
        ...named.filter((f) => f !== file).map(readShared),
      ].map((code) => code.replace(/\/\/.*/g, ''));
      const isUsed = declared.some((word) => callers.some((code) => new RegExp(`\\b${word}\\b`).test(code)));
      expect(named.includes(file), `${name} uses ${file}`).toBe(isUsed);
    }
  });

  test.each(namesIn('shaders/shared', '.wgsl'))(
    'the header of shared/%s lists what it needs from shaders that use it',
    (name) => {
      const code = readFileSync(`shaders/shared/${name}.wgsl`, 'utf8');
      const named = [...code.matchAll(/^\/\/ Needs: (.+)$/gm)].flatMap(([, list]) => list!.split(', '));
      expect(named.sort()).toEqual(freeIdentifiers(code));
    },
  );

  test('a piece of code needs what it uses but does not declare, checked per function', () => {
    const given = 'struct S { a: u32 }\nvar<private> p: S;\noverride W: u32 = B;\n';
    expect(freeIdentifiers(`${given}fn f(x: T) -> u32 { let a = x.c; return p.a + a + max(dims.N, W); }`)).toEqual(
      ['B', 'T', 'dims.N'].sort(),
    );
    expect(freeIdentifiers('fn f(x: u32) { g(x); }\nfn h() { f(x); }')).toEqual(['g', 'x']);
  });

  test('every file named in a header exists', () => {
    for (const name of shaders)
      for (const [file] of headerOf(name).matchAll(/shared\/\w+\.wgsl/g))
        expect(existsSync(`shaders/${file}`)).toBe(true);
  });
});
