'use strict';

const IMPORT_CONDITIONS = ['node', 'import', 'module', 'default'];

/**
 * Jest's own resolution, and where a package offers nothing to `require`, what it offers to `import`.
 * Packages with both keep their CommonJS half, which needs no transform.
 * @param {string} request
 * @param {import('jest-resolve').ResolverOptions} options
 */
function resolveModule(request, options) {
  try {
    return options.defaultResolver(request, options);
  } catch (error) {
    if (isRelative(request)) throw error;
    try {
      return options.defaultResolver(request, { ...options, conditions: IMPORT_CONDITIONS });
    } catch {
      throw error;
    }
  }
}

function isRelative(request) {
  return request.startsWith('.') || request.startsWith('/');
}

module.exports = resolveModule;
