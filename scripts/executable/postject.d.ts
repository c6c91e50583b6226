declare module 'postject' {
  /** Puts `data` into the program at `path` as a section of that name, and sets the fuse that says so. */
  export function inject(
    path: string,
    name: string,
    data: Buffer,
    options: { readonly sentinelFuse: string; readonly machoSegmentName?: string },
  ): Promise<void>;
}
