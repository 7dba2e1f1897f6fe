import type { ASTNode } from '@marcbachmann/cel-js';

/** A name that an expression uses, and where in its text. */
export interface Mention {
  readonly name: string;
  readonly start: number;
}

/** What an expression names: facts in the order in which they are read, and the functions that it calls. */
export interface Mentions {
  readonly facts: readonly Mention[];
  readonly calls: readonly Mention[];
}

/** Walks an expression. A name bound by `exists` or `all` is no fact. */
export function mentionsOf(ast: ASTNode): Mentions {
  const facts: Mention[] = [];
  const calls: Mention[] = [];
  const visitAll = (nodes: readonly ASTNode[], bound: ReadonlySet<string>): void =>
    nodes.forEach((node) => visit(node, bound));

  function visitCall(node: ASTNode & { readonly op: 'rcall' }, bound: ReadonlySet<string>): void {
    const [name, receiver, args] = node.args;
    calls.push({ name, start: node.pos });
    visit(receiver, bound);
    const variable = args[0];
    const binds = args.length >= 2 && variable?.op === 'id' && receiver.op !== 'value';
    if (binds) visitAll(args.slice(1), new Set([...bound, variable.args]));
    else visitAll(args, bound);
  }

  function visit(node: ASTNode, bound: ReadonlySet<string>): void {
    switch (node.op) {
      case 'value':
        return;
      case 'id':
        if (!bound.has(node.args)) facts.push({ name: node.args, start: node.start });
        return;
      case '.': {
        const [left, field] = node.args;
        if (left.op === 'id' && !bound.has(left.args))
          facts.push({ name: `${left.args}.${field}`, start: node.start });
        else visit(left, bound);
        return;
      }
      case 'call':
        calls.push({ name: node.args[0], start: node.start });
        visitAll(node.args[1], bound);
        return;
      case 'rcall':
        visitCall(node, bound);
        return;
      case 'list':
      case '?:':
        visitAll(node.args, bound);
        return;
      case '!_':
      case '-_':
        visit(node.args, bound);
        return;
      case 'map':
      case '.?':
      case '[?]':
        return;
      default:
        visitAll(node.args, bound);
    }
  }

  visit(ast, new Set());
  return { facts: distinct(facts), calls };
}

function distinct(mentions: readonly Mention[]): Mention[] {
  return [...new Map(mentions.toReversed().map((mention) => [mention.name, mention])).values()].toReversed();
}
