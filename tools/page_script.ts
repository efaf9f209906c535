import { build } from 'esbuild';
import type { Plugin } from 'vite';

const QUERY = '?script';

/** `import text from './x.ts?script'` is that file, bundled with its imports, as the text of a script for a page. */
export function pageScript(): Plugin {
  return {
    name: 'page-script',
    enforce: 'pre',
    async load(id) {
      if (!id.endsWith(QUERY)) return null;
      const { outputFiles, metafile } = await build({
        entryPoints: [id.slice(0, -QUERY.length)],
        bundle: true,
        format: 'iife',
        target: 'es2022',
        minify: true,
        legalComments: 'none',
        metafile: true,
        write: false,
      });
      for (const path of Object.keys(metafile.inputs)) this.addWatchFile(path);
      return { code: `export default ${JSON.stringify(outputFiles[0]!.text)};`, map: null };
    },
  };
}
