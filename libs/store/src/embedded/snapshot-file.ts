import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';

/**
 * A snapshot file: 8 bytes of magic, then parts, then the CRC-32 of everything before it. A part is
 * `u32 head length, u32 body length, head (JSON), body`; the last part is empty. The first part's head is the header.
 */
const MAGIC = Buffer.from('VETOSNP1', 'latin1');
const PART_HEAD_BYTES = 8;
const CRC_BYTES = 4;
const CHUNK_BYTES = 1024 * 1024;
/** Part lengths beyond this are damage, and are not allocated. */
const PART_BYTES_MAX = 256 * 1024 * 1024;

/** Gathers parts into chunks, and writes each chunk when it is full. */
export class SnapshotWriter {
  readonly #path: string;
  readonly #file: FileHandle;
  #chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  #used = 0;
  #crc = 0;

  /** Writes beside the path until `finish`. */
  static async create(path: string): Promise<SnapshotWriter> {
    const writer = new SnapshotWriter(path, await open(`${path}.tmp`, 'w', 0o640));
    await writer.#write(MAGIC);
    return writer;
  }

  private constructor(path: string, file: FileHandle) {
    this.#path = path;
    this.#file = file;
  }

  /** @param head JSON @param bodies are joined */
  async part(head: unknown, bodies: readonly Uint8Array[] = []): Promise<void> {
    const headBytes = Buffer.from(JSON.stringify(head));
    const lengths = Buffer.allocUnsafe(PART_HEAD_BYTES);
    lengths.writeUInt32LE(headBytes.length, 0);
    lengths.writeUInt32LE(
      bodies.reduce((sum, body) => sum + body.length, 0),
      4,
    );
    await this.#write(lengths);
    await this.#write(headBytes);
    for (const body of bodies) await this.#write(body);
  }

  async #write(bytes: Uint8Array): Promise<void> {
    let from = 0;
    while (from < bytes.length) {
      if (this.#used === CHUNK_BYTES) await this.#flush();
      const count = Math.min(bytes.length - from, CHUNK_BYTES - this.#used);
      this.#chunk.set(bytes.subarray(from, from + count), this.#used);
      this.#used += count;
      from += count;
    }
  }

  async #flush(): Promise<void> {
    const filled = this.#chunk.subarray(0, this.#used);
    this.#crc = crc32(filled, this.#crc);
    await this.#file.writeFile(filled);
    this.#used = 0;
  }

  /** Makes the file durable under its name. */
  async finish(): Promise<void> {
    await this.#write(Buffer.alloc(PART_HEAD_BYTES));
    await this.#flush();
    const crc = Buffer.allocUnsafe(CRC_BYTES);
    crc.writeUInt32LE(this.#crc);
    await this.#file.writeFile(crc);
    await this.#file.sync();
    await this.#file.close();
    await rename(`${this.#path}.tmp`, this.#path);
    const directory = await open(dirname(this.#path), 'r');
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
  }

  /** Leaves nothing behind. */
  async abandon(): Promise<void> {
    await this.#file.close();
    await rm(`${this.#path}.tmp`, { force: true });
  }
}

export interface SnapshotPart {
  readonly head: unknown;
  /** A view of a buffer that is not written again. */
  readonly body: Uint8Array;
}

/** The file is not a whole snapshot. */
export class SnapshotDamaged extends Error {}

/**
 * Reads the parts in order. Whoever takes them must not believe any before the last has come: only then is the CRC
 * known to be right.
 * @throws SnapshotDamaged
 */
export async function* readSnapshotParts(path: string): AsyncGenerator<SnapshotPart> {
  const file = await open(path, 'r');
  try {
    const reader = new ChunkReader(file);
    if (!(await reader.take(MAGIC.length)).equals(MAGIC))
      throw new SnapshotDamaged(`${path} is no snapshot of this version`);
    for (;;) {
      const lengths = await reader.take(PART_HEAD_BYTES);
      const headLength = lengths.readUInt32LE(0);
      const bodyLength = lengths.readUInt32LE(4);
      if (headLength === 0) break;
      if (headLength > PART_BYTES_MAX || bodyLength > PART_BYTES_MAX)
        throw new SnapshotDamaged(`${path}: a part is too long`);
      const head = parseHead(path, await reader.take(headLength));
      const body = await reader.take(bodyLength);
      yield { head, body: new Uint8Array(body.buffer, body.byteOffset, body.length) };
    }
    const expected = reader.crc;
    if ((await reader.take(CRC_BYTES)).readUInt32LE(0) !== expected)
      throw new SnapshotDamaged(`${path}: the checksum differs`);
  } finally {
    await file.close();
  }
}

function parseHead(path: string, bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    throw new SnapshotDamaged(`${path}: a part's head is no JSON`);
  }
}

/** Takes so many bytes at a time from a file that is read in chunks, and sums up the CRC of what was taken. */
class ChunkReader {
  readonly #file: FileHandle;
  #chunk: Buffer = Buffer.alloc(0);
  #offset = 0;
  #crc = 0;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  /** CRC-32 of everything taken so far. */
  get crc(): number {
    return this.#crc;
  }

  async take(byteLength: number): Promise<Buffer> {
    if (this.#chunk.length - this.#offset < byteLength) await this.#fill(byteLength);
    const taken = this.#chunk.subarray(this.#offset, this.#offset + byteLength);
    this.#offset += byteLength;
    this.#crc = crc32(taken, this.#crc);
    return taken;
  }

  async #fill(byteLength: number): Promise<void> {
    const rest = this.#chunk.subarray(this.#offset);
    const chunk = Buffer.allocUnsafeSlow(Math.max(byteLength, CHUNK_BYTES) + rest.length);
    rest.copy(chunk);
    let filled = rest.length;
    while (filled < byteLength) {
      const { bytesRead } = await this.#file.read(chunk, filled, chunk.length - filled);
      if (bytesRead === 0) throw new SnapshotDamaged('the snapshot ends too early');
      filled += bytesRead;
    }
    this.#chunk = chunk.subarray(0, filled);
    this.#offset = 0;
  }
}
