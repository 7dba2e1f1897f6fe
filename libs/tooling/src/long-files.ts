/**
 * Files that may be longer than the limit: how long, and why cutting them would make them harder to read.
 * The numbers only go down.
 */
export const LONG_FILES: Readonly<
  Record<string, { readonly lineCountMax: number; readonly reason: string }>
> = {};
