import { aListEntry, DULL_NOW_MS, DULL_TENANT_ID } from '@veto/testing';
import type { ListEvent, ListEntry } from '@veto/domain';
import { ANOTHER_TENANT } from './a-line.spec-support';
import { createListBook, type ListBook, type ListedEntity } from './list-book';

const card: ListedEntity = { kind: 'card', value: 'cfp_1' };

function added(overrides: Partial<ListEntry> = {}, tenantId: string = DULL_TENANT_ID): ListEvent {
  return { type: 'list_entry_added', tenant_id: tenantId, entry: aListEntry(overrides) };
}

function removed(id: string): ListEvent {
  return {
    type: 'list_entry_removed',
    tenant_id: DULL_TENANT_ID,
    id,
    removed_by: 'Anna',
    removed_at_ms: DULL_NOW_MS,
  };
}

function bookOf(...events: ListEvent[]): ListBook {
  const book = createListBook();
  events.forEach((event) => book.apply(event));
  return book;
}

const idsOf = (book: ListBook, entities: readonly ListedEntity[], nowMs = DULL_NOW_MS): readonly string[] =>
  book.hits(DULL_TENANT_ID, entities, nowMs).map(({ entry_id: id }) => id);

describe('an entry of a list', () => {
  it('hits the entity that it names, with its effect and reason', () => {
    expect(bookOf(added()).hits(DULL_TENANT_ID, [card], DULL_NOW_MS)).toEqual([
      { entry_id: 'le_00000001', kind: 'card', effect: 'block', reason: 'stolen_card' },
    ]);
  });

  it.each<[string, ListedEntity]>([
    ['of another value', { kind: 'card', value: 'cfp_2' }],
    ['of another kind with the same value', { kind: 'device', value: 'cfp_1' }],
  ])('does not hit an entity %s', (_, entity) => {
    expect(idsOf(bookOf(added()), [entity])).toEqual([]);
  });

  it("does not hit another tenant's payments", () => {
    expect(idsOf(bookOf(added({}, ANOTHER_TENANT)), [card])).toEqual([]);
  });

  it('hits until the millisecond before it expires', () => {
    const book = bookOf(added({ expires_at_ms: DULL_NOW_MS }));
    expect(idsOf(book, [card], DULL_NOW_MS - 1)).toEqual(['le_00000001']);
    expect(idsOf(book, [card], DULL_NOW_MS)).toEqual([]);
  });

  it('hits no more when it is removed, and others of the same entity still do', () => {
    const book = bookOf(added(), added({ id: 'le_00000002', effect: 'watch' }), removed('le_00000001'));
    expect(idsOf(book, [card])).toEqual(['le_00000002']);
    expect(book.entries(DULL_TENANT_ID).map(({ id }) => id)).toEqual(['le_00000002']);
  });

  it('counts once when its event comes twice, and its removal may too', () => {
    const book = bookOf(added(), added());
    expect(idsOf(book, [card])).toEqual(['le_00000001']);
    book.apply(removed('le_00000001'));
    book.apply(removed('le_00000001'));
    expect(idsOf(book, [card])).toEqual([]);
  });

  it.each([
    ['an e-mail address however it was typed', 'email', ' Anna@Example.ORG ', 'anna@example.org'],
    ['the network of an IPv6 address', 'ip', '2001:DB8::1', '2001:db8:0:0::/64'],
    ['a network as entity keys have it', 'ip', '2001:db8:0:0::/64', '2001:db8:0:0::/64'],
    ['an IPv4 address', 'ip', '192.0.2.1', '192.0.2.1'],
  ] as const)('names %s', (_, kind, listed, value) => {
    expect(idsOf(bookOf(added({ kind, value: listed })), [{ kind, value }])).toEqual(['le_00000001']);
  });
});

describe('several hits', () => {
  it('come in the order of the entities and then by id, whatever the order of the events', () => {
    const events = [
      added({ id: 'le_00000009' }),
      added({ id: 'le_00000001', kind: 'ip', value: '192.0.2.1' }),
      added({ id: 'le_00000005', effect: 'allow' }),
    ];
    const entities: readonly ListedEntity[] = [card, { kind: 'ip', value: '192.0.2.1' }];
    const inOrder = ['le_00000005', 'le_00000009', 'le_00000001'];
    expect(idsOf(bookOf(...events), entities)).toEqual(inOrder);
    expect(idsOf(bookOf(...events.toReversed()), entities)).toEqual(inOrder);
  });
});
