/**
 * The result of importing a `.wgsl` file: its path in the repository, the shared files it uses, and its text without comments
 * and redundant spaces, with all lines in place. Created by `tools/wgsl.ts`.
 */
export interface ShaderFile {
  readonly path: string;
  readonly code: string;
  readonly uses: readonly ShaderFile[];
}

/** Members of a uniform struct by name, in order: four bytes each, consecutive. */
type UniformFields = Readonly<Record<string, 'u32' | 'i32' | 'f32'>>;

/** One `@group @binding` line of a shader. */
export interface ShaderBinding {
  readonly name: string;
  readonly group: number;
  readonly binding: number;
  readonly type: GPUBufferBindingType;
  /** Uniform bindings only: bytes of the struct and its fields by name. */
  readonly sizeBytes?: number;
  readonly fields?: UniformFields;
}

/** A shader with its shared files in front, and all declarations that the host has to match. */
export interface Shader {
  /** File name without `.wgsl`; also the entry point. */
  readonly name: string;
  readonly code: string;
  /** The files that `code` consists of, in order. */
  readonly files: readonly ShaderFile[];
  readonly bindings: readonly ShaderBinding[];
  /** Override constants and their defaults. */
  readonly overrides: Readonly<Record<string, number>>;
}

const BINDING = /@group\((\d+)\)\s*@binding\((\d+)\)\s*var<\s*(\w+)\s*(?:,\s*(\w+)\s*)?>\s*(\w+)\s*:\s*(\w+)/g;
const OVERRIDE = /\boverride\s+(\w+)[^=;]*=\s*([\d.]+)/g;

/**
 * Joins a shader's files, and reads bindings, uniform fields and overrides from their declarations. It supports the part of
 * WGSL that is used here; the contract test checks it against wgsl_reflect.
 */
export function readShader(file: ShaderFile): Shader {
  const files = [...file.uses, file];
  const code = files.map((part) => part.code).join('');
  return {
    name: file.path.replace(/.*\/|\.wgsl$/g, ''),
    code,
    files,
    bindings: Array.from(code.matchAll(BINDING), ([, group, binding, space, access, name, type]) => ({
      name: name!,
      group: Number(group),
      binding: Number(binding),
      ...(space === 'uniform'
        ? { type: space, ...readStruct(code, type!) }
        : { type: access === 'read_write' ? ('storage' as const) : ('read-only-storage' as const) }),
    })),
    overrides: Object.fromEntries(Array.from(code.matchAll(OVERRIDE), ([, name, value]) => [name!, Number(value)])),
  };
}

function readStruct(code: string, name: string) {
  const [, members] = new RegExp(`\\bstruct\\s+${name}\\s*{([^}]*)}`).exec(code)!;
  const fields: UniformFields = Object.fromEntries(
    Array.from(members!.matchAll(/(\w+)\s*:\s*(\w+)/g), ([, field, type]) => [field, type]),
  );
  return { fields, sizeBytes: 4 * Object.keys(fields).length };
}

/** The source of a line of a shader's code, as `path:line`, from 1. */
export function placeOfLine({ files }: Shader, line: number): string {
  let first = 1;
  for (const { path, code } of files) {
    const next = first + code.split('\n').length - 1;
    if (line < next) return `${path}:${line - first + 1}`;
    first = next;
  }
  return `line ${line}`;
}
