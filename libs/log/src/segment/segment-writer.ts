import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';

/** The three things that can go wrong with a file while it is written. */
export interface SegmentWriter {
  /** Writes all of the bytes at `at`, or rejects. */
  write(bytes: Buffer, at: number): Promise<void>;
  /** Makes what was written durable. */
  sync(): Promise<void>;
  truncate(byteLength: number): Promise<void>;
  close(): Promise<void>;
}

export type OpenSegmentWriter = (path: string) => Promise<SegmentWriter>;

export const openFileWriter: OpenSegmentWriter = async (path) =>
  new FileWriter(await open(path, constants.O_RDWR | constants.O_CREAT, 0o640));

class FileWriter implements SegmentWriter {
  readonly #file: FileHandle;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  async write(bytes: Buffer, at: number): Promise<void> {
    let written = 0;
    while (written < bytes.length) {
      const { bytesWritten } = await this.#file.write(bytes, written, bytes.length - written, at + written);
      written += bytesWritten;
    }
  }

  sync(): Promise<void> {
    return this.#file.datasync();
  }

  truncate(byteLength: number): Promise<void> {
    return this.#file.truncate(byteLength);
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}
