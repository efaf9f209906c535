declare module '*.wgsl' {
  import type { Shader } from '../src/gpu/shader.ts';

  const shader: Shader;
  export default shader;
}
