import type { ASTNode } from '@marcbachmann/cel-js';
import { mentionsOf } from './named-facts';

/**
 * Facts without any of which an expression cannot be true: those that its top-level conjunction looks at in any case.
 * A rule that lacks one is settled without evaluating it, which is fifty times cheaper than running into the gap.
 * Conservative: what lies under `||`, `?:`, `known` or a quantifier may not be needed, and is left out.
 * @example 'a > 1 && (b > 2 || known(c))' → ['a']
 */
export function neededFacts(ast: ASTNode): readonly string[] {
  return [...new Set(neededToBeTrue(ast))];
}

function neededToBeTrue(node: ASTNode): readonly string[] {
  return node.op === '&&' ? node.args.flatMap(neededToBeTrue) : neededForAValue(node);
}

function neededForAValue(node: ASTNode): readonly string[] {
  switch (node.op) {
    case '||':
    case '&&':
    case 'map':
    case '.?':
    case '[?]':
      return [];
    case '?:':
      return neededForAValue(node.args[0]);
    case 'id':
    case '.':
      return mentionsOf(node).facts.map(({ name }) => name);
    case 'value':
      return [];
    case 'call':
      return node.args[0] === 'known' ? [] : node.args[1].flatMap(neededForAValue);
    case 'rcall': {
      const [, receiver, args] = node.args;
      // The arguments of a quantifier name its own variable.
      return args.length > 1 ? neededForAValue(receiver) : [receiver, ...args].flatMap(neededForAValue);
    }
    case 'list':
      return node.args.flatMap(neededForAValue);
    case '!_':
    case '-_':
      return neededForAValue(node.args);
    default:
      return node.args.flatMap(neededForAValue);
  }
}
