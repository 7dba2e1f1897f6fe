import type { Issue } from '@veto/domain';

/** Fields named, at most. */
const FIELD_COUNT_MAX = 20;

const decoder = new TextDecoder();

/**
 * Where a body differs from the first one sent with its id, by JSON pointer; never the values.
 * @param first the first request as the store has it: a received payment or its decision's record, as JSON
 * @param canonical the body now, in canonical JSON
 */
export function differingFields(first: Uint8Array, canonical: string): readonly Issue[] {
  const known = JSON.parse(decoder.decode(first)) as { readonly transaction: unknown };
  const pointers: string[] = [];
  collect(known.transaction, JSON.parse(canonical), '', pointers);
  return pointers.slice(0, FIELD_COUNT_MAX).map((pointer) => ({
    pointer,
    code: 'differs',
    detail: 'is not what was first sent with this transaction id',
  }));
}

function collect(first: unknown, second: unknown, pointer: string, pointers: string[]): void {
  if (!isObject(first) || !isObject(second)) {
    if (first !== second) pointers.push(pointer);
    return;
  }
  for (const key of new Set([...Object.keys(first), ...Object.keys(second)].sort())) {
    collect(
      own(first, key),
      own(second, key),
      `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`,
      pointers,
    );
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function own(object: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}
