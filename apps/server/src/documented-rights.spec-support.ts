import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { kafkaClient } from '@veto/log';

const WORKSPACE = join(__dirname, '../../..');
const DOCS = readFileSync(join(WORKSPACE, 'apps/docs/operating-cluster.md'), 'utf8');

/** Numbers of Kafka's protocol: what an ACL is about, how its name is meant, what it allows. */
const RESOURCES: Readonly<Record<string, number>> = { topic: 2, group: 3 };
const [LITERAL, PREFIXED, ALLOW] = [3, 4, 3];
const OPERATIONS: Readonly<Record<string, number>> = {
  ...{ Read: 3, Write: 4, Create: 5, Delete: 6, Alter: 7 },
  ...{ Describe: 8, DescribeConfigs: 10, AlterConfigs: 11 },
};

/** One line of the documented table. */
export interface DocumentedAcl {
  readonly user: string;
  readonly resource: string;
  readonly name: string;
  readonly operations: readonly string[];
}

/** What the documentation says that each user needs at Kafka. */
export function documentedAcls(): readonly DocumentedAcl[] {
  let user = '';
  return [...DOCS.matchAll(/^\|(?: `(\w+)`)? \| (topic|group) \| `(\S+)` \| ([\w, ]+) \|$/gm)].map(
    ([, named, resource = '', name = '', operations = '']) => {
      user = named ?? user;
      return { user, resource, name, operations: operations.split(', ') };
    },
  );
}

/** Gives each user what the documentation says, and no more. */
export async function allowAsDocumented(innerBrokers: readonly string[]): Promise<void> {
  const admin = kafkaClient({ brokers: innerBrokers, clientId: 'test' }).admin();
  await admin.connect();
  try {
    await admin.createAcls({
      acl: documentedAcls().flatMap(({ user, resource, name, operations }) =>
        operations.map((operation) => ({
          resourceType: RESOURCES[resource] ?? 0,
          resourceName: name.replace(/\*$/, ''),
          resourcePatternType: name.endsWith('*') ? PREFIXED : LITERAL,
          principal: `User:${user}`,
          host: '*',
          operation: OPERATIONS[operation] ?? 0,
          permissionType: ALLOW,
        })),
      ),
    });
  } finally {
    await admin.disconnect();
  }
}

/** What the documentation says that Redis must let its user do, as an ACL file has it. */
export function documentedRedisUser(password: string): string {
  const rule = /^user (veto on >PASSWORD .*)$/m.exec(DOCS)?.[1] ?? '';
  return rule.replace('PASSWORD', password);
}
