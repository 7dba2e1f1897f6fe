const ROUND_CONSTANTS = Uint32Array.from(primes(64).map((prime) => fractionBits(Math.cbrt(prime))));
const INITIAL_STATE = Uint32Array.from(primes(8).map((prime) => fractionBits(Math.sqrt(prime))));

function primes(count: number): number[] {
  const found: number[] = [];
  for (let candidate = 2; found.length < count; candidate++) {
    if (found.every((prime) => candidate % prime !== 0)) found.push(candidate);
  }
  return found;
}

/** The first 32 bits after the binary point; a double holds them exactly for the roots of small primes. */
function fractionBits(root: number): number {
  return Math.floor((root - Math.floor(root)) * 0x1_0000_0000);
}

const rotated = (word: number, by: number): number => (word >>> by) | (word << (32 - by));

/** One block of 64 bytes into the state (FIPS 180-4, 6.2.2). */
function absorb(state: Uint32Array, block: DataView, at: number, schedule: Uint32Array): void {
  for (let i = 0; i < 16; i++) schedule[i] = block.getUint32(at + i * 4);
  for (let i = 16; i < 64; i++) {
    const w15 = schedule[i - 15]!;
    const w2 = schedule[i - 2]!;
    const s0 = rotated(w15, 7) ^ rotated(w15, 18) ^ (w15 >>> 3);
    const s1 = rotated(w2, 17) ^ rotated(w2, 19) ^ (w2 >>> 10);
    schedule[i] = schedule[i - 16]! + s0 + schedule[i - 7]! + s1;
  }
  let [a, b, c, d, e, f, g, h] = state as unknown as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  for (let i = 0; i < 64; i++) {
    const s1 = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25);
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + ROUND_CONSTANTS[i]! + schedule[i]!) | 0;
    const s0 = rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22);
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + t1) | 0, c, b, a, (t1 + t2) | 0];
  }
  [a, b, c, d, e, f, g, h].forEach((word, i) => {
    state[i] = state[i]! + word;
  });
}

/**
 * SHA-256 of a text's UTF-8, for the hashes of declarations: they are made in the browser as well, and synchronously.
 * Not for the hot path, where the host's own is thirty times faster.
 * @returns 64 hexadecimal digits
 */
export function sha256Hex(text: string): string {
  const bytes = new TextEncoder().encode(text);
  const padded = new Uint8Array(Math.ceil((bytes.length + 9) / 64) * 64);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 8, Math.floor((bytes.length * 8) / 0x1_0000_0000));
  view.setUint32(padded.length - 4, (bytes.length * 8) % 0x1_0000_0000);
  const state = INITIAL_STATE.slice();
  const schedule = new Uint32Array(64);
  for (let at = 0; at < padded.length; at += 64) absorb(state, view, at, schedule);
  return [...state].map((word) => word.toString(16).padStart(8, '0')).join('');
}
