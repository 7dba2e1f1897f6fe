import { hash } from 'node:crypto';
import { canonicalJson, type TransactionPayload } from '@veto/domain';

/** `sha256:<hex>` of the canonical payload: two requests that mean the same have the same. */
export function fingerprintOf(payload: TransactionPayload): string {
  return fingerprintOfText(canonicalJson(payload));
}

/** The same, when the canonical text is at hand. */
export function fingerprintOfText(canonical: string): string {
  return `sha256:${hash('sha256', canonical, 'hex')}`;
}
