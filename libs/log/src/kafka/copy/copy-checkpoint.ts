import { invariant, type LogCut, type LogRecord, type Topic } from '@veto/domain';
import { CHECKPOINT_TOPIC } from '../../segment/frame';

/**
 * What a copy notes before the records of each append: how much of the log it holds with them. Usually of the one
 * partition that they are from, now and then of all.
 *
 *     0  u8   1 of all partitions, 0 of some
 *     1       for each partition: u8 length of the topic's name, the name, u32 partition, u48 offset of the next record
 */
export function encodeCheckpoint(next: ReadonlyMap<string, number>, isFull: boolean): LogRecord {
  const entries = [...next].map(([name, offset]) => ({ ...parsePartitionName(name), offset }));
  const length = entries.reduce((sum, { topic }) => sum + 1 + topic.length + 10, 1);
  const bytes = Buffer.alloc(length);
  bytes[0] = isFull ? 1 : 0;
  let at = 1;
  for (const { topic, partition, offset } of entries) {
    bytes[at] = bytes.write(topic, at + 1, 'latin1');
    at += 1 + topic.length;
    bytes.writeUInt32LE(partition, at);
    bytes.writeUIntLE(offset, at + 4, 6);
    at += 10;
  }
  return { topic: CHECKPOINT_TOPIC, key: '', value: bytes };
}

export function decodeCheckpoint(value: Uint8Array): { readonly isFull: boolean; readonly next: LogCut } {
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.length);
  const next: Record<string, number> = {};
  for (let at = 1; at < bytes.length; at += 10) {
    const length = bytes[at]!;
    const topic = bytes.toString('latin1', at + 1, at + 1 + length);
    at += 1 + length;
    next[`${topic}/${bytes.readUInt32LE(at)}`] = bytes.readUIntLE(at + 4, 6);
  }
  return { isFull: bytes[0] === 1, next };
}

/** As in a `LogCut`. */
export function partitionName(topic: Topic, partition: number): string {
  return `${topic}/${partition}`;
}

function parsePartitionName(name: string): { readonly topic: string; readonly partition: number } {
  const slash = name.lastIndexOf('/');
  invariant(slash > 0, `partition "${name}" has no number`);
  return { topic: name.slice(0, slash), partition: Number(name.slice(slash + 1)) };
}
