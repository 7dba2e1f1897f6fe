/** One line of a Dockerfile, continuations joined: `RUN`, and what follows. */
export interface Instruction {
  readonly name: string;
  readonly text: string;
}

/** What stands between one FROM and the next. */
export interface Stage {
  /** `build` of `FROM … AS build`; empty for the last one. */
  readonly name: string;
  readonly instructions: readonly Instruction[];
}

/** @throws Error for a line that is no instruction */
export function parseDockerfile(text: string): Stage[] {
  const stages: { name: string; instructions: Instruction[] }[] = [];
  const joined = text.replace(/^#.*\n/gm, '').replace(/\\\n\s*/g, ' ');
  for (const line of joined.split('\n').filter((each) => each.trim() !== '')) {
    const [, name = '', rest = ''] = /^([A-Z]+) (.*)$/.exec(line) ?? [];
    if (name === '') throw new Error(`no instruction: ${line}`);
    if (name === 'FROM') stages.push({ name: / AS (\S+)/.exec(rest)?.[1] ?? '', instructions: [] });
    else stages.at(-1)?.instructions.push({ name, text: rest.trim() });
  }
  return stages;
}

/** `ENV A=1 B=2` */
export function environmentOf({ instructions }: Stage): Record<string, string> {
  const pairs = instructions
    .filter(({ name }) => name === 'ENV')
    .flatMap(({ text }) => text.split(/\s+/))
    .map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]);
  return Object.fromEntries(pairs) as Record<string, string>;
}

/** The words of `ENTRYPOINT ["node", …]` or `HEALTHCHECK … CMD ["node", …]`. */
export function wordsOf({ instructions }: Stage, name: 'ENTRYPOINT' | 'HEALTHCHECK'): string[] {
  const text = instructions.find((instruction) => instruction.name === name)?.text ?? '';
  const words: unknown = JSON.parse(text.slice(text.indexOf('[')));
  if (!Array.isArray(words) || words.length === 0) throw new Error(`${name}: expected a list of words`);
  return words.map(String);
}
