/** What we use of the WebAssembly API: the Node types leave it to the browser's, which we do not load. */
declare namespace WebAssembly {
  type Imports = Record<string, Record<string, unknown>>;
  // biome-ignore lint/suspicious/noEmptyInterface: opaque, merged with the Node types
  interface Module {}
  interface Instance {
    readonly exports: Record<string, unknown>;
  }
  function compile(bytes: Uint8Array<ArrayBuffer>): Promise<Module>;
  function instantiate(module: Module, imports: Imports): Promise<Instance>;
}
