declare module '*.wgsl' {
  const file: import('../src/gpu/shader.ts').ShaderFile;
  export default file;
}
