import { listEntrySchema, ruleSchema, type ListEntry, type Rule } from '@veto/domain';
import { DULL_NOW_MS } from './a-clock';

/** A live rule that never matches. @throws Error when the overrides make it invalid */
export function aRule(overrides: Partial<Rule> = {}): Rule {
  return ruleSchema.parse({
    id: 'rl_never',
    version: 1,
    name: 'Never',
    description: 'Matches no payment.',
    expression: 'false',
    effect: 'review',
    mode: 'live',
    reason_code: 'NEVER',
    ...overrides,
  });
}

/** A card that is blocked until somebody removes it. @throws Error when the overrides make it invalid */
export function aListEntry(overrides: Partial<ListEntry> = {}): ListEntry {
  return listEntrySchema.parse({
    id: 'le_00000001',
    kind: 'card',
    value: 'cfp_1',
    effect: 'block',
    expires_at_ms: null,
    reason: 'stolen_card',
    created_at_ms: DULL_NOW_MS,
    created_by: 'Anna',
    decision_id: null,
    ...overrides,
  });
}
