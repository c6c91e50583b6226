import type { Plugin } from 'esbuild';

/** Ink asks for the React developer tools only when DEV is set; nobody has them. ws has optional native parts. */
export const absent: Plugin = {
  name: 'absent',
  setup({ onResolve, onLoad }) {
    const names = /^(react-devtools-core|bufferutil|utf-8-validate)$/;
    onResolve({ filter: names }, ({ path: name }) => ({ path: name, namespace: 'absent' }));
    onLoad({ filter: /.*/, namespace: 'absent' }, ({ path: name }) => ({
      contents: `throw Object.assign(new Error('${name} is not bundled'), { code: 'MODULE_NOT_FOUND' });`,
    }));
  },
};

/** zod brings its messages in fifty languages; speakr's are English. */
export const englishOnly: Plugin = {
  name: 'english-only',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({
      contents: `export { default as en } from './en.js';`,
    }));
  },
};
