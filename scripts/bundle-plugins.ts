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

/**
 * Ink has the cursor shown again when the process ends, by writing to standard error, even when that is a file. The screen
 * does so itself when it is closed (cli/ui/screen.ts).
 */
export const cursorIsOurs: Plugin = {
  name: 'cursor-is-ours',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]restore-cursor[\\/]index\.js$/ }, () => ({
      contents: 'export default () => {};',
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
