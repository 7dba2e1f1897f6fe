/** Sizes as they are asked for (`FULL=1`), or as two cores bear them within the time of the whole suite. */
export function sized(of: { readonly asked: number; readonly here: number }): number {
  return process.env['FULL'] === '1' ? of.asked : of.here;
}
