// The package's own `main` is CommonJS under "type": "module" (1.6.0), so the module file is imported by path.
declare module 'wgsl_reflect/wgsl_reflect.module.js' {
  export * from 'wgsl_reflect';
}
