import { existsSync } from 'node:fs';
import { open } from 'node:fs/promises';

const READ_BYTE_COUNT = 4 * 1024 * 1024;

/** Reads on where it stopped, in a file that somebody else writes. */
export class FollowedFile {
  private offset = 0;
  private rest = Buffer.alloc(0);

  constructor(private readonly path: string) {}

  /** Whole lines that were added, parsed; a line that a kill tore is left out, since what it holds is written again. */
  async *newLines<Line>(): AsyncGenerator<Line> {
    if (!existsSync(this.path)) return;
    const file = await open(this.path);
    try {
      for (;;) {
        const { bytesRead, buffer } = await file.read(
          Buffer.alloc(READ_BYTE_COUNT),
          0,
          READ_BYTE_COUNT,
          this.offset,
        );
        if (bytesRead === 0) return;
        this.offset += bytesRead;
        const bytes = Buffer.concat([this.rest, buffer.subarray(0, bytesRead)]);
        const end = bytes.lastIndexOf(0x0a) + 1;
        this.rest = Buffer.from(bytes.subarray(end));
        for (const line of bytes.subarray(0, end).toString().split('\n').slice(0, -1)) {
          const parsed = parsedOrTorn<Line>(line);
          if (parsed !== null) yield parsed;
        }
      }
    } finally {
      await file.close();
    }
  }
}

/** What follows a torn piece repeats a record that had been written before the kill, and is left out with it. */
function parsedOrTorn<Line>(line: string): Line | null {
  try {
    return JSON.parse(line) as Line;
  } catch {
    return null;
  }
}
