/** Sends a body by the clock, `rate` times a second; ms from when each was due. */
export declare function openLoop(load: {
  port: number;
  rate: number;
  seconds: number;
  bodyOf: (i: number) => string;
}): Promise<{ p50: number; p99: number; failures: number }>;
/** Waits for an answer that is none of a server in trouble. */
export declare function answering(port: number, path: string): Promise<void>;
export declare function freePort(): Promise<number>;
