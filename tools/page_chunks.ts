import ts from 'typescript';
import type { BuildOptions, Plugin } from 'vite';
import { ENGLISH } from '../demo/texts/errors_en.ts';

const WORKER = '?worker&url';

/** A worker is built together with the page, not on its own as by Vite, so that they share a chunk. */
function workers(): Plugin {
  return {
    name: 'workers',
    enforce: 'pre',
    apply: 'build',
    load(id) {
      if (!id.endsWith(WORKER)) return null;
      const reference = this.emitFile({ type: 'chunk', id: id.slice(0, -WORKER.length) });
      return `export default import.meta.ROLLUP_FILE_URL_${reference};`;
    },
  };
}

const FIRST = 'language';

/** Files have texts in both languages: what these two import is bundled for each of them alone, and a visitor loads one. */
const LANGUAGE = /\/demo\/texts\/(english|portuguese)\.ts$/;

function languages(): Plugin {
  return {
    name: 'languages',
    enforce: 'pre',
    apply: 'build',
    async resolveId(source, importer, options) {
      const language = LANGUAGE.exec(importer ?? '')?.[1];
      if (!language) return null;
      const resolved = await this.resolve(source, importer, { ...options, skipSelf: true });
      return resolved && `${resolved.id}?${language}`;
    },
    /** Not Vite's: what the page needs is in index.html. */
    load: (id) => (id === '\0vite/preload-helper.js' ? 'export const __vitePreload = (load) => load();' : null),
    /** Its script runs before the page's is there: texts are loaded at the same time. */
    transformIndexHtml: {
      order: 'post',
      handler(html, { bundle }) {
        const first = Object.values(bundle ?? {}).find(({ name }) => name === FIRST)!;
        const attrs = { type: 'module', async: true, crossorigin: true, src: `./${first.fileName}` };
        const [style] = /<link rel="stylesheet"[^>]*>/.exec(html)!;
        const ordered = html
          .replace(style, '')
          .replace('<script', `${style}\n<script`) // the first paint waits for it alone
          .replaceAll('rel="modulepreload"', 'rel="modulepreload" fetchpriority="low"')
          .replace(/\n\s+/g, '\n');
        return { html: ordered, tags: [{ tag: 'script', attrs, injectTo: 'head' }] };
      },
    },
  };
}

/** All that hangs on uPlot's function, except the paths of lines: no chart uses it, and no bundler sees that. */
const STATICS = /^\s*(?:\(paths|uPlot)\.(?!paths\b|linear\b)\w+\s*= \w+\)?;/gm;

function lines(): Plugin {
  return {
    name: 'lines',
    apply: 'build',
    transform: (code, id) => (id.endsWith('/uPlot.esm.js') ? { code: code.replaceAll(STATICS, ''), map: null } : null),
  };
}

/** Errors whose codes are not among their arguments, but those of their classes, for which the page has words. */
const WORDED = ['CommandError', 'DeviceError', 'DeviceLostError', 'ShaderError', 'TrainingError'];

/** Errors of the library without messages where the page has words of its own for their codes. */
function messages(): Plugin {
  return {
    name: 'messages',
    enforce: 'pre',
    apply: 'build',
    transform(code, id) {
      if (!/\/src\/.+\.ts$/.test(id) || !code.includes('Error(')) return null;
      const file = ts.createSourceFile(id, code, ts.ScriptTarget.ESNext);
      const found: ts.Node[] = [];
      const visit = (node: ts.Node): void => {
        if (ts.isNewExpression(node) && isWorded(node, file)) found.push(node.arguments![0]!);
        else ts.forEachChild(node, visit);
      };
      visit(file);
      const shorter = found.reduceRight((all, { pos, end }) => `${all.slice(0, pos)}''${all.slice(end)}`, code);
      return { code: shorter, map: null };
    },
  };
}

function isWorded({ expression, arguments: given }: ts.NewExpression, file: ts.SourceFile): boolean {
  const code = /\bcode: '([^']+)'/.exec(given?.[1]?.getText(file) ?? '')?.[1];
  return code ? code in ENGLISH : WORDED.includes(expression.getText(file));
}

/** Plugins of the page's build. */
export const pagePlugins = (): Plugin[] => [workers(), languages(), lines(), messages()];

/** Chunks of the page's build: what several entries import is one, because many small ones are larger when compressed. */
export const pageBuild: BuildOptions = {
  modulePreload: {
    polyfill: false,
    resolveDependencies: (_, files, { hostType }) => (hostType === 'html' ? files : []),
  },
  rolldownOptions: {
    output: {
      comments: false,
      codeSplitting: {
        groups: [
          { name: FIRST, test: /\/demo\/language\.ts$/ },
          { name: 'shared', minShareCount: 2 },
        ],
      },
    },
  },
};
