import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';

/** Variables that say how the servers of `REDIS_URL` are reached, where that does not stand in their addresses. */
export const REDIS_SECURITY_VARIABLES = [
  'REDIS_PASSWORD_FILE',
  'REDIS_CA_FILE',
  'REDIS_CERT_FILE',
  'REDIS_KEY_FILE',
] as const;

type Name = (typeof REDIS_SECURITY_VARIABLES)[number];
type FileName = Exclude<Name, 'REDIS_PASSWORD_FILE'>;

/** What an address calls the files of PEM text that belong to it: `rediss://host:6379?ca=/run/secrets/ca.pem`. */
const PARAMETER_OF = { REDIS_CA_FILE: 'ca', REDIS_CERT_FILE: 'cert', REDIS_KEY_FILE: 'key' } as const;
const FILE_NAMES = Object.keys(PARAMETER_OF) as FileName[];

/**
 * Completes addresses of Redis by what the environment says: the password, and files of certificates.
 * @param urls `redis://[user:password@]host:port/db`, or `rediss://…` for TLS
 * @returns addresses that the store can be opened with, and every problem in a sentence that begins with the variable's
 *   name and repeats neither an address nor a secret
 */
export function completeRedisUrls(
  urls: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): { readonly urls: readonly string[]; readonly problems: readonly string[] } {
  if (urls.length === 0) return { urls, problems: [] };
  const problems: string[] = [];
  const refuse = (name: string, why: string): null => (problems.push(`${name}: ${why}`), null);
  if (urls.some((url) => !URL.canParse(url) || !/^rediss?:$/.test(new URL(url).protocol)))
    return { urls: [], problems: ['REDIS_URL: an address is not redis://… or rediss://…'] };
  const addresses = urls.map((url) => new URL(url));
  const files = FILE_NAMES.flatMap((name) => fileOf(name, environment[name], { addresses, refuse }) ?? []);
  const has = (name: FileName): boolean => (environment[name] ?? '') !== '';
  if (has('REDIS_CERT_FILE') && !has('REDIS_KEY_FILE'))
    refuse('REDIS_KEY_FILE', 'REDIS_CERT_FILE is set, so this needs the file of its key');
  if (has('REDIS_KEY_FILE') && !has('REDIS_CERT_FILE'))
    refuse('REDIS_CERT_FILE', 'REDIS_KEY_FILE is set, so this needs the file of its certificate');
  const password = passwordOf(environment['REDIS_PASSWORD_FILE'], { addresses, refuse });
  for (const address of addresses) {
    if (password !== null && address.password === '') address.password = encodeURIComponent(password);
    for (const { parameter, path } of files)
      if (address.protocol === 'rediss:') address.searchParams.set(parameter, path);
  }
  return { urls: problems.length > 0 ? [] : addresses.map(String), problems };
}

interface Asked {
  readonly addresses: readonly URL[];
  readonly refuse: (name: string, why: string) => null;
}

function fileOf(
  name: FileName,
  path: string | undefined,
  { addresses, refuse }: Asked,
): { readonly parameter: string; readonly path: string } | null {
  if (path === undefined || path === '') return null;
  if (!addresses.some(({ protocol }) => protocol === 'rediss:'))
    return refuse(name, 'only rediss://… in REDIS_URL reads it; say rediss://, or unset this');
  const text = readText(name, path, refuse);
  if (text === null) return null;
  const kind = name === 'REDIS_KEY_FILE' ? 'PRIVATE KEY' : 'CERTIFICATE';
  if (!new RegExp(`^-----BEGIN [A-Z ]*${kind}-----$`, 'm').test(text))
    return refuse(name, `${path} holds no PEM text (-----BEGIN ${kind}-----)`);
  return { parameter: PARAMETER_OF[name], path };
}

function passwordOf(path: string | undefined, { addresses, refuse }: Asked): string | null {
  if (path === undefined || path === '') return null;
  if (addresses.every(({ password }) => password !== ''))
    return refuse('REDIS_PASSWORD_FILE', 'every address of REDIS_URL has a password; say it once');
  // Whoever writes a file by an editor ends its line.
  const text = readText('REDIS_PASSWORD_FILE', path, refuse)?.replace(/\r?\n$/, '') ?? null;
  return text === '' ? refuse('REDIS_PASSWORD_FILE', `${path} is empty`) : text;
}

function readText(name: Name, path: string, refuse: Asked['refuse']): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    return refuse(name, `${path} cannot be read (${(error as NodeJS.ErrnoException).code ?? String(error)})`);
  }
}

/** What the client needs to know of an address. */
export interface RedisAddress {
  readonly url: string;
  readonly tls: {
    readonly rejectUnauthorized: true;
    readonly servername?: string;
    readonly ca?: string;
    readonly cert?: string;
    readonly key?: string;
  } | null;
}

/** Takes an address apart, and reads the files that it names. @throws the file system's error */
export function redisAddress(text: string): RedisAddress {
  const url = new URL(text);
  const files = Object.values(PARAMETER_OF).flatMap((parameter) => {
    const path = url.searchParams.get(parameter);
    return path === null ? [] : [[parameter, readFileSync(path, 'utf8')] as const];
  });
  url.search = '';
  if (url.protocol !== 'rediss:') return { url: url.href, tls: null };
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return {
    url: url.href,
    tls: {
      // Said for itself, so that no variable of Node's lets a certificate pass that does not verify.
      rejectUnauthorized: true,
      // The client does not say by itself whom it wants; who shares an address with others must be told.
      ...(isIP(host) === 0 && { servername: host }),
      ...Object.fromEntries(files),
    },
  };
}
