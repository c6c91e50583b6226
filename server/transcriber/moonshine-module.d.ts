/** The Emscripten module of the vendor's package, which has no types of its own. */
declare module '@moonshine-ai/moonshine-wasm/moonshine.mjs' {
  import type { LoadModuleOptions } from '@moonshine-ai/moonshine-wasm';

  const createModule: NonNullable<LoadModuleOptions['factory']>;
  export default createModule;
}
