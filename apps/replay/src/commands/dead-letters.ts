import { systemClock, VetoError } from '@veto/domain';
import {
  readDeadLetter,
  readDeadLetters,
  redriveDeadLetter,
  type DeadLettersOptions,
  type DeadLetterSummary,
  type StoredDeadLetter,
} from '@veto/log';
import { kafkaOf, requireBrokers, type ClusterPlace } from '../cluster/cluster-place';

export interface DeadLettersCommand {
  /** `list`, `show` or `redrive`. */
  readonly action: string | undefined;
  readonly ids: readonly string[];
  /** Redrive everything that was not yet. */
  readonly all: boolean;
  readonly json: boolean;
}

/** Looks at records that were set aside, and produces them again. @returns the exit code */
export async function deadLetters(place: ClusterPlace, command: DeadLettersCommand): Promise<number> {
  requireBrokers(place, 'dlq');
  const options = { ...kafkaOf(place), topicPrefix: place.topicPrefix };
  switch (command.action) {
    case 'list':
      return list(options, command);
    case 'show':
      return show(options, command);
    case 'redrive':
      return redrive(options, command);
    default:
      throw new Error('dlq: say list, show ID or redrive ID… (or redrive --all)');
  }
}

async function list(options: DeadLettersOptions, { json }: DeadLettersCommand): Promise<number> {
  const letters = await readDeadLetters(options);
  if (json) for (const letter of letters) console.log(JSON.stringify(withKeyText(letter)));
  else {
    for (const letter of letters) console.log(lineOf(letter));
    const open = letters.filter(({ redrivenAtMs }) => redrivenAtMs === null).length;
    console.log(`${letters.length} dead letters, ${open} not redriven`);
  }
  return 0;
}

function lineOf(letter: DeadLetterSummary): string {
  const { id, reason, attempts, valueBytes, firstSeenMs, redrivenAtMs } = letter;
  const redriven = redrivenAtMs === null ? '' : `  redriven ${instantOf(redrivenAtMs)}`;
  return `${id}  ${letter.class}  ${reason}  ${attempts} attempts  ${valueBytes ?? 0} B  ${instantOf(firstSeenMs)}${redriven}`;
}

function instantOf(ms: number): string {
  return new Date(ms).toISOString();
}

function withKeyText({ key, ...letter }: DeadLetterSummary): Record<string, unknown> {
  return { ...letter, key: key?.toString('utf8') ?? null };
}

async function show(options: DeadLettersOptions, { ids, json }: DeadLettersCommand): Promise<number> {
  const [id] = ids;
  if (id === undefined) throw new Error('dlq show: name the dead letter by its id, as dlq list prints it');
  const letter = await readDeadLetter(options, id);
  if (letter === null) throw new Error(`there is no dead letter ${id}`);
  if (json) {
    const { key, value, headers, ...rest } = letter;
    console.log(
      JSON.stringify({
        ...rest,
        id,
        key_base64: base64Of(key),
        value_base64: base64Of(value),
        headers: textsOf(headers),
      }),
    );
    return 0;
  }
  const { place, lastOffset } = letter;
  const offsets =
    lastOffset === place.offset ? `offset ${place.offset}` : `offsets ${place.offset} … ${lastOffset}`;
  console.log(
    [
      `${place.topic}, partition ${place.partition}, ${offsets}`,
      `class     ${letter.class}`,
      `reason    ${letter.reason}`,
      `attempts  ${letter.attempts}, first seen ${instantOf(letter.firstSeenMs)}, by ${letter.service} ${letter.build}`,
      `key       ${printable(letter.key)}`,
      ...Object.entries(textsOf(letter.headers)).map(
        ([name, text]) => `header    ${name}: ${JSON.stringify(text)}`,
      ),
      `value     ${letter.valueOmittedBytes === null ? printable(letter.value) : `${letter.valueOmittedBytes} bytes, too many for a dead letter`}`,
    ].join('\n'),
  );
  return 0;
}

function base64Of(bytes: Buffer | null): string | null {
  return bytes?.toString('base64') ?? null;
}

const strict = new TextDecoder('utf-8', { fatal: true });

/** As text where it is text without control characters, which could do things to a terminal; else as base64. */
function printable(bytes: Buffer | null): string {
  if (bytes === null) return 'none';
  try {
    const text = strict.decode(bytes);
    if (!/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/.test(text)) return text;
  } catch {
    // Not UTF-8: shown as what it is.
  }
  return `base64 ${bytes.toString('base64')}`;
}

function textsOf(headers: StoredDeadLetter['headers']): Record<string, string> {
  const texts = Object.entries(headers).map(([name, value]) => [
    name,
    [value]
      .flat()
      .map((one) => (typeof one === 'string' ? one : printable(one ?? null)))
      .join(', '),
  ]);
  return Object.fromEntries(texts) as Record<string, string>;
}

async function redrive(options: DeadLettersOptions, { ids, all }: DeadLettersCommand): Promise<number> {
  if (all === ids.length > 0) throw new Error('dlq redrive: name dead letters by id, or say --all');
  const wanted = all
    ? (await readDeadLetters(options)).filter(({ redrivenAtMs }) => redrivenAtMs === null).map(({ id }) => id)
    : ids;
  let failedCount = 0;
  for (const id of wanted) {
    try {
      const { place } = await redriveDeadLetter({ ...options, clock: systemClock }, id);
      console.log(`${id} was produced again to ${place.topic}, partition ${place.partition}`);
    } catch (error) {
      // One that cannot be produced again must not keep the others from it.
      if (!(error instanceof VetoError) || error.retryable) throw error;
      console.error(error.message);
      failedCount++;
    }
  }
  console.log(`${wanted.length - failedCount} redriven, ${failedCount} not`);
  return failedCount === 0 ? 0 : 1;
}
