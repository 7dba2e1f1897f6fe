import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { completeRedisUrls, redisAddress } from './redis-address';

const directory = mkdtempSync(join(tmpdir(), 'veto-redis-address-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function aFile(name: string, text: string): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
}

const CERTIFICATE = '-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n';
const KEY = '-----BEGIN EC PRIVATE KEY-----\nMA==\n-----END EC PRIVATE KEY-----\n';
const files = {
  REDIS_CA_FILE: aFile('ca.pem', CERTIFICATE),
  REDIS_CERT_FILE: aFile('cert.pem', CERTIFICATE),
  REDIS_KEY_FILE: aFile('key.pem', KEY),
};

describe('addresses of Redis', () => {
  it('stay as they are where the environment adds nothing', () => {
    const urls = ['redis://r1', 'redis://u:p@r2:6380/3', 'rediss://r3'];
    expect(completeRedisUrls(urls, {})).toEqual({ urls, problems: [] });
  });

  it('get the password where they have none, and the files where they speak TLS', () => {
    const REDIS_PASSWORD_FILE = aFile('password', 'a@b:c/d%e?f#g,h \n');
    const given = ['redis://u:own@r1', 'redis://u@r2/1', 'rediss://r3'];
    const { urls, problems } = completeRedisUrls(given, { ...files, REDIS_PASSWORD_FILE });
    expect(problems).toEqual([]);
    expect(urls[0]).toBe('redis://u:own@r1');
    expect(urls[1]).toBe('redis://u:a%40b%3Ac%2Fd%25e%3Ff%23g%2Ch%20@r2/1');
    expect(decodeURIComponent(new URL(urls[2] ?? '').password)).toBe('a@b:c/d%e?f#g,h ');
    expect(redisAddress(urls[2] ?? '')).toEqual({
      url: 'rediss://:a%40b%3Ac%2Fd%25e%3Ff%23g%2Ch%20@r3',
      tls: { rejectUnauthorized: true, servername: 'r3', ca: CERTIFICATE, cert: CERTIFICATE, key: KEY },
    });
    expect(redisAddress(urls[1] ?? '')).toEqual({ url: urls[1], tls: null });
  });

  it.each(['rediss://127.0.0.1:6380', 'rediss://[::1]:6380'])('ask for no name at %s', (url) => {
    expect(redisAddress(url)).toEqual({ url, tls: { rejectUnauthorized: true } });
  });

  it.each([
    [['r1:6379'], {}, 'REDIS_URL: an address is not redis://'],
    [['http://u:hunter2@r1'], {}, 'REDIS_URL: an address is not redis://'],
    [['redis://r1'], { REDIS_CA_FILE: files.REDIS_CA_FILE }, 'REDIS_CA_FILE: only rediss://'],
    [['rediss://r1'], { REDIS_CA_FILE: '/no/file' }, 'REDIS_CA_FILE: /no/file cannot be read (ENOENT)'],
    [
      ['rediss://r1'],
      { REDIS_CA_FILE: files.REDIS_KEY_FILE },
      'holds no PEM text (-----BEGIN CERTIFICATE-----)',
    ],
    [['rediss://r1'], { REDIS_CERT_FILE: files.REDIS_CERT_FILE }, 'REDIS_KEY_FILE: REDIS_CERT_FILE is set'],
    [['rediss://r1'], { REDIS_KEY_FILE: files.REDIS_KEY_FILE }, 'REDIS_CERT_FILE: REDIS_KEY_FILE is set'],
    [
      ['redis://:hunter2@r1'],
      { REDIS_PASSWORD_FILE: files.REDIS_CA_FILE },
      'REDIS_PASSWORD_FILE: every address',
    ],
    [['redis://r1'], { REDIS_PASSWORD_FILE: aFile('empty', '\n') }, 'is empty'],
    [['redis://r1'], { REDIS_PASSWORD_FILE: directory }, 'cannot be read (EISDIR)'],
  ])('are refused: %o with %o', (urls, environment, words) => {
    const completed = completeRedisUrls(urls, environment);
    expect(completed.urls).toEqual([]);
    expect(completed.problems).toHaveLength(1);
    expect(completed.problems[0]).toContain(words);
    expect(completed.problems[0]).not.toContain('hunter2');
  });
});
