import type { Issue } from './errors';

/** ISO/IEC 7812-1 allows 19 digits; no network issues fewer than 13. */
const PAN_DIGITS_MIN = 13;
const PAN_DIGITS_MAX = 19;

/** UUIDs, and digests and object ids from 24 digits: one SHA-256 in 250 would otherwise be taken for a card number. */
const HEXADECIMAL_ID =
  /(?<![0-9a-z])(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{24,})(?![0-9a-z])/gi;
/** An id of nothing but decimal digits is looked into all the same. */
const blankUnlessDigits = (id: string): string => (/[a-f]/i.test(id) ? '…' : id);

const DIGIT_RUN = /\d(?:[ -]?\d){12,}/g;
/** Most texts hold no such run, and are done with after one look. */
const ANY_DIGIT_RUN = /\d(?:[ -]?\d){12}/;

/** True when the digits pass the Luhn checksum (ISO/IEC 7812-1). */
export function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let i = digits.length - 1, double = false; i >= 0; i--, double = !double) {
    const digit = digits.charCodeAt(i) - 48;
    const weighted = double ? digit * 2 : digit;
    sum += weighted > 9 ? weighted - 9 : weighted;
  }
  return sum % 10 === 0;
}

/**
 * True when the text holds 13 to 19 digits that pass Luhn, single blanks or hyphens between them allowed; also when more
 * digits stand beside them behind such a separator, as in `4242 4242 4242 4242 12 28`. An unbroken run of more than
 * 19 digits is no card number and is let through, and so are the digits inside a UUID or a hexadecimal digest.
 */
export function holdsPan(text: string): boolean {
  if (!ANY_DIGIT_RUN.test(text)) return false;
  for (const [run] of text.replace(HEXADECIMAL_ID, blankUnlessDigits).matchAll(DIGIT_RUN)) {
    const groups = run.split(/[ -]/);
    for (let first = 0; first < groups.length; first++) {
      let digits = '';
      for (let last = first; last < groups.length && digits.length < PAN_DIGITS_MAX; last++) {
        digits += groups[last];
        if (digits.length >= PAN_DIGITS_MIN && digits.length <= PAN_DIGITS_MAX && passesLuhn(digits))
          return true;
      }
    }
  }
  return false;
}

/**
 * Every place in a body that holds a card number, as issues that name the pointer and never the value.
 * A member whose *name* is a card number is reported at its parent. Depth is bounded by `depthMax`; deeper is not read
 * (the schema refuses such a body anyway).
 */
export function findPans(body: unknown, depthMax = 32): Issue[] {
  const issues: Issue[] = [];
  // The names on the way to the value at hand; most bodies hold no card number, and then nobody asks for a pointer.
  const path: string[] = [];
  const report = (): void => {
    issues.push({
      pointer: path.map((name) => `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`).join(''),
      code: 'pan_not_accepted',
      detail:
        'holds a number that passes the card number check; send a token, the BIN and the last four digits',
    });
  };
  const visit = (value: unknown, depth: number): void => {
    if (typeof value === 'string') {
      if (value.length >= 13 && holdsPan(value)) report();
    } else if (typeof value === 'number') {
      if (value >= 1e12 && Number.isInteger(value) && holdsPan(BigInt(value).toString())) report();
    } else if (value !== null && typeof value === 'object' && depth < depthMax) {
      for (const key of Object.keys(value)) {
        const named = key.length >= 13 && holdsPan(key);
        if (named) report();
        path.push(named ? '*' : key);
        visit((value as Readonly<Record<string, unknown>>)[key], depth + 1);
        path.pop();
      }
    }
  };
  visit(body, 0);
  return issues;
}
