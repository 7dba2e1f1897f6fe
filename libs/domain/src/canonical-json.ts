/**
 * Canonical JSON: keys sorted by code unit, strings in NFC, no white space; `undefined` members are left out.
 * Two bodies with the same meaning have the same canonical text, so its hash is the fingerprint of a request.
 * @throws TypeError on a number that JSON cannot hold
 */
export function canonicalJson(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.normalize('NFC'));
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError(`canonical JSON cannot hold ${value}`);
    return JSON.stringify(value);
  }
  if (value === null || typeof value === 'boolean') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object') throw new TypeError(`canonical JSON cannot hold a ${typeof value}`);
  const members: string[] = [];
  for (const key of Object.keys(value).sort()) {
    const member = (value as Readonly<Record<string, unknown>>)[key];
    if (member !== undefined) members.push(`${JSON.stringify(key.normalize('NFC'))}:${canonicalJson(member)}`);
  }
  return `{${members.join(',')}}`;
}
