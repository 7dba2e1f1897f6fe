'use strict';

const { existsSync, readFileSync } = require('node:fs');
const { dirname, join } = require('node:path');
const { createTransformer } = require('@swc/jest');

const IN_A_PACKAGE = /[\\/]node_modules[\\/]/;
const swc = {
  typescript: swcFor({ syntax: 'typescript', decorators: true }),
  tsx: swcFor({ syntax: 'typescript', tsx: true, decorators: true }),
  ecmascript: swcFor({ syntax: 'ecmascript', jsx: true }),
};

function swcFor(parser) {
  return createTransformer({
    jsc: {
      parser,
      target: 'es2022',
      keepClassNames: true,
      transform: {
        legacyDecorator: true,
        decoratorMetadata: true,
        useDefineForClassFields: true,
        react: { runtime: 'automatic' },
      },
    },
    module: { type: 'commonjs', ignoreDynamic: false },
    sourceMaps: 'inline',
  });
}

function transformerFor(file) {
  if (/\.[cm]?ts$/.test(file)) return swc.typescript;
  if (file.endsWith('.tsx')) return swc.tsx;
  return swc.ecmascript;
}

const packageTypes = new Map();

/** `type` of the nearest package.json that names a package or a type, as Node itself would read it. */
function packageTypeOf(directory) {
  const known = packageTypes.get(directory);
  if (known !== undefined) return known;
  const manifest = join(directory, 'package.json');
  const parent = dirname(directory);
  let type = 'commonjs';
  if (existsSync(manifest)) type = JSON.parse(readFileSync(manifest, 'utf8')).type ?? 'commonjs';
  else if (parent !== directory) type = packageTypeOf(parent);
  packageTypes.set(directory, type);
  return type;
}

function isCommonJs(file) {
  if (!IN_A_PACKAGE.test(file)) return file.endsWith('.cjs');
  if (file.endsWith('.cjs')) return true;
  return file.endsWith('.js') && packageTypeOf(dirname(file)) !== 'module';
}

module.exports = {
  canInstrument: false,
  process(source, file, options) {
    if (isCommonJs(file)) return { code: source };
    return transformerFor(file).process(source, file, options);
  },
  getCacheKey(source, file, options) {
    return transformerFor(file).getCacheKey(source, file, options) + (isCommonJs(file) ? 'c' : 'm');
  },
};
