/** Where Chromium or Chrome lies: `CHROMIUM_PATH`, or the first that is found; throws when that variable is wrong. */
export declare function chromiumPath(): string | undefined;
