import * as tidy from './tidy';
import { readWorkspaceFiles, type WorkspaceFile } from './workspace-files';

/** A check · a workspace with one thing wrong · what is said about it. */
type Mess = readonly [check: keyof typeof tidy, files: Record<string, string>, sentence: string];

const port = { 'libs/domain/src/ports/clock.ts': '/** @guarantee CL1 time goes forward */' };
const suite = {
  'libs/testing/src/conformance/clock.ts': "export function clockSuite() {\n  it('CL1 goes on', f);\n}",
};
const spec = { 'libs/log/src/clock.spec.ts': 'clockSuite();' };
const lines = (count: number) => 'a\n'.repeat(count);

// In pieces, so that this file may be checked as well.
const postponed = `// TO${'DO'} later`;
const alone = `it.${'only'}('approves')`;
const dataFile = ['', 'root', 'data.csv'].join('/');
const host = `https://${'registry'}.example.org`;
const silenced = `  // eslint-${'disable'}-next-line no-console`;

const MESSES: readonly Mess[] = [
  ['topLevelAsDesigned', { 'jest.config.js': '' }, 'jest.config.js: not a part of the top level'],
  [
    'namesSaySomething',
    { 'libs/a/src/date-utils.ts': '' },
    'libs/a/src/date-utils.ts: the name does not say what it holds',
  ],
  [
    'namesSaySomething',
    { 'libs/a/src/common/x.ts': '' },
    'libs/a/src/common/x.ts: the name does not say what it holds',
  ],
  [
    'namesSaySomething',
    { 'libs/a/src/MakeDecision.ts': '' },
    'libs/a/src/MakeDecision.ts: the name is not kebab-case',
  ],
  [
    'namesSaySomething',
    { 'libs/a/src/x.ts': `class ${'CaseManager'} {}` },
    'libs/a/src/x.ts: CaseManager does not say what it is',
  ],
  [
    'namesSaySomething',
    { 'libs/a/src/x.ts': `interface ${'ICase'} {}` },
    'libs/a/src/x.ts: ICase does not say what it is',
  ],
  ['filesAreShort', { 'libs/a/src/x.ts': lines(301) }, 'libs/a/src/x.ts: 301 lines, at most 300'],
  [
    'nothingOfThisMachine',
    { 'libs/a/src/x.ts': `const data = '${dataFile}'` },
    `libs/a/src/x.ts:1: ${dataFile} belongs to one machine`,
  ],
  ['nothingOfThisMachine', { 'README.md': `\n${host}/npm` }, `README.md:2: ${host} belongs to one machine`],
  [
    'lockFileNamesNoHost',
    { 'package-lock.json': '"resolved": "https://a/b.tgz"' },
    'package-lock.json: "resolved": "https://a/b.tgz"',
  ],
  [
    'everyTestRuns',
    { 'libs/a/src/x.spec.ts': alone },
    `libs/a/src/x.spec.ts:1: it.${'only'} keeps tests from running`,
  ],
  ['nothingPostponed', { 'libs/a/src/x.ts': postponed }, `libs/a/src/x.ts:1: TO${'DO'}`],
  [
    'exceptionsGiveReasons',
    { 'libs/a/src/x.ts': silenced },
    'libs/a/src/x.ts:1: a rule set aside without a reason',
  ],
  ['promisesAreTested', { ...port }, 'CL1: promised by a port, tested by no conformance suite'],
  ['promisesAreTested', { ...port, ...suite }, 'clockSuite: a conformance suite that no spec runs'],
  [
    'promisesAreTested',
    { ...port, ...suite, ...spec, 'libs/domain/src/ports/b.ts': '@guarantee CL1' },
    'CL1: promised twice',
  ],
  ['libsIntroduceThemselves', { 'libs/a/package.json': '{}' }, 'libs/a/README.md: missing'],
  [
    'importsAreDeclared',
    { 'libs/a/package.json': '{}', 'libs/a/src/x.ts': "import { x } from '@veto/log';" },
    'libs/a/package.json: does not declare @veto/log',
  ],
];

const KEPT: Record<string, string> = {
  ...port,
  ...suite,
  ...spec,
  '.github/workflows/ci.yml': '',
  'apps/a/README.md': 'Open http://localhost:8080/work/list',
  'libs/a/README.md': '',
  'libs/a/package.json': '{ "dependencies": { "@veto/domain": "0.1.0" } }',
  'libs/a/src/__snapshots__/x.snap': `${postponed}\n`,
  'libs/a/src/ip-range.ts': 'interface IPv4Range {}',
  'libs/a/src/long.ts': lines(300),
  'libs/a/src/x.ts': `import { x } from '@veto/domain';\n${silenced} -- the reason`,
  'package-lock.json': '"resolved": "libs/a"',
};

describe('a tidy check', () => {
  it.each(MESSES)('%s sees what is wrong (%#)', (check, files, sentence) => {
    expect(tidy[check](asFiles(files))).toEqual([sentence]);
  });

  it.each(checkNames())('%s lets a tidy workspace be', (check) => {
    expect(tidy[check](asFiles(KEPT))).toEqual([]);
  });
});

describe('this workspace', () => {
  const files = readWorkspaceFiles();

  it('is read as a whole', () => {
    const paths = files.map(({ path }) => path);
    expect(paths).toEqual(
      expect.arrayContaining(['package.json', 'nx.json', 'libs/domain/package.json', 'e2e/package.json']),
    );
  });

  it.each(checkNames())('passes %s', (check) => {
    expect(tidy[check](files)).toEqual([]);
  });
});

function checkNames(): (keyof typeof tidy)[] {
  return Object.keys(tidy) as (keyof typeof tidy)[];
}

function asFiles(texts: Record<string, string>): WorkspaceFile[] {
  return Object.entries(texts).map(([path, text]) => ({ path, text }));
}
