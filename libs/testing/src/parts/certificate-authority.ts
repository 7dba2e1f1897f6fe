import { generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import { isIPv4 } from 'node:net';
import { bitString, integer, octets, oid, sequence, set, tagged, text, utcTime } from './der';

/** A certificate with its key, PEM. */
export interface IssuedCertificate {
  readonly certificate: string;
  readonly key: string;
}

/** Signs certificates that nobody trusts but who is given its own. */
export interface CertificateAuthority {
  /** Its own certificate, PEM. */
  readonly certificate: string;
  /** @param names host names and IPv4 addresses; the first is also the subject's */
  issue(...names: readonly [string, ...string[]]): IssuedCertificate;
}

const DAY_MS = 24 * 3_600_000;
const ECDSA_WITH_SHA256 = sequence(oid('1.2.840.10045.4.3.2'));
const COMMON_NAME = oid('2.5.4.3');
const BASIC_CONSTRAINTS = oid('2.5.29.19');
const ALTERNATIVE_NAMES = oid('2.5.29.17');
const TRUE = tagged(0x01, Buffer.from([0xff]));

/** Makes one, without any program beside Node. */
export function createCertificateAuthority(name: string): CertificateAuthority {
  const own = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const isAuthority = sequence(BASIC_CONSTRAINTS, TRUE, octets(sequence(TRUE)));
  const certificate = (subject: string, publicKey: KeyObject, extension: Buffer): string =>
    pemOf(signed(own.privateKey, toBeSigned({ issuer: name, subject, publicKey, extension })));
  return {
    certificate: certificate(name, own.publicKey, isAuthority),
    issue: (...names) => {
      const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const alternatives = sequence(ALTERNATIVE_NAMES, octets(sequence(...names.map(alternativeName))));
      return {
        certificate: certificate(names[0], publicKey, alternatives),
        key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
      };
    },
  };
}

/** RFC 5280, 4.1: version 3, valid from yesterday for a month. */
function toBeSigned(of: {
  readonly issuer: string;
  readonly subject: string;
  readonly publicKey: KeyObject;
  readonly extension: Buffer;
}): Buffer {
  const serial = Buffer.concat([Buffer.from([1]), randomBytes(15)]);
  const now = Date.now();
  return sequence(
    tagged(0xa0, integer(Buffer.from([2]))),
    integer(serial),
    ECDSA_WITH_SHA256,
    nameOf(of.issuer),
    sequence(utcTime(now - DAY_MS), utcTime(now + 30 * DAY_MS)),
    nameOf(of.subject),
    of.publicKey.export({ type: 'spki', format: 'der' }),
    tagged(0xa3, sequence(of.extension)),
  );
}

function nameOf(commonName: string): Buffer {
  return sequence(set(sequence(COMMON_NAME, text(commonName))));
}

function alternativeName(name: string): Buffer {
  if (isIPv4(name)) return tagged(0x87, Buffer.from(name.split('.').map(Number)));
  return tagged(0x82, Buffer.from(name, 'ascii'));
}

function signed(key: KeyObject, body: Buffer): Buffer {
  return sequence(body, ECDSA_WITH_SHA256, bitString(sign('sha256', body, key)));
}

function pemOf(certificate: Buffer): string {
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
