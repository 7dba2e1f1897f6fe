import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer, type ConnectionOptions } from 'node:tls';
import { createCertificateAuthority } from './certificate-authority';

describe('an authority', () => {
  const authority = createCertificateAuthority('Veto tests');
  const issued = authority.issue('broker-1', '127.0.0.1');

  it('signs itself, and what it issues', () => {
    const own = new X509Certificate(authority.certificate);
    const certificate = new X509Certificate(issued.certificate);
    expect(own.ca).toBe(true);
    expect(own.verify(own.publicKey)).toBe(true);
    expect(certificate.ca).toBe(false);
    expect(certificate.checkIssued(own)).toBe(true);
    expect(certificate.verify(own.publicKey)).toBe(true);
    expect(certificate.subject).toBe('CN=broker-1');
    expect(certificate.subjectAltName).toBe('DNS:broker-1, IP Address:127.0.0.1');
    expect(Date.parse(certificate.validFrom)).toBeLessThan(Date.now());
    expect(Date.parse(certificate.validTo)).toBeGreaterThan(Date.now());
  });

  it('is trusted by who is given its certificate, for the names that it signed, and by nobody else', async () => {
    const server = createServer({ cert: issued.certificate, key: issued.key }, (socket) => socket.end());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const shake = async (options: ConnectionOptions): Promise<void> => {
      const socket = connect({ port, host: '127.0.0.1', ...options });
      try {
        await once(socket, 'secureConnect');
      } finally {
        socket.destroy();
      }
    };
    try {
      await shake({ ca: authority.certificate });
      await shake({ ca: authority.certificate, servername: 'broker-1' });
      await expect(shake({ ca: authority.certificate, servername: 'broker-2' })).rejects.toMatchObject({
        code: 'ERR_TLS_CERT_ALTNAME_INVALID',
      });
      const stranger = createCertificateAuthority('Veto tests');
      await expect(shake({ ca: stranger.certificate })).rejects.toThrow(/certificate/);
      await expect(shake({})).rejects.toThrow(/certificate/);
    } finally {
      server.close();
    }
  });
});
