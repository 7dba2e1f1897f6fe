import { LONG_FILES } from './long-files';
import type { WorkspaceFile } from './workspace-files';

/** Reads the whole workspace and returns one sentence for each thing that is not as we keep it. */
export type TidyCheck = (files: readonly WorkspaceFile[]) => string[];

const LINE_COUNT_MAX = 300;
const CODE = /\.(?:[cm]?[jt]sx?|py)$/;
const TYPESCRIPT = /\.tsx?$/;
const TEST = /\.(?:spec|prove|parts|e2e)\.tsx?$/;
const PROSE_OR_CODE = /\.(?:[cm]?[jt]sx?|py|css|html|md|json|ya?ml|sh|toml|txt|xml)$|\/run$|Dockerfile/;
/** Written by a program, from a source that is here as well. */
const GENERATED = /(?:^|\/)(?:generated|__snapshots__)\/|\.golden\.|^package-lock\.json$/;

const TOP_LEVEL = new Set([
  ...['apps', 'docker', 'e2e', 'libs', 'nx.json', 'package.json', 'package-lock.json', 'tsconfig.base.json'],
  ...['README.md', 'LICENSE', 'CONTRIBUTING.md', 'SECURITY.md'],
]);
const TOP_LEVEL_DOTFILES = new Set([
  ...['.ci', '.dockerignore', '.editorconfig', '.gitattributes', '.github', '.gitignore', '.npmrc', '.nvmrc'],
]);

/** The root holds the product and what npm, git and hosts force there; every other tool is configured in tooling. */
export const topLevelAsDesigned: TidyCheck = (files) => {
  const entries = new Set(files.map(({ path }) => path.split('/')[0] ?? path));
  return [...entries]
    .filter((entry) => !TOP_LEVEL.has(entry) && !TOP_LEVEL_DOTFILES.has(entry))
    .map((entry) => `${entry}: not a part of the top level`);
};

const EMPTY_WORD = /(?:^|[-_./])(?:utils?|helpers?|common|managers?|misc|impl)(?:[-_./]|$)/i;
const EMPTY_TYPE =
  /\b(?:class|interface|type|enum)\s+(\w*(?:Utils?|Helpers?|Manager|Impl)|I(?!P)[A-Z][a-z]\w*)\b/g;
const KEBAB_CASE = /^\.?[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z0-9-]+)*$/;

/** A name says what a thing is; these words say only that somebody did not know. */
export const namesSaySomething: TidyCheck = (files) =>
  files.flatMap(({ path, text }) => {
    const name = path.split('/').at(-1) ?? path;
    const found: string[] = [];
    if (EMPTY_WORD.test(path)) found.push(`${path}: the name does not say what it holds`);
    if (/\.[cm]?[jt]sx?$/.test(path) && !KEBAB_CASE.test(name))
      found.push(`${path}: the name is not kebab-case`);
    if (!TYPESCRIPT.test(path)) return found;
    const types = [...text.matchAll(EMPTY_TYPE)].map(
      ([, type]) => `${path}: ${type} does not say what it is`,
    );
    return [...found, ...types];
  });

/** A file is read in one sitting. */
export const filesAreShort: TidyCheck = (files) => {
  const code = files.filter(({ path }) => CODE.test(path) && !GENERATED.test(path));
  const tooLong = code.flatMap(({ path, text }) => {
    const lineCount = text.split('\n').length - 1;
    const lineCountMax = LONG_FILES[path]?.lineCountMax ?? LINE_COUNT_MAX;
    return lineCount > lineCountMax ? [`${path}: ${lineCount} lines, at most ${lineCountMax}`] : [];
  });
  const settled = Object.keys(LONG_FILES).filter((path) => !code.some((file) => file.path === path));
  return [
    ...tooLong,
    ...settled.map((path) => `${path}: excused in long-files.ts, but there is no such file`),
  ];
};

const MACHINE_PATH = /(?<![\w.$}-])\/(?:work|root|home\/\w+|Users\/\w+)\/[\w.-]+/;
const REGISTRY =
  /https?:\/\/[\w.-]*(?:registry|artifactory|nexus|pypi|mirror)[\w.-]*|--(?:extra-)?index-url|<(?:repositories)>/;

/** What works here works elsewhere; inside a container image the paths are the image's own. */
export const nothingOfThisMachine: TidyCheck = (files) =>
  linesOf(files, PROSE_OR_CODE).flatMap(({ where, line }) => {
    const found = (where.startsWith('docker/') ? null : MACHINE_PATH.exec(line)) ?? REGISTRY.exec(line);
    return found ? [`${where}: ${found[0]} belongs to one machine`] : [];
  });

/** A lock file holds versions and checksums; where packages come from is each user's own setting. */
export const lockFileNamesNoHost: TidyCheck = (files) =>
  files
    .filter(({ path }) => path.endsWith('package-lock.json'))
    .flatMap(
      ({ path, text }) =>
        text.match(/"resolved": "[a-z+]+:[^"]*"/g)?.map((found) => `${path}: ${found}`) ?? [],
    );

