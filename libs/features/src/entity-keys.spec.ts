import { ENTITY_KINDS } from '@veto/domain';
import { aTransaction } from '@veto/testing';
import { digitShareOf, isDisposableEmail } from './email';
import { entityKeysOf } from './entity-keys';
import { ipEntityOf } from './ip-entity';

describe('whose past matters', () => {
  it('is asked in the order of kinds, with the tenant in every key', () => {
    const refs = entityKeysOf(aTransaction());
    expect(refs.map(({ kind }) => kind)).toEqual(ENTITY_KINDS);
    expect(refs[0]).toEqual({ kind: 'card', value: 'cfp_1', key: 'ten_test|card:cfp_1' });
  });

  it('is only what the payment names', () => {
    const refs = entityKeysOf(
      aTransaction({ payload: { card: null, customer: { email: undefined }, device: null, ip: null } }),
    );
    expect(refs.map(({ key }) => key)).toEqual([
      'ten_test|customer:cus_1',
      'ten_test|merchant:mer_nordsport',
    ]);
  });

  it('is the same for every way to write an e-mail address', () => {
    const emailOf = (email: string) =>
      entityKeysOf(aTransaction({ payload: { customer: { email } } })).find(({ kind }) => kind === 'email')
        ?.value;
    expect([emailOf('Anna@Example.org'), emailOf('anna@example.org')]).toEqual([
      'anna@example.org',
      'anna@example.org',
    ]);
  });
});

describe('an IP address as an entity', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['2001:DB8::1', '2001:db8:0:0::/64'],
    ['2001:db8:0:0:ffff:ffff:ffff:ffff', '2001:db8:0:0::/64'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::', 'fe80:0:0:0::/64'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['::ffff:cb00:7107', '203.0.113.7'],
    ['64:ff9b::203.0.113.7', '64:ff9b:0:0::/64'],
  ])('%s is %s', (address, entity) => {
    expect(ipEntityOf(address)).toBe(entity);
  });
});

describe('a mailbox', () => {
  it.each([
    ['jo@mailinator.com', true],
    ['jo@eu.mailinator.com', true],
    ['jo@notmailinator.com.example', false],
    ['jo@example.org', false],
  ])('%s is a throw-away one: %s', (address, isDisposable) => {
    expect(isDisposableEmail(address)).toBe(isDisposable);
  });

  it.each([
    ['anna@example.org', 0],
    ['an12@x1.org', 0.5],
    ['1@example.org', 1],
  ])('%s has a name of which %d are digits', (address, share) => {
    expect(digitShareOf(address)).toBe(share);
  });
});
