import { once } from 'node:events';
import { connect } from 'node:net';

const METADATA = 3;
const METADATA_VERSION = 4;
const CORRELATION_ID = 7;
const ANSWER_WITHIN_MS = 1_000;

/**
 * Asks one broker how many brokers it knows of, by the first bytes of its protocol and no client.
 * @throws Error when it does not answer within a second
 */
export async function countBrokers(port: number): Promise<number> {
  const socket = connect({ port, host: '127.0.0.1', timeout: ANSWER_WITHIN_MS });
  try {
    socket.on('timeout', () => socket.destroy(new Error(`127.0.0.1:${port}: no answer`)));
    await once(socket, 'connect');
    socket.write(metadataRequest());
    let answer = Buffer.alloc(0);
    // Size, correlation id, throttle time, count of brokers: four bytes each.
    while (answer.length < 16) {
      const [chunk] = (await once(socket, 'data')) as [Buffer];
      answer = Buffer.concat([answer, chunk]);
    }
    return answer.readInt32BE(12);
  } finally {
    socket.destroy();
  }
}

/** About no topic: what is asked is who is there. */
function metadataRequest(): Buffer {
  const header = Buffer.alloc(8);
  header.writeInt16BE(METADATA, 0);
  header.writeInt16BE(METADATA_VERSION, 2);
  header.writeInt32BE(CORRELATION_ID, 4);
  const noClientId = Buffer.from([0xff, 0xff]);
  const noTopicsAndNoCreation = Buffer.alloc(5);
  const body = Buffer.concat([header, noClientId, noTopicsAndNoCreation]);
  const size = Buffer.alloc(4);
  size.writeInt32BE(body.length);
  return Buffer.concat([size, body]);
}
