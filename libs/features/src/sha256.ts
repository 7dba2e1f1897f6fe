/** First 32 bits of the fractional parts of the cube roots of the first 64 primes (FIPS 180-4, 4.2.2). */
const ROUND_CONSTANTS = fractionsOfRoots(64, Math.cbrt);
/** The same of the square roots of the first 8 primes (FIPS 180-4, 5.3.3). */
const INITIAL_STATE = fractionsOfRoots(8, Math.sqrt);

function fractionsOfRoots(count: number, root: (prime: number) => number): Uint32Array {
  const fractions = new Uint32Array(count);
  for (let n = 2, found = 0; found < count; n++) {
    let isPrime = true;
    for (let divisor = 2; divisor * divisor <= n; divisor++) if (n % divisor === 0) isPrime = false;
    if (isPrime) fractions[found++] = Math.floor((root(n) % 1) * 2 ** 32);
  }
  return fractions;
}

const rotateRight = (word: number, by: number): number => (word >>> by) | (word << (32 - by));

/** Whole blocks of 64 bytes: the message, a 1 bit, zeros, and the message's length in bits. */
function padded(message: Uint8Array): DataView {
  const blocks = new DataView(new ArrayBuffer(Math.ceil((message.length + 9) / 64) * 64));
  new Uint8Array(blocks.buffer).set(message);
  blocks.setUint8(message.length, 0x80);
  blocks.setUint32(blocks.byteLength - 8, Math.floor(message.length / 2 ** 29));
  blocks.setUint32(blocks.byteLength - 4, (message.length * 8) >>> 0);
  return blocks;
}

/** One block of 64 bytes at `offset` into the state, in place. */
function compress(state: Uint32Array, blocks: DataView, offset: number, schedule: Uint32Array): void {
  for (let i = 0; i < 16; i++) schedule[i] = blocks.getUint32(offset + i * 4);
  for (let i = 16; i < 64; i++) {
    const near = schedule[i - 15]!;
    const far = schedule[i - 2]!;
    const sigma0 = rotateRight(near, 7) ^ rotateRight(near, 18) ^ (near >>> 3);
    const sigma1 = rotateRight(far, 17) ^ rotateRight(far, 19) ^ (far >>> 10);
    schedule[i] = schedule[i - 16]! + sigma0 + schedule[i - 7]! + sigma1;
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
    const sum1 = rotateRight(e, 6) ^ rotateRight(e, 11) ^ rotateRight(e, 25);
    const choice = (e & f) ^ (~e & g);
    const first = (h + sum1 + choice + ROUND_CONSTANTS[i]! + schedule[i]!) | 0;
    const sum0 = rotateRight(a, 2) ^ rotateRight(a, 13) ^ rotateRight(a, 22);
    const majority = (a & b) ^ (a & c) ^ (b & c);
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + first) | 0, c, b, a, (first + sum0 + majority) | 0];
  }
  const mixed = [a, b, c, d, e, f, g, h];
  for (let i = 0; i < 8; i++) state[i] = state[i]! + mixed[i]!;
}

/**
 * SHA-256 (FIPS 180-4) of a text's UTF-8 bytes, in lower-case hex. Written out because this lib runs in a browser too,
 * where the platform's own is asynchronous; it names the feature set once at start and is on no hot path.
 */
export function sha256Hex(text: string): string {
  const blocks = padded(new TextEncoder().encode(text));
  const state = INITIAL_STATE.slice();
  const schedule = new Uint32Array(64);
  for (let offset = 0; offset < blocks.byteLength; offset += 64) compress(state, blocks, offset, schedule);
  return Array.from(state, (word) => word.toString(16).padStart(8, '0')).join('');
}
