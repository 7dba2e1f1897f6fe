import { demand, refusal } from './refuse';

/** A JSON object of an artifact's file, read member by member with the file's name in every refusal. */
export interface JsonMembers {
  readonly file: string;
  readonly members: Readonly<Record<string, unknown>>;
}

/** @throws VetoError model_rejected when the text is not a JSON object of this format */
export function jsonMembers(o: {
  readonly file: string;
  readonly text: string;
  readonly format: string;
}): JsonMembers {
  const { file } = o;
  let parsed: unknown;
  try {
    parsed = JSON.parse(o.text);
  } catch (cause) {
    throw refusal(`${file} is not JSON`, cause);
  }
  const json = membersOf(file, parsed);
  demand(
    json.members['format'] === o.format,
    `${file}: expected format ${o.format}, got ${String(json.members['format'])}`,
  );
  return json;
}

/** @throws VetoError model_rejected when the value is not an object */
export function membersOf(file: string, value: unknown): JsonMembers {
  demand(
    typeof value === 'object' && value !== null && !Array.isArray(value),
    `${file}: expected an object, got ${JSON.stringify(value)}`,
  );
  // An object that is not an array: its members are all that is asked of it, one by one, below.
  return { file, members: value as Readonly<Record<string, unknown>> };
}

/** @throws VetoError model_rejected when the member is not a finite number */
export function numberMember(json: JsonMembers, name: string): number {
  const value = json.members[name];
  demand(
    typeof value === 'number' && Number.isFinite(value),
    `${json.file}: ${name} expected a number, got ${JSON.stringify(value)}`,
  );
  return value;
}

/** @throws VetoError model_rejected when the member is not an array */
export function arrayMember(json: JsonMembers, name: string): readonly unknown[] {
  const value = json.members[name];
  demand(Array.isArray(value), `${json.file}: ${name} expected an array, got ${JSON.stringify(value)}`);
  return value;
}

/** Finite numbers, `count` of them. @throws VetoError model_rejected naming the first that is not */
export function numbersMember(json: JsonMembers, name: string, count?: number): readonly number[] {
  const values = arrayMember(json, name);
  demand(
    count === undefined || values.length === count,
    `${json.file}: ${name} expected ${count} numbers, got ${values.length}`,
  );
  const wrong = values.findIndex((value) => typeof value !== 'number' || !Number.isFinite(value));
  demand(
    wrong === -1,
    `${json.file}: ${name}[${wrong}] expected a finite number, got ${JSON.stringify(values[wrong])}`,
  );
  // Each was just seen to be a number.
  return values as readonly number[];
}
