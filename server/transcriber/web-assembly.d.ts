/** What we use of the WebAssembly API: the Node types leave it to the browser's, which we do not load. */
declare namespace WebAssembly {
  type Imports = Record<string, Record<string, unknown>>;
  class Module {
    constructor(bytes: Uint8Array<ArrayBuffer>);
  }
  class Instance {
    constructor(module: Module, imports: Imports);
    readonly exports: Record<string, unknown>;
  }
  class Memory {
    /** @param limits pages of 64 KiB */
    constructor(limits: { initial: number });
    readonly buffer: ArrayBuffer;
    /** @param pages of 64 KiB more; views of `buffer` are detached */
    grow(pages: number): number;
  }
  function compile(bytes: Uint8Array<ArrayBuffer>): Promise<Module>;
  function instantiate(module: Module, imports: Imports): Promise<Instance>;
}
