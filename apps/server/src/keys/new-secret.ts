import { createHash } from 'node:crypto';
import { VetoError } from '@veto/domain';
import { analystEntrySchema } from './analyst-ring';
import { newApiKey, parseApiKey, randomBase62 } from './api-key';
import { apiKeyEntrySchema } from './key-ring';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/**
 * A new key, shown once, and its entry for the file of keys.
 * @throws VetoError configuration_invalid when the tenant or a scope is not valid
 */
export function newKeyText(of: { readonly tenant: string; readonly scopes: string }): string {
  const key = newApiKey('live');
  const entry = apiKeyEntrySchema.safeParse({
    id: parseApiKey(key)?.publicId,
    tenant: of.tenant,
    scopes: of.scopes.split(',').map((scope) => scope.trim()),
    sha256: sha256(key),
  });
  if (!entry.success)
    throw refused('--new-key', 'TENANT[:decide,read,label]', entry.error.issues[0]?.message);
  return `The key, which is not shown again:\n${key}\n\nIts entry for VETO_API_KEYS_FILE:\n${JSON.stringify(entry.data)}\n`;
}

/** A new sign-in token, shown once, and its entry for the file of analysts. @throws VetoError configuration_invalid */
export function newAnalystText(of: {
  readonly tenant: string;
  readonly name: string;
  readonly role: string;
}): string {
  const token = `veto_desk_${randomBase62(43)}`;
  const entry = analystEntrySchema.safeParse({
    id: of.name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-|-$/g, ''),
    name: of.name,
    role: of.role,
    tenant: of.tenant,
    sha256: sha256(token),
  });
  if (!entry.success)
    throw refused('--new-analyst', 'TENANT:NAME[:viewer|analyst|lead]', entry.error.issues[0]?.message);
  return `The sign-in token, which is not shown again:\n${token}\n\nThe entry for VETO_ANALYSTS_FILE:\n${JSON.stringify(entry.data)}\n`;
}

function refused(flag: string, shape: string, why: string | undefined): VetoError {
  return new VetoError('configuration_invalid', `${flag}: expected ${shape}; ${why ?? 'not valid'}`);
}
