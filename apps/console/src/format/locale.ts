/** The interface is in English; numbers and dates follow it, so that one sentence never mixes two conventions. */
export const LOCALE = 'en-GB';

/** Not applicable. Unknown is `?`, a measured zero is 0. */
export const NOT_APPLICABLE = '–';
