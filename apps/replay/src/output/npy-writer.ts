import { closeSync, openSync, writeSync } from 'node:fs';

const HEADER_BYTES = 128;

/**
 * Writes a matrix as NumPy's `.npy` version 1.0, float32, C order, row by row; the number of rows is known only at the
 * end, so the header, of a fixed length, is written last.
 * @see https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
export class NpyWriter {
  private readonly file: number;
  private readonly block: Float32Array;
  private filled = 0;
  private rowCount = 0;
  private position = HEADER_BYTES;

  constructor(
    path: string,
    private readonly columnCount: number,
  ) {
    this.file = openSync(path, 'w');
    this.block = new Float32Array(columnCount * 2_048);
  }

  /** @param row [columnCount]; NaN is kept */
  add(row: ArrayLike<number>): void {
    for (let i = 0; i < this.columnCount; i++) this.block[this.filled + i] = row[i] ?? Number.NaN;
    this.filled += this.columnCount;
    this.rowCount++;
    if (this.filled === this.block.length) this.flush();
  }

  /** @returns rows written */
  close(): number {
    this.flush();
    const shape = `{'descr': '<f4', 'fortran_order': False, 'shape': (${this.rowCount}, ${this.columnCount}), }`;
    const header = Buffer.alloc(HEADER_BYTES, ' ');
    header.write('\x93NUMPY\x01\x00', 0, 'latin1');
    header.writeUInt16LE(HEADER_BYTES - 10, 8);
    header.write(shape, 10, 'latin1');
    header.write('\n', HEADER_BYTES - 1, 'latin1');
    writeSync(this.file, header, 0, HEADER_BYTES, 0);
    closeSync(this.file);
    return this.rowCount;
  }

  private flush(): void {
    const bytes = new Uint8Array(this.block.buffer, 0, this.filled * 4);
    writeSync(this.file, bytes, 0, bytes.length, this.position);
    this.position += bytes.length;
    this.filled = 0;
  }
}
