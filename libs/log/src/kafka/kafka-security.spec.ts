import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readKafkaSecurity } from './kafka-security';

const directory = mkdtempSync(join(tmpdir(), 'veto-kafka-security-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function aFile(name: string, text: string): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
}

const CERTIFICATE = '-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n';
const KEY = '-----BEGIN PRIVATE KEY-----\nMA==\n-----END PRIVATE KEY-----\n';
const LOGIN = { KAFKA_SASL_MECHANISM: 'SCRAM-SHA-512', KAFKA_SASL_USERNAME: 'veto' };

const problemsOf = (environment: Record<string, string>): readonly string[] =>
  readKafkaSecurity(environment).problems;

describe('how Kafka is reached', () => {
  it('is in the clear and without a login where nothing is said, or said empty', () => {
    const plain = { security: { ssl: null, sasl: null }, problems: [] };
    expect(readKafkaSecurity({})).toEqual(plain);
    expect(readKafkaSecurity({ KAFKA_SSL: 'false', KAFKA_SASL_MECHANISM: '' })).toEqual(plain);
  });

  it('is over TLS with the certificates that Node trusts, or those of files', () => {
    expect(readKafkaSecurity({ KAFKA_SSL: 'true' }).security.ssl).toEqual({});
    const environment = {
      KAFKA_SSL: 'true',
      KAFKA_SSL_CA_FILE: aFile('ca.pem', CERTIFICATE),
      KAFKA_SSL_CERT_FILE: aFile('veto.pem', CERTIFICATE),
      KAFKA_SSL_KEY_FILE: aFile('veto.key', KEY),
    };
    const { security, problems } = readKafkaSecurity(environment);
    expect(security.ssl).toEqual({ ca: CERTIFICATE, cert: CERTIFICATE, key: KEY });
    expect(problems).toEqual([]);
  });

  it('takes a password, or a file with one line of it', () => {
    const file = aFile('password', 'hunter 2 \r\n');
    expect(readKafkaSecurity({ ...LOGIN, KAFKA_SASL_PASSWORD_FILE: file })).toEqual({
      security: {
        ssl: null,
        sasl: { mechanism: 'scram-sha-512', username: 'veto', password: 'hunter 2 ' },
      },
      problems: [],
    });
    const said = { KAFKA_SASL_MECHANISM: 'plain', KAFKA_SASL_USERNAME: 'u', KAFKA_SASL_PASSWORD: 'p' };
    expect(readKafkaSecurity(said).security.sasl).toEqual({
      mechanism: 'plain',
      username: 'u',
      password: 'p',
    });
  });

  it.each([
    [{ KAFKA_SSL: 'yes' }, ['KAFKA_SSL: expected true | false']],
    [{ KAFKA_SSL_CA_FILE: 'ca.pem' }, ['KAFKA_SSL_CA_FILE: only KAFKA_SSL=true reads it']],
    [
      { KAFKA_SSL: 'true', KAFKA_SSL_CA_FILE: '/no/such/file' },
      ['KAFKA_SSL_CA_FILE: /no/such/file cannot be read (ENOENT)'],
    ],
    [
      { KAFKA_SSL: 'true', KAFKA_SSL_CA_FILE: aFile('no.pem', 'hunter2') },
      ['KAFKA_SSL_CA_FILE: ', 'holds no PEM text (-----BEGIN CERTIFICATE-----)'],
    ],
    [
      { KAFKA_SSL: 'true', KAFKA_SSL_CERT_FILE: aFile('c.pem', CERTIFICATE) },
      ['KAFKA_SSL_KEY_FILE: KAFKA_SSL_CERT_FILE is set'],
    ],
    [
      { KAFKA_SSL: 'true', KAFKA_SSL_KEY_FILE: aFile('k.pem', KEY) },
      ['KAFKA_SSL_CERT_FILE: KAFKA_SSL_KEY_FILE is set'],
    ],
    [
      { KAFKA_SASL_USERNAME: 'veto' },
      [
        'KAFKA_SASL_USERNAME: nobody logs in without KAFKA_SASL_MECHANISM (PLAIN | SCRAM-SHA-256 | SCRAM-SHA-512)',
      ],
    ],
    [
      { ...LOGIN, KAFKA_SASL_MECHANISM: 'GSSAPI', KAFKA_SASL_PASSWORD: 'hunter2' },
      ['KAFKA_SASL_MECHANISM: expected PLAIN'],
    ],
    [
      { KAFKA_SASL_MECHANISM: 'plain', KAFKA_SASL_PASSWORD: 'hunter2' },
      ['KAFKA_SASL_USERNAME: KAFKA_SASL_MECHANISM is set'],
    ],
    [LOGIN, ['KAFKA_SASL_PASSWORD: KAFKA_SASL_MECHANISM is set']],
    [
      { ...LOGIN, KAFKA_SASL_PASSWORD: 'hunter2', KAFKA_SASL_PASSWORD_FILE: 'f' },
      ['KAFKA_SASL_PASSWORD: KAFKA_SASL_PASSWORD_FILE is set too'],
    ],
    [
      { ...LOGIN, KAFKA_SASL_PASSWORD_FILE: aFile('empty', '\n') },
      ['KAFKA_SASL_PASSWORD_FILE: ', 'is empty'],
    ],
    [
      { ...LOGIN, KAFKA_SASL_PASSWORD_FILE: directory },
      ['KAFKA_SASL_PASSWORD_FILE: ', 'cannot be read (EISDIR)'],
    ],
  ])(
    'refuses %o in one sentence, by the name of what is wrong and without a secret',
    (environment, words) => {
      const problems = problemsOf(environment as unknown as Record<string, string>);
      if (!('KAFKA_SASL_PASSWORD_FILE' in environment && 'KAFKA_SASL_PASSWORD' in environment))
        expect(problems).toHaveLength(1);
      for (const part of words) expect(problems.join('\n')).toContain(part);
      expect(problems.join('\n')).not.toContain('hunter2');
    },
  );
});
