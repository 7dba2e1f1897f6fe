import { createClient } from 'redis';

/** A reader of the processor time that a Redis has used so far, µs, children's work left out. */
export async function openRedisCpu(url: string): Promise<{ read(): Promise<number>; close(): void }> {
  const client = createClient({ url });
  await client.connect();
  return {
    read: async () => {
      const info = await client.info('cpu');
      const secondsOf = (name: string): number =>
        Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(info)?.[1] ?? Number.NaN);
      return (secondsOf('used_cpu_sys') + secondsOf('used_cpu_user')) * 1e6;
    },
    close: () => client.destroy(),
  };
}
