import { dirname, resolve } from 'node:path';

const FEATURE = /\/src\/features\/([^/]+)(?:\/|$)/;

/** A folder below `src/features` is one capability of the console; what two of them need lies outside both. */
export const noSiblingFeatures = {
  meta: {
    type: 'problem',
    docs: { description: 'features of the console do not import each other' },
    schema: [],
    messages: {
      sibling: 'The feature "{{from}}" imports the feature "{{to}}"; move what both need out of them.',
    },
  },
  create(context) {
    const from = FEATURE.exec(context.filename)?.[1];
    if (from === undefined) return {};
    const check = (node) => {
      const request = node.source?.value;
      if (typeof request !== 'string' || !request.startsWith('.')) return;
      const to = FEATURE.exec(resolve(dirname(context.filename), request))?.[1];
      if (to !== undefined && to !== from) context.report({ node, messageId: 'sibling', data: { from, to } });
    };
    return {
      ImportDeclaration: check,
      ImportExpression: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
    };
  },
};