const SILENCED_TEST =
  /\b(?:it|test|describe)(?:\.\w+)*\.(?:only|skip|todo|failing|fixme)\b|\b(?:[fx]it|[fx]describe|xtest)\(/;

/** Every test runs, always. */
export const everyTestRuns: TidyCheck = (files) =>
  linesOf(files, CODE).flatMap(({ where, line }) => {
    const found = SILENCED_TEST.exec(line);
    return found ? [`${where}: ${found[0]} keeps tests from running`] : [];
  });

/** Written in halves, so that this file may be checked as well. */
const POSTPONED = new RegExp(
  `\\b(?:${['TO' + 'DO', 'FIX' + 'ME', 'HA' + 'CK', 'X' + 'XX'].join('|')})\\b|\\bfor ${'now'}\\b`,
);

/** What is not done is an issue, not a comment. */
export const nothingPostponed: TidyCheck = (files) =>
  linesOf(files, PROSE_OR_CODE).flatMap(({ where, line }) => {
    const found = POSTPONED.exec(line);
    return found ? [`${where}: ${found[0]}`] : [];
  });

const SILENCED_RULE = /eslint-disable(?:-next-line|-line)?\b(?!.* -- \S)/;

/** A rule is set aside with a sentence that says why. */
export const exceptionsGiveReasons: TidyCheck = (files) =>
  linesOf(files, CODE).flatMap(({ where, line }) =>
    /^\s*(?:\/\/|\/\*|\{\/\*)/.test(line) && SILENCED_RULE.test(line)
      ? [`${where}: a rule set aside without a reason`]
      : [],
  );

/** Every promise of a port is the title of a test of its conformance suite, and every suite is run by an adapter. */
export const promisesAreTested: TidyCheck = (files) => {
  const ports = files.filter(({ path }) => path.startsWith('libs/domain/src/ports/'));
  const suites = files.filter(
    ({ path }) => path.startsWith('libs/testing/src/conformance/') && !TEST.test(path),
  );
  const specs = files.filter(({ path }) => TEST.test(path));
  const ids = ports.flatMap(({ text }) =>
    [...text.matchAll(/@guarantee\s+([A-Z]+\d+)/g)].map(([, id]) => id ?? ''),
  );
  const untested = ids.filter((id) => {
    const test = new RegExp(`\\b(?:it|test)(?:\\.each\\([^)]*\\))?\\(\\s*['"\`]${id}\\b`);
    const entry = new RegExp(`\\bid: '${id}',\\s*title:\\s`);
    return !suites.some(({ text }) => test.test(text) || entry.test(text));
  });
  const unused = suites
    .flatMap(({ text }) =>
      [...text.matchAll(/export function (\w+(?:Conformance|Suite))\b/g)].map(([, name]) => name ?? ''),
    )
    .filter((name) => !specs.some(({ text }) => text.includes(`${name}(`)));
  return [
    ...repeated(ids).map((id) => `${id}: promised twice`),
    ...untested.map((id) => `${id}: promised by a port, tested by no conformance suite`),
    ...unused.map((name) => `${name}: a conformance suite that no spec runs`),
  ];
};

/** A lib says what it is before one has to read it. */
export const libsIntroduceThemselves: TidyCheck = (files) => {
  const paths = new Set(files.map(({ path }) => path));
  const manifests = [...paths].filter((path) => /^libs\/[^/]+\/package\.json$/.test(path));
  return manifests
    .map((path) => path.replace('package.json', 'README.md'))
    .filter((readme) => !paths.has(readme))
    .map((readme) => `${readme}: missing`);
};

/** What own code imports of the workspace is in its package.json: the build reads there what an app stands on. */
export const importsAreDeclared: TidyCheck = (files) => {
  const manifests = files.filter(({ path }) => /^(?:(?:libs|apps)\/[^/]+|e2e)\/package\.json$/.test(path));
  return manifests.flatMap((manifest) => {
    const folder = manifest.path.replace('package.json', '');
    const own = files.filter(
      ({ path }) => path.startsWith(folder) && TYPESCRIPT.test(path) && !TEST.test(path),
    );
    const imported = own.flatMap(({ text }) =>
      [...text.matchAll(/\bfrom '(@veto\/\w+)'/g)].map(([, name]) => name ?? ''),
    );
    return [...new Set(imported)]
      .filter((name) => !manifest.text.includes(`"${name}":`))
      .map((name) => `${manifest.path}: does not declare ${name}`);
  });
};

function linesOf(files: readonly WorkspaceFile[], paths: RegExp): { where: string; line: string }[] {
  return files
    .filter(({ path }) => paths.test(path) && !GENERATED.test(path))
    .flatMap(({ path, text }) =>
      text.split('\n').map((line, index) => ({ where: `${path}:${index + 1}`, line })),
    );
}

function repeated(values: readonly string[]): string[] {
  return [...new Set(values.filter((value, index) => values.indexOf(value) !== index))];
}
