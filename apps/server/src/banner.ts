import { PAYMENT_EXAMPLE } from './developers/examples';
import { DEMO_API_KEY } from './keys/demo-key';
import type { Configuration } from './configuration';

/** What a person who has just started Veto wants to know. */
export function bannerText(of: {
  readonly configuration: Configuration;
  readonly url: string;
  readonly metricsUrl: string;
  readonly dataDirectory: string;
  readonly hasConsole: boolean;
  readonly version: string;
}): string {
  const { configuration, url } = of;
  const does = { score: configuration.roles.includes('score'), desk: configuration.roles.includes('desk') };
  const traffic =
    configuration.trafficRate === 0
      ? 'none (--rate 0)'
      : `${configuration.trafficRate} payments a second, seed ${configuration.trafficSeed}`;
  const lines = [
    `Veto ${of.version} is ready (${configuration.mode})`,
    '',
    ...(does.desk ? [`  Console    ${of.hasConsole ? `${url}/` : 'not built: npm start builds it'}`] : []),
    ...(does.score ? [`  API        ${url}/v1/decisions`, `  Reference  ${url}/docs`] : []),
    ...(does.desk || does.score ? [] : [`  Health     ${url}/v1/health/ready`]),
    `  Metrics    ${of.metricsUrl}`,
    `  Data       ${of.dataDirectory}`,
    ...clusterLines(configuration),
  ];
  if (configuration.mode === 'demo' && does.score)
    lines.push(`  Traffic    ${traffic}`, '', 'Ask about a payment:', '', curlLine(url));
  return `${lines.join('\n')}\n`;
}

/** Where it is one of several. Addresses of Redis hold passwords and are not shown. */
function clusterLines({ cluster, roles }: Configuration): string[] {
  if (cluster === null) return [];
  const shards = cluster.redisUrls.length;
  return [
    `  Roles      ${roles.join(', ')}`,
    `  Kafka      ${cluster.kafka.brokers.join(', ')}`,
    `  Redis      ${shards} ${shards === 1 ? 'shard' : 'shards'}`,
  ];
}

/** A command that returns a decision when it is pasted into a shell. */
export function curlLine(url: string): string {
  const { transaction, merchant, card, ip } = PAYMENT_EXAMPLE;
  const body = { transaction: { ...transaction, id: 'ord_1' }, merchant, card, ip };
  return [
    `curl -s ${url}/v1/decisions \\`,
    `  -H 'authorization: Bearer ${DEMO_API_KEY}' \\`,
    `  -H 'content-type: application/json' \\`,
    `  -d '${JSON.stringify(body)}'`,
  ].join('\n');
}
