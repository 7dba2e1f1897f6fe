import { VetoError } from '@veto/domain';
import { createClient } from 'redis';
import { LIBRARY_CODE } from './redis-function';
import { MISSED, within } from './redis-link';
import { redisAddress } from './redis-address';
import { ShardKeys } from './shard-keys';

/** A server that does not answer in this time is passed over. */
const ANSWER_WITHIN_MS = 3_000;
const CONNECT_TIMEOUT_MS = 1_000;
const NOT_LET_IN = /^(WRONGPASS|NOAUTH|ERR AUTH|ERR Client sent AUTH)/;
/** What Node and OpenSSL say of a certificate that does not verify, ours or theirs, and of TLS where there is none. */
const TLS_FAILURE = /CERT|ISSUER|SIGNATURE|INVALID_CA|INVALID_PURPOSE|HOSTNAME_MISMATCH|^ERR_(TLS|SSL)_/;

/**
 * Asks each Redis once whether it lets us in, and do what an instance does first. One that does not answer is passed
 * over, since it may come back; whoever is refused would be for ever.
 * @param urls in the order of the shards
 * @throws VetoError configuration_invalid naming the shard and the variable; never a password
 */
export async function checkRedisAccess(urls: readonly string[]): Promise<void> {
  const refusals = await Promise.all(
    urls.map(async (url, shard) => {
      const refusal = await refusalBy(url, shard);
      return refusal === null ? [] : [`the Redis of shard ${shard} at ${new URL(url).host} ${refusal}`];
    }),
  );
  if (refusals.flat().length > 0) throw new VetoError('configuration_invalid', refusals.flat().join('\n'));
}

async function refusalBy(text: string, shard: number): Promise<string | null> {
  const { url, tls } = redisAddress(text);
  const client = createClient({
    url,
    socket: { connectTimeout: CONNECT_TIMEOUT_MS, reconnectStrategy: false, ...tls },
  });
  // Whoever asks is told by the call.
  client.on('error', () => undefined);
  const { open, seq } = new ShardKeys(shard);
  const ask = async (): Promise<null> => {
    await client.connect();
    await client.sendCommand(['INFO', 'server']);
    await client.sendCommand(['FUNCTION', 'LOAD', 'REPLACE', LIBRARY_CODE]);
    await client.sendCommand(['MGET', open, seq]);
    return null;
  };
  try {
    const answer = await within(ask(), ANSWER_WITHIN_MS);
    return answer === MISSED ? null : answer;
  } catch (error) {
    return error instanceof Error ? sentenceOf(error) : null;
  } finally {
    client.destroy();
  }
}

/** Null when it says nothing of who we are: it is away, or still loading. */
function sentenceOf(error: Error): string | null {
  const { message } = error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (NOT_LET_IN.test(message))
    return `refuses the login (${message.split(' ', 1)[0]}): see the user in REDIS_URL and the password there or in REDIS_PASSWORD_FILE`;
  if (message.startsWith('NOPERM'))
    return `does not allow its user what Veto must do (${message}): see the list of commands`;
  if (!TLS_FAILURE.test(code)) return null;
  return /ALERT/.test(code)
    ? `refuses our certificate (${code}): see REDIS_CERT_FILE and REDIS_KEY_FILE`
    : `is not trusted, or speaks no TLS (${code}): see REDIS_CA_FILE, the names in the certificate, and rediss://`;
}
