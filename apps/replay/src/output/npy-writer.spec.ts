import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NpyWriter } from './npy-writer';

describe('a matrix written as .npy', () => {
  it('has the magic, a header of 128 bytes with the shape, and float32 rows in C order', () => {
    const path = join(mkdtempSync(join(tmpdir(), 'veto-npy-')), 'm.npy');
    const writer = new NpyWriter(path, 2);
    writer.add([1, 2]);
    writer.add([Number.NaN, 0.5]);
    expect(writer.close()).toBe(2);
    const bytes = readFileSync(path);
    expect(bytes.subarray(0, 8)).toEqual(Buffer.from('\x93NUMPY\x01\x00', 'latin1'));
    expect(bytes.readUInt16LE(8)).toBe(118);
    expect(bytes.subarray(10, 128).toString('latin1').trim()).toBe(
      "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }",
    );
    expect(bytes[127]).toBe(0x0a);
    expect([0, 1, 2, 3].map((i) => bytes.readFloatLE(128 + i * 4))).toEqual([1, 2, Number.NaN, 0.5]);
    expect(bytes).toHaveLength(128 + 16);
  });

  it('keeps every row when more come than fit one block', () => {
    const path = join(mkdtempSync(join(tmpdir(), 'veto-npy-')), 'm.npy');
    const writer = new NpyWriter(path, 1);
    // A block holds 2 048 rows; 5 000 need three.
    for (let i = 0; i < 5_000; i++) writer.add([i]);
    expect(writer.close()).toBe(5_000);
    const bytes = readFileSync(path);
    expect(bytes.readFloatLE(128 + 2_048 * 4)).toBe(2_048);
    expect(bytes.readFloatLE(128 + 4_999 * 4)).toBe(4_999);
  });
});
