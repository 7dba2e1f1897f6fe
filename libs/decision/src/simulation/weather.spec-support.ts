/** What happens in a seed, each as often as its weight says. */
export const WORK = { payment: 30, again: 14, other_body: 3, stream: 2, label: 8, revision: 3, wait: 10 };

export const WEATHERS = {
  /** Nothing but processes that die and stop, and connections that break. */
  processes: {
    kill: 4,
    stop: 3,
    break: 5,
    stall: 0,
    slow: 0,
    broker_away: 0,
    redis_lost: 0,
    redis_back: 0,
    redis_restart: 0,
    disk_full: 0,
  },
  network: {
    kill: 2,
    stop: 2,
    break: 5,
    stall: 5,
    slow: 6,
    broker_away: 0,
    redis_lost: 0,
    redis_back: 0,
    redis_restart: 1,
    disk_full: 0,
  },
  log: {
    kill: 3,
    stop: 1,
    break: 2,
    stall: 1,
    slow: 1,
    broker_away: 5,
    redis_lost: 0,
    redis_back: 0,
    redis_restart: 0,
    disk_full: 1,
  },
  redis: {
    kill: 2,
    stop: 1,
    break: 2,
    stall: 2,
    slow: 2,
    broker_away: 0,
    redis_lost: 2,
    redis_back: 2,
    redis_restart: 2,
    disk_full: 0,
  },
  storm: {
    kill: 3,
    stop: 2,
    break: 3,
    stall: 3,
    slow: 3,
    broker_away: 3,
    redis_lost: 1,
    redis_back: 1,
    redis_restart: 1,
    disk_full: 1,
  },
} as const;

export type Weather = keyof typeof WEATHERS;
export type Trouble = keyof (typeof WEATHERS)['storm'];
export type Deed = keyof typeof WORK | Trouble;
export type Work = Exclude<keyof typeof WORK, 'wait'>;
