/** True in a build of `build.mjs --for-tests`, false in every other; there is no such name where nothing was built. */
declare const __BUILT_FOR_TESTS__: boolean | undefined;
