import { BadRecord, headerText, type ConsumedRecord } from '@veto/log';
import type { Issue, Parsed, TenantId } from '@veto/domain';
import { BODY_BYTES_MAX, readJsonBody } from '../http/json-body';
import { Refusal } from '../http/refusal';

/** As they come with an API key. */
const TENANT = /^[a-z0-9][a-z0-9_-]{0,63}$/i;
const ISSUE_COUNT_MAX = 3;

/**
 * Whose a record is: its header `tenant` says it, else its key up to the first `|`, else the configuration.
 * @throws BadRecord when nobody says
 */
export function tenantOfRecord(record: ConsumedRecord, streamTenant: string | null): TenantId {
  const key = record.key?.toString('utf8') ?? '';
  const bar = key.indexOf('|');
  const named = headerText(record.headers, 'tenant') ?? (bar > 0 ? key.slice(0, bar) : streamTenant);
  if (named === null)
    throw new BadRecord('tenant_missing: no header tenant, no key tenant|…, no VETO_STREAM_TENANT');
  if (!TENANT.test(named)) throw new BadRecord('tenant_invalid');
  return named as TenantId;
}

/**
 * The value of a record, held to what is asked of a body that comes by HTTP.
 * @throws BadRecord with the code, and pointers to what is wrong, never a value
 */
export function readRecord<T>(record: ConsumedRecord, parse: (body: unknown) => Parsed<T>): T {
  const { value } = record;
  if (value === null) throw new BadRecord('empty: the record has no value');
  if (value.length > BODY_BYTES_MAX) throw new BadRecord(`body_too_large: ${value.length} bytes`);
  try {
    const parsed = parse(readJsonBody(value, 'application/json'));
    if (parsed.ok) return parsed.value;
    throw new BadRecord(reasonOf(parsed.code, parsed.issues));
  } catch (error) {
    if (error instanceof Refusal) throw new BadRecord(reasonOf(error.code, error.issues));
    throw error;
  }
}

/** `invalid_request: /transaction/amount too_small, /card missing` */
export function reasonOf(code: string, issues: readonly Issue[]): string {
  const told = issues.slice(0, ISSUE_COUNT_MAX).map((issue) => `${issue.pointer} ${issue.code}`.trim());
  return told.length === 0 ? code : `${code}: ${told.join(', ')}`;
}
