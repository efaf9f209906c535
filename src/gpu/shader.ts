/** A member of a uniform struct: where it lies, and how it is written. */
export interface UniformField {
  readonly offset: number;
  readonly type: 'u32' | 'i32' | 'f32';
}

/** One `@group @binding` line of a shader, as reflected from its WGSL. */
export interface ShaderBinding {
  readonly name: string;
  readonly group: number;
  readonly binding: number;
  readonly type: GPUBufferBindingType;
  /** Uniform bindings only: bytes of the struct and its fields by name. */
  readonly sizeBytes?: number;
  readonly fields?: Readonly<Record<string, UniformField>>;
}

/**
 * What importing a `.wgsl` file gives: its text with the shared files it `uses` joined in front, and everything the host
 * side must agree with it about. Made at build time by `tools/wgsl.ts` with wgsl_reflect, so no reflection ships to users.
 */
export interface Shader {
  /** File name without `.wgsl`; also the entry point. */
  readonly name: string;
  readonly code: string;
  readonly bindings: readonly ShaderBinding[];
  /** Override constants and their defaults. */
  readonly overrides: Readonly<Record<string, number>>;
  /** Which file each part of `code` came from: the first line (1-based) in `code` and the path. */
  readonly sources: readonly { readonly firstLine: number; readonly path: string }[];
}
