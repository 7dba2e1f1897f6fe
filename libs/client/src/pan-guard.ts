import type { Issue, Problem } from '@veto/domain';
import { VetoApiError } from './veto-api-error';

const PAN_DIGITS_MIN = 13;
const PAN_DIGITS_MAX = 19;
const DIGIT_RUN = /\d(?:[ -]?\d){12,}/g;
/** UUIDs and hexadecimal digests hold long runs of digits that are no card numbers; one of decimal digits alone may. */
const HEXADECIMAL_ID =
  /(?<![0-9a-z])(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{24,})(?![0-9a-z])/gi;
const blankUnlessDigits = (id: string): string => (/[a-f]/i.test(id) ? '…' : id);
const DEPTH_MAX = 32;

function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let i = digits.length - 1, double = false; i >= 0; i--, double = !double) {
    const digit = Number(digits[i]);
    const weighted = double ? digit * 2 : digit;
    sum += weighted > 9 ? weighted - 9 : weighted;
  }
  return sum % 10 === 0;
}

/** 13 to 19 digits that pass Luhn, in groups or not, also beside other digits behind a blank or hyphen. */
function holdsPan(text: string): boolean {
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

/** JSON pointers of the places that hold a card number; a member whose name is one is reported at its parent. */
export function pansIn(value: unknown, pointer = '', depth = 0): string[] {
  if (typeof value === 'string') return holdsPan(value) ? [pointer] : [];
  if (typeof value === 'number')
    return value >= 1e12 && Number.isInteger(value) && holdsPan(BigInt(value).toString()) ? [pointer] : [];
  if (value === null || typeof value !== 'object' || depth >= DEPTH_MAX) return [];
  return Object.entries(value).flatMap(([key, child]) => {
    if (holdsPan(key)) return [pointer, ...pansIn(child, `${pointer}/*`, depth + 1)];
    return pansIn(child, `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`, depth + 1);
  });
}

/**
 * Refuses a body that holds a card number before it leaves the merchant's machine: a number that was never sent was
 * never received, so neither side's logs, proxies and backups come into the scope of PCI DSS.
 * @throws VetoApiError pan_not_accepted, naming the places and never the value
 */
export function refusePans(body: unknown): void {
  const pointers = pansIn(body);
  if (pointers.length === 0) return;
  const errors: Issue[] = pointers.map((pointer) => ({
    pointer,
    code: 'pan_not_accepted',
    detail:
      'holds a number that passes the card number check; send a token, the BIN and the last four digits',
  }));
  const problem: Problem = {
    type: 'https://veto.dev/problems/pan_not_accepted',
    title: 'A card number was about to be sent; Veto never accepts one',
    status: 400,
    detail: 'nothing was sent',
    instance: '',
    code: 'pan_not_accepted',
    errors,
  };
  throw new VetoApiError(problem, 0);
}
