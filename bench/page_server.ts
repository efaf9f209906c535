import { createServer, type ViteDevServer } from 'vite';
import { wgsl } from '../tools/wgsl.ts';

/** Serves one of the benchmark's pages by its path from the repository root. */
export async function servePage(path: string): Promise<{ url: string; server: ViteDevServer }> {
  const server = await createServer({
    configFile: false,
    root: '.',
    logLevel: 'error',
    plugins: [wgsl()],
    server: { port: 0, host: '127.0.0.1', hmr: false },
    optimizeDeps: { entries: [path] },
  });
  await server.listen();
  return { url: `${server.resolvedUrls!.local[0]}${path}`, server };
}
