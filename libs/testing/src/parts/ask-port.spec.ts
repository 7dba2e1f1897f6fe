import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { askPort } from './ask-port';

describe('asking a port', () => {
  let server: Server;

  afterEach(() => {
    server.close();
  });

  async function aServer(serve: (socket: Socket) => void): Promise<{ port: number }> {
    server = createServer(serve);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (typeof address !== 'object' || !address) throw new Error('listens on no port');
    return address;
  }

  const isFour = ({ length }: Buffer): boolean => length >= 4;
  const request = Buffer.from('ask');

  it('waits until the answer is whole', async () => {
    const { port } = await aServer((socket) => {
      socket.write('he');
      socket.on('data', () => socket.write('re'));
    });
    expect((await askPort({ port }, request, isFour)).toString()).toBe('here');
  });

  it('fails when the server hangs up before', async () => {
    const { port } = await aServer((socket) => {
      socket.on('data', () => socket.end('he'));
    });
    await expect(askPort({ port }, request, isFour)).rejects.toThrow('hung up after 2 bytes');
  });

  it('fails when the server says nothing', async () => {
    const { port } = await aServer((socket) => {
      socket.resume();
      socket.on('error', () => undefined);
    });
    await expect(askPort({ port }, request, isFour)).rejects.toThrow('no answer');
  });
});
