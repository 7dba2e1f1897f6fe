import { QUEUE_ORDERS } from '../desk/queue-order';
import type { QueueSearch } from '../features/queue/components/queue-page';

/** The part of the queue's address after the question mark. */
export interface QueueUrl extends Partial<QueueSearch> {
  /** The selected decision. */
  readonly sel?: string;
}

const text = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : '';

/** Total: an address that somebody typed shows the queue in any case. */
export function parseQueueUrl(search: Readonly<Record<string, unknown>>): QueueUrl {
  const q = text(search['q']);
  const sel = text(search['sel']);
  const sort = QUEUE_ORDERS.find((order) => order === search['sort']);
  return { ...(q !== '' && { q }), ...(sort !== undefined && { sort }), ...(sel !== '' && { sel }) };
}
