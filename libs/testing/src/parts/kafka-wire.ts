import { askPort } from './ask-port';

const METADATA = 3;
const METADATA_VERSION = 4;
const CORRELATION_ID = 7;

/**
 * Asks one broker how many brokers it knows of, by the first bytes of its protocol and no client.
 * @throws Error when it does not answer within a second
 */
export async function countBrokers(port: number): Promise<number> {
  // Size, correlation id, throttle time, count of brokers: four bytes each.
  const answer = await askPort({ port }, metadataRequest(), ({ length }) => length >= 16);
  return answer.readInt32BE(12);
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
