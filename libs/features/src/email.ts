import { disposableEmailBlocklist } from 'disposable-email-domains-js';
import { sha256Hex } from '@veto/domain';

const DISPOSABLE_DOMAINS: ReadonlySet<string> = new Set(disposableEmailBlocklist());

/** Which list of disposable domains this is: part of the feature set's hash, because another list gives other values. */
export const DISPOSABLE_DOMAINS_DIGEST = sha256Hex([...DISPOSABLE_DOMAINS].sort().join('\n'));

/** An e-mail address in the form under which it is remembered: NFC, lower case, no blanks around it. */
export function emailAddressOf(email: string): string {
  return email.trim().toLowerCase().normalize('NFC');
}

/** True when the address's domain, or one that it lies under, gives throw-away mailboxes. */
export function isDisposableEmail(address: string): boolean {
  let domain = address.slice(address.lastIndexOf('@') + 1);
  while (domain.includes('.')) {
    if (DISPOSABLE_DOMAINS.has(domain)) return true;
    domain = domain.slice(domain.indexOf('.') + 1);
  }
  return false;
}

/** Share of digits in the part before the @, in [0, 1]. */
export function digitShareOf(address: string): number {
  const local = address.slice(0, address.lastIndexOf('@'));
  let digitCount = 0;
  for (let i = 0; i < local.length; i++) {
    const code = local.charCodeAt(i);
    if (code >= 48 && code <= 57) digitCount++;
  }
  return local.length === 0 ? 0 : digitCount / local.length;
}
